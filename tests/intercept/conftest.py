"""A server that intercepts, with its authority in a temporary folder, and a client of its proxy."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sfmc_mock import MockServer
from sfmc_mock.settings import Settings


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's state folder, for all tests here."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(folder))
        yield folder


@dataclass(frozen=True)
class Answered:
    """The answer to a request."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Browser:
    """A client that requests production's addresses through the proxy, and trusts its authority."""

    def __init__(self, server: MockServer) -> None:
        assert server.proxy is not None
        self.port = server.http.port
        self.context = ssl.create_default_context(cafile=server.proxy.authority.certificate)

    def get(self, host: str, path: str = "/", **more: Any) -> Answered:
        return self.ask("GET", host, path, **more)

    def post(self, host: str, path: str, body: object, **more: Any) -> Answered:
        headers = {"Content-Type": "application/json"}
        return self.ask("POST", host, path, body=json.dumps(body), headers=headers, **more)

    def ask(self, method: str, host: str, path: str, **more: Any) -> Answered:
        """Send one request through a tunnel."""
        with self.tunnel(host) as connection:
            connection.request(method, path, **more)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read().decode())

    @contextmanager
    def tunnel(self, host: str) -> Iterator[http.client.HTTPSConnection]:
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.context, timeout=60
        )
        connection.set_tunnel(host, 443)
        try:
            yield connection
        finally:
            connection.close()

    def plainly(self, method: str, url: str, **more: Any) -> Answered:
        """Send the request with the whole URL, without a tunnel."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, url, **more)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read().decode())
        finally:
            connection.close()


@pytest.fixture
def make_server(state: Path) -> Iterator[Callable[..., MockServer]]:
    """Start a server that intercepts; takes the arguments of `Settings`."""
    running: list[MockServer] = []

    def make(**settings: Any) -> MockServer:
        server = MockServer(settings=Settings(port=0, intercept=True, **settings)).start()
        running.append(server)
        return server

    yield make
    for server in running:
        server.stop()
        server.check()


@pytest.fixture(scope="module")
def server(state: Path) -> Iterator[MockServer]:
    """A server that intercepts, with default settings."""
    with MockServer(settings=Settings(port=0, intercept=True)) as running:
        yield running


@pytest.fixture
def browser(server: MockServer) -> Browser:
    return Browser(server)
