"""SubscriberStatusEvent: changes of the status of subscribers on All Subscribers."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject, as_name_value_rows
from sfmc_mock.declarations.properties import Property

_WORD = (
    "CASE t.{0} WHEN 'Active' THEN 'Normal' WHEN 'Unsubscribed' THEN 'Unsub' ELSE t.{0} END "
    "COLLATE NOCASE"
)
_REASON = (
    "CASE t.current_status WHEN 'Unsubscribed' THEN (SELECT e.reason FROM event e WHERE "
    "e.subscriber_key = t.subscriber_key AND e.type = 'Unsubscribe' AND e.happens_at <= t.created_at "
    "ORDER BY e.happens_at DESC, e.id DESC LIMIT 1) END"
)


class SubscriberStatusEventHandler(DeclaredObject):
    """A change of status. Properties, the form of results, and the words Normal, Held and Unsub: documented.

    Assumed: the words Bounced and Deleted, and that a change made by a call has no ReasonUnsub.
    """

    scope = "tracking_events"
    reads_from = "subscriber_status_event t"
    written_by = as_name_value_rows(
        "ObjectExtension", "SubscriberStatusEvent", outside=("Client.ID", "CreatedDate", "ObjectID")
    )
    fields = (
        Property(
            "ObjectID", sql="lower(printf('%08x-0000-0000-0000-%012x', t.id, t.subscriber_id))"
        ),
        Property("SubscriberID", "number"),
        Property("Client.ID", "number"),
        Property("CurrentStatus", sql=_WORD.format("current_status")),
        Property("PreviousStatus", sql=_WORD.format("previous_status")),
        Property("CreatedDate", "date"),
        Property("SubscriberKey"),
        Property("ReasonUnsub", sql=_REASON),
    )
