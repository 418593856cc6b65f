"""A server that runs, seen from the command line: its control API over one connection."""

from __future__ import annotations

import http.client
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from sfmc_mock.errors import SetupError

DEFAULT_URL = "http://127.0.0.1:8025"

MARK = "X-Sfmc-Mock"
"""The header by which the control API is known; its value is the version."""

# What people paste: the SOAP endpoint and the control API's own address.
_TAILS = ("/service.asmx", "/_mock")

_TIMEOUT = 60.0


class ServerRefused(SetupError):
    """The server was not reached, or says no."""


class Running:
    """The control API of a server that runs.

    `token` is that of its control API, where it asks for one. `mid` chooses an account, `as_json` says how the caller
    wants to be shown what comes back. Requests raise `ServerRefused`: with the server's own sentence, or with one about
    a server that is not there. An address that is none raises `SetupError`.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        mid: int | None = None,
        as_json: bool = False,
    ) -> None:
        self.url = _base(url)
        self.mid = mid
        self.as_json = as_json
        self._authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        address = urlsplit(self.url)
        assert address.hostname is not None
        secure = address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(address.hostname, address.port, timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def get(self, path: str, **query: object) -> Any:
        """Return what a GET is answered with: JSON read, or a text."""
        return self._ask("GET", path, None, query)

    def post(self, path: str, body: object = None, **query: object) -> Any:
        """Return what a POST is answered with; bytes go out as TOML, all else as JSON."""
        if isinstance(body, bytes):
            return self._ask("POST", path, body, query, "application/toml")
        return self._ask("POST", path, json.dumps(body or {}).encode(), query)

    def delete(self, path: str) -> Any:
        """Return what a DELETE is answered with."""
        return self._ask("DELETE", path, None, {})

    def for_account(self) -> dict[str, object]:
        """Return the query that chooses the account."""
        return {} if self.mid is None else {"mid": self.mid}

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        query: dict[str, object],
        content_type: str = "application/json",
    ) -> Any:
        given = {name: value for name, value in query.items() if value is not None}
        headers = self._authorization | ({} if body is None else {"Content-Type": content_type})
        target = f"/_mock{path}" + (f"?{urlencode(given)}" if given else "")
        try:
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
            document = response.read()
        except (OSError, http.client.HTTPException) as problem:
            raise ServerRefused(_not_there(self.url, problem)) from None
        if response.getheader(MARK) is None:
            raise ServerRefused(_no_emulator(self.url, response.status, document))
        return _read(response.status, response.getheader("Content-Type", ""), document)


def _base(url: str) -> str:
    """Return the server's address from what was given for it. Raises `SetupError` when it is none."""
    base = (url if "://" in url else f"http://{url}").strip().rstrip("/")
    for tail in _TAILS:
        if base.lower().endswith(tail):
            base = base[: -len(tail)]
    try:
        address = urlsplit(base)
        is_address = address.scheme in ("http", "https") and bool(address.hostname)
        # Reading the port finds whether it is one.
        is_address = is_address and address.port != 0 and not address.path and base.isascii()
    except ValueError:
        is_address = False
    if not is_address or any(each.isspace() for each in base):
        raise SetupError(
            f"'{url}' is no address of a server. Write it like {DEFAULT_URL}, with --url or in SFMC_MOCK_URL."
        )
    return base


def _not_there(url: str, problem: Exception) -> str:
    reason = getattr(problem, "reason", None) or getattr(problem, "strerror", None)
    if reason == "CERTIFICATE_VERIFY_FAILED":
        return f"The certificate of {url} is not trusted. Name its authority's PEM file in SSL_CERT_FILE."
    return (
        f"No server answers at {url} ({reason or type(problem).__name__}). Start one with `sfmc-mock serve`, or say "
        "where it is with --url or SFMC_MOCK_URL."
    )


def _no_emulator(url: str, status: int, document: bytes) -> str:
    if b"speaks TLS" in document:
        return f"{url} speaks TLS: write it with https://."
    return f"What answers at {url} is no sfmc-mock (HTTP {status}). Say where it is with --url or SFMC_MOCK_URL."


def _read(status: int, content_type: str, document: bytes) -> Any:
    if content_type.startswith("application/toml"):
        return document.decode()
    found = json.loads(document)
    if status >= 400:
        raise ServerRefused(found["error"]["message"])
    return found
