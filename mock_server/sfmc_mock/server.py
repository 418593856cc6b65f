"""`MockServer`: the emulator in a thread, for tests and programs that control it."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sfmc_mock.app import ENDPOINT, WSDL_PATH, Application, OnExchange
from sfmc_mock.chaos import Chaos
from sfmc_mock.control import PREFIX, AccountHandle, ClockHandle, VerificationJournal
from sfmc_mock.environment import account_environment
from sfmc_mock.http import HTTPServer
from sfmc_mock.inspector import ROOT as PAGES
from sfmc_mock.server_setup import Share, check_tenants, open_accounts, proxy_of, tls_of
from sfmc_mock.settings import DURABILITY, Settings
from sfmc_mock.store.database import MEMORY

if TYPE_CHECKING:
    from sfmc_mock.account import Account


class Addresses:
    """The addresses of a server of one process or several."""

    @property
    def base_url(self) -> str:
        """The server's address, without a slash at the end."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The address of the SOAP endpoint."""
        return self.base_url + ENDPOINT

    @property
    def wsdl_url(self) -> str:
        return self.base_url + WSDL_PATH

    @property
    def control_url(self) -> str:
        """The address of the control API."""
        return self.base_url + PREFIX

    @property
    def inspector_url(self) -> str:
        """The address of the inspector."""
        return f"{self.base_url}{PAGES}/"


class MockServer(Addresses):
    """An emulator that runs from `start` (or `with`) to `stop`, by default in memory on a free port.

    `account` is a file, `:memory:`, or several of them; `seed` a seed file, or TOML; `durability` the failure that an
    acknowledged call in a file survives: `power` (a power cut), `process` (the end of the process) or `none`; with
    `read_only` files are copied into memory and stay unchanged. `settings` replaces all of these. `default_engagement`
    is the profile of accounts that name none; `share` makes it one of several processes. Raises `SetupError` for
    invalid settings.

    Failures of the emulator itself are kept in `problems`; the end of the `with` raises them as `check` does,
    unless the block raises an error itself.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        account: str | Path | tuple[str, ...] = MEMORY,
        seed: str | Path | None = None,
        strict: bool = False,
        durability: str = DURABILITY,
        read_only: bool = False,
        settings: Settings | None = None,
        default_engagement: str = "",
        on_exchange: OnExchange | None = None,
        share: Share | None = None,
    ) -> None:
        paths = account if isinstance(account, tuple) else (str(account),)
        self.settings = settings or Settings(
            port=port,
            accounts=paths,
            seed=None if seed is None else str(seed),
            strict=strict,
            durability=durability,
            read_only=read_only,
        )
        self._share = share
        self.proxy = proxy_of(self.settings)
        context = tls_of(self.settings)
        self.accounts = open_accounts(
            self.settings, default_engagement=default_engagement, share=share
        )
        self.app = Application(
            self.accounts,
            self.settings,
            on_exchange=on_exchange,
            next_number=None if share is None else share.next_number,
        )
        try:
            if share is None:
                check_tenants(self.settings, self.accounts.mids())
            self.http = HTTPServer(
                self.app if share is None else share.application(self.app),
                self.settings.host,
                self.settings.port,
                listening=None if share is None else share.listening,
                hand_over=None if share is None else share.hand_over,
                ssl_context=context,
                proxy=self.proxy,
                max_body=self.settings.max_body,
                idle_timeout=self.settings.idle_timeout,
                max_connections=self.settings.max_connections,
                on_refused=self.app.refused,
            )
        except BaseException:
            self.accounts.close()
            raise

    def __repr__(self) -> str:
        return f"<MockServer {self.base_url}>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        if value is None:
            self.check()

    def start(self) -> Self:
        """Start to answer requests."""
        self.http.start()
        for account in self.accounts:
            account.db.tell_address(
                self.base_url, None if self._share is None else self._share.holder
            )
        return self

    def stop(self) -> None:
        """Finish the running calls, then close; accounts in memory are lost."""
        self.app.stop()
        self.http.stop()
        self.accounts.close()

    # Where it is.

    @property
    def base_url(self) -> str:
        """The server's address, without a slash at the end."""
        return self.http.url

    @property
    def control_token(self) -> str | None:
        """The token that the control API asks for, None where it asks for none: on the loopback address."""
        return self.app.control.access.token

    # What is in it.

    @property
    def journal(self) -> VerificationJournal:
        """The calls with their answers, and the sends of the first account."""
        return VerificationJournal(self.app.journal, self.account.account, every_account=True)

    @property
    def account(self) -> AccountHandle:
        """The handle of the first account."""
        return self.app.control.lookup.find()

    @property
    def chaos(self) -> Chaos:
        """The chaos rules of the first account."""
        return self.account.chaos

    @property
    def clock(self) -> ClockHandle:
        """The first account's clock."""
        return self.account.clock

    def fresh_account(
        self,
        seed: str | None = None,
        *,
        strict: bool | None = None,
        engagement: str | None = None,
        lag: str | None = None,
    ) -> AccountHandle:
        """Return a new account in memory with its own MID and credentials; its `remove` removes it again.

        `seed` is TOML, by default the server's seed. Raises `SetupError` for an invalid seed or an unknown profile.
        """
        return self.app.control.lookup.fresh(seed, strict=strict, engagement=engagement, lag=lag)

    # What went wrong in it.

    @property
    def problems(self) -> list[BaseException]:
        """Failures of the emulator itself that `check` has not raised yet."""
        return [each for found in self._kept_problems() for each in found]

    def check(self) -> None:
        """Raise the failures of the emulator itself, in the calling thread, as one group of exceptions."""
        problems = self.problems
        for kept in self._kept_problems():
            kept.clear()
        if problems:
            raise BaseExceptionGroup("The emulator failed while it answered", problems)

    def _kept_problems(self) -> tuple[list[BaseException], ...]:
        return (
            self.app.problems,
            self.app.control.problems,
            self.app.accounts.problems,
            self.http.errors,
        )


def collect_garbage_rarely() -> None:
    """Run the cyclic garbage collector less often, in a process that only serves.

    A call to thousands of subscribers makes ten objects for each, hardly any of them garbage.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


_M_ARENA_MAX = -8


def share_memory() -> None:
    """Let all threads allocate from one pool of memory, where the C library is glibc; call it before threads start.

    Python runs one thread at a time, and a pool of one thread would keep the memory of its calls.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The facts of an account that are printed when the server starts."""

    mid: int
    place: str
    mode: str
    engagement: str
    username: str
    client_id: str
    in_memory: bool
    unit_of: int | None = None
    """The enterprise of a business unit."""


def account_facts(server: MockServer) -> list[AccountFacts]:
    """Return the facts of each account."""
    return [_facts(server, account) for account in server.accounts]


def _facts(server: MockServer, account: Account) -> AccountFacts:
    handle = server.app.control.lookup.find(account.mid)
    known = handle.credentials
    return AccountFacts(
        handle.mid,
        f"a copy of {account.db.path}" if account.db.read_only else account.db.path,
        "strict" if account.strict else "default",
        handle.engagement,
        known["username"] or "(none)",
        known["client_id"] or "(none)",
        account.db.in_memory,
        account.enterprise.mid if account.enterprise is not None else None,
    )


INTERCEPT_ENVIRONMENT = {
    "SFMC_TENANT": "the tenant's subdomain, which leads to the account: `https://SUBDOMAIN.auth.marketingcloudapis.com/`",
}
"""What `intercepting_environment` sets beside proxies and certificates."""


def intercepting_environment(
    server: MockServer, handle: AccountHandle, before: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """Return an environment in which programs find the server at production's addresses.

    `before` is the environment without that. Files that it names are written to `folder`. The server must have been
    started with `intercept`.
    """
    from sfmc_mock.intercept.environment import proxied_environment

    assert server.proxy is not None
    found = proxied_environment(
        before,
        address=(server.http.client_host, server.http.port),
        authority=server.proxy.authority.certificate,
        hosts=server.proxy.hosts,
        folder=folder,
    )
    found["SFMC_TENANT"] = server.app.tenants.subdomain_of(handle.mid)
    return found


def environment_of(server: MockServer, handle: AccountHandle) -> dict[str, str]:
    """Return the environment variables that tell a program where the emulator is and how to call an account of it."""
    return account_environment(
        server.base_url,
        mid=handle.mid,
        credentials=handle.credentials,
        control_token=server.control_token,
    )
