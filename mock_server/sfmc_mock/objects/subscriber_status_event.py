"""SubscriberStatusEvent: how the status of subscribers on All Subscribers has changed."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call, Handler, Property, Source
from sfmc_mock.wire.pages import PageWriter, row_page_writer

_OUTSIDE = ("Client.ID", "CreatedDate", "ObjectID")


class SubscriberStatusEventHandler(Handler):
    """A change of status. Properties, the form of results, and the words Normal, Held and Unsub: documented.

    Bounced and Deleted are called so, and a change by a call has no ReasonUnsub (assumed).
    """

    object_type = "SubscriberStatusEvent"
    scope = "tracking_events"
    properties = (
        Property("ObjectID", updatable=False),
        Property("SubscriberID", "number", updatable=False),
        Property("Client.ID", "number", updatable=False),
        Property("CurrentStatus", updatable=False),
        Property("PreviousStatus", updatable=False),
        Property("CreatedDate", "date", updatable=False),
        Property("SubscriberKey", updatable=False),
        Property("ReasonUnsub", updatable=False),
    )

    def source(self, call: Call, argument: str | None) -> Source:
        return Source(
            self.object_type,
            "api_SubscriberStatusEvent",
            self.retrievable,
            newness="CreatedDate",
            make_writer=_writer,
        )


def _writer(asked: list[str], properties: list[Property]) -> PageWriter:
    kinds = tuple(column.kind for column in properties)
    return row_page_writer(
        tuple(asked), kinds, "ObjectExtension", "SubscriberStatusEvent", _OUTSIDE
    )
