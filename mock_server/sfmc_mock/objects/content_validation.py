"""ContentValidation: checks of an email before it is sent."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.objects.subscriber_identity import NAMED_BY, named_subscriber
from sfmc_mock.wire.struct import Struct


class ContentValidationHandler(Handler):
    """The checks of Perform's action `validate`. The account has no SpamAssassin feature.

    Parts, codes and texts: documented; that every content passes: assumed.
    """

    scope = "email"
    properties = Property.alike("ValidationAction", "Email", "Subscribers", retrievable=False)
    reads: ClassVar = {
        "": ("ValidationAction", "Email", "Subscribers"),
        "Email": ("ID", "CustomerKey"),
        "Subscribers.Subscriber": NAMED_BY,
    }

    def validate(self, call: Call, sent: Struct) -> Outcome:
        action = sent.part("ValidationAction")
        if action is None:
            raise Refused(350000, "Unable to create validation task")
        if action.type == "SpamAssassinValidation":
            text = "Account does not have access to Spam Assassin validation feature"
            raise Refused(350007, text)
        kind = action.text("ValidationType") or ""
        if kind.lower() != "content":
            raise Refused(350001, f"Unknown validation type supplied: {kind}")
        if stored_object(self.others, "Email").named(call.account, sent.part("Email")) is None:
            raise Refused(350002, "A valid Email object was not supplied")
        subscribers = sent.wrapped("Subscribers", "Subscriber")
        if not any(named_subscriber(call, subscriber) for subscriber in subscribers):
            raise Refused(350005, "No valid subscribers were supplied")
        call.warn("ContentValidation finds nothing in the emulator: content is not looked at")
        return Outcome("ContentValidation performed", sent)

    actions: ClassVar = {"Perform": {"validate": validate}}
