"""Options of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from sfmc_client.models import UNSET, APIObject, Scalar, Value, name_values

SaveAction: TypeAlias = Literal[
    "AddOnly", "Default", "Nothing", "UpdateAdd", "UpdateOnly", "Delete"
]


@dataclass(frozen=True, slots=True)
class SaveOption:
    """The SaveAction for objects that exist already, or do not; the property `*` means all (documented)."""

    property_name: str
    save_action: SaveAction

    def as_object(self) -> APIObject:
        """Return the element that goes into a request."""
        return APIObject(None, PropertyName=self.property_name, SaveAction=self.save_action)


UPSERT = (SaveOption("*", "UpdateAdd"),)
"""Save options that make a Create or Update write an object whether it exists or not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Options of any call that writes.

    `client_id` is the MID of the business unit to work in. `request_type` `Asynchronous` only queues the call.
    `extra` are further elements under the service's names, such as `Container` or `SendResponseTo`.
    """

    client_id: int | None = None
    save_options: Sequence[SaveOption] = ()
    request_type: Literal["Synchronous", "Asynchronous"] | None = None
    queue_priority: Literal["Low", "Medium", "High"] | None = None
    scheduled_time: datetime | None = None
    conversation_id: str | None = None
    sequence_code: int | None = None
    calls_in_conversation: int | None = None
    extra: Mapping[str, Value] = field(default_factory=dict)

    def as_object(self) -> APIObject:
        """Return the Options element that goes into a request, in the order of the WSDL."""
        saves = [option.as_object() for option in self.save_options]
        given: dict[str, Value] = {
            "Client": None if self.client_id is None else client(self.client_id),
            "SaveOptions": {"SaveOption": saves} if saves else None,
            "ConversationID": self.conversation_id,
            "SequenceCode": self.sequence_code,
            "CallsInConversation": self.calls_in_conversation,
            "ScheduledTime": self.scheduled_time,
            "RequestType": self.request_type,
            "QueuePriority": self.queue_priority,
        }
        present = {name: value for name, value in given.items() if value is not None}
        return APIObject(None, {**present, **self.extra})


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecuteRequest:
    """One call of a named method of the service, such as `LogUnsubEvent`."""

    name: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    client_id: int | None = None

    def as_object(self) -> APIObject:
        """Return the element that goes into a request."""
        return APIObject(
            None,
            Client=UNSET if self.client_id is None else client(self.client_id),
            Name=self.name,
            Parameters=name_values(self.parameters),
        )


def client(mid: int) -> APIObject:
    """Return the business unit with this MID, as requests name it."""
    return APIObject(None, ID=mid)
