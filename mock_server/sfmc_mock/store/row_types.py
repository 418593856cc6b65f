"""Rows of sends with the types of their columns: read by the columns' names here, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypedDict, TypeVar

from sfmc_mock.store.database import Row

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a send asks of a triggered send definition."""

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
    from_name: str | None
    from_address: str | None
    is_multipart: int
    is_send_logging: int
    auto_add_subscribers: int
    auto_update_subscribers: int


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


class SentMessageRow(TypedDict):
    """A message that was sent, with the definition of its job."""

    id: int
    job_id: int
    list_id: int
    batch_id: int
    subscriber_id: int
    subscriber_key: str
    email_address: str
    decided_at: str
    definition_object_id: str


def read_record(record: type[Record], row: Row) -> Record:
    """Return the record whose fields are columns of the row; the store has checked their types (STRICT)."""
    return record(*(row[each.name] for each in fields(record)))  # type: ignore[arg-type]
