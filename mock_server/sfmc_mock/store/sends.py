"""The rows of a triggered send: messages, events, jobs' batches, what is known of subscribers.

Hot path: statements that do not change from call to call, and many rows at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sfmc_mock.store.database import Database

MESSAGE_COLUMNS = (
    "send_id",
    "ordinal",
    "job_id",
    "list_id",
    "batch_id",
    "repeat",
    "subscriber_id",
    "subscriber_key",
    "email_address",
    "attributes",
    "outcome",
    "error_code",
    "decision",
    "decided_at",
)

EVENT_COLUMNS = (
    "type",
    "job_id",
    "list_id",
    "batch_id",
    "subscriber_id",
    "subscriber_key",
    "happens_at",
    "visible_at",
    "definition_object_id",
    "error_code",
    "url_id",
    "url",
    "smtp_code",
    "bounce_category",
    "bounce_type",
    "smtp_reason",
    "is_master_unsubscribed",
    "question",
    "answer",
    "opt_in_subscriber_key",
    "reason",
)


def add_messages(db: Database, rows: Iterable[Sequence[object]]) -> None:
    """Add messages, their values in the order of `MESSAGE_COLUMNS`."""
    db.insert_many("message", MESSAGE_COLUMNS, rows)


def add_events(db: Database, rows: Iterable[Sequence[object]]) -> None:
    """Add events, their values in the order of `EVENT_COLUMNS`."""
    db.insert_many("event", EVENT_COLUMNS, rows)


def terms_version(db: Database) -> int:
    """Return a number that is another one whenever the terms of sends have changed."""
    found = db.rows("SELECT value FROM counter WHERE name = 'terms'")[0][0]
    assert isinstance(found, int)
    return found


def folded(key: str) -> str:
    """Return a SubscriberKey as the store compares it: without the case of ASCII letters."""
    return key.lower() if key.isascii() else key.translate(_LOWER)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class KnownSubscriber(NamedTuple):
    """What a send asks about a subscriber; `attributes` is JSON."""

    id: int
    key: str
    email_address: str
    status: str
    attributes: str


def known_subscribers(db: Database, keys: Sequence[str]) -> dict[int, KnownSubscriber]:
    """Return the subscribers that keys name, by the place of the key in the sequence."""
    sql = (
        "SELECT k.key, s.id, s.subscriber_key, s.email_address, s.status, s.attributes "
        "FROM json_each(?) k JOIN subscriber s ON s.subscriber_key = k.value"
    )
    found = db.run(sql, (json.dumps(keys),)).fetchall()
    return {index: KnownSubscriber(*row) for index, *row in found}


def list_statuses(db: Database, list_id: int, subscribers: Sequence[int]) -> dict[int, str]:
    """Return the status on a list of those subscribers (IDs) that are on it."""
    sql = (
        "SELECT m.subscriber_id, m.status FROM json_each(?) s "
        "JOIN list_subscriber m ON m.subscriber_id = s.value AND m.list_id = ?"
    )
    return dict(db.run(sql, (json.dumps(subscribers), list_id)).fetchall())


def taken_subscriber_ids(db: Database, numbers: Sequence[int]) -> set[int]:
    """Return those of the numbers that are the ID of a subscriber."""
    sql = "SELECT s.id FROM json_each(?) n JOIN subscriber s ON s.id = n.value"
    return {row[0] for row in db.run(sql, (json.dumps(numbers),)).fetchall()}


def last_places(
    db: Database, job_id: int, subscribers: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Return the highest batch of a job in which subscribers (IDs) were, with the message's number among theirs."""
    sql = (
        "SELECT s.value, m.batch_id, m.repeat FROM json_each(?) s JOIN message m ON m.id = "
        "(SELECT id FROM message WHERE subscriber_id = s.value AND job_id = ? ORDER BY batch_id DESC LIMIT 1)"
    )
    found = db.run(sql, (json.dumps(subscribers), job_id)).fetchall()
    return {
        number: (batch_id, repeat) for number, batch_id, repeat in found if batch_id is not None
    }


def batches_from(db: Database, job_id: int, subscriber_id: int, first: int) -> list[int]:
    """Return the batches of a job, from one on, in which a subscriber was."""
    sql = "SELECT batch_id FROM message WHERE subscriber_id = ? AND job_id = ? AND batch_id >= ?"
    return [row[0] for row in db.run(sql, (subscriber_id, job_id, first)).fetchall()]


def add_subscribers(db: Database, now: str, subscribers: Iterable[Sequence[object]]) -> None:
    """Add subscribers, active: ID, key, address, attributes (JSON)."""
    columns = (
        "id",
        "subscriber_key",
        "email_address",
        "attributes",
        "status",
        "email_type",
        "created_at",
        "modified_at",
    )
    db.insert_many(
        "subscriber", columns, ((*each, "Active", "HTML", now, now) for each in subscribers)
    )


def update_profiles(db: Database, now: str, profiles: Iterable[Sequence[object]]) -> None:
    """Give subscribers another address and other attributes (JSON): address, attributes, ID."""
    sql = "UPDATE subscriber SET modified_at = ?, email_address = ?, attributes = ? WHERE id = ?"
    for profile in profiles:
        db.run(sql, (now, *profile))


def join_list(db: Database, now: str, list_id: int, subscribers: Iterable[int]) -> None:
    """Put subscribers (IDs) on a list, active; those that are on it stay as they are."""
    sql = (
        "INSERT OR IGNORE INTO list_subscriber (list_id, subscriber_id, status, created_at, modified_at) "
        "VALUES (?, ?, 'Active', ?, ?)"
    )
    for number in subscribers:
        db.run(sql, (list_id, number, now, now))


def begin_round(db: Database, job_id: int, now: str) -> tuple[int, int]:
    """Return the batch that sends of a job at a time begin with, and how many more batches they came to so far.

    Sends at the same time of the account's clock are one round; a later one begins behind the highest batch so far.
    """
    sql = (
        "UPDATE job SET round = CASE WHEN round_at = ?1 THEN round ELSE highest_batch + 1 END, "
        "round_width = CASE WHEN round_at = ?1 THEN round_width ELSE 0 END, round_at = ?1 "
        "WHERE id = ?2 RETURNING round, round_width"
    )
    first, width = db.run(sql, (now, job_id)).fetchall()[0]
    return first, width


def end_round(db: Database, job_id: int, width: int, batch_id: int) -> None:
    """Note how many more batches than one a request of a job needed, and to which it came."""
    db.run(
        "UPDATE job SET round_width = ?, highest_batch = max(highest_batch, ?) WHERE id = ?",
        (width, batch_id, job_id),
    )


class QueuedMessage(NamedTuple):
    """A message that waits; `attributes` is JSON."""

    send_id: int
    ordinal: int
    subscriber_id: int
    subscriber_key: str
    email_address: str
    attributes: str
    decided_at: str


def take_queued(
    db: Database, definition_id: int, send_id: int | None = None
) -> list[QueuedMessage]:
    """Take out the messages of a definition, or of one send of it, that wait; the oldest come first."""
    where = (
        "outcome = 'queued' AND send_id IN (SELECT id FROM send WHERE definition_id = ?1) "
        "AND (?2 IS NULL OR send_id = ?2)"
    )
    columns = ", ".join(QueuedMessage._fields)
    found = db.run(
        f"SELECT {columns} FROM message WHERE {where} ORDER BY send_id, ordinal",  # noqa: S608 - names are constants
        (definition_id, send_id),
    ).fetchall()
    if found:
        db.run(f"DELETE FROM message WHERE {where}", (definition_id, send_id))  # noqa: S608
    return [QueuedMessage(*row) for row in found]


def bounces_in_a_row(db: Database, subscriber_key: str, before: str) -> list[str]:
    """Return the times of a subscriber's bounces before a time, with no open between, in order."""
    opened = "SELECT max(happens_at) FROM event WHERE type = 'Open' AND subscriber_key = ? AND happens_at < ?"
    since = db.rows(opened, (subscriber_key, before))[0][0] or ""
    bounced = (
        "SELECT happens_at FROM event WHERE type IN ('HardBounce', 'SoftBounce', 'OtherBounce') "
        "AND subscriber_key = ? AND happens_at > ? AND happens_at < ? ORDER BY happens_at"
    )
    return [str(row[0]) for row in db.rows(bounced, (subscriber_key, since, before))]


def newest_message(
    db: Database, subscriber_id: int, job_id: int, list_id: int, batch_id: int
) -> dict[str, object] | None:
    """Return the newest message sent to a subscriber, narrowed by what is not 0 of job, list and batch."""
    columns = (
        "id",
        "job_id",
        "list_id",
        "batch_id",
        "subscriber_id",
        "subscriber_key",
        "email_address",
        "definition_object_id",
    )
    names = ", ".join(
        f"{'j' if name == 'definition_object_id' else 'm'}.{name}" for name in columns
    )
    sql = (
        f"SELECT {names} FROM message m JOIN job j ON j.id = m.job_id "  # noqa: S608 - names are constants
        "WHERE m.subscriber_id = ?1 AND m.outcome = 'sent' AND (?2 = 0 OR m.job_id = ?2) "
        "AND (?3 = 0 OR m.list_id = ?3) AND (?4 = 0 OR m.batch_id = ?4) ORDER BY m.id DESC LIMIT 1"
    )
    found = db.rows(sql, (subscriber_id, job_id, list_id, batch_id))
    return dict(zip(columns, found[0], strict=True)) if found else None


def is_opened(db: Database, message: Mapping[str, object], until: str) -> bool:
    """Return whether a message was opened by a time."""
    sql = (
        "SELECT 1 FROM event WHERE type = 'Open' AND job_id = ? AND batch_id = ? AND subscriber_id = ? "
        "AND happens_at <= ? LIMIT 1"
    )
    bound = (message["job_id"], message["batch_id"], message["subscriber_id"], until)
    return bool(db.rows(sql, bound))
