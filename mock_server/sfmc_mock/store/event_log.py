"""The event log: one table of fields, and the statements, the view and the queries that follow from it.

A new property of a tracking event is one line of `EVENT_FIELDS`: the column is added to the log when an account is
opened, Retrieve and Describe show it, and it is filled from the detail of that name of a planned event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Literal

from sfmc_mock.store.connection import quoted
from sfmc_mock.store.database import Database, Row
from sfmc_mock.store.schema import Column, Schema, Table
from sfmc_mock.store.writes import Insert


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of tracking events.

    `name` is the property that shows it, empty for one that is not on the wire. `column` is its column of the log,
    None for a property that never has a value. `of` names the API objects that have the property; empty means all of
    them. `detail` is what the field is called among the details of a planned event, for fields that not every event
    has. `partner` and `max_length` are those of the property.
    """

    name: str
    kind: Literal["text", "number", "date", "flag"] = "text"
    column: str | None = None
    of: tuple[str, ...] = ()
    detail: str = ""
    partner: bool = False
    max_length: int | None = None


_CLICK, _BOUNCE, _UNSUBSCRIBE = ("ClickEvent",), ("BounceEvent",), ("UnsubEvent",)
_SURVEY, _OPT_IN, _SENT = ("SurveyEvent",), ("ForwardedEmailOptInEvent",), ("SentEvent",)

EVENT_FIELDS: tuple[EventField, ...] = (
    EventField("SendID", "number", "job_id"),
    EventField("SubscriberKey", "text", "subscriber_key", max_length=254),
    EventField("EventDate", "date", "happens_at"),
    EventField("Client.ID", "number"),
    EventField("EventType", "text", "type"),
    EventField("BatchID", "number", "batch_id"),
    EventField("TriggeredSendDefinitionObjectID", "text", "definition_object_id", max_length=36),
    EventField("PartnerKey"),
    EventField("ID", "number"),
    EventField("ObjectID"),
    EventField("CreatedDate", "date"),
    EventField("ModifiedDate", "date"),
    EventField("ListID", "number", "list_id", _SENT, partner=True),
    EventField("SubscriberID", "number", "subscriber_id", _SENT, partner=True),
    EventField("URLID", "number", "url_id", _CLICK, "url_id"),
    EventField("URL", "text", "url", _CLICK, "url"),
    EventField("URLIDLong", "number", "url_id", _CLICK),
    EventField("SMTPCode", "text", "smtp_code", _BOUNCE, "smtp_code"),
    EventField("BounceCategory", "text", "bounce_category", _BOUNCE, "bounce_category"),
    EventField("SMTPReason", "text", "smtp_reason", _BOUNCE, "smtp_reason"),
    EventField("BounceType", "text", "bounce_type", _BOUNCE, "bounce_type"),
    EventField("List.ID", "number", "list_id", _UNSUBSCRIBE),
    EventField(
        "IsMasterUnsubscribed",
        "flag",
        "is_master_unsubscribed",
        _UNSUBSCRIBE,
        "is_master_unsubscribed",
    ),
    EventField("OptInSubscriberKey", "text", "opt_in_subscriber_key", _OPT_IN, "opt_in_key"),
    EventField("Question", "text", "question", _SURVEY, "question"),
    EventField("Answer", "text", "answer", _SURVEY, "answer"),
    EventField("", "date", "visible_at"),
    EventField("", "number", "error_code", detail="error_code"),
    EventField("", "text", "reason", detail="reason"),
)
"""The fields of tracking events, in the order in which Describe lists them (which objects have which: seen live)."""

VIEW = "api_tracking"
"""The view that Retrieve reads: a column for each property, and `type` and `visible_at`."""

_COLUMN_TYPES = {"text": "TEXT", "number": "INTEGER", "date": "TEXT", "flag": "INTEGER"}

# The properties that do not show a column of the log as it is.
_EXPRESSIONS = {
    "Client.ID": "(SELECT mid FROM account_id)",
    # Empty for what no triggered send definition sent.
    "TriggeredSendDefinitionObjectID": "NULLIF(definition_object_id, '')",
}

_DETAILS = {each.detail: each.column for each in EVENT_FIELDS if each.detail and each.column}

PLAIN_COLUMNS: tuple[str, ...] = (
    "type",
    "job_id",
    "list_id",
    "batch_id",
    "subscriber_id",
    "subscriber_key",
    "happens_at",
    "visible_at",
    "definition_object_id",
)
"""The columns that every event has."""


ADD_PLAIN_EVENT = Insert("event", PLAIN_COLUMNS, together=True)
"""Adds events that have no details."""
_ADD_DETAILED = Insert("event", (*PLAIN_COLUMNS, *_DETAILS.values()), together=True)

Details = Mapping[str, str | int | bool]
EventRow = tuple[tuple[object, ...], Details]
"""An event to be kept: its values of `PLAIN_COLUMNS`, and its details."""


def add_events(db: Database, events: Sequence[EventRow]) -> None:
    """Write events; details that are not fields are left out."""
    if not any(details for _, details in events):
        # Binding a NULL costs as much as writing two columns.
        db.add(ADD_PLAIN_EVENT, [values for values, _ in events])
        return
    names = tuple(_DETAILS)
    db.add(
        _ADD_DETAILED,
        [(*values, *(details.get(name) for name in names)) for values, details in events],
    )


def details_of(row: Row) -> dict[str, str | int]:
    """Return the details that an event of the log has."""
    details = {name: row[column] for name, column in _DETAILS.items()}
    return {name: value for name, value in details.items() if isinstance(value, str | int)}


def schema() -> Schema:
    """Return the columns that the log has at least, and the view that Retrieve reads."""
    types = {field.column: _COLUMN_TYPES[field.kind] for field in EVENT_FIELDS if field.column}
    shown = {
        field.name: _EXPRESSIONS.get(field.name, field.column or "NULL")
        for field in EVENT_FIELDS
        if field.name
    }
    properties = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in shown.items())
    view = f"CREATE VIEW {VIEW} AS SELECT id AS rowkey, type, visible_at, {properties} FROM event"  # noqa: S608
    return Schema((Table("event", tuple(starmap(Column, types.items()))),), {VIEW: view}, {})


def events_of(db: Database, message: Mapping[str, object]) -> list[Row]:
    """Return the events of a message, visible or not, in the order in which they happen."""
    if message["job_id"] is None or message["batch_id"] is None:
        return []
    sql = (
        "SELECT * FROM event WHERE job_id = ? AND batch_id = ? AND subscriber_id = ? "
        "ORDER BY happens_at, id"
    )
    bound = (message["job_id"], message["batch_id"], message["subscriber_id"])
    return db.dictionaries(sql, bound)


def visible_events(
    db: Database,
    *,
    subscriber: str | None = None,
    types: Sequence[str] = (),
    send_id: int | None = None,
    until: str,
    newest: bool = False,
    limit: int = 10_000,
    offset: int = 0,
) -> list[Row]:
    """Return the events visible by a time, of one subscriber (key), certain EventTypes or one send, or all.

    They are in the order in which they happened: the first `limit` of them after `offset`, or the `newest`.
    """
    conditions = ["visible_at <= :until"]
    if subscriber is not None:
        conditions.append("subscriber_key = :subscriber")
    if types:
        conditions.append("type IN (SELECT value FROM json_each(:types))")
    if send_id is not None:
        conditions.append(
            "(job_id, batch_id, subscriber_id) IN "
            "(SELECT job_id, batch_id, subscriber_id FROM message WHERE send_id = :send_id)"
        )
    order = "DESC" if newest else "ASC"
    sql = (
        f"SELECT * FROM event WHERE {' AND '.join(conditions)} "  # noqa: S608 - constants
        f"ORDER BY happens_at {order}, id {order} LIMIT :limit OFFSET :offset"
    )
    bound = {
        "subscriber": subscriber,
        "types": json.dumps(list(types)),
        "send_id": send_id,
        "until": until,
        "limit": limit,
        "offset": offset,
    }
    found = db.dictionaries(sql, bound)
    return found[::-1] if newest else found


_OF_SENDS = """
SELECT m.send_id, e.type, count(DISTINCT CASE WHEN e.visible_at <= :until THEN m.id END), sum(e.visible_at > :until)
FROM message m JOIN event e
  ON e.job_id = m.job_id AND e.batch_id = m.batch_id AND e.subscriber_id = m.subscriber_id
WHERE m.send_id IN (SELECT value FROM json_each(:send_ids))
GROUP BY m.send_id, e.type
"""


@dataclass(frozen=True, slots=True)
class EventCounts:
    """The events of a send: the number of messages with a visible event of each EventType, and the events to come."""

    messages: Mapping[str, int]
    to_come: int


def counts_of_sends(db: Database, send_ids: Sequence[int], until: str) -> dict[int, EventCounts]:
    """Return the `EventCounts` of sends by a time; sends without events are left out."""
    bound = {"send_ids": json.dumps(list(send_ids)), "until": until}
    found: dict[int, dict[str, int]] = {}
    to_come: dict[int, int] = {}
    for row in db.rows(_OF_SENDS, bound):
        event_type, (send_id, messages, hidden) = str(row[1]), [int(str(row[n])) for n in (0, 2, 3)]
        found.setdefault(send_id, {})
        to_come[send_id] = to_come.get(send_id, 0) + hidden
        if messages:
            found[send_id][event_type] = messages
    return {send_id: EventCounts(found[send_id], to_come[send_id]) for send_id in found}


def consecutive_bounces(db: Database, subscriber_key: str, before: str) -> list[str]:
    """Return the times of a subscriber's bounces before a time and after their last open, in order."""
    opened = "SELECT max(happens_at) FROM event WHERE type = 'Open' AND subscriber_key = ? AND happens_at < ?"
    since = db.rows(opened, (subscriber_key, before))[0][0] or ""
    bounced = (
        "SELECT happens_at FROM event WHERE type IN ('HardBounce', 'SoftBounce', 'OtherBounce') "
        "AND subscriber_key = ? AND happens_at > ? AND happens_at < ? ORDER BY happens_at"
    )
    return [str(row[0]) for row in db.rows(bounced, (subscriber_key, since, before))]


def is_opened(db: Database, message: Mapping[str, object], until: str) -> bool:
    """Return whether a message was opened by a time."""
    sql = (
        "SELECT 1 FROM event WHERE type = 'Open' AND job_id = ? AND batch_id = ? AND subscriber_id = ? "
        "AND happens_at <= ? LIMIT 1"
    )
    bound = (message["job_id"], message["batch_id"], message["subscriber_id"], until)
    return bool(db.rows(sql, bound))


def sent_event_visible_at(db: Database, message: Mapping[str, object]) -> str | None:
    """Return from when the SentEvent of a message is visible, None when it has none."""
    sql = "SELECT visible_at FROM event WHERE type = 'Sent' AND job_id = ? AND batch_id = ? AND subscriber_id = ?"
    bound = (message["job_id"], message["batch_id"], message["subscriber_id"])
    rows = db.rows(sql, bound)
    return str(rows[0][0]) if rows else None


def count_by_time(
    db: Database, after: int, until: int, length: int
) -> list[tuple[str, str, str, int]]:
    """Return EventType, time of happening, time of showing and number of the events after a row, up to another.

    Times are cut to `length` characters: 16 of them name a minute, 13 an hour, 10 a day.
    """
    sql = (
        "SELECT type, substr(happens_at, 1, :length), substr(visible_at, 1, :length), count(*) FROM event "
        "WHERE id > :after AND id <= :until GROUP BY 1, 2, 3"
    )
    return db.rows(sql, {"after": after, "until": until, "length": length})


def event_at_row(db: Database, number: int) -> tuple[object, ...] | None:
    """Return a value that identifies the event in a row, None where the row is gone."""
    sql = "SELECT type, job_id, batch_id, subscriber_id, happens_at, visible_at FROM event WHERE id = ?"
    rows = db.rows(sql, (number,))
    return rows[0] if rows else None


def last_row(db: Database) -> int:
    """Return the number of the newest event, 0 where there is none."""
    return db.rows("SELECT COALESCE(max(id), 0) FROM event")[0][0]  # type: ignore[no-any-return]


def next_time(db: Database, after: str) -> str | None:
    """Return the first time after another at which an event happens or begins to show; it looks at every event."""
    sql = (
        "SELECT min(CASE WHEN happens_at > :after THEN happens_at ELSE visible_at END) FROM event "
        "WHERE visible_at > :after"
    )
    found = db.rows(sql, {"after": after})[0][0]
    return None if found is None else str(found)
