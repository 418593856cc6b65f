"""Keys of a seed file: the allowed keys of a table, and the reading of their values.

Errors are `SetupError`s that begin with the place of the value, and end with the necessary change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeAlias

from sfmc_mock.diagnostics import cut
from sfmc_mock.errors import SetupError
from sfmc_mock.journal import HIDDEN, is_telling, redact_value
from sfmc_mock.terminal import as_written, printable

# What XML 1.0 has no place for, not even escaped.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

GREATEST = 2_147_483_647
"""The greatest number that the service has, of IDs and of anything else (wsdl)."""

Value: TypeAlias = str | int | bool | None

Name: TypeAlias = str | int
"""Names an entry of a table: its key or name, or the number that is its `id`."""

Entry: TypeAlias = dict[str, Any]
"""The values of one table of a seed file: every key, with its default where the file does not give it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a seed file; attributes of a property's key that are not given follow from the property.

    A value is a scalar of the `kind` (`text`, `number`, `flag`), or has the `form`: `items`, a list of tables
    with the keys `items`; `rows`, a list of tables with any keys; `texts`, a list of texts; `table`, one table of
    texts. An item may be given as its key `short` alone: `lists = ["News"]`. With `refers`, the value names an entry of
    that table, by its number, too, where that is `numbered`; of a `table`, each key does. `single` marks a key that
    only one entry may have. With `content`, the named entry must be a folder for one of these.
    """

    name: str = ""
    kind: str = ""
    default: Value | tuple[()] = None
    required: bool | None = None
    filled: bool = False
    choices: tuple[str, ...] | None = None
    low: int | None = None
    high: int | None = None
    refers: str = ""
    numbered: bool = False
    form: str = ""
    items: tuple[Key, ...] = ()
    short: str = ""
    single: bool = False
    content: tuple[str, ...] = ()

    @property
    def left_out(self) -> object:
        """The value for an entry without the key."""
        if self.form == "table":
            return {}
        return [] if self.form else self.default


@dataclass(frozen=True)
class Table:
    """A table of which a seed file can have many entries.

    `named_by` are the keys whose text names an entry; the first that is given counts.
    """

    name: str
    keys: tuple[Key, ...]
    named_by: tuple[str, ...]

    @cached_property
    def refers(self) -> set[str]:
        """The tables whose entries must exist before those of this one."""
        return {key.refers for key in self.keys if key.refers} - {self.name}

    def where(self, entry: Entry, seed: str) -> str:
        """Return where an entry stands in a seed, for messages."""
        shown = next(reversed(self.identities(entry)), "")
        return f"{seed}, [[{self.name}]] ({in_message(shown)})"

    def identities(self, entry: Mapping[str, object]) -> tuple[Name, ...]:
        """Return the identity of an entry: its id, its key, else its name (texts in lower case)."""
        number = entry.get("id")
        names: list[Name] = [number] if isinstance(number, int) else []
        text = next((str(entry[name]) for name in self.named_by if entry.get(name)), None)
        return (*names, text.casefold()) if text else tuple(names)


class Index:
    """The entries of a table by their identities. Raises `SetupError` when two have the same one."""

    def __init__(self, table: Table, entries: Iterable[Entry], seed: str) -> None:
        self._table = table
        self._entries = tuple(entries)
        self._known: dict[Name, Entry] = {}
        self._named: dict[Name, list[Entry]] = {}
        object_ids = set()
        for entry in self._entries:
            for identity in table.identities(entry):
                if identity in self._known:
                    raise SetupError(
                        f"{table.where(entry, seed)}: there are two entries called {identity!r}. "
                        "Take one out, or give it another id, key or name."
                    )
                self._known[identity] = entry
            object_id = entry.get("object_id")
            if object_id is not None and object_id in object_ids:
                raise SetupError(
                    f"{table.where(entry, seed)}, key 'object_id': {object_id} stands at another entry, too. "
                    "Leave it out to get a fresh one."
                )
            object_ids.add(object_id)
            self._named.setdefault(str(entry.get("name", "")).casefold(), []).append(entry)

    def find(self, name: Name) -> Entry | None:
        """Return the entry that is named: by its id, its key, or a name that no other has."""
        wanted = name.casefold() if isinstance(name, str) else name
        named = self._named.get(wanted, [])
        return self._known.get(wanted) or (named[0] if len(named) == 1 else None)

    def hint(self, name: Name) -> str:
        """Return advice about a name that no entry has."""
        texts = (entry.get(key) for entry in self._entries for key in ("key", "name"))
        known = {str(text).casefold(): text for text in texts if text}
        near = get_close_matches(str(name).casefold(), known, n=1, cutoff=0.5)
        if near:
            return f"Did you mean {known[near[0]]!r}?"
        some = ", ".join(repr(name) for name in [*known.values()][:12])
        return f"Add a [[{self._table.name}]], or name one of: {some or 'none yet'}."


def read_entries(keys: tuple[Key, ...], given: object, where: str) -> Iterator[Entry]:
    """Yield the entries of a table of which there can be many."""
    if not isinstance(given, list):
        raise SetupError(f"{where}: write the table's name in double brackets, one for each entry.")
    for number, table in enumerate(given, start=1):
        yield _entry(keys, table, f"{where} {number}{_label(table)}")


def read_values(keys: tuple[Key, ...], table: object, where: str) -> Iterator[tuple[str, Any]]:
    """Yield the keys that a table gives, with their values."""
    if not isinstance(table, Mapping):
        raise SetupError(
            f"{where}: {_quoted(table, where)} is not a table. Write it as key = value lines."
        )
    known = {key.name: key for key in keys}
    check_known(table, known, where, "key")
    for name, value in table.items():
        yield name, _value(known[name], value, f"{where}, key '{name}'")


def without_defaults(keys: tuple[Key, ...], entry: Mapping[str, Any]) -> Entry:
    """Return the values of an entry that differ from their defaults."""
    said: Entry = {}
    for key in keys:
        value = entry.get(key.name)
        if value is None or value == key.left_out:
            continue
        is_list = bool(key.items)
        said[key.name] = [without_defaults(key.items, item) for item in value] if is_list else value
    return said


def check_characters(given: object, where: str) -> None:
    """Refuse a text with a character that no answer could hold: XML has no place for it."""
    if isinstance(given, dict):
        for key, value in given.items():
            check_characters(key, where)
            check_characters(value, f"{where}, {key}")
    elif isinstance(given, list):
        for value in given:
            check_characters(value, where)
    elif isinstance(given, str) and (wrong := _NO_XML.search(given)) is not None:
        raise SetupError(
            f"{where}: a text holds the character U+{ord(wrong[0]):04X}, which no answer can hold. Take it out."
        )


def check_known(table: Mapping[str, object], known: Collection[str], where: str, what: str) -> None:
    """Refuse a table that has another key than those known."""
    for key in table:
        if key in known:
            continue
        near = get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
        raise SetupError(
            f"{where}: there is no {what} '{key}'. {hint} `sfmc-mock docs seed-files` lists all."
        )


def _label(table: object) -> str:
    """Return the name of an entry in brackets, for messages."""
    if not isinstance(table, Mapping):
        return ""
    names = (
        table[key]
        for key in ("key", "name", "email", "username", "client_id", "value")
        if isinstance(table.get(key), str)
    )
    shown = next(names, None)
    return f" ({in_message(shown)})" if shown else ""


def _entry(keys: tuple[Key, ...], table: object, where: str) -> Entry:
    said = dict(read_values(keys, table, where))
    for key in keys:
        if key.required and key.name not in said:
            raise SetupError(f"{where}: the key '{key.name}' is missing. Add it.")
    return {key.name: said.get(key.name, key.left_out) for key in keys}


def _value(key: Key, value: object, where: str) -> object:
    match key.form:
        case "items":
            return [*_items(key, value, where)]
        case "rows":
            return [_texts(row, where) for row in _list_of(value, where)]
        case "texts":
            return [_scalar(item, (str,), where) for item in _list_of(value, where)]
        case "table":
            return _texts(value, where)
    if key.name == "clock" and isinstance(value, date):
        value = value.isoformat()
    kinds = (str, int) if key.numbered else (_KINDS[key.kind or "text"],)
    scalar = _scalar(value, kinds, where)
    _limits(key, scalar, where)
    return scalar


_KINDS: Mapping[str, type] = {"text": str, "number": int, "flag": bool}


def _items(key: Key, value: object, where: str) -> Iterator[Entry]:
    for number, item in enumerate(_list_of(value, where), start=1):
        # `lists = ["News"]` is short for `lists = [{list = "News"}]`.
        table = {key.short: item} if key.short and not isinstance(item, Mapping) else item
        yield _entry(key.items, table, f"{where} {number}{_label(table)}")


def _list_of(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise SetupError(
            f"{where}: {_quoted(value, where)} is not a list. Write it in square brackets."
        )
    return value


_NAMES = {str: "a text in quotes", int: "a whole number", bool: "true or false"}


def _scalar(value: object, kinds: tuple[type, ...], where: str) -> object:
    # True is an int to Python, but not to the author of the file.
    fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    if not fits:
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        raise SetupError(f"{where}: {_quoted(value, where)} does not fit. Give {wanted}.")
    return value


def _limits(key: Key, value: object, where: str) -> None:
    if key.filled and isinstance(value, str) and not value.strip():
        raise SetupError(f"{where}: it is empty. Give it a value, or leave it out if it may be.")
    if key.choices and value not in key.choices:
        near = get_close_matches(str(value), key.choices, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SetupError(
            f"{where}: {_quoted(value, where)} is not one of {', '.join(key.choices)}.{hint}"
        )
    if not isinstance(value, int):
        return
    low = -GREATEST - 1 if key.low is None else key.low
    high = GREATEST if key.high is None else key.high
    if value < low:
        raise SetupError(f"{where}: {_quoted(value, where)} is too small. It begins at {low}.")
    if value > high:
        raise SetupError(f"{where}: {_quoted(value, where)} is too large. It ends at {high}.")


def _texts(value: object, where: str) -> dict[str, str]:
    """Return a table of scalars as texts, as rows and attributes hold them."""
    if not isinstance(value, Mapping):
        raise SetupError(
            f"{where}: {_quoted(value, where)} is not a table. Write it in curly brackets."
        )
    return {str(name): _text(item, f"{where}, {name}") for name, item in value.items()}


def _text(value: object, where: str) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str | int | float):
        return str(value)
    raise SetupError(
        f"{where}: {_quoted(value, where)} does not fit. Give a text, a number, a date or a flag."
    )


def _quoted(value: object, where: str) -> str:
    """Return a value as an error quotes it: in one short line, a secret hidden. `where` ends with its key."""
    if is_telling(where.rpartition(", ")[2]):
        return HIDDEN
    return cut(as_written(redact_value(value)), 200)


def in_message(name: object) -> str:
    """Return a name as a part of a sentence: on one line, a long one cut."""
    return printable(cut(str(name), 100))
