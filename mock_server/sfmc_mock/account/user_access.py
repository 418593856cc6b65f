"""Which accounts of an enterprise a user has access to: where it was made, and where it was assigned to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sfmc_mock.account.account import Account


def users_of(enterprise: Account, mids: Collection[int]) -> list[int]:
    """Return the IDs of the users with access to one of the accounts."""
    db = enterprise.db
    users = {row["user_id"] for row in db.find_all("account_user_account") if row["mid"] in mids}
    if enterprise.mid in mids:
        users |= {row["id"] for row in db.find_all("account_user", is_of_unit=0)}
    return sorted(users)


def has_access(enterprise: Account, user: int, mids: Collection[int]) -> bool:
    """Say whether a user has access to one of the accounts."""
    return user in users_of(enterprise, mids)


def change_access(enterprise: Account, user: int, mids: Sequence[int], *, is_taken: bool) -> None:
    """Give a user access to accounts of the enterprise, or take it away."""
    db = enterprise.db
    for mid in mids:
        if mid == enterprise.mid:
            db.update("account_user", {"is_of_unit": int(is_taken)}, id=user)
            continue
        db.delete("account_user_account", user_id=user, mid=mid)
        if not is_taken:
            now = enterprise.now_text()
            dates = {"created_at": now, "modified_at": now}
            db.insert("account_user_account", {"user_id": user, "mid": mid, **dates})
