"""The control API: `/_mock/…`, JSON in and out, one form of error."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Request, Response

from sfmc_mock.account.ftp_folder import FtpFileMissing
from sfmc_mock.accounts import Accounts
from sfmc_mock.control.access import FORM, Access, AccessDenied
from sfmc_mock.control.account_lookup import PREFIX, AccountLookup
from sfmc_mock.control.request import (
    FILE,
    Body,
    ControlRequest,
    Route,
    only_known,
    read_body,
    read_text,
)
from sfmc_mock.control.routes import ROUTES, own_version
from sfmc_mock.control_client import FILE_TYPE
from sfmc_mock.diagnostics import Problems
from sfmc_mock.errors import NotThere, SfmcMockError, StorageFailed
from sfmc_mock.journal import Journal
from sfmc_mock.settings import Settings
from sfmc_mock.store.database import MEMORY
from sfmc_mock.store.storage_failures import is_damage

if TYPE_CHECKING:
    from werkzeug.routing import Map


@cache
def _map() -> Map:
    # Made when the first request comes: werkzeug takes longer to prepare it than to answer a hundred of them.
    from werkzeug.routing import Map, Rule

    return Map(
        [Rule(route.path, methods=[route.method], endpoint=route) for route in ROUTES],
        merge_slashes=False,
        redirect_defaults=False,
        strict_slashes=False,
    )


class ControlAPI:
    """Answers `/_mock/…` for the accounts of a server, in any number of threads.

    `problems` are failures of the emulator itself in requests.
    """

    def __init__(self, accounts: Accounts, journal: Journal, settings: Settings) -> None:
        self._accounts = accounts
        self.lookup = AccountLookup(accounts, journal, settings)
        self.problems = Problems()
        self.access = Access.of(settings)

    def refusal(self, request: Request) -> Response | None:
        """Return the refusal of a caller who may not use the control API, None for one who may.

        It is checked before all paths that begin with `/_mock`, pages included.
        """
        try:
            self.access.check(request)
        except AccessDenied as denied:
            response = _error(denied.status, denied.code, str(denied))
            response.headers.extend({"X-Sfmc-Mock": own_version(), **denied.headers})
            return response
        return None

    def respond(self, request: Request) -> Response:
        """Answer a request whose path begins with `/_mock`; every error becomes an answer, too."""
        response = self._respond(request, request.path[len(PREFIX) :] or "/")
        response.headers["X-Sfmc-Mock"] = own_version()
        return response

    def _respond(self, request: Request, path: str) -> Response:
        try:
            return self._answered(request, path)
        except NotFound:
            shown = path if len(path) <= 80 else path[:79] + "…"
            return _error(
                404, "not_found", f"There is no {PREFIX}{shown}. GET {PREFIX} tells what there is."
            )
        except MethodNotAllowed as refused:
            methods = ", ".join(sorted(refused.valid_methods or ()))
            refusal = _error(405, "method_not_allowed", f"{PREFIX}{path} takes {methods}.")
            refusal.headers["Allow"] = methods
            return refusal
        except HTTPException as refused:
            code = refused.name.lower().replace(" ", "_")
            return _error(refused.code or 400, code, refused.description or refused.name)
        except Exception as problem:
            return _error(*self.trouble(problem, "request"))

    def trouble(self, problem: Exception, what: str) -> tuple[int, str, str]:
        """Return status, code and sentence for an error; a failure of the emulator itself is recorded in `problems`."""
        if isinstance(problem, (NotThere, FtpFileMissing)):
            return 404, "not_found", str(problem)
        if isinstance(problem, StorageFailed):
            return 503, "storage", str(problem)
        if isinstance(problem, SfmcMockError):
            return 400, "wrong_input", str(problem)
        if damage := self._damage(problem):
            return 503, "storage", damage
        self.problems.keep(problem)
        # Only the type of the error: its text may quote a secret of the request.
        kind = type(problem).__name__
        sentence = f"The emulator failed on this {what} ({kind}). This is an error of the emulator, not of the request."
        return 500, "internal", sentence

    def _damage(self, problem: Exception) -> str:
        """Return a sentence about an error of a damaged file; empty for other errors, and without a file."""
        files = [account.db.path for account in self._accounts if account.db.path != MEMORY]
        if not files or not is_damage(problem):
            return ""
        return (
            f"What an account's file holds cannot be read: one of {', '.join(files)} is damaged. "
            "Put a copy of it in its place."
        )

    def _answered(self, request: Request, path: str) -> Response:
        try:
            route, arguments = _map().bind("").match(path, request.method)
        except ValueError:
            # A number of thousands of digits.
            raise NotFound from None
        asked = self._asked(request, route)
        answer = route.act(asked, **arguments)
        if isinstance(answer, bytes):
            # A browser saves the file instead of showing it: it may be a hostile page.
            return Response(
                answer,
                200,
                headers={**_ALWAYS, "Content-Disposition": "attachment"},
                content_type=FILE_TYPE,
            )
        if isinstance(answer, str):
            return Response(answer, 200, content_type="application/toml; charset=utf-8")
        return _json(200, answer)

    def _asked(self, request: Request, route: Route) -> ControlRequest:
        only_known(list(request.args), route.query, "parameter")
        document = request.get_data(parse_form_data=False)
        if route.reads == FILE:
            return ControlRequest(self.lookup, request, {}, document=document)
        if route.reads:
            text = read_text(document, "a seed file (TOML)")
            return ControlRequest(self.lookup, request, {}, text)
        if request.mimetype == FORM:
            body: Body = dict(request.form)
        else:
            body = read_body(document)
        only_known(list(body), route.body, "field")
        return ControlRequest(self.lookup, request, body)


_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _json(status: int, body: Body) -> Response:
    # Half a character, as a path or a query may hold one, goes out in JSON's own spelling.
    document = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(
        document, status, headers=_ALWAYS, content_type="application/json; charset=utf-8"
    )


def _error(status: int, code: str, message: str) -> Response:
    """Return an error in the form of the control API."""
    return _json(status, {"error": {"code": code, "message": message}})
