"""Accounts of an emulator in this process, and clients that reach them without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.fake_service import quick_retries

from sfmc_client import (
    Client,
    Exchange,
    Recipe,
    Request,
    Response,
    TrackingFlow,
    Transport,
    UsernameToken,
    WSGITransport,
)
from sfmc_mock.accounts import Accounts, credentials
from sfmc_mock.app import Application
from sfmc_mock.settings import Settings

ENDPOINT = "http://tenant.test/Service.asmx"
EMAIL_ID = 3099626
RECIPE = Recipe(email_id=EMAIL_ID)


@dataclass
class CountingTransport:
    """Forwards requests, and records them."""

    inner: Transport
    requests: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        return self.inner.send(request)


@dataclass
class Tenant:
    """An account, with a client that records its exchanges."""

    client: Client
    mid: int
    transport: CountingTransport
    exchanges: list[Exchange]

    def flow(self, **options) -> TrackingFlow:
        return TrackingFlow(self.client, **{"recipe": RECIPE, **options})

    def calls(self) -> list[str]:
        """The operations that were called so far."""
        return [exchange.operation for exchange in self.exchanges]


class Emulator:
    """An emulator without a server, which makes new accounts."""

    def __init__(self, *, strict: bool) -> None:
        self.accounts = Accounts(strict=strict)
        self.app = Application(self.accounts, Settings(strict=strict))

    @contextmanager
    def tenant(self) -> Iterator[Tenant]:
        account = self.accounts.fresh()
        own = credentials(account)
        transport = CountingTransport(WSGITransport(self.app))
        exchanges: list[Exchange] = []
        client = Client(
            ENDPOINT,
            auth=UsernameToken(own.username, own.password),
            transport=transport,
            retries=quick_retries(1),
            on_exchange=exchanges.append,
        )
        yield Tenant(client, account.mid, transport, exchanges)
        self.accounts.remove(account)
        assert self.app.problems == []
