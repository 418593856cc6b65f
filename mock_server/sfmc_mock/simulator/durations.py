"""Spans of time as people write them, and sums of times that stay within the calendar."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sfmc_mock.errors import SetupError

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PIECE = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([wdhms])", re.IGNORECASE)
_NUMBER = r"([0-9]{1,15}(?:\.[0-9]{1,9})?)"
_ISO = re.compile(
    rf"P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.IGNORECASE,
)
_CALENDAR = re.compile(r"P[^T]*[0-9][YM]", re.IGNORECASE)


class DurationUnreadable(SetupError):
    """The text is not a valid duration."""

    def __init__(self, text: str, reason: str) -> None:
        shown = text if len(text) <= 40 else text[:37] + "…"
        super().__init__(
            f"{shown!r} is not a valid duration: {reason}. Write it like 90s, 30m, 2h30m, 3d or 1w, or like PT2H."
        )


def parse_duration(text: str) -> timedelta:
    """Return the span of time that `text` names: `2h30m`, `90s`, `1.5h`, `3d`, `1w`, or ISO 8601 like `PT2H`.

    `m` is minutes. Raises `DurationUnreadable` for anything else, months, years and negative spans included.

    >>> parse_duration("2h30m")
    datetime.timedelta(seconds=9000)
    >>> parse_duration("P1DT12H") == parse_duration("36h")
    True
    """
    wanted = text.strip()
    if not wanted:
        raise DurationUnreadable(text, "it is empty")
    if wanted[0] in "+-":
        raise DurationUnreadable(text, "time only runs forward, so it takes no sign")
    read = _iso_seconds if wanted[0] in "pP" else _short_seconds
    seconds = read(text, wanted)
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise DurationUnreadable(text, "it is longer than the calendar") from None


def format_duration(span: timedelta) -> str:
    """Return the span as `parse_duration` takes it, largest unit first.

    >>> format_duration(timedelta(hours=50, minutes=30))
    '2d2h30m'
    """
    left = span // timedelta(milliseconds=1)
    pieces = []
    for unit in "dhm":
        count, left = divmod(left, _SECONDS[unit] * 1_000)
        if count:
            pieces.append(f"{count}{unit}")
    if left or not pieces:
        pieces.append(f"{left / 1_000:g}s")
    return "".join(pieces)


def later(at: datetime, span: timedelta) -> datetime:
    """Return the time `span` after `at`, at most the calendar's end."""
    try:
        return at + span
    except OverflowError:
        return datetime.max


def _short_seconds(text: str, wanted: str) -> float:
    amounts: dict[str, float] = {}
    at = 0
    while at < len(wanted):
        piece = _PIECE.match(wanted, at)
        if piece is None:
            rest = wanted[at:].strip()
            missing = rest.replace(".", "", 1).isdigit()
            raise DurationUnreadable(
                text,
                f"{rest} lacks its unit" if missing else "it is not made of numbers with units",
            )
        unit = piece[2].lower()
        if unit in amounts:
            raise DurationUnreadable(text, f"it gives {unit} twice")
        amounts[unit] = float(piece[1]) * _SECONDS[unit]
        at = piece.end()
    return sum(amounts.values())


def _iso_seconds(text: str, wanted: str) -> float:
    if _CALENDAR.match(wanted):
        raise DurationUnreadable(text, "months and years have no fixed length; say it in days")
    pieces = _ISO.fullmatch(wanted)
    if pieces is None or not any(pieces.groups()) or wanted[-1] in "tT":
        raise DurationUnreadable(text, "it is not of the form P…T…")
    return sum(
        float(count) * _SECONDS[unit]
        for unit, count in zip("wdhms", pieces.groups(), strict=True)
        if count
    )
