"""Recipients by what their mailbox does: a magic address on the mock, one that is known for it on a real tenant."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
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
"""Every role, and the label that makes an address of the emulator play it."""

_DOMAIN = "mock.test"


def check_role(role: str) -> None:
    """Raise `ConfigurationError` for a role that does not exist: a misspelt one must not become a skipped test."""
    if role in ROLES:
        return
    near = get_close_matches(str(role), ROLES, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigurationError(f"There is no role {role!r}.{hint} Roles are: {', '.join(ROLES)}.")


def magic_address(role: str, number: int) -> str:
    """Return an address of the emulator that plays a role; another number, another mailbox.

    >>> magic_address("hard-bounces", 2)
    'hard-bounces-2+hardbounce@mock.test'
    """
    check_role(role)
    return f"{role}-{number}+{ROLES[role]}@{_DOMAIN}"
