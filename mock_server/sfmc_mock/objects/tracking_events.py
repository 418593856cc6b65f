"""Tracking events: what happened to messages. They can only be retrieved.

The property lists are those that the live service takes (seen live); ID, ObjectID, CreatedDate and ModifiedDate, which
SDK documentation offers and the service's answers never hold, are taken and come back without a value (assumed).
"""

from __future__ import annotations

from sfmc_mock.clock import stored
from sfmc_mock.objects.handler import Call, Handler, Property, Source
from sfmc_mock.store.conditions import All, Comparison

_BASE = (
    Property("SendID", "number", updatable=False),
    Property("SubscriberKey", updatable=False, max_length=254),
    Property("EventDate", "date", updatable=False),
    Property("Client.ID", "number", updatable=False),
    Property("EventType", updatable=False),
    Property("BatchID", "number", updatable=False),
    Property("TriggeredSendDefinitionObjectID", updatable=False, max_length=36),
    Property("PartnerKey", updatable=False),
    Property("ID", "number", updatable=False),
    Property("ObjectID", updatable=False),
    Property("CreatedDate", "date", updatable=False),
    Property("ModifiedDate", "date", updatable=False),
)

_SUBSCRIBER_ID = Property("SubscriberID", "number", updatable=False, partner=True)
_LIST_ID = Property("ListID", "number", updatable=False, partner=True)


class TrackingEventHandler(Handler):
    """One kind of tracking event: rows of the event log with certain EventTypes, once they are visible."""

    def __init__(
        self, object_type: str, event_types: tuple[str, ...], properties: tuple[Property, ...] = ()
    ) -> None:
        self.object_type = object_type
        self.properties = (*_BASE, *properties)
        self._event_types = event_types

    def source(self, call: Call, argument: str | None) -> Source | None:
        properties = dict(self.retrievable)
        if "SubscriberID" not in properties and not call.strict:
            # The documented flow filters every kind of event by it.
            properties["SubscriberID"] = Property(
                "SubscriberID",
                "number",
                partner=True,
                warning=f"SubscriberID is no property of {self.object_type} in the live service, which refuses it; "
                "filter by SendID, BatchID and SubscriberKey",
            )
        own = All(
            (
                Comparison("type", "IN", self._event_types),
                Comparison("visible_at", "lessThanOrEqual", (stored(call.account.now()),)),
            )
        )
        return Source(self.object_type, "api_tracking", properties, own=own, newness="visible_at")


TRACKING_EVENTS: tuple[TrackingEventHandler, ...] = (
    TrackingEventHandler("SentEvent", ("Sent",), (_LIST_ID, _SUBSCRIBER_ID)),
    TrackingEventHandler("NotSentEvent", ("NotSent",)),
    TrackingEventHandler("DeliveredEvent", ("DeliveredEvent",)),
    TrackingEventHandler("OpenEvent", ("Open",)),
    TrackingEventHandler(
        "ClickEvent",
        ("Click",),
        (
            Property("URLID", "number", updatable=False),
            Property("URL", updatable=False),
            Property("URLIDLong", "number", updatable=False),
        ),
    ),
    TrackingEventHandler(
        "BounceEvent",
        ("HardBounce", "SoftBounce", "OtherBounce"),
        (
            Property("SMTPCode", updatable=False),
            Property("BounceCategory", updatable=False),
            Property("SMTPReason", updatable=False),
            Property("BounceType", updatable=False),
        ),
    ),
    TrackingEventHandler(
        "UnsubEvent",
        ("Unsubscribe",),
        (
            Property("List.ID", "number", updatable=False),
            Property("IsMasterUnsubscribed", "flag", updatable=False),
        ),
    ),
    TrackingEventHandler("ForwardedEmailEvent", ("ForwardedEmail",)),
    TrackingEventHandler(
        "ForwardedEmailOptInEvent",
        ("ForwardedEmailOptIn",),
        (Property("OptInSubscriberKey", updatable=False),),
    ),
    TrackingEventHandler(
        "SurveyEvent",
        ("Survey",),
        (Property("Question", updatable=False), Property("Answer", updatable=False)),
    ),
)
