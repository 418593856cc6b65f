"""Group and GroupDefinition: named groups of a list's subscribers."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import BY_ID, Key, Property
from sfmc_mock.errors import Refused
from sfmc_mock.objects.list_memberships import MemberOwner
from sfmc_mock.objects.subscriber_identity import NAMED_BY, named_subscriber
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class GroupHandler(MemberOwner):
    """A group from a seed file; callers can change and delete it.

    Properties and operations: documented, without Create; that an Update adds its Subscribers, the refusals and the
    folder: assumed.
    """

    scope = "list_and_subscribers"
    table = "subscriber_group"
    operations = ("Update", "Delete")
    reads: ClassVar = {"": ("Subscribers",), "Subscribers": NAMED_BY}
    fields = (
        *BY_ID,
        Property("Name", required=True, max_length=100),
        Property.folder("list", name="Category"),
        Property("Description", default=""),
        # The list from which a refresh takes the members.
        Property.internal("list_id", "number", seed=Key("list", refers="list", numbered=True)),
    )
    statements = (
        "CREATE TABLE IF NOT EXISTS group_member (id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES "
        "subscriber_group (id) ON DELETE CASCADE, subscriber_id INTEGER NOT NULL REFERENCES subscriber (id) ON DELETE "
        "CASCADE, UNIQUE (group_id, subscriber_id)) STRICT",
    )
    member_table = "group_member"
    owner_column = "group_id"

    def written(self, call: Call, sent: Struct, row: Row, *, is_new: bool) -> None:
        for sent_subscriber in sent.parts("Subscribers"):
            subscriber = named_subscriber(call, sent_subscriber)
            if subscriber is None:
                raise Refused(12001, "The subscriber was not found.")
            self.add_member(call.account, row["id"], subscriber.id)


class GroupDefinitionHandler(Handler):
    """A group as Perform `start` refreshes it: the active subscribers of its list become its members.

    The action: documented; that the key names the group, and the effect: assumed. A group without a list keeps its
    members.
    """

    scope = "list_and_subscribers"
    properties = (Property("CustomerKey", retrievable=False),)
    reads: ClassVar = {"": ("ID", "CustomerKey")}

    def start(self, call: Call, sent: Struct) -> Outcome:
        groups = self.others["Group"]
        assert isinstance(groups, GroupHandler)
        group = groups.find_or_refuse(call, sent)
        if group["list_id"] is not None:
            call.account.db.delete(groups.member_table, group_id=group["id"])
            active = call.account.db.find_all(
                "list_subscriber", "id", list_id=group["list_id"], status="Active"
            )
            for member in active:
                groups.add_member(call.account, group["id"], member["subscriber_id"])
        return Outcome("GroupDefinition performed", sent)

    actions: ClassVar = {"Perform": {"start": start}}
