"""From an account to a seed file that makes the same account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import tomli_w

from sfmc_mock.account import Account
from sfmc_mock.account.behaviour import ENGAGEMENT, LAG, PROFILES
from sfmc_mock.chaos import chaos_of
from sfmc_mock.objects import HANDLERS
from sfmc_mock.objects.declaration import Key
from sfmc_mock.objects.entries import Entry, entry_of
from sfmc_mock.objects.stored import StoredObject
from sfmc_mock.seeds.loading import EXCLUDED, NAME
from sfmc_mock.seeds.reading import empty
from sfmc_mock.seeds.tables import (
    ACCOUNT_KEYS,
    CREDENTIALS,
    VERSION,
    AccountTable,
    Reference,
    Seed,
    tables,
)
from sfmc_mock.store.database import Row


def dump(account: Account) -> str:
    """Return TOML that `load` makes the same account from.

    What it holds is there with its ids; what happened in it (sends, tracking events, dates, tokens) is not.
    """
    with account.db.lock:
        return write_seed(to_seed(account))


def write_seed(seed: Seed) -> str:
    """Return the seed as TOML that stands for itself; what has its default value is left out."""
    document: dict[str, object] = {"version": VERSION, "extends": "nothing"}
    document["account"] = {"mid": seed.account.mid, **_said(ACCOUNT_KEYS, asdict(seed.account))}
    for table in tables().values():
        entries = [_said(table.keys, each) for each in seed.of(table.name)]
        if entries:
            document[table.name] = entries
    if seed.engagement:
        document["engagement"] = seed.engagement
    if seed.chaos:
        document["chaos"] = list(seed.chaos)
    return tomli_w.dumps(document, multiline_strings=True)


def _said(keys: tuple[Key, ...], entry: Mapping[str, Any]) -> dict[str, object]:
    said: dict[str, object] = {}
    for key in keys:
        value = entry.get(key.name)
        if value is None or value == empty(key):
            continue
        said[key.name] = [_said(key.items, item) for item in value] if key.items else value
    return said


def to_seed(account: Account) -> Seed:
    """Return what the account holds as a seed."""
    entries: dict[str, tuple[Entry, ...]] = {
        table.name: tuple(
            {key.name: row[key.name] for key in table.keys}
            for row in account.db.find_all(table.name)
        )
        for table in CREDENTIALS
    }
    writer = _Writer(account)
    for table in tables().values():
        if table.owner is not None:
            entries[table.name] = writer.entries(table.owner)
    for name, (setting, key) in EXCLUDED.items():
        found = _json(account, setting)
        entries[name] = tuple({"name": each, key: found[each]} for each in found)
    return Seed(
        name=account.db.path,
        account=_account(account),
        entries=entries,
        engagement=_json(account, PROFILES),
        chaos=tuple(dict(rule.table) for rule in chaos_of(account)),
    )


class _Writer:
    """Writes rows as entries, and remembers what names each row."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._names: dict[str, dict[object, Reference]] = {}

    def entries(self, owner: StoredObject) -> tuple[Entry, ...]:
        rows = self.account.db.find_all(owner.table, owner.entries_by)
        return tuple(self._entry(owner, row) for row in rows if owner.is_there(row))

    def _entry(self, owner: StoredObject, row: Row) -> Entry:
        entry = entry_of(owner.entry_fields, row, self.refer)
        return owner.to_entry(self.account, row, entry, self.refer)

    def refer(self, object_type: str, number: object) -> Reference | None:
        """Return how a row is referred to: by its key, else by its id; None when there is none."""
        known = self._names.get(object_type)
        if known is None:
            target = HANDLERS[object_type]
            assert isinstance(target, StoredObject)
            known = self._names[object_type] = {
                row["id"]: str(row["customer_key"] or "") or int(str(row["id"]))
                for row in self.account.db.find_all(target.table, "id")
            }
        return known.get(number)


def _account(account: Account) -> AccountTable:
    return AccountTable(
        mid=account.mid,
        name=account.setting(NAME),
        seed=account.setting("seed", AccountTable.seed),
        clock=_clock(account),
        engagement=account.setting(ENGAGEMENT),
        lag=account.setting(LAG),
    )


def _clock(account: Account) -> str:
    if not account.clock.running:
        return account.now().isoformat()
    # A clock that was never set shows the real time, wherever it is loaded.
    was_set = account.db.count("clock", id=1) > 0
    return f"running from {account.now().isoformat()}" if was_set else "running"


def _json(account: Account, setting: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(account.setting(setting, "{}"))
    return found
