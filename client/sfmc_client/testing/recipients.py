"""Recipients by the behaviour of their mailbox: magic addresses on the mock, configured ones on a real tenant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from sfmc_client.errors import ConfigurationError

ROLES: Final[Mapping[str, str]] = {
    "receives": "delivered",
    "opens": "open",
    "clicks": "click",
    "forwards": "forward",
    "unsubscribes": "unsub",
    "unsubscribes-from-all": "masterunsub",
    "complains": "complaint",
    "hard-bounces": "hardbounce",
    "soft-bounces": "softbounce",
    "block-bounces": "blockbounce",
    "is-held": "notsent-held",
    "is-unsubscribed": "notsent-unsubscribed",
}
"""Every role, and the label of a magic address for it."""

_DOMAIN = "mock.test"

_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")


def check_role(role: str) -> None:
    """Raise `ConfigurationError` for a role that does not exist: a misspelt one must not become a skipped test."""
    if role in ROLES:
        return
    near = get_close_matches(str(role), ROLES, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigurationError(f"There is no role {role!r}.{hint} Roles are: {', '.join(ROLES)}.")


def magic_address(role: str, number: int) -> str:
    """Return a magic address for a role; each number gives another mailbox.

    >>> magic_address("hard-bounces", 2)
    'hard-bounces-2+hardbounce@mock.test'
    """
    check_role(role)
    return f"{role}-{number}+{ROLES[role]}@{_DOMAIN}"


def is_allowed(address: str, patterns: Iterable[str]) -> bool:
    """Whether an address is listed, or matches a pattern, in any case.

    >>> is_allowed("Ada@qa.example.com", ["*@qa.example.com"]), is_allowed("ada@example.com", ["*@qa.example.com"])
    (True, False)
    >>> is_allowed("eve@evil.test,ada@qa.example.com", ["*@qa.example.com"])
    False
    """
    if not _ADDRESS.fullmatch(address):
        return False
    return any(fnmatchcase(address.lower(), pattern.lower()) for pattern in patterns)
