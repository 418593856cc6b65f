"""Read TOML into a `Seed`: every key is known, every value has its type, every reference has its entry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from sfmc_mock.chaos import parse_rules
from sfmc_mock.declarations.seed_keys import (
    Entry,
    Table,
    check_characters,
    check_known,
    in_message,
    read_entries,
    read_values,
)
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds.checks import check, check_access, check_units
from sfmc_mock.seeds.tables import (
    ACCOUNT_KEYS,
    CREDENTIALS,
    UNIT_KEYS,
    VERSION,
    Seed,
    UnitSeed,
    owners,
    tables,
)
from sfmc_mock.terminal import as_written


def read_seed(source: str | Path) -> Seed:
    """Return the seed in a file (a `Path`, or a text that ends in `.toml`), or in a TOML text.

    Unless it has `extends = "nothing"`, it extends the default seed: its entries replace those with the same id, key or
    name, and credentials of either kind replace all default ones. Raises `SetupError` with file, table and key of an
    error, and the necessary change.
    """
    if isinstance(source, str) and ("\n" in source or not source.endswith(".toml")):
        return parse_seed(source)
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        if not path.name:
            raise SetupError(
                "The name of the seed file is empty or a folder. Name a TOML file."
            ) from None
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
    """Return the seed in a TOML text; `name` is its name in messages. Raises `SetupError`."""
    try:
        # Some editors put a byte-order mark first, which TOML does not have.
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as problem:
        raise SetupError(f"{name} is not valid TOML: {problem}. Fix the TOML there.") from None
    check_characters(document, name)
    known = ("version", "extends", "account", "engagement", "chaos", _UNIT, *tables())
    check_known(document, known, name, "table or key")
    version = document.pop("version", VERSION)
    if version != VERSION:
        raise SetupError(
            f"{name}, key 'version': {as_written(version)} is not known here. This sfmc-mock reads version {VERSION}; "
            "install a newer one, or write the seed for this."
        )
    extends = document.pop("extends", "default")
    if extends not in ("default", "nothing"):
        raise SetupError(
            f"{name}, key 'extends': {as_written(extends)} is not one of default, nothing."
        )
    base = default_seed() if extends == "default" else Seed()
    units = document.pop(_UNIT, [])
    seed = _laid_over(base, document, name)
    check(seed)
    if units:
        seed = replace(seed, units=tuple(_units(seed, base, units)))
        check_units(seed)
    check_access(seed)
    return seed


_UNIT = "business_unit"


def _units(seed: Seed, base: Seed, entries: object) -> Iterator[UnitSeed]:
    """Yield the business units of a seed: each entry extends the same base, without the base's credentials."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SetupError(f"{seed.name}: write business units as tables, [[{_UNIT}]].")
    # Users and roles are those of the enterprise.
    shared = [owner.table for owner in owners() if owner.of_enterprise]
    base = base.uncallable.having(**dict.fromkeys(shared, ()))
    names = [key.name for key in UNIT_KEYS]
    for number, entry in enumerate(entries, start=1):
        name = entry.get("name")
        where = f"{seed.name}, [[{_UNIT}]] {number} ({in_message(name) if isinstance(name, str) else 'no name'})"
        check_known(entry, (*names, "chaos", *tables()), where, "key or table")
        own = {name: value for name, value in entry.items() if name in names}
        (said,) = read_entries(UNIT_KEYS, [own], f"{seed.name}, [[{_UNIT}]]")
        content = {name: value for name, value in entry.items() if name not in names}
        unit = _laid_over(base, content, where)
        mid = said["mid"] or seed.account.mid + number
        unit = replace(unit, account=replace(seed.account, mid=mid, name=said["name"]))
        check(unit)
        yield UnitSeed(seed=unit, key=said["key"], parent=said["parent"])


def _laid_over(base: Seed, document: Mapping[str, object], name: str) -> Seed:
    account = document.get("account", {})
    said = dict(read_values(ACCOUNT_KEYS, account, f"{name}, [account]"))
    engagement = document.get("engagement", {})
    if not isinstance(engagement, dict) or not all(
        isinstance(profile, dict) for profile in engagement.values()
    ):
        raise SetupError(f"{name}: write engagement profiles as tables, [engagement.NAME].")
    credentials = [table.name for table in CREDENTIALS]
    if any(table in document for table in credentials):
        # A seed with credentials means these and no others: none of the default ones, of either kind, stays.
        base = base.having(**dict.fromkeys(credentials, ()))
    chaos = parse_rules(document.get("chaos", []), f"{name}, [[chaos]]")
    entries = dict(base.entries)
    for table in tables().values():
        if table.name in document:
            where = f"{name}, [[{table.name}]]"
            given = tuple(read_entries(table.keys, document[table.name], where))
            entries[table.name] = _merged(table, base.of(table.name), given)
    return replace(
        base,
        name=name,
        account=replace(base.account, **said),
        entries=entries,
        engagement={**base.engagement, **engagement},
        chaos=(*base.chaos, *(dict(rule.table) for rule in chaos)),
    )


def _merged(table: Table, earlier: Iterable[Entry], given: tuple[Entry, ...]) -> tuple[Entry, ...]:
    taken = {identity for entry in given for identity in table.identities(entry)}
    # What only one entry can be, the seed's own is instead of the default one.
    singles = [
        key.name for key in table.keys if key.single and any(entry[key.name] for entry in given)
    ]
    kept = (entry for entry in earlier if taken.isdisjoint(table.identities(entry)))
    return (*(entry for entry in kept if not any(entry[name] for name in singles)), *given)
