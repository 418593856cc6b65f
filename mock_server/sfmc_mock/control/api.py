"""The control API: `/_mock/…`, JSON in and out, one form of error.

Each route is a line of `ROUTES` and a function beside it; the functions are thin, `handles` holds what they do. An
account is chosen by the query parameter `mid`; without it, it is the first one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import NamedTuple

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sfmc_mock.account.explaining import Explanation
from sfmc_mock.account.registry import Accounts, credentials
from sfmc_mock.account.seeds import dump, read_seed
from sfmc_mock.control.handles import AccountHandle
from sfmc_mock.errors import SetupError, SfmcMockError
from sfmc_mock.journal import Journal
from sfmc_mock.settings import Settings
from sfmc_mock.store import inspection

PREFIX = "/_mock"

Body = dict[str, object]


@dataclass(slots=True)
class Asked:
    """A request to the control API: the server's parts, and what the request says."""

    api: ControlAPI
    request: Request
    body: Body

    @property
    def account(self) -> AccountHandle:
        """The account that the request is about. Raises `SetupError` for an unknown MID."""
        return self.api.handle(self.request.args.get("mid"))

    def text(self, name: str) -> str | None:
        """Return a query parameter, None when it is not given."""
        return self.request.args.get(name) or None

    def number(self, name: str, default: int | None = None) -> int | None:
        """Return a query parameter as a number. Raises `SetupError` when it is none."""
        found = self.text(name)
        if found is None:
            return default
        if not found.lstrip("-").isdigit():
            raise SetupError(f"The parameter {name} must be a number, not '{found}'.")
        return int(found)

    def said(self, name: str, kind: type, *, required: bool = False) -> object:
        """Return a field of the body. Raises `SetupError` when it is missing or of another kind."""
        found = self.body.get(name)
        if found is None and not required:
            return None
        if not isinstance(found, kind) or isinstance(found, bool) is not (kind is bool):
            wanted = {str: "a text", int: "a number", bool: "true or false", dict: "an object"}[
                kind
            ]
            raise SetupError(f"The field '{name}' of the body must be {wanted}.")
        return found


Answer = Body | str
Act = Callable[..., Answer]


class Route(NamedTuple):
    """An address under `/_mock`, the method that it takes, what it does, and a sentence for the documentation."""

    method: str
    path: str
    act: Act
    about: str


# Health and accounts.


def _health(asked: Asked) -> Body:
    return {"status": "ok", "version": version("sfmc-mock"), "accounts": len(asked.api.accounts)}


def _accounts(asked: Asked) -> Body:
    return {
        "accounts": [
            asked.api.about(asked.api.handle(str(each.mid))) for each in asked.api.accounts
        ]
    }


def _fresh_account(asked: Asked) -> Body:
    account = asked.api.accounts.fresh()
    own = credentials(account)
    base = asked.request.host_url.rstrip("/")
    return {
        "mid": own.mid,
        "username": own.username,
        "password": own.password,
        "client_id": own.client_id,
        "client_secret": own.client_secret,
        "url": f"{base}/Service.asmx",
        "auth_url": f"{base}/v2/token",
    }


def _remove_account(asked: Asked, mid: int) -> Body:
    handle = asked.api.handle(str(mid))
    asked.api.forget(handle)
    return {"removed": mid}


def _reset(asked: Asked) -> Body:
    handle = asked.account
    asked.api.accounts.reset(handle.account)
    asked.api.journal.clear(handle.mid)
    return asked.api.about(handle)


def _checkpoint(asked: Asked) -> Body:
    name = str(asked.said("name", str) or "checkpoint")
    asked.account.checkpoint(name)
    return {"checkpoint": name, "checkpoints": asked.account.checkpoints}


def _restore(asked: Asked) -> Body:
    name = str(asked.said("name", str) or "checkpoint")
    asked.account.restore(name)
    return {"restored": name, "clock": asked.account.clock.as_json()}


def _export(asked: Asked) -> str:
    return dump(asked.account.account)


def _import(asked: Asked) -> Body:
    handle = asked.account
    seed = read_seed(asked.request.get_data(as_text=True))
    asked.api.accounts.replace(handle.account, seed)
    return asked.api.about(handle)


# Clock and settings.


def _clock(asked: Asked) -> Body:
    return asked.account.clock.as_json()


_CLOCK_CHANGES = ("advance", "set", "freeze", "run")


def _change_clock(asked: Asked) -> Body:
    named = [name for name in _CLOCK_CHANGES if name in asked.body]
    if len(named) != 1 or len(asked.body) != 1:
        raise SetupError(
            'Say one thing: {"advance": "2h"}, {"set": "2026-01-01T00:00:00"}, {"freeze": true} or {"run": true}.'
        )
    clock = asked.account.clock
    match named[0]:
        case "advance":
            clock.advance(str(asked.said("advance", str, required=True)))
        case "set":
            clock.set(str(asked.said("set", str, required=True)))
        case "freeze":
            clock.freeze()
        case "run":
            clock.run()
    return clock.as_json()


def _settings(asked: Asked) -> Body:
    handle = asked.account
    return {
        "engagement": handle.engagement,
        "lag": handle.lag,
        "strict": handle.account.strict,
        "page_size": asked.api.settings.page_size,
    }


def _change_settings(asked: Asked) -> Body:
    unknown = asked.body.keys() - {"engagement", "lag"}
    if unknown:
        raise SetupError(
            f"The setting '{min(unknown)}' cannot be changed. Settings are: engagement, lag."
        )
    engagement, lag = asked.said("engagement", str), asked.said("lag", str)
    handle = asked.account
    with handle.account.db.atomic():
        if engagement is not None:
            handle.engagement = str(engagement)
        if lag is not None:
            handle.lag = str(lag)
    return _settings(asked)


# Sends and events.


def _sends(asked: Asked) -> Body:
    found = asked.account.sends(
        definition=asked.text("definition"),
        subscriber=asked.text("subscriber"),
        limit=asked.number("limit", 100) or 100,
    )
    return {"sends": [dict(row) for row in found]}


def _trigger(asked: Asked) -> Body:
    to = asked.body.get("to")
    if not isinstance(to, str | dict):
        raise SetupError("The field 'to' must be an address, or an object with key and email.")
    attributes = asked.said("attributes", dict)
    texts = {str(k): str(v) for k, v in attributes.items()} if isinstance(attributes, dict) else {}
    definition = str(asked.said("definition", str, required=True))
    return asked.account.send(definition, to=to, attributes=texts).as_json()


def _send(asked: Asked, send_id: int) -> Body:
    # Raises for a send that does not exist, and says which there are.
    asked.account.explain(send_id)
    return dict(inspection.sends(asked.account.account.db, send_id=send_id)[0])


def _explain_send(asked: Asked, send_id: int) -> Body:
    found = asked.account.explain(send_id, subscriber=asked.text("subscriber"))
    return _explained(found)


def _explain(asked: Asked) -> Body:
    found = asked.account.explain(
        asked.number("send"), subscriber=asked.text("subscriber"), unique_id=asked.text("unique_id")
    )
    return _explained(found)


def _explained(found: list[Explanation]) -> Body:
    return {
        "messages": [each.as_json() for each in found],
        "text": "\n\n".join(str(each) for each in found),
    }


def _events(asked: Asked) -> Body:
    found = asked.account.tracking(asked.text("subscriber"))
    return {"events": [each.as_json() for each in found]}


def _happen(asked: Asked) -> Body:
    after, at = asked.said("after", str), asked.said("at", str)
    subscriber, details = asked.said("subscriber", str), asked.said("details", dict)
    found = asked.account.happen(
        str(asked.said("kind", str, required=True)),
        int(str(asked.said("send", int, required=True))),
        subscriber=None if subscriber is None else str(subscriber),
        after=None if after is None else str(after),
        at=None if at is None else str(at),
        details=details if isinstance(details, dict) else None,
    )
    return found.as_json()


# The journal.


def _journal(asked: Asked) -> Body:
    status = asked.text("status")
    found = asked.api.journal.search(
        asked.text("operation"),
        object_type=asked.text("object_type"),
        status=int(status) if status is not None and status.isdigit() else status,
        text=asked.text("text"),
        account=asked.number("mid"),
        since_number=asked.number("since"),
        limit=asked.number("limit", 100),
    )
    return found.as_json(bodies=asked.text("bodies") is not None)


def _exchange(asked: Asked, number: int) -> Body:
    found = asked.api.journal.get(number)
    if found is None:
        raise SetupError(
            f"The journal holds no exchange {number}: it has not happened, or was dropped."
        )
    return found.as_json(bodies=True)


def _clear_journal(asked: Asked) -> Body:
    asked.api.journal.clear(asked.number("mid"))
    return {"exchanges": len(asked.api.journal)}


ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", _health, "Whether the server is up, and its version."),
    Route("GET", "/ready", _health, "The same: the server answers when its accounts are open."),
    Route("GET", "/accounts", _accounts, "All accounts: MID, clock, how much they hold."),
    Route(
        "POST",
        "/accounts",
        _fresh_account,
        "Make a fresh account in memory; returns its credentials.",
    ),
    Route("DELETE", "/accounts/<int:mid>", _remove_account, "Remove an account; a file stays."),
    Route(
        "POST",
        "/reset",
        _reset,
        "Put the account back to what its seed made, and clear its journal.",
    ),
    Route("POST", "/checkpoint", _checkpoint, "Remember the account as it is: `name`."),
    Route("POST", "/restore", _restore, "Make the account what it was at a checkpoint: `name`."),
    Route("GET", "/export", _export, "The account as a seed file (TOML)."),
    Route(
        "POST",
        "/import",
        _import,
        "Put a seed file's account (TOML body) in the place of this one.",
    ),
    Route(
        "GET", "/clock", _clock, "The account's time, in server time and UTC, and whether it runs."
    ),
    Route(
        "POST",
        "/clock",
        _change_clock,
        "One of `advance` (a duration), `set` (a time), `freeze`, `run`.",
    ),
    Route("GET", "/settings", _settings, "Engagement and lag profile, mode, page size."),
    Route("POST", "/settings", _change_settings, "Change `engagement` or `lag`."),
    Route("GET", "/sends", _sends, "Sends, newest first; `definition`, `subscriber`, `limit`."),
    Route("POST", "/sends", _trigger, "Trigger: `definition`, `to`, `attributes`."),
    Route("GET", "/sends/<int:send_id>", _send, "One send with what became of its messages."),
    Route(
        "GET",
        "/sends/<int:send_id>/explain",
        _explain_send,
        "Why its messages were sent or not, and what happens to them; `subscriber`.",
    ),
    Route("GET", "/explain", _explain, "The same by `send`, `subscriber` or `unique_id`."),
    Route("GET", "/events", _events, "Events that a Retrieve shows now; `subscriber`."),
    Route(
        "POST",
        "/events",
        _happen,
        "Let an event happen: `kind`, `send`, `subscriber`, `after` or `at`, `details`.",
    ),
    Route(
        "GET",
        "/journal",
        _journal,
        "Calls; `operation`, `object_type`, `status`, `text`, `since`, `limit`, `bodies`.",
    ),
    Route("GET", "/journal/<int:number>", _exchange, "One call with request and answer."),
    Route("DELETE", "/journal", _clear_journal, "Forget the calls."),
)


class ControlAPI:
    """Answers `/_mock/…` for the accounts of a server."""

    def __init__(self, accounts: Accounts, journal: Journal, settings: Settings) -> None:
        self.accounts = accounts
        self.journal = journal
        self.settings = settings
        self._handles: dict[int, AccountHandle] = {}
        self._map = Map(
            [Rule(route.path, methods=[route.method], endpoint=route) for route in ROUTES],
            redirect_defaults=False,
            strict_slashes=False,
        )

    def handle(self, mid: str | None = None) -> AccountHandle:
        """Return the handle of an account, of the first one without a MID. Raises `SetupError` for an unknown one."""
        if mid is None:
            account = next(iter(self.accounts))
        else:
            found = self.accounts.by_mid(int(mid)) if mid.isdigit() else None
            if found is None:
                known = ", ".join(str(each.mid) for each in self.accounts)
                raise SetupError(f"There is no account with the MID '{mid}'. There are: {known}.")
            account = found
        kept = self._handles.get(account.mid)
        if kept is None or kept.account is not account:
            kept = self._handles[account.mid] = AccountHandle(account)
        return kept

    def forget(self, handle: AccountHandle) -> None:
        """Remove an account from the server."""
        self._handles.pop(handle.mid, None)
        self.accounts.remove(handle.account)

    def about(self, handle: AccountHandle) -> Body:
        """Return what there is to say of an account in a line."""
        return {
            "mid": handle.mid,
            "kept_in": handle.account.db.path,
            "clock": handle.clock.as_json(),
            "holds": inspection.counts(handle.account.db),
        }

    def respond(self, request: Request) -> Response:
        """Answer a request whose path begins with `/_mock`."""
        path = request.path[len(PREFIX) :] or "/"
        try:
            route, arguments = self._map.bind("").match(path, request.method)
            asked = Asked(self, request, _body(request) if route.act is not _import else {})
            answer = route.act(asked, **arguments)
        except NotFound:
            known = ", ".join(sorted({each.path for each in ROUTES}))
            return _error(
                404, "not found", f"There is no {PREFIX}{path}. There are, under {PREFIX}: {known}."
            )
        except MethodNotAllowed as refused:
            methods = ", ".join(sorted(refused.valid_methods or ()))
            return _error(405, "method not allowed", f"{PREFIX}{path} takes {methods}.")
        except HTTPException as refused:
            return _error(refused.code or 400, refused.name.lower(), refused.description or "")
        except SfmcMockError as refused:
            return _error(400, "refused", str(refused))
        if isinstance(answer, str):
            return Response(answer, 200, content_type="application/toml; charset=utf-8")
        return _json(200, answer)


def _body(request: Request) -> Body:
    """Return the JSON object of a body; an empty body is an empty one. Raises `SetupError` for anything else."""
    document = request.get_data()
    if not document.strip():
        return {}
    try:
        found = json.loads(document)
    except ValueError as problem:
        raise SetupError(f"The body is no JSON: {problem}.") from None
    if not isinstance(found, dict):
        raise SetupError("The body must be a JSON object.")
    return found


def _json(status: int, body: Body) -> Response:
    return Response(
        json.dumps(body, default=str), status, content_type="application/json; charset=utf-8"
    )


def _error(status: int, code: str, message: str) -> Response:
    """Return an error in the one form that the control API has."""
    return _json(status, {"error": {"code": code, "message": message}})
