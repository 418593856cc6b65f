"""The tables of a seed file: one for each API object that is declared, and those of the account itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from graphlib import TopologicalSorter
from hashlib import blake2b

from sfmc_mock.account.setup import EXCLUDED, AccountSetup
from sfmc_mock.declarations.seed_keys import Entry, Key, Table
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS

VERSION = 1
"""The version of the format that this package reads and writes."""

ACCOUNT_KEYS = (
    Key("mid", "number", default=AccountSetup.mid, low=1),
    *(Key(field.name, default=str(field.default)) for field in fields(AccountSetup)[1:]),
)


def _filled(name: str) -> Key:
    return Key(name, required=True, filled=True)


# Scopes with blanks between; without it, everything is allowed.
_SCOPE = Key("scope", default="")

CREDENTIALS = (
    Table("api_user", (_filled("username"), _filled("password"), _SCOPE), ("username",)),
    Table("package", (_filled("client_id"), _filled("client_secret"), _SCOPE), ("client_id",)),
)
"""The tables of callers: with a UsernameToken, and with tokens; the rows of the account have the same names."""

UNIT_KEYS = (_filled("name"), Key("mid", "number", low=1), Key("key"), Key("parent"))
"""The keys of a business unit in `[[business_unit]]`; the tables of its entry are those of an account."""

EXCLUSIONS = tuple(
    Table(name, (_filled("name"), Key(key, form="texts")), ("name",))
    for name, (_, key) in EXCLUDED.items()
)
"""The tables of addresses that are never sent to: settings of the account."""


@cache
def owners() -> tuple[StoredObject, ...]:
    """Return the API objects that have a table, each after those to which its entries refer."""
    objects = (handler for handler in HANDLERS.values() if isinstance(handler, StoredObject))
    known = {handler.table: handler for handler in objects}
    refers = {name: sorted(known[name].seed_table.refers) for name in sorted(known)}
    return tuple(known[name] for name in TopologicalSorter(refers).static_order())


@cache
def tables() -> dict[str, Table]:
    """Return the tables in the order in which they are written."""
    known = (*CREDENTIALS, *(owner.seed_table for owner in owners()), *EXCLUSIONS)
    return {table.name: table for table in known}


@dataclass(frozen=True, kw_only=True)
class Seed:
    """The first state of an account; every reference in it has its entry."""

    name: str = "seed"
    """The name of the seed in messages: its file."""
    account: AccountSetup = field(default_factory=AccountSetup)
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    engagement: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Engagement profiles of the account's own, by name, as `[engagement.NAME]` gives them."""
    chaos: tuple[Mapping[str, object], ...] = ()
    """The chaos rules, as `[[chaos]]` gives them."""
    units: tuple[UnitSeed, ...] = ()
    """The business units below the account, each a seed of its own."""

    def of(self, table: str) -> tuple[Entry, ...]:
        """Return the entries of a table."""
        return self.entries.get(table, ())

    def having(self, **entries: Iterable[Entry]) -> Seed:
        """Return the seed with other entries in some of its tables."""
        given = {name: tuple(named) for name, named in entries.items()}
        return replace(self, entries={**self.entries, **given})

    @property
    def uncallable(self) -> Seed:
        """The seed without any callers."""
        return self.having(**dict.fromkeys([table.name for table in CREDENTIALS], ()))

    def where(self, table: str, entry: Entry) -> str:
        """Return where an entry stands, for messages."""
        return tables()[table].where(entry, self.name)

    @cached_property
    def fingerprint(self) -> str:
        """A text that is equal for seeds with the same content, except their business units."""
        entries, profiles = sorted(self.entries.items()), sorted(self.engagement.items())
        said = [self.account, entries, profiles, self.chaos]
        return blake2b(repr(said).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, kw_only=True)
class UnitSeed:
    """A business unit: its seed, its key, and the name or key of the unit above it, if there is one."""

    seed: Seed
    key: str | None = None
    parent: str | None = None

    @property
    def name(self) -> str:
        return self.seed.account.name

    @property
    def said(self) -> Entry:
        """The values of its entry for `UNIT_KEYS`."""
        mid = self.seed.account.mid
        return {"name": self.name, "mid": mid, "key": self.key, "parent": self.parent}

    @property
    def nameless(self) -> Seed:
        """The seed of the unit without its name and MID, which several units often share."""
        plain = replace(self.seed.account, name="", mid=AccountSetup.mid)
        return replace(self.seed, account=plain)

    def is_called(self, name: str) -> bool:
        """Say whether a name or key is that of this unit."""
        return name.casefold() in {self.name.casefold(), (self.key or self.name).casefold()}
