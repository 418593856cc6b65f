"""The queue of a paused definition: sends that are triggered while it is Inactive wait for up to three days.

They are sent in order when the definition is started (documented), and count as not sent when it is canceled
or deleted before, or when three days are over (reported by users: assumed).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from sfmc_mock.account.account import Account
from sfmc_mock.account.deliveries import write_deliveries
from sfmc_mock.account.recipients import Recipient, look_up
from sfmc_mock.account.send_context import send_context_of
from sfmc_mock.account.send_decisions import decide_on
from sfmc_mock.clock import TICK
from sfmc_mock.simulator.send_rules import QUEUE_LIFETIME
from sfmc_mock.store import sends as send_rows
from sfmc_mock.store.row_types import Definition, find_record

EXPIRY = "queue expiry"


class QueuedSend(TypedDict):
    """A queued send, as the payload of the action that expires it."""

    definition_id: int
    send_id: int


def plan_expiry(account: Account, definition_id: int, send_id: int) -> None:
    """Schedule the expiry of a queued send."""
    queued: QueuedSend = {"definition_id": definition_id, "send_id": send_id}
    # A message may wait for exactly three days; the next tick of the clock is too late.
    account.plan_due(account.now() + QUEUE_LIFETIME + TICK, EXPIRY, queued)


def drain_queue(account: Account, definition: Definition) -> None:
    """Send the queue of a definition that was started, the oldest first."""
    _empty_queue(account, definition, None, "Accepted")


def clear_queue(account: Account, definition: Definition) -> None:
    """Drop the queue of a definition that was canceled or deleted: its messages count as not sent."""
    _empty_queue(account, definition, None, "Cleared")


def take_back(account: Account, definition: Definition, keys: Sequence[str]) -> int:
    """Drop queued messages to SubscriberKeys, or all messages; they count as not sent. Return their number."""
    return _empty_queue(account, definition, None, "Cleared", keys or None, {"is_taken_back": True})


def change_waiting(
    account: Account, definition: Definition, recipients: Sequence[Recipient]
) -> int:
    """Update address and attributes of queued messages to recipients; return the number of messages."""
    changed = 0
    for recipient in recipients:
        key = (recipient.key or recipient.email_address or "").strip()
        for number, attributes in send_rows.queued_to(account.db, definition.id, key):
            given = {**json.loads(attributes), **recipient.attributes}
            address = recipient.email_address or None
            send_rows.change_queued(account.db, number, send_rows.json_text(given), address)
            changed += 1
    return changed


def expire_queue(account: Account, queued: QueuedSend) -> None:
    """Drop a send that was queued for too long."""
    definition = find_record(
        account.db, Definition, "triggered_send_definition", id=queued["definition_id"]
    )
    if definition is not None:
        _empty_queue(account, definition, queued["send_id"], "Expired")


def _empty_queue(
    account: Account,
    definition: Definition,
    send_id: int | None,
    status: str,
    keys: Sequence[str] | None = None,
    facts: Mapping[str, object] | None = None,
) -> int:
    queued = send_rows.take_queued(account.db, definition.id, send_id, keys)
    if not queued:
        return 0
    context = send_context_of(account, definition)
    recipients = [
        Recipient(message.subscriber_key, message.email_address, json.loads(message.attributes))
        for message in queued
    ]
    deliveries = look_up(account, context, recipients)
    for message, delivery in zip(queued, deliveries, strict=True):
        delivery.send_id, delivery.ordinal = message.send_id, message.ordinal
        if not delivery.subscriber_id:
            # Was deleted while the message was queued, and is not added again.
            delivery.subscriber_id, delivery.status = message.subscriber_id, "Deleted"
        waited = account.now() - datetime.fromisoformat(message.decided_at)
        delivery.decision = decide_on(
            account, context, delivery, {"queued_for": waited, **(facts or {})}
        )
    write_deliveries(account, context, deliveries, account.now_text())
    for done in dict.fromkeys(message.send_id for message in queued):
        if not send_rows.has_queued(account.db, done):
            send_rows.change_status(account.db, done, status)
    return len(queued)
