"""AT TIME ZONE of T-SQL: times with an offset, and zones by the names that Windows gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sfmc_mock.clock import rounded, stored
from sfmc_mock.store.tsql_functions import ConversionFailed, Value, date_of

_WITH_OFFSET = re.compile(r"(?P<time>.+) (?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)", re.ASCII)


def at_time_zone(value: Value, zone: Value) -> str | None:
    """Return a time in a zone, as an ISO time with its offset behind a blank.

    A time without an offset is taken for one of that zone, one with an offset is converted. Raises `ConversionFailed`.
    """
    if value is None or zone is None:
        return None
    there = _zone(str(zone))
    try:
        moment = _moment(value, there).astimezone(there)
    except (OverflowError, ValueError):
        raise ConversionFailed(
            "Conversion failed when converting date and/or time from character string."
        ) from None
    minutes = round((moment.utcoffset() or timedelta()) / timedelta(minutes=1))
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return (
        f"{stored(rounded(moment.replace(tzinfo=None)))} {sign}{minutes // 60:02}:{minutes % 60:02}"
    )


def _moment(value: Value, zone: tzinfo) -> datetime:
    match = _WITH_OFFSET.fullmatch(str(value))
    if match is None:
        return datetime.fromisoformat(str(date_of(value))).replace(tzinfo=zone)
    return datetime.fromisoformat(match["time"]).replace(tzinfo=_offset(match))


def _offset(match: re.Match[str]) -> timezone:
    span = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return timezone(-span if match["sign"] == "-" else span)


def wall_time(value: Value) -> Value:
    """Return a time without its offset, as a conversion to a date makes of it."""
    match = _WITH_OFFSET.fullmatch(str(value))
    return value if match is None else match["time"]


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    # Loaded when a query uses it.
    from tzlocal.windows_tz import win_tz

    known = {each.casefold(): iana for each, iana in win_tz.items()}
    try:
        return ZoneInfo(known[name.strip().casefold()])
    except (KeyError, ZoneInfoNotFoundError):
        # Text: SQL Server's.
        raise ConversionFailed(
            f"The time zone parameter '{name}' provided to AT TIME ZONE clause is invalid."
        ) from None


def switched(value: Value, offset: Value) -> str | None:
    """SWITCHOFFSET: return a time in another offset, `+01:00`; one without an offset is UTC."""
    if value is None or offset is None:
        return None
    wanted = _WITH_OFFSET.fullmatch(f"x {str(offset).strip()}")
    if wanted is None:
        raise ConversionFailed(
            f"The timezone provided to builtin function switchoffset is invalid: {offset}."
        )
    shown = _moment(value, UTC).astimezone(_offset(wanted)).replace(tzinfo=None)
    return f"{stored(rounded(shown))} {str(offset).strip()}"


ZONE_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Value]]] = {
    "tsql_at_time_zone": (2, at_time_zone),
    "tsql_switchoffset": (2, switched),
    "tsql_wall_time": (1, wall_time),
}
