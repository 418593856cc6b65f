"""Every address of the control API: thin functions over the handles, whose docstrings are the documentation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import TypeVar

from sfmc_mock.account.explanations import Explanation
from sfmc_mock.account_contents import choose_profiles
from sfmc_mock.chaos import KEYS
from sfmc_mock.control.account_lookup import PREFIX
from sfmc_mock.control.request import FILE, Answer, Body, ControlRequest, Route
from sfmc_mock.errors import NotThere, SetupError
from sfmc_mock.journal import read_status

_MOST_EXPLAINED = 1_000
_MOST_EVENTS = 10_000

# The largest number that a row can have; longer ones name nothing.
_ID = "<int(max=9223372036854775807):{}>"


@cache
def own_version() -> str:
    """Return the version of the emulator."""
    return version("sfmc-mock")


ROUTES: list[Route] = []
"""Every address, in the order of the documentation."""

Act = TypeVar("Act", bound=Callable[..., Answer])


def _route(
    method: str,
    path: str,
    *,
    query: str = "",
    body: str = "",
    reads: str = "",
    of_account: bool = True,
) -> Callable[[Act], Act]:
    """Let a function answer an address; `query` and `body` are names separated by blanks.

    A route about one account has the parameter `mid`, too.
    """
    parameters = ("mid", *query.split()) if of_account else tuple(query.split())

    def add(act: Act) -> Act:
        about = " ".join((act.__doc__ or "").split())
        ROUTES.append(Route(method, path, act, about, parameters, tuple(body.split()), reads))
        return act

    return add


# Health and accounts.


@_route("GET", "/", of_account=False)
def _index(asked: ControlRequest) -> Body:
    """This list."""
    return {
        "routes": [
            {"method": route.method, "path": route.address, "about": route.about}
            for route in ROUTES
        ]
    }


@_route("GET", "/health", of_account=False)
def _health(asked: ControlRequest) -> Body:
    """Whether the server is up, its version, how many accounts."""
    return {"status": "ok", "version": own_version(), "accounts": len(asked.lookup.mids())}


@_route("GET", "/ready", of_account=False)
def _ready(asked: ControlRequest) -> Body:
    """Whether the server takes calls: the MIDs of the accounts."""
    return {"status": "ready", "mids": asked.lookup.mids()}


@_route("GET", "/accounts", of_account=False)
def _accounts(asked: ControlRequest) -> Body:
    """All accounts: MID, file, clock, counts of their objects."""
    own = [account.mid for account in asked.lookup.accounts]
    return {"accounts": [about for mid in own if (about := _about(asked, mid))]}


def _about(asked: ControlRequest, mid: int) -> Body | None:
    try:
        return asked.lookup.about(asked.lookup.find(mid))
    except Exception:
        # Another thread may have removed it meanwhile.
        if mid in asked.lookup.mids():
            raise
        return None


@_route("POST", "/accounts", body="seed strict engagement lag", of_account=False)
def _fresh_account(asked: ControlRequest) -> Body:
    """Make a fresh account in memory, from the server's seed or from a `seed` (TOML as a text); returns MID,
    credentials and addresses, and as `callers` the users and packages of the seed
    and its business units, whose names end with the MID of their account here.
    """
    handle = asked.lookup.fresh(
        asked.string("seed"),
        strict=asked.truth("strict"),
        engagement=asked.string("engagement"),
        lag=asked.string("lag"),
    )
    base = asked.request.host_url.rstrip("/")
    return {
        "mid": handle.mid,
        **handle.credentials,
        **({"callers": callers} if (callers := handle.callers) else {}),
        "url": f"{base}/Service.asmx",
        "auth_url": base,
    }


@_route("DELETE", f"/accounts/{_ID.format('mid')}", of_account=False)
def _remove_account(asked: ControlRequest, mid: int) -> Body:
    """Remove an account from the server; its file stays."""
    asked.lookup.remove(asked.lookup.find(mid))
    return {"removed": mid}


# Going back, and to and from seed files.


@_route("POST", "/reset")
def _reset(asked: ControlRequest) -> Body:
    """Reset the account to the state of its seed."""
    handle = asked.account
    handle.reset()
    return asked.lookup.about(handle)


@_route("POST", "/checkpoint", body="name")
def _checkpoint(asked: ControlRequest) -> Body:
    """Store the state of the account in memory, under a name."""
    name = asked.string("name") or "checkpoint"
    handle = asked.account
    dropped = handle.checkpoint(name)
    return {"checkpoint": name, "checkpoints": handle.checkpoints, "dropped": list(dropped)}


@_route("POST", "/restore", body="name")
def _restore(asked: ControlRequest) -> Body:
    """Return the account to its state at a checkpoint, its clock included."""
    name = asked.string("name") or "checkpoint"
    handle = asked.account
    handle.restore(name)
    return {"restored": name, "clock": handle.clock.as_json()}


@_route("GET", "/export")
def _export(asked: ControlRequest) -> str:
    """The content of the account as a seed file (TOML)."""
    return asked.account.export()


@_route("POST", "/import", reads="TOML")
def _import(asked: ControlRequest) -> Body:
    """Replace the content of the account by that of a seed file, now and at each reset."""
    handle = asked.account
    handle.replace(asked.text)
    return asked.lookup.about(handle)


# The FTP folder.


@_route("GET", "/files")
def _files(asked: ControlRequest) -> Body:
    """The FTP folder on disk, and the files in it."""
    files = asked.account.files
    return {
        "folder": str(files.path),
        "files": [
            {"name": file.name, "size": file.size, "modified": file.modified.isoformat()}
            for file in files.list()
        ],
    }


@_route("GET", "/files/<path:name>")
def _get_file(asked: ControlRequest, name: str) -> bytes:
    """The bytes of a file."""
    return asked.account.files.get(name)


@_route("PUT", "/files/<path:name>", reads=FILE)
def _put_file(asked: ControlRequest, name: str) -> Body:
    """Write a file with the bytes of the body; it replaces an earlier one."""
    asked.account.files.put(name, asked.document)
    return {"name": name, "size": len(asked.document)}


@_route("DELETE", "/files/<path:name>")
def _remove_file(asked: ControlRequest, name: str) -> Body:
    """Remove a file."""
    asked.account.files.remove(name)
    return {"removed": name}


# Chaos.


@_route("GET", "/chaos")
def _chaos(asked: ControlRequest) -> Body:
    """The chaos rules, each with the number of calls that it matched and changed."""
    return {"rules": asked.account.chaos.as_json()}


@_route("POST", "/chaos", body=" ".join(KEYS))
def _add_chaos(asked: ControlRequest) -> Body:
    """Add a chaos rule, or replace one."""
    chaos = asked.account.chaos
    name = chaos.add(**asked.body).name
    return next(rule for rule in chaos.as_json() if rule["name"] == name)


@_route("DELETE", "/chaos")
def _clear_chaos(asked: ControlRequest) -> Body:
    """Remove all chaos rules."""
    asked.account.chaos.clear()
    return {"rules": []}


@_route("DELETE", "/chaos/<name>")
def _remove_chaos(asked: ControlRequest, name: str) -> Body:
    """Remove one chaos rule."""
    chaos = asked.account.chaos
    chaos.remove(name)
    return {"rules": chaos.as_json()}


# Clock and settings.


@_route("GET", "/clock")
def _clock(asked: ControlRequest) -> Body:
    """The account's time and whether it runs."""
    return asked.account.clock.as_json()


@_route("POST", "/clock", body="advance set freeze run")
def _change_clock(asked: ControlRequest) -> Body:
    """One of: `advance` by a duration, `set` to a time, `freeze`, `run`."""
    if len(asked.body) != 1:
        raise SetupError(
            'Say one thing: {"advance": "2h"}, {"set": "2026-01-01T00:00:00"}, {"freeze": true} or {"run": true}.'
        )
    (change,) = asked.body
    clock = asked.account.clock
    if change == "advance":
        clock.advance(asked.required("advance"))
    elif change == "set":
        clock.set(asked.required("set"))
    elif asked.truth(change) is not True:
        raise SetupError(f"The field '{change}' must be true; to {_OPPOSITE[change]}.")
    elif change == "freeze":
        clock.freeze()
    else:
        clock.run()
    return clock.as_json()


_OPPOSITE = {
    "freeze": 'let the clock run, send {"run": true}',
    "run": 'stop it, send {"freeze": true}',
}


@_route("GET", "/settings")
def _settings(asked: ControlRequest) -> Body:
    """Engagement, lag, mode and page size."""
    handle = asked.account
    return {
        "engagement": handle.engagement,
        "lag": handle.lag,
        "strict": handle.account.strict,
        "page_size": asked.lookup.settings.page_size,
    }


@_route("POST", "/settings", body="engagement lag")
def _change_settings(asked: ControlRequest) -> Body:
    """Choose another engagement or lag profile."""
    engagement, lag = asked.string("engagement"), asked.string("lag")
    choose_profiles(asked.account.account, engagement, lag)
    return _settings(asked)


# Sends and events.


@_route("GET", "/sends", query="definition subscriber limit")
def _sends(asked: ControlRequest) -> Body:
    """Sends with the outcomes of their messages, the newest first."""
    sends = asked.account.sends(
        definition=asked.parameter("definition"),
        subscriber=asked.parameter("subscriber"),
        limit=asked.limit(),
    )
    return {"sends": [send.as_json() for send in sends]}


@_route("POST", "/sends", body="definition to attributes")
def _trigger(asked: ControlRequest) -> Body:
    """Trigger a definition (key or name) for one subscriber: an address, or `{key, email}`; returns the explanation."""
    attributes = {name: str(value) for name, value in asked.scalars("attributes").items()}
    account = asked.account
    definition, to = asked.required("definition"), _recipient(asked)
    return account.send(definition, to=to, attributes=attributes).as_json()


def _recipient(asked: ControlRequest) -> str | dict[str, str]:
    to = asked.body.get("to")
    if isinstance(to, str):
        return to
    if (
        isinstance(to, dict)
        and to
        and all(name in ("key", "email") and isinstance(to[name], str) for name in to)
    ):
        return to
    raise SetupError(
        'The field \'to\' must be an address, or an object: {"key": "ada", "email": "ada@mock.test"}.'
    )


@_route("GET", f"/sends/{_ID.format('id')}")
def _send(asked: ControlRequest, id: int) -> Body:
    """One send."""
    sends = asked.account.sends(send_id=id)
    if not sends:
        # Raises, and says which there are.
        asked.account.explain(id)
        raise NotThere(f"There is no send {id}.")
    return sends[0].as_json()


@_route("GET", f"/sends/{_ID.format('id')}/explain", query="subscriber")
def _explain_send(asked: ControlRequest, id: int) -> Body:
    """Why its messages were sent or not, and their events."""
    return _explained(asked.account.explain(id, subscriber=asked.parameter("subscriber")))


@_route("GET", "/explain", query="send subscriber unique_id")
def _explain(asked: ControlRequest) -> Body:
    """The same for a send, for all messages to a subscriber, or for one unique id."""
    send, subscriber = asked.number("send"), asked.parameter("subscriber")
    unique_id = asked.parameter("unique_id")
    if send is None and subscriber is None and unique_id is None:
        raise SetupError("Say what to explain: send, subscriber or unique_id.")
    return _explained(asked.account.explain(send, subscriber=subscriber, unique_id=unique_id))


def _explained(explanations: list[Explanation]) -> Body:
    cut = len(explanations) >= _MOST_EXPLAINED
    return {
        "messages": [explanation.as_json() for explanation in explanations],
        "text": "\n\n".join(str(explanation) for explanation in explanations),
        "note": f"Only the newest {_MOST_EXPLAINED:,} are here: name a subscriber." if cut else "",
    }


@_route("GET", "/events", query="subscriber type send newest limit offset")
def _events(asked: ControlRequest) -> Body:
    """Tracking events that a Retrieve shows now, in the order in which they happened: of a `subscriber` (key), of a
    `type` (EventType or API object), of a `send`; the first `limit` after `offset`, or the `newest`.
    """
    limit = min(asked.number("limit", least=1) or _MOST_EVENTS, _MOST_EVENTS)
    newest = asked.flag("newest")
    events = asked.account.tracking(
        asked.parameter("subscriber"),
        type=asked.parameter("type"),
        send_id=asked.number("send"),
        newest=newest,
        # One more says whether there are more.
        limit=limit + 1,
        offset=asked.number("offset", least=0) or 0,
    )
    shown = events[-limit:] if newest else events[:limit]
    which = "newest" if newest else "first"
    cut = len(events) > limit
    return {
        "events": [event.as_json() for event in shown],
        "note": f"Only the {which} {limit:,} are here: see limit and offset." if cut else "",
    }


@_route("POST", "/events", body="kind send subscriber after at details")
def _happen(asked: ControlRequest) -> Body:
    """Add an event to a message now, `after` a duration, or `at` a time."""
    explanation = asked.account.happen(
        asked.required("kind"),
        asked.integer("send"),
        subscriber=asked.string("subscriber"),
        after=asked.string("after"),
        at=asked.string("at"),
        details=asked.scalars("details"),
    )
    return explanation.as_json()


@_route("GET", "/queue", query="request_id limit")
def _queue(asked: ControlRequest) -> Body:
    """Asynchronous requests, waiting and done, with their results: the last `limit`, the oldest first."""
    requests = asked.account.queued(request_id=asked.parameter("request_id"))
    return {"requests": [request.as_json() for request in requests[-asked.limit() :]]}


# The journal.


@_route("GET", "/journal", query="operation object_type status text since limit bodies")
def _journal(asked: ControlRequest) -> Body:
    """The last `limit` calls that match all given parameters; `bodies` shows request and answer."""
    exchanges = asked.lookup.journal.search(
        asked.parameter("operation"),
        object_type=asked.parameter("object_type"),
        status=read_status(asked.parameter("status")),
        text=asked.parameter("text"),
        account=asked.number("mid"),
        since_number=asked.number("since"),
        limit=asked.limit(),
    )
    return exchanges.as_json(bodies=asked.flag("bodies"))


@_route("GET", f"/journal/{_ID.format('number')}", of_account=False)
def _exchange(asked: ControlRequest, number: int) -> Body:
    """One call with its request and answer, without secrets."""
    exchange = asked.lookup.journal.get(number)
    if exchange is None:
        raise NotThere(
            f"The journal has no call {number}: there was none, or it was dropped or removed. "
            f"GET {PREFIX}/journal lists the calls that it has."
        )
    return exchange.as_json(bodies=True)


@_route("DELETE", "/journal")
def _clear_journal(asked: ControlRequest) -> Body:
    """Remove all calls from the journal."""
    asked.lookup.journal.clear(asked.number("mid"))
    return {"exchanges": len(asked.lookup.journal)}
