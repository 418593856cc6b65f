"""What must hold between the entries of a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches

from sfmc_mock.clock import parse_time
from sfmc_mock.errors import SetupError
from sfmc_mock.objects.declaration import FolderOf, Key
from sfmc_mock.objects.entries import Entry
from sfmc_mock.seeds.tables import Reference, Seed, Table, identities, tables
from sfmc_mock.simulator.profiles import lag_named, profile_from_table, profile_named

_RUNNING = "running"
_RUNNING_FROM = "running from "


def check(seed: Seed) -> None:
    """Raise `SetupError` for the first thing that does not hold."""
    _check_account(seed)
    checked = CheckedSeed(seed)
    for table in tables().values():
        for entry in seed.of(table.name):
            _check_references(table.keys, entry, checked, seed.where(table.name, entry))
    for table in tables().values():
        if table.owner is not None:
            table.owner.check_entries(checked)
            _check_folders(table, checked)
        _check_singles(table, seed)


def read_clock(text: str) -> tuple[bool, datetime | None]:
    """Return whether the clock runs, and what it shows at first; None for the real time. Raises `ValueError`."""
    wanted = text.strip()
    if wanted == _RUNNING:
        return True, None
    if wanted.startswith(_RUNNING_FROM):
        return True, parse_time(wanted.removeprefix(_RUNNING_FROM))
    return False, parse_time(wanted)


class CheckedSeed:
    """A seed whose entries are found by what names them. Raises `SetupError` when two are named alike."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.indexes = {table.name: _Index(seed, table) for table in tables().values()}

    def of(self, table: str) -> tuple[Entry, ...]:
        return self.seed.of(table)

    def where(self, table: str, entry: Entry) -> str:
        return self.seed.where(table, entry)

    def find(self, table: str, reference: Reference) -> Entry | None:
        return self.indexes[table].find(reference)


class _Index:
    """The entries of a table by what names them."""

    def __init__(self, seed: Seed, table: Table) -> None:
        self.table = table.name
        self.entries = seed.of(table.name)
        self.found: dict[Reference, Entry] = {}
        self.names: dict[Reference, list[Entry]] = {}
        object_ids: set[str] = set()
        for entry in self.entries:
            for identity in identities(table, entry):
                if identity in self.found:
                    raise SetupError(
                        f"{seed.where(table.name, entry)}: there are two entries called {identity!r}. "
                        "Take one out, or give it another id, key or name."
                    )
                self.found[identity] = entry
            object_id = entry.get("object_id")
            if object_id in object_ids:
                raise SetupError(
                    f"{seed.where(table.name, entry)}, key 'object_id': {object_id} stands at another entry, too. "
                    "Leave it out to get a fresh one."
                )
            if object_id is not None:
                object_ids.add(object_id)
            self.names.setdefault(str(entry.get("name", "")).casefold(), []).append(entry)

    def find(self, reference: Reference) -> Entry | None:
        wanted = reference.casefold() if isinstance(reference, str) else reference
        named = self.names.get(wanted, [])
        return self.found.get(wanted) or (named[0] if len(named) == 1 else None)

    def hint(self, reference: Reference) -> str:
        known = {
            str(each).casefold(): each
            for entry in self.entries
            for each in (entry.get("key"), entry.get("name"))
            if each
        }
        near = get_close_matches(str(reference).casefold(), known, n=1, cutoff=0.5)
        if near:
            return f"Did you mean {known[near[0]]!r}?"
        some = ", ".join(repr(each) for each in [*known.values()][:12])
        return f"Add a [[{self.table}]], or name one of: {some or 'none yet'}."


def _check_references(
    keys: Iterable[Key], entry: Mapping[str, object], seed: CheckedSeed, where: str
) -> None:
    for key in keys:
        value, here = entry[key.name], f"{where}, key '{key.name}'"
        if key.form == "items":
            assert isinstance(value, list)
            for item in value:
                _check_references(key.items, item, seed, here)
        elif key.refers and value is not None:
            for reference in value if isinstance(value, dict) else (value,):
                assert isinstance(reference, str | int)
                if seed.find(key.refers, reference) is None:
                    what = "attribute" if key.form == "table" else f"[[{key.refers}]]"
                    hint = seed.indexes[key.refers].hint(reference)
                    raise SetupError(f"{here}: there is no {what} {reference!r}. {hint}")


def _check_account(seed: Seed) -> None:
    where = f"{seed.name}, [account], key"
    try:
        read_clock(seed.account.clock)
    except ValueError:
        raise SetupError(
            f"{where} 'clock': {seed.account.clock!r} is no clock. Write \"running\", a time like "
            '2026-01-01T12:00:00 at which it stands still, or "running from 2026-01-01T12:00:00".'
        ) from None
    try:
        own = {name: profile_from_table(name, table) for name, table in seed.engagement.items()}
        if seed.account.engagement:
            profile_named(seed.account.engagement, own)
        if seed.account.lag:
            lag_named(seed.account.lag)
    except SetupError as problem:
        raise SetupError(f"{seed.name}: {problem}") from None


def _check_folders(table: Table, seed: CheckedSeed) -> None:
    """Refuse entries in folders for something else, where the service minds it."""
    fields = table.owner.entry_fields if table.owner is not None else {}
    for name, each in fields.items():
        if not isinstance(each, FolderOf) or each.invalid is None:
            continue
        for entry in seed.of(table.name):
            folder = None if entry[name] is None else seed.find("folder", entry[name])
            if folder is not None and folder["content_type"].lower() not in each.content:
                raise SetupError(
                    f"{seed.where(table.name, entry)}, key '{name}': {folder['name']!r} is a folder for "
                    f"{folder['content_type']}. Name one for {', '.join(sorted(each.content))}."
                )


def _check_singles(table: Table, seed: Seed) -> None:
    for key in table.keys:
        found = [entry for entry in seed.of(table.name) if key.single and entry[key.name]]
        if key.single and len(found) != 1:
            raise SetupError(
                f"{seed.name}: {len(found)} {table.name}s say {key.name}, but an account has one such {table.name}. "
                f'Let one [[{table.name}]] say {key.name} = true, or write extends = "default".'
            )
