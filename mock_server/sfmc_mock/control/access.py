"""Access to the control API: for the owner of the machine and callers with the token, not for web pages."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from werkzeug.datastructures import Authorization
from werkzeug.wrappers import Request

from sfmc_mock.control_client import FILE_TYPE
from sfmc_mock.errors import SetupError
from sfmc_mock.settings import Settings

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TOML_TYPES = ("application/toml", "text/x-toml", "text/toml")

_READING = ("GET", "HEAD")
_CHALLENGE = 'Bearer realm="sfmc-mock", Basic realm="sfmc-mock"'
_TOKEN = re.compile(r"[!-~]{8,}")
_EVERY_ADDRESS = ("0.0.0.0", "::", "")


class AccessDenied(Exception):
    """The request may not use the control API; it has `status` and `code` of the answer, and a text with advice."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


def is_loopback(host: str) -> bool:
    """Say whether a name or an address is a loopback address of this machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one server: the hosts that requests may name, and its token if it has one.

    `address` is the address listened on, `names` are further hosts that requests may name. A server that is reached
    from other machines has a token; on loopback there is one only if the settings say so.
    """

    address: str
    names: frozenset[str]
    token: str | None

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """Return the rules from the settings; a token that is needed and not given is generated.

        Raises `SetupError` for a token that a header cannot contain, or that is easy to guess.
        """
        token = settings.control_token
        if token is not None and _TOKEN.fullmatch(token) is None:
            raise SetupError(
                "The token of the control API (--control-token) must be 8 or more ASCII characters without blanks."
            )
        if token is None and not is_loopback(settings.host):
            token = secrets.token_urlsafe(24)
        names = frozenset(_name_of(host) for host in settings.allow_host)
        return cls(_name_of(settings.host), names, token)

    def check(self, request: Request) -> None:
        """Raise `AccessDenied` unless the request may use the control API.

        A request that changes something must be JSON, TOML, or a form that a page of this server sent.
        """
        self._check_host(request)
        self._check_token(request)
        self._check_origin(request)
        if request.method not in _READING:
            _check_content_type(request)

    def _check_host(self, request: Request) -> None:
        host = request.host
        if self.takes_host(_name_of(host)):
            return
        raise AccessDenied(
            403,
            "foreign_host",
            f"The control API does not answer requests for the host '{_cut(host)}', so that no web page can reach it "
            "under a name of its own. Use http://localhost or http://127.0.0.1; if the name is yours, start the "
            f"server with --allow-host {_cut(_name_of(host)) or 'NAME'}.",
        )

    def takes_host(self, name: str) -> bool:
        """Say whether requests may name this host (lower case, without a port)."""
        if is_loopback(name) or name in self.names:
            return True
        if self.address in _EVERY_ADDRESS:
            # Anyone can make a host name resolve to this machine, but not an address.
            return _is_address(name)
        return name == self.address

    def _check_token(self, request: Request) -> None:
        remote = request.remote_addr
        from_afar = remote is not None and _is_address(remote) and not is_loopback(remote)
        if self.token is None:
            if from_afar:
                raise AccessDenied(
                    403,
                    "token_required",
                    "The control API answers other machines only with a token: start the server with --control-token, "
                    "or SFMC_MOCK_CONTROL_TOKEN, and send it as Authorization: Bearer TOKEN.",
                )
            return
        given = _token_of(request.authorization)
        if given is None or not hmac.compare_digest(given.encode(), self.token.encode()):
            said = "is missing" if given is None else "is wrong"
            raise AccessDenied(
                401,
                "token_required",
                f"The token of the control API {said}. `sfmc-mock serve` prints it when it starts; send it as "
                "Authorization: Bearer TOKEN, give commands --control-token, or set SFMC_MOCK_CONTROL_TOKEN.",
                {"WWW-Authenticate": _CHALLENGE},
            )

    def _check_origin(self, request: Request) -> None:
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "none")
        foreign = origin is not None and not _is_own(origin, request)
        if origin is None and site not in ("same-origin", "none"):
            # Following a link shows a page only to the person who followed it.
            foreign = not (
                request.method in _READING and request.headers.get("Sec-Fetch-Mode") == "navigate"
            )
        if foreign:
            raise AccessDenied(
                403,
                "foreign_origin",
                f"The control API does not answer web pages of other origins ('{_cut(origin or site)}'). Call it from "
                "a program, or from a page that this server serves.",
            )


def _check_content_type(request: Request) -> None:
    # A page elsewhere can send a form or plain text without asking the browser, but neither JSON nor TOML.
    given = request.mimetype
    if given in (JSON, *TOML_TYPES):
        return
    if given == FILE_TYPE and request.method == "PUT":
        return
    if given == FORM and _is_own_form(request):
        return
    if not given and request.method == "DELETE" and not request.content_length:
        return
    wanted, more = JSON, f" ({TOML_TYPES[0]} for a seed file)"
    if request.method == "PUT":
        wanted, more = FILE_TYPE, ""
    raise AccessDenied(
        415,
        "unsupported_media_type",
        f"{request.method} needs the header Content-Type: {wanted}{more}"
        + (f", not {_cut(given)}" if given else "")
        + f". With curl: -H 'Content-Type: {wanted}'.",
    )


def _is_own_form(request: Request) -> bool:
    """Say whether a form was sent by a page of this server, by headers that browsers set and pages cannot."""
    return "Origin" in request.headers or request.headers.get("Sec-Fetch-Site") == "same-origin"


def _is_own(origin: str, request: Request) -> bool:
    try:
        asking = _place(origin)
        return asking is not None and asking == _place(request.host_url)
    except ValueError:
        return False


def _place(url: str) -> tuple[str | None, int] | None:
    """Return host and port of a web page's origin, None for another text. Raises `ValueError` for an invalid port."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    if default is None or parts.hostname is None:
        return None
    return parts.hostname, parts.port or default


def _token_of(given: Authorization | None) -> str | None:
    """Return the token of an Authorization header: as a bearer token, or as the password that a browser asks for."""
    if given is None:
        return None
    return given.token if given.type == "bearer" else given.password


def _name_of(host: str) -> str:
    """Return a host in lower case without its port: `[::1]:8025` is `::1`."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.count(":") > 1 else host.partition(":")[0].rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
