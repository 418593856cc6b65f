"""Users: the accounts of an enterprise to which they have access, and the operations that roles deny them.

Permissions deny operations on API objects, by words of their own for operations. A caller is the user whose UserID is
its name. An operation is denied if any of the user's roles denies it. Everything else is allowed, because callers of an
emulated account may do everything (the live service also denies what no role sets: sdk).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sfmc_mock.account.account import Account

# Access: a user has access to the account where it was created, and to the accounts that were assigned to it.


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
    """Grant a user access to accounts of the enterprise, or revoke it."""
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


# Roles.

Denials: TypeAlias = Mapping[str, frozenset[str]]
"""The words of denied operations by the object type, both in folded case."""

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "Create": ("create",),
    "Retrieve": ("read", "retrieve", "view"),
    "Update": ("update", "edit"),
    "Delete": ("delete",),
    "Perform": ("execute",),
    "Schedule": ("execute",),
    "Configure": ("update", "edit"),
}
"""The words of a permission for operations (the schema takes any text: assumed)."""
MANAGE, SEND = "manage", "send"
"""The words for all operations, and for those that send."""

_MEMORY = "denied by roles"
_NOTHING: Denials = {}


def denied_to(account: Account, username: str) -> Denials:
    """Return the operations that roles deny to a user of the account, or of its enterprise."""
    top = account.enterprise or account
    known = top.memory.get(_MEMORY)
    if known is None:
        known = top.memory[_MEMORY] = _read(top)
    if not known:
        return _NOTHING
    assert isinstance(known, dict)
    name = username.casefold()
    # With a token for a business unit, a caller of the enterprise is one of the unit.
    names = (name, *(name_in_seed(name, mid) for mid in (account.mid, top.mid)))
    return next((known[each] for each in names if each in known), _NOTHING)


def name_with_mid(name: str, mid: int) -> str:
    """Return the name of a caller of a seed in one of several accounts that begin with it.

    The dot keeps it apart from the account's own callers, `user-MID` and `client-MID`.
    """
    return f"{name}.{mid}"


def name_in_seed(name: str, mid: int) -> str:
    """Return the name in the seed of a caller that `name_with_mid` named; other names as they are."""
    return name.removesuffix(f".{mid}")


def forget_denials(account: Account) -> None:
    """Discard the cached denials, after a change of users or roles, or its rollback."""
    (account.enterprise or account).memory.pop(_MEMORY, None)


def is_denied(denials: Denials, object_type: str, operation: str, *, sends: bool) -> bool:
    """Say whether an operation on an API object is denied."""
    words = denials.get(object_type.casefold())
    if not words:
        return False
    called = (*OPERATIONS.get(operation, ()), MANAGE, *((SEND,) if sends else ()))
    return not words.isdisjoint(called)


def _read(top: Account) -> dict[str, Denials]:
    """Return the denials of each user that has some, by the UserID in folded case."""
    denied: dict[str, dict[str, frozenset[str]]] = {}
    for row in top.db.dictionaries(_ROLES_OF_USERS):
        parts = [json.loads(row[name] or "{}") for name in ("permission_sets", "permissions")]
        for about, word in {denied for part in parts for denied in _denied(part)}:
            of_user = denied.setdefault(str(row["user_id"]).casefold(), {})
            of_user[about] = of_user.get(about, frozenset()) | {word}
    return dict(denied)


_ROLES_OF_USERS = """
SELECT u.user_id, r.permission_sets, r.permissions
FROM user_role x JOIN account_user u ON u.id = x.user_id JOIN role r ON r.id = x.role_id
WHERE r.permission_sets IS NOT NULL OR r.permissions IS NOT NULL"""


def _denied(part: dict[str, Any], *, within: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the object type and the word of each permission that is denied, itself or with a set around it."""
    is_denied_here = within or part.get("IsDenied") is True
    about, word = part.get("ObjectType"), part.get("Operation")
    if is_denied_here and about and word:
        yield str(about).casefold(), str(word).casefold()
    for value in part.values():
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, dict):
                yield from _denied(inner, within=is_denied_here)
