"""Set up a server from its settings: its accounts, TLS, the proxy, and its part of several processes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sfmc_mock.account.simulation_settings import ENGAGEMENT, choose_engagement, choose_lag
from sfmc_mock.accounts import Accounts, damage_named
from sfmc_mock.control.access import is_loopback
from sfmc_mock.errors import SetupError
from sfmc_mock.intercept import Hosts, Tenants
from sfmc_mock.seeds import Seed, default_seed, parse_seed, read_seed
from sfmc_mock.settings import Settings
from sfmc_mock.simulator.engagement_profiles import PROFILES, lag_named

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from sfmc_mock.http import Handover
    from sfmc_mock.intercept.proxy import Proxy
    from sfmc_mock.store.account_directory import Directory


class Share(Protocol):
    """The part of one process in a server of several processes, and its connection to the others."""

    number: int
    """The number of this process, from 0."""
    of: int
    """How many processes there are. The account at place `n` of the settings is opened by process `n % of`."""
    holder: int
    """The id of the process to stop in order to stop all of them."""
    listening: socket.socket
    directory: Directory

    def next_number(self) -> int:
        """Return the number of the next call that any of them answers."""

    def hand_over(self, worker: int, connection: socket.socket, handover: Handover) -> None:
        """Give a connection to the process that answers it."""

    def application(self, own: WSGIApplication) -> WSGIApplication:
        """Return the application of this process, from the application for its own accounts."""


def open_accounts(
    settings: Settings, *, default_engagement: str = "", share: Share | None = None
) -> Accounts:
    """Return the accounts of the settings, with the seed in fresh ones; of several processes, those of this one.

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


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS context of the server, None where the settings name no certificate.

    Raises `SetupError` when certificate and key cannot be used together.
    """
    certificate, key = settings.tls_cert, settings.tls_key
    if certificate is None:
        if key is not None:
            raise SetupError(f"The key {key} is without its certificate: name --tls-cert.")
        return None
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


def proxy_of(settings: Settings) -> Proxy | None:
    """Return the proxy of the server, None without interception. Raises `SetupError`."""
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
    """Raise `SetupError` for a tenant without an account."""
    for subdomain, mid in Tenants(settings.tenants).named.items():
        if mid not in mids:
            raise SetupError(
                f"--tenant {subdomain}={mid}: there is no account with the MID {mid}, only "
                f"{', '.join(map(str, mids))}."
            )
