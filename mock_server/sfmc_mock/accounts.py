"""The accounts of one server, found by MID, credentials or token."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sfmc_mock.account.account import Account
from sfmc_mock.account.ftp_folder import FtpFolder
from sfmc_mock.account.tokens import Token, find_token, issue_token
from sfmc_mock.account_contents import IDENTITY, Contents, choose_profiles, make_its_own, with_rows
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.diagnostics import Problems
from sfmc_mock.errors import Elsewhere, SetupError, SfmcMockError, StorageFailed
from sfmc_mock.objects import DUE_ACTIONS, schema
from sfmc_mock.operations.asynchronous import DUE_REQUESTS
from sfmc_mock.seeds import Seed, default_seed, read_seed
from sfmc_mock.settings import DURABILITY, MAX_ACCOUNTS
from sfmc_mock.store.account_directory import CLIENT, LIMIT, MID, USER, Directory, Taken
from sfmc_mock.store.business_unit_databases import UnitDatabase, unit_mids
from sfmc_mock.store.database import MEMORY, Database
from sfmc_mock.store.schema import install
from sfmc_mock.store.storage_failures import one_line

# MIDs of fresh accounts; real ones have seven to nine digits.
_FIRST_FRESH_MID = 500_000_001

# The place of accounts behind those that a server began with: they stand in the order of their MIDs.
_LAST = 1_000_000

# Of how many tokens it is kept which account gave them out: the others are looked for in each.
_MOST_FOUND = 2_000


@dataclass(slots=True)
class _Entry:
    """An account, with the MID and credentials that find it."""

    account: Account
    seed: Seed
    engagement: str | None = None
    lag: str | None = None
    place: int = 0
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of its users and packages (`USER`, `CLIENT`), by name."""
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Accounts:
    """All accounts of one server, each found by its MID and by credentials that no other account has.

    Safe to use from many threads. Credentials are kept in memory, as they were when the account was added.
    """

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
        self.strict = strict
        self.durability = durability
        self.read_only = read_only
        self.max_accounts = max_accounts
        self.ftp = None if ftp is None else Path(ftp)
        self.directory = directory
        self.posts_results = posts_results
        self.problems = Problems()
        """Failures of the emulator itself in scheduled actions of accounts."""
        self.seed = _read(seed) if seed is not None else default_seed()
        self._lock = threading.RLock()
        self._by_mid: dict[int, _Entry] = {}
        self._by_name: dict[str, dict[str, _Entry]] = {USER: {}, CLIENT: {}}
        self._by_token: dict[str, Account] = {}
        self.version = 0
        """A number that grows with each added or removed account."""
        self._contents = Contents()
        self._next_mid = _FIRST_FRESH_MID

    def __iter__(self) -> Iterator[Account]:
        """Yield the accounts in the order in which they were added."""
        with self._lock:
            return iter([entry.account for entry in self._by_mid.values()])

    def __len__(self) -> int:
        return len(self._by_mid)

    def mids(self) -> list[int]:
        """Return the MIDs of all accounts of the server, with those of its other processes."""
        if self.directory is not None:
            return self.directory.mids()
        return [account.mid for account in self]

    def first(self) -> Account | None:
        """Return the server's first account."""
        mids = self.mids()
        return self.by_mid(mids[0]) if mids else None

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
                entry = _Entry(self._account(db, strict), chosen, engagement, lag)
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
                raise SetupError(_FULL.format(count))
            mid, units = self._free_mid(), [self._free_mid() for _ in chosen.units]
            db = Database(content=content)
            make_its_own(db, mid)
            self._contents.put_units(db, chosen, units, its_own=True)
            entry = _Entry(self._account(db, strict), chosen, place=_LAST)
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

    def _follow_units(self, entry: _Entry) -> None:
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

    def _serve_unit(self, entry: _Entry, mid: int, place: int) -> None:
        enterprise = entry.account
        db = UnitDatabase(enterprise.db, mid)
        install(db, schema())
        unit = self._account(db, enterprise.strict, enterprise)
        db.on_other_state = unit.forget_memory
        units = entry.seed.units
        # A unit that no seed made goes back to a unit that holds what every account holds.
        seed = units[place].seed if place < len(units) else default_seed()
        self._add(_Entry(unit, seed, place=_LAST))
        enterprise.units[mid] = unit

    def _entry(self, account: Account) -> _Entry:
        entry = self._by_mid.get(account.mid)
        if entry is None or entry.account is not account:
            raise SetupError(f"The account {account.mid} was taken off the server.")
        return entry

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

    def _add(self, entry: _Entry, most: int | None = None) -> None:
        db = entry.account.db
        users, packages = db.find_all("api_user"), db.find_all("package")
        entry.secrets = {
            USER: {row["username"]: row["password"] for row in users},
            CLIENT: {row["client_id"]: row["client_secret"] for row in packages},
        }
        entry.scopes = {
            USER: {row["username"]: str(row["scope"]) for row in users},
            CLIENT: {row["client_id"]: str(row["scope"]) for row in packages},
        }
        with self._lock:
            self._check_unique(entry)
            self._enter(entry, most)
            self._by_mid[entry.account.mid] = entry
            self.version += 1
            for kind, names in entry.secrets.items():
                self._by_name[kind].update(dict.fromkeys(names, entry))

    def _check_unique(self, entry: _Entry) -> None:
        account = entry.account
        if account.mid in self._by_mid:
            raise SetupError(
                f"Two accounts have the MID {account.mid}: {self._by_mid[account.mid].account.db.path} and "
                f"{account.db.path}. Give one another, with mid under [account] in its seed file."
            )
        for kind, names in entry.secrets.items():
            for name in names:
                if (other := self._by_name[kind].get(name)) is not None:
                    raise SetupError(_SHARED.format(kind, name, other.account.mid, account.mid))

    def _enter(self, entry: _Entry, most: int | None) -> None:
        """Enter the account and its tokens into the directory of all processes, which count it, too."""
        if self.directory is None:
            return
        mid = entry.account.mid
        taken = self.directory.enter(mid, entry.place, entry.secrets, most=most)
        if taken is not None:
            raise SetupError(_why_taken(taken, mid))
        for row in entry.account.db.find_all("token"):
            self.directory.enter_token(str(row["token"]), mid)

    def _forget(self, account: Account) -> None:
        for index in self._by_name.values():
            for name in [name for name, entry in index.items() if entry.account is account]:
                del index[name]
        self.version += 1
        for token in [owned for owned, owner in self._by_token.items() if owner is account]:
            del self._by_token[token]
        for mid in [mid for mid, entry in self._by_mid.items() if entry.account is account]:
            del self._by_mid[mid]

    # A call finds its account.

    def by_mid(self, mid: int) -> Account | None:
        """Return the account with the MID."""
        entry = self._by_mid.get(mid)
        if entry is None:
            self._look_elsewhere(MID, str(mid))
            return None
        return entry.account

    def by_password(
        self, username: str, password: str, *, only: int | None = None
    ) -> Account | None:
        """Return the account in which a user has the name and password; with `only`, the one with that MID or none."""
        return self._by_secret(USER, username, password, only)

    def by_client(
        self, client_id: str, client_secret: str, *, only: int | None = None
    ) -> Account | None:
        """Return the account in which a package has the client ID and secret; `only` as with a password."""
        return self._by_secret(CLIENT, client_id, client_secret, only)

    def _by_secret(self, kind: str, name: str, secret: str, only: int | None) -> Account | None:
        entry = self._by_name[kind].get(name)
        if entry is None and only is None:
            self._look_elsewhere(kind, name)
        if entry is None or not _same(entry.secrets[kind][name], secret):
            return None
        return entry.account if _is_at(entry.account, only) else None

    def scope_of_user(self, username: str) -> str:
        """Return the scopes of a user, separated by blanks; empty for all scopes."""
        return self._scope(USER, username)

    def scope_of_package(self, client_id: str) -> str:
        """Return the scopes of a package, separated by blanks; empty for all scopes."""
        return self._scope(CLIENT, client_id)

    def _scope(self, kind: str, name: str) -> str:
        entry = self._by_name[kind].get(name)
        return entry.scopes[kind].get(name, "") if entry is not None else ""

    def by_token(self, token: str, *, only: int | None = None) -> tuple[Account, Token] | None:
        """Return the account that issued the token, and the token, expired or not; `only` as with a password."""
        known = self._by_token.get(token)
        for account in (known,) if known is not None else self:
            record = find_token(account, token)
            if record is not None:
                if known is None:
                    self._keep_token(token, account)
                return (account, record) if _is_at(account, only) else None
        if self.directory is not None and only is None:
            self._send_to(self.directory.worker_of_token(token))
        return None

    def _keep_token(self, token: str, account: Account) -> None:
        with self._lock:
            entry = self._by_mid.get(account.mid)
            if entry is None or entry.account is not account:
                # It was removed meanwhile.
                return
            put_bounded(self._by_token, token, account, _MOST_FOUND)

    def issue_token(self, account: Account, client_id: str, scope: str = "") -> tuple[str, int]:
        """Return a new token for a package of an account, and the number of seconds for which callers may use it.

        `scope` are the scopes of its caller, separated by blanks; empty for all scopes.
        """
        token, seconds = issue_token(account, client_id, scope)
        if self.directory is not None:
            self.directory.enter_token(token, account.mid)
        return token, seconds

    def _look_elsewhere(self, kind: str, name: str) -> None:
        """Raise `Elsewhere` when another process has the account with that name."""
        if self.directory is not None:
            self._send_to(self.directory.worker_of(kind, name))

    def _send_to(self, worker: int | None) -> None:
        assert self.directory is not None
        if worker not in (None, self.directory.worker):
            raise Elsewhere(worker)


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


def _is_at(account: Account, only: int | None) -> bool:
    """Say whether an address is that of the account, or that of its enterprise."""
    if only is None or only == account.mid:
        return True
    return account.enterprise is not None and account.enterprise.mid == only


def _why_taken(taken: Taken, mid: int) -> str:
    if taken.kind == LIMIT:
        return _FULL.format(int(taken.name))
    if taken.kind == MID:
        return f"Two accounts have the MID {mid}. Give one another, with mid under [account] in its seed file."
    return _SHARED.format(taken.kind, taken.name, taken.mid, mid)


_FULL = (
    "This server has {:,} accounts, the most that it may. Remove one (DELETE /_mock/accounts/<mid>), or start it with "
    "a larger --max-accounts."
)

_SHARED = (
    "The {} '{}' belongs to two accounts, {} and {}. A call is answered by the account of its credentials: give each "
    "its own in the seed files."
)


def _read(seed: Seed | str | Path) -> Seed:
    return seed if isinstance(seed, Seed) else read_seed(seed)


def _same(kept: str, given: str) -> bool:
    return hmac.compare_digest(kept.encode(), given.encode("utf-8", "surrogatepass"))
