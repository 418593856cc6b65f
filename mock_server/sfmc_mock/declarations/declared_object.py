"""The declaration of an API object that is stored in a table, and everything that follows from it without a call.

A subclass declares its fields, identities, texts and codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.folders import shared_folders
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import (
    Declared,
    FolderOf,
    Property,
    Reference,
    Refusal,
    field_at,
    properties_of,
    settled,
    snake,
)
from sfmc_mock.declarations.seed_entries import in_order, key_of
from sfmc_mock.declarations.seed_keys import Key, Table
from sfmc_mock.declarations.source import Source, WriterMaker
from sfmc_mock.store.conditions import comparison
from sfmc_mock.store.database import Row
from sfmc_mock.wire.page_writer import PageWriter
from sfmc_mock.wire.pages import row_page_writer

DATES = ("created_at", "modified_at")
"""The columns of a row's dates."""

# What the account gives and keeps itself: callers do not set these like other properties.
_OWN = frozenset({"ID", "ObjectID", "CustomerKey", "CreatedDate", "ModifiedDate"})


@dataclass(frozen=True, slots=True)
class Messages:
    """The StatusMessages of success; None leaves StatusMessage out."""

    create: str | None = ""
    update: str | None = ""
    delete: str | None = ""


def as_name_value_rows(
    class_name: str, object_type: str, outside: tuple[str, ...] = ()
) -> WriterMaker:
    """Return a writer of results that consist of names and values; `outside` are elements of the object itself."""

    def writer(asked: list[str], properties: list[Property]) -> PageWriter:
        kinds = tuple(prop.kind for prop in properties)
        return row_page_writer(tuple(asked), kinds, class_name, object_type, outside)

    return staticmethod(writer)


def rows_of(columns: str, rows: Iterable[str]) -> str:
    """Return the SQL of constant rows that every account has, for a view; `id` is the place of each row."""
    values = ", ".join(f"({place}, {row})" for place, row in enumerate(rows, 1))
    return f"(WITH known (id, {columns}) AS (VALUES {values}) SELECT * FROM known) t"  # noqa: S608 - constants


class DeclaredObject(Handler):
    """An API object kept as rows of `table`, with the columns that its `fields` declare beside `id` and two dates.

    `identities` are the properties that name a row, the first one that is given decides. With ID among them, callers
    name the object by this number: results of Create return it instead of the ObjectID.

    Refusals: `not_specified` when a caller gives no identity, `not_found` when no object has the given one, `key_taken`
    when a CustomerKey exists already, `in_use` when another object needs the one to be deleted.
    """

    table: ClassVar[str] = ""
    """By default the object type in snake case; empty for an object without a table, by `reads_from` or `selects`."""
    reads_from: ClassVar[str] = ""
    """The FROM clause of the view, with the row as `t`, where it is not the table."""
    rowkey: ClassVar[str] = "t.id"
    """The SQL of a number that is unique among the rows of the view, for paging."""
    selects: ClassVar[str] = ""
    """The whole SELECT of a view that joins several, with `rowkey` and a column for each property."""
    fields: ClassVar[tuple[Declared, ...]]
    operations: ClassVar[tuple[str, ...]] = ("Create", "Update", "Delete")
    """The operations that the object takes, of Create, Update and Delete."""
    identities: ClassVar[tuple[str, ...]] = ()
    """By default those of ID, ObjectID and CustomerKey that the object has."""
    messages: ClassVar[Messages]
    not_specified: ClassVar[Refusal]
    not_found: ClassVar[Refusal]
    invalid_object_id: ClassVar[Refusal | None] = None
    """The refusal of an ObjectID that is not a GUID, where it differs from `not_found`."""
    # Documented: a key, or a name that must be unique, is used in the account already.
    key_taken: ClassVar[Refusal] = (1, "Name already exists")
    # The service's for what it did not plan for (assumed).
    in_use: ClassVar[Refusal] = (
        2,
        "Exception occurred during [Delete]: {what} is used by {users}.",
    )
    refused_parts: ClassVar[Mapping[str, Refusal]] = {}
    """Parts that name objects which no account has, each with its refusal."""
    example: ClassVar[Mapping[str, object]]
    """The smallest object that a Create accepts in a fresh account."""
    called: ClassVar[str]
    """The column that names an object in refusals: its `name`, where it has one, else its key."""
    deleted_status: ClassVar[str | None] = None
    """The status of a deleted object that can still be read by its ObjectID; None where Delete removes the row."""
    nil_clears: ClassVar[bool] = False
    """Whether nil removes any value; otherwise nil empties a text and leaves other values as they are."""
    dates_to_the_minute: ClassVar[bool] = False
    """Whether the dates are kept to the minute (recorded of some: they end in :00)."""
    dated: ClassVar[bool] = True
    """Whether the account stores the dates at which a row was created and changed."""
    always_echoed: ClassVar[Mapping[str, str]] = {}
    """Properties that results show with these values, where the caller gave none."""
    always_shown: ClassVar[tuple[str, ...]] = ()
    """Properties that a Retrieve shows unasked."""
    shared_by: ClassVar[tuple[str, Callable[[Account], Sequence[str | int]]] | None] = None
    """The property and its values by which business units see objects of their enterprise (else by the folder)."""
    sends_depend_on_it: ClassVar[bool] = False
    """Whether a change of an object empties the caches of sends."""
    further_keys: ClassVar[tuple[Key, ...]] = ()
    """Keys of a seed file beside those of the fields."""
    written_by: ClassVar[WriterMaker | None] = None
    """The writer of the results of a Retrieve, where they are not of the object's class."""
    newest_by: ClassVar[str] = ""
    """The date by which RetrieveAllSinceLastBatch finds new objects, where it is neither of the two."""
    entries_by: ClassVar[str] = "id"
    """The column in whose order a seed file is written."""
    statements: ClassVar[tuple[str, ...]] = ()
    """Further SQL of the table: indexes, triggers; each may run again."""
    ordered_by: ClassVar[str] = ""
    """The SQL over `t` of a unique text in whose order results come; empty for the row's number."""

    def __init_subclass__(cls) -> None:
        """Set defaults of an object: its table, and the usual texts, with the general code (assumed)."""
        super().__init_subclass__()
        if "fields" not in cls.__dict__:
            return
        name = cls.object_type
        names = {field.name for field in cls.fields}
        columns = {field.column for field in cls.fields} | {snake(name) for name in names}
        known = ("ID", "ObjectID", "CustomerKey")
        cls.identities = cls.identities or tuple(name for name in known if name in names)
        if not cls.table and not cls.reads_from and not cls.selects:
            cls.table = snake(name)
        said = {
            "messages": Messages(f"{name} created", f"{name} updated", f"{name} deleted"),
            "not_specified": (2, f"{name}: {' or '.join(cls.identities)} is required."),
            "not_found": (2, f"{name} not found."),
            "called": "name" if "name" in columns else "customer_key",
        }
        for attribute, value in said.items():
            if not hasattr(cls, attribute):
                setattr(cls, attribute, value)

    # What follows from the fields.

    @cached_property
    def declared(self) -> tuple[Declared, ...]:
        is_changed = any(self.takes(operation) for operation in ("Create", "Update", "Configure"))
        fields = (
            self._resolved(field) if isinstance(field, Reference) else field
            for field in self.fields
        )
        return settled(self.object_type, fields, updatable=is_changed)

    def _resolved(self, reference: Reference) -> Reference:
        """Return a reference with defaults from the object that it names."""
        target = self.others[reference.to or reference.name]
        assert isinstance(target, DeclaredObject)
        return replace(
            reference,
            by=reference.by or target.identities,
            not_found=reference.not_found or target.not_found,
        )

    @cached_property
    def properties(self) -> tuple[Property, ...]:  # type: ignore[override]
        """The properties on the wire, in the order of the declaration."""
        return tuple(properties_of(self.declared))

    @cached_property
    def kept(self) -> tuple[Property, ...]:
        """The properties and internal columns that have a column."""
        return tuple(
            field for field in self.declared if isinstance(field, Property) and field.column
        )

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The references, those first that an object must have."""
        references = (field for field in self.declared if isinstance(field, Reference))
        return tuple(sorted(references, key=lambda reference: not reference.required))

    @cached_property
    def settable(self) -> tuple[Property, ...]:
        """The properties that a caller sets."""
        return tuple(
            field
            for field in self.kept
            if field.name and field.updatable and field.name not in _OWN
        )

    @cached_property
    def checked(self) -> tuple[Property, ...]:
        """The properties whose texts have a form, or must be unique."""
        return tuple(field for field in self.kept if field.forms or field.refused or field.taken)

    @cached_property
    def folders(self) -> tuple[FolderOf, ...]:
        return tuple(field for field in self.kept if isinstance(field, FolderOf))

    @property
    def is_numbered(self) -> bool:
        return "ID" in self.identities

    @cached_property
    def columns(self) -> frozenset[str]:
        return frozenset(field.column for field in self.kept)

    @cached_property
    def free_texts(self) -> frozenset[str]:
        """The properties that hold free text: neither numbers nor flags, nor one of a few values."""
        types = ((field.name, field_at(self.object_type, field.name)) for field in self.settable)
        return frozenset(name for name, kind in types if kind and kind.type == "string")

    @property
    def view(self) -> str | None:
        return f"api_{self.object_type}" if self.retrievable else None

    @property
    def is_retrieved(self) -> bool:
        return self.view is not None

    def shared_source(self, call: Call, argument: str | None) -> Source | None:
        in_folders = (
            (folder.name, shared_folders)
            for folder in self.folders
            if folder.name in self.retrievable
            and any(kind.startswith("shared_") for kind in folder.content)
        )
        shared = self.shared_by or next(in_folders, None)
        if shared is None or self.own_source is None:
            return None
        name, values = shared
        return replace(self.own_source, own=comparison(name, "IN", values(call.account)))

    @cached_property
    def own_source(self) -> Source | None:
        if self.view is None:
            return None
        dates = [name for name in ("ModifiedDate", "CreatedDate") if name in self.retrievable]
        properties = {field.name: field for field in self.properties}
        return Source(
            self.object_type,
            self.view,
            self.retrievable,
            order="sortkey" if self.ordered_by else "",
            newness=self.newest_by or (dates[0] if dates else None),
            doubt=self.doubts,
            shown=tuple(properties[name] for name in self.always_shown),
            make_writer=self.written_by,
        )

    # Seed files.

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the object's table in a seed file."""
        return in_order([*(key for key, _ in self.keyed), *self.further_keys])

    @cached_property
    def seed_table(self) -> Table:
        """The object's table in a seed file."""
        keys = {field.name: key.name for key, field in self.keyed}
        named = dict.fromkeys((*(keys.get(name) for name in self.identities), "name"))
        known = {key.name for key in self.keys} - {"id", "object_id"}
        return Table(self.table, self.keys, tuple(name for name in named if name in known))

    @cached_property
    def keyed(self) -> list[tuple[Key, Declared]]:
        """The fields that a seed file gives, with their keys."""
        tables = {
            other.object_type: other.table
            for other in self.others.values()
            if isinstance(other, DeclaredObject)
        }
        keyed = (
            (key_of(self.object_type, self.is_numbered, field, tables), field)
            for field in self.declared
            if isinstance(field, Reference) or (field.column and field.column not in DATES)
        )
        return [(key, field) for key, field in keyed if key is not None]

    def is_there(self, row: Row) -> bool:
        """Say whether there is a row whose object was not deleted."""
        return self.deleted_status is None or row["status"] != self.deleted_status
