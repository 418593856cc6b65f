"""SuppressionListDefinition: addresses that are not sent to, and in which contexts."""

from __future__ import annotations

import json
from typing import ClassVar

from sfmc_mock.account import Account, suppression
from sfmc_mock.declarations.handler import Call, echoed
from sfmc_mock.declarations.properties import (
    BY_OBJECT_ID,
    FolderOf,
    Key,
    Property,
    internal,
    sample,
)
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.stored_object import StoredObject, stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_NAME = (2, "SuppressionListDefinition: Name is required.")


class SuppressionListDefinitionHandler(StoredObject):
    """A suppression list; SuppressionListData puts addresses on it.

    Properties and operations: wsdl and documented; that a list without contexts suppresses nothing, codes (none is
    documented), messages and the folder: assumed. An Update that gives Contexts or Fields replaces them (assumed).
    """

    object_type = "SuppressionListDefinition"
    scope = "list_and_subscribers"
    table = "suppression_list_definition"
    example = sample(CustomerKey="complainers", Name="Complainers")
    sends_depend_on_it = True
    reads: ClassVar = {"": ("Contexts", "Fields")}
    fields = (
        *BY_OBJECT_ID,
        Property("Name", required=True, max_length=200, missing=_NAME, too_long=_NAME),
        FolderOf("Category", column="category_id", content=("contextual_suppression_list",)),
        Property("Description", default=""),
        Property("NotifyEmail"),
        Property(
            "SubscriberCount",
            updatable=False,
            sql="(SELECT count(*) FROM suppression_list_data d WHERE d.definition_id = t.id)",
        ),
        # JSON: the names of the fields that an address can have values for.
        internal("field_names", default="[]", seed=Key(form="texts")),
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
                "a SuppressionListDefinition without Contexts suppresses nothing: say in its Contexts to which sends "
                "it applies"
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
            suppression.put(seed.account, number, address["email_address"], address["properties"])

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        listed = account.db.find_all("suppression_list_data", "id", definition_id=row["id"])
        addresses = [
            {
                "email_address": address["email_address"],
                "properties": json.loads(address["properties"]),
            }
            for address in listed
        ]
        return {**entry, "addresses": addresses}
