"""ListSubscriber retrieves the subscribers of lists; SubscriberList changes them."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.subscribers import ListChange, SubscriberChange, change_subscriber
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.objects.subscriber_identity import NAMED_BY, list_action, named_subscriber
from sfmc_mock.store.row_types import Subscriber
from sfmc_mock.wire.struct import Struct

_SHOWN = """
  {row}.id AS rowkey, {row}.id AS "ID", NULL AS "ObjectID", s.subscriber_key AS "SubscriberKey",
  {row}.created_at AS "CreatedDate", {row}.modified_at AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID", NULL AS "Client.PartnerClientKey",
  {list} AS "ListID", {row}.status AS "Status" """


class ListSubscriberHandler(DeclaredObject):
    """A subscriber of a list, with the status there; All Subscribers contains every subscriber. Properties: sdk."""

    scope = "list_and_subscribers"
    fields = (
        *Property.unset("ObjectID"),
        Property("SubscriberKey", max_length=254),
        *Property.alike("CreatedDate", "ModifiedDate", "Client.ID"),
        *Property.unset("Client.PartnerClientKey"),
        *Property.alike("ListID", "Status"),
    )
    # Members of All Subscribers are the rows of `subscriber`, with their own status.
    selects = " UNION ALL ".join(
        (
            f"SELECT {_SHOWN.format(row='s', list='l.id')}"
            "FROM list l JOIN subscriber s WHERE l.is_all_subscribers = 1",
            f"SELECT {_SHOWN.format(row='m', list='m.list_id')}"
            "FROM list_subscriber m JOIN subscriber s ON s.id = m.subscriber_id",
        )
    )


class SubscriberListHandler(Handler):
    """The subscription of an existing Subscriber to an existing List.

    Operations and properties: documented and wsdl. Assumed: the codes of subscription validation for a missing part,
    that `ID` is the list's as in a Subscriber's Lists, and the messages.
    """

    scope = "list_and_subscribers"
    properties = (
        Property("ID", "number", retrievable=False),
        *Property.alike("Status", "List", "Subscriber", "Action", retrievable=False),
    )
    reads: ClassVar = {
        "": ("ID", "Status", "List", "Subscriber", "Action"),
        "List": ("ID", "ObjectID", "CustomerKey"),
        "Subscriber": NAMED_BY,
    }

    def create(self, call: Call, sent: Struct) -> Outcome:
        return self._change(call, sent, "Create", "created")

    def update(self, call: Call, sent: Struct) -> Outcome:
        return self._change(call, sent, "Update", "updated")

    def delete(self, call: Call, sent: Struct) -> Outcome:
        return self._change(call, sent, "Delete", "deleted")

    def _change(self, call: Call, sent: Struct, operation: str, done: str) -> Outcome:
        action = operation.lower()
        if operation != "Delete":
            adds = call.save_action(self.object_type, operation) == "UpdateAdd"
            action = list_action(call, sent.text("Action")) or ("" if adds else action)
        subscriber = _subscriber(call, sent)
        change = ListChange(self._list_number(call, sent), sent.text("Status") or "Active", action)
        change_subscriber(call.account, subscriber, SubscriberChange(lists=(change,)))
        return Outcome(f"SubscriberList {done}", sent)

    def _list_number(self, call: Call, sent: Struct) -> int:
        lists = stored_object(self.others, "List")
        named = sent.part("List") or Struct("List", {"ID": sent.number("ID")})
        if not any(named.values.get(name) for name in lists.identities):
            raise Refused(409, "SubscriberListNullOrEmpty")
        return int(str(lists.find_or_refuse(call, named)["id"]))


def _subscriber(call: Call, sent: Struct) -> Subscriber:
    named = sent.part("Subscriber")
    if named is None or not any(named.values.get(name) for name in NAMED_BY):
        raise Refused(408, "SubscriberNullOrEmpty")
    subscriber = named_subscriber(call, named)
    if subscriber is None:
        if named.text("SubscriberKey"):
            raise Refused(12015, "Subscriber Key Not Found")
        raise Refused(12001, "The subscriber was not found.")
    return subscriber
