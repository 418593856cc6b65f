"""Record tracking events of messages, and apply them to subscribers when they happen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict

from sfmc_mock.account.account import Account
from sfmc_mock.account.enterprise_unsubscribes import keeps_unsubscribes, same_elsewhere
from sfmc_mock.account.jobs import find_job, links_of
from sfmc_mock.account.lists import is_all_subscribers
from sfmc_mock.account.simulation_settings import keyed_random_of, lag
from sfmc_mock.account.subscribers import find_subscriber, join_list, set_list_status, set_status
from sfmc_mock.clock import rounded, stored
from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.bounces import EVENT_TYPES as BOUNCES
from sfmc_mock.simulator.manual_events import manual_events
from sfmc_mock.simulator.messages import EVENT_TYPES, Message, PlannedEvent
from sfmc_mock.simulator.status_after_bounces import status_after_bounce, status_after_open
from sfmc_mock.store import event_log
from sfmc_mock.store.row_types import MessageRow

EFFECT = "effect"
"""The scheduled action of an event that changes its subscriber."""

_EFFECTS = frozenset({"Open", "Unsubscribe"}) | BOUNCES

# A time beyond the calendar's end is moved to its end.
_END = datetime.max.replace(microsecond=997_000)


class EventEffect(TypedDict):
    """The change of a subscriber by an event, as the payload of its scheduled action."""

    kind: str
    subscriber_id: int
    subscriber_key: str
    list_id: int
    master: bool


MessageEvent = tuple[Message, PlannedEvent, str]
"""An event of a message, with the ObjectID of its definition."""


def message_of(account: Account, row: MessageRow) -> Message:
    """Return the message of a row, which must have been sent."""
    return Message(
        job_id=row["job_id"] or 0,
        list_id=row["list_id"] or 0,
        batch_id=row["batch_id"] or 0,
        subscriber_id=row["subscriber_id"] or 0,
        subscriber_key=row["subscriber_key"] or "",
        email_address=row["email_address"] or "",
        sent_at=datetime.fromisoformat(row["decided_at"]),
        links=links_of(account, row["job_id"] or 0),
    )


def make_happen(
    account: Account,
    row: MessageRow,
    kind: str,
    at: datetime,
    details: Mapping[str, str | int | bool],
) -> tuple[PlannedEvent, ...]:
    """Record an event of a message that was sent, with the events that it implies; return them.

    `kind` is an event's name, or a label of a magic address. Raises `SetupError` for an event that cannot happen.
    """
    if row["outcome"] != "sent":
        raise SetupError(
            f"The message of send {row['send_id']} to {row['email_address']} was {row['outcome']}: "
            f"nothing can happen to it. Ask for its explanation to learn why."
        )
    message = message_of(account, row)
    job = find_job(account, message.job_id)
    shown_at = event_log.sent_event_visible_at(account.db, row)
    events = manual_events(
        kind,
        message,
        at,
        lag(account),
        keyed_random_of(account),
        opened=event_log.is_opened(account.db, row, stored(at)),
        details=details,
        not_before=datetime.min if shown_at is None else datetime.fromisoformat(shown_at),
    )
    object_id = job.definition_object_id if job else ""
    record_events(account, [(message, event, object_id) for event in events])
    return events


def record_events(account: Account, events: Iterable[MessageEvent]) -> None:
    """Record events of messages, past or future, and apply or schedule their changes of subscribers.

    An event is recorded with the time at which it happens and the time from which a Retrieve shows it. It changes its
    subscriber at the former.
    """
    now = account.now()
    texts = {now: stored(now)}
    event_rows: list[event_log.EventRow] = []
    effects = []
    for message, event, object_id in events:
        kind, happens_at, visible_at, details = event
        if kind == "Unsubscribe" and is_all_subscribers(account, message.list_id):
            # Leaving All Subscribers is a master unsubscribe, however it was asked for.
            details = {**details, "is_master_unsubscribed": True}
        for moment in happens_at, visible_at:
            if moment not in texts:
                texts[moment] = stored(_storable(moment))
        if message.error_code is not None:
            details = {**details, "error_code": message.error_code}
        values = (
            EVENT_TYPES[kind],
            message.job_id,
            message.list_id,
            message.batch_id,
            message.subscriber_id,
            message.subscriber_key,
            texts[happens_at],
            texts[visible_at],
            object_id,
        )
        event_rows.append((values, details))
        if kind in _EFFECTS:
            effects.append((message, kind, happens_at, bool(details.get("is_master_unsubscribed"))))
    event_log.add_events(account.db, event_rows)
    for message, kind, happens_at, is_master in effects:
        _apply_or_schedule(account, message, kind, _storable(happens_at), now, is_master=is_master)


def _storable(moment: datetime) -> datetime:
    return rounded(min(moment, _END))


def _apply_or_schedule(
    account: Account, message: Message, kind: str, at: datetime, now: datetime, *, is_master: bool
) -> None:
    if kind == "Open" and at <= now:
        # By far the most frequent event, which changes nothing nearly always.
        subscriber = find_subscriber(account, number=message.subscriber_id)
        if subscriber is None or subscriber.status != "Bounced":
            return
    payload: EventEffect = {
        "kind": kind,
        "subscriber_id": message.subscriber_id,
        "subscriber_key": message.subscriber_key,
        "list_id": message.list_id,
        "master": is_master,
    }
    if at > now:
        account.plan_due(at, EFFECT, payload)
        return
    with account.at(at):
        apply_effect(account, payload)


def apply_effect(account: Account, effect: EventEffect) -> None:
    """Change a subscriber by an event that happens now (rules: documented)."""
    subscriber = find_subscriber(account, number=effect["subscriber_id"])
    if subscriber is None:
        return
    if effect["kind"] == "Unsubscribe":
        unsubscribe(account, subscriber.id, effect["list_id"], master=effect["master"])
        return
    if effect["kind"] == "Open":
        status = status_after_open(subscriber.status)
    else:
        now = account.now()
        bounces = event_log.consecutive_bounces(account.db, effect["subscriber_key"], stored(now))
        earlier = [datetime.fromisoformat(bounced_at) for bounced_at in bounces]
        status = status_after_bounce(subscriber.status, earlier, now)
    if status != subscriber.status:
        set_status(account, subscriber.id, status)


def unsubscribe(account: Account, subscriber_id: int, list_id: int, *, master: bool) -> None:
    """Unsubscribe a subscriber from a list, or from All Subscribers (master unsubscribe)."""
    if master:
        set_status(account, subscriber_id, "Unsubscribed")
        if account.is_shared:
            _unsubscribe_everywhere(account, subscriber_id)
    elif account.db.count("list_subscriber", list_id=list_id, subscriber_id=subscriber_id):
        set_list_status(account, subscriber_id, list_id, "Unsubscribed")
    elif account.db.count("list", id=list_id):
        join_list(account, subscriber_id, list_id, "Unsubscribed")


def _unsubscribe_everywhere(account: Account, subscriber_id: int) -> None:
    """Unsubscribe a subscriber in the whole enterprise, unless unsubscribes hold for the account alone (documented)."""
    subscriber = find_subscriber(account, number=subscriber_id)
    if subscriber is None or keeps_unsubscribes(account):
        return
    for other, same in same_elsewhere(account, subscriber.subscriber_key):
        with other.db.atomic():
            set_status(other, same.id, "Unsubscribed")
