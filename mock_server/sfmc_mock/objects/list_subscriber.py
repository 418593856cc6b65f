"""ListSubscriber: memberships of lists."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property, unset

_SHOWN = """
  {row}.id AS rowkey, {row}.id AS "ID", NULL AS "ObjectID", s.subscriber_key AS "SubscriberKey",
  {row}.created_at AS "CreatedDate", {row}.modified_at AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID", NULL AS "Client.PartnerClientKey",
  {list} AS "ListID", {row}.status AS "Status" """


class ListSubscriberHandler(DeclaredObject):
    """A subscriber on a list, with the status there; everybody is on All Subscribers. Properties: sdk."""

    object_type = "ListSubscriber"
    scope = "list_and_subscribers"
    fields = (
        unset("ObjectID"),
        Property("SubscriberKey", max_length=254),
        Property("CreatedDate"),
        Property("ModifiedDate"),
        Property("Client.ID"),
        unset("Client.PartnerClientKey"),
        Property("ListID"),
        Property("Status"),
    )
    # All Subscribers holds everybody: its members are the subscribers themselves, with their own status.
    selects = " UNION ALL ".join(
        (
            f"SELECT {_SHOWN.format(row='s', list='l.id')}"
            "FROM list l JOIN subscriber s WHERE l.is_all_subscribers = 1",
            f"SELECT {_SHOWN.format(row='m', list='m.list_id')}"
            "FROM list_subscriber m JOIN subscriber s ON s.id = m.subscriber_id",
        )
    )
