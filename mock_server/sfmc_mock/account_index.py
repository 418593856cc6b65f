"""The accounts of one server by their MIDs, credentials and tokens."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sfmc_mock.account.account import Account
from sfmc_mock.account.tokens import Token, find_token, issue_token
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.errors import Elsewhere, SetupError
from sfmc_mock.seeds import Seed
from sfmc_mock.store.account_directory import CLIENT, LIMIT, MID, USER, Directory, Taken

# Of how many tokens it is kept which account gave them out: the others are looked for in each.
_MOST_FOUND = 2_000


@dataclass(slots=True)
class AccountEntry:
    """An account, with the MID and credentials that find it."""

    account: Account
    seed: Seed
    engagement: str | None = None
    lag: str | None = None
    place: int = 0
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of its users and packages (`USER`, `CLIENT`), by name."""
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class AccountIndex:
    """Finds the accounts of a server by MIDs, by credentials that no other account has, and by tokens.

    Safe to use from many threads. Credentials are kept in memory, as they were when the account was added.
    """

    def __init__(self, directory: Directory | None) -> None:
        """Begin with no account; with a `directory` these are the accounts of one process of several."""
        self.directory = directory
        self.version = 0
        """A number that grows with each added or removed account."""
        self._lock = threading.RLock()
        self._by_mid: dict[int, AccountEntry] = {}
        self._by_name: dict[str, dict[str, AccountEntry]] = {USER: {}, CLIENT: {}}
        self._by_token: dict[str, Account] = {}

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

    # Accounts come and go.

    def _entry(self, account: Account) -> AccountEntry:
        entry = self._by_mid.get(account.mid)
        if entry is None or entry.account is not account:
            raise SetupError(f"The account {account.mid} was taken off the server.")
        return entry

    def _add(self, entry: AccountEntry, most: int | None = None) -> None:
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

    def _check_unique(self, entry: AccountEntry) -> None:
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

    def _enter(self, entry: AccountEntry, most: int | None) -> None:
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


def _is_at(account: Account, only: int | None) -> bool:
    """Say whether an address is that of the account, or that of its enterprise."""
    if only is None or only == account.mid:
        return True
    return account.enterprise is not None and account.enterprise.mid == only


def _why_taken(taken: Taken, mid: int) -> str:
    if taken.kind == LIMIT:
        return SERVER_IS_FULL.format(int(taken.name))
    if taken.kind == MID:
        return f"Two accounts have the MID {mid}. Give one another, with mid under [account] in its seed file."
    return _SHARED.format(taken.kind, taken.name, taken.mid, mid)


SERVER_IS_FULL = (
    "This server has {:,} accounts, the most that it may. Remove one (DELETE /_mock/accounts/<mid>), or start it with "
    "a larger --max-accounts."
)

_SHARED = (
    "The {} '{}' belongs to two accounts, {} and {}. A call is answered by the account of its credentials: give each "
    "its own in the seed files."
)


def _same(kept: str, given: str) -> bool:
    return hmac.compare_digest(kept.encode(), given.encode("utf-8", "surrogatepass"))
