"""The length of text messages."""

from __future__ import annotations

_GSM_LIMIT, _UNICODE_LIMIT = 160, 70


def fits_one_message(text: str) -> bool:
    """Say whether a text fits into one text message: 160 GSM characters or 70 others (documented).

    Characters of ASCII are taken for those of GSM (assumed).
    """
    return len(text) <= (_GSM_LIMIT if text.isascii() else _UNICODE_LIMIT)
