"""Write deliveries: messages with their batches, rows of the send log, and tracking events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_rows import append_log_rows
from sfmc_mock.account.log_columns import LogColumns
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.account.send_batches import give_places
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.tracking_events import record_alike, record_events
from sfmc_mock.simulator.event_plan import plan, uneventful
from sfmc_mock.store import sends as rows

# How much of its usual time a SentEvent takes to show, by the definition's priority: high ones go at once, medium ones
# within minutes, low ones later still (documented; the factors: assumed).
_PACES = {"3": 0.1, "5": 5.0}
_LEAVING = ("send", "exclude")
_OUTCOMES = {"send": "sent", "exclude": "not sent", "refuse": "refused", "queue": "queued"}


def write_deliveries(
    account: Account, context: SendContext, deliveries: Sequence[Delivery]
) -> None:
    """Write a message for each delivery, a log row unless it waits, and the events of those that leave.

    They are of one time.
    """
    leaving = [delivery for delivery in deliveries if delivery.decision.outcome in _LEAVING]
    if leaving:
        _prepare(account, context, leaving)
    now = account.now_text()
    rows.add_messages(account.db, [_message_row(context, delivery, now) for delivery in deliveries])
    if context.log is not None:
        logged = [delivery for delivery in deliveries if delivery.decision.outcome != "queue"]
        if logged:
            more = LogColumns.of(account, context)
            log_rows = [_log_row(account, context, delivery, more) for delivery in logged]
            append_log_rows(account, context.log, log_rows)
    if leaving:
        _record(account, context, leaving)


def _prepare(account: Account, context: SendContext, leaving: Sequence[Delivery]) -> None:
    """Give messages that leave their places, and the codes of those that are not sent."""
    if context.has_batches:
        numbers = [delivery.subscriber_id for delivery in leaving]
        places = give_places(account, context.job_id, numbers)
        for delivery, place in zip(leaving, places, strict=True):
            delivery.batch_id, delivery.repeat = place
    for delivery in leaving:
        delivery.error_code = delivery.decision.code


def _record(account: Account, context: SendContext, leaving: Sequence[Delivery]) -> None:
    """Record the events of messages that leave."""
    object_id = context.definition.object_id
    if context.is_uneventful and all(
        delivery.wishes is None and delivery.decision.outcome == "send" for delivery in leaving
    ):
        record_alike(account, leaving, uneventful(leaving[0].sent_at), object_id)
        return
    pace = _PACES.get(context.definition.priority, 1.0)
    record_events(
        account,
        [
            (delivery, event, object_id)
            for delivery in leaving
            for event in plan(
                delivery,
                context.engagement,
                context.lag,
                context.draws,
                delivery.wishes,
                sent=delivery.decision.outcome == "send",
                pace=pace,
            )
        ],
    )


def _message_row(context: SendContext, delivery: Delivery, now: str) -> tuple[object, ...]:
    outcome = delivery.decision.outcome
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
        delivery.decision.code,
        _decision_text(delivery),
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
    """Return the attributes that columns take: the strict mode has those of the profile alone (documented).

    Columns of a data extension that is sent to are taken in both modes (documented).
    """
    given = {name.casefold(): value for name, value in delivery.attributes.items()}
    if account.strict and context.checks_attributes:
        return {name: value for name, value in given.items() if name in context.attributes}
    return given


def _decision_text(delivery: Delivery) -> str:
    """Return the decision as JSON; nothing for the usual one, which follows from the address."""
    decision = delivery.decision
    if (
        not decision.rule
        and delivery.status == "Active"
        and delivery.list_status in (None, "Active")
    ):
        return ""
    kept = decision._asdict()
    del kept["outcome"], kept["code"]
    return json.dumps(kept)
