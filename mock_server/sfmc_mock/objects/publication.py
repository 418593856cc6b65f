"""Publication: what subscribers can opt in to."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account import Account
from sfmc_mock.account.subscribers import SubscriberChange, create_subscriber, find_subscriber
from sfmc_mock.declarations.handler import Call
from sfmc_mock.declarations.properties import (
    BY_ID,
    FolderOf,
    Key,
    Property,
    Reference,
    Refusal,
    sample,
)
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.objects.list_memberships import MEMBER, member_entries, names
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct, names_and_values

_INVALID_NAME: Refusal = (111000, "Publication Invalid Name Error")
_MEMBERS = "publication_subscriber"


class PublicationHandler(StoredObject):
    """A publication with its subscribers, which PublicationSubscriber shows.

    Properties: wsdl; codes and texts of names: documented; everything else, and that no send asks for it: assumed.
    """

    object_type = "Publication"
    scope = "list_and_subscribers"
    table = "publication"
    identities = ("ID", "CustomerKey")
    example = sample(CustomerKey="offers", Name="Offers")
    fields = (
        *BY_ID,
        Property(
            "Name",
            required=True,
            any_case=True,
            max_length=100,
            missing=_INVALID_NAME,
            too_long=_INVALID_NAME,
        ),
        Property("IsActive", default=True),
        Reference(
            "SendClassification",
            shows=("ObjectID", "CustomerKey"),
            not_found=(24100, "SC_SendClassificationNot Found"),
            protects=False,
        ),
        FolderOf("Category", column="category_id", content=("publication",)),
    )
    further_keys = (
        Key(
            "subscribers",
            form="items",
            short="subscriber",
            items=(MEMBER,),
        ),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if self.other_with(call.account, row, name=sent.text("Name") or ""):
            raise Refused(111001, "Publication Name Already Exists Error")

    def insert(self, call: Call, sent: Struct) -> Row:
        row = super().insert(call, sent)
        _subscribe(call, sent, row)
        return row

    def modify(self, call: Call, sent: Struct, row: Row) -> None:
        super().modify(call, sent, row)
        _subscribe(call, sent, row)

    def finish_entries(self, seed: Loading) -> None:
        for entry in seed.of(self.table):
            number = seed.number(self.table, names(entry, "id", "key", "name"))
            for member in entry["subscribers"]:
                subscriber = seed.number("subscriber", member["subscriber"])
                _join(seed.account, number, subscriber)

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        subscribers = member_entries(account, _MEMBERS, publication_id=row["id"])
        return {**entry, "subscribers": subscribers}


def _join(account: Account, publication_id: int, subscriber_id: int) -> None:
    member: Mapping[str, object] = {
        "publication_id": publication_id,
        "subscriber_id": subscriber_id,
    }
    if not account.db.count(_MEMBERS, **member):
        account.db.insert(_MEMBERS, {**member, "created_at": account.now_text()})


def _subscribe(call: Call, sent: Struct, row: Row) -> None:
    """Put the publication's Subscribers on it, those unknown as new ones."""
    for sent_subscriber in sent.wrapped("Subscribers", "Subscriber"):
        key = sent_subscriber.text("SubscriberKey") or sent_subscriber.text("EmailAddress")
        subscriber = find_subscriber(
            call.account,
            key=key,
            number=sent_subscriber.number("ID"),
            email=sent_subscriber.text("EmailAddress"),
        )
        if subscriber is None:
            change = SubscriberChange(
                key=key,
                email_address=sent_subscriber.text("EmailAddress"),
                attributes=names_and_values(sent_subscriber.parts("Attributes")),
            )
            number = create_subscriber(call.account, change)
        else:
            number = subscriber.id
        _join(call.account, row["id"], number)
