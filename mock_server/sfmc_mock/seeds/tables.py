"""What a seed file can say: a table for each API object that is declared, and those of the account itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from graphlib import TopologicalSorter
from hashlib import blake2b
from typing import TypeAlias

from sfmc_mock.account.ids import DEFAULT_SEED
from sfmc_mock.objects import HANDLERS
from sfmc_mock.objects.declaration import Key
from sfmc_mock.objects.entries import GREATEST, Entry
from sfmc_mock.objects.stored import StoredObject

VERSION = 1
"""The version of the format that this package reads and writes."""

Reference: TypeAlias = str | int
"""Names an entry of another table: its key or name, or the number that is its `id`."""


@dataclass(frozen=True, kw_only=True)
class AccountTable:
    """`[account]`: who the account is and how it behaves."""

    mid: int = 1234567
    name: str = ""
    seed: str = DEFAULT_SEED
    """What all identifiers and chances are drawn from."""
    clock: str = "running"
    """`running`, a time at which it stands still, or `running from` a time; times are server time."""
    engagement: str = ""
    """Name of the engagement profile; empty leaves it to the server."""
    lag: str = ""
    """Name of the lag profile; empty leaves it to the server."""


ACCOUNT_KEYS = (
    Key("mid", "number", default=AccountTable.mid, low=1, high=GREATEST),
    *(Key(each.name, default=str(each.default)) for each in fields(AccountTable)[1:]),
)


@dataclass(frozen=True)
class Table:
    """A table of which a seed file can have many entries.

    `named_by` are the keys whose text names an entry; the first that says anything counts.
    """

    name: str
    keys: tuple[Key, ...]
    named_by: tuple[str, ...]
    owner: StoredObject | None = None

    @cached_property
    def refers(self) -> set[str]:
        """The tables whose entries must be there before those of this one."""
        return {key.refers for key in self.keys if key.refers} - {self.name}


def _filled(name: str) -> Key:
    return Key(name, required=True, filled=True)


CREDENTIALS = (
    Table("api_user", (_filled("username"), _filled("password")), ("username",)),
    Table("package", (_filled("client_id"), _filled("client_secret")), ("client_id",)),
)
"""Who may call with a UsernameToken, and who gets tokens. Rows of tables called so."""

EXCLUSIONS = (
    Table("domain_exclusion", (_filled("name"), Key("domains", form="texts")), ("name",)),
    Table("suppression_list", (_filled("name"), Key("addresses", form="texts")), ("name",)),
)
"""What is never sent to. Settings of the account."""


@cache
def tables() -> dict[str, Table]:
    """Return the tables in the order in which they are written: each after those that it refers to."""
    objects = (each for each in HANDLERS.values() if isinstance(each, StoredObject))
    known = {each.table: _table_of(each) for each in objects}
    order = TopologicalSorter({name: sorted(each.refers) for name, each in sorted(known.items())})
    found = (*CREDENTIALS, *(known[name] for name in order.static_order()), *EXCLUSIONS)
    return {each.name: each for each in found}


def _table_of(owner: StoredObject) -> Table:
    identities = {each.name: key for key, each in owner.entry_fields.items()}
    named = [identities[name] for name in owner.identities if name in identities]
    names = [name for name in (*named, "name") if name not in ("id", "object_id")]
    known = {key.name for key in owner.keys}
    return Table(
        owner.table,
        owner.keys,
        tuple(dict.fromkeys(each for each in names if each in known)),
        owner,
    )


def identities(table: Table, entry: Mapping[str, object]) -> tuple[Reference, ...]:
    """Return what names an entry: its id, its key, else its name (texts in lower case)."""
    number = entry.get("id")
    found: list[Reference] = [number] if isinstance(number, int) else []
    text = next((str(entry[name]) for name in table.named_by if entry.get(name)), None)
    return (*found, text.casefold()) if text else tuple(found)


@dataclass(frozen=True, kw_only=True)
class Seed:
    """What an account starts from; every reference in it leads somewhere."""

    name: str = "seed"
    """What the seed is called in messages: its file."""
    account: AccountTable = field(default_factory=AccountTable)
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    engagement: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Engagement profiles of the account's own, by name, as `[engagement.NAME]` gives them."""
    chaos: tuple[Mapping[str, object], ...] = ()
    """The chaos rules, as `[[chaos]]` gives them."""

    def of(self, table: str) -> tuple[Entry, ...]:
        """Return the entries of a table."""
        return self.entries.get(table, ())

    def having(self, **entries: Iterable[Entry]) -> Seed:
        """Return the seed with other entries in some of its tables."""
        given = {name: tuple(found) for name, found in entries.items()}
        return replace(self, entries={**self.entries, **given})

    def where(self, table: str, entry: Entry) -> str:
        """Return where an entry stands, for messages."""
        shown = next(reversed(identities(tables()[table], entry)), "")
        return f"{self.name}, [[{table}]] ({shown})"

    @cached_property
    def fingerprint(self) -> str:
        """A text that is the same for seeds that say the same."""
        said = [self.account, sorted(self.entries.items()), sorted(self.engagement.items())]
        return blake2b(repr(said).encode(), digest_size=16).hexdigest()
