"""The data views of the service as SQL over the account's tables, for queries to select from.

Columns are those of the vendor's pages on data views (documented); a column that the emulator has no value for is
NULL. Tracking shows what can be seen at `:now`, of the last six months (documented): since `:since`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OF_ENTERPRISE = "ENT."
"""The prefix of a table of the enterprise that a query of a business unit selects from."""

ColumnKind = Literal["text", "number", "flag", "date", "decimal"]


@dataclass(frozen=True, slots=True)
class QuerySource:
    """Something that a query can select from: its SQL, the kinds of its columns, and the tables that it reads."""

    sql: str
    kinds: Mapping[str, ColumnKind]
    tables: frozenset[str]


_Columns = Mapping[str, tuple[ColumnKind, str]]

_DOMAIN = "substr({0}, instr({0}, '@') + 1)"
_MESSAGE = "m.job_id = e.job_id AND m.batch_id = e.batch_id AND m.subscriber_id = e.subscriber_id"
_TYPES = {
    "_Sent": ("Sent",),
    "_Open": ("Open",),
    "_Click": ("Click",),
    "_Bounce": ("HardBounce", "SoftBounce", "OtherBounce"),
    "_Unsubscribe": ("Unsubscribe",),
    "_Complaint": ("Unsubscribe",),
}
_EVENT: _Columns = {
    "AccountID": ("number", "(SELECT mid FROM account_id)"),
    "OYBAccountID": ("number", "NULL"),
    "JobID": ("number", "e.job_id"),
    "ListID": ("number", "e.list_id"),
    "BatchID": ("number", "e.batch_id"),
    "SubscriberID": ("number", "e.subscriber_id"),
    "SubscriberKey": ("text", "e.subscriber_key"),
    "EventDate": ("date", "e.happens_at"),
    "Domain": (
        "text",
        f"(SELECT {_DOMAIN.format('m.email_address')} FROM message m WHERE {_MESSAGE} LIMIT 1)",  # noqa: S608
    ),
    "TriggererSendDefinitionObjectID": ("text", "e.definition_object_id"),
    "TriggeredSendCustomerKey": (
        "text",
        "(SELECT d.customer_key FROM triggered_send_definition d WHERE d.object_id = e.definition_object_id)",
    ),
}
# The first of its kind of a message.
_UNIQUE: _Columns = {
    "IsUnique": (
        "flag",
        "NOT EXISTS (SELECT 1 FROM event f WHERE f.type = e.type AND f.job_id = e.job_id "
        "AND f.batch_id = e.batch_id AND f.subscriber_id = e.subscriber_id "
        "AND (f.happens_at, f.id) < (e.happens_at, e.id))",
    )
}
_OWN: Mapping[str, _Columns] = {
    "_Open": _UNIQUE,
    "_Click": {
        **_UNIQUE,
        "URL": ("text", "e.url"),
        "LinkName": (
            "text",
            "(SELECT l.alias FROM link l WHERE l.job_id = e.job_id AND l.url_id = e.url_id)",
        ),
        "LinkContent": ("text", "e.url"),
    },
    "_Bounce": {
        **_UNIQUE,
        # Numbers of categories and types: assumed.
        "BounceCategoryID": (
            "number",
            "CASE e.type WHEN 'HardBounce' THEN 1 WHEN 'SoftBounce' THEN 2 ELSE 4 END",
        ),
        "BounceCategory": ("text", "e.bounce_category"),
        "BounceSubcategoryID": ("number", "NULL"),
        "BounceSubcategory": ("text", "NULL"),
        "BounceTypeID": ("number", "1"),
        "BounceType": ("text", "e.bounce_type"),
        "SMTPBounceReason": ("text", "e.smtp_reason"),
        "SMTPMessage": ("text", "e.smtp_reason"),
        "SMTPCode": ("number", "CAST(e.smtp_code AS INTEGER)"),
    },
    "_Unsubscribe": _UNIQUE,
    "_Complaint": _UNIQUE,
}


def _event_view(name: str) -> QuerySource:
    columns = {**_EVENT, **_OWN.get(name, {})}
    types = " OR ".join(f"e.type = '{each}'" for each in _TYPES[name])
    # The plus keeps SQLite from choosing its index by six months, which nearly all events are in.
    where = f"({types}) AND e.visible_at <= :now AND +e.happens_at >= :since"
    if name == "_Complaint":
        where += " AND e.reason = 'complaint'"
    tables = {"event", "message", "triggered_send_definition", "link", "account_id", "setting"}
    return _source(columns, f"event e WHERE {where}", tables)


def _source(columns: _Columns, rest: str, tables: set[str]) -> QuerySource:
    shown = ", ".join(f'{sql} AS "{name}"' for name, (_, sql) in columns.items())
    return QuerySource(
        f"SELECT {shown} FROM {rest}",  # noqa: S608 - constants
        {name: kind for name, (kind, _) in columns.items()},
        frozenset(tables),
    )


_BOUNCES = (
    "FROM event b WHERE b.type IN ('HardBounce', 'SoftBounce', 'OtherBounce') "
    "AND b.subscriber_key = s.subscriber_key AND b.visible_at <= :now"
)


_SUBSCRIBERS: _Columns = {
    "SubscriberID": ("number", "s.id"),
    "DateUndeliverable": ("date", f"(SELECT max(b.happens_at) {_BOUNCES})"),
    "DateJoined": ("date", "s.created_at"),
    "DateUnsubscribed": ("date", "s.unsubscribed_at"),
    "Domain": ("text", _DOMAIN.format("s.email_address")),
    "EmailAddress": ("text", "s.email_address"),
    "BounceCount": ("number", f"(SELECT count(*) {_BOUNCES})"),
    "SubscriberKey": ("text", "s.subscriber_key"),
    "SubscriberType": ("text", "'ExactTarget'"),
    "Status": ("text", "s.status"),
    "Locale": ("text", "NULL"),
}

_MEMBERS: _Columns = {
    "AddedBy": ("number", "NULL"),
    "AddMethod": ("text", "'API'"),
    "CreatedDate": ("date", "m.created_at"),
    # Without the same affinity in both halves SQLite would read them whole before it joins.
    "DateUnsubscribed": (
        "date",
        "CAST(CASE m.status WHEN 'Unsubscribed' THEN m.modified_at END AS TEXT)",
    ),
    "EmailAddress": ("text", "s.email_address"),
    "ListID": ("number", "l.id"),
    "ListName": ("text", "l.name"),
    "ListType": ("text", "l.type"),
    "Status": ("text", "m.status"),
    "SubscriberID": ("number", "s.id"),
    "SubscriberKey": ("text", "s.subscriber_key"),
    "SubscriberType": ("text", "'ExactTarget'"),
}
# All Subscribers has every subscriber, with their own status.
_ALL_MEMBERS: _Columns = {
    **_MEMBERS,
    "CreatedDate": ("date", "s.created_at"),
    "DateUnsubscribed": ("date", "s.unsubscribed_at"),
    "Status": ("text", "s.status"),
}

# A job with a status is one of an email send definition, or of a Send; what it is called is assumed.
_KIND = (
    "CASE WHEN j.status IS NULL THEN 'Triggered Send' WHEN j.is_test THEN 'Test Send' "
    "WHEN j.email_send_definition_key IS NULL THEN 'List Send' ELSE 'User Initiated' END"
)
_SENT_AT = "CASE WHEN j.status IS NULL THEN j.started_at ELSE j.sent_at END"

_JOBS: _Columns = {
    "JobID": ("number", "j.id"),
    "EmailID": ("number", "j.email_id"),
    "AccountID": ("number", "(SELECT mid FROM account_id)"),
    "AccountUserID": ("number", "NULL"),
    "FromName": ("text", "j.from_name"),
    "FromEmail": ("text", "j.from_address"),
    "SchedTime": ("date", "COALESCE(j.send_at, j.started_at)"),
    "PickupTime": ("date", _SENT_AT),
    "DeliveredTime": ("date", _SENT_AT),
    "EventID": ("text", "NULL"),
    "IsMultipart": ("flag", "j.is_multipart"),
    "JobType": ("text", _KIND),
    "JobStatus": ("text", "COALESCE(j.status, 'Complete')"),
    "ModifiedBy": ("number", "NULL"),
    "ModifiedDate": ("date", "COALESCE(j.modified_at, j.started_at)"),
    "EmailName": ("text", "j.email_name"),
    "EmailSubject": ("text", "j.subject"),
    "IsWrapped": ("flag", "d.is_wrapped"),
    "TestEmailAddr": ("text", "COALESCE(d.test_email_address, '')"),
    "Category": ("text", _KIND),
    "BccEmail": ("text", "COALESCE(j.bcc_email, d.bcc_email, '')"),
    "OriginalSchedTime": ("date", "COALESCE(j.send_at, j.started_at)"),
    "CreatedDate": ("date", "j.started_at"),
    "CharacterSet": ("text", "NULL"),
    "IPAddress": ("text", "NULL"),
    "SalesForceTotalSubscriberCount": ("number", "0"),
    "SalesForceErrorSubscriberCount": ("number", "0"),
    "SendType": ("text", _KIND),
    "DynamicEmailSubject": ("text", "d.dynamic_email_subject"),
    "SuppressTracking": ("flag", "d.suppress_tracking"),
    "SendClassificationType": ("text", "c.type"),
    "SendClassification": ("text", "c.name"),
    "ResolveLinksWithCurrentData": ("flag", "0"),
    "EmailSendDefinition": ("text", "j.email_send_definition_key"),
    "DeduplicateByEmail": ("flag", "COALESCE(json_extract(j.terms, '$.deduplicates_by_email'), 0)"),
    "TriggererSendDefinitionObjectID": ("text", "NULLIF(j.definition_object_id, '')"),
    "TriggeredSendCustomerKey": ("text", "d.customer_key"),
}


def _list_subscribers() -> QuerySource:
    members = _source(
        _MEMBERS,
        "list_subscriber m JOIN subscriber s ON s.id = m.subscriber_id JOIN list l ON l.id = m.list_id",
        {"list_subscriber", "subscriber", "list"},
    )
    all_subscribers = _source(
        _ALL_MEMBERS, "list l JOIN subscriber s WHERE l.is_all_subscribers = 1", set()
    )
    return QuerySource(
        f"{members.sql} UNION ALL {all_subscribers.sql}", members.kinds, members.tables
    )


DATA_VIEWS: Mapping[str, QuerySource] = {
    **{name.lower(): _event_view(name) for name in _TYPES},
    "_subscribers": _source(_SUBSCRIBERS, "subscriber s", {"subscriber", "event"}),
    "_listsubscribers": _list_subscribers(),
    "_job": _source(
        _JOBS,
        "job j LEFT JOIN triggered_send_definition d ON d.id = j.definition_id "
        "LEFT JOIN send_classification c ON c.id = d.send_classification_id",
        {"job", "triggered_send_definition", "send_classification", "account_id", "setting"},
    ),
}
"""The data views by their names in lower case."""
