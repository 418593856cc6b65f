"""What happens to messages: tracking events are written down, and change subscribers when their time comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sfmc_mock.account.account import Account
from sfmc_mock.account.subscribers import join_list, set_list_status, set_status
from sfmc_mock.clock import stored
from sfmc_mock.simulator.bounces import status_after_bounce, status_after_open
from sfmc_mock.simulator.plan import EVENT_TYPES, PlannedEvent
from sfmc_mock.store import sends as rows

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


def write_down(account: Account, events: Iterable[tuple[Target, PlannedEvent]]) -> None:
    """Keep events of messages, past or to come, and see to what they change.

    An event is kept with the time at which it happens and the time from which a Retrieve shows it. What it changes of
    its subscriber happens at the former.
    """
    taken = list(events)
    rows.add_events(account.db, [_row(target, event) for target, event in taken])
    now = account.now()
    for target, event in taken:
        if event.kind in _EFFECTS:
            _see_to(account, target, event, now)


def _row(target: Target, event: PlannedEvent) -> tuple[object, ...]:
    details = event.details
    master = details.get("is_master_unsubscribed")
    return (
        EVENT_TYPES[event.kind],
        target.job_id,
        target.list_id,
        target.batch_id,
        target.subscriber_id,
        target.subscriber_key,
        stored(event.happens_at),
        stored(event.visible_at),
        target.definition_object_id,
        details.get("url_id"),
        details.get("url"),
        details.get("smtp_code"),
        details.get("bounce_category"),
        details.get("bounce_type"),
        details.get("smtp_reason"),
        None if master is None else int(bool(master)),
        details.get("question"),
        details.get("answer"),
        details.get("opt_in_key"),
        details.get("reason"),
    )


_EFFECTS = frozenset({"Open", "Unsubscribe"}) | BOUNCES


def _see_to(account: Account, target: Target, event: PlannedEvent, now: datetime) -> None:
    if event.kind == "Open" and event.happens_at <= now:
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
    if event.happens_at <= now:
        apply_effect(account, event.happens_at, payload)
    else:
        account.plan_due(event.happens_at, "effect", payload)


def apply_effect(account: Account, at: datetime, payload: dict[str, object]) -> None:
    """Change a subscriber as an event that happens at a time does (rules: documented)."""
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
        key = str(payload["subscriber_key"])
        earlier = rows.bounces_in_a_row(account.db, key, stored(at))
        after = status_after_bounce(before, [datetime.fromisoformat(each) for each in earlier], at)
    if after != before:
        set_status(account, subscriber_id, after)


def unsubscribe(account: Account, subscriber_id: int, list_id: int, *, master: bool) -> None:
    """Take a subscriber off a list, or off everything (master unsubscribe)."""
    found = account.db.find("list", id=list_id)
    if master or found is None or found["is_all_subscribers"]:
        set_status(account, subscriber_id, "Unsubscribed")
        return
    if account.db.count("list_subscriber", list_id=list_id, subscriber_id=subscriber_id):
        set_list_status(account, subscriber_id, list_id, "Unsubscribed")
    else:
        join_list(account, subscriber_id, list_id, "Unsubscribed")
