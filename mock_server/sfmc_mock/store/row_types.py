"""Rows as records with typed fields, which are called like their columns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypedDict, TypeVar

from sfmc_mock.store.database import Database, Row

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Definition:
    """The columns of a triggered send definition that a send needs."""

    id: int
    object_id: str
    customer_key: str
    status: str
    content_version: int
    job_id: int | None
    email_id: int | None
    list_id: int | None
    send_classification_id: int | None
    sender_profile_id: int | None
    send_source_data_extension_id: int | None
    """0 for a data extension that was deleted."""
    email_subject: str | None
    dynamic_email_subject: str | None
    from_name: str | None
    from_address: str | None
    is_multipart: bool
    is_send_logging: bool
    auto_add_subscribers: bool
    auto_update_subscribers: bool
    priority: str
    """3 (High), 4 (Medium) or 5 (Low)."""
    exclusion_filter: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job: the content that it sends, as it was when the job began."""

    id: int
    definition_object_id: str
    content_version: int
    email_id: int
    email_name: str
    subject: str
    from_name: str
    from_address: str
    additional: str | None


@dataclass(frozen=True, slots=True)
class SendJob:
    """A job of a Send or an email send definition: its status and times, its content and recipients (JSON)."""

    id: int
    status: str
    send_at: str
    terms: str
    sent_at: str | None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber; `attributes` is JSON."""

    id: int
    subscriber_key: str
    email_address: str
    status: str
    email_type: str
    attributes: str
    created_at: str
    modified_at: str
    unsubscribed_at: str | None


@dataclass(frozen=True, slots=True)
class SubscriberList:
    """A list of subscribers; `is_all_subscribers` marks the one that has all subscribers of the account."""

    id: int
    name: str
    type: str
    classification: str
    is_all_subscribers: bool


class MessageRow(TypedDict):
    """A message with its send. `attributes` and `decision` are JSON; the usual decision is empty."""

    id: int
    send_id: int
    ordinal: int
    job_id: int | None
    list_id: int | None
    batch_id: int | None
    repeat: int | None
    subscriber_id: int | None
    subscriber_key: str | None
    email_address: str | None
    attributes: str
    outcome: str
    error_code: int | None
    decision: str
    decided_at: str
    definition_id: int
    definition_key: str
    requested_at: str


class SendRow(TypedDict):
    """A send with the number of its messages by outcome; `jobs` are IDs, separated by commas."""

    id: int
    definition_id: int
    definition_key: str
    requested_at: str
    status: str
    messages: int
    sent: int
    not_sent: int
    refused: int
    queued: int
    jobs: str | None
    first_address: str | None


def find_record(db: Database, record: type[Record], table: str, **equals: object) -> Record | None:
    """Return the first row of the table whose columns equal the given values, as a record."""
    row = db.find(table, **equals)
    return None if row is None else read_record(record, row)


def read_record(record: type[Record], row: Row, **values: object) -> Record:
    """Return the record whose fields are columns of the row; `values` are the fields that are not columns.

    The store has checked the types of the columns (STRICT).
    """
    columns: dict[str, Any] = {
        name: bool(row[name]) if is_flag else row[name]
        for name, is_flag in _columns(record)  # type: ignore[arg-type]
        if name not in values
    }
    return record(**columns, **values)


@cache
def _columns(record: type[Any]) -> tuple[tuple[str, bool], ...]:
    """Return the fields of a record, each with whether it is a flag, which the store keeps as 0 or 1."""
    return tuple((field.name, field.type == "bool") for field in fields(record) if field.init)
