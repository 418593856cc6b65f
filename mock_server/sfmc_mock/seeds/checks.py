"""What must hold between the entries of a seed."""

from __future__ import annotations

from collections.abc import Iterable

from sfmc_mock.declarations.seed_keys import Entry, Index, Key, Name, Table
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds.tables import Seed, owners, tables


def check(seed: Seed) -> None:
    """Raise `SetupError` for the first thing that does not hold."""
    seed.account.check(seed.name, seed.engagement)
    checked = CheckedSeed(seed)
    for table in tables().values():
        for entry in seed.of(table.name):
            _check_references(table.keys, entry, checked, seed.where(table.name, entry))
    for owner in owners():
        owner.check_entries(checked)
    for table in tables().values():
        _check_singles(table, seed)


class CheckedSeed:
    """A seed whose entries are found by what names them. Raises `SetupError` when two are named alike."""

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
