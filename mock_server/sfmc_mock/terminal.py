"""Make text safe to print: without control sequences of a terminal, and without changes of the writing direction."""

from __future__ import annotations

import json
import re

# Control characters (C0, DEL, C1), line and paragraph separators, marks that change the direction of writing, halves
# of surrogate pairs, which no encoding prints, and invisible tag characters.
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
# Of a longer value a message quotes the beginning.
_MOST_QUOTED = 200

_UNSAFE_IN_A_LINE = re.compile(f"[{_UNSAFE}]")
_UNSAFE_IN_LINES = re.compile(f"(?!\n)[{_UNSAFE}]")


def printable(text: str) -> str:
    r"""Return the text on one line, with control characters of a terminal escaped.

    >>> print(printable("a\x1b[31mb\nc\u202ed"))
    a\x1b[31mb\nc\u202ed
    """
    return text if text.isprintable() else _escaped(_UNSAFE_IN_A_LINE, text)


def printable_lines(text: str) -> str:
    r"""Return the same for a text of several lines, whose line feeds stay.

    >>> print(printable_lines("a\r\nb\x1b[2J"))
    a\r
    b\x1b[2J
    """
    return _escaped(_UNSAFE_IN_LINES, text)


def as_written(value: object) -> str:
    """Return a value of TOML or JSON as it is written there, for messages; texts in single quotes, long ones cut.

    >>> as_written(True), as_written("a"), as_written({"a": [1, None]})
    ('true', "'a'", '{"a": [1, null]}')
    """
    if isinstance(value, str):
        return repr(_cut(value))
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 1] + "…"


def _escaped(unsafe: re.Pattern[str], text: str) -> str:
    return unsafe.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
