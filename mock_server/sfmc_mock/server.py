"""`MockServer`: the emulator in a thread, for tests and for anything that wants to hold it in its hand."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

from sfmc_mock.account.registry import Accounts
from sfmc_mock.app import ENDPOINT, WSDL_PATH, Application, OnExchange
from sfmc_mock.control import AccountHandle, ClockHandle
from sfmc_mock.errors import SetupError
from sfmc_mock.http import HTTPServer
from sfmc_mock.journal import Journal
from sfmc_mock.settings import Settings


def open_accounts(settings: Settings) -> Accounts:
    """Return the accounts that the settings name, seeded where they are fresh. Raises `SetupError`."""
    accounts = Accounts(strict=settings.strict, seed=settings.seed)
    for path in settings.accounts:
        accounts.open(path, engagement=settings.engagement, lag=settings.lag)
    return accounts


def tls_context(certificate: str, key: str | None) -> ssl.SSLContext:
    """Return the server's side of TLS with a certificate and its key. Raises `SetupError` when they do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as problem:
        raise SetupError(
            f"The certificate {certificate} cannot be used: {problem}. Name a PEM file with the certificate, and with "
            "--tls-key one with its key."
        ) from None
    return context


class MockServer:
    """An emulator that runs from `start` (or `with`) to `stop`, by default in memory on a free port.

    `account` is a file, `:memory:`, or several of them; `seed` a seed file. Further settings are those of `Settings`.
    Raises `SetupError` when the server cannot be set up so.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        account: str | Path | tuple[str, ...] = ":memory:",
        seed: str | Path | None = None,
        strict: bool = False,
        settings: Settings | None = None,
        on_exchange: OnExchange | None = None,
    ) -> None:
        paths = account if isinstance(account, tuple) else (str(account),)
        self.settings = settings or Settings(
            port=port, accounts=paths, seed=None if seed is None else str(seed), strict=strict
        )
        self.accounts = open_accounts(self.settings)
        self.app = Application(self.accounts, self.settings, on_exchange=on_exchange)
        context = None
        if self.settings.tls_cert is not None:
            context = tls_context(self.settings.tls_cert, self.settings.tls_key)
        self.http = HTTPServer(
            self.app,
            self.settings.host,
            self.settings.port,
            ssl_context=context,
            max_body=self.settings.max_body,
            on_error=self.app.problems.append,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Begin to answer."""
        self.http.start()
        return self

    def stop(self) -> None:
        """Finish the calls under way, then close; accounts in memory are gone."""
        self.http.stop()
        self.accounts.close()

    @property
    def base_url(self) -> str:
        """The server's address, without a slash at the end."""
        return self.http.url

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
        return self.base_url + "/_mock"

    @property
    def journal(self) -> Journal:
        """Every call that was made, with its answer."""
        return self.app.journal

    @property
    def account(self) -> AccountHandle:
        """The first account, to send, look, explain, go back."""
        return self.app.control.handle()

    @property
    def clock(self) -> ClockHandle:
        """The first account's clock."""
        return self.account.clock

    @property
    def problems(self) -> list[BaseException]:
        """What broke in the emulator itself while it answered."""
        return self.app.problems
