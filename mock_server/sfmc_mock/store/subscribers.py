"""The look-ups and changes of subscribers that sends make: many at a time, by statements that never change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sfmc_mock.store.database import Database
from sfmc_mock.store.writes import Change, Combined, Derived, Insert

_FIELDS = ("id", "subscriber_key", "email_address", "attributes", "at")
_ADD = Combined(
    Derived.of(
        Insert("subscriber", (*_FIELDS[:-1], "status", "email_type", "created_at", "modified_at")),
        _FIELDS,
        {"status": "Active", "email_type": "HTML"},
        called={"created_at": "at", "modified_at": "at"},
    )
)


def folded(key: str) -> str:
    """Return a SubscriberKey as the store compares it: without the case of ASCII letters."""
    return key.lower() if key.isascii() else key.translate(_LOWER)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class KnownSubscriber(NamedTuple):
    """The columns of a subscriber that a send needs; `attributes` is JSON."""

    id: int
    email_address: str
    status: str
    attributes: str
    global_unsubscribe_category_id: int | None


def known_subscribers(db: Database, keys: Sequence[str]) -> dict[int, KnownSubscriber]:
    """Return the subscribers that keys name, by the place of the key in the sequence."""
    if len(keys) == 1:
        rows = db.look_up(_KNOWN_ONE, keys, folded(keys[0]))
        return {0: KnownSubscriber(*rows[0])} if rows else {}
    rows = db.look_up(_KNOWN_MANY, (json.dumps(keys),), *map(folded, keys))
    return {index: KnownSubscriber(*row) for index, *row in rows}


_KNOWN_ONE = (
    "SELECT id, email_address, status, attributes, global_unsubscribe_category_id FROM subscriber "
    "WHERE subscriber_key = ?"
)
_KNOWN_MANY = (
    "SELECT k.key, s.id, s.email_address, s.status, s.attributes, s.global_unsubscribe_category_id "
    "FROM json_each(?) k JOIN subscriber s ON s.subscriber_key = k.value"
)


def is_globally_unsubscribed(db: Database, address: str) -> bool:
    """Say whether a subscriber with the address is in a global unsubscribe category that counts."""
    sql = (
        "SELECT 1 FROM subscriber s JOIN global_unsubscribe_category c ON c.id = s.global_unsubscribe_category_id "
        "WHERE s.email_address = ? AND NOT c.ignore LIMIT 1"
    )
    return bool(db.rows(sql, (address,)))


def list_statuses(db: Database, list_id: int, subscribers: Sequence[int]) -> dict[int, str]:
    """Return the status on a list of each of the subscribers (IDs) that is on it."""
    # CROSS keeps SQLite from reading the whole list for each of the subscribers.
    sql = (
        "SELECT m.subscriber_id, m.status FROM json_each(?) s "
        "CROSS JOIN list_subscriber m ON m.subscriber_id = s.value AND m.list_id = ?"
    )
    return dict(db.look_up(sql, (json.dumps(subscribers), list_id), *subscribers))


def taken_ids(db: Database, numbers: Sequence[int]) -> set[int]:
    """Return those of the numbers that are IDs of subscribers."""
    if len(numbers) == 1:
        rows = db.look_up("SELECT id FROM subscriber WHERE id = ?", numbers, *numbers)
    else:
        sql = "SELECT s.id FROM json_each(?) n JOIN subscriber s ON s.id = n.value"
        rows = db.look_up(sql, (json.dumps(numbers),), *numbers)
    return {row[0] for row in rows} if rows else set()


def add_subscribers(
    db: Database, now: str, subscribers: Iterable[tuple[int, str, str, str]]
) -> None:
    """Add subscribers, active: ID, key, address, attributes (JSON)."""
    added = [(*subscriber, now) for subscriber in subscribers]
    names = [name for number, key, *_ in added for name in (number, folded(key))]
    db.add(_ADD, added, *names)


def update_profiles(db: Database, now: str, profiles: Iterable[tuple[str, str, str, int]]) -> None:
    """Change subscribers; each row has the key, address, attributes (JSON) and ID."""
    changed = [(folded(key), now, *profile) for key, *profile in profiles]
    if changed:
        names = [name for key, *_, number in changed for name in (key, number)]
        db.add(_UPDATE, [row for _, *row in changed], *names)


_UPDATE = Change("subscriber", ("modified_at", "email_address", "attributes"))


def join_list(db: Database, now: str, list_id: int, subscribers: Iterable[int]) -> None:
    """Add subscribers (IDs) to a list with the status Active; those that are on it keep their status."""
    numbers = list(subscribers)
    db.add(_JOIN, [(list_id, number, "Active", now, now) for number in numbers], *numbers)


_JOIN = Insert(
    "list_subscriber",
    ("list_id", "subscriber_id", "status", "created_at", "modified_at"),
    or_ignore=True,
)
