"""Write deliveries: messages with their batches, rows of the send log, and tracking events."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.account.send_batches import give_places
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.send_log_columns import LogColumns
from sfmc_mock.account.send_log_rows import LogRows
from sfmc_mock.account.tracking_events import record_events
from sfmc_mock.clock import stored
from sfmc_mock.simulator.decisions import Decision
from sfmc_mock.simulator.event_plan import plan
from sfmc_mock.store import sends as send_rows

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
    messages = [_message_row(context, delivery, now) for delivery in deliveries]
    if _are_usual(context, deliveries, now):
        send_rows.add_messages(account.db, messages, context.with_events)
    else:
        send_rows.add_messages(account.db, messages)
        if leaving:
            _record(account, context, leaving)
    if context.log_rows is not None:
        _write_log(account, context, context.log_rows, deliveries)


def _are_usual(context: SendContext, deliveries: Sequence[Delivery], now: str) -> bool:
    """Say whether all messages are sent now, and have the events that the context adds with them."""
    if context.with_events is None or not deliveries:
        return False
    for delivery in deliveries:
        if delivery.wishes is not None or delivery.decision.outcome != "send":
            return False
    return now == stored(deliveries[0].sent_at)


def _write_log(
    account: Account, context: SendContext, log: LogRows, deliveries: Sequence[Delivery]
) -> None:
    """Write the rows of the send log."""
    usual = log.usual(account.now_text())
    columns = LogColumns.of(account, context) if context.further_columns else None
    logged = []
    for delivery in deliveries:
        if delivery.decision.outcome != "queue":
            further = {} if columns is None else columns.values(account, context, delivery)
            own = _own_columns(delivery)
            logged.append(log.row(usual, further, delivery.attributes, own))
    if logged:
        account.db.add(log.insert, logged)


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
        send_rows.json_text(delivery.given),
        _OUTCOMES[outcome],
        decision.code,
        # The usual one follows from the address.
        "" if is_usual else _decision_text(decision),
        now,
    )


def _own_columns(delivery: Delivery) -> tuple[object, ...]:
    """Return the values of the columns `OF_MESSAGE` of the send log."""
    return (
        delivery.subscriber_key,
        delivery.email_address,
        delivery.batch_id if delivery.decision.outcome in _LEAVING else None,
        delivery.subscriber_id or None,
        delivery.decision.code,
    )


def _decision_text(decision: Decision) -> str:
    """Return a decision as JSON."""
    kept = decision._asdict()
    del kept["outcome"], kept["code"]
    return json.dumps(kept)
