"""Questions about sends and messages, for people: explanations, lists, expectations of tests."""

from __future__ import annotations

import json

from sfmc_mock.store.database import Database, Row

_SENDS = """
SELECT s.id, s.definition_id, s.definition_key, s.requested_at, s.status,
  count(m.id) AS messages,
  sum(m.outcome = 'sent') AS sent,
  sum(m.outcome = 'not sent') AS not_sent,
  sum(m.outcome = 'refused') AS refused,
  sum(m.outcome = 'queued') AS queued,
  group_concat(DISTINCT m.job_id) AS jobs,
  min(m.email_address) AS first_address
FROM send s LEFT JOIN message m ON m.send_id = s.id
WHERE (?1 IS NULL OR s.definition_key = ?1 COLLATE NOCASE)
  AND (?2 IS NULL OR s.id IN (SELECT send_id FROM message WHERE subscriber_key = ?2 OR email_address = ?2))
  AND (?3 IS NULL OR s.id = ?3)
GROUP BY s.id ORDER BY s.id DESC LIMIT ?4
"""

_MESSAGES = """
SELECT m.*, s.definition_id, s.definition_key, s.requested_at
FROM message m JOIN send s ON s.id = m.send_id
WHERE (?1 IS NULL OR m.send_id = ?1)
  AND (?2 IS NULL OR m.subscriber_key = ?2 OR m.email_address = ?2 OR m.subscriber_id = ?2)
  AND (?3 IS NULL OR instr(m.attributes, ?3))
  AND (?4 IS NULL OR s.definition_key = ?4 COLLATE NOCASE)
ORDER BY m.id DESC LIMIT ?5
"""


def sends(
    db: Database,
    *,
    definition: str | None = None,
    subscriber: str | None = None,
    send_id: int | None = None,
    limit: int = 100,
) -> list[Row]:
    """Return sends with what became of their messages, the newest first."""
    return _rows(db, _SENDS, (definition, subscriber, send_id, limit))


def messages(
    db: Database,
    *,
    send_id: int | None = None,
    subscriber: str | int | None = None,
    unique_id: str | None = None,
    definition: str | None = None,
    limit: int = 1_000,
) -> list[Row]:
    """Return messages with their send, the newest first.

    `subscriber` is a key, an address or an ID; `unique_id` the value of any attribute that the message was sent with.
    """
    # JSON holds a value between quotes, so that one that only contains it is not found.
    within = None if unique_id is None else json.dumps(unique_id)
    rows = _rows(db, _MESSAGES, (send_id, subscriber, within, definition, limit))
    if unique_id is None:
        return rows
    return [row for row in rows if unique_id in json.loads(str(row["attributes"])).values()]


_EVENT_TYPES = (
    "Sent",
    "NotSent",
    "DeliveredEvent",
    "Open",
    "Click",
    "HardBounce",
    "SoftBounce",
    "OtherBounce",
    "Unsubscribe",
    "ForwardedEmail",
    "ForwardedEmailOptIn",
    "Survey",
)


def events_of(db: Database, message: Row) -> list[Row]:
    """Return the events of a message, visible or not, in the order in which they happen."""
    if message["job_id"] is None or message["batch_id"] is None:
        return []
    # Naming every type lets SQLite use the index of the flow, which begins with it.
    marks = ", ".join("?" * len(_EVENT_TYPES))
    sql = (
        f"SELECT * FROM event WHERE type IN ({marks}) AND job_id = ? AND batch_id = ? AND subscriber_id = ? "  # noqa: S608
        "ORDER BY happens_at, id"
    )
    bound = (message["job_id"], message["batch_id"], message["subscriber_id"])
    return _rows(db, sql, (*_EVENT_TYPES, *bound))


def tracking(db: Database, *, subscriber: str | None, until: str, limit: int = 10_000) -> list[Row]:
    """Return the events visible by a time, of one subscriber (key) or of all, in the order in which they happened."""
    sql = (
        "SELECT * FROM event WHERE (?1 IS NULL OR subscriber_key = ?1) AND visible_at <= ?2 "
        "ORDER BY happens_at, id LIMIT ?3"
    )
    return _rows(db, sql, (subscriber, until, limit))


def counts(db: Database) -> dict[str, int]:
    """Return how many rows the account's main tables hold."""
    tables = (
        "subscriber",
        "triggered_send_definition",
        "send",
        "message",
        "event",
        "data_extension",
    )
    return {table: db.count(table) for table in tables}


def _rows(db: Database, sql: str, bound: tuple[object, ...]) -> list[Row]:
    with db.lock:
        cursor = db.run(sql, bound)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
