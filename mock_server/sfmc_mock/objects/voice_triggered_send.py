"""VoiceTriggeredSend and its definition: a phone call to one subscriber."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property
from sfmc_mock.declarations.stored_object import StoredObject, stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.wire.struct import Struct


class VoiceTriggeredSendDefinitionHandler(StoredObject):
    """A definition from a seed file. Properties: wsdl; that it can be retrieved: assumed."""

    operations = ()
    fields = (*BY_OBJECT_ID, Property("Name", required=True), Property("Description", default=""))


class VoiceTriggeredSendHandler(Handler):
    """A phone call to one subscriber. The emulator makes no calls; a warning says so.

    Parts: wsdl; Create, codes and texts: documented; the conditions of the codes: assumed.
    """

    reads: ClassVar = {
        "": ("VoiceTriggeredSendDefinition", "Subscriber", "Message", "Number"),
        "VoiceTriggeredSendDefinition": ("ObjectID", "CustomerKey"),
    }
    properties = Property.alike(*reads[""], "TransferMessage", "TransferNumber", retrievable=False)

    def create(self, call: Call, sent: Struct) -> Outcome:
        definitions = stored_object(self.others, "VoiceTriggeredSendDefinition")
        if definitions.named(call.account, sent.part("VoiceTriggeredSendDefinition")) is None:
            # Text: documented, spelling included.
            raise Refused(32000, "Missing VoiceTriggeredSend Definiton")
        if sent.part("Subscriber") is None:
            raise Refused(32001, "Voice Only One Subscriber Supported")
        if not sent.text("Number") or not sent.text("Message"):
            raise Refused(32002, "Voice Error")
        call.warn("the emulator makes no phone call for a VoiceTriggeredSend, and does not keep it")
        return Outcome("Created VoiceTriggeredSend", sent)
