"""The rows of a triggered send: messages, batches of jobs.

Hot path: statements that do not change from call to call, and many rows at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as _quoted
from typing import NamedTuple

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.database import Database
from sfmc_mock.store.event_log import ADD_PLAIN_EVENT
from sfmc_mock.store.writes import Change, Combined, Derived, Insert

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

_SEND_COLUMNS = ("id", "definition_id", "definition_key", "requested_at", "status")
_ADD_SEND = Insert("send", _SEND_COLUMNS, together=True)
_ADD_MESSAGE = Insert("message", MESSAGE_COLUMNS)
_SUBSCRIBER_ID = MESSAGE_COLUMNS.index("subscriber_id")
_SEND = ("send",)


def add_send(db: Database, definition_id: object, definition_key: object, now: str) -> int:
    """Add a send, accepted now, and return its number."""
    send_id: int = db.look_up_row("SELECT COALESCE(max(id), 0) FROM send", (), _SEND)[0] + 1
    row = (send_id, definition_id, definition_key, now, "Accepted")
    db.add_row(_ADD_SEND, row, _SEND, (send_id,))
    return send_id


def change_status(db: Database, send_id: int, status: str) -> None:
    """Give a send another status: Queued, Refused, Accepted, Cleared or Expired."""
    db.run("UPDATE send SET status = ? WHERE id = ?", (status, send_id))


def add_messages(
    db: Database, rows: Sequence[Sequence[object]], with_events: Combined | None = None
) -> None:
    """Add messages, their values in the order of `MESSAGE_COLUMNS`.

    `with_events` is a statement of `messages_with_events`, which adds events with each of them.
    """
    names = [("message", row[_SUBSCRIBER_ID]) for row in rows]
    db.add(with_events or _ADD_MESSAGE, rows, *names)


def messages_with_events(event_types: Sequence[str], object_id: str) -> Combined:
    """Return a statement that adds messages of a definition (ObjectID), each with events that happen at once."""
    events = ({"type": name, "definition_object_id": object_id} for name in event_types)
    return Combined(
        Derived.of(_ADD_MESSAGE, MESSAGE_COLUMNS, {}),
        Derived.of(
            ADD_PLAIN_EVENT,
            MESSAGE_COLUMNS,
            *events,
            called={"happens_at": "decided_at", "visible_at": "decided_at"},
        ),
    )


def add_owners(db: Database, owners: Iterable[Sequence[object]]) -> None:
    """Store the senders of messages: send, ordinal, name and address."""
    db.add(_ADD_OWNER, owners)


_ADD_OWNER = Insert("message_owner", ("send_id", "ordinal", "from_name", "from_address"))


def owner_of(db: Database, send_id: int, ordinal: int) -> tuple[str, str] | None:
    """Return the name and address of a message's sender, None where its request named no owner."""
    sql = "SELECT from_name, from_address FROM message_owner WHERE send_id = ? AND ordinal = ?"
    found = db.rows(sql, (send_id, ordinal))
    return None if not found else (found[0][0], found[0][1])


DEFINITIONS = "data_extension_version"
"""The counter that grows with each change of a definition of a data extension."""


def metadata_version(db: Database) -> tuple[int, ...]:
    """Return numbers that change when anything changes that sends depend on, except subscribers."""
    version = db.counters("terms", DEFINITIONS)
    if not version[0] and not db.count("counter", name="terms"):
        raise StorageFailed(
            f"{db.path} is damaged (a counter is lost). Put a copy of it in its place."
        )
    return version


def last_places(
    db: Database, job_id: int, subscribers: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Return the last batch in a job of each of the subscribers (IDs), with the message's number among theirs."""
    names = [("message", number) for number in subscribers]
    if len(subscribers) == 1:
        rows = db.look_up(_LAST_PLACE, (subscribers[0], job_id), *names)
    else:
        rows = db.look_up(_LAST_PLACES, (json.dumps(subscribers), job_id), *names)
    return {number: (batch_id, repeat) for number, batch_id, repeat in rows if batch_id is not None}


_LAST_PLACE = (
    "SELECT subscriber_id, batch_id, repeat FROM message WHERE subscriber_id = ? AND job_id = ? "
    "ORDER BY batch_id DESC LIMIT 1"
)
_LAST_PLACES = (
    "SELECT s.value, m.batch_id, m.repeat FROM json_each(?) s JOIN message m ON m.id = "
    "(SELECT id FROM message WHERE subscriber_id = s.value AND job_id = ? ORDER BY batch_id DESC LIMIT 1)"
)


def unsent_keys(db: Database, job_id: int) -> list[str]:
    """Return the keys of the subscribers to whom a job did not send."""
    sql = "SELECT subscriber_key FROM message WHERE job_id = ? AND outcome <> 'sent'"
    return [key or "" for (key,) in db.rows(sql, (job_id,))]


def batches_from(db: Database, job_id: int, subscriber_id: int, first: int) -> list[int]:
    """Return the batches of a job, from one on, in which a subscriber was."""
    sql = "SELECT batch_id FROM message WHERE subscriber_id = ? AND job_id = ? AND batch_id >= ?"
    return [row[0] for row in db.rows(sql, (subscriber_id, job_id, first))]


def links_of_job(db: Database, job_id: int) -> list[tuple[int, str, str]]:
    """Return URLID, URL and alias of the links of a job's email, in order."""
    return db.rows(
        "SELECT url_id, url, alias FROM link WHERE job_id = ? ORDER BY url_id", (job_id,)
    )


def json_text(texts: Mapping[str, str]) -> str:
    """Return names and values as JSON: what `json.dumps` gives, in a third of the time."""
    if not texts:
        return "{}"
    try:
        if len(texts) == 1:
            ((name, value),) = texts.items()
            return f"{{{_quoted(name)}: {_quoted(value)}}}"
        pairs = [f"{_quoted(name)}: {_quoted(value)}" for name, value in texts.items()]
    except TypeError:
        return json.dumps(dict(texts))
    return f"{{{', '.join(pairs)}}}"


class Round(NamedTuple):
    """The sends of a job at one time: their first batch, and the number of further batches of the largest request.

    `highest` is the highest batch of the job.
    """

    first: int
    at: str
    width: int
    highest: int


def round_at(db: Database, job_id: int, now: str) -> Round:
    """Return the round of a job at a time; a new one begins behind the highest batch so far."""
    kept = Round(*db.look_up_row(_ROUND, (job_id,), ("job", job_id)))
    return kept if kept.at == now else Round(kept.highest + 1, now, 0, kept.highest)


def keep_round(db: Database, job_id: int, kept: Round) -> None:
    """Store a round of a job with its highest batch."""
    db.add_row(_KEEP_ROUND, (*kept, job_id), ("job", job_id), kept)


_ROUND = "SELECT round, round_at, round_width, highest_batch FROM job WHERE id = ?"
_KEEP_ROUND = Change("job", ("round", "round_at", "round_width", "highest_batch"))


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
    db: Database,
    definition_id: int,
    send_id: int | None = None,
    keys: Sequence[str] | None = None,
) -> list[QueuedMessage]:
    """Remove and return queued messages of a definition, oldest first: all, of one send, or to some SubscriberKeys."""
    where = (
        "outcome = 'queued' AND send_id IN (SELECT id FROM send WHERE definition_id = :definition) "
        "AND (:send IS NULL OR send_id = :send) "
        "AND (:keys IS NULL OR subscriber_key IN (SELECT value FROM json_each(:keys)))"
    )
    bound = {
        "definition": definition_id,
        "send": send_id,
        "keys": None if keys is None else json.dumps(list(keys)),
    }
    columns = ", ".join(QueuedMessage._fields)
    rows = db.rows(
        f"SELECT {columns} FROM message WHERE {where} ORDER BY send_id, ordinal",  # noqa: S608 - names are constants
        bound,
    )
    if rows:
        db.run(f"DELETE FROM message WHERE {where}", bound)  # noqa: S608
    return [QueuedMessage(*row) for row in rows]


def queued_to(db: Database, definition_id: int, key: str) -> list[tuple[int, str]]:
    """Return number and attributes (JSON) of the queued messages of a definition to a SubscriberKey."""
    sql = (
        "SELECT id, attributes FROM message WHERE outcome = 'queued' AND subscriber_key = ? "
        "AND send_id IN (SELECT id FROM send WHERE definition_id = ?)"
    )
    return db.rows(sql, (key, definition_id))


def change_queued(db: Database, number: int, attributes: str, email_address: str | None) -> None:
    """Replace the attributes (JSON) of a queued message and, unless it is None, its address."""
    sql = (
        "UPDATE message SET attributes = ?, email_address = COALESCE(?, email_address) WHERE id = ?"
    )
    db.run(sql, (attributes, email_address, number))


def has_queued(db: Database, send_id: int) -> bool:
    """Return whether a send has queued messages."""
    return db.count("message", send_id=send_id, outcome="queued") > 0
