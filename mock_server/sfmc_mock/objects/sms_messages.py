"""Text messages (SMS): definitions, sends, shared keywords, and the events of sent and received messages."""

from __future__ import annotations

import re
from typing import ClassVar

from sfmc_mock.account.text_messages import fits_one_message
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, Reference, sample
from sfmc_mock.declarations.stored_object import StoredObject, stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.objects.subscriber_identity import NAMED_BY, named_subscriber
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# A number of the North American Numbering Plan, with or without country code.
_NANPA = re.compile(r"\+?1?[2-9]\d\d[2-9]\d{6}")


class SMSTriggeredSendDefinitionHandler(StoredObject):
    """The definition of text messages.

    Properties: wsdl; that it can be retrieved, codes and texts: documented; Create, Update and Delete: inferred from
    the texts.
    """

    scope = "sms"
    not_specified = (441000, "An ObjectID or a CustomerKey must be provided")
    not_found = (441000, "SMSTriggeredSendDef could not be loaded")
    example = sample(CustomerKey="reminder", Name="Reminder", Publication={"CustomerKey": "target"})
    fields = (
        *BY_OBJECT_ID,
        Property(
            "Name",
            required=True,
            missing=(441004, "SMS Triggered Send Definition name is required"),
        ),
        Property("Description", default=""),
        Reference(
            "Publication",
            to="List",
            shows=("ID", "CustomerKey"),
            not_found=(441000, "Publication was not successfully loaded"),
            missing=(441005, "SMS Triggered Send Definition publication is required"),
            required=True,
        ),
        Reference(
            "DataExtension",
            shows=("ObjectID", "CustomerKey"),
            not_found=(441006, "The specified DataExtension could not be loaded by the given ID"),
            not_found_by={
                "CustomerKey": (
                    441006,
                    "The specified DataExtension could not be loaded by the given CustomerKey",
                )
            },
            missing=(
                441003,
                "A Data Extension is specified but neither CustomerKey nor ObjectID is specified",
            ),
            refuses_empty=True,
            protects=False,
            by=("ObjectID", "CustomerKey"),
        ),
        Reference(
            "Content",
            to="ContentArea",
            shows=("ID",),
            not_found=(441007, "The specified Content does not appear to be valid"),
            refuses_empty=True,
            protects=False,
        ),
        Property("SendToList", default=False),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        has_source = sent.part("DataExtension") is not None or (
            row is not None and row["data_extension_id"] is not None
        )
        if sent.flag("SendToList") and not has_source:
            raise Refused(441003, "A Data Extension is required when sending to a list")
        key = sent.text("CustomerKey")
        is_other = row is not None and key and key.lower() != row["customer_key"].lower()
        if is_other and sent.text("ObjectID"):
            raise Refused(441001, "Object ID and Customer Key don't match")


_NOT_OWNED = (
    346005,
    "ShortCode you have specified is either not a Shared ShortCode or you don't own this Shared ShortCode",
)


def _is_free(keyword: str) -> bool:
    reserved = ("STOP", "HELP", "QUIT", "END", "CANCEL", "UNSUBSCRIBE")
    return keyword.strip().upper() not in reserved


class SMSSharedKeywordHandler(StoredObject):
    """A keyword of a short code that several accounts share; seed files can have some.

    Properties: wsdl; that it can be retrieved, codes and texts: documented; Create, Update and Delete: inferred from
    the texts.
    """

    scope = "sms"
    called = "shared_keyword"
    key_taken = (346003, "SMS Shared Keyword Keyword Cannot be Requested")
    example = sample(CustomerKey="sale", ShortCode="12345", SharedKeyword="SALE")
    fields = (
        *BY_OBJECT_ID,
        Property("CountryCode", default="US"),
        Property(
            "ShortCode",
            required=True,
            missing=(346001, "SMSSharedKeyword may not be null; value is required"),
            forms=((str.isdecimal, _NOT_OWNED),),
        ),
        Property(
            "SharedKeyword",
            required=True,
            any_case=True,
            missing=(346002, "SMSSharedKeyword may not be null; value is required"),
            forms=((_is_free, (346004, "SMS Shared Keyword Keyword Blocklisted")),),
        ),
        *Property.alike("RequestDate", "EffectiveDate", "ExpireDate", "ReturnToPoolDate"),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        before = row or {}
        code = sent.text("ShortCode") or str(before.get("short_code"))
        keyword = (sent.text("SharedKeyword") or str(before.get("shared_keyword"))).strip()
        if self.other_with(call.account, row, short_code=code, shared_keyword=keyword):
            raise Refused(*self.key_taken)


class SMSTriggeredSendHandler(DeclaredObject):
    """A text message to one subscriber, sent at once; each makes an SMSMTEvent.

    Properties: wsdl; that it can be retrieved, codes and texts: documented; Create: inferred from the texts. Which
    texts and numbers are refused, and that a FromAddress is a short code of the account's shared keywords: assumed.
    """

    scope = "sms"
    special_scopes: ClassVar = {"Create": "sms_send"}
    reads: ClassVar = {
        "": ("SMSTriggeredSendDefinition", "Subscriber", "Message", "Number", "FromAddress"),
        "SMSTriggeredSendDefinition": ("ObjectID", "CustomerKey"),
        "Subscriber": NAMED_BY,
    }
    fields = (
        Property("SmsSendId", updatable=False, column="object_id"),
        *Property.alike("Client.ID", "CreatedDate", "Message", "Number", "FromAddress"),
        Reference(
            "SMSTriggeredSendDefinition",
            shows=("ObjectID", "CustomerKey"),
            not_found=(33001, "You must include a valid SMS Triggered Send Definition"),
            column="definition_id",
        ),
        Property.internal("subscriber_key"),
    )

    def create(self, call: Call, sent: Struct) -> Outcome:
        definition = self._definition(call, sent)
        message = _message(call, sent, definition)
        address = sent.text("FromAddress")
        if address and not call.account.db.count("sms_shared_keyword", short_code=address):
            raise Refused(33006, f"From address '{address}' Not Found")
        key, number = _recipient(call, sent, definition)
        row = {
            "object_id": call.account.object_id(self.table, call.account.db.count(self.table)),
            "message": message,
            "number": number,
            "from_address": address,
            "definition_id": definition["id"],
            "subscriber_key": key,
            **dict.fromkeys(("created_at", "modified_at"), call.account.now_text()),
        }
        call.account.db.insert(self.table, row)
        return Outcome("Created SMSTriggeredSend", sent, new_object_id=row["object_id"])

    def _definition(self, call: Call, sent: Struct) -> Row:
        named = sent.part("SMSTriggeredSendDefinition")
        if named is None:
            raise Refused(33000, "You must include a SMS Triggered Send Definition")
        if not named.text("CustomerKey") and not named.text("ObjectID"):
            text = "You must include a customer key on the SMS Triggered Send Definition"
            raise Refused(33002, text)
        row = stored_object(self.others, "SMSTriggeredSendDefinition").find(call, named)
        if row is None:
            raise Refused(33001, "You must include a valid SMS Triggered Send Definition")
        return row


def _message(call: Call, sent: Struct, definition: Row) -> str:
    """Return the text of a message: its own, by default the definition's content. Raises `Refused`."""
    content = call.account.db.find("content_area", id=definition["content_id"]) or {}
    text = sent.text("Message") or content.get("content") or ""
    if not text.strip():
        raise Refused(33003, "SMSTrigSend_Client Error_Message Missing")
    if any(not character.isprintable() and character not in "\r\n" for character in text):
        raise Refused(33005, "Invalid characters in message")
    if not fits_one_message(text):
        raise Refused(33004, "The message is too long.")
    return text


def _recipient(call: Call, sent: Struct, definition: Row) -> tuple[str, str]:
    """Return the key and mobile number of the recipient. Raises `Refused`."""
    named = sent.part("Subscriber")
    if named is None:
        raise Refused(33100, "Single sends must include a subscriber")
    key = named.text("SubscriberKey") or named.text("EmailAddress") or ""
    subscriber = named_subscriber(call, named)
    number = re.sub(r"[\s().-]", "", sent.text("Number") or "")
    if subscriber is None and not number:
        text = "This subscriber does not currently exist, you must include a mobile number"
        raise Refused(33101, text)
    if number and not _NANPA.fullmatch(number):
        raise Refused(33102, "Mobile number does not comply with NANPA")
    if subscriber is not None:
        if subscriber.status == "Unsubscribed":
            raise Refused(33301, "This subscriber has globally opted out of receiving messages")
        member = call.account.db.find(
            "list_subscriber", list_id=definition["publication_id"], subscriber_id=subscriber.id
        )
        if member is not None and member["status"] == "Unsubscribed":
            raise Refused(33300, "This subscriber has opted out of receiving messages")
        key = subscriber.subscriber_key
    return key, number


class SMSMTEventHandler(DeclaredObject):
    """A text message was sent; one for each SMSTriggeredSend. Properties: wsdl; the rest: assumed."""

    scope = "sms"
    reads_from = "sms_triggered_send t"
    fields = (
        *Property.alike("ID", "Client.ID", "CreatedDate"),
        Property("EventDate", sql="t.created_at"),
        Property("MOCode", sql="t.from_address"),
        *Property.unset("Carrier"),
        Property("Subscriber.SubscriberKey", sql="t.subscriber_key"),
        Property("SMSTriggeredSend.SmsSendId", sql="t.object_id"),
    )


class SMSMOEventHandler(StoredObject):
    """A text message was received; from a seed file. Properties: wsdl; that it is read-only: documented."""

    scope = "sms"
    table = "sms_mo_event"
    operations = ()
    fields = (
        *BY_OBJECT_ID,
        Property("MobileTelephoneNumber", required=True),
        *Property.alike("MOCode", "EventDate", "MOMessage", "MTMessage", "Carrier"),
    )


SMS_MESSAGES = (
    SMSTriggeredSendDefinitionHandler(),
    SMSSharedKeywordHandler(),
    SMSTriggeredSendHandler(),
    SMSMTEventHandler(),
    SMSMOEventHandler(),
)
