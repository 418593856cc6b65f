"""`sfmc-mock record`: a recording proxy in front of a service, for clients in any language.

Clients use plain HTTP; the proxy calls the service over HTTP or HTTPS. It replaces the service's own addresses in
answers by the proxy's, so that clients keep using it. Each call is recorded with its answer, scrubbed.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sfmc_client.errors import ConfigurationError
from sfmc_client.exchanges import Request, Response
from sfmc_client.transport import FilePath, url_problem
from sfmc_conformance.transcripts import RecordedExchange, Recorder, TranscriptError
from sfmc_conformance.vocabulary import HOSTS, TOKEN_PATHS

if TYPE_CHECKING:
    import urllib3
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Request as WSGIRequest

_TIMEOUT: Final = 300.0
_CONNECT_TIMEOUT: Final = 10.0

# Headers of a single connection, or recomputed.
_OF_ONE_CONNECTION: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "host"),
        *("content-length", "content-encoding", "accept-encoding", "expect"),
        *("strict-transport-security",),
    }
)
_REST_PATHS: Final = ("/platform/", "/rest/")
_INSTANCE_URL = re.compile(rb'"(soap|rest)_instance_url"\s*:\s*"(https?://[^"/\s]+)')


@dataclass(frozen=True, slots=True)
class Upstream:
    """The service behind the proxy: the base URLs of SOAP, tokens and REST, without paths."""

    soap: str
    auth: str
    rest: str

    @classmethod
    def of(cls, url: str, auth_url: str | None = None) -> Upstream:
        """Return the service with a URL; for a tenant's SOAP endpoint the other base URLs follow from it.

        `auth_url` is the base URL of tokens, if different. Raises `ConfigurationError` for an invalid URL.
        """
        soap = _origin(url, "--upstream")
        tenant = re.fullmatch(rf"(https?://[\w-]+)\.(?:soap|auth|rest)\.({'|'.join(HOSTS)})", soap)
        if tenant is None:
            targets = cls(soap, soap, soap)
        else:
            targets = cls(*(f"{tenant[1]}.{part}.{tenant[2]}" for part in ("soap", "auth", "rest")))
        if auth_url is None:
            return targets
        return replace(targets, auth=_origin(auth_url, "--auth-upstream"))

    def learned(self, part: str, origin: str) -> Upstream:
        """Return the service with an address learned from a token answer, which cannot change HTTPS to HTTP."""
        if self.soap.startswith("https:") and not origin.startswith("https:"):
            return self
        return replace(self, soap=origin) if part == "soap" else replace(self, rest=origin)

    def base(self, path: str) -> str:
        """Return the base URL for a path."""
        lower = path.lower()
        if lower.rstrip("/") in {path.lower() for path in TOKEN_PATHS}:
            return self.auth
        return self.rest if lower.startswith(_REST_PATHS) else self.soap


class RecordingProxy:
    """A WSGI application that forwards requests to a service and records each POST with its answer.

    `ca_bundle` is a PEM file of authorities to trust instead of the system's. `on_exchange` is called with each
    recorded exchange. `problems` are the errors of recordings that could not be written; clients got their answers
    nevertheless.
    """

    def __init__(
        self,
        upstream: Upstream,
        recorder: Recorder,
        *,
        ca_bundle: FilePath | None = None,
        timeout: float = _TIMEOUT,
        on_exchange: Callable[[RecordedExchange], object] | None = None,
    ) -> None:
        self.upstream = upstream
        self.recorder = recorder
        self.problems: list[TranscriptError] = []
        self._timeout = timeout
        self._on_exchange = on_exchange
        self._lock = threading.Lock()
        self._pool = _pool(ca_bundle)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        from werkzeug.wrappers import Request as WSGIRequest
        from werkzeug.wrappers import Response as WSGIResponse

        request = WSGIRequest(environ)
        own = request.host_url.rstrip("/")
        answer = self._passed_on(request, own)
        headers = {
            name: value for name, value in answer.headers.items() if name not in _OF_ONE_CONNECTION
        }
        if "location" in headers:
            base = self.upstream.base(request.path)
            headers["location"] = headers["location"].replace(base, own)
        response = WSGIResponse(answer.body, answer.status, headers=headers)
        return response(environ, start_response)

    def close(self) -> None:
        """Close the connections to the service."""
        self._pool.clear()

    def _passed_on(self, request: WSGIRequest, own: str) -> Response:
        upstream = self.upstream
        base = upstream.base(request.path)
        url = base + request.full_path.rstrip("?")
        # Clients send the address that they know in wsa:To.
        body = request.get_data().replace(own.encode(), upstream.soap.encode())
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in _OF_ONE_CONNECTION
        }
        call = Request(url=url, headers=headers, body=body, timeout=self._timeout)
        started = time.monotonic()
        answer = self._asked(request.method, call)
        if answer is None:
            return _no_answer()
        if request.method == "POST":
            self._record(call, answer, started)
            self._learn(request.path, answer)
        return self._led_back(answer, own)

    def _asked(self, method: str, call: Request) -> Response | None:
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError, LocationValueError

        try:
            answer = self._pool.request(
                method,
                call.url,
                headers={**call.headers, "Accept-Encoding": "gzip"},
                body=call.body or None,
                timeout=Timeout(connect=_CONNECT_TIMEOUT, read=call.timeout),
                retries=False,
                redirect=False,
            )
        except (HTTPError, LocationValueError, OSError):
            return None
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Response(status=answer.status, headers=named, body=answer.data)

    def _record(self, call: Request, answer: Response, started: float) -> None:
        try:
            exchange = self.recorder.record(call, answer, started=started)
        except TranscriptError as problem:
            self.problems.append(problem)
            return
        if self._on_exchange is not None:
            self._on_exchange(exchange)

    def _learn(self, path: str, answer: Response) -> None:
        if path.lower().rstrip("/") not in {path.lower() for path in TOKEN_PATHS}:
            return
        with self._lock:
            for part, origin in _INSTANCE_URL.findall(answer.body):
                self.upstream = self.upstream.learned(part.decode(), origin.decode())

    def _led_back(self, answer: Response, own: str) -> Response:
        """Return the answer with the service's address replaced by the proxy's, unless it is SOAP."""
        kind = answer.headers.get("content-type", "")
        is_soap = b"Envelope" in answer.body[:300]
        if is_soap or not re.search(r"json|xml|text", kind):
            return answer
        known = {self.upstream.soap, self.upstream.auth, self.upstream.rest}
        pattern = "|".join(rf"{re.escape(name)}(?![\w.-])" for name in sorted(known))
        body = re.sub(pattern.encode(), own.encode(), answer.body, flags=re.IGNORECASE)
        return replace(answer, body=body)


def _origin(url: str, option: str) -> str:
    problem = url_problem(url)
    if problem is not None:
        raise ConfigurationError(f"The address of {option} {problem}")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _pool(ca_bundle: FilePath | None) -> urllib3.PoolManager:
    import ssl

    import urllib3

    try:
        context = None if ca_bundle is None else ssl.create_default_context(cafile=ca_bundle)
    except OSError as problem:
        raise ConfigurationError(
            f"The authorities in {ca_bundle} cannot be read: {problem.strerror or problem}. Name a PEM file with --ca."
        ) from None
    return urllib3.PoolManager(maxsize=20, ssl_context=context)


def _no_answer() -> Response:
    text = (
        "sfmc-mock record: the service gave no answer. Check --upstream, the network, and with --ca the authority that "
        "signed its certificate; the call may have been processed nevertheless, and is not recorded."
    )
    return Response(
        status=502, headers={"content-type": "text/plain; charset=utf-8"}, body=text.encode()
    )
