"""From TOML to a `Seed`: every key known, every value of its type, every reference leading somewhere."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sfmc_mock.chaos import parse_rules
from sfmc_mock.errors import SetupError
from sfmc_mock.journal import HIDDEN, is_telling, redact_value
from sfmc_mock.kept import cut
from sfmc_mock.objects.declaration import Key
from sfmc_mock.objects.entries import Entry
from sfmc_mock.seeds.checks import check
from sfmc_mock.seeds.tables import (
    ACCOUNT_KEYS,
    CREDENTIALS,
    VERSION,
    Seed,
    Table,
    identities,
    tables,
)

# What XML 1.0 has no place for, not even escaped.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_EXTENDS = ("default", "nothing")


def read_seed(source: str | Path) -> Seed:
    """Return the seed that a file holds (a `Path`, or a text that ends in `.toml`), or that a TOML text is.

    Unless it says `extends = "nothing"`, it is laid over the default seed: its entries take the place of those with the
    same id, key or name, and credentials of either kind that of all default ones. Raises `SetupError` naming file,
    table and key of what is wrong, and what to change.
    """
    if isinstance(source, str) and ("\n" in source or not source.endswith(".toml")):
        return parse_seed(source)
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise SetupError(
            f"The seed file {path} cannot be read: {reason}. Check its name and that it is UTF-8."
        ) from None
    return parse_seed(text, path.name)


@cache
def default_seed() -> Seed:
    """Return the seed of the default account."""
    text = files("sfmc_mock.seeds").joinpath("default.toml").read_text(encoding="utf-8")
    return parse_seed(text, "default.toml")


def parse_seed(text: str, name: str = "seed") -> Seed:
    """Return the seed that a TOML text is; `name` stands for it in messages. Raises `SetupError`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SetupError(f"{name} is no TOML: {problem}. Mend that place.") from None
    _check_characters(document, name)
    _only_known(
        document,
        ("version", "extends", "account", "engagement", "chaos", *tables()),
        name,
        "table or key",
    )
    version = document.pop("version", VERSION)
    if version != VERSION:
        raise SetupError(
            f"{name}, key 'version': {version!r} is not known here. This sfmc-mock reads version {VERSION}; "
            "install a newer one, or write the seed for this."
        )
    extends = document.pop("extends", "default")
    if extends not in _EXTENDS:
        raise SetupError(f"{name}, key 'extends': {extends!r} is not one of default, nothing.")
    base = default_seed() if extends == "default" else Seed()
    seed = _laid_over(base, document, name)
    check(seed)
    return seed


def _check_characters(found: object, where: str) -> None:
    """Raise `SetupError` for a text with a character that no answer could hold: XML has no place for it."""
    if isinstance(found, dict):
        for key, value in found.items():
            _check_characters(key, where)
            _check_characters(value, f"{where}, {key}")
    elif isinstance(found, list):
        for value in found:
            _check_characters(value, where)
    elif isinstance(found, str) and (wrong := _NO_XML.search(found)) is not None:
        raise SetupError(
            f"{where}: a text holds the character U+{ord(wrong[0]):04X}, which no answer can hold. Take it out."
        )


def _laid_over(base: Seed, document: Mapping[str, object], name: str) -> Seed:
    account = document.get("account", {})
    said: dict[str, Any] = dict(_values(ACCOUNT_KEYS, account, f"{name}, [account]"))
    engagement = document.get("engagement", {})
    if not isinstance(engagement, dict) or not all(
        isinstance(each, dict) for each in engagement.values()
    ):
        raise SetupError(f"{name}: write engagement profiles as tables, [engagement.NAME].")
    chaos = tuple(
        dict(rule.table) for rule in parse_rules(document.get("chaos", []), f"{name}, [[chaos]]")
    )
    credentials = [each.name for each in CREDENTIALS]
    if any(table in document for table in credentials):
        # A seed with credentials means these and no others: none of the default ones, of either kind, stays.
        base = base.having(**dict.fromkeys(credentials, ()))
    entries = dict(base.entries)
    for table in tables().values():
        if table.name in document:
            given = tuple(_entries(table, document[table.name], f"{name}, [[{table.name}]]"))
            entries[table.name] = _merged(table, base.of(table.name), given)
    return replace(
        base,
        name=name,
        account=replace(base.account, **said),
        entries=entries,
        engagement={**base.engagement, **engagement},
        chaos=(*base.chaos, *chaos),
    )


def _merged(table: Table, earlier: Iterable[Entry], given: tuple[Entry, ...]) -> tuple[Entry, ...]:
    taken = {identity for entry in given for identity in identities(table, entry)}
    singles = [key.name for key in table.keys if key.single]
    # What only one entry can be, the seed's own is instead of the default one.
    taken_singles = {name for name in singles for entry in given if entry[name]}
    kept = (
        entry
        for entry in earlier
        if taken.isdisjoint(identities(table, entry))
        and not any(entry[name] for name in taken_singles)
    )
    return (*kept, *given)


def _entries(table: Table, given: object, where: str) -> Iterator[Entry]:
    if not isinstance(given, list):
        raise SetupError(f"{where}: write the table's name in double brackets, one for each entry.")
    for number, entry in enumerate(given, start=1):
        yield _entry(table.keys, entry, f"{where} {number}{_label(entry)}")


def _label(table: object) -> str:
    """Return what a reader knows an entry by, in brackets."""
    if not isinstance(table, Mapping):
        return ""
    found = (
        table[key]
        for key in ("key", "name", "email", "username", "client_id", "value")
        if isinstance(table.get(key), str)
    )
    shown = next(found, None)
    return f" ({shown})" if shown else ""


def _entry(keys: tuple[Key, ...], table: object, where: str) -> Entry:
    said = dict(_values(keys, table, where))
    for key in keys:
        if key.required and key.name not in said:
            raise SetupError(f"{where}: the key '{key.name}' is missing. Add it.")
    return {key.name: said.get(key.name, empty(key)) for key in keys}


def empty(key: Key) -> object:
    """Return what an entry says that leaves a key out."""
    if key.form == "table":
        return {}
    return [] if key.form else key.default


def _values(keys: tuple[Key, ...], table: object, where: str) -> Iterator[tuple[str, object]]:
    if not isinstance(table, Mapping):
        raise SetupError(
            f"{where}: {_quoted(table, where)} is no table. Write it as key = value lines."
        )
    known = {key.name: key for key in keys}
    _only_known(table, tuple(known), where, "key")
    for name, value in table.items():
        yield name, _value(known[name], value, f"{where}, key '{name}'")


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
    found = _scalar(value, kinds, where)
    _limits(key, found, where)
    return found


_KINDS: Mapping[str, type] = {"text": str, "number": int, "flag": bool}


def _items(key: Key, value: object, where: str) -> Iterator[Entry]:
    for number, item in enumerate(_list_of(value, where), start=1):
        # `lists = ["News"]` is short for `lists = [{list = "News"}]`.
        table = {key.short: item} if key.short and not isinstance(item, Mapping) else item
        yield _entry(key.items, table, f"{where} {number}{_label(table)}")


def _list_of(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise SetupError(
            f"{where}: {_quoted(value, where)} is no list. Write it in square brackets."
        )
    return value


_NAMES = {str: "a text in quotes", int: "a whole number", bool: "true or false"}


def _scalar(value: object, kinds: tuple[type, ...], where: str) -> object:
    # True is an int to Python, not to whoever wrote it.
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
    if isinstance(value, int) and key.low is not None and value < key.low:
        raise SetupError(f"{where}: {_quoted(value, where)} is too small. It begins at {key.low}.")
    if isinstance(value, int) and key.high is not None and value > key.high:
        raise SetupError(f"{where}: {_quoted(value, where)} is too large. It ends at {key.high}.")


def _texts(value: object, where: str) -> dict[str, str]:
    """Return a table of scalars as texts, as rows and attributes hold them."""
    if not isinstance(value, Mapping):
        raise SetupError(
            f"{where}: {_quoted(value, where)} is no table. Write it in curly brackets."
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


def _only_known(table: Mapping[str, object], known: tuple[str, ...], where: str, what: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
            raise SetupError(
                f"{where}: there is no {what} '{key}'. {hint} `sfmc-mock docs seed-files` lists all."
            )


def _quoted(value: object, where: str) -> str:
    """Return a value as an error quotes it: in one short line, a secret hidden. `where` ends with its key."""
    if is_telling(where.rpartition(", ")[2]):
        return HIDDEN
    return cut(repr(redact_value(value)), 200)
