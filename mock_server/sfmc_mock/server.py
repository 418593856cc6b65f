"""`MockServer`: the emulator in a thread, for tests and for anything that wants to hold it in its hand."""

from __future__ import annotations

import ctypes
import gc
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from sfmc_mock.account.simulation_settings import ENGAGEMENT, choose_engagement, choose_lag
from sfmc_mock.accounts import Accounts, damage_named
from sfmc_mock.app import ENDPOINT, WSDL_PATH, Application, OnExchange
from sfmc_mock.chaos import Chaos
from sfmc_mock.control import PREFIX, AccountHandle, ClockHandle, VerificationJournal
from sfmc_mock.control.access import is_loopback
from sfmc_mock.environment import account_environment
from sfmc_mock.errors import SetupError
from sfmc_mock.http import HTTPServer
from sfmc_mock.inspector import ROOT as PAGES
from sfmc_mock.intercept import Hosts, Tenants
from sfmc_mock.seeds import Seed, default_seed, parse_seed, read_seed
from sfmc_mock.settings import DURABILITY, Settings
from sfmc_mock.simulator.engagement_profiles import PROFILES, lag_named
from sfmc_mock.store.database import MEMORY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from sfmc_mock.account import Account
    from sfmc_mock.http import Handover
    from sfmc_mock.intercept.proxy import Proxy
    from sfmc_mock.store.account_directory import Directory


class Share(Protocol):
    """The part of one process in a server of several, and its way to the others."""

    number: int
    """The number of this process, from 0."""
    of: int
    """How many processes there are. The account at place `n` of the settings is opened by process `n % of`."""
    holder: int
    """The id of the process that a person stops to stop them all."""
    listening: socket.socket
    directory: Directory

    def next_number(self) -> int:
        """Return the number of the next call that any of them answers."""

    def hand_over(self, worker: int, connection: socket.socket, handover: Handover) -> None:
        """Give a connection to the one that answers it."""

    def application(self, own: WSGIApplication) -> WSGIApplication:
        """Return what answers here, from what answers for the own accounts."""


def open_accounts(
    settings: Settings, *, default_engagement: str = "", share: Share | None = None
) -> Accounts:
    """Return the accounts that the settings name, seeded where they are fresh; of several processes, this one's.

    `default_engagement` is for those that neither settings nor seed give a profile. Raises `SetupError`.
    """
    _check_limits(settings)
    seed = _seed_of(settings)
    accounts = Accounts(
        strict=settings.strict,
        seed=seed,
        durability=settings.durability,
        read_only=settings.read_only,
        ftp=settings.ftp,
        max_accounts=settings.max_accounts,
        # Else other machines could have this one post to programs that only it can reach.
        posts_results=is_loopback(settings.host),
        directory=None if share is None else share.directory,
    )
    try:
        for number, path in enumerate(settings.accounts):
            if share is None or number % share.of == share.number:
                _open(accounts, path, _numbered(seed, number), settings, default_engagement, number)
    except BaseException:
        accounts.close()
        raise
    return accounts


def _check_limits(settings: Settings) -> None:
    for each in fields(settings):
        value, low = getattr(settings, each.name), each.metadata.get("low")
        high = each.metadata.get("high")
        if low is None or value is None:
            continue
        if (
            not isinstance(value, (int, float))
            or value < low
            or (high is not None and value > high)
        ):
            wanted = f"{low} or more" if high is None else f"from {low} to {high}"
            raise SetupError(f"The setting {each.name} must be a number, {wanted}, not {value!r}.")


def _open(
    accounts: Accounts, path: str, seed: Seed, settings: Settings, default: str, place: int
) -> None:
    own = replace(seed.account, engagement=seed.account.engagement or default)
    account = accounts.open(path, replace(seed, account=own), place=place)
    with damage_named(path), account.db.atomic():
        # A file that held an account already has not read the seed.
        if settings.engagement is not None:
            choose_engagement(account, settings.engagement)
        elif default and not account.setting(ENGAGEMENT):
            choose_engagement(account, default)
        if settings.lag is not None:
            choose_lag(account, settings.lag)


def _seed_of(settings: Settings) -> Seed:
    """Return the seed of fresh accounts, with the profiles that the settings choose: a reset leads back to them."""
    if settings.seed is None:
        seed = default_seed()
    elif "\n" in settings.seed:
        seed = parse_seed(settings.seed)
    else:
        seed = read_seed(Path(settings.seed))
    account = seed.account
    # A profile that the seed does not know may be one of an account in a file.
    if settings.engagement in PROFILES or settings.engagement in seed.engagement:
        account = replace(account, engagement=settings.engagement or "")
    if settings.lag is not None:
        account = replace(account, lag=lag_named(settings.lag).name)
    return replace(seed, account=account)


def _numbered(seed: Seed, number: int) -> Seed:
    """Return the seed with a MID and credentials that the accounts made from it before do not have."""
    if not number:
        return seed
    mids = [seed.account.mid, *(unit.seed.account.mid for unit in seed.units)]
    # With its business units, an account takes so many MIDs.
    further = number * (max(mids) - min(mids) + 1)
    units = tuple(replace(unit, seed=_renamed(unit.seed, number, further)) for unit in seed.units)
    return replace(_renamed(seed, number, further), units=units)


def _renamed(seed: Seed, number: int, further: int) -> Seed:
    more = f"-{number + 1}"
    own = seed.having(
        api_user=[{**each, "username": each["username"] + more} for each in seed.of("api_user")],
        package=[{**each, "client_id": each["client_id"] + more} for each in seed.of("package")],
    )
    return replace(own, account=replace(seed.account, mid=seed.account.mid + further))


def tls_context(certificate: str, key: str | None) -> ssl.SSLContext:
    """Return the server's side of TLS with a certificate and its key. Raises `SetupError` when they do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for path in filter(None, (certificate, key)):
        try:
            Path(path).read_bytes()
        except OSError as problem:
            raise SetupError(f"{path} cannot be read: {problem.strerror}.") from None
    try:
        # With no password at hand OpenSSL would ask for one at the terminal, and wait.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "reason", None) or "is it encrypted, or no PEM?"
        raise SetupError(
            f"The certificate {certificate} cannot be used with {key or 'the key in it'} ({reason}). Name a PEM file "
            "with --tls-cert, and with --tls-key one with its key, not encrypted."
        ) from None
    return context


class Addresses:
    """The addresses of a server, whether it is one process or several."""

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
        """The address of the pages for people."""
        return f"{self.base_url}{PAGES}/"


class MockServer(Addresses):
    """An emulator that runs from `start` (or `with`) to `stop`, by default in memory on a free port.

    `account` is a file, `:memory:`, or several of them; `seed` a seed file, or TOML; `durability` what an acknowledged
    call survives in a file: `power` (a power cut), `process` (the end of the process) or `none`; with `read_only` files
    are copied into memory and stay as they are. `settings` takes the place of all of these. `default_engagement` is the
    profile of accounts that name none; `share` makes it one of several processes. Raises `SetupError` when the server
    cannot be set up so.

    What breaks in the emulator itself is kept in `problems`; the end of the `with` raises it, unless the block raises
    something itself.
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
        """Begin to answer."""
        self.http.start()
        for account in self.accounts:
            account.db.tell_address(
                self.base_url, None if self._share is None else self._share.holder
            )
        return self

    def stop(self) -> None:
        """Finish the calls under way, then close; accounts in memory are gone."""
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
        """Every call that was made, with its answer, and what the first account sent."""
        return VerificationJournal(self.app.journal, self.account.account, every_account=True)

    @property
    def account(self) -> AccountHandle:
        """The first account: send, look, explain, go back."""
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
        """Return a new account in memory with a MID and credentials of its own; its `remove` takes it away again.

        `seed` is TOML, by default the server's seed is taken. Raises `SetupError` for a seed that does not hold
        together, or an unknown profile.
        """
        chosen = None if seed is None else parse_seed(seed)
        return self.app.control.lookup.fresh(chosen, strict=strict, engagement=engagement, lag=lag)

    # What went wrong in it.

    @property
    def problems(self) -> list[BaseException]:
        """What broke in the emulator itself while it answered, and was not raised by `check` yet."""
        return [each for found in self._kept_problems() for each in found]

    def check(self) -> None:
        """Raise what broke in the emulator itself, in the calling thread, as one group of exceptions."""
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
    """Look for garbage in circles less often, in a process that does nothing but serve.

    A call to thousands of subscribers makes ten objects for each, hardly any of them garbage.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


_M_ARENA_MAX = -8


def share_memory() -> None:
    """Let all threads take memory from one pool, where the C library is glibc, before there are any.

    Python runs one of them at a time, and a pool that is a thread's own keeps what its calls took.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What a person is told of an account when the server starts."""

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
    """Return what there is to tell of each account."""
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


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """Return the server's side of TLS, None where the settings name no certificate. Raises `SetupError`."""
    if settings.tls_cert is not None:
        return tls_context(settings.tls_cert, settings.tls_key)
    if settings.tls_key is not None:
        raise SetupError(f"The key {settings.tls_key} is without its certificate: name --tls-cert.")
    return None


def proxy_of(settings: Settings) -> Proxy | None:
    """Return what makes the server a proxy, None when it is to be none. Raises `SetupError`."""
    if not settings.intercept:
        for given, option in (
            (settings.intercept_hosts, "--intercept-host"),
            (settings.tenants, "--tenant"),
        ):
            if given:
                raise SetupError(f"{option} has a meaning with --intercept only: add that.")
        return None
    if settings.tls_cert is not None:
        raise SetupError(
            "--intercept makes its own certificates, and its port speaks HTTP and HTTPS: leave out --tls-cert."
        )
    # Loads cryptography, which takes longer than the start of a server without.
    from sfmc_mock.intercept.authority import Authority
    from sfmc_mock.intercept.proxy import Proxy

    return Proxy(Hosts(settings.intercept_hosts), Authority())


def check_tenants(settings: Settings, mids: Sequence[int]) -> None:
    """Raise `SetupError` for a tenant that leads to none of the accounts."""
    for subdomain, mid in Tenants(settings.tenants).named.items():
        if mid not in mids:
            raise SetupError(
                f"--tenant {subdomain}={mid}: there is no account with the MID {mid}, only "
                f"{', '.join(map(str, mids))}."
            )
