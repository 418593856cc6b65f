"""Subscriber, with the account's profile attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.subscribers import (
    ListChange,
    SubscriberChange,
    change_subscriber,
    create_subscriber,
    insert_subscriber,
)
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.properties import Key, Property, Reference, sample
from sfmc_mock.declarations.seed_entries import Entries, Entry, Loading, Refer
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.objects.list_memberships import STATUS, join
from sfmc_mock.objects.send_warnings import warn_of_list_detective
from sfmc_mock.objects.subscriber_identity import list_action
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.simulator.candidates import TooLong
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import Subscriber, read_record
from sfmc_mock.wire.struct import Struct, names_and_values

# The stored profile attributes with their values, as a JSON list of pairs in display order.
_ATTRIBUTES = (
    "(SELECT json_group_array(json_array(p.name, COALESCE("
    "(SELECT j.value FROM json_each(t.attributes) j WHERE j.key = p.name COLLATE NOCASE), p.default_value)))"
    " FROM (SELECT name, default_value FROM profile_attribute WHERE is_send_time = 0 ORDER BY display_order) p)"
)

# A subscriber with an unsubscribe category gets no sends, and the address is not accepted again (inferred from the
# code's name).
_CATEGORY = Reference("GlobalUnsubscribeCategory", protects=False)


class SubscriberHandler(StoredObject):
    """A person with a key and an address. Properties: as in the recorded Describe; text of 12001: seen live."""

    scope = "list_and_subscribers"
    identities = ("ID", "SubscriberKey", "EmailAddress")
    messages = Messages("Created Subscriber.", "Updated Subscriber.", "Subscriber deleted")
    not_specified = not_found = (12001, "The subscriber was not found.")
    key_taken = (12014, "The subscriber is already on the list")
    called = "subscriber_key"
    example = sample(SubscriberKey="ada", EmailAddress="ada@mock.test")
    # Results contain Attributes, although requests cannot ask for them (recorded).
    always_shown = ("Attributes",)
    reads: ClassVar = {
        "": ("Attributes", "Lists", "GlobalUnsubscribeCategory"),
        "Lists": ("ID", "Status", "Action"),
        "Attributes": ("Name", "Value", "Compression"),
    }
    without_effect: ClassVar = {"UnsubscribedDate": "it is when the Status became Unsubscribed"}
    fields = (
        Property("ID", required=True, seed=Key(low=100_000_000)),
        Property("PartnerKey", max_length=64, column="partner_key"),
        Property("CreatedDate"),
        Property("Client.ID", required=True),
        *Property.unset("Client.PartnerClientKey", max_length=64),
        Property(
            "EmailAddress",
            required=True,
            max_length=254,
            any_case=True,
            seed=Key("email", required=True, filled=True),
        ),
        # The default of SubscriberKey is the address.
        Property(
            "SubscriberKey",
            required=True,
            max_length=254,
            any_case=True,
            unique=True,
            seed=Key("key", filled=True),
        ),
        Property("UnsubscribedDate", column="unsubscribed_at", seed=None),
        Property("Status", required=True, any_case=True, default="Active"),
        Property(
            "EmailTypePreference", required=True, any_case=True, column="email_type", default="HTML"
        ),
        # Stored as JSON: profile attribute name → value.
        Property(
            "Attributes",
            "attributes",
            retrievable=False,
            column="attributes",
            default="{}",
            sql=_ATTRIBUTES,
            seed=Key(form="table", refers="profile_attribute"),
        ),
        _CATEGORY,
    )
    statements = (
        "CREATE INDEX IF NOT EXISTS subscriber_email_address ON subscriber (email_address)",
        # Records the changes for SubscriberStatusEvent.
        "CREATE TRIGGER IF NOT EXISTS subscriber_status_change AFTER UPDATE OF status ON subscriber "
        "WHEN old.status <> new.status BEGIN INSERT INTO subscriber_status_event "
        "(subscriber_id, subscriber_key, previous_status, current_status, created_at) "
        "VALUES (new.id, new.subscriber_key, old.status, new.status, account_now()); END",
    )

    further_keys = (
        Key(
            "lists",
            form="items",
            refers="list",
            short="list",
            items=(Key("list", required=True, refers="list", numbered=True), STATUS),
        ),
    )

    def existing(self, call: Call, sent: Struct) -> Row | None:
        key = sent.text("SubscriberKey") or sent.text("EmailAddress")
        return self.find_by(call.account, "SubscriberKey", key) if key else None

    def insert(self, call: Call, sent: Struct) -> Row:
        check_subscriber(call, sent)
        if not sent.text("SubscriberKey") and not call.account.lacks("subscriber_key"):
            call.warn(
                "a new subscriber without a SubscriberKey: the address is taken as the key; the live service wants a "
                "key of accounts that have them"
            )
        number = create_subscriber(call.account, _change(call, sent))
        self._keep_more(call, sent, number)
        return self.at(call.account, number)

    def modify(self, call: Call, sent: Struct, row: Row) -> None:
        check_subscriber(call, sent)
        change_subscriber(call.account, read_record(Subscriber, row), _change(call, sent))
        self._keep_more(call, sent, row["id"])

    def _keep_more(self, call: Call, sent: Struct, number: object) -> None:
        (category,) = self.references
        columns = self._referred(call, sent, None, category)
        # Recorded: Describe shows it as updatable and retrievable.
        if (key := sent.text("PartnerKey")) is not None:
            columns["partner_key"] = key
        if columns:
            call.account.db.update(self.table, columns, id=number)
        _warn_unknown_attributes(call, sent)

    def create(self, call: Call, sent: Struct) -> Outcome:
        done = super().create(call, sent)
        warn_of_list_detective(call, [sent.text("EmailAddress")])
        return done

    def updated(self, sent: Struct, row: Row) -> Outcome:
        return Outcome(self.messages.update, echoed(sent, ID=row["id"]))

    def delete(self, call: Call, sent: Struct) -> Outcome:
        # The result has no Object (recorded).
        return Outcome(super().delete(call, sent).message)

    def describe_more(self, call: Call) -> dict[str, object]:
        known = profile.attributes(call.account)
        if not known:
            return {}
        extended = [_extended(attribute) for attribute in known]
        holder = Struct("ObjectDefinition.ExtendedProperties", {"ExtendedProperty": extended})
        return {
            "ExtendedProperties": holder,
            "ChildObjects": [_child(attribute) for attribute in known],
        }

    def check_entries(self, seed: Entries) -> None:
        for entry in seed.of(self.table):
            if not is_valid_address(entry["email"]):
                raise SetupError(
                    f"{seed.where(self.table, entry)}, key 'email': {entry['email']!r} is not an address. "
                    "Write it as name@domain.tld."
                )

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        wrong = profile.misfit(profile.by_folded_name(account), entry["attributes"])
        if wrong is not None:
            value = entry["attributes"][wrong.name]
            if isinstance(wrong, TooLong):
                reason = f"is too long. Give at most {wrong.limit} characters."
            else:
                reason = f"is wrong. Give {wrong.wanted}."
            raise SetupError(f"attribute {wrong.name!r}: {value!r} {reason}")
        drawn = insert_subscriber(
            account,
            entry["key"] or entry["email"],
            entry["email"],
            attributes=entry["attributes"],
            status=entry["status"],
            email_type=entry["email_type"],
        )
        category = _CATEGORY.kept_in
        more = {"partner_key": entry["partner_key"], category: columns.get(category)}
        account.db.update(self.table, {"id": entry["id"] or drawn, **more}, id=drawn)
        return self.at(account, entry["id"] or drawn)

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        for membership in entry["lists"]:
            where = f"key 'lists': {membership['list']!r}"
            list_id = seed.number("list", membership["list"])
            join(seed, where, number, list_id, membership["status"])

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        rows = account.db.find_all("list_subscriber", "id", subscriber_id=row["id"])
        lists = [{"list": refer("list", row["list_id"]), "status": row["status"]} for row in rows]
        return {**entry, "lists": lists}


def _change(call: Call, sent: Struct) -> SubscriberChange:
    return SubscriberChange(
        key=sent.text("SubscriberKey"),
        email_address=sent.text("EmailAddress"),
        status=sent.text("Status"),
        email_type=sent.text("EmailTypePreference"),
        attributes=call.named_values(sent.parts("Attributes")),
        lists=tuple(_list_change(call, sent_list) for sent_list in sent.parts("Lists")),
    )


def _list_change(call: Call, sent: Struct) -> ListChange:
    action = list_action(call, sent.text("Action"))
    return ListChange(sent.number("ID") or 0, sent.text("Status") or "Active", action)


def _warn_unknown_attributes(call: Call, sent: Struct) -> None:
    known = profile.by_folded_name(call.account)
    for name in names_and_values(sent.parts("Attributes")):
        if name.casefold() not in known:
            call.warn(
                f"the account has no profile attribute '{name}': the value is dropped; create it with Configure"
            )


def _extended(attribute: profile.Attribute) -> Struct:
    items = [
        Struct(
            "PicklistItem",
            {"IsDefaultValue": item.is_default, "Label": item.label, "Value": item.value},
        )
        for item in attribute.picklist
    ]
    picklist = Struct("PropertyDefinition.PicklistItems", {"PicklistItem": items})
    values: dict[str, object] = {
        **_named(attribute),
        "PropertyType": attribute.property_type,
        "IsAccountProperty": False,
        "Label": attribute.label,
        "Description": attribute.description,
        "DefaultValue": attribute.default_value or None,
        "MinLength": attribute.min_length,
        "MaxLength": attribute.max_length,
        "MinValue": attribute.min_value,
        "MaxValue": attribute.max_value,
        "IsRequired": attribute.is_required,
        "IsViewable": attribute.is_viewable,
        "IsEditable": attribute.is_editable,
        "IsRestrictedPicklist": attribute.is_restricted_picklist,
        "IsSendTime": attribute.is_send_time,
        "DisplayOrder": attribute.display_order,
        "PicklistItems": picklist if items else None,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return Struct("PropertyDefinition", given)


def _child(attribute: profile.Attribute) -> Struct:
    markup = Struct("APIProperty", {"Name": "SubstitutionString", "Value": f"%%{attribute.name}%%"})
    shown = Struct("PropertyDefinition", {**_named(attribute), "Markups": [markup]})
    return Struct("ObjectDefinition", {"Name": "Attributes", "Properties": [shown]})


def _named(attribute: profile.Attribute) -> dict[str, object]:
    data_type = _DATA_TYPES[attribute.property_type]
    return {"ID": attribute.id, "Name": attribute.name, "DataType": data_type}


_DATA_TYPES = {"string": "text", "boolean": "boolean", "double": "number", "datetime": "date"}


_TYPES = frozenset({"email", "sms", "voice"})
# Elements to check besides the texts; most subscribers have none of them.
_PARTS = frozenset(
    {"Addresses", "Owner", "PrimaryEmailAddress", "PrimarySMSAddress", "SubscriberTypeDefinition"}
)
_PHONE = re.compile(r"\+?[0-9 ().-]{7,20}")


def check_subscriber(call: Call, sent: Struct) -> None:
    """Refuse identities, types, accounts and addresses that are not valid. Raises `Refused`."""
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
    """Refuse a master unsubscribe of an address that several subscribers have. Raises `Refused`."""
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
    if numbers and call.account.lacks("sms"):
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
