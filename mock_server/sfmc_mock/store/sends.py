"""The rows of a triggered send: messages, events, jobs' batches. Hot path: prepared statements, many rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sfmc_mock.store.database import Database

MESSAGE_COLUMNS = (
    "send_id",
    "ordinal",
    "job_id",
    "list_id",
    "batch_id",
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


def earlier_batches(db: Database, job_id: int, subscriber_id: int) -> tuple[int, int]:
    """Return the last batch of a job in which a subscriber was (0 when in none), and in how many they were."""
    sql = (
        "SELECT max(batch_id), count(batch_id) FROM message WHERE subscriber_id = ? AND job_id = ?"
    )
    last, count = db.rows(sql, (subscriber_id, job_id))[0]
    assert isinstance(count, int)
    return (last if isinstance(last, int) else 0), count


def begin_round(db: Database, job_id: int, now: str) -> int:
    """Return the batch that sends of a job at a time begin with.

    Sends at the same time of the account's clock share it; later ones begin behind the highest batch so far.
    """
    sql = (
        "UPDATE job SET round = CASE WHEN round_at = ? THEN round ELSE highest_batch + 1 END, round_at = ? "
        "WHERE id = ? RETURNING round"
    )
    found = db.rows(sql, (now, now, job_id))[0][0]
    assert isinstance(found, int)
    return found


def raise_highest_batch(db: Database, job_id: int, batch_id: int) -> None:
    """Note that a job has come to a batch."""
    db.run("UPDATE job SET highest_batch = max(highest_batch, ?) WHERE id = ?", (batch_id, job_id))


def queued_messages(
    db: Database, definition_id: int, send_id: int | None = None
) -> list[dict[str, object]]:
    """Return the messages of a definition, or of one send of it, that wait, the oldest first."""
    columns = (
        "id",
        "send_id",
        "ordinal",
        "subscriber_id",
        "subscriber_key",
        "email_address",
        "attributes",
        "decided_at",
    )
    names = ", ".join(f"m.{column}" for column in columns)
    sql = (
        f"SELECT {names} FROM message m JOIN send s ON s.id = m.send_id "  # noqa: S608 - names are constants
        "WHERE m.outcome = 'queued' AND s.definition_id = ? AND (? IS NULL OR m.send_id = ?) "
        "ORDER BY m.send_id, m.ordinal"
    )
    rows = db.rows(sql, (definition_id, send_id, send_id))
    return [dict(zip(columns, row, strict=True)) for row in rows]


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
