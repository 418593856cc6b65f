"""The WSGI application and its addresses. Any WSGI server can mount it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sfmc_mock.accounts import Accounts
from sfmc_mock.auth import TokenOrigin
from sfmc_mock.chaos import spoilt
from sfmc_mock.clock import server_time, steady_time, system_time
from sfmc_mock.control import PREFIX, AccountHandle, ControlAPI, NotThere
from sfmc_mock.diagnostics import Problems
from sfmc_mock.http import BODY, MORE, HangUp, Later
from sfmc_mock.inspector import ROOT as PAGES
from sfmc_mock.inspector import is_page, leads_to_pages
from sfmc_mock.intercept import Hosts, Tenants, rest_address, soap_address
from sfmc_mock.intercept.hosts import host_of
from sfmc_mock.journal import Exchange, Journal
from sfmc_mock.journal.summary import summary
from sfmc_mock.objects import about_object
from sfmc_mock.responses import json_response, path_and_query, text_response
from sfmc_mock.settings import Settings
from sfmc_mock.soap import SoapCall, SoapEndpoint
from sfmc_mock.soap_request import content_type_and_action, headers_of
from sfmc_mock.token_endpoint import TokenEndpoint
from sfmc_mock.whole_numbers import whole_number

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from sfmc_mock.inspector.inspector import Inspector

ENDPOINT = "/Service.asmx"
WSDL_PATH = "/etframework.wsdl"
FAULT_SCHEMA_PATH = "/ETFrameworkFault.xsd"

# Last-Modified of the WSDL: that of the copy of the schema that it follows.
_WSDL_MODIFIED = "Mon, 11 Nov 2024 00:00:00 GMT"

_READING = ("GET", "HEAD")

# Of one call, that the journal names.
_MOST_SENDS = 1_000

# What most calls end with, as werkzeug writes it.
_STATUS_LINES = {200: "200 OK", 400: "400 BAD REQUEST", 500: "500 INTERNAL SERVER ERROR"}

OnExchange = Callable[[Exchange], object]


class Application:
    """Everything that a server answers: SOAP, the WSDL, tokens, and the control API under `/_mock/`.

    `on_exchange` is called after each call; `next_number` returns the numbers of calls. `problems` are the last
    failures of the emulator itself in calls, for a test harness to raise in its own thread.
    """

    def __init__(
        self,
        accounts: Accounts,
        settings: Settings | None = None,
        *,
        on_exchange: OnExchange | None = None,
        next_number: Callable[[], int] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.accounts = accounts
        self.journal = Journal(max_exchanges=self.settings.journal_size, next_number=next_number)
        self.on_exchange = on_exchange
        self.problems = Problems()
        self.control = ControlAPI(accounts, self.journal, self.settings)
        self._inspector: Inspector | None = None
        self._inspector_lock = threading.Lock()
        self._intercepted = Hosts(self.settings.intercept_hosts) if self.settings.intercept else ()
        self.tenants = Tenants(self.settings.tenants)
        self._soap = SoapEndpoint(
            accounts, page_size=self.settings.page_size, limits=self.settings.limits
        )
        tokens = TokenEndpoint(accounts, origin_of=self._token_origin, record=self._keep)
        # Paths are compared without case: FuelSDK-Python posts to /service.asmx.
        self._routes: dict[str, Callable[[Request], Response]] = {
            ENDPOINT.lower(): self._service,
            WSDL_PATH.lower(): self._wsdl,
            FAULT_SCHEMA_PATH.lower(): self._fault_schema,
            "/v2/token": tokens.token,
            "/v1/requesttoken": tokens.legacy_token,
            "/platform/v1/endpoints/soap": self._endpoint_lookup,
        }

    @property
    def inspector(self) -> Inspector:
        """The inspector, loaded at the first request for a page: most servers never show one."""
        from sfmc_mock.inspector.inspector import Inspector

        with self._inspector_lock:
            if self._inspector is None:
                self._inspector = Inspector(self.control, self._replay)
            return self._inspector

    def stop(self) -> None:
        """End the streams of pages, so that a server can stop at once."""
        if self._inspector is not None:
            self._inspector.stop()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            if environ["REQUEST_METHOD"] == "POST" and _is_endpoint(environ.get("PATH_INFO", "")):
                return self._soap_call(environ, start_response)
            response = self._respond(self._request(environ))
        except RequestEntityTooLarge:
            response = text_response(
                413,
                f"The request is larger than {self.settings.max_body} bytes, the most that this server takes.",
            )
        except HTTPException as refused:
            response = text_response(refused.code or 400, refused.description or "Bad Request")
        return response(environ, start_response)

    def _request(self, environ: WSGIEnvironment) -> Request:
        # Without `werkzeug.request` in the environment, which would keep the body until the next collection of garbage.
        request = Request(environ, populate_request=False)
        request.max_content_length = self.settings.max_body
        return request

    def _respond(self, request: Request) -> Response:
        path = request.path.lower().rstrip("/") or "/"
        route = self._routes.get(path)
        if route is not None:
            return route(request)
        if path == PREFIX or path.startswith(PREFIX + "/"):
            if self._is_intercepted(request) and not self._is_allowed(request):
                return text_response(404, _NO_CONTROL)
            refusal = self.control.refusal(request)
            if refusal is not None:
                return refusal
            if is_page(request):
                return self.inspector.respond(request)
            return self.control.respond(request)
        if path == "/":
            if leads_to_pages(request) and not self._is_intercepted(request):
                return redirect(f"{PAGES}/")
            return text_response(200, self._welcome(request))
        return self._nothing_here(request)

    def base(self, request: Request) -> str:
        """Return the server's own address as the caller knows it, without a slash at the end."""
        return request.host_url.rstrip("/")

    def _welcome(self, request: Request) -> str:
        base = self.base(request)
        control = "" if self._is_intercepted(request) else f"Control        {base}{PREFIX}/health\n"
        return _WELCOME.format(base=base) + control

    # Production's addresses.

    def _is_intercepted(self, request: Request) -> bool:
        return bool(self._intercepted) and host_of(request.host) in self._intercepted

    def _is_allowed(self, request: Request) -> bool:
        allowed = (each.strip().lower() for each in self.settings.allow_host)
        return host_of(request.host) in allowed

    def _soap_base(self, request: Request) -> str:
        base = self.base(request)
        return soap_address(base) if self._is_intercepted(request) else base

    def _only_account(self, request: Request) -> int | None:
        """Return the MID of the account of the request's host, if the host names one."""
        if not self._is_intercepted(request):
            return None
        host = host_of(request.host)
        mid = self.tenants.mid_of(host)
        return mid if mid is not None and self.accounts.by_mid(mid) is not None else None

    def _token_origin(self, request: Request) -> TokenOrigin:
        base = self.base(request)
        if not self._is_intercepted(request):
            return TokenOrigin(base, base)
        return TokenOrigin(soap_address(base), rest_address(base), self._only_account(request))

    # SOAP.

    def _service(self, request: Request) -> Response:
        if request.method not in _READING:
            return text_response(
                405,
                "The endpoint takes POST, and GET for its WSDL (?wsdl).",
                {"Allow": "POST, GET, HEAD"},
            )
        if any(name.lower() == "wsdl" for name in request.args):
            return self._wsdl(request)
        return text_response(200, self._welcome(request))

    def _soap_call(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a call without werkzeug's request and response, which cost as much as all the XML of a short call."""
        started = steady_time()
        content_type = environ.get("CONTENT_TYPE", "")
        charset, action = content_type_and_action(content_type, environ.get("HTTP_SOAPACTION"))
        document = self._body(environ)
        call = SoapCall(
            document=document if charset is None else _in_utf8(document, charset),
            action=action,
            endpoint=lambda: self.base(self._request(environ)) + ENDPOINT,
            only_account=self._only_account(self._request(environ)) if self._intercepted else None,
            more=environ.get(MORE),
        )
        self._soap.handle(call)
        if call.flush is not None:
            return Later(
                lambda: self._finish(environ, self._soap.settle(call), started, start_response)
            )
        return self._finish(environ, call, started, start_response)

    def _finish(
        self,
        environ: WSGIEnvironment,
        call: SoapCall,
        started: float,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        if call.problem is not None:
            self.problems.keep(call.problem)
        self._keep_call(environ, call, started)
        if call.interruption is not None:
            raise HangUp(reset=call.interruption.how == "reset")
        body = spoilt(call.body, call.chaos) if call.chaos else call.body
        if call.status not in _STATUS_LINES or not isinstance(body, bytes):
            response = Response(body, call.status, content_type=call.content_type)
            return response(environ, start_response)
        start_response(
            _STATUS_LINES[call.status],
            [("Content-Type", call.content_type), ("Content-Length", str(len(body)))],
        )
        return [body]

    def _body(self, environ: WSGIEnvironment) -> bytes:
        """Return the body of a request. Raises `HTTPException` when it is too large or not whole."""
        body: bytes | None = environ.get(BODY)
        if body is not None and len(body) <= self.settings.max_body:
            return body
        length = whole_number(environ.get("CONTENT_LENGTH", ""))
        if (
            length is not None
            and length <= self.settings.max_body
            and not environ.get("HTTP_TRANSFER_ENCODING")
        ):
            body = environ["wsgi.input"].read(length)
            assert body is not None
            if len(body) < length:
                raise ClientDisconnected
            return body
        return self._request(environ).get_data()

    def _replay(self, number: int, handle: AccountHandle) -> int:
        """Send the request of an exchange again, as the account's user; return the number of the new exchange."""
        from werkzeug.test import Client

        from sfmc_mock.inspector.replay import replayed

        found = self.journal.get(number)
        if found is None:
            raise NotThere(f"The journal holds no exchange {number} any more.")
        again = replayed(found, handle.credentials, lambda: self._fresh_token(handle))
        with Client(self).open(again) as response:
            response.get_data()
        return self.journal.recorded

    def _fresh_token(self, handle: AccountHandle) -> str:
        return self.accounts.issue_token(handle.account, handle.credentials["client_id"])[0]

    def _keep_call(self, environ: WSGIEnvironment, call: SoapCall, started: float) -> None:
        types, about = summary(call.operation, call.message, about_object)
        caller, answer, matched, overall = call.caller, call.answer, call.matched, ""
        if answer is not None:
            overall = str(answer.values.get("OverallStatus") or "OK")
        self._keep(
            Exchange(
                operation=call.operation or call.action or "",
                object_types=types,
                at=call.at or server_time(system_time()),
                account=caller.account.mid if caller is not None else None,
                caller=caller.label if caller is not None else "",
                summary=about,
                overall_status=overall,
                http_status=call.status,
                duration_ms=(steady_time() - started) * 1000,
                request=(matched and matched.abridged) or call.document,
                request_size=len(call.document),
                answer=call.body,
                warnings=tuple(call.warnings),
                error=call.error,
                target=_target(environ),
                headers=headers_of(environ),
                chaos=tuple(call.chaos.hits) if call.chaos else (),
                sends=tuple(call.sends[:_MOST_SENDS]),
            )
        )

    def refused(self, status: str, sentence: str) -> None:
        """Record a request that the HTTP server answered itself, because it was unreadable."""
        self._keep(
            Exchange(
                at=server_time(system_time()),
                http_status=int(status.split()[0]),
                error=sentence,
                method="(unread)",
            )
        )

    def _keep(self, exchange: Exchange) -> None:
        self.journal.record(exchange)
        if self.on_exchange is not None:
            self.on_exchange(exchange)

    # The WSDL.

    def _wsdl(self, request: Request) -> Response:
        if request.method not in _READING:
            return _only_to_be_read()
        # Loading spyne takes longer than starting the server: only those pay who ask.
        from sfmc_mock.wire.wsdl import wsdl

        base = self._soap_base(request)
        document = wsdl(base + ENDPOINT, base + FAULT_SCHEMA_PATH)
        return _xml(document)

    def _fault_schema(self, request: Request) -> Response:
        if request.method not in _READING:
            return _only_to_be_read()
        from sfmc_mock.wire.wsdl import fault_xsd

        return _xml(fault_xsd())

    def _endpoint_lookup(self, request: Request) -> Response:
        return json_response(200, {"url": self._soap_base(request) + ENDPOINT})

    def _nothing_here(self, request: Request) -> Response:
        self._keep(
            Exchange(
                at=server_time(system_time()),
                http_status=404,
                error="there is nothing at this address; SOAP is at /Service.asmx",
                method=request.method,
                target=path_and_query(request),
                headers=tuple(request.headers.items()),
            )
        )
        # The form of the service's REST errors (recorded): clients that look there for more go on without.
        return json_response(
            404,
            {
                "documentation": f"{self.base(request)}/",
                "errorcode": 404,
                "message": f"Nothing is emulated at {request.path}. SOAP is at {ENDPOINT}.",
            },
        )


_NO_CONTROL = (
    f"The control API is not at production's addresses: {PREFIX} is at the server's own, which SFMC_MOCK_URL names for "
    "programs that sfmc-mock exec runs.\n"
)
_WELCOME = """sfmc-mock: an emulator of the Marketing Cloud SOAP API.

SOAP endpoint  {base}/Service.asmx
WSDL           {base}/etframework.wsdl
Tokens         {base}/v2/token
"""


def _is_endpoint(path: str) -> bool:
    return path == ENDPOINT or path.strip("/").lower() == ENDPOINT[1:].lower()


def _target(environ: WSGIEnvironment) -> str:
    """Return the called path with its query, as the client sent them."""
    path, query = str(environ.get("PATH_INFO", "")), environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _in_utf8(document: bytes, charset: str) -> bytes:
    """Return a document in the encoding of its XML, for clients that name another only in the HTTP header."""
    if b"encoding" in document[:100]:
        return document
    try:
        return document.decode(charset).encode()
    except (LookupError, UnicodeDecodeError):
        return document


def _only_to_be_read() -> Response:
    return text_response(405, "This document can only be read: use GET.", {"Allow": "GET, HEAD"})


def _xml(document: bytes) -> Response:
    return Response(
        document,
        200,
        headers={"Last-Modified": _WSDL_MODIFIED},
        content_type="text/xml; charset=utf-8",
    )
