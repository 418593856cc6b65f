"""The accounts of a server, each with its handle."""

from __future__ import annotations

import threading

from sfmc_mock.account_contents import choose_profiles
from sfmc_mock.accounts import Accounts
from sfmc_mock.control.account_handle import AccountHandle
from sfmc_mock.errors import NotThere, SfmcMockError
from sfmc_mock.journal import Journal
from sfmc_mock.seeds import parse_seed
from sfmc_mock.settings import Settings
from sfmc_mock.store import sent_messages

PREFIX = "/_mock"


class AccountLookup:
    """Finds, makes and removes the accounts of a server, in any number of threads."""

    def __init__(self, accounts: Accounts, journal: Journal, settings: Settings) -> None:
        self.accounts = accounts
        self.journal = journal
        self.settings = settings
        self._handles: dict[int, AccountHandle] = {}
        self._lock = threading.Lock()

    def mids(self) -> list[int]:
        """Return the MIDs of all accounts of the server."""
        return self.accounts.mids()

    def find(self, mid: int | None = None) -> AccountHandle:
        """Return the handle of an account, of the first one without a MID: always the same for the same account.

        Raises `NotThere` where there is none.
        """
        account = self.accounts.by_mid(mid) if mid is not None else self.accounts.first()
        if account is None:
            known = self.mids()
            shown = ", ".join(str(mid) for mid in known[:10]) + (" …" if len(known) > 10 else "")
            wanted = "no account" if mid is None else f"no account with the MID {mid}"
            hint = f"There are: {shown}." if known else f"Make one: POST {PREFIX}/accounts."
            raise NotThere(f"There is {wanted}. {hint}")
        with self._lock:
            kept = self._handles.get(account.mid)
            if kept is None or kept.account is not account:
                self._forget_gone()
                kept = AccountHandle(account, self.accounts, self.journal)
                self._handles[account.mid] = kept
        return kept

    def _forget_gone(self) -> None:
        """Remove the handles of removed accounts; business units are removed with their enterprise."""
        here = set(map(id, self.accounts))
        for mid in [mid for mid, kept in self._handles.items() if id(kept.account) not in here]:
            del self._handles[mid]

    def fresh(
        self,
        seed: str | None = None,
        *,
        strict: bool | None = None,
        engagement: str | None = None,
        lag: str | None = None,
    ) -> AccountHandle:
        """Return a new account in memory with a MID and credentials of its own.

        `seed` is TOML; without it, the server's is taken. Raises `SetupError`.
        """
        chosen = None if seed is None else parse_seed(seed)
        handle = self.find(self.accounts.fresh(chosen, strict=strict).mid)
        try:
            choose_profiles(handle.account, engagement, lag)
        except SfmcMockError:
            self.remove(handle)
            raise
        return handle

    def remove(self, handle: AccountHandle) -> None:
        """Remove an account from the server; its file stays."""
        handle.remove()
        with self._lock:
            self._forget_gone()

    def about(self, handle: AccountHandle) -> dict[str, object]:
        """Return the summary of an account."""
        enterprise = handle.account.enterprise
        place = {}
        if enterprise is not None:
            place = {"name": handle.account.setting("name"), "business_unit_of": enterprise.mid}
        return {
            "mid": handle.mid,
            **place,
            "kept_in": (enterprise or handle.account).db.path,
            "strict": handle.account.strict,
            "clock": handle.clock.as_json(),
            "holds": sent_messages.counts(handle.account.db),
            "checkpoints": handle.checkpoints,
        }
