"""Entries of seed files: the keys that follow from an object's declaration, and how a row becomes an entry and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

from sfmc_mock.account import Account
from sfmc_mock.declarations.properties import Declared, FolderOf, Property, Reference, choices_of
from sfmc_mock.declarations.seed_keys import Entry as Entry
from sfmc_mock.declarations.seed_keys import Key
from sfmc_mock.errors import SetupError
from sfmc_mock.store.database import Row
from sfmc_mock.wire.page_writer import can_be_written

_KINDS = {"number": "number", "flag": "flag"}
_FIRST = ("key", "name", "id", "object_id")


Refer: TypeAlias = "Callable[[str, object], Any]"
"""Returns the name, in a seed file, of the row of a table with a number."""


class Entries(Protocol):
    """The entries of a seed file, for checks."""

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
    """The entries of a seed file, and the rows that were made from them."""

    account: Account

    def number(self, table: str, reference: str | int) -> int:
        """Return the number of the row that was made of the entry that a reference names."""
        ...


def key_of(
    object_type: str, numbered: bool, field: Declared, tables: Mapping[str, str]
) -> Key | None:
    """Return the key of a property or reference in a seed file, None when that does not give it.

    `numbered` says whether the object is known by its ID. `tables` are the tables of objects by their types.
    """
    said = field.seed
    if said is None:
        return None
    if isinstance(field, Reference):
        name = said.name or field.kept_in.removesuffix("_id")
        if field.stores != "id":
            return replace(said, name=name, kind="text", required=False)
        said = replace(said, name=name, required=bool(said.required))
        return replace(said, refers=tables[field.to], numbered="ID" in field.by)
    if isinstance(field, FolderOf):
        content = field.content if field.invalid is not None else ()
        said = replace(said, name="folder", required=False, content=content)
        return replace(said, refers=tables["DataFolder"], numbered=True)
    return _property_key(object_type, numbered, field, said)


def _property_key(object_type: str, numbered: bool, field: Property, said: Key) -> Key:
    is_name, is_key, is_id = (field.column == name for name in ("name", "customer_key", "id"))
    required = is_name or (is_key and not numbered) if said.required is None else said.required
    return replace(
        said,
        name=said.name or ("key" if is_key else field.column),
        kind=said.kind or _KINDS.get(field.kind, "text"),
        default=field.default if said.default is None and not said.form else said.default,
        required=required,
        filled=said.filled or is_name or is_key,
        choices=choices_of(object_type, field.name) if said.choices is None else said.choices,
        low=1 if is_id and said.low is None else said.low,
        high=said.high,
    )


def in_order(keys: list[Key]) -> tuple[Key, ...]:
    """Return keys as they are written: those first that must be there, then what names an entry."""
    places = {name: place for place, name in enumerate(_FIRST)}
    return tuple(
        sorted(keys, key=lambda key: (not key.required, places.get(key.name, len(_FIRST))))
    )


def columns_of(
    keyed: Iterable[tuple[Key, Declared]], entry: Entry, number: Callable[[str, Any], int]
) -> dict[str, object]:
    """Return the columns that an entry gives; values with a form are stored as JSON.

    Raises `SetupError` for invalid parts of an object, and `Refused` for a text without its form. `number` returns the
    number of the row that was made from a named entry of a table.
    """
    columns: dict[str, object] = {}
    for key, field in keyed:
        value = entry.get(key.name)
        if value is None:
            continue
        if key.form:
            value = json.dumps(value)
        elif key.refers:
            value = number(key.refers, value)
        elif isinstance(field, Property) and not can_be_written(field.kind, str(value)):
            raise SetupError(
                f"key '{key.name}': it is not what an export writes. Leave it out, or write it as an export does."
            )
        elif isinstance(field, Property) and isinstance(value, str):
            field.check_forms(value)
        column = field.kept_in if isinstance(field, Reference) else field.column
        columns[column] = int(value) if isinstance(value, bool) else value
    return columns


def entry_of(
    keyed: Iterable[tuple[Key, Declared]], row: Row, refer: Callable[[str, object], Any]
) -> Entry:
    """Return a row as an entry; `refer` returns the name of a row in a table."""
    entry: Entry = {}
    for key, field in keyed:
        value = row[field.kept_in if isinstance(field, Reference) else field.column]
        if key.form:
            value = json.loads(value)
        elif key.refers:
            value = refer(key.refers, value)
        entry[key.name] = bool(value) if key.kind == "flag" else value
    return entry
