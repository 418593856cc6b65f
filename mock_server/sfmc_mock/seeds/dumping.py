"""Write a seed file from an account, which makes the same account."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cache

import tomli_w

from sfmc_mock.account import Account
from sfmc_mock.account.setup import EXCLUDED, excluded_of, profiles_of, setup_of
from sfmc_mock.chaos import chaos_of
from sfmc_mock.declarations.seed_entries import entry_of
from sfmc_mock.declarations.seed_keys import Entry, Name, without_defaults
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


def dump(account: Account) -> str:
    """Return TOML from which `load` makes the same account.

    It has all objects with their ids, but no sends, tracking events, dates and tokens.
    """
    with account.db.lock:
        return write_seed(to_seed(account))


def write_seed(seed: Seed) -> str:
    """Return the seed as TOML that extends no other; default values are left out."""
    said = {"mid": seed.account.mid} | without_defaults(ACCOUNT_KEYS, asdict(seed.account))
    document: dict[str, object] = {"version": VERSION, "extends": "nothing", "account": said}
    document |= _content(seed)
    if seed.engagement:
        document["engagement"] = seed.engagement
    if seed.units:
        document["business_unit"] = [
            without_defaults(UNIT_KEYS, unit.said) | _content(unit.seed) for unit in seed.units
        ]
    return tomli_w.dumps(document, multiline_strings=True)


def _content(seed: Seed) -> dict[str, object]:
    content: dict[str, object] = {
        table.name: [without_defaults(table.keys, entry) for entry in entries]
        for table in tables().values()
        if (entries := seed.of(table.name))
    }
    if seed.chaos:
        content["chaos"] = list(seed.chaos)
    return content


def to_seed(account: Account) -> Seed:
    """Return the content of the account as a seed."""
    entries: dict[str, Iterable[Entry]] = {}
    for table in CREDENTIALS:
        rows = account.db.find_all(table.name)
        entries[table.name] = [{key.name: row[key.name] for key in table.keys} for row in rows]
    refer = _refer(account)
    for owner in owners():
        entries[owner.table] = [
            owner.to_entry(account, row, entry_of(owner.keyed, row, refer), refer)
            for row in account.db.find_all(owner.table, owner.entries_by)
            if owner.is_there(row)
        ]
    for name, (_, key) in EXCLUDED.items():
        lists = excluded_of(account, name)
        entries[name] = [{"name": row, key: lists[row]} for row in lists]
    return Seed(
        name=account.db.path,
        account=setup_of(account),
        engagement=profiles_of(account),
        chaos=tuple(dict(rule.table) for rule in chaos_of(account)),
        units=tuple(_unit(unit) for unit in account.units.values()),
    ).having(**entries)


def _unit(unit: Account) -> UnitSeed:
    assert unit.enterprise is not None
    above = unit.enterprise.units.get(unit.parent_mid or 0)
    with unit.db.lock:
        seed = to_seed(unit)
        return UnitSeed(
            seed=seed,
            key=unit.setting("customer_key") or None,
            parent=setup_of(above).name if above is not None else None,
        )


def _refer(account: Account) -> Callable[[str, object], Name | None]:
    """Return a function that names a row of a table: by its key, else by its id; None for a missing row."""

    @cache
    def names(table: str) -> dict[object, Name]:
        return {
            row["id"]: row["customer_key"] or row["id"] for row in account.db.find_all(table, "id")
        }

    return lambda table, number: names(table).get(number)
