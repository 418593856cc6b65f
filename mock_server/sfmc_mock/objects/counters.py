"""Objects that count: what became of a definition's, a list's, a link's or a subscriber's messages.

They can only be retrieved, and are computed from the tracking events that can be seen at the time. The property lists
are those that SDKs ask for (sdk); of SubscriberSendResult, SendSummary and LinkSend the schema's (wsdl).
"""

from __future__ import annotations

from functools import partial

from sfmc_mock.declarations.handler import Call, Handler, Property, Source
from sfmc_mock.declarations.properties import computed

_numbers = partial(computed, "number")
_texts = partial(computed, "text")
_dates = partial(computed, "date")

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
        call.count_events()
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
        "SendSummary",
        _numbers("Client.ID"),
        _dates("CreatedDate", "ModifiedDate"),
        _numbers("AccountID"),
        _texts("AccountName", "AccountEmail"),
        computed("flag", "IsTestAccount"),
        _numbers("SendID"),
        _texts("DeliveredTime"),
        _numbers("TotalSent", "Transactional", "NonTransactional"),
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
        newness="SentDate",
    ),
)
