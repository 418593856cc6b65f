"""PropertyDefinition: profile attributes, made through Configure and read through Describe of Subscriber."""

from __future__ import annotations

import json

from sfmc_mock.account import attributes as profile
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Handler, Outcome, echoed
from sfmc_mock.wire.struct import Struct

_COLUMNS = {
    "Name": "name",
    "PropertyType": "property_type",
    "Label": "label",
    "Description": "description",
    "DefaultValue": "default_value",
    "MinLength": "min_length",
    "MaxLength": "max_length",
    "MinValue": "min_value",
    "MaxValue": "max_value",
    "IsRequired": "is_required",
    "IsViewable": "is_viewable",
    "IsEditable": "is_editable",
    "IsSendTime": "is_send_time",
    "IsRestrictedPicklist": "is_restricted_picklist",
}


class PropertyDefinitionHandler(Handler):
    """Configure's Create, Update and Delete of an account's profile attributes."""

    object_type = "PropertyDefinition"

    def configure(self, call: Call, action: str, sent: Struct) -> Outcome:
        identity = {"id": sent.number("ID"), "name": sent.text("Name")}
        wanted = _columns(sent)
        match action:
            case "create":
                number = profile.create_attribute(call.account, wanted)
            case "update":
                number = profile.change_attribute(call.account, identity, wanted)
            case "delete":
                number = profile.delete_attribute(call.account, identity)
            case _:
                # Wording assumed.
                raise Refused(
                    5, f"Cannot perform Configure '{action}' on objects of type PropertyDefinition"
                )
        # Text: recorded for Create (CumulusCI's tests).
        return Outcome("Success", echoed(sent, ID=number))


def _columns(sent: Struct) -> dict[str, object]:
    columns: dict[str, object] = {}
    for name, column in _COLUMNS.items():
        value = sent.values.get(name)
        if value is not None:
            columns[column] = int(value) if isinstance(value, bool) else value
    items = sent.wrapped("PicklistItems", "PicklistItem")
    if items:
        columns["picklist"] = json.dumps(
            [
                {
                    "label": item.text("Label") or item.text("Value") or "",
                    "value": item.text("Value") or "",
                    "is_default": bool(item.flag("IsDefaultValue")),
                }
                for item in items
            ]
        )
        columns.setdefault("is_restricted_picklist", 1)
    return columns
