"""Kinds of bounces: categories, SMTP codes and answers of mail servers.

Categories, sub-categories and their numbers are documented (the number of `Unknown bounce` is assumed); which SMTP code
goes with which, and the texts of the reasons, are assumed: they resemble the answers of mail servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

Kind = Literal["hard", "soft", "block", "technical", "unknown"]
EventType = Literal["HardBounce", "SoftBounce", "OtherBounce"]

# A message that fails for now is tried again every 15 minutes, at most 288 times, before it counts as one bounce
# (documented).
RETRY_EVERY = timedelta(minutes=15)
RETRIED_FOR = timedelta(hours=72)


EVENT_TYPES: frozenset[str] = frozenset(get_args(EventType))


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of bounce as BounceEvent words it, with its number in the service's data views."""

    text: str
    number: int
    event_type: EventType


CATEGORIES: dict[Kind, Category] = {
    "hard": Category("Hard bounce", 1, "HardBounce"),
    "soft": Category("Soft bounce", 2, "SoftBounce"),
    "block": Category("Block bounce", 3, "OtherBounce"),
    "technical": Category("Technical/Other bounce", 4, "OtherBounce"),
    "unknown": Category("Unknown bounce", 5, "OtherBounce"),
}


@dataclass(frozen=True, slots=True)
class Bounce:
    """An answer with which a mail server rejects a message; `weight` is its share within its kind (assumed)."""

    kind: Kind
    subcategory_id: int
    subcategory: str
    smtp_code: str
    answer: str
    weight: float = 1.0

    @property
    def category(self) -> Category:
        return CATEGORIES[self.kind]

    def reason(self, address: str) -> str:
        """Return the SMTPReason of a bounce of `address`: the code and the mail server's sentence."""
        domain = address.rpartition("@")[2]
        return f"{self.smtp_code} " + self.answer.format(address=address, domain=domain)


CATALOGUE: tuple[Bounce, ...] = (
    Bounce("hard", 2001, "User Unknown", "550", "5.1.1 <{address}>: there is no such mailbox", 7),
    Bounce(
        "hard", 2002, "Domain Unknown", "550", "5.1.2 {domain}: no mail host for this domain", 2
    ),
    Bounce("hard", 2003, "Bad Address", "553", "5.1.3 <{address}>: address not understood", 0.5),
    Bounce("hard", 2999, "Other", "554", "5.7.1 <{address}>: this mailbox takes no mail", 0.5),
    Bounce("soft", 3001, "Mailbox Full", "452", "4.2.2 <{address}>: mailbox over quota", 6),
    Bounce("soft", 3002, "Inactive Account", "450", "4.2.1 <{address}>: mailbox not active", 2),
    Bounce(
        "soft", 3003, "Temporary Domain Failure", "451", "4.4.3 {domain}: name lookup failed", 1
    ),
    Bounce("soft", 3999, "Other", "450", "4.2.0 <{address}>: mailbox not available now", 1),
    Bounce("block", 1002, "Spamblocked", "554", "5.7.1 message looks like bulk mail, refused", 5),
    Bounce("block", 1001, "Complaints", "554", "5.7.1 refused, {domain} had complaints", 1),
    Bounce("block", 1004, "Content", "550", "5.7.0 message refused by a content filter", 2),
    Bounce("block", 1005, "URL Block", "550", "5.7.0 message links to a listed site", 1),
    Bounce(
        "block", 1009, "High Unknown Address Pct.", "550", "5.7.1 too many unknown recipients", 1
    ),
    Bounce("block", 1010, "Authentication", "550", "5.7.26 SPF and DKIM did not pass", 2),
    Bounce("block", 1999, "Other", "554", "5.7.1 {domain} does not take mail from this host", 1),
    Bounce("technical", 4003, "Network Error", "421", "4.4.2 {domain}: connection timed out", 4),
    Bounce("technical", 4001, "Server Too Busy", "421", "4.3.2 {domain}: too busy, try later", 3),
    Bounce("technical", 4002, "Data Format Error", "554", "5.6.0 message line too long", 1),
    Bounce("technical", 4999, "Other", "451", "4.3.0 {domain}: local error", 2),
    Bounce("unknown", 4999, "Other", "500", "the mail server of {domain} said nothing known"),
)
"""Every bounce that can happen; the first of a kind is the one that a magic address gets."""

BY_KIND: dict[Kind, tuple[Bounce, ...]] = {
    kind: tuple(bounce for bounce in CATALOGUE if bounce.kind == kind) for kind in CATEGORIES
}


def bounce_type(after: timedelta) -> str:
    """Return BounceType: immediate when the answer came in the same conversation, else delayed (recalled: assumed)."""
    return "immediate" if after < RETRY_EVERY else "delayed"
