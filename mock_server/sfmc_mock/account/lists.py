"""Lists: finding them, their keys, and the list All Subscribers."""

from __future__ import annotations

from sfmc_mock.account.account import Account
from sfmc_mock.store.row_types import SubscriberList, find_record

NAME_LIMIT = 50
"""The greatest length of a list's name (documented)."""


def list_key(name: str, category_id: int | None) -> str:
    """Return the CustomerKey of a list that was created without one: `All Subscribers - 412` (recorded)."""
    return f"{name} - {category_id or 0}"


def find_list(account: Account, list_id: int) -> SubscriberList | None:
    """Return the list with the ID."""
    return find_record(account.db, SubscriberList, "list", id=list_id)


def all_subscribers(account: Account) -> SubscriberList | None:
    """Return the list All Subscribers, None when the account has none."""
    known = account.cached("all subscribers")
    if None not in known:
        known[None] = find_record(account.db, SubscriberList, "list", is_all_subscribers=1)
    found: SubscriberList | None = known[None]
    return found


def is_all_subscribers(account: Account, list_id: int) -> bool:
    """Say whether the list is All Subscribers."""
    found = all_subscribers(account)
    return found is not None and found.id == list_id
