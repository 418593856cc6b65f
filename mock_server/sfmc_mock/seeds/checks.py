"""Checks between the entries of a seed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from sfmc_mock.account.tokens import SCOPE
from sfmc_mock.declarations.seed_keys import Entry, Index, Key, Name, Table, in_message
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds.tables import CREDENTIALS, Seed, UnitSeed, owners, tables


def check(seed: Seed) -> None:
    """Raise `SetupError` for the first check that fails."""
    seed.account.check(seed.name, seed.engagement)
    _check_scopes(seed)
    checked = CheckedSeed(seed)
    for table in tables().values():
        for entry in seed.of(table.name):
            _check_references(table.keys, entry, checked, seed.where(table.name, entry))
    for owner in owners():
        owner.check_entries(checked)
    for table in tables().values():
        _check_singles(table, seed)


def _check_scopes(seed: Seed) -> None:
    known = SCOPE.split()
    for table in CREDENTIALS:
        for entry in seed.of(table.name):
            for scope in entry["scope"].split():
                if scope not in known:
                    where = table.where(entry, seed.name)
                    raise SetupError(
                        f"{where}, key 'scope': there is no scope '{scope}'.{_near(scope, known)}"
                    )


def _near(scope: str, known: list[str]) -> str:
    near = get_close_matches(scope, known, n=3)
    return f" Did you mean {' or '.join(near)}?" if near else f" There are: {', '.join(known)}."


def check_units(seed: Seed) -> None:
    """Raise `SetupError` where business units have the same name, or refer to each other in a circle."""
    mids = {seed.account.mid}
    for unit in seed.units:
        mid, where = unit.seed.account.mid, _where(seed, unit)
        if mid in mids:
            raise SetupError(f"{where}: the MID {mid} is there already. Give it another one.")
        mids.add(mid)
        names = (unit.name, unit.key or unit.name)
        others = (other for other in seed.units if other is not unit)
        if any(other.is_called(name) for other in others for name in names):
            raise SetupError(f"{where}: another one has its name or key. Give it its own.")
        _check_parent(seed, unit)


def _where(seed: Seed, unit: UnitSeed) -> str:
    return f"{seed.name}, [[business_unit]] ({in_message(unit.name)})"


def check_access(seed: Seed) -> None:
    """Raise `SetupError` where users have access to unknown business units, or belong to one."""
    for entry in seed.of("account_user"):
        for name in entry["business_units"]:
            if not any(unit.is_called(name) for unit in seed.units):
                known = ", ".join(unit.name for unit in seed.units) or "none"
                raise SetupError(
                    f"{seed.where('account_user', entry)}, key 'business_units': there is no business unit {name!r}. "
                    f"There are: {known}."
                )
    for unit in seed.units:
        for owner in owners():
            if owner.of_enterprise and unit.seed.of(owner.table):
                raise SetupError(
                    f"{_where(seed, unit)}, table '{owner.table}': each {owner.object_type} belongs to the enterprise. "
                    f"Write it as [[{owner.table}]] above all units."
                )


def _check_parent(seed: Seed, unit: UnitSeed) -> None:
    above, passed = unit, [unit]
    while above.parent is not None:
        named = above.parent
        parent = next((unit for unit in seed.units if unit.is_called(named)), None)
        if parent is None:
            known = ", ".join(other.name for other in seed.units if other is not unit) or "none"
            raise SetupError(
                f"{_where(seed, above)}, key 'parent': there is no business unit {named!r}. "
                f"Others: {in_message(known)}."
            )
        if parent in passed:
            raise SetupError(f"{_where(seed, unit)}, key 'parent': it stands below itself.")
        passed.append(parent)
        above = parent


class CheckedSeed:
    """A seed whose entries are found by their identities. Raises `SetupError` when two have the same one."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.indexes = {
            name: Index(table, seed.of(name), seed.name) for name, table in tables().items()
        }

    def of(self, table: str) -> tuple[Entry, ...]:
        return self.seed.of(table)

    def where(self, table: str, entry: Entry) -> str:
        return self.seed.where(table, entry)

    def find(self, table: str, reference: Name) -> Entry | None:
        return self.indexes[table].find(reference)


def _check_references(keys: Iterable[Key], entry: Entry, seed: CheckedSeed, where: str) -> None:
    for key in keys:
        value, here = entry[key.name], f"{where}, key '{key.name}'"
        if key.form == "items":
            for item in value:
                _check_references(key.items, item, seed, here)
        elif key.refers and value is not None:
            for reference in value if isinstance(value, dict) else (value,):
                referred = seed.find(key.refers, reference)
                if referred is None:
                    what = "attribute" if key.form == "table" else f"[[{key.refers}]]"
                    hint = seed.indexes[key.refers].hint(reference)
                    raise SetupError(f"{here}: there is no {what} {reference!r}. {hint}")
                if key.content and referred["content_type"].lower() not in key.content:
                    raise SetupError(
                        f"{here}: {referred['name']!r} is a folder for {referred['content_type']}. "
                        f"Name one for {', '.join(sorted(key.content))}."
                    )


def _check_singles(table: Table, seed: Seed) -> None:
    for name in (key.name for key in table.keys if key.single):
        count = sum(bool(entry[name]) for entry in seed.of(table.name))
        if count != 1:
            raise SetupError(
                f"{seed.name}: {count} {table.name}s say {name}, but an account has one such {table.name}. "
                f'Let one [[{table.name}]] say {name} = true, or write extends = "default".'
            )
