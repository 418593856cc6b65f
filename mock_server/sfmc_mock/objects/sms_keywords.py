"""Keywords in text messages from subscribers: one object type for each effect."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.text_messages import fits_one_message
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import Declared, Property, Reference, Refusal, sample
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_VERB_LIMIT = 25


def _has_no_comma(verb: str) -> bool:
    return "," not in verb


def _is_short(verb: str) -> bool:
    return len(verb) <= _VERB_LIMIT


def _fields(
    missing: Refusal, commas: Refusal, *own: Declared, too_long: Refusal | None = None
) -> tuple[Declared, ...]:
    """Return the properties of a keyword; with `too_long`, the length of its verb (the CustomerKey) is limited."""
    forms = ((_is_short, too_long), (_has_no_comma, commas))
    return (
        Property("ObjectID"),
        Property.key(missing=missing, forms=tuple((has, said) for has, said in forms if said)),
        *Property.alike("Client.ID", "CreatedDate", "ModifiedDate"),
        Property("IsDefaultKeyword", default=False),
        *own,
    )


def _message(name: str, missing: Refusal, too_long: Refusal) -> Property:
    """Return a required property that must fit into one text message.

    The text of `too_long` may contain the placeholders `{name}` and `{text}`.
    """
    return Property(name, required=True, missing=missing, forms=((fits_one_message, too_long),))


def _messages(names: tuple[str, ...], code: int, too_long: Refusal) -> tuple[Property, ...]:
    """Return required properties that must fit into one text message.

    The refusals of missing ones have the codes `code`, `code + 1` and so on.
    """
    return tuple(
        _message(name, (code + place, f"{name} is Required"), too_long)
        for place, name in enumerate(names)
    )


class KeywordHandler(StoredObject):
    """A keyword; its CustomerKey is the verb that a message starts with. The emulator answers no messages.

    Properties: wsdl; codes and texts: documented; that CustomerKey is the verb, and Create, Update and Delete: inferred
    from the texts.
    """

    scope = "sms"
    taken: ClassVar[Refusal | None] = None
    """The refusal if a keyword of another type has the same verb."""

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if self.taken is None or row is not None or not sent.text("CustomerKey"):
            return
        for other in self.others.values():
            if isinstance(other, KeywordHandler) and other is not self and other.find(call, sent):
                code, text = self.taken
                raise Refused(code, text.format(state=other.object_type))


class SendSMSMOKeywordHandler(KeywordHandler):
    """A keyword that is answered with a message."""

    table = "send_sms_mo_keyword"
    key_taken = (
        435000,
        "You are trying to create a SendSMSMOKeyword that already exists. You may either update this keyword or delete "
        "it and recreate it",
    )
    example = sample(CustomerKey="HELLO", Message="Hello")
    fields = _fields(
        (435004, "Send SMSMO keyword customer key is required"),
        (435003, "Send SMSMO keyword customer key cannot contain commas"),
        _message(
            "Message",
            (435002, "Send SMSMO keyword message is required"),
            (435006, "Send SMSMO keyword message is invalid: {text}"),
        ),
        Property(
            "ScriptErrorMessage",
            default="",
            forms=(
                (
                    fits_one_message,
                    (435005, "Send SMSMO keyword script error message is invalid: {text}"),
                ),
            ),
        ),
        too_long=(435001, "SMS Keyword verb is too long"),
    )


class HelpMOKeywordHandler(KeywordHandler):
    """A keyword that is answered with help."""

    taken = (439002, "Help MO keyword verb belongs to another state: {state}")
    example = sample(
        CustomerKey="HELP", FriendlyName="Help", DefaultHelpMessage="Write to help@mock.test"
    )
    fields = _fields(
        (439004, "Help MO keyword verb is required"),
        (439001, "Help MO keyword verb cannot contain commas"),
        Property(
            "FriendlyName",
            required=True,
            missing=(439000, "Help MO keyword FriendlyName is required"),
        ),
        Property(
            "DefaultHelpMessage",
            required=True,
            missing=(439005, "Help MO keyword default help message is required"),
        ),
        *Property.alike("MenuText", "MoreChoicesPrompt", default=""),
    )


_TOO_LONG = (
    "{name} contained more than 160 GSM characters or more than 70 Unicode characters. Please modify the message and "
    "save"
)
_INVALID_VERB = (440001, "Send email MO keyword verb must be 25 characters or less")


class SendEmailMOKeywordHandler(KeywordHandler):
    """A keyword that is answered with an email."""

    key_taken = (440000, "Send email MO keyword verb already in use")
    taken = key_taken
    # Without a TriggeredSend: an account has none at first.
    example = sample(
        CustomerKey="MAIL",
        SuccessMessage="Sent",
        MissingEmailMessage="Which address?",
        FailureMessage="Sorry",
    )
    fields = _fields(
        _INVALID_VERB,
        _INVALID_VERB,
        _message(
            "SuccessMessage",
            (440002, "Send email MO keyword success message required"),
            (440006, _TOO_LONG),
        ),
        _message(
            "MissingEmailMessage",
            (440003, "Send email MO keyword missing email message required"),
            (440007, _TOO_LONG),
        ),
        _message(
            "FailureMessage",
            (440004, "Send email MO keyword failure message required"),
            (440008, _TOO_LONG),
        ),
        Reference(
            "TriggeredSend",
            to="TriggeredSendDefinition",
            shows=("ObjectID", "CustomerKey"),
            not_found=(440005, "Send email MO keyword triggered send required"),
            refuses_empty=True,
            protects=False,
        ),
        too_long=_INVALID_VERB,
    )


_OPT_IN_MESSAGES = (
    "InvalidPublicationMessage",
    "InvalidResponseMessage",
    "MissingPublicationMessage",
    "NeedPublicationMessage",
    "PromptMessage",
    "SuccessMessage",
    "UnexpectedErrorMessage",
)


class DoubleOptInMOKeywordHandler(KeywordHandler):
    """A keyword that asks for confirmation before it subscribes the sender."""

    key_taken = (
        446001,
        "You are trying to create a DoubleOptInMOKeyword that already exists. You may either update this keyword or "
        "delete it and recreate it",
    )
    not_found = (
        446013,
        "You are trying to update a DoubleOptInMOKeyword that could not be found. Try creating this first",
    )
    taken = (446004, "This verb is already associated with another action")
    example = sample(
        CustomerKey="JOIN",
        ValidResponses={"ValidResponse": ["yes"]},
        **dict.fromkeys(_OPT_IN_MESSAGES, "Text"),
    )
    reads: ClassVar = {"": ("ValidResponses",)}
    fields = _fields(
        (446000, "CustomerKey is Required"),
        (446002, "Verb cannot contain commas"),
        *_messages(_OPT_IN_MESSAGES, 446005, (446003, "Double Opt In Text Invalid")),
        Property.internal("valid_responses", default=""),
    )

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        wrapper = sent.part("ValidResponses")
        responses = wrapper.texts("ValidResponse") if wrapper else []
        if (row is None or wrapper is not None) and not any(responses):
            raise Refused(446012, "ValidResponses is Required")
        if responses:
            changes["valid_responses"] = ",".join(responses)
        return changes


_UNSUBSCRIBE_MESSAGES = (
    "AllUnsubSuccessMessage",
    "InvalidPublicationMessage",
    "SingleUnsubSuccessMessage",
)


class UnsubscribeFromSMSPublicationMOKeywordHandler(KeywordHandler):
    """A keyword that unsubscribes."""

    key_taken = (447004, "This verb is already associated with another action")
    taken = (447001, "This verb belongs to another state: {state}")
    example = sample(CustomerKey="STOP", **dict.fromkeys(_UNSUBSCRIBE_MESSAGES, "Text"))
    fields = _fields(
        (447000, "CustomerKey is Required"),
        (447002, "Verb cannot contain commas"),
        *_messages(_UNSUBSCRIBE_MESSAGES, 447005, (447003, "{name} is Invalid: {text}")),
    )


SMS_KEYWORDS = (
    SendSMSMOKeywordHandler(),
    HelpMOKeywordHandler(),
    SendEmailMOKeywordHandler(),
    DoubleOptInMOKeywordHandler(),
    UnsubscribeFromSMSPublicationMOKeywordHandler(),
)
