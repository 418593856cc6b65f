"""Tracking events of messages. They can only be retrieved.

Properties: `sfmc_mock.store.event_log.EVENT_FIELDS`, which the live service accepts (seen live). ID, ObjectID,
CreatedDate and ModifiedDate, which SDK documentation offers and which the service's answers never contain, are accepted
and returned without a value (assumed).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import Source
from sfmc_mock.simulator.messages import EVENT_TYPES, OBJECT_TYPES
from sfmc_mock.store.conditions import comparison
from sfmc_mock.store.event_log import EVENT_FIELDS, VIEW
from sfmc_mock.store.page_queries import RangeIndex

_EVERY = "TrackingEvent"


class TrackingEventHandler(Handler):
    """Tracking events of one kind, or of all: the visible rows of the event log with certain EventTypes.

    One page of the documentation says that TrackingEvent itself can be retrieved; another page does not.
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
        self._strict_source = Source(
            object_type,
            VIEW,
            self.retrievable,
            is_table=True,
            own=None if object_type == _EVERY else is_of_kind,
            newness="visible_at",
            hides_later=True,
            range_index=RangeIndex(
                "EventDate",
                is_of_kind,
                ("EventType", "SendID", "SubscriberKey"),
                table="event",
                stored="happens_at",
            ),
        )
        # The documented flow filters every kind of event by SubscriberID.
        subscriber_id = Property(
            "SubscriberID",
            "number",
            partner=True,
            warning=f"SubscriberID is not a property of {object_type} in the live service, which refuses it; "
            "filter by SendID, BatchID and SubscriberKey",
        )
        properties = dict(self.retrievable)
        properties.setdefault(subscriber_id.name, subscriber_id)
        self._lenient_source = replace(self._strict_source, properties=properties)

    def source(self, call: Call, argument: str | None) -> Source | None:
        return self._strict_source if call.strict else self._lenient_source

    def source_version(self, call: Call) -> Hashable:
        return call.strict


TRACKING_EVENTS: tuple[TrackingEventHandler, ...] = tuple(
    TrackingEventHandler(object_type)
    for object_type in dict.fromkeys((*OBJECT_TYPES.values(), _EVERY))
)
