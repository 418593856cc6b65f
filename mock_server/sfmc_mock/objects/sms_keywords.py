"""The keywords that people answer text messages with: what each does is one object."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.text_messages import fits_one_message
from sfmc_mock.declarations.handler import Call
from sfmc_mock.declarations.properties import (
    KEY_LIMIT,
    Declared,
    Property,
    Reference,
    Refusal,
    internal,
    sample,
)
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_VERB_LIMIT = 25


def _fields(key_missing: Refusal, *own: Declared) -> tuple[Declared, ...]:
    return (
        Property("ObjectID"),
        Property("CustomerKey", max_length=KEY_LIMIT, missing=key_missing),
        Property("Client.ID"),
        Property("CreatedDate"),
        Property("ModifiedDate"),
        Property("IsDefaultKeyword", default=False),
        *own,
    )


class KeywordHandler(StoredObject):
    """A keyword, whose verb is its CustomerKey.

    Properties: wsdl; codes and texts: documented; that CustomerKey is the verb, and Create, Update and Delete: inferred
    from the texts; no message is answered in the emulator.
    """

    commas: ClassVar[Refusal]
    """When the verb holds one."""
    taken: ClassVar[Refusal | None] = None
    """When a keyword of another kind has the verb."""
    long_messages: ClassVar[tuple[tuple[str, int, str], ...]] = ()
    """Properties that fit into one message, with what is said of those that do not: `{name}`, `{text}`."""

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        verb = sent.text("CustomerKey") or ""
        if "," in verb:
            raise Refused(*self.commas)
        if self.taken is not None and verb and row is None:
            for other in self.others.values():
                if (
                    isinstance(other, KeywordHandler)
                    and other is not self
                    and other.find(call, sent)
                ):
                    code, text = self.taken
                    raise Refused(code, text.format(state=other.object_type))
        for name, code, text in self.long_messages:
            message = sent.text(name) or ""
            if not fits_one_message(message):
                raise Refused(code, text.format(name=name, text=message))


class SendSMSMOKeywordHandler(KeywordHandler):
    """A keyword that is answered with a message."""

    object_type = "SendSMSMOKeyword"
    scope = "sms"
    table = "send_sms_mo_keyword"
    key_taken = (
        435000,
        "You are trying to create a SendSMSMOKeyword that already exists. You may either update this keyword or delete "
        "it and recreate it",
    )
    commas = (435003, "Send SMSMO keyword customer key cannot contain commas")
    example = sample(CustomerKey="HELLO", Message="Hello")
    long_messages = (
        (
            "ScriptErrorMessage",
            435005,
            "Send SMSMO keyword script error message is invalid: {text}",
        ),
        ("Message", 435006, "Send SMSMO keyword message is invalid: {text}"),
    )
    fields = _fields(
        (435004, "Send SMSMO keyword customer key is required"),
        Property(
            "Message", required=True, missing=(435002, "Send SMSMO keyword message is required")
        ),
        Property("ScriptErrorMessage", default=""),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if len(sent.text("CustomerKey") or "") > _VERB_LIMIT:
            raise Refused(435001, "SMS Keyword verb is too long")
        super().check(call, sent, row)


class HelpMOKeywordHandler(KeywordHandler):
    """A keyword that is answered with help."""

    object_type = "HelpMOKeyword"
    scope = "sms"
    table = "help_mo_keyword"
    commas = (439001, "Help MO keyword verb cannot contain commas")
    taken = (439002, "Help MO keyword verb belongs to another state: {state}")
    example = sample(
        CustomerKey="HELP", FriendlyName="Help", DefaultHelpMessage="Write to help@mock.test"
    )
    fields = _fields(
        (439004, "Help MO keyword verb is required"),
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
        Property("MenuText", default=""),
        Property("MoreChoicesPrompt", default=""),
    )


_TOO_LONG = (
    "{name} contained more than 160 GSM characters or more than 70 Unicode characters. Please modify the message and "
    "save"
)


class SendEmailMOKeywordHandler(KeywordHandler):
    """A keyword that is answered with an email."""

    object_type = "SendEmailMOKeyword"
    scope = "sms"
    table = "send_email_mo_keyword"
    key_taken = (440000, "Send email MO keyword verb already in use")
    taken = key_taken
    commas = (440001, "Send email MO keyword verb must be 25 characters or less")
    # The triggered send is asked for by `check`: an account has none at first.
    example = sample(
        CustomerKey="MAIL",
        SuccessMessage="Sent",
        MissingEmailMessage="Which address?",
        FailureMessage="Sorry",
    )
    long_messages = (
        ("SuccessMessage", 440006, _TOO_LONG),
        ("MissingEmailMessage", 440007, _TOO_LONG),
        ("FailureMessage", 440008, _TOO_LONG),
    )
    fields = _fields(
        (440001, "Send email MO keyword verb must be 25 characters or less"),
        Property(
            "SuccessMessage",
            required=True,
            missing=(440002, "Send email MO keyword success message required"),
        ),
        Property(
            "MissingEmailMessage",
            required=True,
            missing=(440003, "Send email MO keyword missing email message required"),
        ),
        Property(
            "FailureMessage",
            required=True,
            missing=(440004, "Send email MO keyword failure message required"),
        ),
        Reference(
            "TriggeredSend",
            to="TriggeredSendDefinition",
            shows=("ObjectID", "CustomerKey"),
            not_found=(440005, "Send email MO keyword triggered send required"),
            refuses_empty=True,
            protects=False,
        ),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if len(sent.text("CustomerKey") or "") > _VERB_LIMIT:
            raise Refused(*self.commas)
        super().check(call, sent, row)


def _required(number: int, name: str) -> Property:
    return Property(name, required=True, missing=(number, f"{name} is Required"))


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
    """A keyword that asks back before it subscribes somebody."""

    object_type = "DoubleOptInMOKeyword"
    scope = "sms"
    table = "double_opt_in_mo_keyword"
    key_taken = (
        446001,
        "You are trying to create a DoubleOptInMOKeyword that already exists. You may either update this keyword or "
        "delete it and recreate it",
    )
    not_found = (
        446013,
        "You are trying to update a DoubleOptInMOKeyword that could not be found. Try creating this first",
    )
    commas = (446002, "Verb cannot contain commas")
    taken = (446004, "This verb is already associated with another action")
    example = sample(
        CustomerKey="JOIN",
        ValidResponses={"ValidResponse": ["yes"]},
        **dict.fromkeys(_OPT_IN_MESSAGES, "Text"),
    )
    long_messages = tuple((name, 446003, "Double Opt In Text Invalid") for name in _OPT_IN_MESSAGES)
    reads: ClassVar = {"": ("ValidResponses",)}
    fields = _fields(
        (446000, "CustomerKey is Required"),
        *(_required(446005 + at, name) for at, name in enumerate(_OPT_IN_MESSAGES)),
        internal("valid_responses", default=""),
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

    object_type = "UnsubscribeFromSMSPublicationMOKeyword"
    scope = "sms"
    table = "unsubscribe_from_sms_publication_mo_keyword"
    key_taken = (447004, "This verb is already associated with another action")
    commas = (447002, "Verb cannot contain commas")
    taken = (447001, "This verb belongs to another state: {state}")
    example = sample(CustomerKey="STOP", **dict.fromkeys(_UNSUBSCRIBE_MESSAGES, "Text"))
    long_messages = tuple(
        (name, 447003, "{name} is Invalid: {text}") for name in _UNSUBSCRIBE_MESSAGES
    )
    fields = _fields(
        (447000, "CustomerKey is Required"),
        *(_required(447005 + at, name) for at, name in enumerate(_UNSUBSCRIBE_MESSAGES)),
    )


SMS_KEYWORDS = (
    SendSMSMOKeywordHandler(),
    HelpMOKeywordHandler(),
    SendEmailMOKeywordHandler(),
    DoubleOptInMOKeywordHandler(),
    UnsubscribeFromSMSPublicationMOKeywordHandler(),
)
