"""What must hold between the entries of a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sfmc_mock.account.folders import CONTENT_TYPES, EMAIL_CONTENT, LIST_CONTENT
from sfmc_mock.clock import parse_time
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds.tables import (
    TABLES,
    Entry,
    Folder,
    Reference,
    Seed,
    identities,
)
from sfmc_mock.simulator.decisions import is_valid_address
from sfmc_mock.simulator.profiles import lag_named, profile_from_table, profile_named

_RUNNING = "running"
_RUNNING_FROM = "running from "


def check(seed: Seed) -> None:
    """Raise `SetupError` for the first thing that does not hold."""
    _check_account(seed)
    indexes = {table: _Index(seed, table) for table in TABLES}
    for table in TABLES:
        for entry in getattr(seed, table):
            _check_references(entry, indexes, _where(seed, table, entry))
    _check_folders(seed, indexes["folder"])
    _check_contents(seed, indexes["folder"])
    _check_master_list(seed)
    _check_subscribers(seed)


def read_clock(text: str) -> tuple[bool, datetime | None]:
    """Return whether the clock runs, and what it shows at first; None for the real time. Raises `ValueError`."""
    wanted = text.strip()
    if wanted == _RUNNING:
        return True, None
    if wanted.startswith(_RUNNING_FROM):
        return True, parse_time(wanted.removeprefix(_RUNNING_FROM))
    return False, parse_time(wanted)


class _Index:
    """The entries of a table by what names them. Raises `SetupError` when two are named alike."""

    def __init__(self, seed: Seed, table: str) -> None:
        self.table = table
        self.entries: tuple[Entry, ...] = getattr(seed, table)
        self.found: dict[Reference, Entry] = {}
        self.names: dict[Reference, list[Entry]] = {}
        object_ids: set[str | None] = set()
        for entry in self.entries:
            for identity in identities(entry):
                if identity in self.found:
                    raise SetupError(
                        f"{_where(seed, table, entry)}: there are two entries called {identity!r}. "
                        "Take one out, or give it another id, key or name."
                    )
                self.found[identity] = entry
            object_id = getattr(entry, "object_id", None)
            if object_id is not None and object_id in object_ids:
                raise SetupError(
                    f"{_where(seed, table, entry)}, key 'object_id': {object_id} stands at another entry, too. "
                    "Leave it out to get a fresh one."
                )
            object_ids.add(object_id)
            name = str(getattr(entry, "name", "")).casefold()
            self.names.setdefault(name, []).append(entry)

    def find(self, reference: Reference) -> Entry | None:
        wanted = reference.casefold() if isinstance(reference, str) else reference
        named = self.names.get(wanted, [])
        return self.found.get(wanted) or (named[0] if len(named) == 1 else None)

    def hint(self, reference: Reference) -> str:
        known = {
            each.casefold(): each
            for entry in self.entries
            for each in (getattr(entry, "key", None), getattr(entry, "name", None))
            if each
        }
        near = get_close_matches(str(reference).casefold(), known, n=1, cutoff=0.5)
        if near:
            return f"Did you mean {known[near[0]]!r}?"
        some = ", ".join(repr(each) for each in [*known.values()][:12])
        return f"Add a [[{self.table}]], or name one of: {some or 'none yet'}."


def _where(seed: Seed, table: str, entry: Entry) -> str:
    shown = next((each for each in reversed(identities(entry))), "")
    return f"{seed.name}, [[{table}]] ({shown})"


def _check_references(entry: Any, indexes: Mapping[str, _Index], where: str) -> None:
    for each in fields(entry):
        value = getattr(entry, each.name)
        here = f"{where}, key '{each.name}'"
        table = each.metadata.get("refers")
        if table is not None and value is not None and indexes[table].find(value) is None:
            raise SetupError(
                f"{here}: there is no [[{table}]] {value!r}. {indexes[table].hint(value)}"
            )
        if "items" in each.metadata:
            for item in value:
                _check_references(item, indexes, here)


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


def _check_folders(seed: Seed, index: _Index) -> None:
    for folder in seed.folder:
        where = _where(seed, "folder", folder)
        if folder.content_type.lower() not in CONTENT_TYPES:
            near = get_close_matches(folder.content_type.lower(), CONTENT_TYPES, n=1)
            hint = f"Did you mean {near[0]}?" if near else ", ".join(sorted(CONTENT_TYPES))
            raise SetupError(
                f"{where}, key 'content_type': {folder.content_type!r} is not known. {hint}"
            )
        seen: list[Folder] = []
        current: Folder = folder
        while current.parent is not None:
            parent = index.find(current.parent)
            assert isinstance(parent, Folder)
            if parent.content_type.lower() != folder.content_type.lower():
                raise SetupError(
                    f"{where}, key 'parent': {parent.name!r} is a folder for {parent.content_type}, not for "
                    f"{folder.content_type}. Name one of the same content type."
                )
            if any(parent is each for each in seen) or parent is folder:
                raise SetupError(f"{where}, key 'parent': the folders stand in a circle. Break it.")
            seen.append(parent)
            current = parent


def _check_contents(seed: Seed, index: _Index) -> None:
    """Refuse lists and emails in folders for something else."""
    for table, kinds in (("list", LIST_CONTENT), ("email", EMAIL_CONTENT)):
        for entry in getattr(seed, table):
            found = None if entry.folder is None else index.find(entry.folder)
            if isinstance(found, Folder) and found.content_type.lower() not in kinds:
                raise SetupError(
                    f"{_where(seed, table, entry)}, key 'folder': {found.name!r} is a folder for {found.content_type}. "
                    f"Name one for {', '.join(sorted(kinds))}."
                )


def _check_master_list(seed: Seed) -> None:
    masters = [each for each in seed.list if each.is_all_subscribers]
    if len(masters) != 1:
        raise SetupError(
            f"{seed.name}, [[list]]: {len(masters)} lists say is_all_subscribers, but an account has one such list. "
            'Let one [[list]] say is_all_subscribers = true, or write extends = "default".'
        )


def _check_subscribers(seed: Seed) -> None:
    known = {each.name.casefold(): each.name for each in seed.profile_attribute}
    for subscriber in seed.subscriber:
        where = _where(seed, "subscriber", subscriber)
        if not is_valid_address(subscriber.email):
            raise SetupError(
                f"{where}, key 'email': {subscriber.email!r} is no address. Write it as name@domain.tld."
            )
        for name in subscriber.attributes:
            if name.casefold() not in known:
                near = get_close_matches(name.casefold(), known, n=1)
                hint = (
                    f"Did you mean {known[near[0]]!r}?" if near else "Add a [[profile_attribute]]."
                )
                raise SetupError(
                    f"{where}, key 'attributes': there is no attribute {name!r}. {hint}"
                )
