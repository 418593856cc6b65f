"""PropertyDefinition: profile attributes, changed by Configure and returned by Describe of Subscriber."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.handler import actions_of
from sfmc_mock.declarations.properties import Key, Property
from sfmc_mock.declarations.seed_entries import Entry, Loading
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# The limits of a value in pairs, and the refusal if only one of the two is nil (assumed).
_RANGES = (
    ("MinLength", "MaxLength", (67001, "Property Definition Min Length or Max Length Not Defined")),
    ("MinValue", "MaxValue", (67019, "Property Definition Min Value Or Max Value Not Defined")),
)


class PropertyDefinitionHandler(StoredObject):
    """The profile attributes of an account, which Configure creates, updates and deletes.

    Success messages: recorded for create (CumulusCI's tests). Rules and codes: `sfmc_mock.account.profile_attributes`.
    """

    scope = "list_and_subscribers"
    table = "profile_attribute"
    operations = ()
    identities = ("ID", "Name")
    dated = False
    entries_by = "display_order"
    sends_depend_on_it = True
    reads: ClassVar = {"": ("PicklistItems",)}
    fields = (
        Property("ID", retrievable=False),
        Property("Name", retrievable=False, unique=True),
        Property("PropertyType", retrievable=False, default="string", seed=Key("type")),
        Property("Label", retrievable=False),
        *Property.alike("Description", "DefaultValue", retrievable=False, default=""),
        Property("MinLength", retrievable=False, seed=Key(low=0)),
        Property("MaxLength", retrievable=False, seed=Key(low=1)),
        *Property.alike("MinValue", "MaxValue", retrievable=False),
        Property("IsRequired", retrievable=False, default=False),
        *Property.alike("IsViewable", "IsEditable", retrievable=False, default=True),
        Property("IsSendTime", retrievable=False, default=False),
        Property("IsRestrictedPicklist", retrievable=False, default=False, seed=None),
        # JSON: a list of {label, value, is_default}.
        Property.internal(
            "picklist",
            default="[]",
            seed=Key(
                form="items",
                short="value",
                items=(
                    Key("value", required=True, filled=True),
                    Key("label", default=""),
                    Key("is_default", "flag", default=False),
                ),
            ),
        ),
        # Set for attributes of the parent account, which cannot be changed or deleted here.
        Property.internal("is_locked", "flag", default=False),
        Property("DisplayOrder", retrievable=False, default=0, seed=None),
    )

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        for low, high, refusal in _RANGES:
            ends = [sent.values[name] for name in (low, high) if name in sent]
            if len(ends) == 2 and (ends[0] is None) != (ends[1] is None):
                raise Refused(*refusal)
        said = {name: value for name, value in sent.values.items() if value is not None}
        changes = super().changes(call, Struct(sent.type, said), row)
        # The service assigns the order.
        changes.pop("display_order", None)
        items = sent.wrapped("PicklistItems", "PicklistItem")
        if items:
            changes["picklist"] = json.dumps([_item(item) for item in items])
            changes.setdefault("is_restricted_picklist", 1)
        return changes

    def configure(self, call: Call, sent: Struct, action: str) -> Outcome:
        identity = {"id": sent.number("ID"), "name": sent.text("Name")}
        if action == "delete":
            number = profile.delete_attribute(call.account, identity)
        elif action == "create":
            number = profile.create_attribute(call.account, self.changes(call, sent, None))
        else:
            changes = self.changes(call, sent, None)
            number = profile.change_attribute(call.account, identity, changes)
        return Outcome("Success", echoed(sent, ID=number))

    actions: ClassVar = {"Configure": actions_of(configure, "create", "update", "delete")}

    def begin_entries(self, seed: Loading) -> None:
        # Reserve the IDs that the seed file gives before new ones are generated.
        _count_from(seed.account, [entry["id"] for entry in seed.of(self.table)])

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        items = [{**item, "label": item["label"] or item["value"]} for item in entry["picklist"]]
        wanted = {name: value for name, value in columns.items() if name != "id"}
        wanted |= {"picklist": json.dumps(items), "is_restricted_picklist": int(bool(items))}
        number = profile.create_attribute(account, wanted)
        if entry["id"] is not None:
            account.db.update(self.table, {"id": entry["id"]}, id=number)
        return self.at(account, entry["id"] or number)

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        # Release the IDs that were generated for attributes with an ID of their own.
        _count_from(seed.account, seed.account.db.rows("SELECT max(id) FROM profile_attribute")[0])


def _count_from(account: Account, numbers: Iterable[object]) -> None:
    highest = max((number for number in numbers if isinstance(number, int)), default=None)
    if highest is not None:
        account.db.put("counter", {"name": "profile_attribute", "value": highest})


def _item(sent: Struct) -> dict[str, object]:
    return {
        "label": sent.text("Label") or sent.text("Value") or "",
        "value": sent.text("Value") or "",
        "is_default": bool(sent.flag("IsDefaultValue")),
    }
