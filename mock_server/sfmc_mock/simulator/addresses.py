"""Addresses: which texts the service accepts as one, and which addresses List Detective blocks."""

from __future__ import annotations

import re

# Longest SubscriberKey and EmailAddress (recorded: Describe of Subscriber).
KEY_LIMIT = 254
ADDRESS_LIMIT = 254

# Addresses of this domain carry their outcome in labels.
MAGIC_DOMAIN = "mock.test"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|xn--[A-Za-z0-9-]{{1,59}})"
)

# `aaa` and `xxx` are top-level domains, longer ones of one letter are none.
_LONGEST_REAL_RUN = 3
_RESERVED_TOP = {"example", "invalid", "localhost", "test"}
_RESERVED_DOMAINS = {"example.com", "example.net", "example.org"}
_TRAP_WORDS = ("spam", "blacklist", "blocklist")
_ROLES = {"abuse", "hostmaster", "mailer-daemon", "postmaster"}


def is_deliverable(subscriber_key: str, email_address: str) -> bool:
    """Say whether no rule about key and address blocks the message."""
    return (
        bool(subscriber_key)
        and len(subscriber_key) <= KEY_LIMIT
        and bool(email_address)
        and is_valid_address(email_address)
    )


def is_valid_address(text: str) -> bool:
    """Say whether the service accepts the syntax of an address: name, @, domain with a dot.

    Commas, spaces and domains without a dot are refused (documented); quoted names, address literals and letters beyond
    ASCII too (assumed).
    """
    return len(text) <= ADDRESS_LIMIT and _ADDRESS.fullmatch(text) is not None


def list_detective_blocks(address: str) -> str | None:
    """Return why List Detective blocks `address`, `None` when it does not.

    The real list is not published: `example.com` is recorded, a top-level domain such as `aaaa` seen live, the three
    words were found by users in trials, the reserved domains and names of roles are assumed. The reserved domain of
    the magic addresses is never blocked.
    """
    folded = address.lower()
    name, _, domain = folded.rpartition("@")
    if domain == MAGIC_DOMAIN:
        return None
    rest, _, top = domain.rpartition(".")
    if top in _RESERVED_TOP or f"{rest.rpartition('.')[2]}.{top}" in _RESERVED_DOMAINS:
        return f"{domain} is reserved for examples and tests"
    if len(top) > _LONGEST_REAL_RUN and len(set(top)) == 1:
        return f"there is no top-level domain {top}"
    for word in _TRAP_WORDS:
        if word in folded:
            return f"the address holds the word {word}"
    if name.partition("+")[0] in _ROLES:
        return f"{name} is the address of a role, not of a person"
    return None
