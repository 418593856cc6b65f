"""Asynchronous requests: their results, and the deletion of waiting ones."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.asynchronous import remove_scheduled
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Property
from sfmc_mock.wire.struct import Struct


def _of_request(row: str, *, partner: bool = False) -> tuple[Property, ...]:
    """Return the properties that identify an asynchronous request; `row` is its alias in the SQL of the view."""
    return (
        Property("Client.ID"),
        Property("CreatedDate", sql=f"{row}.queued_at"),
        Property("ModifiedDate", sql=f"COALESCE({row}.completed_at, {row}.queued_at)"),
        Property("RequestID", sql=f"{row}.request_id", partner=partner),
        Property("ConversationID", sql=f"{row}.conversation_id", partner=partner),
    )


_ASYNCHRONOUS = "'Asynchronous'"


class AsyncRequestResultHandler(DeclaredObject):
    """The status of an asynchronous request; available as soon as the request is queued.

    Properties: wsdl. The class has none for RequestID: ObjectID holds it, and PartnerProperties hold RequestID and
    ConversationID, which requests can retrieve and filter on (assumed). Statuses, assumed: Queued, Complete, Error and
    Deleted.
    """

    reads_from = "async_request t"
    fields = (
        Property("ObjectID", sql="t.request_id"),
        Property("ID"),
        *_of_request("t", partner=True),
        Property("Status"),
        Property("CompleteDate", sql="t.completed_at"),
        Property("CallStatus", sql="t.overall_status"),
        Property("CallMessage", sql="t.status_message"),
    )


class ResultMessageHandler(DeclaredObject):
    """The result of a completed asynchronous request; one per request. Its values: documented."""

    reads_from = "async_request t WHERE t.completed_at IS NOT NULL"
    fields = (
        Property("ID"),
        *_of_request("t"),
        Property("OverallStatusCode", sql="t.overall_status"),
        Property("StatusCode", sql="t.overall_status"),
        *Property.alike("StatusMessage", "ErrorCode"),
        Property("RequestType", sql=_ASYNCHRONOUS),
        Property("ResultType", sql=_ASYNCHRONOUS),
        Property("ResultDetailXML", sql="t.detail_xml"),
        *Property.alike("SequenceCode", "CallsInConversation"),
    )


class ResultItemHandler(DeclaredObject):
    """The result of one object of an asynchronous request; there is none before completion (documented)."""

    reads_from = "async_result t JOIN async_request q ON q.id = t.request_number"
    fields = (
        Property("ID"),
        *_of_request("q"),
        *Property.alike("CorrelationID", "StatusCode", "StatusMessage"),
        Property("OrdinalID", sql="t.ordinal"),
        Property("ErrorCode"),
        Property("RequestType", sql=_ASYNCHRONOUS),
        Property("RequestObjectType", sql="t.object_type"),
    )


RESULTS = (AsyncRequestResultHandler(), ResultMessageHandler(), ResultItemHandler())


class ScheduledRequestHandler(Handler):
    """A waiting request, identified by RequestID.

    Effect and codes of Delete: documented; the text `Deleted`: recorded.
    """

    # Recorded for ScheduledConversation.
    results_echo = False
    reads: ClassVar = {"": ("RequestID",)}
    properties = (Property("RequestID", retrievable=False, updatable=False),)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        remove_scheduled(call.account, request_id=sent.text("RequestID") or "")
        return Outcome("Deleted")


class ScheduledConversationHandler(Handler):
    """The waiting requests of a conversation, identified by ConversationID."""

    results_echo = False
    reads: ClassVar = {"": ("ConversationID",)}
    properties = (Property("ConversationID", retrievable=False, updatable=False),)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        remove_scheduled(call.account, conversation=sent.text("ConversationID") or "")
        return Outcome("Deleted")


SCHEDULED = (ScheduledRequestHandler(), ScheduledConversationHandler())
