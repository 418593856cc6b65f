"""Queries for sends and messages, for explanations, lists and expectations of tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from sfmc_mock.store.database import Database, Row
from sfmc_mock.store.row_types import MessageRow, SendRow

_SENDS = """
SELECT s.id, s.definition_id, s.definition_key, s.requested_at, s.status,
  count(m.id) AS messages,
  COALESCE(sum(m.outcome = 'sent'), 0) AS sent,
  COALESCE(sum(m.outcome = 'not sent'), 0) AS not_sent,
  COALESCE(sum(m.outcome = 'refused'), 0) AS refused,
  COALESCE(sum(m.outcome = 'queued'), 0) AS queued,
  group_concat(DISTINCT m.job_id) AS jobs,
  (SELECT email_address FROM message WHERE send_id = s.id ORDER BY ordinal LIMIT 1) AS first_address
FROM send s LEFT JOIN message m ON m.send_id = s.id
{where} GROUP BY s.id ORDER BY s.id DESC LIMIT :limit
"""

_MESSAGES = """
SELECT m.*, s.definition_id, s.definition_key, s.requested_at
FROM message m JOIN send s ON s.id = m.send_id
{where} ORDER BY m.id DESC LIMIT :limit
"""

_TO_SUBSCRIBER = "(m.subscriber_key = :{n} OR m.email_address = :{n} OR m.subscriber_id = :{n})"
_SENT_TO_SUBSCRIBER = (
    "s.id IN (SELECT send_id FROM message WHERE "
    "subscriber_key = :{n} OR email_address = :{n} OR subscriber_id = :{n})"
)

# Sent is what most messages are: looking at send after send finds a page of them at once.
_HAS_OUTCOME = "EXISTS (SELECT 1 FROM message WHERE send_id = s.id AND outcome = :{n})"
_HAS_RARE_OUTCOME = (
    "s.id IN (SELECT send_id FROM message WHERE outcome = :{n} AND outcome <> 'sent')"
)


def sends(
    db: Database,
    *,
    definition: str | None = None,
    subscriber: str | None = None,
    send_id: int | None = None,
    outcome: str | None = None,
    among: Sequence[int] | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[SendRow]:
    """Return sends with the outcomes of their messages, the newest first.

    `outcome` is that of one of the messages: sent, not sent, refused or queued. `among` are the numbers of sends to
    choose from; only sends before the number `before` are returned.
    """
    rows = _select(
        db,
        _SENDS,
        limit,
        {
            "s.definition_key = :{n} COLLATE NOCASE": definition,
            _SENT_TO_SUBSCRIBER: subscriber,
            "s.id = :{n}": send_id,
            _HAS_OUTCOME if outcome == "sent" else _HAS_RARE_OUTCOME: outcome,
            "s.id IN (SELECT value FROM json_each(:{n}))": None
            if among is None
            else json.dumps(list(among)),
            "s.id < :{n}": before,
        },
    )
    return cast("list[SendRow]", rows)


def messages(
    db: Database,
    *,
    send_id: int | None = None,
    subscriber: str | int | None = None,
    unique_id: str | None = None,
    definition: str | None = None,
    limit: int = 1_000,
) -> list[MessageRow]:
    """Return messages with their send, the newest first.

    `subscriber` is a key, an address or an ID; `unique_id` the value of any attribute that the message was sent with.
    """
    rows = _select(
        db,
        _MESSAGES,
        limit,
        {
            "m.send_id = :{n}": send_id,
            _TO_SUBSCRIBER: subscriber,
            # JSON holds a value between quotes, so that one that only contains it is not found.
            "instr(m.attributes, :{n})": None if unique_id is None else json.dumps(unique_id),
            "s.definition_key = :{n} COLLATE NOCASE": definition,
        },
    )
    messages = cast("list[MessageRow]", rows)
    if unique_id is None:
        return messages
    return [row for row in messages if unique_id in json.loads(row["attributes"]).values()]


def newest_sent(
    db: Database, subscriber_id: int, job_id: int, list_id: int, batch_id: int
) -> MessageRow | None:
    """Return the newest message sent to a subscriber, of those of job, list and batch that are not 0."""
    conditions = {
        "m.outcome = :{n}": "sent",
        "m.subscriber_id = :{n}": subscriber_id,
        "m.job_id = :{n}": job_id or None,
        "m.list_id = :{n}": list_id or None,
        "m.batch_id = :{n}": batch_id or None,
    }
    rows = _select(db, _MESSAGES, 1, conditions)
    return cast("MessageRow", rows[0]) if rows else None


def _select(db: Database, sql: str, limit: int, conditions: Mapping[str, object]) -> list[Row]:
    """Return the rows that meet the conditions that have a value; leaving out the others lets SQLite use indexes."""
    given = [(text, value) for text, value in conditions.items() if value is not None]
    terms = [text.format(n=f"v{number}") for number, (text, _) in enumerate(given)]
    bound = {f"v{number}": value for number, (_, value) in enumerate(given)}
    where = f"WHERE {' AND '.join(terms)}" if terms else ""
    return db.dictionaries(sql.format(where=where), {**bound, "limit": limit})


def counts(db: Database) -> dict[str, int]:
    """Return how many rows the account's main tables hold."""
    return {table: db.count(table) for table in _COUNTED}


_COUNTED = ("subscriber", "triggered_send_definition", "send", "message", "event", "data_extension")
