"""Rows of the send log and tracking events, as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Self, TypeVar, overload

from sfmc_client.answer_fields import Answered, boolean, integer, moment, of
from sfmc_client.errors import ConfigurationError, UnreadableAnswer
from sfmc_client.models import APIObject


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackingEvent(Answered):
    """One event of a message.

    `send_id` is the JobID of the send log. `event_date` is aware; the service writes server time, UTC-6 all year.
    `subscriber_id` is `None` unless the answer has it: the live service sends it for SentEvent only (recorded).
    `properties` are the names that a Retrieve of the type requests, each accepted by the live service (recorded).
    """

    object_type: ClassVar[str] = "TrackingEvent"
    properties: ClassVar[tuple[str, ...]] = (
        "SendID",
        "SubscriberKey",
        "EventDate",
        "EventType",
        "BatchID",
        "TriggeredSendDefinitionObjectID",
    )

    send_id: int = field(metadata=of("SendID", integer))
    subscriber_key: str = field(metadata=of("SubscriberKey"))
    event_date: datetime = field(metadata=of("EventDate", moment))
    event_type: str | None = field(default=None, metadata=of("EventType"))
    batch_id: int | None = field(default=None, metadata=of("BatchID", integer))
    triggered_send_definition_object_id: str | None = field(
        default=None, metadata=of("TriggeredSendDefinitionObjectID")
    )
    subscriber_id: int | None = field(default=None, metadata=of("SubscriberID", integer))

    @classmethod
    def read(cls, event: APIObject) -> Self:
        """Return the event from an object of a Retrieve. Raises `UnreadableAnswer` if it lacks a required property."""
        values = cls._values(event)
        if any(values[name] is None for name in ("send_id", "subscriber_key", "event_date")):
            raise UnreadableAnswer(
                f"A {cls.object_type} came without SendID, SubscriberKey or EventDate, though these were asked for. "
                "Use retrieve() to read what there is."
            )
        return cls(**values)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentEvent(TrackingEvent):
    """The message left the service."""

    object_type = "SentEvent"
    properties = (*TrackingEvent.properties, "SubscriberID", "ListID")

    list_id: int | None = field(default=None, metadata=of("ListID", integer))


@dataclass(frozen=True, kw_only=True, slots=True)
class NotSentEvent(TrackingEvent):
    """The service decided not to send the message."""

    object_type = "NotSentEvent"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveredEvent(TrackingEvent):
    """The receiving server took the message."""

    object_type = "DeliveredEvent"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenEvent(TrackingEvent):
    """A reader opened the message."""

    object_type = "OpenEvent"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClickEvent(TrackingEvent):
    """A reader followed a link of the message."""

    object_type = "ClickEvent"
    properties = (*TrackingEvent.properties, "URLID", "URL")

    url: str | None = field(default=None, metadata=of("URL"))
    url_id: int | None = field(default=None, metadata=of("URLID", integer))


@dataclass(frozen=True, kw_only=True, slots=True)
class BounceEvent(TrackingEvent):
    """The message came back; `category` is one of `Hard bounce`, `Soft bounce`, `Block bounce` … (documented)."""

    object_type = "BounceEvent"
    properties = (
        *TrackingEvent.properties,
        "SMTPCode",
        "BounceCategory",
        "SMTPReason",
        "BounceType",
    )

    smtp_code: str | None = field(default=None, metadata=of("SMTPCode"))
    category: str | None = field(default=None, metadata=of("BounceCategory"))
    type: str | None = field(default=None, metadata=of("BounceType"))
    reason: str | None = field(default=None, metadata=of("SMTPReason"))

    @property
    def bounce_category(self) -> str | None:
        """The category, by the service's name of the property."""
        return self.category


@dataclass(frozen=True, kw_only=True, slots=True)
class UnsubEvent(TrackingEvent):
    """The subscriber unsubscribed through the message, from one list or from all."""

    object_type = "UnsubEvent"
    properties = (*TrackingEvent.properties, "List.ID", "IsMasterUnsubscribed")

    list_id: int | None = field(default=None, metadata=of("List.ID", integer))
    is_master_unsubscribed: bool | None = field(
        default=None, metadata=of("IsMasterUnsubscribed", boolean)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ForwardedEmailEvent(TrackingEvent):
    """A reader forwarded the message through the service's form."""

    object_type = "ForwardedEmailEvent"


@dataclass(frozen=True, kw_only=True, slots=True)
class ForwardedEmailOptInEvent(TrackingEvent):
    """The receiver of a forwarded message subscribed."""

    object_type = "ForwardedEmailOptInEvent"
    properties = (*TrackingEvent.properties, "OptInSubscriberKey")

    opt_in_subscriber_key: str | None = field(default=None, metadata=of("OptInSubscriberKey"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveyEvent(TrackingEvent):
    """A reader answered a question of the message."""

    object_type = "SurveyEvent"
    properties = (*TrackingEvent.properties, "Question", "Answer")

    question: str | None = field(default=None, metadata=of("Question"))
    answer: str | None = field(default=None, metadata=of("Answer"))


TRACKING_EVENTS: Final[Mapping[str, type[TrackingEvent]]] = {
    event_class.object_type: event_class
    for event_class in (
        SentEvent,
        NotSentEvent,
        DeliveredEvent,
        OpenEvent,
        ClickEvent,
        BounceEvent,
        UnsubEvent,
        ForwardedEmailEvent,
        ForwardedEmailOptInEvent,
        SurveyEvent,
    )
}
"""Every kind of tracking event by the name of its type."""

Event = TypeVar("Event", bound=TrackingEvent)


@overload
def class_of(kind: type[Event]) -> type[Event]: ...
@overload
def class_of(kind: type[TrackingEvent] | str) -> type[TrackingEvent]: ...
def class_of(kind: type[TrackingEvent] | str) -> type[TrackingEvent]:
    """Return the class of a kind of tracking event, from the class itself or its name.

    Raises `ConfigurationError` for anything else.
    """
    if isinstance(kind, type) and issubclass(kind, TrackingEvent) and kind is not TrackingEvent:
        return kind
    if isinstance(kind, str) and kind in TRACKING_EVENTS:
        return TRACKING_EVENTS[kind]
    raise ConfigurationError(
        f"{kind!r} is not a kind of tracking event. There are: {', '.join(TRACKING_EVENTS)}."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class LogRow:
    """A row of the send log; every column may be empty.

    `subscriber_id` is the column `SubID` of the service's template, or `SubscriberID` where the log has that.
    `error_code` is `None` for a sent message, else the reason for not sending it (recorded).
    """

    unique_id: str | None = None
    job_id: int | None = None
    batch_id: int | None = None
    subscriber_id: int | None = None
    subscriber_key: str | None = None
    list_id: int | None = None
    triggered_send_id: str | None = None
    error_code: int | None = None

    @classmethod
    def read(cls, values: Mapping[str, str | None]) -> Self:
        """Return the row with these columns. Raises `UnreadableAnswer` if a number column has another text."""
        return cls(
            unique_id=values.get("UniqueID"),
            job_id=_number(values, "JobID"),
            batch_id=_number(values, "BatchID"),
            subscriber_id=_number(values, "SubID", "SubscriberID"),
            subscriber_key=values.get("SubscriberKey"),
            list_id=_number(values, "ListID"),
            triggered_send_id=values.get("TriggeredSendID"),
            error_code=_number(values, "ErrorCode"),
        )


def _number(values: Mapping[str, str | None], *columns: str) -> int | None:
    for column in columns:
        if text := values.get(column):
            try:
                return int(text)
            except ValueError:
                break
    else:
        return None
    raise UnreadableAnswer(
        f"The send log has {text!r} in the column {column}, which should be a number. "
        "Make the column a Number, as the service's SendLog template does."
    )
