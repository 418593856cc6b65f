"""Rows that extracts write into files, read piece by piece."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

from sfmc_mock.store.data_extension_tables import KEY
from sfmc_mock.store.data_views import DATA_VIEWS
from sfmc_mock.store.database import Bound, Database, quoted

_PIECE = 2_000

_WHO = ("ClientID", "SendID", "SubscriberKey", "EmailAddress", "SubscriberID", "ListID")
_BEHIND = ("BatchID", "TriggeredSendExternalKey")
_SHOWN = {
    "ClientID": "v.AccountID",
    "SendID": "v.JobID",
    "EmailAddress": "s.email_address",
    "EventType": ":type",
    "SMTPCode": "v.SMTPCode",
    "BounceReason": "v.SMTPBounceReason",
    "TriggeredSendExternalKey": "v.TriggeredSendCustomerKey",
    "Alias": "v.LinkName",
    "FromEmail": "v.FromEmail",
    "SentTime": "v.PickupTime",
    "Subject": "v.EmailSubject",
    "DateHeld": "v.DateUndeliverable",
    "DateCreated": "v.DateJoined",
    "DateUnsubscribed": "v.DateUnsubscribed",
    "SendDefinitionExternalKey": "v.EmailSendDefinition",
}


class TrackingFile(NamedTuple):
    """A file of a tracking extract. `date` is the column that is asked for, empty where all rows are written."""

    view: str
    date: str
    event_type: str
    columns: tuple[str, ...]


def _events(view: str, event_type: str, *own: str, last: tuple[str, ...] = ()) -> TrackingFile:
    columns = (*_WHO, "EventDate", "EventType", *own, *_BEHIND, *last)
    return TrackingFile(view, "EventDate", event_type, columns)


TRACKING_FILES: Mapping[str, TrackingFile] = {
    "Sent": _events("_sent", "Sent"),
    "Opens": _events("_open", "Open", last=("IsUnique",)),
    "Clicks": _events("_click", "Click", "URL", "Alias", last=("IsUnique",)),
    "Bounces": _events("_bounce", "Bounce", "BounceCategory", "SMTPCode", "BounceReason"),
    "Unsubs": _events("_unsubscribe", "Unsub"),
    "Complaints": _events("_complaint", "Complaint"),
    "SendJobs": TrackingFile(
        "_job",
        "SchedTime",
        "",
        (
            *("ClientID", "SendID", "FromName", "FromEmail", "SchedTime", "SentTime", "Subject"),
            *("EmailName", "TriggeredSendExternalKey", "SendDefinitionExternalKey", "JobStatus"),
            "IsMultipart",
        ),
    ),
    "Subscribers": TrackingFile(
        "_subscribers",
        "",
        "",
        (
            *("SubscriberKey", "EmailAddress", "SubscriberID", "Status", "DateHeld"),
            *("DateCreated", "DateUnsubscribed"),
        ),
    ),
}
"""The files of a tracking extract, by their names."""


Rows = Generator[tuple[Any, ...], None, None]
"""Rows that are read under the lock of the database, until all are read or it is closed."""


def rows_of_table(db: Database, table: str, columns: Sequence[str]) -> Rows:
    """Yield all rows of the table of a data extension, in the order in which they were made."""
    names = ", ".join(map(quoted, columns))
    return _read(db, f"SELECT {names} FROM {quoted(table)} ORDER BY {quoted(KEY)}")  # noqa: S608 - names are quoted


def tracking_rows(db: Database, file: str, *, start: str, end: str, now: str) -> Rows:
    """Yield the rows of a file of a tracking extract: events from `start` to before `end` that are visible `now`."""
    view, date, kind, columns = TRACKING_FILES[file]
    source = DATA_VIEWS[view]
    is_event = date == "EventDate"
    own = _SHOWN if is_event else {**_SHOWN, "EmailAddress": "v.EmailAddress"}
    shown = ", ".join(own.get(name, f"v.{name}") for name in columns)
    joined = " LEFT JOIN subscriber s ON s.id = v.SubscriberID" if is_event else ""
    where = f" WHERE v.{date} >= :start AND v.{date} < :end ORDER BY v.{date}" if date else ""
    bound = {"start": start, "end": end, "since": start, "now": now, "type": kind}
    return _read(db, f"SELECT {shown} FROM ({source.sql}) v{joined}{where}", bound)  # noqa: S608 - constants


def _read(db: Database, sql: str, bound: Bound = ()) -> Rows:
    with db.lock:
        cursor = db.run(sql, bound)
        try:
            while piece := cursor.fetchmany(_PIECE):
                yield from piece
        finally:
            cursor.close()
