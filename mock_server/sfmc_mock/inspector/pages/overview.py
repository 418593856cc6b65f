"""The overview of an account, its clock, and the stream that notifies pages of changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from werkzeug.wrappers import Response

from sfmc_mock.errors import SetupError
from sfmc_mock.inspector.charts import event_chart
from sfmc_mock.inspector.page_request import PageRequest
from sfmc_mock.inspector.rendering import respond
from sfmc_mock.simulator.durations import parse_duration
from sfmc_mock.store import sent_messages
from sfmc_mock.store.event_log import last_row

_SPANS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_LATELY = 12
_TIME = "%Y-%m-%d %H:%M:%S"


def overview(asked: PageRequest) -> Response:
    """Show the account's totals, its latest calls and sends, and its events over time."""
    handle = asked.account
    counted = asked.services.counts(handle)
    counted.update(handle.account.db)
    now = handle.clock.now
    points = [counted.points(each) for each in (counted.happened, counted.shown)]
    span = asked.text("span")
    if span in _SPANS:
        first, last = now - _SPANS[span], now + _SPANS[span] / 4
        points = [[each for each in row if first <= each[0] <= last] for row in points]
    journal = asked.services.lookup.journal
    calls = [exchange for exchange in journal if exchange.account in (asked.mid, None)]
    with handle.account.db.lock:
        due = handle.account.db.count("due")
    return asked.page(
        "overview.html",
        about=asked.services.lookup.about(handle),
        holds=sent_messages.counts(handle.account.db),
        accounts=[(mid, mid == asked.mid) for mid in asked.services.lookup.mids()[:50]],
        chart=event_chart(points[0], points[1], now),
        is_counted=counted.is_complete,
        span=span,
        spans=tuple(_SPANS),
        calls=calls[: -_LATELY - 1 : -1],
        warned=[call for call in calls if call.warnings or call.error][: -_LATELY - 1 : -1],
        sends=handle.sends(limit=8),
        due=due,
        engagement=handle.engagement,
        lag=handle.lag,
        chaos=handle.chaos.as_json(),
        username=handle.credentials["username"],
        example=asked.first_send,
    )


# The clock.


def change_clock(asked: PageRequest) -> Response:
    """Change the clock as the pressed button or the entered text says."""
    clock = asked.account.clock
    wanted = asked.field("do")
    if wanted == "freeze":
        said = f"The clock stands still at {clock.freeze():{_TIME}}."
    elif wanted == "run":
        clock.run()
        said = "The clock runs."
    elif wanted == "next":
        said = f"The clock went forward to {clock.skip_to_next():{_TIME}}, the time of the next event or action."
    elif wanted == "go":
        said = f"The clock stands at {_gone_to(asked):{_TIME}}."
    elif wanted.startswith("advance:"):
        moment = clock.advance(wanted.removeprefix("advance:"))
        said = f"The clock went forward to {moment:{_TIME}}."
    else:
        raise SetupError(
            "Choose a change of the clock: freeze, run, advance, next event, or go to a time."
        )
    return asked.back(said)


def _gone_to(asked: PageRequest) -> datetime:
    text = asked.field("text")
    if not text:
        raise SetupError("Enter a duration (2h30m) or a time (2026-01-31T13:45:00).")
    clock = asked.account.clock
    try:
        parse_duration(text)
    except SetupError:
        return clock.set(text)
    return clock.advance(text)


def live(asked: PageRequest) -> Response:
    """Return a stream of server-sent events that notifies the page of changes."""
    handle = asked.account
    journal = asked.services.lookup.journal

    def seen() -> str:
        # The content of pages changes with calls, with events, and with the account's time.
        with handle.account.db.lock:
            clock = handle.clock
            time = "runs" if clock.running else clock.now.isoformat()
            return f"{journal.recorded} {last_row(handle.account.db)} {time}"

    stream = asked.services.live.stream(seen)
    if stream is None:
        return respond("Too many pages are open.", "text/plain; charset=utf-8", 503)
    response = respond("", "text/event-stream")
    response.headers.pop("Content-Length", None)
    response.response = stream
    return response
