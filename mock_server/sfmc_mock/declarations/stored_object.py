"""API objects that are rows of a table: created, changed, deleted and read as they are declared.

A subclass declares its fields, identities, texts and codes, and overrides the hooks at the end for what is special.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeAlias

from sfmc_mock.account import Account
from sfmc_mock.account.folders import folder_of, root_folder
from sfmc_mock.declarations.entries import Entry, in_order, key_of
from sfmc_mock.declarations.handler import Call, Handler, Outcome, Source, echoed
from sfmc_mock.declarations.keys import Table
from sfmc_mock.declarations.properties import (
    Declared,
    FolderOf,
    Key,
    Property,
    Reference,
    Refusal,
    field_at,
    properties_of,
    settled,
)
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# What the account gives and keeps itself: changes of these are not a property like others.
_DATES = ("created_at", "modified_at")
_OWN = frozenset({"ID", "ObjectID", "CustomerKey", "CreatedDate", "ModifiedDate"})


Refer: TypeAlias = "Callable[[str, object], Any]"
"""Gives what names, in a seed file, the row of a table with a number."""


class Entries(Protocol):
    """What a seed file says, to be checked."""

    def of(self, table: str) -> Sequence[Entry]:
        """Return the entries of a table."""
        ...

    def where(self, table: str, entry: Entry) -> str:
        """Return where an entry stands, for messages."""
        ...

    def find(self, table: str, reference: str | int) -> Entry | None:
        """Return the entry that a reference names."""
        ...


class Loading(Entries, Protocol):
    """What a seed file says, and the rows that were made of it."""

    account: Account

    def number(self, table: str, reference: str | int) -> int:
        """Return the number of the row that was made of the entry that a reference names."""
        ...


@dataclass(frozen=True, slots=True)
class Messages:
    """What results say of success."""

    create: str = ""
    update: str = ""
    delete: str = ""


class StoredObject(Handler):
    """An API object kept as rows of `table`, with the columns that its `fields` declare beside `id` and two dates.

    `identities` are the properties that name a row, the strongest first. With ID among them, that number is what names
    the object for callers: results of Create tell it instead of the ObjectID.

    Refusals: `not_specified` when a caller gives no identity, `not_found` when nothing has the one given, `key_taken`
    when a CustomerKey exists already, `in_use` when something else needs what is to be deleted.
    """

    table: ClassVar[str]
    fields: ClassVar[tuple[Declared, ...]]
    operations: ClassVar[tuple[str, ...]] = ("Create", "Update", "Delete")
    """Those of the three that the object takes."""
    identities: ClassVar[tuple[str, ...]] = ("ObjectID", "CustomerKey")
    messages: ClassVar[Messages]
    not_specified: ClassVar[Refusal]
    not_found: ClassVar[Refusal]
    # Documented: a key, or a name that must be unique, is used in the account already.
    key_taken: ClassVar[Refusal] = (1, "Name already exists")
    # The service's for what it did not plan for (assumed).
    in_use: ClassVar[Refusal] = (
        2,
        "Exception occurred during [Delete]: {what} is used by {users}.",
    )
    example: ClassVar[Mapping[str, object]]
    """The least that a Create gives: an object that a fresh account takes."""
    called: ClassVar[str] = "customer_key"
    """The column by which refusals call an object."""
    deleted_status: ClassVar[str | None] = None
    """The status of what was deleted, where it stays to be read by its ObjectID; None where Delete removes the row."""
    nil_clears: ClassVar[bool] = False
    """Whether nil takes the value away; without it, nil empties a text and leaves anything else as it is."""
    dates_to_the_minute: ClassVar[bool] = False
    """Whether the dates are kept to the minute (recorded of some: they end in :00)."""
    dated: ClassVar[bool] = True
    """Whether the account keeps when a row was made and changed."""
    always_shown: ClassVar[tuple[str, ...]] = ()
    """Properties that a Retrieve shows unasked."""
    sends_depend_on_it: ClassVar[bool] = False
    """Whether what is kept in memory of sends is read again when one of these changes."""
    further_keys: ClassVar[tuple[Key, ...]] = ()
    """Keys of a seed file beside those of the fields."""
    entries_by: ClassVar[str] = "id"
    """The column in whose order a seed file is written."""
    statements: ClassVar[tuple[str, ...]] = ()
    """Further SQL of the table: indexes, triggers; each may run again."""

    # What follows from the fields.

    @cached_property
    def declared(self) -> tuple[Declared, ...]:
        return settled(self.object_type, self.fields)

    @cached_property
    def properties(self) -> tuple[Property, ...]:  # type: ignore[override]
        """The properties that the wire knows, in the order of the declaration."""
        return tuple(properties_of(self.declared))

    @cached_property
    def kept(self) -> tuple[Property, ...]:
        """The properties and internal columns that have a column."""
        return tuple(each for each in self.declared if isinstance(each, Property) and each.column)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The references, those first that an object must have."""
        found = (each for each in self.declared if isinstance(each, Reference))
        return tuple(sorted(found, key=lambda each: not each.required))

    @cached_property
    def settable(self) -> tuple[Property, ...]:
        """The properties that a caller sets."""
        return tuple(each for each in self.kept if each.name and each.name not in _OWN)

    @cached_property
    def folders(self) -> tuple[FolderOf, ...]:
        return tuple(each for each in self.kept if isinstance(each, FolderOf))

    @property
    def is_numbered(self) -> bool:
        return "ID" in self.identities

    @cached_property
    def columns(self) -> frozenset[str]:
        return frozenset(each.column for each in self.kept)

    @cached_property
    def _texts(self) -> frozenset[str]:
        """The properties that hold free text: neither numbers nor flags, nor one of a few values."""
        fields = ((each.name, field_at(self.object_type, each.name)) for each in self.settable)
        return frozenset(name for name, field in fields if field and field.type == "string")

    @property
    def view(self) -> str | None:  # type: ignore[override]
        return f"api_{self.object_type}" if self.retrievable else None

    @property
    def is_retrieved(self) -> bool:
        return self.view is not None

    def source(self, call: Call, argument: str | None) -> Source | None:
        return self._source

    @cached_property
    def _source(self) -> Source | None:
        if self.view is None:
            return None
        dates = [each for each in ("ModifiedDate", "CreatedDate") if each in self.retrievable]
        return Source(
            self.object_type,
            self.view,
            self.retrievable,
            newness=dates[0] if dates else None,
            shown=tuple(self._shown(name) for name in self.always_shown),
        )

    def _shown(self, name: str) -> Property:
        return next(each for each in self.properties if each.name == name)

    # Seed files.

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the object's table in a seed file."""
        return in_order([*(key for key, _ in self.keyed), *self.further_keys])

    @cached_property
    def seed_table(self) -> Table:
        """The object's table in a seed file."""
        keys = {each.name: key.name for key, each in self.keyed}
        named = dict.fromkeys((*(keys.get(name) for name in self.identities), "name"))
        known = {key.name for key in self.keys} - {"id", "object_id"}
        return Table(self.table, self.keys, tuple(each for each in named if each in known))

    @cached_property
    def keyed(self) -> list[tuple[Key, Declared]]:
        """The fields that a seed file gives, with their keys."""
        tables = {
            each.object_type: each.table
            for each in self.others.values()
            if isinstance(each, StoredObject)
        }
        found = (
            (key_of(self.object_type, self.is_numbered, each, tables), each)
            for each in self.declared
            if isinstance(each, Reference) or (each.column and each.column not in _DATES)
        )
        return [(key, each) for key, each in found if key is not None]

    # Finding.

    def find_by(self, account: Account, identity: str, value: object) -> Row | None:
        """Return the row that a property names; what was deleted is only found by its ObjectID."""
        # The service makes its ids in lower case; .NET prints them in either.
        if identity == "ObjectID" and isinstance(value, str):
            value = value.lower()
        column = next(each.column for each in self.kept if each.name == identity)
        found = account.db.find_all(self.table, "id", **{column: value})
        return next((each for each in found if identity == "ObjectID" or self.is_there(each)), None)

    def find(self, call: Call, sent: Struct) -> Row | None:
        """Return the row that the object's identities name; the first one given decides."""
        for name in self.identities:
            if _is_given(sent.values.get(name)):
                return self.find_by(call.account, name, sent.values[name])
        return None

    def found(self, call: Call, sent: Struct) -> Row:
        """Return the row that the object names. Raises `Refused` when there is none."""
        if not any(_is_given(sent.values.get(name)) for name in self.identities):
            raise Refused(*self.not_specified)
        row = self.find(call, sent)
        if row is None:
            raise Refused(*self.not_found)
        return row

    def is_there(self, row: Row) -> bool:
        """Say whether a row is an object that was not deleted."""
        return self.deleted_status is None or row["status"] != self.deleted_status

    # The operations.

    def takes(self, operation: str) -> bool:
        return operation in self.operations or operation in self.actions

    def create(self, call: Call, sent: Struct) -> Outcome:
        """Create an object, or change the one that is there when the SaveAction is UpdateAdd."""
        if "Create" not in self.operations:
            return super().create(call, sent)
        action = call.save_action(self.object_type, "Create")
        row = self.existing(call, sent) if action == "UpdateAdd" else None
        if row is None:
            return self.created(call, sent, self.insert(call, sent))
        self.modify(call, sent, row)
        return self.created(call, sent, self.at(call.account, row["id"]))

    def update(self, call: Call, sent: Struct) -> Outcome:
        """Change an object, or create the one that is not there when the SaveAction is UpdateAdd."""
        if "Update" not in self.operations:
            return super().update(call, sent)
        action = call.save_action(self.object_type, "Update")
        row = self.find(call, sent)
        if row is None and action == "UpdateAdd":
            row = self.existing(call, sent)
        elif row is None:
            row = self.found(call, sent)
        if row is None:
            made = self.created(call, sent, self.insert(call, sent))
            return Outcome(self.messages.update, made.echo)
        self.modify(call, sent, row)
        return self.updated(sent, row)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        if "Delete" not in self.operations:
            return super().delete(call, sent)
        row = self.found(call, sent)
        self.check_unused(call, row)
        self.remove(call, row)
        return Outcome(self.messages.delete, sent)

    def insert(self, call: Call, sent: Struct) -> Row:
        """Check and add what the caller describes, and return its row. Raises `Refused`."""
        self.check_values(sent, None)
        self.check(call, sent, None)
        columns = {**self.defaults(call.account, sent), **self.changes(call, sent, None)}
        columns["customer_key"] = sent.text("CustomerKey") or None
        return self.place(call.account, columns)

    def place(self, account: Account, columns: Mapping[str, object]) -> Row:
        """Add a row with what the account gives it where the columns do not: key, ObjectID, number, dates.

        Raises `Refused` when the key is taken.
        """
        row = dict(columns)
        row["customer_key"] = row.get("customer_key") or self.generate_key(account, row)
        if row["customer_key"] is not None and self._is_taken(account, str(row["customer_key"])):
            raise Refused(*self.key_taken)
        natural_key = self.natural_key(row)
        if "object_id" in self.columns and not row.get("object_id"):
            row["object_id"] = account.object_id(self.table, *natural_key)
        if self.is_numbered and not row.get("id"):
            row["id"] = self.fresh_number(account, *natural_key)
        row["created_at"] = row["modified_at"] = account.now_text()
        return self.at(account, account.db.insert(self.table, row))

    def fresh_number(self, account: Account, *natural_key: str | int) -> int:
        """Return an ID that no row has."""
        return account.ids.fresh_number(
            lambda drawn: account.db.count(self.table, id=drawn) > 0, self.table, *natural_key
        )

    def _is_taken(self, account: Account, key: str) -> bool:
        return self.find_by(account, "CustomerKey", key) is not None

    def at(self, account: Account, number: object) -> Row:
        """Return the row with the number."""
        row = account.db.find(self.table, id=number)
        assert row is not None
        return row

    def modify(self, call: Call, sent: Struct, row: Row) -> None:
        """Check and make the changes that the caller describes. Raises `Refused`."""
        self.check_values(sent, row)
        self.check(call, sent, row)
        changes = self.changes(call, sent, row)
        key = sent.text("CustomerKey")
        if key and str(row["customer_key"] or "").casefold() != key.casefold():
            if self._is_taken(call.account, key):
                raise Refused(*self.key_taken)
            changes["customer_key"] = key
        changes["modified_at"] = call.account.now_text()
        call.account.db.update(self.table, changes, id=row["id"])

    def check_values(self, sent: Struct, row: Row | None) -> None:
        """Refuse values that are missing, too long, or none of those that there are. Raises `Refused`."""
        for each in self.kept:
            is_asked = row is None or each.name in sent
            if each.missing and is_asked and not (sent.text(each.name) or "").strip():
                raise Refused(*each.missing)
        for each in self.kept:
            limit = each.limit or each.max_length
            if each.too_long and limit is not None and len(sent.text(each.name) or "") > limit:
                raise Refused(*each.too_long)
            if each.wrong and sent.text(each.name) not in (None, *each.choices):
                raise Refused(*each.wrong)

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        """Return the columns that the object sets, `row` None for a new one.

        Raises `Refused` for folders and references that are not there.
        """
        changes: dict[str, object] = {}
        for each in self.settable:
            if each.name not in sent:
                continue
            value = sent.values[each.name]
            if value is not None:
                changes[each.column] = int(value) if isinstance(value, bool) else value
            elif self.nil_clears and each.default is None:
                changes[each.column] = None
            elif each.name in self._texts and (not self.nil_clears or each.default == ""):
                changes[each.column] = ""
        for folder in self.folders:
            self._check_folder(call, sent, folder)
        for reference in self.references:
            changes |= self._referred(call, sent, row, reference)
        return changes

    def _check_folder(self, call: Call, sent: Struct, folder: FolderOf) -> None:
        number = sent.number(folder.name)
        if number is None or folder.invalid is None:
            return
        if folder_of(call.account, number, frozenset(folder.content)) is None:
            raise Refused(*folder.invalid)

    def _referred(
        self, call: Call, sent: Struct, row: Row | None, reference: Reference
    ) -> dict[str, object]:
        part = sent.part(reference.name)
        identity = next(
            (name for name in reference.by if part and _is_given(part.values.get(name))), None
        )
        if part is not None and identity is not None:
            target = self.others[reference.to]
            assert isinstance(target, StoredObject)
            found = target.find_by(call.account, identity, part.values[identity])
            if found is None:
                raise Refused(*reference.refused(identity))
            return {reference.kept_in: found[reference.stores]}
        must_be_there = reference.required and (
            row is None or (reference.refuses_empty and reference.name in sent)
        )
        if must_be_there or (reference.refuses_empty and part is not None):
            raise Refused(*(reference.missing or reference.refused(reference.by[0])))
        return {}

    # What is in use.

    def users(self, account: Account, row: Row) -> Iterator[str]:
        """Yield what refers to a row and keeps it from being deleted, as `TriggeredSendDefinition 'key'`."""
        for other in self.others.values():
            if not isinstance(other, StoredObject):
                continue
            for each in other.references:
                if each.to == self.object_type and each.protects:
                    found = other.rows_with(account, each.kept_in, row[each.stores])
                    yield from (f"{other.object_type} '{user[other.called]}'" for user in found)

    def rows_with(self, account: Account, column: str, value: object) -> list[Row]:
        """Return the rows, not deleted, whose column holds the value."""
        return [
            each
            for each in account.db.find_all(self.table, "id", **{column: value})
            if self.is_there(each)
        ]

    def check_unused(self, call: Call, row: Row) -> None:
        """Refuse to delete what others still need. Raises `Refused`."""
        users = ", ".join(self.users(call.account, row))
        if users:
            code, text = self.in_use
            what = f"{self.object_type} '{row[self.called]}'"
            raise Refused(code, text.format(what=what, users=users))

    # Hooks: what a subclass adds.

    def existing(self, call: Call, sent: Struct) -> Row | None:
        """Return the row that an UpdateAdd would change, None when it would add one."""
        return self.find(call, sent)

    def defaults(self, account: Account, sent: Struct) -> dict[str, object]:
        """Return the columns of a new row before what the caller sent is put over them."""
        columns: dict[str, object] = {
            each.column: int(each.default) if isinstance(each.default, bool) else each.default
            for each in self.kept
            if each.default is not None
        }
        for folder in self.folders:
            root = root_folder(account, folder.content[0])
            columns[folder.column] = None if root is None else root["id"]
        return columns

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        """Refuse what cannot be created (`row` None) or changed so. Raises `Refused`."""

    def generate_key(self, account: Account, row: Row) -> str | None:
        """Return the CustomerKey of an object that came without one, None when it stays without."""
        return account.generate_key(self.table, str(row.get("name", "")))

    def natural_key(self, row: Row) -> tuple[str | int, ...]:
        """Return what the identifiers of a new row are drawn for."""
        return (str(row["customer_key"]),)

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        """Return what the result of Create says."""
        if self.is_numbered:
            number = int(str(row["id"]))
            return Outcome(self.messages.create, echoed(sent, ID=number), number)
        object_id = str(row["object_id"])
        return Outcome(self.messages.create, echoed(sent, ObjectID=object_id), 0, object_id)

    def updated(self, sent: Struct, row: Row) -> Outcome:
        """Return what the result of Update says of a row that was changed."""
        return Outcome(self.messages.update, sent)

    def remove(self, call: Call, row: Row) -> None:
        """Take a row away."""
        call.account.db.delete(self.table, id=row["id"])

    def check_entries(self, seed: Entries) -> None:
        """Refuse entries of a seed file that do not fit. Raises `SetupError`."""

    def begin_entries(self, seed: Loading) -> None:
        """Prepare an account for the entries of a seed file."""

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        """Add what an entry of a seed file says, and return its row; `columns` are those of its fields.

        Raises `Refused`, and `SetupError` with what is wrong with the entry.
        """
        return self.place(account, {**self.defaults(account, Struct(self.object_type)), **columns})

    def finish_entries(self, seed: Loading) -> None:
        """Add what needs the entries of other tables. Raises `SetupError`."""

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        """Return the entry of a seed file that makes the row; `entry` is what its fields say."""
        return entry


def _is_given(value: object) -> bool:
    return value not in (None, "", 0)
