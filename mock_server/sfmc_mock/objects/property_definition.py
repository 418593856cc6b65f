"""PropertyDefinition: profile attributes, made through Configure and read through Describe of Subscriber."""

from __future__ import annotations

import json
from typing import ClassVar

from sfmc_mock.account import attributes as profile
from sfmc_mock.objects.declaration import Property, internal
from sfmc_mock.objects.handler import Call, Outcome, echoed
from sfmc_mock.objects.stored import StoredObject
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class PropertyDefinitionHandler(StoredObject):
    """Configure's Create, Update and Delete of an account's profile attributes.

    Text of their results: recorded for Create (CumulusCI's tests). Rules and codes: `sfmc_mock.account.attributes`.
    """

    object_type = "PropertyDefinition"
    table = "profile_attribute"
    operations = ()
    identities = ("ID", "Name")
    called = "name"
    dated = False
    sends_depend_on_it = True
    fields = (
        Property("ID", retrievable=False),
        Property("Name", retrievable=False, unique=True),
        Property("PropertyType", retrievable=False, default="string"),
        Property("Label", retrievable=False, default=""),
        Property("Description", retrievable=False, default=""),
        Property("DefaultValue", retrievable=False, default=""),
        Property("MinLength", retrievable=False),
        Property("MaxLength", retrievable=False),
        Property("MinValue", retrievable=False),
        Property("MaxValue", retrievable=False),
        Property("IsRequired", retrievable=False, default=False),
        Property("IsViewable", retrievable=False, default=True),
        Property("IsEditable", retrievable=False, default=True),
        Property("IsSendTime", retrievable=False, default=False),
        Property("IsRestrictedPicklist", retrievable=False, default=False),
        # JSON: a list of {label, value, is_default}.
        internal("picklist", default="[]"),
        Property("DisplayOrder", retrievable=False, default=0),
    )

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        said = Struct(
            sent.type, {name: value for name, value in sent.values.items() if value is not None}
        )
        changes = super().changes(call, said, row)
        # The account gives the order.
        changes.pop("display_order", None)
        items = sent.wrapped("PicklistItems", "PicklistItem")
        if items:
            changes["picklist"] = json.dumps([_item(each) for each in items])
            changes.setdefault("is_restricted_picklist", 1)
        return changes

    def configure_create(self, call: Call, sent: Struct) -> Outcome:
        number = profile.create_attribute(call.account, self.changes(call, sent, None))
        return Outcome("Success", echoed(sent, ID=number))

    def configure_update(self, call: Call, sent: Struct) -> Outcome:
        changes = self.changes(call, sent, None)
        number = profile.change_attribute(call.account, _identity(sent), changes)
        return Outcome("Success", echoed(sent, ID=number))

    def configure_delete(self, call: Call, sent: Struct) -> Outcome:
        number = profile.delete_attribute(call.account, _identity(sent))
        return Outcome("Success", echoed(sent, ID=number))

    actions: ClassVar = {
        "Configure": {
            "create": configure_create,
            "update": configure_update,
            "delete": configure_delete,
        }
    }


def _identity(sent: Struct) -> dict[str, object]:
    return {"id": sent.number("ID"), "name": sent.text("Name")}


def _item(sent: Struct) -> dict[str, object]:
    return {
        "label": sent.text("Label") or sent.text("Value") or "",
        "value": sent.text("Value") or "",
        "is_default": bool(sent.flag("IsDefaultValue")),
    }
