"""The addresses at which tokens are issued: a request, chaos rules, the answer, and its exchange for the journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from werkzeug.wrappers import Request, Response

from sfmc_mock.accounts import Accounts
from sfmc_mock.auth import TokenOrigin, account_hint, legacy_token_answer, token_answer
from sfmc_mock.chaos import TOKEN, CallFacts, ChaosStatus, Interruption, Plan, chaos_of, spoilt
from sfmc_mock.clock import server_time, steady_time, system_time
from sfmc_mock.errors import SoapFault, StorageFailed
from sfmc_mock.http import HangUp
from sfmc_mock.journal import Exchange
from sfmc_mock.responses import json_response, path_and_query

TokenAnswer = Callable[[Accounts, dict[str, object], TokenOrigin], tuple[int, dict[str, object]]]

_UNAVAILABLE: dict[str, object] = {
    "error": "temporarily_unavailable",
    "error_description": "The token cannot be given out at this time. Try again later.",
}
"""The answer to a token request whose account cannot be read or written: OAuth 2's error (assumed)."""


class TokenEndpoint:
    """Issues tokens for the accounts of a server.

    `origin_of` returns what the address of a request says, `record` gets the exchange of each request.
    """

    def __init__(
        self,
        accounts: Accounts,
        *,
        origin_of: Callable[[Request], TokenOrigin],
        record: Callable[[Exchange], object],
    ) -> None:
        self._accounts = accounts
        self._origin_of = origin_of
        self._record = record

    def token(self, request: Request) -> Response:
        """Answer `POST /v2/token`."""
        return self._answer(request, token_answer, "token")

    def legacy_token(self, request: Request) -> Response:
        """Answer `POST /v1/requestToken`."""
        return self._answer(request, legacy_token_answer, "legacy token")

    def _answer(self, request: Request, answer: TokenAnswer, what: str) -> Response:
        started = steady_time()
        if request.method != "POST":
            return json_response(
                405, {"error": "invalid_request", "error_description": "Use POST."}
            )
        document = request.get_data(parse_form_data=False)
        sent, trouble = _fields(request, document), ""
        fields = sent or {}
        plan, cut = Plan(), None
        try:
            origin = self._origin_of(request)
            plan = self._chaos_plan(fields, document, origin)
            plan.wait()
            plan.stop()
            status, body = answer(self._accounts, fields, origin)
        except StorageFailed as problem:
            status, body, trouble = 503, dict(_UNAVAILABLE), str(problem)
        except ChaosStatus as ordered:
            status, body, trouble = ordered.status, dict(_UNAVAILABLE), str(ordered)
        except SoapFault as ordered:
            # The endpoint knows no faults: what would be one is the refusal of the package.
            status, body, trouble = 401, {"error": "invalid_client"}, ordered.faultstring
        except Interruption as ordered:
            status, body, trouble, cut = 503, dict(_UNAVAILABLE), str(ordered), ordered
        hint = ""
        if sent is None and document:
            hint = _NO_FIELDS
        elif status == 401 and not trouble and answer is token_answer:
            hint = account_hint(self._accounts, fields, origin)
        response = json_response(status, body)
        self._record(
            Exchange(
                summary=what,
                at=server_time(system_time()),
                overall_status=_token_status(status, body),
                http_status=status,
                duration_ms=(steady_time() - started) * 1000,
                request=document,
                answer=response.get_data(),
                error=trouble or _token_error(status, body),
                method=request.method,
                target=path_and_query(request),
                headers=tuple(request.headers.items()),
                warnings=(hint,) if hint else (),
                chaos=tuple(plan.hits),
            )
        )
        if cut is not None:
            raise HangUp(reset=cut.how == "reset")
        body_sent = spoilt(response.get_data(), plan)
        return Response(body_sent, status, content_type=response.content_type)

    def _chaos_plan(self, fields: dict[str, object], document: bytes, origin: TokenOrigin) -> Plan:
        """Return the effects of chaos rules on a request for a token."""
        client_id, secret = (
            str(fields.get(old) or fields.get(new) or "")
            for old, new in (("clientId", "client_id"), ("clientSecret", "client_secret"))
        )
        account = self._accounts.by_client(client_id, secret, only=origin.only)
        if account is None or not (chaos := chaos_of(account)):
            return Plan()
        facts = CallFacts(TOKEN, f"client {client_id}", account.now(), content=lambda: document)
        return chaos.plan(facts)


def _token_status(status: int, body: Mapping[str, object]) -> str:
    """Return the status of a token request: `OK`, or the error in either form of the two endpoints."""
    if status < 400:
        return "OK"
    return str(body.get("error") or body.get("message") or "Error")


def _token_error(status: int, body: Mapping[str, object]) -> str:
    if status < 400:
        return ""
    return str(
        body.get("error_description")
        or "no package has this client ID and secret; `sfmc-mock export` shows those of the account"
    )


_NO_FIELDS = (
    "the body is not a JSON object, so nothing of it was read; a form needs the Content-Type "
    "application/x-www-form-urlencoded"
)


def _fields(request: Request, document: bytes) -> dict[str, object] | None:
    """Return the fields of a token request: JSON, or a form. None if it is neither."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return dict(request.form)
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
