"""Counter objects: numbers of messages and events by definition, job, list, link or subscriber.

They can only be retrieved, and are computed from the tracking events visible at the account's time. Properties: those
that SDKs request (sdk); of SubscriberSendResult, SendSummary and LinkSend those of the schema (wsdl).
"""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import MID, Property
from sfmc_mock.objects.job_counters import (
    OPTED_OUT,
    UNDELIVERABLE,
    counter,
    events,
    job_counters,
    messages,
)


class CounterHandler(DeclaredObject):
    """A read-only object with counters; the event totals are updated before each Retrieve."""

    scope = "tracking_events"
    counts_events = True


def _of_definition(*kinds: str) -> str:
    """Return the SQL that counts events of the given kinds in all jobs of a definition."""
    counted = " + ".join(f"counted_events(j.id, '{kind}')" for kind in kinds)
    return _sum(counted)


def _sum(counted: str) -> str:
    return f"(SELECT COALESCE(sum({counted}), 0) FROM job j WHERE j.definition_id = t.id)"  # noqa: S608 - constants


_ITS_JOBS = "e.job_id IN (SELECT id FROM job WHERE definition_id = t.id)"


class TriggeredSendSummaryHandler(CounterHandler):
    """The counts of the messages and events of a triggered send definition."""

    reads_from = "triggered_send_definition t"
    fields = (
        *Property.alike("Client.ID", "ObjectID", "CustomerKey"),
        Property("TriggeredSendDefinition.ObjectID", sql="t.object_id"),
        # The class has no such element; documented as the property to filter summaries by.
        Property("TriggeredSendDefinitionObjectID", sql="t.object_id", partner=True),
        counter("Sent", _of_definition("Sent")),
        counter("NotSentDueToOptOut", events("NotSent", f"{OPTED_OUT} AND {_ITS_JOBS}")),
        counter("NotSentDueToUndeliverable", events("NotSent", f"{UNDELIVERABLE} AND {_ITS_JOBS}")),
        counter("Bounces", _of_definition("HardBounce", "SoftBounce", "OtherBounce")),
        counter("Opens", _of_definition("Open")),
        counter("Clicks", _of_definition("Click")),
        counter("UniqueOpens", _sum("counted_messages(j.id, 'Open')")),
        counter("UniqueClicks", _sum("counted_messages(j.id, 'Click')")),
        counter("OptOuts", _of_definition("Unsubscribe")),
        counter("SurveyResponses", _of_definition("Survey")),
        counter("FTAFRequests", _of_definition("ForwardedEmail")),
        counter("FTAFEmailsSent", _of_definition("ForwardedEmail")),
        counter("FTAFOptIns", _of_definition("ForwardedEmailOptIn")),
        counter("Conversions", "0"),
        counter("UniqueConversions", "0"),
        counter("InProcess", "0"),
        counter(
            "NotSentDueToError",
            events("NotSent", f"NOT {OPTED_OUT} AND NOT {UNDELIVERABLE} AND {_ITS_JOBS}"),
        ),
        counter(
            "Queued",
            "(SELECT count(*) FROM message m JOIN send s ON s.id = m.send_id "
            "WHERE s.definition_id = t.id AND m.outcome = 'queued')",
        ),
    )


_SENT = "counted_events(t.id, 'Sent')"


class SendSummaryHandler(CounterHandler):
    """The summary of each job: its number of messages, and whether they are transactional."""

    reads_from = "job t"
    newest_by = "CreatedDate"
    fields = (
        Property("Client.ID"),
        Property("CreatedDate", sql="t.started_at"),
        Property("ModifiedDate", sql="COALESCE(t.modified_at, t.started_at)"),
        counter("AccountID", MID),
        Property(
            "AccountName", sql="COALESCE((SELECT value FROM setting WHERE name = 'name'), '')"
        ),
        *Property.unset("AccountEmail"),
        Property("IsTestAccount", sql="0"),
        counter("SendID", "t.id"),
        Property(
            "DeliveredTime",
            # The plus sign keeps SQLite from searching the index on event times for the maximum.
            sql="(SELECT max(+e.happens_at) FROM visible_event e WHERE e.type = 'DeliveredEvent' AND e.job_id = t.id)",
        ),
        counter("TotalSent", _SENT),
        counter("Transactional", f"CASE WHEN t.is_transactional THEN {_SENT} ELSE 0 END"),
        counter("NonTransactional", f"CASE WHEN t.is_transactional THEN 0 ELSE {_SENT} END"),
    )


class ListSendHandler(CounterHandler):
    """The counters of a job for each list."""

    reads_from = "job_list t JOIN job j ON j.id = t.job_id LEFT JOIN list n ON n.id = t.list_id"
    rowkey = "t.job_id * 4294967296 + t.list_id"
    newest_by = "CreatedDate"
    fields = (
        counter("ID", "j.id"),
        *Property.unset("PartnerKey"),
        Property("CreatedDate", sql="j.started_at"),
        Property("ModifiedDate", sql="COALESCE(j.modified_at, j.started_at)"),
        Property("Client.ID"),
        *Property.unset("Client.PartnerClientKey"),
        counter("SendID", "j.id"),
        counter("List.ID", "t.list_id"),
        Property("List.ListName", sql="n.name"),
        *job_counters("j", on_list="t.list_id"),
        *Property.unset("PreviewURL"),
    )


_ITS_CLICKS = "e.job_id = t.job_id AND e.url_id = t.url_id"


class LinkSendHandler(CounterHandler):
    """The click counters of a link of a job."""

    reads_from = "link t"
    rowkey = "t.url_id"
    fields = (
        counter("ID", "t.url_id"),
        *Property.alike("PartnerKey", "Client.ID"),
        *Property.unset("Client.PartnerClientKey"),
        counter("SendID", "t.job_id"),
        counter("Link.ID", "t.url_id"),
        *Property.unset("Link.PartnerKey"),
        Property(
            "Link.LastClicked",
            sql=f"(SELECT max(+e.happens_at) FROM visible_event e WHERE e.type = 'Click' AND {_ITS_CLICKS})",  # noqa: S608
        ),
        Property("Link.Alias", sql="t.alias"),
        counter("Link.TotalClicks", events("Click", _ITS_CLICKS)),
        counter("Link.UniqueClicks", messages("Click", _ITS_CLICKS)),
        Property("Link.URL", sql="t.url"),
    )


_THEIRS = "e.subscriber_key = t.subscriber_key AND e.job_id = t.job_id"
_BOUNCES = "'HardBounce', 'SoftBounce', 'OtherBounce'"


def _date(name: str, which: str, kinds: str) -> Property:
    """Return a property with the time of a subscriber's first (`min`) or last (`max`) event of the given kinds."""
    sql = f"(SELECT {which}(+e.happens_at) FROM visible_event e WHERE e.type IN ({kinds}) AND {_THEIRS})"  # noqa: S608
    return Property(name, sql=sql)


class SubscriberSendResultHandler(CounterHandler):
    """The events of a job for each of its subscribers: one row per subscriber, however many messages they got."""

    reads_from = (
        "visible_event t JOIN job j ON j.id = t.job_id WHERE t.type = 'Sent' AND NOT EXISTS "  # noqa: S608 - constants
        f"(SELECT 1 FROM visible_event e WHERE e.type = 'Sent' AND {_THEIRS} AND e.id < t.id)"
    )
    newest_by = "SentDate"
    fields = (
        counter("ID", "t.id"),
        *Property.alike("Client.ID", "PartnerKey"),
        counter("Send.ID", "t.job_id"),
        counter("Email.ID", "j.email_id"),
        Property("Email.Name", sql="j.email_name"),
        Property("Subscriber.SubscriberKey", sql="t.subscriber_key"),
        Property(
            "Subscriber.EmailAddress",
            sql="(SELECT m.email_address FROM message m WHERE m.job_id = t.job_id AND m.batch_id = t.batch_id "
            "AND m.subscriber_id = t.subscriber_id)",
        ),
        counter("Subscriber.ID", "t.subscriber_id"),
        _date("ClickDate", "max", "'Click'"),
        _date("BounceDate", "max", _BOUNCES),
        _date("OpenDate", "min", "'Open'"),
        _date("SentDate", "min", "'Sent'"),
        Property(
            "LastAction",
            sql="(SELECT e.type FROM visible_event e WHERE e.type IN "  # noqa: S608 - constants
            f"('Sent', 'Open', 'Click', {_BOUNCES}, 'Unsubscribe') AND {_THEIRS} "
            "ORDER BY e.happens_at DESC, e.id DESC LIMIT 1)",
        ),
        _date("UnsubscribeDate", "min", "'Unsubscribe'"),
        Property("FromAddress", sql="j.from_address"),
        Property("FromName", sql="j.from_name"),
        counter("TotalClicks", events("Click", _THEIRS)),
        counter(
            "UniqueClicks",
            f"(SELECT count(DISTINCT e.url_id) FROM visible_event e WHERE e.type = 'Click' AND {_THEIRS})",  # noqa: S608
        ),
        Property("Subject", sql="j.subject"),
        *Property.unset("ViewSentEmailURL"),
        *(
            counter(f"{kind}s", events(kind, _THEIRS))
            for kind in _BOUNCES.replace("'", "").split(", ")
        ),
    )


COUNTERS = (
    TriggeredSendSummaryHandler(),
    SendSummaryHandler(),
    ListSendHandler(),
    LinkSendHandler(),
    SubscriberSendResultHandler(),
)


class LinkHandler(DeclaredObject):
    """A link of a job, with the counters of LinkSend. Properties: wsdl; that it is read-only: documented."""

    scope = "tracking_events"
    reads_from = '"api_LinkSend" t'
    rowkey = "t.rowkey"
    fields = (
        Property("ID"),
        Property("Client.ID", sql='t."Client.ID"'),
        *(
            Property(name, sql=f't."Link.{name}"')
            for name in ("LastClicked", "Alias", "TotalClicks", "UniqueClicks", "URL")
        ),
        Property("IDLong", sql="t.id"),
    )
