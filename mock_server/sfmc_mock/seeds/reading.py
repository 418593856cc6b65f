"""From TOML to a `Seed`: every key known, every value of its type, every reference leading somewhere."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, replace
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sfmc_mock.errors import SetupError
from sfmc_mock.seeds import tables
from sfmc_mock.seeds.checks import check
from sfmc_mock.seeds.tables import TABLES, VERSION, AccountTable, Entry, Seed, identities

_EXTENDS = ("default", "nothing")
_TOP_KEYS = ("version", "extends", "account", "engagement", *TABLES)
# A seed with credentials means these and no others: none of the default ones, of either kind, stays.
_CREDENTIALS = ("api_user", "package")


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
    except (OSError, UnicodeDecodeError) as problem:
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
    _only_known(document, _TOP_KEYS, name, "table or key")
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


def _laid_over(base: Seed, document: Mapping[str, object], name: str) -> Seed:
    changes: dict[str, Any] = {"name": name}
    account = document.get("account", {})
    where = f"{name}, [account]"
    changes["account"] = replace(base.account, **_values(AccountTable, account, where))
    engagement = document.get("engagement", {})
    if not isinstance(engagement, dict) or not all(
        isinstance(each, dict) for each in engagement.values()
    ):
        raise SetupError(f"{name}: write engagement profiles as tables, [engagement.NAME].")
    changes["engagement"] = {**base.engagement, **engagement}
    if any(table in document for table in _CREDENTIALS):
        base = replace(base, api_user=(), package=())
    for table, kind in TABLES.items():
        given = document.get(table)
        if given is None:
            continue
        entries = tuple(_entries(kind, given, f"{name}, [[{table}]]"))
        changes[table] = _merged(getattr(base, table), entries)
    return replace(base, **changes)


def _merged(earlier: Iterable[Entry], entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    taken = {identity for entry in entries for identity in identities(entry)}
    # There is one All Subscribers: a seed's own takes the place of the default one.
    own_master = any(getattr(entry, "is_all_subscribers", False) for entry in entries)
    kept = (
        entry
        for entry in earlier
        if taken.isdisjoint(identities(entry))
        and not (own_master and getattr(entry, "is_all_subscribers", False))
    )
    return (*kept, *entries)


def _entries(kind: type[Any], given: object, where: str) -> Iterable[Any]:
    if not isinstance(given, list):
        raise SetupError(f"{where}: write the table's name in double brackets, one for each entry.")
    for number, table in enumerate(given, start=1):
        yield _entry(kind, table, f"{where} {number}{_label(table)}")


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


def _entry(kind: type[Any], table: object, where: str) -> Any:
    values = _values(kind, table, where)
    for each in fields(kind):
        if each.name not in values and each.default is MISSING and each.default_factory is MISSING:
            raise SetupError(f"{where}: the key '{each.name}' is missing. Add it.")
    return kind(**values)


def _values(kind: type[Any], table: object, where: str) -> dict[str, Any]:
    if not isinstance(table, Mapping):
        raise SetupError(f"{where}: {table!r} is no table. Write it as key = value lines.")
    known = {each.name: each for each in fields(kind)}
    _only_known(table, tuple(known), where, "key")
    hints = _hints(kind.__name__)
    return {
        key: _value(known[key], hints[key], value, f"{where}, key '{key}'")
        for key, value in table.items()
    }


@cache
def _hints(kind: str) -> dict[str, Any]:
    return get_type_hints(getattr(tables, kind))


def _value(each: Field[Any], hint: Any, value: object, where: str) -> object:
    if "items" in each.metadata:
        return _items(each, value, where)
    if "rows" in each.metadata:
        return tuple(_texts(row, where) for row in _list_of(value, where))
    if get_origin(hint) is tuple:
        return tuple(_plain(item, (str,), where) for item in _list_of(value, where))
    if get_origin(hint) is Mapping:
        return _texts(value, where)
    if each.name == "clock" and isinstance(value, datetime | date) and not isinstance(value, str):
        value = value.isoformat()
    found = _plain(value, _kinds(hint), where)
    _limits(each.metadata, found, where)
    return found


def _items(each: Field[Any], value: object, where: str) -> tuple[Any, ...]:
    kind, short = each.metadata["items"], each.metadata.get("short")
    found = []
    for number, item in enumerate(_list_of(value, where), start=1):
        # `lists = ["News"]` is short for `lists = [{list = "News"}]`.
        table = {short: item} if short and not isinstance(item, Mapping) else item
        found.append(_entry(kind, table, f"{where} {number}{_label(table)}"))
    return tuple(found)


def _list_of(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise SetupError(f"{where}: {value!r} is no list. Write it in square brackets.")
    return value


def _kinds(hint: Any) -> tuple[type, ...]:
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return tuple(part for part in parts if part is not type(None))


_NAMES = {str: "a text in quotes", int: "a whole number", bool: "true or false"}


def _plain(value: object, kinds: tuple[type, ...], where: str) -> object:
    # True is an int to Python, not to whoever wrote it.
    fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    if not fits or (kinds == (bool,) and not isinstance(value, bool)):
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        raise SetupError(f"{where}: {value!r} does not fit. Give {wanted}.")
    return value


def _limits(rules: Mapping[str, Any], value: object, where: str) -> None:
    if rules.get("filled") and isinstance(value, str) and not value.strip():
        raise SetupError(f"{where}: it is empty. Give it a value, or leave it out if it may be.")
    choices = rules.get("choices")
    if choices is not None and value not in choices:
        near = get_close_matches(str(value), choices, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SetupError(f"{where}: {value!r} is not one of {', '.join(choices)}.{hint}")
    low, high = rules.get("low"), rules.get("high")
    if isinstance(value, int) and low is not None and value < low:
        raise SetupError(f"{where}: {value} is too small. It begins at {low}.")
    if isinstance(value, int) and high is not None and value > high:
        raise SetupError(f"{where}: {value} is too large. It ends at {high}.")


def _texts(value: object, where: str) -> dict[str, str]:
    """Return a table of scalars as texts, as rows and attributes hold them."""
    if not isinstance(value, Mapping):
        raise SetupError(f"{where}: {value!r} is no table. Write it in curly brackets.")
    return {str(name): _text(item, f"{where}, {name}") for name, item in value.items()}


def _text(value: object, where: str) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str | int | float):
        return str(value)
    raise SetupError(f"{where}: {value!r} does not fit. Give a text, a number, a date or a flag.")


def _only_known(table: Mapping[str, object], known: tuple[str, ...], where: str, what: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
            raise SetupError(
                f"{where}: there is no {what} '{key}'. {hint} `sfmc-mock docs seed-files` lists all."
            )
