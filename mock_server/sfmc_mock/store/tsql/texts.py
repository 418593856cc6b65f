"""Text functions of T-SQL: LIKE and PATINDEX, cutting, joining, hashing and splitting texts, and STRING_AGG."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import Any

from sfmc_mock.store.tsql.conversions import ConversionFailed, Functions, Nullable, Value, text_of


@lru_cache(maxsize=256)
def _pattern(text: str, escape: str) -> re.Pattern[str]:
    """Return a pattern of LIKE as a regular expression for the rest of a text.

    The part between two percent signs is matched at its first place, which is enough because its length is fixed; a
    pattern with many percent signs therefore takes time in proportion to the text.
    """
    # For each character that is matched, between one percent sign and the next.
    segments: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        sign = text[at]
        if escape and sign == escape and at + 1 < len(text):
            at += 1
            segments[-1].append(re.escape(text[at]))
        elif sign == "[" and (end := text.find("]", at + 1)) > 0:
            segments[-1].append(_one_of(text[at + 1 : end]))
            at = end
        elif sign == "%":
            segments.append([])
        else:
            segments[-1].append("." if sign == "_" else re.escape(sign))
        at += 1
    first, *others = map("".join, segments)
    if others:
        *middle, last = others
        middle = [f"(?>.*?{segment})" for segment in middle]
        first += "".join((*middle, f".{{{len(segments[-1])},}}+(?<={last})"))
    return re.compile(rf"{first}\Z", re.IGNORECASE | re.DOTALL)


def _one_of(inside: str) -> str:
    """Return what stands in brackets as a regular expression."""
    negated = "^" if inside.startswith("^") else ""
    signs = inside.removeprefix("^").replace("\\", r"\\").replace("[", r"\[")
    try:
        re.compile(f"[{negated}{signs}]")
    except re.error:
        return "(?!)"
    return f"[{negated}{signs}]"


def like(value: Nullable, pattern: Nullable, escape: Nullable = "") -> int | None:
    """LIKE, without regard to case."""
    if value is None or pattern is None:
        return None
    return int(_pattern(str(pattern), str(escape or "")).match(text_of(value)) is not None)


def index_of_pattern(pattern: Value, value: Value) -> int | None:
    """PATINDEX."""
    text, wanted = text_of(value), str(pattern)
    if not wanted.startswith("%"):
        return like(text, wanted)
    match = _pattern(wanted.lstrip("%") or "%", "").search(text)
    return 0 if match is None else match.start() + 1


def index_of(wanted: Nullable, value: Nullable, start: Nullable = 1) -> int | None:
    """CHARINDEX."""
    if wanted is None or value is None:
        return None
    return text_of(value).lower().find(text_of(wanted).lower(), max(int(start or 1) - 1, 0)) + 1


def replaced(value: Value, old: Value, new: Value) -> str:
    """REPLACE, without regard to case."""
    if old == "":
        return text_of(value)
    return re.sub(
        re.escape(text_of(old)), lambda _: text_of(new), text_of(value), flags=re.IGNORECASE
    )


def stuffed(value: Nullable, start: Nullable, length: Nullable, new: Nullable) -> str | None:
    """STUFF."""
    if value is None or start is None or length is None:
        return None
    text, first = text_of(value), int(start)
    if first < 1 or first > len(text) or int(length) < 0:
        return None
    return text[: first - 1] + text_of("" if new is None else new) + text[first - 1 + int(length) :]


def part_of_text(value: Value, start: Value, length: Value) -> str:
    """SUBSTRING."""
    if int(length) < 0:
        raise ConversionFailed("Invalid length parameter passed to the LEFT or SUBSTRING function.")
    first = int(start) - 1
    return text_of(value)[max(first, 0) : max(first + int(length), 0)]


def right(value: Value, count: Value) -> str:
    """RIGHT."""
    return text_of(value)[-int(count) :] if int(count) > 0 else ""


# How long a text may become: SQL Server's limit for texts that are no `max`.
_MOST_CHARACTERS = 8_000


def replicated(value: Value, times: Value) -> str | None:
    """REPLICATE."""
    if int(times) < 0:
        return None
    text = text_of(value)
    return (text * min(int(times), _MOST_CHARACTERS))[:_MOST_CHARACTERS]


def concatenated(*values: Nullable) -> str:
    """CONCAT: NULL counts as an empty text."""
    return "".join(text_of(value) for value in values if value is not None)


def joined(separator: Nullable, *values: Nullable) -> str:
    """CONCAT_WS."""
    return text_of(separator or "").join(text_of(value) for value in values if value is not None)


_ALGORITHMS = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA1": "sha1",
    "SHA2_256": "sha256",
    "SHA2_512": "sha512",
}


def hash_bytes(algorithm: Value, value: Nullable, is_wide: Value, style: Value) -> str | None:
    """Return a hash as a text: of style 1 with `0x`, of style 2 without, of style 0 the bytes as characters.

    A wide text (NVARCHAR: what data extensions hold) is hashed as UTF-16, another as Windows-1252.
    """
    if value is None:
        return None
    name = _ALGORITHMS.get(str(algorithm).upper())
    if name is None:
        raise ConversionFailed(f"HASHBYTES does not know the algorithm '{algorithm}'.")
    text = str(value)
    encoded = (
        text.encode("utf-16-le", "surrogatepass") if is_wide else text.encode("cp1252", "replace")
    )
    digest = hashlib.new(name, encoded, usedforsecurity=False).digest()
    if style == 0:
        return digest.decode("latin-1")
    return ("" if style == 2 else "0x") + digest.hex().upper()


def split_text(text: Nullable, separator: Nullable) -> str:
    """Return the parts of a text as JSON, which a query reads as rows; of NULL there are none."""
    if text is None:
        return "[]"
    if not isinstance(separator, str) or len(separator) != 1:
        raise ConversionFailed(
            "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'."
        )
    return json.dumps(str(text).split(separator))


TEXT_FUNCTIONS: Functions = {
    "tsql_patindex": (2, index_of_pattern),
    "tsql_replace": (3, replaced),
    "tsql_substring": (3, part_of_text),
    "tsql_left": (2, lambda value, count: part_of_text(value, 1, count)),
    "tsql_right": (2, right),
    # Blanks at the end do not count.
    "tsql_len": (1, lambda value: len(text_of(value).rstrip(" "))),
    "tsql_upper": (1, lambda value: text_of(value).upper()),
    "tsql_lower": (1, lambda value: text_of(value).lower()),
    "tsql_reverse": (1, lambda value: text_of(value)[::-1]),
    "tsql_replicate": (2, replicated),
    "tsql_ascii": (1, lambda value: ord(text_of(value)[0]) if value != "" else None),
    "tsql_like": (-1, like),
    "tsql_charindex": (-1, index_of),
    "tsql_stuff": (4, stuffed),
    "tsql_concat": (-1, concatenated),
    "tsql_concat_ws": (-1, joined),
    "tsql_hashbytes": (4, hash_bytes),
    "tsql_string_split": (2, split_text),
}


class StringAgg:
    """STRING_AGG: value, separator, and for each key of WITHIN GROUP its value and whether it descends."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, tuple[Any, ...]]] = []
        self._separator = ""

    def step(self, value: Nullable, separator: Nullable, *order: Nullable) -> None:
        if value is None:
            return
        self._separator = "" if separator is None else str(separator)
        shown = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        self._rows.append((shown, order))

    def finalize(self) -> str | None:
        if not self._rows:
            return None
        keys = len(self._rows[0][1]) // 2
        for at in reversed(range(keys)):
            self._rows.sort(
                key=lambda row, at=at: _rank(row[1][2 * at]),  # type: ignore[misc]
                reverse=bool(self._rows[0][1][2 * at + 1]),
            )
        return self._separator.join(text for text, _ in self._rows)


def _rank(value: Nullable) -> tuple[int, Any]:
    """Return what a value is sorted by: NULL comes first, texts are compared without case."""
    if value is None:
        return (0, 0)
    return (2, value.casefold()) if isinstance(value, str) else (1, value)
