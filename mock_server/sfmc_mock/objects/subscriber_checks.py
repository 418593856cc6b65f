"""What is refused of a subscriber's parts that nothing is sent by: codes documented, conditions assumed."""

from __future__ import annotations

import re

from sfmc_mock.account.features import lacks
from sfmc_mock.declarations.handler import Call
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.decisions import is_valid_address
from sfmc_mock.wire.struct import Struct

_TYPES = frozenset({"email", "sms", "voice"})
# What is looked at beside texts: most subscribers have none of these.
_PARTS = frozenset(
    {"Addresses", "Owner", "PrimaryEmailAddress", "PrimarySMSAddress", "SubscriberTypeDefinition"}
)
_PHONE = re.compile(r"\+?[0-9 ().-]{7,20}")


def check_subscriber(call: Call, sent: Struct) -> None:
    """Refuse identities, types, owners and addresses that do not fit. Raises `Refused`."""
    _check_who_leaves(call, sent)
    key, customer_key = sent.text("SubscriberKey"), sent.text("CustomerKey")
    if key and customer_key and key.casefold() != customer_key.casefold():
        raise Refused(12021, "Subscriber Key Does Not Match Customer Key")
    if _PARTS.isdisjoint(sent.values):
        return
    kind = sent.text_at("SubscriberTypeDefinition.SubscriberType")
    if kind and kind.lower() not in _TYPES:
        raise Refused(12017, "Invalid Subscriber Type")
    _check_owner(call, sent)
    _check_numbers(call, sent)
    _check_addresses(sent)


def _check_who_leaves(call: Call, sent: Struct) -> None:
    """Refuse a master unsubscribe of an address that several subscribers have."""
    if sent.text("Status") != "Unsubscribed" or sent.text("SubscriberKey") or sent.number("ID"):
        return
    if call.account.db.count("subscriber", email_address=sent.text("EmailAddress")) > 1:
        raise Refused(12013, "MissingMasterUnsubInfo")


def _check_owner(call: Call, sent: Struct) -> None:
    mid = sent.at("Owner.Client.ID")
    if not isinstance(mid, int) or call.account.related(mid) is not None:
        return
    whole = call.account.enterprise or call.account
    if mid == whole.mid or mid in whole.units:
        raise Refused(12020, "OYB Access Error")
    raise Refused(12019, "Invalid OYB Account")


def _check_numbers(call: Call, sent: Struct) -> None:
    listed = sent.wrapped("Addresses", "Address")
    numbers = [address for address in listed if address.type == "SMSAddress"]
    numbers += sent.parts("PrimarySMSAddress")
    if numbers and lacks(call.account, "sms"):
        raise Refused(12025, "SMS Unsupported")
    if any(not _PHONE.fullmatch(number.text("Address") or "") for number in numbers):
        raise Refused(12023, "Invalid Phone Number")


def _check_addresses(sent: Struct) -> None:
    primary = sent.part("PrimaryEmailAddress")
    addresses = [*sent.wrapped("Addresses", "Address"), *sent.parts("PrimaryEmailAddress")]
    texts = [part.text("Address") or "" for part in addresses if part.type != "SMSAddress"]
    if not all(map(is_valid_address, texts)):
        raise Refused(12024, "Invalid Subscriber Address")
    email = sent.text("EmailAddress")
    if primary and email and (primary.text("Address") or "").casefold() != email.casefold():
        raise Refused(12022, "Subscriber Address Does Not Match Error")
