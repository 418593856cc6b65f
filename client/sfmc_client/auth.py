"""Authentication: credentials as a flow of requests.

A way to log in is a generator that yields requests and is sent their responses; it does no I/O itself. The last request
that it yields is the call, those before it fetch a token.
"""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from sfmc_client.envelope import (
    HIDDEN_CREDENTIALS,
    Credentials,
    Message,
    read_fault,
    token_header,
    username_token_header,
)
from sfmc_client.errors import (
    ConfigurationError,
    LoginFailed,
    SfmcError,
    TokenExpired,
    TokenRefused,
    UnreadableAnswer,
)
from sfmc_client.exchanges import Request, Response
from sfmc_client.models import text_of
from sfmc_client.transport import url_problem

Flow: TypeAlias = "Generator[Request, Response, None]"

USER_AGENT = "sfmc-client"

# Seconds. The service's value is 1,079 (recorded); it is assumed for an answer without one.
_LIFETIME = 1_079
# A token is renewed this long before its end, so that a call does not arrive after it.
_MARGIN = 60.0

_HOST = "marketingcloudapis.com"


@dataclass(frozen=True, slots=True)
class Call:
    """A message without credentials; `endpoint` is `None` if the answer of the login gives it."""

    message: Message
    endpoint: str | None
    timeout: float
    repeatable: bool = False

    def request(self, credentials: Credentials, endpoint: str | None = None) -> Request:
        """Return the request that carries the message with these credentials.

        `endpoint` is used if the call has none. Raises `ConfigurationError` if there is none at all.
        """
        url = self.endpoint or endpoint
        if url is None:
            raise ConfigurationError(
                "The address of the service is not given. Give the client endpoint= or subdomain=, or a login whose "
                "token answer has soap_instance_url (with https, if the token endpoint has it)."
            )
        return Request(
            url=url,
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "SOAPAction": f'"{self.message.operation.name}"',
                "Accept": "text/xml, application/soap+xml",
                "Accept-Encoding": "gzip",
                "User-Agent": USER_AGENT,
            },
            body=self.message.envelope(url, credentials),
            timeout=self.timeout,
            repeatable=self.repeatable,
            shown=self.message.envelope(url, HIDDEN_CREDENTIALS),
        )


class Auth(ABC):
    """A way to log in. A new one overrides `flow`, and `secrets` if it has any."""

    @abstractmethod
    def flow(self, call: Call) -> Flow:
        """Yield requests and be sent their responses; the last one is the call."""

    def secrets(self) -> list[str]:
        """Return the secrets, which no error text or exchange may contain."""
        return []


class UsernameToken(Auth):
    """User name and password in each envelope (WS-Security). The service deprecates it (documented)."""

    def __init__(self, username: str, password: str) -> None:
        problem = _text_problem(username, "user name") or _text_problem(password, "password")
        if problem is not None:
            # A debugger, or pytest, shows the variables of this frame.
            del self, username, password
            raise ConfigurationError(problem)
        self._username = username
        self._password = password
        self._credentials = username_token_header(username, password)

    def flow(self, call: Call) -> Flow:
        """Yield the call, signed."""
        yield call.request(self._credentials)

    def secrets(self) -> list[str]:
        """Return the password."""
        return [self._password]

    def __repr__(self) -> str:
        return f"UsernameToken({self._username!r}, '***')"


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    expires: float
    endpoint: str | None


class OAuth(Auth):
    """OAuth 2 client credentials: a token for about 18 minutes, fetched when needed and renewed in time.

    `account_id` is the MID of the business unit to work in, the package's own if left out. The token endpoint is that
    of `subdomain`, or `token_url`; with neither it is the one that belongs to the client's endpoint. If the client has
    no endpoint, the one in the token answer (`soap_instance_url`) is used. A call that is refused for its token is
    sent once more with a new one. Safe to use from several threads, which share the token. `clock` returns seconds.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        account_id: int | str | None = None,
        subdomain: str | None = None,
        token_url: str | None = None,
        scope: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        problem = (
            _text_problem(client_id, "client id")
            or _text_problem(client_secret, "client secret")
            or _token_url_problem(subdomain, token_url)
        )
        if problem is not None:
            del self, client_secret, token_url
            raise ConfigurationError(problem)
        self._client_id = client_id
        self._client_secret = client_secret
        self._account_id = account_id
        self._scope = scope
        self._token_url = token_url if subdomain is None else subdomain_url(subdomain, "auth")
        self._clock = clock
        self._token: _Token | None = None
        # An answer may still echo a token that another thread has renewed meanwhile.
        self._tokens: deque[str] = deque(maxlen=8)
        # Held while a token is fetched, so that many threads fetch one. Not an RLock: a flow may be closed by another
        # thread than the one that ran it.
        self._lock = threading.Lock()

    def flow(self, call: Call) -> Flow:
        """Yield a request for a token if there is none, then the call; both once more if the token is refused."""
        known = self._token
        token = yield from self._valid(call, refused=None)
        response = yield call.request(token_header(token.text), token.endpoint)
        if _refused(response, fresh=token is not known):
            token = yield from self._valid(call, refused=token)
            yield call.request(token_header(token.text), token.endpoint)

    def _valid(self, call: Call, *, refused: _Token | None) -> Generator[Request, Response, _Token]:
        """Return the current token, or a new one if it has expired or was just refused."""
        with self._lock:
            token = self._token
            if token is None or token is refused or self._clock() >= token.expires:
                url = self._url(call)
                asked = self._clock()
                response = yield self._request(url, call.timeout)
                answer = _read_token(response, url, asked)
                if isinstance(answer, SfmcError):
                    raise answer
                token = self._token = answer
                self._tokens.append(token.text)
            return token

    def _url(self, call: Call) -> str:
        if self._token_url is not None:
            return self._token_url
        if call.endpoint is None:
            raise ConfigurationError(
                "The address of the token endpoint is not given. Give OAuth subdomain= or token_url=, or the client an "
                "endpoint."
            )
        return _token_url_beside(call.endpoint)

    def _request(self, url: str, timeout: float) -> Request:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        if self._account_id is not None:
            asked["account_id"] = str(self._account_id)
        if self._scope is not None:
            asked["scope"] = self._scope
        return Request(
            url=url,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": USER_AGENT,
            },
            body=json.dumps(asked).encode(),
            timeout=timeout,
            # A new token does not invalidate the first.
            repeatable=True,
        )

    def secrets(self) -> list[str]:
        """Return the client secret and the latest tokens."""
        return [self._client_secret, *self._tokens.copy()]

    def __repr__(self) -> str:
        account = "" if self._account_id is None else f", account_id={self._account_id!r}"
        url = "" if self._token_url is None else f", token_url={self._token_url!r}"
        return f"OAuth({self._client_id!r}, '***'{account}{url})"


def subdomain_url(subdomain: str, part: str) -> str:
    """Return the URL of a tenant's SOAP (`soap`) or token (`auth`) endpoint.

    >>> subdomain_url("mc0123456789", "soap")
    'https://mc0123456789.soap.marketingcloudapis.com/Service.asmx'
    """
    path = "/v2/token" if part == "auth" else "/Service.asmx"
    return f"https://{subdomain}.{part}.{_HOST}{path}"


def subdomain_problem(subdomain: str) -> str | None:
    """Return the problem of a tenant's subdomain, `None` for a valid one."""
    if subdomain and all(c.isascii() and (c.isalnum() or c == "-") for c in subdomain):
        return None
    return (
        f"{subdomain!r} is not a subdomain. Give only the part before .soap.{_HOST}; for a whole address there is "
        "endpoint=, or token_url=."
    )


def soap_endpoint(url: str) -> str:
    """Return the address of the service, given with its path or without.

    >>> soap_endpoint("http://127.0.0.1:8025")
    'http://127.0.0.1:8025/Service.asmx'
    """
    if url.lower().endswith(".asmx") or urlsplit(url).path not in {"", "/"}:
        return url
    return url.rstrip("/") + "/Service.asmx"


def _token_url_beside(endpoint: str) -> str:
    """The token endpoint that goes with a SOAP endpoint: the tenant's own, or `/v2/token` on the same server."""
    parts = urlsplit(endpoint)
    host = (parts.hostname or "").removesuffix(f".soap.{_HOST}")
    if host != parts.hostname:
        return subdomain_url(host, "auth")
    return f"{parts.scheme}://{parts.netloc}/v2/token"


def _token_url_problem(subdomain: str | None, token_url: str | None) -> str | None:
    if subdomain is not None and token_url is not None:
        return "OAuth takes subdomain= or token_url=, not both."
    if subdomain is not None:
        return subdomain_problem(subdomain)
    problem = None if token_url is None else url_problem(token_url)
    return None if problem is None else f"The token_url {problem}"


def _text_problem(text: str, what: str) -> str | None:
    if not isinstance(text, str) or not text:
        return f"The {what} is empty. Give the one of the account; an environment variable may be missing."
    try:
        text_of(text)
    except ConfigurationError:
        return f"The {what} has a character that XML cannot carry. Check that it was copied completely."
    return None


def _refused(response: Response, *, fresh: bool) -> bool:
    """Whether another token may help.

    The service answers a token that it does not know (any more) like a wrong password. So a new one is tried, unless
    this one was new.
    """
    fault = read_fault(response)
    return isinstance(fault, TokenExpired) or (isinstance(fault, LoginFailed) and not fresh)


def _read_token(response: Response, url: str, asked: float) -> _Token | SfmcError:
    """Return the token in the answer, or the error to raise: raised here, its traceback would show the token."""
    try:
        answer = json.loads(response.body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return _no_token(response, url, "the body is not a JSON object")
    if response.status != 200 or "error" in answer:
        return _token_refused(answer, response, url)
    text = answer.get("access_token")
    if not isinstance(text, str) or _text_problem(text, "token") is not None:
        return _no_token(response, url, "the JSON has no access_token")
    told = answer.get("expires_in")
    lifetime = float(told if isinstance(told, (int, float)) and told > 1 else _LIFETIME)
    endpoint = answer.get("soap_instance_url")
    if not isinstance(endpoint, str) or _endpoint_problem(endpoint, url):
        endpoint = None
    expires = asked + lifetime - min(_MARGIN, lifetime / 10)
    return _Token(text, expires, endpoint and soap_endpoint(endpoint))


def _endpoint_problem(endpoint: str, token_url: str) -> bool:
    """Whether the endpoint in a token answer must not be used: it is not a URL, or plain HTTP after login by HTTPS."""
    if url_problem(endpoint) is not None:
        return True
    return token_url.startswith("https:") and not endpoint.startswith("https:")


def _token_refused(answer: dict[str, object], response: Response, url: str) -> SfmcError:
    if response.status == 429 or response.status >= 500:
        return _no_token(response, url, "an error of the server")
    error = answer.get("error")
    description = answer.get("error_description")
    text = description if isinstance(description, str) else "no token for these credentials"
    return TokenRefused(
        text,
        fault_code=error if isinstance(error, str) else f"HTTP {response.status}",
        operation=f"a token at {url}",
    )


def _no_token(response: Response, url: str, problem: str) -> UnreadableAnswer:
    return UnreadableAnswer(
        f"{url} answered the request for a token with HTTP {response.status}: {problem}. Check that it is the token "
        "endpoint (https://SUBDOMAIN.auth.marketingcloudapis.com/v2/token).",
        url=url,
        status=response.status,
    )
