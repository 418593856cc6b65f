"""Members of lists, groups and publications in seed files."""

from __future__ import annotations

from collections.abc import Sequence

from sfmc_mock.account import Account
from sfmc_mock.account.lists import is_all_subscribers
from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.properties import Key
from sfmc_mock.declarations.seed_entries import Entry, Loading
from sfmc_mock.errors import SetupError

STATUS = Key(
    "status", default="Active", choices=("Active", "Bounced", "Held", "Unsubscribed", "Deleted")
)

MEMBER = Key("subscriber", filled=True, required=True, refers="subscriber")


def join(seed: Loading, where: str, subscriber_id: int, list_id: int, status: str) -> None:
    """Put a subscriber on a list. Raises `SetupError` for what was said already."""
    if is_all_subscribers(seed.account, list_id):
        if status != "Active":
            raise SetupError(
                f"{where} holds everybody, with their own status. Give the subscriber status = {status!r} instead."
            )
        return
    if seed.account.db.count("list_subscriber", list_id=list_id, subscriber_id=subscriber_id):
        raise SetupError(
            f"{where} stands there a second time. Say it once, at the list or at the subscriber."
        )
    join_list(seed.account, subscriber_id, list_id, status)


def member_entries(account: Account, table: str, **of: object) -> list[Entry]:
    """Return the members that a table has of something, as a seed file says them."""
    members = account.db.find_all(table, "id", **of)
    rows = (account.db.find("subscriber", id=member["subscriber_id"]) for member in members)
    return [{MEMBER.name: row["subscriber_key"]} for row in rows if row is not None]


def names(entry: Entry, *keys: str) -> str | int:
    """Return what names an entry, by the first of the keys that says anything."""
    names: Sequence[str | int] = [entry[key] for key in keys if entry[key]]
    return names[0]
