"""ScheduledRequest and ScheduledConversation: asynchronous requests that wait, to be taken back."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.asynchronous import remove_scheduled
from sfmc_mock.declarations.handler import Call, Handler, Outcome
from sfmc_mock.declarations.properties import Property
from sfmc_mock.wire.struct import Struct


class ScheduledRequestHandler(Handler):
    """A request that waits, by its RequestID. What Delete does, and the codes: documented; `Deleted`: recorded."""

    object_type = "ScheduledRequest"
    # Recorded of a conversation.
    results_echo = False
    reads: ClassVar = {"": ("RequestID",)}
    properties = (Property("RequestID", retrievable=False, updatable=False),)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        remove_scheduled(call.account, request_id=sent.text("RequestID") or "")
        return Outcome("Deleted")


class ScheduledConversationHandler(Handler):
    """A conversation that waits, by its ConversationID."""

    object_type = "ScheduledConversation"
    results_echo = False
    reads: ClassVar = {"": ("ConversationID",)}
    properties = (Property("ConversationID", retrievable=False, updatable=False),)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        remove_scheduled(call.account, conversation=sent.text("ConversationID") or "")
        return Outcome("Deleted")


SCHEDULED = (ScheduledRequestHandler(), ScheduledConversationHandler())
