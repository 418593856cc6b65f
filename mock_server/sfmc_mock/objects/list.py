"""List: the lists of an account, including All Subscribers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.folders import list_content_type, root_folder
from sfmc_mock.account.lists import NAME_LIMIT, list_key
from sfmc_mock.account.subscribers import (
    ListChange,
    SubscriberChange,
    change_subscriber,
    create_subscriber,
    find_subscriber,
)
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import KEY_LIMIT, Key, Property, Reference, sample
from sfmc_mock.declarations.seed_entries import Entry, Loading
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.objects.list_memberships import MEMBER, STATUS, join
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_VALIDATION = 13013
_PROTECTED = "All Subscribers cannot be changed or deleted."


class ListHandler(StoredObject):
    """A list. Retrievable properties: sdk; codes and their names: documented; additional texts: assumed."""

    scope = "list_and_subscribers"
    called = "customer_key"
    messages = Messages("Created List.", "Updated List.", "List deleted")
    not_specified = (13001, "List ID Not Specified")
    not_found = (13000, "List Not Found")
    in_use = (13002, "Exception During Delete: the list is used by {users}.")
    sends_depend_on_it = True
    example = sample(CustomerKey="news", ListName="News")
    reads: ClassVar = {
        "": ("Subscribers",),
        "Subscribers": ("ID", "SubscriberKey", "EmailAddress", "Attributes"),
    }
    fields = (
        Property("ID"),
        Property("PartnerKey", column="partner_key"),
        *Property.alike("CreatedDate", "ModifiedDate", "Client.ID"),
        *Property.unset("Client.PartnerClientKey"),
        Property(
            "ListName",
            column="name",
            any_case=True,
            required=True,
            max_length=NAME_LIMIT,
            missing=(_VALIDATION, "List Validation Error: ListName is required."),
            too_long=(13010, "List Name Too Long"),
        ),
        Property("Description", default=""),
        Property.folder(
            "list",
            "mysubs",
            "publication",
            "suppression_list",
            name="Category",
            invalid=(13009, "List Category Invalid"),
        ),
        # Default type and folder of a list: assumed.
        Property(
            "Type",
            default="Private",
            any_case=True,
            seed=Key(choices=("Public", "Private", "SalesForce")),
        ),
        Property("CustomerKey", max_length=KEY_LIMIT + NAME_LIMIT),
        Property(
            "ListClassification", column="classification", default="ExactTargetList", any_case=True
        ),
        Property("ObjectID"),
        Property.internal("is_all_subscribers", "flag", default=False, seed=Key(single=True)),
        Reference(
            "AutomatedEmail",
            to="Email",
            shows=("ID",),
            # Text: documented, spelling included.
            not_found_by={
                "CustomerKey": (
                    4000,
                    "PersonList.AutomatedEmail: the Email identitfied by CustomerKey could not be found",
                )
            },
            protects=False,
        ),
        Reference("SendClassification", refuses_empty=True, protects=False),
    )

    further_keys = (Key("members", form="items", short="subscriber", items=(MEMBER, STATUS)),)

    def existing(self, call: Call, sent: Struct) -> Row | None:
        """Return the list with the given identities, else the one with the key that the new list would get."""
        named = self.find(call, sent)
        if named is not None or sent.text("CustomerKey"):
            return named
        row = {**self.defaults(call.account, sent), "name": sent.text("ListName") or ""}
        row["category_id"] = sent.number("Category") or row["category_id"]
        return self.find_by(call.account, "CustomerKey", self.generate_key(call.account, row))

    def written(self, call: Call, sent: Struct, row: Row, *, is_new: bool) -> None:
        _subscribe(call, sent, row["id"])

    def defaults(self, account: Account, sent: Struct) -> dict[str, object]:
        classification = sent.text("ListClassification") or "ExactTargetList"
        category = _root(account, list_content_type(classification))
        return {**super().defaults(account, sent), "category_id": category}

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is not None and row["is_all_subscribers"]:
            raise Refused(13012, f"List Cannot Be Updated: {_PROTECTED}")
        wanted = sent.text("Type")
        if wanted in ("GlobalUnsubscribe", "Master"):
            # Every account has exactly one list of each of these types (assumed to be refused).
            raise Refused(_VALIDATION, f"List Validation Error: Type {wanted} cannot be created.")
        if wanted == "SalesForce":
            raise Refused(13003, "Salesforce Not Enabled")

    def check_unused(self, call: Call, row: Row) -> None:
        if row["is_all_subscribers"]:
            raise Refused(13002, f"Exception During Delete: {_PROTECTED}")
        super().check_unused(call, row)

    def generate_key(self, account: Account, row: Row) -> str:
        category = row.get("category_id")
        return list_key(row["name"], category if isinstance(category, int) else None)

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        classification = list_content_type(entry["classification"])
        content = "mysubs" if entry["is_all_subscribers"] else classification
        row = {"category_id": _root(account, content), **columns}
        key = entry["key"] or self.generate_key(account, row)
        if account.db.count(self.table, customer_key=key):
            raise SetupError(f"another list has the key {key!r}. Give this one a key of its own.")
        return super().from_entry(account, entry, row)

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        for member in entry["members"]:
            key, where = member["subscriber"], f"key 'members': {member['subscriber']!r}"
            join(seed, where, seed.number("subscriber", key), number, member["status"])


def _root(account: Account, content: str) -> int | None:
    root = root_folder(account, content)
    return None if root is None else root["id"]


def _subscribe(call: Call, sent: Struct, list_id: int) -> None:
    """Add the list's Subscribers as members, unknown ones as new subscribers (assumed: not documented)."""
    for ordinal, sent_subscriber in enumerate(sent.parts("Subscribers")):
        change = SubscriberChange(
            key=sent_subscriber.text("SubscriberKey"),
            email_address=sent_subscriber.text("EmailAddress"),
            attributes=call.named_values(sent_subscriber.parts("Attributes")),
            lists=(ListChange(list_id, "Active", ""),),
        )
        key, number = change.key or change.email_address, sent_subscriber.number("ID")
        subscriber = find_subscriber(call.account, key=key, number=number)
        try:
            if subscriber is None:
                create_subscriber(call.account, change)
            else:
                change_subscriber(call.account, subscriber, change)
        except Refused as refused:
            text = f"List Subscriber Error: subscriber {ordinal}: {refused.message}"
            raise Refused(13005, text) from None
