"""Tracking events: what happened to messages. They can only be retrieved.

Their properties are those of `sfmc_mock.store.event_log.EVENT_FIELDS`, which the live service takes (seen live); ID,
ObjectID, CreatedDate and ModifiedDate, which SDK documentation offers and the service's answers never hold, are taken
and come back without a value (assumed).
"""

from __future__ import annotations

from sfmc_mock.clock import stored
from sfmc_mock.declarations.handler import Call, Handler, Property, Source
from sfmc_mock.simulator.messages import EVENT_TYPES, OBJECT_TYPES
from sfmc_mock.store.conditions import RangeIndex, all_of, comparison
from sfmc_mock.store.event_log import EVENT_FIELDS, VIEW

_EVERY = "TrackingEvent"


class TrackingEventHandler(Handler):
    """One kind of tracking event, or all: rows of the event log with certain EventTypes, once they are visible.

    That TrackingEvent itself can be retrieved is documented on one page, and not on another.
    """

    scope = "tracking_events"

    def __init__(self, object_type: str) -> None:
        self.object_type = object_type
        self.properties = tuple(
            Property(
                field.name,
                field.kind,
                updatable=False,
                partner=field.partner,
                max_length=field.max_length,
            )
            for field in EVENT_FIELDS
            if field.name and (not field.of or object_type in field.of)
        )
        event_types = [
            EVENT_TYPES[kind] for kind, shown_by in OBJECT_TYPES.items() if shown_by == object_type
        ]
        is_of_kind = comparison(
            "type", "IN", event_types or list(dict.fromkeys(EVENT_TYPES.values()))
        )
        self._own = () if object_type == _EVERY else (is_of_kind,)
        self._by_date = RangeIndex(
            "EventDate", is_of_kind, ("EventType", "SendID", "SubscriberKey")
        )

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
        own = all_of(
            (
                *self._own,
                comparison("visible_at", "lessThanOrEqual", (stored(call.account.now()),)),
            )
        )
        return Source(
            self.object_type,
            VIEW,
            properties,
            own=own,
            newness="visible_at",
            range_index=self._by_date,
        )


TRACKING_EVENTS: tuple[TrackingEventHandler, ...] = tuple(
    TrackingEventHandler(object_type)
    for object_type in dict.fromkeys((*OBJECT_TYPES.values(), _EVERY))
)
