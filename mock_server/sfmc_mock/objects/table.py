"""API objects that are one row of one table: created, changed and deleted by their identities.

A subclass lists which property goes into which column, and adds the rules of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Done, Handler, echoed
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class TableHandler(Handler):
    """An API object kept as rows of `table`.

    `columns` maps the properties that a caller may set to their columns. `identities` are the properties that name a
    row, the strongest first, with their columns. `messages` are the texts of success by operation; `not_found` is the
    refusal's code and text when nothing has the identity given, `key_taken` when a CustomerKey exists already.
    """

    table: ClassVar[str]
    columns: ClassVar[Mapping[str, str]]
    identities: ClassVar[Mapping[str, str]]
    messages: ClassVar[Mapping[str, str]]
    not_found: ClassVar[tuple[int, str]]
    key_taken: ClassVar[tuple[int, str]]
    has_object_id: ClassVar[bool] = True

    def find(self, call: Call, sent: Struct) -> Row | None:
        """Return the row that the object's identities name; the first one given decides."""
        for name, column in self.identities.items():
            value = sent.values.get(name)
            if value not in (None, "", 0):
                return call.account.db.find(self.table, **{column: value})
        return None

    def found(self, call: Call, sent: Struct) -> Row:
        """Return the row that the object names. Raises `Refused` when there is none."""
        row = self.find(call, sent)
        if row is None:
            raise Refused(*self.not_found)
        return row

    def create(self, call: Call, sent: Struct) -> Done:
        account = call.account
        self.check(call, sent, None)
        now = account.now_text()
        row = {**self.defaults(call, sent), **self.changes(call, sent)}
        row["created_at"] = row["modified_at"] = now
        key = row.get("customer_key") or sent.text("CustomerKey") or self.made_up_key(call, row)
        if account.db.count(self.table, customer_key=key):
            raise Refused(*self.key_taken)
        row["customer_key"] = key
        if self.has_object_id:
            row["object_id"] = account.object_id(self.table, str(key))
        number = account.db.insert(self.table, row)
        return self.created(call, sent, account.db.find(self.table, id=number) or row)

    def created(self, call: Call, sent: Struct, row: Row) -> Done:
        """Return what the result of Create says."""
        object_id = str(row["object_id"])
        return Done(self.messages["Create"], echoed(sent, ObjectID=object_id), 0, object_id)

    def update(self, call: Call, sent: Struct) -> Done:
        row = self.found(call, sent)
        self.check(call, sent, row)
        changes = self.changes(call, sent)
        key = sent.text("CustomerKey")
        if key and str(row["customer_key"]).casefold() != key.casefold():
            if call.account.db.count(self.table, customer_key=key):
                raise Refused(*self.key_taken)
            changes["customer_key"] = key
        changes["modified_at"] = call.account.now_text()
        call.account.db.update(self.table, changes, id=row["id"])
        return Done(self.messages["Update"], sent)

    def delete(self, call: Call, sent: Struct) -> Done:
        row = self.found(call, sent)
        self.check_unused(call, row)
        call.account.db.delete(self.table, id=row["id"])
        return Done(self.messages["Delete"], sent)

    # What subclasses add.

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        """Return the columns of a new row before what the caller sent is put over them."""
        return {}

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        """Refuse what cannot be created (`row` None) or changed so. Raises `Refused`."""

    def check_unused(self, call: Call, row: Row) -> None:
        """Refuse to delete what others still need. Raises `Refused`."""

    def made_up_key(self, call: Call, row: Row) -> str:
        """Return the CustomerKey of an object that came without one."""
        return call.account.made_up_key(self.table, str(row.get("name", "")))

    def changes(self, call: Call, sent: Struct) -> dict[str, object]:
        """Return the columns that the object sets; nil empties a text, and leaves the others alone."""
        changes: dict[str, object] = {}
        for name, column in self.columns.items():
            if name not in sent:
                continue
            value = sent.values[name]
            if isinstance(value, bool):
                value = int(value)
            if value is None:
                value = ""
            changes[column] = value
        return changes
