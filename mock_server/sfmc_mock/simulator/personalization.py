"""Personalization strings: `%%FirstName%%` is replaced by the subscriber's value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

_STRING = re.compile(r"%%([A-Za-z_][\w .\-]{0,200}?)%%")
_OPENINGS = ("%%[", "%%=")


def system_strings(
    *,
    subscriber_key: str,
    email_address: str,
    sent_at: datetime,
    subscriber_id: int = 0,
    job_id: int = 0,
    list_id: int = 0,
    batch_id: int = 0,
    mid: int = 0,
    email_name: str = "",
    email_id: int = 0,
    list_name: str = "",
    additional: str = "",
) -> dict[str, str]:
    """Return the strings that every message has, by their names in lower case (names: documented; forms: assumed)."""
    return {
        "emailaddr": email_address,
        "_emailaddress": email_address,
        "emailaddress": email_address,
        "email address": email_address,
        "subscriberkey": subscriber_key,
        "_subscriberkey": subscriber_key,
        "subscriber key": subscriber_key,
        "subscriberid": str(subscriber_id),
        "jobid": str(job_id),
        "listid": str(list_id),
        "_jobsubscriberbatchid": str(batch_id),
        "memberid": str(mid),
        "emailname_": email_name,
        "_emailid": str(email_id or ""),
        "_listname": list_name,
        "additionalinfo_": additional,
        "xtmonth": f"{sent_at:%B}",
        "xtmonthnumeric": str(sent_at.month),
        "xtday": str(sent_at.day),
        "xtdayofweek": f"{sent_at:%A}",
        "xtyear": str(sent_at.year),
        "xtshortdate": f"{sent_at.month}/{sent_at.day}/{sent_at.year}",
        "xtlongdate": f"{sent_at:%A, %B} {sent_at.day}, {sent_at.year}",
    }


SYSTEM_NAMES = frozenset(system_strings(subscriber_key="", email_address="", sent_at=datetime.min))
"""The names of the strings that every message has."""


def personalized(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its strings replaced by values, whose names are in lower case; unknown ones become empty.

    AMPscript stays as it is.
    """
    return _STRING.sub(lambda match: values.get(match[1].strip().lower(), ""), text)


def are_strings_closed(text: str) -> bool:
    """Say whether every string and script in a text has an end."""
    return text.count("%%") % 2 == 0


def has_scripts(text: str) -> bool:
    """Say whether a text contains AMPscript, which the emulator does not run."""
    return any(opening in text for opening in _OPENINGS)
