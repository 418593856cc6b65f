"""What happens to messages: tracking events are written down, and change subscribers when their time comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sfmc_mock.account.account import Account
from sfmc_mock.account.behaviour import draws, lag
from sfmc_mock.account.jobs import links_of
from sfmc_mock.account.subscribers import (
    is_all_subscribers,
    join_list,
    set_list_status,
    set_status,
)
from sfmc_mock.clock import rounded, stored
from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.bounces import status_after_bounce, status_after_open
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.plan import EVENT_TYPES, Message, PlannedEvent, manual_events
from sfmc_mock.store import event_log
from sfmc_mock.store.database import Row

EFFECT = "effect"
"""What falls due when an event happens that changes its subscriber."""

BOUNCES = frozenset({"HardBounce", "SoftBounce", "OtherBounce"})


@dataclass(frozen=True, slots=True)
class Target:
    """Whose message of which job an event belongs to."""

    job_id: int
    list_id: int
    batch_id: int
    subscriber_id: int
    subscriber_key: str
    definition_object_id: str
    error_code: int | None = None
    """Why it was not sent, if it was not."""

    @classmethod
    def of(
        cls, message: Message, definition_object_id: str, error_code: int | None = None
    ) -> Target:
        """Return the target of a message's events."""
        return cls(
            message.job_id,
            message.list_id,
            message.batch_id,
            message.subscriber_id,
            message.subscriber_key,
            definition_object_id,
            error_code,
        )


def message_of(row: Row, links: tuple[Link, ...] = ()) -> Message:
    """Return the message of a row of the store, which was sent."""
    return Message(
        job_id=int(str(row["job_id"])),
        list_id=int(str(row["list_id"])),
        batch_id=int(str(row["batch_id"])),
        subscriber_id=int(str(row["subscriber_id"])),
        subscriber_key=str(row["subscriber_key"]),
        email_address=str(row["email_address"]),
        sent_at=datetime.fromisoformat(str(row["decided_at"])),
        links=links,
    )


def make_happen(
    account: Account, message: Row, kind: str, at: datetime, details: Mapping[str, str | int | bool]
) -> tuple[PlannedEvent, ...]:
    """Let an event happen to a message that was sent, with what it implies; return the events.

    `kind` is an event's name, or a label of a magic address. Raises `SetupError` for what cannot happen.
    """
    if message["outcome"] != "sent":
        raise SetupError(
            f"The message of send {message['send_id']} to {message['email_address']} was {message['outcome']}: "
            f"nothing can happen to it. Ask for its explanation to learn why."
        )
    sent = message_of(message, links_of(account, int(str(message["job_id"]))))
    job = account.db.find("job", id=sent.job_id) or {}
    opened = event_log.is_opened(account.db, message, stored(at))
    events = manual_events(
        kind, sent, at, lag(account), draws(account), opened=opened, details=details
    )
    target = Target.of(sent, str(job.get("definition_object_id", "")))
    write_down(account, [(target, event) for event in events])
    return events


def write_down(account: Account, events: Iterable[tuple[Target, PlannedEvent]]) -> None:
    """Keep events of messages, past or to come, and see to what they change.

    An event is kept with the time at which it happens and the time from which a Retrieve shows it. What it changes of
    its subscriber happens at the former.
    """
    now = account.now()
    texts = {now: stored(now)}
    kept = []
    effects = []
    for target, event in events:
        if event.kind == "Unsubscribe" and is_all_subscribers(account, target.list_id):
            # Whoever leaves All Subscribers leaves everything, whatever the way.
            event = event._replace(details={**event.details, "is_master_unsubscribed": True})
        for moment in event.happens_at, event.visible_at:
            if moment not in texts:
                texts[moment] = stored(_kept(moment))
        kept.append(_row(target, event, texts))
        if event.kind in _EFFECTS:
            effects.append((target, event))
    event_log.add_events(account.db, kept)
    for target, event in effects:
        _see_to(account, target, event, now)


# What lies beyond the calendar's end happens at its end.
_END = datetime.max.replace(microsecond=997_000)


def _kept(moment: datetime) -> datetime:
    return rounded(min(moment, _END))


def _row(target: Target, event: PlannedEvent, texts: Mapping[datetime, str]) -> event_log.EventRow:
    values = (
        EVENT_TYPES[event.kind],
        target.job_id,
        target.list_id,
        target.batch_id,
        target.subscriber_id,
        target.subscriber_key,
        texts[event.happens_at],
        texts[event.visible_at],
        target.definition_object_id,
    )
    if target.error_code is None:
        return values, event.details
    return values, {**event.details, "error_code": target.error_code}


_EFFECTS = frozenset({"Open", "Unsubscribe"}) | BOUNCES


def _see_to(account: Account, target: Target, event: PlannedEvent, now: datetime) -> None:
    at = _kept(event.happens_at)
    if event.kind == "Open" and at <= now:
        # By far the most frequent effect, and nearly always none.
        row = account.db.find("subscriber", id=target.subscriber_id)
        if row is None or row["status"] != "Bounced":
            return
    payload: dict[str, object] = {
        "kind": event.kind,
        "subscriber_id": target.subscriber_id,
        "subscriber_key": target.subscriber_key,
        "list_id": target.list_id,
        "master": bool(event.details.get("is_master_unsubscribed")),
    }
    if at > now:
        account.plan_due(at, EFFECT, payload)
        return
    with account.at(at):
        apply_effect(account, payload)


def apply_effect(account: Account, payload: dict[str, object]) -> None:
    """Change a subscriber as an event that happens now does (rules: documented)."""
    subscriber_id = int(str(payload["subscriber_id"]))
    row = account.db.find("subscriber", id=subscriber_id)
    if row is None:
        return
    before = str(row["status"])
    kind = str(payload["kind"])
    if kind == "Unsubscribe":
        unsubscribe(
            account, subscriber_id, int(str(payload["list_id"])), master=bool(payload["master"])
        )
        return
    if kind == "Open":
        after = status_after_open(before)
    else:
        now = account.now()
        earlier = event_log.consecutive_bounces(
            account.db, str(payload["subscriber_key"]), stored(now)
        )
        after = status_after_bounce(before, [datetime.fromisoformat(each) for each in earlier], now)
    if after != before:
        set_status(account, subscriber_id, after)


def unsubscribe(account: Account, subscriber_id: int, list_id: int, *, master: bool) -> None:
    """Take a subscriber off a list, or off everything (master unsubscribe)."""
    if master:
        set_status(account, subscriber_id, "Unsubscribed")
    elif account.db.count("list_subscriber", list_id=list_id, subscriber_id=subscriber_id):
        set_list_status(account, subscriber_id, list_id, "Unsubscribed")
    elif account.db.count("list", id=list_id):
        join_list(account, subscriber_id, list_id, "Unsubscribed")
