"""Contents of accounts: databases made from seeds, each adapted to one account.

Adapted are its MID, its callers, and its place as a business unit of an enterprise.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

from sfmc_mock.account.account import Account
from sfmc_mock.account.simulation_settings import choose_engagement, choose_lag
from sfmc_mock.account.users import name_with_mid
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.seeds import Seed, UnitSeed, default_seed, load
from sfmc_mock.store.business_unit_databases import put_unit
from sfmc_mock.store.database import Database

# How many databases made from seeds are kept to copy from; each takes a third of a megabyte or more.
_MOST_MADE = 32

IDENTITY = ("api_user", "package", "token")
"""The tables that a reset keeps, so that callers can continue to use an account."""
CALLERS = {"api_user": "username", "package": "client_id"}
"""The tables of callers, and the column of their names."""


def choose_profiles(account: Account, engagement: str | None, lag: str | None) -> None:
    """Choose the profiles of an account, where they are named. Raises `SetupError` for unknown ones."""
    with account.db.atomic():
        if engagement is not None:
            choose_engagement(account, engagement)
        if lag is not None:
            choose_lag(account, lag)


def make_its_own(db: Database, mid: int) -> None:
    """Give a copied account a new MID and new credentials; those of its seed are kept, with the MID behind the name."""
    with db.atomic():
        seeded = {table: _seeded_callers(db, table, name, mid) for table, name in CALLERS.items()}
        for table in IDENTITY:
            db.delete(table)
        db.update("setting", {"value": str(mid)}, name="mid")
        db.insert("api_user", {"username": f"user-{mid}", "password": f"password-{mid}"})
        db.insert("package", {"client_id": f"client-{mid}", "client_secret": f"secret-{mid}"})
        for table, rows in seeded.items():
            for row in rows:
                db.insert(table, row)


def _seeded_callers(db: Database, table: str, name: str, mid: int) -> list[dict[str, object]]:
    """Return the users or packages of the seed, renamed, without those that an account has when its seed has none."""
    usual = [dict(entry) for entry in default_seed().of(table)]
    return [
        {**row, name: name_with_mid(str(row[name]), mid)}
        for row in db.find_all(table)
        if row not in usual
    ]


@contextmanager
def with_rows(
    content: bytes,
    account: Account,
    kept: Iterable[str],
    profiles: tuple[str | None, str | None] = (None, None),
) -> Iterator[Database]:
    """Yield the content with the MID, tables and profiles of an account, so that one transaction can replace all."""
    with closing(Database(content=content)) as db:
        with db.atomic():
            _keep_place(db, account)
            for table in kept:
                db.copy_rows(table, account.db)
            if any(profiles):
                choose_profiles(Account(db), *profiles)
        yield db


def _keep_place(db: Database, account: Account) -> None:
    """Give a database the MID of an account, and its place in its enterprise."""
    settings = ("mid",) if account.enterprise is None else ("mid", *_PLACE)
    for name in settings:
        if value := account.setting(name):
            db.put("setting", {"name": name, "value": value})


# Business units.

_PLACE = ("enterprise", "parent", "parent_name", "customer_key", "name")
"""The settings of an account that is a business unit."""


class Contents:
    """The databases made from seeds, each made once. Safe to use from many threads."""

    def __init__(self) -> None:
        self._made: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def of(self, seed: Seed) -> bytes:
        """Return the database of a seed, without its business units."""
        with self._lock:
            made = self._made.get(seed.fingerprint)
            if made is None:
                with closing(Database()) as db:
                    load(Account(db), seed)
                    made = db.content()
                put_bounded(self._made, seed.fingerprint, made, _MOST_MADE)
            return made

    def with_units(
        self, content: bytes, seed: Seed, mids: Sequence[int], before: Account | None = None
    ) -> bytes:
        """Return the database of an enterprise with the business units of a seed in it.

        `before` is the present account: its units keep their callers.
        """
        if not seed.units:
            return content
        with closing(Database(content=content)) as db:
            self.put_units(db, seed, mids, before)
            return db.content()

    def put_units(
        self,
        db: Database,
        seed: Seed,
        mids: Sequence[int],
        before: Account | None = None,
        *,
        its_own: bool = False,
    ) -> None:
        """Put the business units of a seed, which get these MIDs, into the database of an enterprise.

        With `its_own`, the names of their callers end with their MIDs.
        """
        if not seed.units:
            return
        enterprise = int(str(db.rows("SELECT value FROM setting WHERE name = 'mid'")[0][0]))
        for unit, mid in zip(seed.units, mids, strict=True):
            settings = {
                **_place(mid, enterprise, *_above(seed, unit, enterprise, mids)),
                "name": unit.name,
                "customer_key": unit.key or "",
            }
            callers = before.units.get(mid) if before is not None else None
            content = self._unit(unit.nameless, settings, callers, its_own=its_own)
            put_unit(db, mid, content)
        _give_access(db, seed, mids)

    def put_made_unit(
        self, enterprise: Account, mid: int, above: Account, settings: Mapping[str, str]
    ) -> None:
        """Put a business unit that a call creates into the database of its enterprise."""
        place = _place(mid, enterprise.mid, above.mid, above.setting("name"))
        content = self._unit(default_seed().uncallable, {**place, **settings})
        put_unit(enterprise.db, mid, content)

    def _unit(
        self,
        seed: Seed,
        settings: Mapping[str, str],
        callers: Account | None = None,
        *,
        its_own: bool = False,
    ) -> bytes:
        """Return the database of a seed as that of a business unit, with the callers of an account."""
        with closing(Database(content=self.of(seed))) as db:
            with db.atomic():
                for name, value in settings.items():
                    if value:
                        db.put("setting", {"name": name, "value": value})
                if its_own:
                    _name_callers(db, int(settings["mid"]))
                if callers is not None:
                    for table in IDENTITY:
                        db.copy_rows(table, callers.db)
            return db.content()


def _place(mid: int, enterprise: int, parent: int, parent_name: str) -> dict[str, str]:
    return {
        "mid": str(mid),
        "enterprise": str(enterprise),
        "parent": str(parent),
        "parent_name": parent_name,
    }


def _above(seed: Seed, unit: UnitSeed, enterprise: int, mids: Sequence[int]) -> tuple[int, str]:
    """Return the MID and the name of the account above a unit."""
    for other, mid in zip(seed.units, mids, strict=True):
        if unit.parent is not None and other.is_called(unit.parent):
            return mid, other.name
    return enterprise, seed.account.name


def _name_callers(db: Database, mid: int) -> None:
    """Put the MID of a unit behind the names of its callers, so that no other account has them."""
    for table, name in CALLERS.items():
        for row in db.find_all(table):
            db.update(table, {name: name_with_mid(str(row[name]), mid)}, **{name: row[name]})


def _give_access(db: Database, seed: Seed, mids: Sequence[int]) -> None:
    """Give the users of a seed access to its business units, which have these MIDs."""
    for entry in seed.of("account_user"):
        user = db.find("account_user", user_id=entry["user_id"])
        for unit, mid in zip(seed.units, mids, strict=True):
            if user is not None and any(unit.is_called(name) for name in entry["business_units"]):
                dates = dict.fromkeys(("created_at", "modified_at"), user["created_at"])
                row = {"user_id": user["id"], "mid": mid, **dates}
                db.insert("account_user_account", row)
