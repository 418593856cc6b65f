"""Suppression lists: addresses that get no sends, and the contexts in which they apply."""

from __future__ import annotations

import json
from typing import ClassVar

from sfmc_mock.account import Account, suppression
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Key, Property, Reference, sample
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.stored_object import StoredObject, stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class SuppressionListDefinitionHandler(StoredObject):
    """A suppression list; SuppressionListData adds addresses to it.

    Properties and operations: wsdl and documented. Assumed: that a list without contexts suppresses nothing, that an
    Update replaces Contexts and Fields, codes (none is documented), messages and the folder.
    """

    scope = "list_and_subscribers"
    example = sample(CustomerKey="complainers", Name="Complainers")
    sends_depend_on_it = True
    reads: ClassVar = {"": ("Contexts", "Fields")}
    fields = (
        *BY_OBJECT_ID,
        Property.object_name((2, "SuppressionListDefinition: Name is required."), max_length=200),
        Property.folder("contextual_suppression_list", name="Category"),
        Property("Description", default=""),
        Property("NotifyEmail"),
        Property(
            "SubscriberCount",
            updatable=False,
            sql="(SELECT count(*) FROM suppression_list_data d WHERE d.definition_id = t.id)",
        ),
        # JSON: the names of the additional fields that an address can have.
        Property.internal("field_names", default="[]", seed=Key(form="texts")),
    )
    statements = (
        "CREATE TABLE IF NOT EXISTS suppression_list_data (id INTEGER PRIMARY KEY, definition_id INTEGER NOT NULL "
        "REFERENCES suppression_list_definition (id) ON DELETE CASCADE, email_address TEXT NOT NULL COLLATE NOCASE, "
        "properties TEXT NOT NULL DEFAULT '{}', created_at TEXT NOT NULL, "
        "UNIQUE (email_address, definition_id)) STRICT",
    )
    further_keys = (
        Key(
            "addresses",
            form="items",
            short="email_address",
            items=(
                Key("email_address", required=True, filled=True),
                Key("properties", form="table"),
            ),
        ),
    )

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        if sent.part("Fields") is not None:
            fields = [field.text("Name") or "" for field in sent.wrapped("Fields", "Field")]
            if not all(fields):
                raise Refused(2, "SuppressionListDefinition: each Field needs a Name.")
            changes["field_names"] = json.dumps(fields)
        return changes

    def written(self, call: Call, sent: Struct, row: Row, *, is_new: bool) -> None:
        self._put_contexts(call, sent, row)
        if is_new and not sent.wrapped("Contexts", "Context"):
            call.warn(
                "a SuppressionListDefinition without Contexts suppresses nothing: give Contexts for the "
                "sends that it applies to"
            )

    def _put_contexts(self, call: Call, sent: Struct, row: Row) -> None:
        if sent.part("Contexts") is None:
            return
        call.account.db.delete("suppression_list_context", definition_id=row["id"])
        contexts = stored_object(self.others, "SuppressionListContext")
        definition = Struct(self.object_type, {"ObjectID": row["object_id"]})
        for context in sent.wrapped("Contexts", "Context"):
            contexts.insert(call, echoed(context, Definition=definition))

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        for address in entry["addresses"]:
            suppression.put_address(
                seed.account, number, address["email_address"], address["properties"]
            )

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        listed = account.db.find_all(suppression.TABLE, "id", definition_id=row["id"])
        addresses = [
            {"email_address": said["email_address"], "properties": json.loads(said["properties"])}
            for said in listed
        ]
        return {**entry, "addresses": addresses}


_NEED_A_PART = ("SendClassification", "SenderProfile")


class SuppressionListContextHandler(StoredObject):
    """A context of a SuppressionListDefinition, which creates it. Properties, and that it is read-only: documented."""

    scope = "list_and_subscribers"
    operations = ()
    sends_depend_on_it = True
    fields = (
        *BY_OBJECT_ID,
        # The definition sets these.
        Property("Context", required=True, updatable=True),
        Property("SendClassificationType", updatable=True),
        Property("AppliesToAllSends", default=False, updatable=True),
        Reference(
            "SendClassification",
            shows=("ObjectID", "CustomerKey"),
            refuses_empty=True,
            protects=False,
        ),
        Reference(
            "SenderProfile", shows=("ObjectID", "CustomerKey"), refuses_empty=True, protects=False
        ),
        Reference(
            "Definition",
            to="SuppressionListDefinition",
            shows=("ObjectID", "CustomerKey", "Name"),
            cascades=True,
            protects=False,
        ),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        # No code is documented for this: the general one (assumed).
        context = sent.text("Context")
        if context is None:
            raise Refused(2, "SuppressionListContext: Context is required.")
        if context in _NEED_A_PART and sent.part(context) is None:
            raise Refused(2, f"SuppressionListContext: a context {context} needs a {context}.")
        if context == "Send":
            call.warn(
                "a SuppressionListContext of the kind Send suppresses nothing in the emulator: use SendClassification, "
                "SenderProfile, BusinessUnit or Enterprise"
            )


# The column of the address: as in the service's template for such lists (recorded), and as usually spelled.
_ADDRESS = ("email address", "emailaddress")


class SuppressionListDataHandler(Handler):
    """An address of the SuppressionListDefinition that ObjectID or CustomerKey names, given in Properties.

    Operations: documented. Assumed: that Properties name the address `Email Address`, as the recorded template for such
    lists does; codes and messages.
    """

    scope = "list_and_subscribers"
    properties = Property.alike("ObjectID", "CustomerKey", "Properties", retrievable=False)
    reads: ClassVar = {"": ("ObjectID", "CustomerKey", "Properties")}

    def create(self, call: Call, sent: Struct) -> Outcome:
        definition, address, more = self._read(call, sent)
        row = _entry(call, definition, address)
        if row is not None and call.save_action(self.object_type, "Create") != "UpdateAdd":
            raise Refused(1, f"{address} is on the suppression list already.")
        suppression.put_address(call.account, definition["id"], address, more)
        return Outcome("SuppressionListData created", sent)

    def update(self, call: Call, sent: Struct) -> Outcome:
        definition, address, more = self._read(call, sent)
        row = _entry(call, definition, address)
        if row is None and call.save_action(self.object_type, "Update") != "UpdateAdd":
            raise Refused(2, f"{address} is not on the suppression list.")
        before = {} if row is None else json.loads(row["properties"])
        suppression.put_address(call.account, definition["id"], address, {**before, **more})
        return Outcome("SuppressionListData updated", sent)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        definition, address, _ = self._read(call, sent)
        row = _entry(call, definition, address)
        if row is None:
            raise Refused(2, f"{address} is not on the suppression list.")
        call.account.db.delete(suppression.TABLE, id=row["id"])
        return Outcome("SuppressionListData deleted", sent)

    def _read(self, call: Call, sent: Struct) -> tuple[Row, str, dict[str, str]]:
        """Return the suppression list, the address and the values of the additional fields. Raises `Refused`."""
        lists = stored_object(self.others, "SuppressionListDefinition")
        definition = lists.find_or_refuse(call, sent)
        values = call.named_values(sent.wrapped("Properties", "Property"))
        addresses = [values.pop(name) for name in list(values) if name.casefold() in _ADDRESS]
        if not addresses or not is_valid_address(addresses[0].strip()):
            raise Refused(12000, "InvalidEmailAddress")
        known = {name.casefold() for name in json.loads(definition["field_names"])}
        for name in values:
            if name.casefold() not in known:
                text = f"SuppressionListData: the suppression list has no field '{name}'."
                raise Refused(2, f"{text} Add it to its Fields.")
        return definition, addresses[0].strip(), values


def _entry(call: Call, definition: Row, address: str) -> Row | None:
    return call.account.db.find(
        suppression.TABLE, definition_id=definition["id"], email_address=address
    )
