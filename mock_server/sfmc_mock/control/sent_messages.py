"""Sends, messages and tracking events as records for tests, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sfmc_mock.json_records import json_of
from sfmc_mock.store.database import Row
from sfmc_mock.store.event_log import EventCounts, details_of
from sfmc_mock.store.row_types import MessageRow, SendRow


@dataclass(frozen=True, slots=True)
class SendSummary:
    """A send: its time, its recipients, and the outcomes of its messages.

    `definition` is the CustomerKey. `status` is Accepted, Queued, Refused, Cleared or Expired. `to` is the
    first of its addresses, empty where none was given. The four counts add up to `messages`. `events` has, for each
    EventType, the number of messages with an event that a Retrieve shows now; `events_to_come` counts the events that
    it does not show yet.
    """

    id: int
    definition: str
    at: datetime
    status: str
    to: str
    messages: int
    sent: int
    not_sent: int
    refused: int
    queued: int
    job_ids: tuple[int, ...]
    events: Mapping[str, int] = field(default_factory=dict)
    events_to_come: int = 0

    @classmethod
    def of(cls, row: SendRow, counts: EventCounts | None = None) -> SendSummary:
        """Return the summary of a row of the store."""
        jobs = row["jobs"] or ""
        return cls(
            id=row["id"],
            definition=row["definition_key"],
            at=_time(row["requested_at"]),
            status=row["status"],
            to=row["first_address"] or "",
            messages=row["messages"],
            sent=row["sent"],
            not_sent=row["not_sent"],
            refused=row["refused"],
            queued=row["queued"],
            job_ids=tuple(sorted(int(number) for number in jobs.split(",") if number)),
            events={} if counts is None else counts.messages,
            events_to_come=0 if counts is None else counts.to_come,
        )

    def as_json(self) -> dict[str, object]:
        return json_of(self)


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that was sent: its numbers are those of the send log, with which a Retrieve finds its events."""

    send_id: int
    definition: str
    subscriber_key: str
    email_address: str
    subscriber_id: int
    job_id: int
    batch_id: int
    list_id: int
    attributes: Mapping[str, str]
    at: datetime

    @classmethod
    def of(cls, row: MessageRow) -> SentMessage:
        """Return the message of a row of the store."""
        return cls(
            send_id=row["send_id"],
            definition=row["definition_key"],
            subscriber_key=row["subscriber_key"] or "",
            email_address=row["email_address"] or "",
            subscriber_id=row["subscriber_id"] or 0,
            job_id=row["job_id"] or 0,
            batch_id=row["batch_id"] or 0,
            list_id=row["list_id"] or 0,
            attributes=json.loads(row["attributes"]),
            at=_time(row["decided_at"]),
        )


@dataclass(frozen=True, slots=True)
class TrackedEvent:
    """A tracking event that a Retrieve shows: its EventType, subscriber, send and time.

    `details` are values that only some events have: the link of a click, the category and SMTP reason of a bounce.
    """

    type: str
    subscriber_key: str
    job_id: int
    batch_id: int
    subscriber_id: int
    at: datetime
    url: str | None = None
    details: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Row) -> TrackedEvent:
        """Return the event of a row of the store."""
        return cls(
            row["type"],
            row["subscriber_key"],
            _number(row["job_id"]),
            _number(row["batch_id"]),
            _number(row["subscriber_id"]),
            _time(row["happens_at"]),
            row["url"],
            details_of(row),
        )

    def as_json(self) -> dict[str, object]:
        details = {name: value for name, value in self.details.items() if name != "url"}
        document = {**json_of(self), "details": details}
        return {name: value for name, value in document.items() if value not in (None, {})}


def _number(value: object) -> int:
    return int(str(value or 0))


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
