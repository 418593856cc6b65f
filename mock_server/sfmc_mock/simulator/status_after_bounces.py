"""The status of a subscriber after bounces and opens: when bounces make them Held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

# Three bounces in a row, the first and the last more than this apart, make a subscriber Held (documented).
HELD_AFTER = timedelta(days=14)
HELD_BOUNCES = 3


def status_after_bounce(status: str, earlier: Sequence[datetime], at: datetime) -> str:
    """Return the status on All Subscribers after a bounce at `at`.

    `earlier` are the times of the bounces directly before it, with no opened message between. Three or more in a row,
    the first and the last more than 14 days apart, make the subscriber Held; else they are Bounced and still sent to
    (documented). Held, Unsubscribed and Deleted subscribers stay so. The service's trusted domains, where one hard
    bounce is enough, do not exist here.
    """
    if status not in ("Active", "Bounced"):
        return status
    if len(earlier) + 1 >= HELD_BOUNCES and at - min(earlier) > HELD_AFTER:
        return "Held"
    return "Bounced"


def status_after_open(status: str) -> str:
    """Return the status after an open: Bounced becomes Active again (documented), the others stay."""
    return "Active" if status == "Bounced" else status
