"""Authentication: find the account of an envelope's credentials, and issue tokens for a client ID and secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfmc_mock.account import Account
from sfmc_mock.account.tokens import SCOPE
from sfmc_mock.accounts import Accounts
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.diagnostics import cut
from sfmc_mock.envelope import Credentials
from sfmc_mock.errors import LoginFailed, SecurityMissing, TokenExpired
from sfmc_mock.whole_numbers import whole_number

Answer = tuple[int, dict[str, object]]
"""HTTP status, and the body that is sent as JSON."""

_ERROR_PAGE = "https://developer.salesforce.com/docs"


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller: the account, and a label for the journal without any secret."""

    account: Account = field(repr=False)
    label: str
    scopes: frozenset[str] | None = None
    """The scopes of the caller; None for a caller without any restriction."""


class Callers:
    """Finds the caller of a call. Callers with a name and password are cached until an account is added or removed."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._known: dict[tuple[str, str, int | None], Caller] = {}
        self._version = -1

    def authenticate(self, credentials: Credentials, *, only: int | None = None) -> Caller:
        """Return the caller with the credentials of an envelope; with `only`, it must be of the account with that MID.

        A token wins over a name and password: clients send `*` for both beside it (sdk). Raises `LoginFailed` for
        missing, unknown and wrong credentials, `SecurityMissing` where the header has no element for them,
        `TokenExpired` for a token that has expired.
        """
        if not credentials.are_there:
            raise SecurityMissing
        if credentials.token:
            return self._by_token(credentials.token, only)
        asked = credentials.username or "", credentials.password or "", only
        version = self._accounts.version
        if self._version != version:
            self._known, self._version = {}, version
        caller = self._known.get(asked)
        if caller is None:
            caller = put_bounded(self._known, asked, self._by_password(*asked), _MOST_KNOWN)
        return caller

    def _by_token(self, text: str, only: int | None) -> Caller:
        found = self._accounts.by_token(text, only=only)
        if found is None:
            raise LoginFailed
        account, token = found
        if token.expires_at <= account.now():
            raise TokenExpired
        return Caller(account, f"client {token.client_id}", _scopes(token.scope))

    def _by_password(self, username: str, password: str, only: int | None) -> Caller:
        account = self._accounts.by_password(username, password, only=only)
        if account is None:
            raise LoginFailed
        return Caller(account, username, _scopes(self._accounts.scope_of_user(username)))


_MOST_KNOWN = 1_000


def _scopes(text: str) -> frozenset[str] | None:
    return frozenset(text.split()) if text else None


@dataclass(frozen=True, slots=True)
class TokenOrigin:
    """The address of a token request: the addresses for its answer, and the only allowed account, if there is one."""

    soap_url: str
    rest_url: str
    only: int | None = None


def token_answer(accounts: Accounts, body: Mapping[str, object], origin: TokenOrigin) -> Answer:
    """Return the answer of `POST /v2/token` to a body that was JSON or a form.

    The error for wrong credentials is recorded, the other errors are those of OAuth 2 (assumed).
    """
    grant = _text(body, "grant_type")
    if not grant:
        return _oauth_error(400, "invalid_request", "The grant_type is missing.")
    if grant != "client_credentials":
        return _oauth_error(
            400, "unsupported_grant_type", "The grant_type must be client_credentials."
        )
    client_id, client_secret = _text(body, "client_id"), _text(body, "client_secret")
    if not client_id or not client_secret:
        missing = "client_secret" if client_id else "client_id"
        return _oauth_error(400, "invalid_request", f"The {missing} is missing.")
    owner = accounts.by_client(client_id, client_secret, only=origin.only)
    if owner is None:
        return _oauth_error(401, "invalid_client", _CLIENT_FAILED)
    account = _account_for(owner, body.get("account_id"))
    if account is None:
        return _oauth_error(401, "invalid_client", _CLIENT_FAILED)
    granted = accounts.scope_of_package(client_id)
    asked = _text(body, "scope").split()
    refused = [each for each in asked if each not in (granted or SCOPE).split()]
    if refused:
        return _oauth_error(400, "invalid_scope", _scope_refused(refused[0]))
    scope = " ".join(asked) or granted
    token, expires_in = accounts.issue_token(account, client_id, scope)
    return 200, {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": expires_in,
        "scope": scope or SCOPE,
        # Clients append `Service.asmx` without a slash of their own.
        "soap_instance_url": origin.soap_url.rstrip("/") + "/",
        "rest_instance_url": origin.rest_url.rstrip("/") + "/",
    }


def account_hint(accounts: Accounts, body: Mapping[str, object], origin: TokenOrigin) -> str:
    """Return a text for a warning when only the account_id of a refused request is wrong; else an empty one."""
    client_id, client_secret = _text(body, "client_id"), _text(body, "client_secret")
    owner = accounts.by_client(client_id, client_secret, only=origin.only)
    account_id = body.get("account_id")
    if owner is None or _account_for(owner, account_id) is not None:
        return ""
    top = owner.enterprise or owner
    mids = [mid for mid in (top.mid, *top.units) if owner.related(mid) is not None]
    return (
        f"the package has no access to an account {cut(str(account_id), 50)}: its accounts are "
        f"{', '.join(map(str, mids[:_MOST_MIDS]))}"
    )


_MOST_MIDS = 10


def legacy_token_answer(
    accounts: Accounts, body: Mapping[str, object], origin: TokenOrigin
) -> Answer:
    """Return the answer of `POST /v1/requestToken` to a JSON body; it does not give the server's address.

    Its fields are those that SDKs read; the error has the form of the service's REST errors (assumed here).
    """
    client_id, client_secret = _text(body, "clientId"), _text(body, "clientSecret")
    account = accounts.by_client(client_id, client_secret, only=origin.only)
    if account is None:
        return 401, {
            "documentation": _ERROR_PAGE,
            "errorcode": 1,
            "message": "Unauthorized",
        }
    scope = accounts.scope_of_package(client_id)
    token, expires_in = accounts.issue_token(account, client_id, scope)
    refresh_token = account.ids.guid("refresh token", token).replace("-", "")
    return 200, {
        "accessToken": token,
        "expiresIn": expires_in,
        # The same token: SOAP takes it in `oAuth` as well as in `fueloauth`.
        "legacyToken": token,
        "refreshToken": refresh_token,
    }


# Text: recorded.
_CLIENT_FAILED = (
    "Client authentication failed. Make sure that the client ID and client secret are valid and that the package is "
    "installed and enabled."
)


def _oauth_error(status: int, error: str, description: str) -> Answer:
    return status, {"error": error, "error_description": description, "error_uri": _ERROR_PAGE}


def _account_for(owner: Account, account_id: object) -> Account | None:
    """Return the account for a token: that of the package, or a business unit that it can see."""
    named = "" if account_id is None else str(account_id).strip()
    if not named:
        return owner
    mid = whole_number(named)
    return None if mid is None else owner.related(mid)


def _scope_refused(scope: str) -> str:
    if scope in SCOPE.split():
        return f"The package does not have the scope {scope}."
    return f"The scope {scope} is not known."


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""
