"""Sends: the list of sends, and one send with its timeline."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.wrappers import Response

from sfmc_mock.account.data_extensions import send_log
from sfmc_mock.account.explanations import Explanation
from sfmc_mock.control import AccountHandle, SendSummary
from sfmc_mock.errors import SetupError
from sfmc_mock.inspector.charts import KINDS, Mark, timeline
from sfmc_mock.inspector.page_request import PAGE_SIZE, PageRequest
from sfmc_mock.journal import Exchange
from sfmc_mock.store import sent_messages

OUTCOMES = ("sent", "not sent", "refused", "queued")
_MOST_CALLS = 10


def sends(asked: PageRequest) -> Response:
    """List the sends that match the filters, newest first."""
    handle = asked.account
    outcome = asked.text("outcome")
    if outcome and outcome not in OUTCOMES:
        raise SetupError(f"There is no outcome '{outcome}'. Known: {', '.join(OUTCOMES)}.")
    filters = {name: asked.text(name) for name in ("definition", "recipient", "outcome", "warning")}
    among = _warned(asked) if filters["warning"] else None
    sends = handle.sends(
        definition=filters["definition"] or None,
        subscriber=filters["recipient"] or None,
        outcome=outcome or None,
        among=among,
        before=asked.number("before"),
        limit=PAGE_SIZE + 1,
    )
    shown = sends[:PAGE_SIZE]
    return asked.page(
        "sends.html",
        sends=shown,
        more=asked.with_query(before=shown[-1].id) if len(sends) > PAGE_SIZE else "",
        first=asked.with_query(before=None) if asked.text("before") else "",
        filters=filters,
        is_filtered=any(filters.values()),
        outcomes=OUTCOMES,
        definitions=[row["customer_key"] for row in asked.rows("triggered_send_definition", 500)],
        holds=sent_messages.counts(handle.account.db)["send"],
        example=asked.first_send,
    )


def _warned(asked: PageRequest) -> list[int]:
    """Return the sends whose calls got warnings or were changed by chaos rules."""
    return [
        number
        for call in asked.services.lookup.journal
        if call.account == asked.mid and (call.warnings or call.chaos)
        for number in call.sends
    ]


def send(asked: PageRequest, number: int) -> Response:
    """Show a send: the decision on each message, the reason, and the events."""
    handle = asked.account
    with handle.account.db.lock:
        explained = sorted(handle.explain(number), key=lambda explanation: explanation.ordinal)
        (summary,) = handle.sends(send_id=number) or (None,)
        chosen = _chosen(explained, asked.number("message") or 0)
        row = _log_row(handle, chosen)
    if summary is None:
        raise asked.missing(f"There is no send {number}.")
    calls = [
        exchange for exchange in asked.services.lookup.journal if exchange.account == asked.mid
    ]
    at = explained.index(chosen)
    window = explained[max(0, at - 25) : max(0, at - 25) + 100]
    return asked.page(
        "send.html",
        send=summary,
        message=chosen,
        messages=window,
        count=len(explained),
        timeline=timeline(_marks(summary, chosen), chosen.now),
        log_row=row,
        made_by=[call for call in calls if number in call.sends][:_MOST_CALLS],
        asked_for=_asked_for(calls, chosen),
        kinds=KINDS_TO_MAKE,
    )


KINDS_TO_MAKE = (
    ("open", "Open"),
    ("click", "Click"),
    ("softbounce", "Soft bounce"),
    ("hardbounce", "Hard bounce"),
    ("unsub", "Unsubscribe"),
    ("complaint", "Complaint"),
)


def _chosen(explained: Sequence[Explanation], ordinal: int) -> Explanation:
    for explanation in explained:
        if explanation.ordinal == ordinal:
            return explanation
    raise SetupError(
        f"The send has no message {ordinal}: they are numbered from 0 to {len(explained) - 1}."
    )


def _marks(send: SendSummary, message: Explanation) -> list[Mark]:
    """Return the timeline entries of a message: its request, its decision, and its events."""
    asked, decided = send.at, message.decided_at
    marks = [Mark("request", "Requested", asked, asked, "The request arrived.")]
    is_queued = message.outcome == "queued"
    if is_queued or decided > asked:
        end = max(message.now if is_queued else decided, asked)
        queued = "It waits in the queue of the definition."
        marks.append(Mark("queue", "Queued", asked, end, queued))
    if not is_queued:
        title = f"Decided: {message.outcome}"
        marks.append(Mark("decision", title, decided, decided, message.why))
    for event in message.events:
        kind, times = KINDS.get(event.type, "other"), (event.happens_at, event.visible_at)
        marks.append(Mark(kind, event.type, *times, event.sentence))
    return marks


def _log_row(handle: AccountHandle, message: Explanation) -> dict[str, object] | None:
    """Return the message's row of the send log, or None if it has none."""
    log = send_log(handle.account)
    if log is None or message.job_id is None or message.batch_id is None:
        return None
    numbers = {"jobid": message.job_id, "batchid": message.batch_id, "subid": message.subscriber_id}
    wanted = {
        field.name: numbers[key] for field in log.fields if (key := field.name.lower()) in numbers
    }
    if len(wanted) < len(numbers):
        return None
    rows = handle.account.db.find_all(log.table, "rowid", **wanted)
    if not rows:
        return None
    return {field.name: rows[0].get(field.name) for field in log.fields}


def _asked_for(calls: Sequence[Exchange], message: Explanation) -> list[Exchange]:
    """Return the latest Retrieves of the message's events: those that name its job or its subscriber."""
    named = [f">{each}<" for each in (message.job_id, message.subscriber_key) if each]
    answered = []
    for call in reversed(calls):
        if call.operation == "Retrieve" and any(
            call.may_contain(text.lower().encode()) and text.lower() in call.request.lower()
            for text in named
        ):
            answered.append(call)
            if len(answered) == _MOST_CALLS:
                break
    return answered
