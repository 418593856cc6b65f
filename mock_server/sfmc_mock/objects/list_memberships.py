"""Members of lists, groups and publications in seed files."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.lists import is_all_subscribers
from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.properties import Key
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import SetupError
from sfmc_mock.store.database import Row

STATUS = Key(
    "status", default="Active", choices=("Active", "Bounced", "Held", "Unsubscribed", "Deleted")
)

MEMBER = Key("subscriber", filled=True, required=True, refers="subscriber")


def join(seed: Loading, where: str, subscriber_id: int, list_id: int, status: str) -> None:
    """Add a subscriber to a list. Raises `SetupError` if the seed file gives the membership twice."""
    if is_all_subscribers(seed.account, list_id):
        if status != "Active":
            raise SetupError(
                f"{where} has all subscribers, with their own status. Give the subscriber status = {status!r} instead."
            )
        return
    if seed.account.db.count("list_subscriber", list_id=list_id, subscriber_id=subscriber_id):
        raise SetupError(f"{where} is given twice. Give it once, at the list or at the subscriber.")
    join_list(seed.account, subscriber_id, list_id, status)


class MemberOwner(StoredObject):
    """An API object with subscribers as members; its table in a seed file has a key that lists them."""

    member_table: ClassVar[str]
    """The table of members, with `owner_column` and `subscriber_id`."""
    owner_column: ClassVar[str]
    members_key: ClassVar[str] = "members"
    members_are_dated: ClassVar[bool] = False
    """Whether the table of members stores when a subscriber became one."""

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the object's table in a seed file, including the one of its members."""
        members = Key(self.members_key, form="items", short=MEMBER.name, items=(MEMBER,))
        return (*super().keys, members)

    def add_member(self, account: Account, number: object, subscriber_id: object) -> None:
        """Add a subscriber as a member; no effect if the subscriber is one already."""
        member = {self.owner_column: number, "subscriber_id": subscriber_id}
        if not account.db.count(self.member_table, **member):
            dates = {"created_at": account.now_text()} if self.members_are_dated else {}
            account.db.insert(self.member_table, {**member, **dates})

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        for member in entry[self.members_key]:
            self.add_member(seed.account, number, seed.number("subscriber", member[MEMBER.name]))

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        members = account.db.find_all(self.member_table, "id", **{self.owner_column: row["id"]})
        rows = (account.db.find("subscriber", id=member["subscriber_id"]) for member in members)
        keys = [{MEMBER.name: row["subscriber_key"]} for row in rows if row is not None]
        return {**entry, self.members_key: keys}
