"""Objects that count: what became of a definition's, a job's, a list's, a link's or a subscriber's messages.

They can only be retrieved, and are computed from the tracking events that can be seen at the time. The property lists
are those that SDKs ask for (sdk); of SubscriberSendResult and LinkSend the schema's (wsdl).
"""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call, Handler, Property, Source


def _numbers(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name, "number", updatable=False) for name in names)


def _texts(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name, updatable=False) for name in names)


def _dates(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name, "date", updatable=False) for name in names)


_SEND_COUNTERS = _numbers(
    "Duplicates",
    "InvalidAddresses",
    "ExistingUndeliverables",
    "ExistingUnsubscribes",
    "HardBounces",
    "SoftBounces",
    "OtherBounces",
    "ForwardedEmails",
    "UniqueClicks",
    "UniqueOpens",
    "NumberSent",
    "NumberDelivered",
    "Unsubscribes",
    "MissingAddresses",
)


class CounterHandler(Handler):
    """An object of counters: a view, and what of it can be asked for."""

    scope = "tracking_events"

    def __init__(
        self, object_type: str, *properties: tuple[Property, ...], newness: str | None
    ) -> None:
        self.object_type = object_type
        self.properties = tuple(column for group in properties for column in group)
        self._newness = newness

    def source(self, call: Call, argument: str | None) -> Source | None:
        view = f"api_{self.object_type}"
        call.account.count_events()
        return Source(self.object_type, view, self.retrievable, newness=self._newness)


COUNTERS: tuple[CounterHandler, ...] = (
    CounterHandler(
        "TriggeredSendSummary",
        _numbers("Client.ID"),
        _texts("ObjectID", "CustomerKey", "TriggeredSendDefinition.ObjectID"),
        _numbers(
            "Sent",
            "NotSentDueToOptOut",
            "NotSentDueToUndeliverable",
            "Bounces",
            "Opens",
            "Clicks",
            "UniqueOpens",
            "UniqueClicks",
            "OptOuts",
            "SurveyResponses",
            "FTAFRequests",
            "FTAFEmailsSent",
            "FTAFOptIns",
            "Conversions",
            "UniqueConversions",
            "InProcess",
            "NotSentDueToError",
            "Queued",
        ),
        newness=None,
    ),
    CounterHandler(
        "Send",
        _numbers("ID"),
        _texts("PartnerKey"),
        _dates("CreatedDate", "ModifiedDate"),
        _numbers("Client.ID"),
        _texts("Client.PartnerClientKey"),
        _numbers("Email.ID"),
        _texts("Email.PartnerKey"),
        _numbers("List.ID"),
        _dates("SendDate"),
        _texts("FromAddress", "FromName"),
        _SEND_COUNTERS,
        _texts("Subject", "PreviewURL"),
        _dates("SentDate"),
        _texts("EmailName", "Status"),
        (Property("IsMultipart", "flag", updatable=False),),
        _numbers("SendLimit"),
        _texts("SendWindowOpen", "SendWindowClose"),
        (Property("IsAlwaysOn", "flag", updatable=False),),
        _numbers("NumberTargeted", "NumberErrored", "NumberExcluded"),
        _texts("Additional", "BccEmail"),
        # The documented sample spells it so.
        (Property("BCCEmail", updatable=False, partner=True, reads="BccEmail"),),
        _texts("EmailSendDefinition.ObjectID", "EmailSendDefinition.CustomerKey"),
        newness="CreatedDate",
    ),
    CounterHandler(
        "ListSend",
        _numbers("ID"),
        _texts("PartnerKey"),
        _dates("CreatedDate", "ModifiedDate"),
        _numbers("Client.ID"),
        _texts("Client.PartnerClientKey"),
        _numbers("SendID", "List.ID"),
        _texts("List.ListName"),
        _SEND_COUNTERS,
        _texts("PreviewURL"),
        newness="CreatedDate",
    ),
    CounterHandler(
        "LinkSend",
        _numbers("ID"),
        _texts("PartnerKey"),
        _numbers("Client.ID"),
        _texts("Client.PartnerClientKey"),
        _numbers("SendID", "Link.ID"),
        _texts("Link.PartnerKey"),
        _dates("Link.LastClicked"),
        _texts("Link.Alias"),
        _numbers("Link.TotalClicks", "Link.UniqueClicks"),
        _texts("Link.URL"),
        newness=None,
    ),
    CounterHandler(
        "SubscriberSendResult",
        _numbers("ID", "Client.ID"),
        _texts("PartnerKey"),
        _numbers("Send.ID", "Email.ID"),
        _texts("Email.Name", "Subscriber.SubscriberKey", "Subscriber.EmailAddress"),
        _numbers("Subscriber.ID"),
        _dates("ClickDate", "BounceDate", "OpenDate", "SentDate"),
        _texts("LastAction"),
        _dates("UnsubscribeDate"),
        _texts("FromAddress", "FromName"),
        _numbers("TotalClicks", "UniqueClicks"),
        _texts("Subject", "ViewSentEmailURL"),
        _numbers("HardBounces", "SoftBounces", "OtherBounces"),
        newness=None,
    ),
)
