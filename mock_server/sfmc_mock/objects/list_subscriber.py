"""ListSubscriber: who is on which list."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call, Handler, Source
from sfmc_mock.declarations.properties import Property


class ListSubscriberHandler(Handler):
    """A subscriber on a list, with the status there; everybody is on All Subscribers. Properties: sdk."""

    object_type = "ListSubscriber"
    view = "api_ListSubscriber"
    properties = (
        Property("ObjectID"),
        Property("SubscriberKey", max_length=254),
        Property("CreatedDate", "date"),
        Property("ModifiedDate", "date"),
        Property("Client.ID", "number"),
        Property("Client.PartnerClientKey"),
        Property("ListID", "number"),
        Property("Status"),
    )

    def source(self, call: Call, argument: str | None) -> Source | None:
        return Source(
            self.object_type, "api_ListSubscriber", self.retrievable, newness="ModifiedDate"
        )
