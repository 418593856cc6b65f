"""The queue of a paused definition: what was triggered while it is Inactive waits, for at most three days.

It is sent in order when the definition is started (documented), and counts as not sent when the definition is canceled
or deleted before, or when three days are over (reported by users: assumed).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sfmc_mock.account.account import Account
from sfmc_mock.account.deliveries import Outbox
from sfmc_mock.account.recipients import Recipient, candidate_of, look_up
from sfmc_mock.account.send_context import send_context_of
from sfmc_mock.simulator.decisions import QUEUE_LIFETIME, decide
from sfmc_mock.store import sends as rows
from sfmc_mock.store.database import Row

EXPIRY = "queue expiry"

# A queue keeps messages for three days, and not until they are over: the next tick of the clock is the first after.
_TICK = timedelta(milliseconds=4)


def plan_expiry(account: Account, definition: Row, send_id: int) -> None:
    """See to it that what a send put into the queue does not wait for ever."""
    account.plan_due(
        account.now() + QUEUE_LIFETIME + _TICK,
        EXPIRY,
        {"definition_id": definition["id"], "send_id": send_id},
    )


def drain_queue(account: Account, definition: Row) -> None:
    """Send what waited for a definition that has been started, the oldest first."""
    _decide(account, definition, None, "Accepted")


def clear_queue(account: Account, definition: Row) -> None:
    """Give up what waited for a definition that was canceled or deleted: it counts as not sent."""
    _decide(account, definition, None, "Cleared")


def expire_queue(account: Account, payload: dict[str, object]) -> None:
    """Give up what waited too long for its definition to be started."""
    definition = account.db.find("triggered_send_definition", id=payload["definition_id"])
    if definition is not None:
        _decide(account, definition, int(str(payload["send_id"])), "Expired")


def _decide(account: Account, definition: Row, send_id: int | None, status: str) -> None:
    waiting = rows.take_queued(account.db, int(str(definition["id"])), send_id)
    if not waiting:
        return
    terms = send_context_of(account, definition)
    outbox = Outbox(account, terms)
    recipients = [
        Recipient(each.subscriber_key, each.email_address, json.loads(each.attributes))
        for each in waiting
    ]
    for message, person in zip(waiting, look_up(account, terms, recipients), strict=True):
        if person.number is None:
            # Was deleted while the message waited, and is not made again.
            person.number, person.status = message.subscriber_id, "Deleted"
        waited = account.now() - datetime.fromisoformat(message.decided_at)
        decision = decide(candidate_of(account, terms, person, waited))
        outbox.put(message.send_id, message.ordinal, person, decision)
    outbox.write()
    for done in dict.fromkeys(message.send_id for message in waiting):
        account.db.update("send", {"status": status}, id=done)
