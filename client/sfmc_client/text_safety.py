"""Escape texts for XML, hide secrets, and make texts safe to print."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

HIDDEN = "***"

# Replacing shorter ones would damage every text and hide nothing.
SHORTEST_SECRET = 4

# Control characters (C0, DEL, C1), line and paragraph separators, marks that change the direction of writing, halves
# of surrogate pairs, which no encoding prints, and invisible tag characters.
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_UNSAFE_IN_A_LINE = re.compile(f"[{_UNSAFE}]")
_UNSAFE_IN_LINES = re.compile(f"(?!\n)[{_UNSAFE}]")


def escape(text: str) -> str:
    """Return the text escaped for XML (xml.sax.saxutils would import urllib.request: 30 ms).

    >>> escape("a < b & c")
    'a &lt; b &amp; c'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return the text with each of the secrets replaced by `***`, also where it is escaped for XML or a URL.

    >>> hide_secrets("tokens 1234&5, 1234&amp;5 and 1234%265 are unknown", ["1234&5"])
    'tokens ***, *** and *** are unknown'
    """
    known = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
    for form in sorted(
        {form for secret in known for form in _forms(secret)}, key=len, reverse=True
    ):
        text = text.replace(form, HIDDEN)
    return text


def _forms(secret: str) -> set[str]:
    escaped = escape(secret)
    return {secret, escaped, escaped.replace('"', "&quot;"), quote(secret, safe="")}


def printable(text: str) -> str:
    r"""Return the text on one line, with control characters of a terminal escaped.

    >>> print(printable("a\x1b[31mb\nc\u202ed"))
    a\x1b[31mb\nc\u202ed
    """
    return text if text.isascii() and text.isprintable() else _escaped(_UNSAFE_IN_A_LINE, text)


def printable_lines(text: str) -> str:
    r"""Return the same for a text of several lines, whose line feeds stay.

    >>> print(printable_lines("a\r\nb\x1b[2J"))
    a\r
    b\x1b[2J
    """
    return _escaped(_UNSAFE_IN_LINES, text)


def _escaped(unsafe: re.Pattern[str], text: str) -> str:
    return unsafe.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
