"""Unsubscribes from an enterprise: they hold in all its accounts, also where the subscriber is added later.

The service has one All Subscribers list for the accounts of an enterprise (documented); here each account has its own.
"""

from __future__ import annotations

from sfmc_mock.account.account import Account
from sfmc_mock.store.row_types import Subscriber, find_record

_BEHAVIOUR = "about.MasterUnsubscribeBehavior"


def keeps_unsubscribes(account: Account) -> bool:
    """Say whether unsubscribes from an account hold for it alone (documented)."""
    return account.setting(_BEHAVIOUR) == "BUSINESS_UNIT_ONLY"


def same_elsewhere(account: Account, key: str) -> list[tuple[Account, Subscriber]]:
    """Return the subscribers of a key in the other accounts of the enterprise."""
    others = (other for other in (account.enterprise or account).seen() if other is not account)
    found = (
        (other, find_record(other.db, Subscriber, "subscriber", subscriber_key=key))
        for other in others
    )
    return [(other, same) for other, same in found if same is not None]


def unsubscribed_elsewhere(account: Account, key: str) -> Subscriber | None:
    """Return the subscriber of another account who unsubscribed there, and so from the enterprise; else None."""
    if not account.is_shared:
        return None
    return next(
        (
            same
            for other, same in same_elsewhere(account, key)
            if same.status == "Unsubscribed" and not keeps_unsubscribes(other)
        ),
        None,
    )
