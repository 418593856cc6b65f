"""API objects that are one row of one table: created, changed and deleted by their identities.

A subclass lists which property goes into which column, and adds the rules of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import ClassVar, TypeAlias

from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Handler, Outcome, Source, echoed
from sfmc_mock.store.database import Row
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.struct import Struct

Refusal: TypeAlias = tuple[int, str]
"""Code and text."""

# How long a CustomerKey may be (recorded in a Describe of DataFolder; taken for the others).
KEY_LIMIT = 36

# Documented: a key, or a name that must be unique, is used in the account already.
TAKEN: Refusal = (1, "Name already exists")


class TableHandler(Handler):
    """An API object kept as rows of `table`.

    `columns` maps the properties that a caller may set to their columns. `identities` are the properties that name a
    row, the strongest first, with their columns. `messages` are the texts of success by operation.

    Refusals: `not_specified` when a caller gives no identity, `not_found` when nothing has the one given, `key_taken`
    when a CustomerKey exists already; `missing` by the property that must have a value, `too_long` by the property that
    is longer than its `max_length`.
    """

    table: ClassVar[str]
    columns: ClassVar[Mapping[str, str]]
    identities: ClassVar[Mapping[str, str]]
    messages: ClassVar[Mapping[str, str]]
    not_specified: ClassVar[Refusal]
    not_found: ClassVar[Refusal]
    key_taken: ClassVar[Refusal] = TAKEN
    missing: ClassVar[Mapping[str, Refusal]] = {}
    too_long: ClassVar[Mapping[str, Refusal]] = {}
    has_object_id: ClassVar[bool] = True
    is_numbered: ClassVar[bool] = False
    """Whether the ID is what names the object for callers: results of Create tell it instead of the ObjectID."""

    def source(self, call: Call, argument: str | None) -> Source | None:
        if self.view is None:
            return None
        newness = "ModifiedDate" if "ModifiedDate" in self.retrievable else None
        return Source(self.object_type, self.view, self.retrievable, newness=newness)

    def find(self, call: Call, sent: Struct) -> Row | None:
        """Return the row that the object's identities name; the first one given decides."""
        for name, column in self.identities.items():
            value = sent.values.get(name)
            if value not in (None, "", 0):
                return call.account.db.find(self.table, **{column: _folded(name, value)})
        return None

    def found(self, call: Call, sent: Struct) -> Row:
        """Return the row that the object names. Raises `Refused` when there is none."""
        if all(sent.values.get(name) in (None, "", 0) for name in self.identities):
            raise Refused(*self.not_specified)
        row = self.find(call, sent)
        if row is None:
            raise Refused(*self.not_found)
        return row

    def create(self, call: Call, sent: Struct) -> Outcome:
        self.check_values(sent, None)
        self.check(call, sent, None)
        return self.created(call, sent, self.insert(call, sent))

    def insert(self, call: Call, sent: Struct) -> Row:
        """Add the row of a new object and return it. Raises `Refused` when its key is taken."""
        account = call.account
        row = {**self.defaults(call, sent), **self.changes(call, sent)}
        key = sent.text("CustomerKey") or self.generate_key(call, row)
        if key is not None and account.db.count(self.table, customer_key=key):
            raise Refused(*self.key_taken)
        row["customer_key"] = key
        row["created_at"] = row["modified_at"] = account.now_text()
        natural_key = self.natural_key(row)
        if self.has_object_id:
            row["object_id"] = account.object_id(self.table, *natural_key)
        if self.is_numbered:
            row["id"] = account.ids.fresh_number(
                lambda drawn: account.db.count(self.table, id=drawn) > 0, self.table, *natural_key
            )
        number = account.db.insert(self.table, row)
        found = account.db.find(self.table, id=number)
        assert found is not None
        return found

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        """Return what the result of Create says."""
        if self.is_numbered:
            number = int(str(row["id"]))
            return Outcome(self.messages["Create"], echoed(sent, ID=number), number)
        object_id = str(row["object_id"])
        return Outcome(self.messages["Create"], echoed(sent, ObjectID=object_id), 0, object_id)

    def update(self, call: Call, sent: Struct) -> Outcome:
        row = self.found(call, sent)
        self.check_values(sent, row)
        self.check(call, sent, row)
        changes = self.changes(call, sent)
        key = sent.text("CustomerKey")
        if key and str(row["customer_key"] or "").casefold() != key.casefold():
            if call.account.db.count(self.table, customer_key=key):
                raise Refused(*self.key_taken)
            changes["customer_key"] = key
        changes["modified_at"] = call.account.now_text()
        call.account.db.update(self.table, changes, id=row["id"])
        return Outcome(self.messages["Update"], sent)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        row = self.found(call, sent)
        self.check_unused(call, row)
        call.account.db.delete(self.table, id=row["id"])
        return Outcome(self.messages["Delete"], sent)

    def check_values(self, sent: Struct, row: Row | None) -> None:
        """Refuse values that are missing or too long. Raises `Refused`."""
        for name, refusal in self.missing.items():
            is_asked = row is None or name in sent
            if is_asked and not (sent.text(name) or "").strip():
                raise Refused(*refusal)
        limits = {each.name: each.max_length for each in self.properties}
        for name, refusal in self.too_long.items():
            limit = limits.get(name)
            if limit is not None and len(sent.text(name) or "") > limit:
                raise Refused(*refusal)

    # What subclasses add.

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        """Return the columns of a new row before what the caller sent is put over them."""
        return {}

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        """Refuse what cannot be created (`row` None) or changed so. Raises `Refused`."""

    def check_unused(self, call: Call, row: Row) -> None:
        """Refuse to delete what others still need. Raises `Refused`."""

    def generate_key(self, call: Call, row: Row) -> str | None:
        """Return the CustomerKey of an object that came without one, None when it stays without."""
        return call.account.generate_key(self.table, str(row.get("name", "")))

    def natural_key(self, row: Row) -> tuple[str, ...]:
        """Return what the identifiers of a new row are drawn for."""
        return (str(row["customer_key"]),)

    def changes(self, call: Call, sent: Struct) -> dict[str, object]:
        """Return the columns that the object sets; nil empties a text, and leaves anything else as it is."""
        changes: dict[str, object] = {}
        for name, column in self.columns.items():
            value = sent.values.get(name)
            if value is not None:
                changes[column] = int(value) if isinstance(value, bool) else value
            elif name in sent and name in _texts(self.object_type):
                changes[column] = ""
        return changes


@cache
def _texts(object_type: str) -> frozenset[str]:
    """Return the fields of a class that hold free text: neither numbers nor flags, nor one of a few values."""
    fields = catalogue().complex_types[object_type].wire_fields()
    return frozenset(each.name for each in fields if each.type == "string")


def referred(
    call: Call,
    part: Struct | None,
    table: str,
    *,
    by: tuple[str, ...] = ("ObjectID", "CustomerKey"),
) -> Row | None:
    """Return the row that a nested object names by the first identity that it gives, None when there is none."""
    columns = {"ID": "id", "ObjectID": "object_id", "CustomerKey": "customer_key"}
    for name in by:
        value = part.values.get(name) if part is not None else None
        if value not in (None, "", 0):
            return call.account.db.find(table, **{columns[name]: _folded(name, value)})
    return None


def in_use(operation: str, what: str, users: list[str]) -> Refused:
    """Return the refusal to delete what others still need: the service's for what it did not plan for (assumed)."""
    return Refused(
        2, f"Exception occurred during [{operation}]: {what} is used by {', '.join(users)}."
    )


def _folded(name: str, value: object) -> object:
    # The service makes its ids in lower case; .NET prints them in either.
    return value.lower() if name == "ObjectID" and isinstance(value, str) else value
