"""Contents of accounts: the database that a seed made, as that of a certain account.

Which MID it has, who may call it, and which business unit of which enterprise it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from sfmc_mock.account.account import Account
from sfmc_mock.account.simulation_settings import choose_engagement, choose_lag
from sfmc_mock.seeds import Seed, UnitSeed
from sfmc_mock.store.database import Database

IDENTITY = ("api_user", "package", "token")
"""What a reset keeps, so that callers can go on using an account."""


def choose_profiles(account: Account, engagement: str | None, lag: str | None) -> None:
    """Let an account follow other profiles, where they are named. Raises `SetupError` for unknown ones."""
    with account.db.atomic():
        if engagement is not None:
            choose_engagement(account, engagement)
        if lag is not None:
            choose_lag(account, lag)


def make_its_own(db: Database, mid: int) -> None:
    """Give a copied account a MID and credentials that no other has."""
    with db.atomic():
        for table in IDENTITY:
            db.delete(table)
        db.update("setting", {"value": str(mid)}, name="mid")
        db.insert("api_user", {"username": f"user-{mid}", "password": f"password-{mid}"})
        db.insert("package", {"client_id": f"client-{mid}", "client_secret": f"secret-{mid}"})


@contextmanager
def with_rows(
    content: bytes,
    account: Account,
    kept: Iterable[str],
    profiles: tuple[str | None, str | None] = (None, None),
) -> Iterator[Database]:
    """Show the content with the MID, tables and profiles of an account put in, so that they come in one transaction."""
    db = Database(content=content)
    try:
        with db.atomic():
            _keep_place(db, account)
            for table in kept:
                db.copy_rows(table, account.db)
            if any(profiles):
                choose_profiles(Account(db), *profiles)
        yield db
    finally:
        db.close()


def _keep_place(db: Database, account: Account) -> None:
    """Give a database the MID of an account, and its place in its enterprise."""
    settings = ("mid",) if account.enterprise is None else ("mid", *_PLACE)
    for name in settings:
        if value := account.setting(name):
            db.put("setting", {"name": name, "value": value})


# Business units.

_PLACE = ("enterprise", "parent", "parent_name", "customer_key", "name")
"""Settings that say which business unit an account is."""


def above_of(seed: Seed, unit: UnitSeed, enterprise: int, mids: Sequence[int]) -> tuple[int, str]:
    """Return the MID and the name of the account above a unit."""
    if unit.parent is None:
        return enterprise, seed.account.name
    for other, mid in zip(seed.units, mids, strict=True):
        if other.is_called(unit.parent):
            return mid, other.name
    return enterprise, seed.account.name


def unit_content(
    content: bytes,
    *,
    mid: int,
    name: str,
    enterprise: int,
    above: tuple[int, str],
    key: str | None,
    its_own: bool = False,
    more: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Return the database of a seed as that of a business unit, with `more` settings."""
    settings = {
        "mid": str(mid),
        "name": name,
        "enterprise": str(enterprise),
        "parent": str(above[0]),
        "parent_name": above[1],
        "customer_key": key or "",
        **more,
    }
    db = Database(content=content)
    try:
        with db.atomic():
            for setting, value in settings.items():
                if value:
                    db.put("setting", {"name": setting, "value": value})
            if its_own:
                _name_callers(db, mid)
        return db.content()
    finally:
        db.close()


def _name_callers(db: Database, mid: int) -> None:
    """Give who may call a unit the names that go with its MID: no other account has them."""
    for number, row in enumerate(db.find_all("api_user")):
        name = f"user-{mid}" + (f"-{number}" if number else "")
        db.update("api_user", {"username": name}, username=row["username"])
    for number, row in enumerate(db.find_all("package")):
        name = f"client-{mid}" + (f"-{number}" if number else "")
        db.update("package", {"client_id": name}, client_id=row["client_id"])


def with_identity_of(content: bytes, before: Account | None) -> bytes:
    """Return the database of a unit with the callers that it had before."""
    if before is None:
        return content
    db = Database(content=content)
    try:
        for table in IDENTITY:
            db.copy_rows(table, before.db)
        return db.content()
    finally:
        db.close()


def give_access(db: Database, seed: Seed, mids: Sequence[int]) -> None:
    """Give the users of a seed access to its business units, which have these MIDs."""
    for entry in seed.of("account_user"):
        user = db.find("account_user", user_id=entry["user_id"])
        for unit, mid in zip(seed.units, mids, strict=True):
            if user is not None and any(unit.is_called(name) for name in entry["business_units"]):
                dates = dict.fromkeys(("created_at", "modified_at"), user["created_at"])
                row = {"user_id": user["id"], "mid": mid, **dates}
                db.insert("account_user_account", row)
