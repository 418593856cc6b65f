"""A client of the control API, `/_mock/…`: for the command line, the pytest fixtures and other programs.

It needs only the standard library, so importing it is cheap.

>>> ControlClient("127.0.0.1:8025/Service.asmx").url
'http://127.0.0.1:8025'
"""

from __future__ import annotations

import http.client
import json
import selectors
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

from sfmc_mock.errors import SetupError

DEFAULT_URL: Final = "http://127.0.0.1:8025"

FILE_TYPE: Final = "application/octet-stream"

PREFIX: Final = "/_mock"
MARK: Final = "X-Sfmc-Mock"
"""The header that identifies the control API; its value is the version."""

# What people paste: the SOAP endpoint, the WSDL and the control API's own address.
_TAILS: Final = ("/service.asmx", "/etframework.wsdl", PREFIX)

_TIMEOUT: Final = 60.0
_MOST_IDLE: Final = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of the control API: `body` is parsed JSON, the text of a seed file, or the bytes of a file."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def error(self) -> str | None:
        """The message of an error, `None` for a success."""
        return str(self.body["error"]["message"]) if self.status >= 400 else None

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str], document: bytes) -> Self:
        """Return a reply from the bytes of a response."""
        content_type = next(
            (headers[name] for name in headers if name.lower() == "content-type"), ""
        )
        if content_type == FILE_TYPE:
            return cls(status, headers, document)
        text = document.decode()
        return cls(status, headers, json.loads(text) if "json" in content_type else text)


Send = Callable[[str, str, Mapping[str, str], bytes | None], Reply]
"""Sends a request: method, path with query, headers, body."""


class ControlClient:
    """The control API of a running server; it can be shared by threads.

    `url` is the server's address, that of its SOAP endpoint or of its control API; `token` is that of its control API,
    where it asks for one, and `mid` chooses an account. A refused request, and a server that does not answer, raise
    `error` with a message, which ends in `hint` where the address may be wrong; an invalid address or token raises
    `SetupError`. `send` sends the requests in place of HTTP connections.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        token: str | None = None,
        mid: int | None = None,
        error: Callable[[str], Exception] = SetupError,
        hint: str = "say where it is with --url or SFMC_MOCK_URL",
        send: Send | None = None,
    ) -> None:
        if token is not None and not (token.isascii() and token.isprintable()):
            raise SetupError(
                "The token of the control API (--control-token, SFMC_MOCK_CONTROL_TOKEN) is ASCII on one line: give "
                "the one with which the server was started."
            )
        self._error = error
        self._hint = hint
        self.token = token
        self.url = server_address(url)
        self.mid = mid
        self._send = send or self._send_over_http
        self._idle: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()

    def get(self, path: str, **query: object) -> Any:
        """Return the answer to a GET of a path below `/_mock`."""
        return self._checked("GET", path, None, query)

    def post(self, path: str, body: object = None, **query: object) -> Any:
        """Return the answer to a POST; bytes are sent as TOML, other values as JSON."""
        return self._checked("POST", path, {} if body is None else body, query)

    def put(self, path: str, content: bytes, **query: object) -> Any:
        """Return the answer to a PUT of a file."""
        return self._checked("PUT", path, content, query, headers={"Content-Type": FILE_TYPE})

    def delete(self, path: str, **query: object) -> Any:
        """Return the answer to a DELETE."""
        return self._checked("DELETE", path, None, query)

    def for_account(self) -> dict[str, object]:
        """Return the query that chooses the account."""
        return {} if self.mid is None else {"mid": self.mid}

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        **query: object,
    ) -> Reply:
        """Return the reply to a request, also an error. Parameters that are `None` are left out."""
        given = {name: value for name, value in query.items() if value is not None}
        target = PREFIX + path + (f"?{urlencode(given)}" if given else "")
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent.update(headers or {})
        if isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/toml")
        elif body is not None:
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        return self._send(method, target, sent, body)

    def _checked(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        reply = self.ask(method, path, body, headers=headers, **query)
        if reply.error is not None:
            raise self._error(reply.error)
        return reply.body

    # Over HTTP.

    def _send_over_http(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        connection = self._connection()
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            document = response.read()
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            raise self._error(self._not_there(problem)) from None
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        if response.getheader(MARK) is None:
            raise self._error(self._no_emulator(response.status, document))
        return Reply.read(response.status, dict(response.getheaders()), document)

    def _connection(self) -> http.client.HTTPConnection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if not _is_dropped(connection):
                return connection
            connection.close()
        address = urlsplit(self.url)
        is_secure = address.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        return kind(address.hostname or "", address.port, timeout=_TIMEOUT)

    def _not_there(self, problem: Exception) -> str:
        reason = getattr(problem, "reason", None) or getattr(problem, "strerror", None)
        if reason == "CERTIFICATE_VERIFY_FAILED":
            return f"The certificate of {self.url} is not trusted. Name its authority's PEM file in SSL_CERT_FILE."
        return (
            f"No server answers at {self.url} ({reason or _reason_of(problem)}). Start one with `sfmc-mock serve`, "
            f"or {self._hint}."
        )

    def _no_emulator(self, status: int, document: bytes) -> str:
        if b"speaks TLS" in document:
            return f"{self.url} speaks TLS: write it with https://."
        if status == 413:
            return (
                "The server takes no request as large as this one. Start it with a larger --max-body, or copy the file "
                "into the folder that `sfmc-mock files list` names."
            )
        hint = self._hint[0].upper() + self._hint[1:]
        return f"What answers at {self.url} is not sfmc-mock (HTTP {status}). {hint}."


def _reason_of(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return "it took too long"
    if isinstance(problem, ConnectionError):
        return "it closed the connection"
    return "what it sent is not HTTP"


def server_address(url: str) -> str:
    """Return the server's address from any of its URLs. Raises `SetupError` for an invalid one."""
    base = (url if "://" in url else f"http://{url}").strip().rstrip("/")
    for tail in _TAILS:
        if base.lower().endswith(tail):
            base = base[: -len(tail)]
    if not _is_address(base):
        raise SetupError(
            f"'{url}' is not the address of a server. Write it like {DEFAULT_URL}, with --url or in SFMC_MOCK_URL."
        )
    return base


def _is_address(base: str) -> bool:
    try:
        address = urlsplit(base)
        # Reading the port finds whether it is one.
        is_server = address.scheme in ("http", "https") and bool(address.hostname)
        is_server = is_server and address.port != 0 and not address.path
        # A name with an empty or a very long part is not a host name.
        (address.hostname or "").encode("idna")
    except ValueError:
        return False
    return is_server and base.isascii() and not any(each.isspace() for each in base)


def _is_dropped(connection: http.client.HTTPConnection) -> bool:
    """Whether the server closed an idle connection: there are bytes to read without a request."""
    if connection.sock is None:
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(timeout=0))
