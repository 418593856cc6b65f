"""Lists: their keys, and the one that holds everybody."""

from __future__ import annotations

from sfmc_mock.account.account import Account
from sfmc_mock.store.row_types import SubscriberList, find_record

NAME_LIMIT = 50
"""How many characters a list's name may have (documented)."""


def list_key(name: str, category_id: int | None) -> str:
    """Return the CustomerKey of a list that came without one: `All Subscribers - 412` (recorded)."""
    return f"{name} - {category_id or 0}"


def find_list(account: Account, list_id: int) -> SubscriberList | None:
    """Return the list with the ID."""
    return find_record(account.db, SubscriberList, "list", id=list_id)


def all_subscribers(account: Account) -> SubscriberList | None:
    """Return the list that holds everybody, None when the account has none."""
    known = account.cached("all subscribers")
    if None not in known:
        known[None] = find_record(account.db, SubscriberList, "list", is_all_subscribers=1)
    found: SubscriberList | None = known[None]
    return found


def is_all_subscribers(account: Account, list_id: int) -> bool:
    """Say whether the list is the one that holds everybody."""
    everybody = all_subscribers(account)
    return everybody is not None and everybody.id == list_id
