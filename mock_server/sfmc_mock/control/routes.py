"""Every address of the control API: a line of `ROUTES`, and a thin function over the handles."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from sfmc_mock.account.explanations import Explanation
from sfmc_mock.chaos import KEYS
from sfmc_mock.control.account_handle import NotThere
from sfmc_mock.control.request import FILE, Body, ControlRequest, Route
from sfmc_mock.errors import SetupError
from sfmc_mock.journal import read_status
from sfmc_mock.seeds import parse_seed

_MOST_EXPLAINED = 1_000
_MOST_EVENTS = 10_000

# The largest number that a row can have; longer ones name nothing.
_ID = "<int(max=9223372036854775807):{}>"


@cache
def own_version() -> str:
    """Return the version of the emulator."""
    return version("sfmc-mock")


# Health and accounts.


def _index(asked: ControlRequest) -> Body:
    return {
        "routes": [
            {"method": route.method, "path": route.address, "about": route.about}
            for route in ROUTES
        ]
    }


def _health(asked: ControlRequest) -> Body:
    return {"status": "ok", "version": own_version(), "accounts": len(asked.lookup.mids())}


def _ready(asked: ControlRequest) -> Body:
    return {"status": "ready", "mids": asked.lookup.mids()}


def _accounts(asked: ControlRequest) -> Body:
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


def _fresh_account(asked: ControlRequest) -> Body:
    text = asked.string("seed")
    seed = parse_seed(text) if text is not None else None
    handle = asked.lookup.fresh(
        seed,
        strict=asked.truth("strict"),
        engagement=asked.string("engagement"),
        lag=asked.string("lag"),
    )
    base = asked.request.host_url.rstrip("/")
    return {
        "mid": handle.mid,
        **handle.credentials,
        "url": f"{base}/Service.asmx",
        "auth_url": base,
    }


def _remove_account(asked: ControlRequest, mid: int) -> Body:
    asked.lookup.remove(asked.lookup.find(mid))
    return {"removed": mid}


# Going back, and to and from seed files.


def _reset(asked: ControlRequest) -> Body:
    handle = asked.account
    handle.reset()
    return asked.lookup.about(handle)


def _checkpoint(asked: ControlRequest) -> Body:
    name = asked.string("name") or "checkpoint"
    handle = asked.account
    dropped = handle.checkpoint(name)
    return {"checkpoint": name, "checkpoints": handle.checkpoints, "dropped": list(dropped)}


def _restore(asked: ControlRequest) -> Body:
    name = asked.string("name") or "checkpoint"
    handle = asked.account
    handle.restore(name)
    return {"restored": name, "clock": handle.clock.as_json()}


def _export(asked: ControlRequest) -> str:
    return asked.account.export()


def _import(asked: ControlRequest) -> Body:
    handle = asked.account
    handle.replace(asked.text)
    return asked.lookup.about(handle)


# The FTP folder.


def _files(asked: ControlRequest) -> Body:
    files = asked.account.files
    return {
        "folder": str(files.path),
        "files": [
            {"name": file.name, "size": file.size, "modified": file.modified.isoformat()}
            for file in files.list()
        ],
    }


def _get_file(asked: ControlRequest, name: str) -> bytes:
    return asked.account.files.get(name)


def _put_file(asked: ControlRequest, name: str) -> Body:
    asked.account.files.put(name, asked.document)
    return {"name": name, "size": len(asked.document)}


def _remove_file(asked: ControlRequest, name: str) -> Body:
    asked.account.files.remove(name)
    return {"removed": name}


# Chaos.


def _chaos(asked: ControlRequest) -> Body:
    return {"rules": asked.account.chaos.as_json()}


def _add_chaos(asked: ControlRequest) -> Body:
    chaos = asked.account.chaos
    name = chaos.add(**asked.body).name
    return next(rule for rule in chaos.as_json() if rule["name"] == name)


def _remove_chaos(asked: ControlRequest, name: str) -> Body:
    chaos = asked.account.chaos
    chaos.remove(name)
    return {"rules": chaos.as_json()}


def _clear_chaos(asked: ControlRequest) -> Body:
    asked.account.chaos.clear()
    return {"rules": []}


# Clock and settings.


def _clock(asked: ControlRequest) -> Body:
    return asked.account.clock.as_json()


def _change_clock(asked: ControlRequest) -> Body:
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


def _settings(asked: ControlRequest) -> Body:
    handle = asked.account
    return {
        "engagement": handle.engagement,
        "lag": handle.lag,
        "strict": handle.account.strict,
        "page_size": asked.lookup.settings.page_size,
    }


def _change_settings(asked: ControlRequest) -> Body:
    engagement, lag = asked.string("engagement"), asked.string("lag")
    handle = asked.account
    with handle.account.db.atomic():
        if engagement is not None:
            handle.engagement = engagement
        if lag is not None:
            handle.lag = lag
    return _settings(asked)


# Sends and events.


def _sends(asked: ControlRequest) -> Body:
    sends = asked.account.sends(
        definition=asked.parameter("definition"),
        subscriber=asked.parameter("subscriber"),
        limit=asked.limit(),
    )
    return {"sends": [send.as_json() for send in sends]}


def _trigger(asked: ControlRequest) -> Body:
    attributes = {name: str(value) for name, value in asked.scalars("attributes").items()}
    return (
        asked.account.send(
            asked.required("definition"), to=_recipient(asked), attributes=attributes
        )
    ).as_json()


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


def _send(asked: ControlRequest, id: int) -> Body:
    sends = asked.account.sends(send_id=id)
    if not sends:
        # Raises, and says which there are.
        asked.account.explain(id)
        raise NotThere(f"There is no send {id}.")
    return sends[0].as_json()


def _explain_send(asked: ControlRequest, id: int) -> Body:
    return _explained(asked.account.explain(id, subscriber=asked.parameter("subscriber")))


def _explain(asked: ControlRequest) -> Body:
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


def _events(asked: ControlRequest) -> Body:
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


def _happen(asked: ControlRequest) -> Body:
    explanation = asked.account.happen(
        asked.required("kind"),
        asked.integer("send"),
        subscriber=asked.string("subscriber"),
        after=asked.string("after"),
        at=asked.string("at"),
        details=asked.scalars("details"),
    )
    return explanation.as_json()


def _queue(asked: ControlRequest) -> Body:
    requests = asked.account.queued(request_id=asked.parameter("request_id"))
    return {"requests": [request.as_json() for request in requests[-asked.limit() :]]}


# The journal.


def _journal(asked: ControlRequest) -> Body:
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


def _exchange(asked: ControlRequest, number: int) -> Body:
    exchange = asked.lookup.journal.get(number)
    if exchange is None:
        raise NotThere(
            f"The journal holds no exchange {number}: it has not happened, or was dropped or forgotten."
        )
    return exchange.as_json(bodies=True)


def _clear_journal(asked: ControlRequest) -> Body:
    asked.lookup.journal.clear(asked.number("mid"))
    return {"exchanges": len(asked.lookup.journal)}


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", _index, "This list."),
    Route("GET", "/health", _health, "Whether the server is up, its version, how many accounts."),
    Route("GET", "/ready", _ready, "Whether calls can be made: the MIDs of the accounts."),
    Route("GET", "/accounts", _accounts, "All accounts: MID, file, clock, how much they hold."),
    Route(
        "POST",
        "/accounts",
        _fresh_account,
        "Make a fresh account in memory, from the server's seed or from a `seed` (TOML as a text); returns MID, "
        "credentials and addresses.",
        body=("seed", "strict", "engagement", "lag"),
    ),
    Route(
        "DELETE",
        f"/accounts/{_ID.format('mid')}",
        _remove_account,
        "Take an account off the server; a file stays.",
    ),
    Route("POST", "/reset", _reset, "Put the account back to what its seed made.", ("mid",)),
    Route(
        "POST",
        "/checkpoint",
        _checkpoint,
        "Remember the account as it is, in memory, under a name.",
        ("mid",),
        ("name",),
    ),
    Route(
        "POST",
        "/restore",
        _restore,
        "Make the account what it was at a checkpoint, its clock included.",
        ("mid",),
        ("name",),
    ),
    Route("GET", "/export", _export, "What the account holds, as a seed file (TOML).", ("mid",)),
    Route(
        "POST",
        "/import",
        _import,
        "Put what a seed file says in the place of the account, now and at each reset.",
        ("mid",),
        reads="TOML",
    ),
    Route("GET", "/files", _files, "The FTP folder on disk, and the files in it.", ("mid",)),
    Route("GET", "/files/<path:name>", _get_file, "What a file holds, as it is.", ("mid",)),
    Route(
        "PUT",
        "/files/<path:name>",
        _put_file,
        "Write a file: the body, whatever it is, in the place of an earlier one.",
        ("mid",),
        reads=FILE,
    ),
    Route("DELETE", "/files/<path:name>", _remove_file, "Remove a file.", ("mid",)),
    Route(
        "GET", "/chaos", _chaos, "The chaos rules, with how often each fitted and acted.", ("mid",)
    ),
    Route("POST", "/chaos", _add_chaos, "Add a chaos rule, or replace one.", ("mid",), KEYS),
    Route("DELETE", "/chaos", _clear_chaos, "Remove all chaos rules.", ("mid",)),
    Route("DELETE", "/chaos/<name>", _remove_chaos, "Remove one chaos rule.", ("mid",)),
    Route("GET", "/clock", _clock, "The account's time and whether it runs.", ("mid",)),
    Route(
        "POST",
        "/clock",
        _change_clock,
        "One of: `advance` by a duration, `set` to a time, `freeze`, `run`.",
        ("mid",),
        ("advance", "set", "freeze", "run"),
    ),
    Route("GET", "/settings", _settings, "Engagement, lag, mode and page size.", ("mid",)),
    Route(
        "POST",
        "/settings",
        _change_settings,
        "Choose another engagement or lag profile.",
        ("mid",),
        ("engagement", "lag"),
    ),
    Route(
        "GET",
        "/sends",
        _sends,
        "Sends with what became of their messages, the newest first.",
        ("mid", "definition", "subscriber", "limit"),
    ),
    Route(
        "POST",
        "/sends",
        _trigger,
        "Trigger a definition (key or name) for one subscriber: an address, or `{key, email}`; returns the "
        "explanation.",
        ("mid",),
        ("definition", "to", "attributes"),
    ),
    Route("GET", f"/sends/{_ID.format('id')}", _send, "One send.", ("mid",)),
    Route(
        "GET",
        f"/sends/{_ID.format('id')}/explain",
        _explain_send,
        "Why its messages were sent or not, and what happens to them.",
        ("mid", "subscriber"),
    ),
    Route(
        "GET",
        "/explain",
        _explain,
        "The same for a send, for all messages to a subscriber, or for one unique id.",
        ("mid", "send", "subscriber", "unique_id"),
    ),
    Route(
        "GET",
        "/events",
        _events,
        "Tracking events that a Retrieve shows now, in the order in which they happened: of a `subscriber` (key), of a "
        "`type` (EventType or API object), of a `send`; the first `limit` after `offset`, or the `newest`.",
        ("mid", "subscriber", "type", "send", "newest", "limit", "offset"),
    ),
    Route(
        "POST",
        "/events",
        _happen,
        "Let an event happen to a message now, `after` a duration, or `at` a time.",
        ("mid",),
        ("kind", "send", "subscriber", "after", "at", "details"),
    ),
    Route(
        "GET",
        "/queue",
        _queue,
        "Asynchronous requests, waiting and done, with what became of them: the last `limit`, the oldest first.",
        ("mid", "request_id", "limit"),
    ),
    Route(
        "GET",
        "/journal",
        _journal,
        "Calls that agree with everything given, the last `limit` of them; `bodies` shows request and answer.",
        ("mid", "operation", "object_type", "status", "text", "since", "limit", "bodies"),
    ),
    Route(
        "GET",
        f"/journal/{_ID.format('number')}",
        _exchange,
        "One call with its request and answer, without secrets.",
    ),
    Route("DELETE", "/journal", _clear_journal, "Forget the calls.", ("mid",)),
)
