"""The accounts of one server: they are opened from files, made from seeds, reset and removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sfmc_mock.account.account import Account
from sfmc_mock.account.ftp_folder import FtpFolder
from sfmc_mock.account_contents import IDENTITY, Contents, choose_profiles, make_its_own, with_rows
from sfmc_mock.account_index import SERVER_IS_FULL, AccountEntry, AccountIndex
from sfmc_mock.diagnostics import Problems
from sfmc_mock.errors import SetupError, SfmcMockError, StorageFailed
from sfmc_mock.objects import DUE_ACTIONS, schema
from sfmc_mock.operations.asynchronous import DUE_REQUESTS
from sfmc_mock.seeds import Seed, default_seed, read_seed
from sfmc_mock.settings import DURABILITY, MAX_ACCOUNTS
from sfmc_mock.store.account_directory import Directory
from sfmc_mock.store.business_unit_databases import UnitDatabase, unit_mids
from sfmc_mock.store.database import MEMORY, Database
from sfmc_mock.store.schema import install
from sfmc_mock.store.storage_failures import one_line

# MIDs of fresh accounts; real ones have seven to nine digits.
_FIRST_FRESH_MID = 500_000_001

# The place of accounts behind those that a server began with: they stand in the order of their MIDs.
_LAST = 1_000_000


class Accounts(AccountIndex):
    """All accounts of one server, which opens, makes, resets and removes them. Safe to use from many threads."""

    def __init__(
        self,
        *,
        strict: bool = False,
        seed: Seed | str | Path | None = None,
        durability: str = DURABILITY,
        read_only: bool = False,
        ftp: str | Path | None = None,
        max_accounts: int = MAX_ACCOUNTS,
        directory: Directory | None = None,
        posts_results: bool = True,
    ) -> None:
        """Begin with no account; `strict` and `seed` (a seed or its file) are the defaults of accounts.

        `durability` is that of files, `read_only` says whether files are only read, `ftp` is the folder for the FTP
        folders of accounts, `max_accounts` the greatest number of fresh accounts (`Settings`).
        Without `posts_results` no results of asynchronous requests are posted to callers.
        With a `directory` these are the accounts of one process of several: looking up an account of another process
        raises `Elsewhere`.
        Raises `SetupError` when the seed file cannot be used.
        """
        super().__init__(directory)
        self.strict = strict
        self.durability = durability
        self.read_only = read_only
        self.max_accounts = max_accounts
        self.ftp = None if ftp is None else Path(ftp)
        self.posts_results = posts_results
        self.problems = Problems()
        """Failures of the emulator itself in scheduled actions of accounts."""
        self.seed = _read(seed) if seed is not None else default_seed()
        self._contents = Contents()
        self._next_mid = _FIRST_FRESH_MID

    # Accounts come and go.

    def open(
        self,
        path: str | Path = MEMORY,
        seed: Seed | str | Path | None = None,
        *,
        strict: bool | None = None,
        engagement: str | None = None,
        lag: str | None = None,
        place: int | None = None,
    ) -> Account:
        """Return the account in a file, or a new one in memory; a fresh one is made from the seed.

        An account that a file already has is not changed by the seed. `engagement` and `lag` name its profiles, now and
        after each reset; `place` is its place among all of the server's, by default
        the last. Raises `SetupError` when the file cannot be used, when a profile is not known, or when an account here
        has the same MID or credentials.
        """
        chosen = self.seed if seed is None else _read(seed)
        content = self._contents.of(chosen)

        def made() -> bytes:
            mids = [unit.seed.account.mid for unit in chosen.units]
            return self._contents.with_units(content, chosen, mids)

        in_memory = str(path) == MEMORY
        db = Database(
            path,
            # Memory begins with it; what a file holds has to be looked at first.
            content=made() if in_memory else None,
            durability=self.durability,
            read_only=self.read_only,
        )
        try:
            with damage_named(path):
                is_fresh = in_memory or db.find("setting", name="mid") is None
                if is_fresh and not in_memory:
                    db.replace_content(made())
                untrusted = not is_fresh and not db.is_sealed()
                install(db, schema(), again=untrusted)
                entry = AccountEntry(self._account(db, strict), chosen, engagement, lag)
                entry.place = _LAST if place is None else place
                db.seal(untrusted=untrusted)
                choose_profiles(entry.account, entry.engagement, entry.lag)
                self._add(entry)
                self._follow_units(entry)
        except BaseException:
            db.discard()
            raise
        return entry.account

    def fresh(
        self, seed: Seed | str | Path | None = None, *, strict: bool | None = None
    ) -> Account:
        """Return a new account in memory with its own MID and credentials, which `credentials` returns.

        Raises `SetupError` for an invalid seed, and when there are `max_accounts` already.
        """
        chosen = self.seed if seed is None else _read(seed)
        content = self._contents.of(chosen)
        with self._lock:
            if (count := len(self.mids())) >= self.max_accounts:
                raise SetupError(SERVER_IS_FULL.format(count))
            mid, units = self._free_mid(), [self._free_mid() for _ in chosen.units]
            db = Database(content=content)
            make_its_own(db, mid)
            self._contents.put_units(db, chosen, units, its_own=True)
            entry = AccountEntry(self._account(db, strict), chosen, place=_LAST)
            try:
                self._add(entry, most=self.max_accounts)
            except SetupError:
                db.close()
                raise
            self._follow_units(entry)
        return entry.account

    def remove(self, account: Account) -> None:
        """Remove an account with its business units and close its database; its file stays.

        Raises `SetupError` for a business unit, which is a part of its enterprise.
        """
        if account.enterprise is not None:
            raise SetupError(
                f"The account {account.mid} is a business unit of {account.enterprise.mid}: take that one off."
            )
        for each in (*account.units.values(), account):
            self._let_go(each)
            if self.directory is not None:
                self.directory.leave(each.mid)

    def close(self) -> None:
        """Remove all accounts and close their databases."""
        for account in self:
            if account.enterprise is None:
                for each in (*account.units.values(), account):
                    self._let_go(each)

    def _let_go(self, account: Account) -> None:
        with self._lock:
            self._forget(account)
        account.files.close()
        account.db.close()

    def reset(self, account: Account) -> None:
        """Reset an account to the state of its seed; its MID, credentials and tokens stay.

        An account that was found in a file gets the state of the seed that was given with it.
        """
        with self._lock:
            self.replace(account, self._entry(account).seed)

    def replace(self, account: Account, seed: Seed) -> None:
        """Replace the content of an account by a seed, now and at each reset; its MID, credentials and tokens stay."""
        with self._lock:
            entry, content = self._entry(account), self._contents.of(seed)
            with account.db.lock:
                with with_rows(content, account, IDENTITY, (entry.engagement, entry.lag)) as db:
                    if seed.units or account.units:
                        mids = self._mids_again(account, seed)
                        content = self._contents.with_units(db.content(), seed, mids, account)
                        self._put(account, content)
                    else:
                        self._put(account, db)
                account.files.close()
            entry.seed = seed
            self._follow_units(entry)

    def restore(self, account: Account, content: bytes) -> None:
        """Return an account to an earlier content; tokens that were issued since stay valid."""
        with self._lock:
            entry = self._entry(account)
            with account.db.lock:
                tokens = {mid: unit.db.find_all("token") for mid, unit in account.units.items()}
                with with_rows(content, account, ("token",)) as db:
                    self._put(account, db)
            self._follow_units(entry)
            for mid, rows in tokens.items():
                if mid in account.units:
                    with account.units[mid].db.atomic():
                        account.units[mid].db.delete("token")
                        for row in rows:
                            account.units[mid].db.insert("token", row)

    def _put(self, account: Account, content: bytes | Database) -> None:
        account.db.replace_content(content)
        account.forget_memory()

    # Business units: accounts whose databases are kept in that of their enterprise.

    def _mids_again(self, account: Account, seed: Seed) -> list[int]:
        """Return the MIDs for a seed's units: existing units keep theirs, in their order."""
        mids = list(account.units)[: len(seed.units)]
        for unit in seed.units[len(mids) :]:
            wanted = unit.seed.account.mid
            taken = wanted in self._by_mid or wanted in mids
            mids.append(self._free_mid() if taken else wanted)
        return mids

    def _make_unit(
        self, enterprise: Account, mid: int, above: Account, settings: Mapping[str, str]
    ) -> None:
        """Write a business unit that a call creates; `follow_units` opens it when the account is free again."""
        self._contents.put_made_unit(enterprise, mid, above, settings)
        enterprise.has_new_units = True

    def follow_units(self, account: Account) -> None:
        """Open the business units that calls have created."""
        with self._lock:
            account.has_new_units = False
            self._follow_units(self._entry(account))

    def _follow_units(self, entry: AccountEntry) -> None:
        """Open the business units of an enterprise's database, and close all others."""
        enterprise = entry.account
        # A call that changes the clock meanwhile would be overtaken by what a unit reads of it.
        with self._lock, enterprise.db.lock:
            mids = unit_mids(enterprise.db)
            for mid in [each for each in enterprise.units if each not in mids]:
                self._let_go(enterprise.units.pop(mid))
            for place, mid in enumerate(mids):
                if mid not in enterprise.units:
                    self._serve_unit(entry, mid, place)
                else:
                    enterprise.units[mid].forget_memory()

    def _serve_unit(self, entry: AccountEntry, mid: int, place: int) -> None:
        enterprise = entry.account
        db = UnitDatabase(enterprise.db, mid)
        install(db, schema())
        unit = self._account(db, enterprise.strict, enterprise)
        db.on_other_state = unit.forget_memory
        units = entry.seed.units
        # A unit that no seed made goes back to a unit that holds what every account holds.
        seed = units[place].seed if place < len(units) else default_seed()
        self._add(AccountEntry(unit, seed, place=_LAST))
        enterprise.units[mid] = unit

    def _account(
        self, db: Database, strict: bool | None, enterprise: Account | None = None
    ) -> Account:
        chosen = self.strict if strict is None else strict
        account = Account(
            db,
            strict=chosen,
            due_actions={**DUE_ACTIONS, **DUE_REQUESTS},
            enterprise=enterprise,
        )
        account.files = FtpFolder(self._ftp_path(account))
        account.problems = self.problems
        account.posts_results = self.posts_results
        if enterprise is None:
            account.make_unit = partial(self._make_unit, account)
        return account

    def _ftp_path(self, account: Account) -> Path | None:
        """Return the path of the FTP folder of an account, None for a temporary one."""
        if self.ftp is not None:
            return self.ftp / str(account.mid)
        owner = account.enterprise or account
        if owner.db.in_memory:
            return None
        # Each business unit has its own (documented), beside that of its enterprise.
        return Path(f"{owner.db.path}.ftp" + (f".{account.mid}" if owner is not account else ""))

    def _free_mid(self) -> int:
        if self.directory is not None:
            return self.directory.claim_mid(_FIRST_FRESH_MID)
        while self._next_mid in self._by_mid:
            self._next_mid += 1
        self._next_mid += 1
        return self._next_mid - 1


@dataclass(frozen=True, slots=True)
class OwnCredentials:
    """The default credentials of an account: its first user and its first package."""

    mid: int
    username: str
    password: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)


def credentials(account: Account) -> OwnCredentials:
    """Return the credentials of the account; empty texts for missing ones."""
    user = next(iter(account.db.find_all("api_user")), {})
    package = next(iter(account.db.find_all("package")), {})
    return OwnCredentials(
        account.mid,
        str(user.get("username", "")),
        str(user.get("password", "")),
        str(package.get("client_id", "")),
        str(package.get("client_secret", "")),
    )


@contextmanager
def damage_named(path: str | Path) -> Iterator[None]:
    """Raise `SetupError` for an error in the block that comes from a damaged file."""
    try:
        yield
    except StorageFailed as problem:
        raise SetupError(str(problem)) from problem
    except SfmcMockError:
        raise
    except Exception as problem:
        if str(path) == MEMORY:
            raise
        raise SetupError(
            f"{path} cannot be used as an account: what it holds cannot be read ({one_line(problem)}). Put a "
            "copy of it in its place."
        ) from problem


def _read(seed: Seed | str | Path) -> Seed:
    return seed if isinstance(seed, Seed) else read_seed(seed)
