"""Transports, which send a request and return its response: over HTTP, or to a WSGI application in this process.

Any object with a method `send` like that of `Transport` can send the client's calls.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias
from urllib.parse import unquote, urlsplit

from sfmc_client.errors import (
    CertificateRejected,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    TimedOut,
    TransportError,
    UnreadableAnswer,
)
from sfmc_client.exchanges import Request, Response

if TYPE_CHECKING:
    import ssl

    import urllib3

FilePath: TypeAlias = "str | os.PathLike[str]"

_CHUNK = 65_536

_EXAMPLE_URL = "https://SUBDOMAIN.soap.marketingcloudapis.com/Service.asmx"

MAX_ANSWER_BYTES = 256 * 1024 * 1024
"""The greatest size of an unpacked answer: a page of 2,500 rows of 100 KB each. The service's limit is unknown."""

# Seconds. A host that does not accept a connection in this time is not available.
_LONGEST_CONNECT = 10.0


class Transport(Protocol):
    """The interface of a transport."""

    def send(self, request: Request) -> Response:
        """Send a request and return the response, with any status.

        Raises `TransportError` if no usable response was received.
        """
        ...


class HTTPTransport:
    """Sends requests over HTTP and HTTPS, on connections that stay open. Safe to use from several threads.

    `ca_bundle` is a PEM file of authorities to trust instead of the system's. `client_certificate` is a PEM file, or
    a pair of certificate and key. `verify=False` switches off the check of the server's certificate: only for a server
    on your own machine. `proxy` is the URL of an HTTP proxy; variables of the environment are ignored. `connections` is
    the number of open connections for each host. `max_answer_bytes` is the greatest size of an unpacked answer.
    Redirects are not followed, so that credentials are only sent to the given address.
    """

    def __init__(
        self,
        *,
        ca_bundle: FilePath | None = None,
        client_certificate: FilePath | tuple[FilePath, FilePath] | None = None,
        verify: bool = True,
        proxy: str | None = None,
        connections: int = 20,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        # From here on no frame has the proxy's URL, which may contain a password.
        through, proxy = _Proxy.parse(proxy), None
        self._verify = verify
        self._proxy = through
        if through is not None and (problem := url_problem(through.url)) is not None:
            raise ConfigurationError(f"The proxy {problem}")
        context = None
        if ca_bundle is not None or client_certificate is not None or not verify:
            context = _tls_context(ca_bundle, client_certificate, verify=verify)
        from sfmc_client.connections import connection_pool

        self._max_answer_bytes = max_answer_bytes
        url, headers = (None, None) if through is None else (through.url, through.headers)
        self._pool = connection_pool(url, headers, context, connections)

    def send(self, request: Request) -> Response:
        """Send a request and return the response, with any status.

        `request.timeout` bounds the call: the connection (10 s of it at most), head and body of the answer. Raises
        `ConnectFailed`, `CertificateRejected`, `TimedOut`, `ConnectionLost`, or `UnreadableAnswer` for an answer that
        cannot be unpacked or is longer than `max_answer_bytes`.
        """
        from urllib3.exceptions import HTTPError, LocationValueError

        problem: TransportError
        try:
            return self._exchange(request)
        except TransportError as error:
            problem = error.with_traceback(None)
        except (HTTPError, LocationValueError, OSError, ValueError) as error:
            problem = _translated(error, request)
        # Errors of urllib3 refer to frames with the body and its credentials, so they are replaced, not chained.
        raise problem

    def _exchange(self, request: Request) -> Response:
        from urllib3 import Timeout

        from sfmc_client.connections import READ_DEADLINE

        READ_DEADLINE.set(time.monotonic() + request.timeout)
        answer = self._pool.request(
            "POST",
            request.url,
            body=request.body,
            headers=dict(request.headers),
            timeout=Timeout(total=request.timeout, connect=_connect_timeout(request)),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = _body(answer, request, self._max_answer_bytes)
        except BaseException:
            # Unread bytes must not become the beginning of the next answer.
            answer.close()
            raise
        answer.release_conn()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(status=answer.status, headers=headers, body=body)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        proxy = None if self._proxy is None else self._proxy.url
        return f"HTTPTransport(verify={self._verify}, proxy={proxy!r})"


class WSGITransport:
    """Sends requests to a WSGI application in this process, without a socket.

    Exceptions of the application are not changed. Timeouts do not apply.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def send(self, request: Request) -> Response:
        """Call the application and return its response."""
        started: list[tuple[str, list[tuple[str, str]]]] = []
        parts: list[bytes] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            if exc_info is not None and parts:
                raise exc_info[1]
            started.append((status, headers))
            return parts.append

        chunks = self._app(_environ(request), start_response)
        try:
            parts.extend(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        if not started:
            raise UnreadableAnswer(
                "The WSGI application did not call start_response. Give the application itself, not a factory.",
                url=request.url,
            )
        status, headers = started[-1]
        return Response(
            status=int(status.split(" ", 1)[0]),
            headers={name.lower(): value for name, value in headers},
            body=b"".join(parts),
        )

    def __repr__(self) -> str:
        return f"WSGITransport({self._app!r})"


def url_problem(url: str) -> str | None:
    """Return the problem of a URL, as the end of a sentence about it; `None` for a usable one.

    >>> url_problem("mc.example.com")
    'is not an http or https URL. Give one such as https://SUBDOMAIN.soap.marketingcloudapis.com/Service.asmx.'
    """
    try:
        parts = urlsplit(url)
        # Reading the port is what checks it.
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or any(character.isspace() for character in url):
        return f"is not an http or https URL. Give one such as {_EXAMPLE_URL}."
    if "@" in parts.netloc:
        return "has a user name in it. Give credentials as auth= of the client."
    return None


@dataclass(frozen=True, slots=True)
class _Proxy:
    """A proxy, with user name and password separate from its URL."""

    url: str
    headers: dict[str, str] | None = field(repr=False)

    @classmethod
    def parse(cls, url: str | None) -> _Proxy | None:
        if url is None:
            return None
        login, at, host = url.rpartition("@")
        if not at:
            return cls(url, None)
        from urllib3.util import make_headers

        scheme, _, login = login.rpartition("://")
        return cls(f"{scheme}://{host}", dict(make_headers(proxy_basic_auth=unquote(login))))


def _tls_context(
    ca_bundle: FilePath | None,
    client_certificate: FilePath | tuple[FilePath, FilePath] | None,
    *,
    verify: bool,
) -> ssl.SSLContext:
    import ssl

    given = client_certificate
    certificate, key = given if isinstance(given, tuple) else (given, None)
    try:
        context = ssl.create_default_context(cafile=ca_bundle)
        if certificate is not None:
            # Without a password given, OpenSSL would ask for one on the terminal and wait.
            context.load_cert_chain(certificate, key, password="")
    except OSError as error:
        named = ", ".join(str(name) for name in (ca_bundle, certificate, key) if name is not None)
        raise ConfigurationError(
            f"The certificates cannot be read: {error.strerror or error} ({named}). Give readable PEM files, the key "
            "without a password."
        ) from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _body(answer: urllib3.BaseHTTPResponse, request: Request, max_bytes: int) -> bytes:
    parts = []
    size = 0
    while part := answer.read1(_CHUNK, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise UnreadableAnswer(
                f"The answer of {request.url} is longer than {max_bytes} bytes: reading was stopped. Request less "
                f"(batch_size= of a Retrieve), or give HTTPTransport(max_answer_bytes=...). {_advice(request)}",
                url=request.url,
            )
    return b"".join(parts)


def _translated(error: Exception, request: Request) -> TransportError:
    """Return the error of this package for one of urllib3, http.client or the socket."""
    from urllib3 import exceptions

    url = request.url
    kind: type[TransportError] = ConnectFailed
    if isinstance(error, exceptions.NameResolutionError):
        text = (
            f"The host of {url} is not known. Check the subdomain (28 characters, as in the endpoints of the installed "
            "package) and the network."
        )
    elif isinstance(error, exceptions.ProxyError):
        text = f"No connection to {url} through the proxy: {_reason(error)}. Check proxy= of the transport."
    elif isinstance(error, exceptions.NewConnectionError):
        text = f"No connection to {url}: {_reason(error)}. Is the server running, and are host and port right?"
    elif isinstance(error, exceptions.ConnectTimeoutError):
        text = f"No connection to {url} within {_connect_timeout(request):g} s. Check host, port and firewall."
    elif isinstance(error, exceptions.SSLError):
        kind, text = _tls_problem(error, url)
    elif isinstance(error, (exceptions.TimeoutError, TimeoutError)):
        kind = TimedOut
        text = f"{url} did not answer within {request.timeout:g} s. {_advice(request)} Or give a longer timeout=."
    elif isinstance(error, (exceptions.LocationValueError, UnicodeError)):
        text = f"{url} has an invalid host name. Check the endpoint."
    elif isinstance(error, exceptions.DecodeError):
        kind = UnreadableAnswer
        text = f"{url} announced a compressed answer that cannot be unpacked. Is there a proxy in between?"
    else:
        kind = ConnectionLost
        text = f"The connection to {url} ended before the answer was complete: {_reason(error)}. {_advice(request)}"
    return kind(text, url=url)


def _connect_timeout(request: Request) -> float:
    return min(request.timeout, _LONGEST_CONNECT)


def _tls_problem(error: Exception, url: str) -> tuple[type[TransportError], str]:
    import ssl

    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return CertificateRejected, (
            f"The certificate of {url} was rejected: {cause.verify_message.rstrip('.')}. Check the host name; for your "
            "own certificate authority give its certificate as HTTPTransport(ca_bundle=...)."
        )
    reason = _reason(error)
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER_FAILURE" in reason:
        return ConnectFailed, (
            f"{url} does not speak TLS. If the server speaks plain HTTP, write http:// in the endpoint."
        )
    return ConnectionLost, (
        f"TLS with {url} failed: {reason}. If the server wants a client certificate, give "
        "HTTPTransport(client_certificate=...)."
    )


def _advice(request: Request) -> str:
    if request.repeatable:
        return "The call only reads: try again."
    return "The call may have taken effect: check before you repeat it."


def _cause(error: BaseException) -> BaseException:
    """The innermost of the errors that led to this one."""
    while True:
        inner = [item for item in error.args if isinstance(item, BaseException)]
        deeper = inner[0] if inner else error.__cause__
        if deeper is None:
            return error
        error = deeper


def _reason(error: Exception) -> str:
    cause = _cause(error)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__


def _environ(request: Request) -> dict[str, Any]:
    from werkzeug.test import create_environ

    parts = urlsplit(request.url)
    return create_environ(
        parts.path or "/",
        f"{parts.scheme}://{parts.netloc}/",
        query_string=parts.query,
        method="POST",
        headers=dict(request.headers),
        data=request.body,
        multithread=True,
        environ_overrides={"REMOTE_ADDR": "127.0.0.1"},
    )
