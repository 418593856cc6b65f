"""Lists: their keys, and the one that holds everybody."""

from __future__ import annotations

from sfmc_mock.account.account import Account
from sfmc_mock.store.database import Row

NAME_LIMIT = 50
"""How many characters a list's name may have (documented)."""


def list_key(name: str, category_id: int | None) -> str:
    """Return the CustomerKey of a list that came without one: `All Subscribers - 412` (recorded)."""
    return f"{name} - {category_id or 0}"


def all_subscribers(account: Account) -> Row | None:
    """Return the list that holds everybody, None when the account has none."""
    return account.db.find("list", is_all_subscribers=1)
