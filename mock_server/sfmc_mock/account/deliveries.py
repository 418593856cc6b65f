"""Write deliveries: messages with their batches, rows of the send log, and tracking events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_rows import append_log_rows
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.account.send_batches import give_places
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.send_log_columns import LogColumns
from sfmc_mock.account.tracking_events import record_events
from sfmc_mock.clock import stored
from sfmc_mock.simulator.decisions import Decision
from sfmc_mock.simulator.event_plan import plan
from sfmc_mock.store import sends as rows

# How much of its usual time a SentEvent takes to show, by the definition's priority: high ones go at once, medium ones
# within minutes, low ones later still (documented; the factors: assumed).
_PACES = {"3": 0.1, "5": 5.0}
_LEAVING = ("send", "exclude")
_OUTCOMES = {"send": "sent", "exclude": "not sent", "refuse": "refused", "queue": "queued"}


def write_deliveries(
    account: Account, context: SendContext, deliveries: Sequence[Delivery], now: str
) -> None:
    """Write a message for each delivery, a log row unless it is queued, and the events of those that are sent.

    All have the same time.
    """
    leaving = [delivery for delivery in deliveries if delivery.decision.outcome in _LEAVING]
    if leaving and context.has_batches:
        give_places(account, context.job_id, leaving, now)
    messages, logged = [], []
    more = LogColumns.of(account, context) if context.further_columns else None
    are_usual = context.with_events is not None and bool(deliveries)
    for delivery in deliveries:
        messages.append(_message_row(context, delivery, now))
        outcome = delivery.decision.outcome
        if context.log is not None and outcome != "queue":
            logged.append(_log_row(account, context, delivery, more))
        if delivery.wishes is not None or outcome != "send":
            are_usual = False
    if are_usual and now == stored(deliveries[0].sent_at):
        rows.add_messages(account.db, messages, context.with_events)
    else:
        rows.add_messages(account.db, messages)
        if leaving:
            _record(account, context, leaving)
    if context.log is not None and logged:
        append_log_rows(account, context.log, logged)


def _record(account: Account, context: SendContext, leaving: Sequence[Delivery]) -> None:
    """Record the events of messages that are sent."""
    pace = _PACES.get(context.definition.priority, 1.0)
    events = []
    for delivery in leaving:
        delivery.error_code = delivery.decision.code
        planned = plan(
            delivery,
            context.engagement,
            context.lag,
            context.draws,
            delivery.wishes,
            sent=delivery.decision.outcome == "send",
            pace=pace,
        )
        events += [(delivery, event, context.definition.object_id) for event in planned]
    record_events(account, events)


def _message_row(context: SendContext, delivery: Delivery, now: str) -> tuple[object, ...]:
    decision = delivery.decision
    outcome = decision.outcome
    is_usual = (
        not decision.rule
        and delivery.status == "Active"
        and delivery.list_status in (None, "Active")
    )
    return (
        delivery.send_id,
        delivery.ordinal,
        None if outcome == "queue" else context.job_id or None,
        context.list_id,
        delivery.batch_id if outcome in _LEAVING else None,
        delivery.repeat,
        delivery.subscriber_id or None,
        delivery.subscriber_key,
        delivery.email_address,
        rows.json_text(delivery.given),
        _OUTCOMES[outcome],
        decision.code,
        # The usual one follows from the address.
        "" if is_usual else _decision_text(decision),
        now,
    )


def _log_row(
    account: Account, context: SendContext, delivery: Delivery, more: LogColumns | None
) -> Mapping[str, object]:
    # Any column called like an attribute takes its value (documented).
    return {
        **(more.values(account, context, delivery) if more is not None else {}),
        **context.defaults,
        **_logged(account, context, delivery),
        "subscriberkey": delivery.subscriber_key,
        "emailaddress": delivery.email_address,
        "jobid": context.job_id or None,
        "listid": context.list_id,
        "batchid": delivery.batch_id if delivery.decision.outcome in _LEAVING else None,
        "subid": delivery.subscriber_id or None,
        "triggeredsendid": context.definition.object_id or None,
        "errorcode": delivery.decision.code,
    }


def _logged(account: Account, context: SendContext, delivery: Delivery) -> dict[str, str]:
    """Return the attributes that fill columns: in strict mode only those of the profile (documented).

    Columns of a data extension that is sent to are taken in both modes (documented).
    """
    given = {name.casefold(): value for name, value in delivery.attributes.items()}
    if account.strict and context.checks_attributes:
        return {name: value for name, value in given.items() if name in context.attributes}
    return given


def _decision_text(decision: Decision) -> str:
    """Return a decision as JSON."""
    kept = decision._asdict()
    del kept["outcome"], kept["code"]
    return json.dumps(kept)
