"""Date functions of T-SQL: parts, sums and differences, and AT TIME ZONE.

Zones have the names that Windows gives them; a time in a zone is an ISO time, a blank and the offset.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sfmc_mock.clock import rounded, stored
from sfmc_mock.store.tsql.conversions import (
    NO_DATE,
    ConversionFailed,
    Functions,
    Value,
    date_of,
    moment_of,
)

_UNITS = {
    **dict.fromkeys(("year", "yy", "yyyy"), "year"),
    **dict.fromkeys(("quarter", "qq", "q"), "quarter"),
    **dict.fromkeys(("month", "mm", "m"), "month"),
    **dict.fromkeys(("dayofyear", "dy", "y"), "dayofyear"),
    **dict.fromkeys(("day", "dd", "d"), "day"),
    **dict.fromkeys(("week", "wk", "ww"), "week"),
    **dict.fromkeys(("weekday", "dw", "w", "dayofweek"), "weekday"),
    **dict.fromkeys(("hour", "hh", "h"), "hour"),
    **dict.fromkeys(("minute", "mi", "n"), "minute"),
    **dict.fromkeys(("second", "ss", "s"), "second"),
    **dict.fromkeys(("millisecond", "ms"), "millisecond"),
}
_LENGTHS = {
    "week": timedelta(weeks=1),
    **dict.fromkeys(("day", "dayofyear", "weekday"), timedelta(days=1)),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
    "millisecond": timedelta(milliseconds=1),
}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def _unit(name: Value) -> str:
    unit = _UNITS.get(str(name).lower())
    if unit is None:
        raise ConversionFailed(f"'{name}' is not a recognized datepart option.")
    return unit


def add_to_date(unit: Value, number: Value, value: Value) -> str:
    """DATEADD."""
    name, moment, count = _unit(unit), moment_of(value), int(number)
    try:
        if name in _MONTHS:
            months = moment.year * 12 + moment.month - 1 + count * _MONTHS[name]
            year, month = divmod(months, 12)
            day = min(moment.day, calendar.monthrange(year, month + 1)[1])
            moment = moment.replace(year=year, month=month + 1, day=day)
        else:
            moment += _LENGTHS[name] * count
        return stored(rounded(moment))
    except (ValueError, OverflowError, IndexError, calendar.IllegalMonthError):
        raise ConversionFailed(
            "Adding a value to a 'datetime' column caused an overflow."
        ) from None


def difference(unit: Value, start: Value, end: Value) -> int:
    """DATEDIFF: the number of boundaries of the unit between two dates."""
    return _ordinal(_unit(unit), moment_of(end)) - _ordinal(_unit(unit), moment_of(start))


def _ordinal(unit: str, moment: datetime) -> int:
    if unit in _MONTHS:
        return (moment.year * 12 + moment.month - 1) // _MONTHS[unit]
    if unit == "week":
        # Weeks begin on Sunday.
        return moment.toordinal() // 7
    return (moment - datetime(1, 1, 1)) // _LENGTHS[unit]


def part_of_date(unit: Value, value: Value) -> int:
    """DATEPART."""
    moment, name = moment_of(value), _unit(unit)
    day = moment.timetuple().tm_yday
    # Sunday is the first day of a week.
    parts = {
        "quarter": (moment.month + 2) // 3,
        "dayofyear": day,
        "weekday": moment.isoweekday() % 7 + 1,
        "week": (day + datetime(moment.year, 1, 1).isoweekday() % 7 - 1) // 7 + 1,
        "millisecond": moment.microsecond // 1_000,
    }
    return parts[name] if name in parts else int(getattr(moment, name))


def end_of_month(value: Value) -> str:
    """EOMONTH."""
    moment = moment_of(value)
    last = calendar.monthrange(moment.year, moment.month)[1]
    return stored(datetime(moment.year, moment.month, last))


def date_from_parts(year: Value, month: Value, day: Value) -> str:
    """DATEFROMPARTS."""
    try:
        return stored(datetime(int(year), int(month), int(day)))
    except ValueError:
        raise ConversionFailed(
            "Cannot construct data type date, some of the arguments have values which are not valid."
        ) from None


# Time zones.

_WITH_OFFSET = re.compile(r"(?P<time>.+) (?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)", re.ASCII)


def at_time_zone(value: Value, zone: Value) -> str:
    """AT TIME ZONE: a time without an offset is read as one of the zone, a time with an offset is converted."""
    there = _zone(str(zone))
    try:
        moment = _zoned(value, there).astimezone(there)
    except (OverflowError, ValueError):
        raise ConversionFailed(NO_DATE) from None
    minutes = round((moment.utcoffset() or timedelta()) / timedelta(minutes=1))
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return (
        f"{stored(rounded(moment.replace(tzinfo=None)))} {sign}{minutes // 60:02}:{minutes % 60:02}"
    )


def _zoned(value: Value, zone: tzinfo) -> datetime:
    match = _WITH_OFFSET.fullmatch(str(value))
    if match is None:
        return datetime.fromisoformat(date_of(value)).replace(tzinfo=zone)
    return datetime.fromisoformat(match["time"]).replace(tzinfo=_offset(match))


def _offset(match: re.Match[str]) -> timezone:
    span = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return timezone(-span if match["sign"] == "-" else span)


def wall_time(value: Value) -> Value:
    """Return a time without its offset, as a conversion to a date does."""
    match = _WITH_OFFSET.fullmatch(str(value))
    return value if match is None else match["time"]


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    # Loaded when a query uses it.
    from tzlocal.windows_tz import win_tz

    known = {windows.casefold(): iana for windows, iana in win_tz.items()}
    try:
        return ZoneInfo(known[name.strip().casefold()])
    except (KeyError, ZoneInfoNotFoundError):
        # Text: SQL Server's.
        raise ConversionFailed(
            f"The time zone parameter '{name}' provided to AT TIME ZONE clause is invalid."
        ) from None


def switched(value: Value, offset: Value) -> str:
    """SWITCHOFFSET: return a time in another offset, `+01:00`; one without an offset is UTC."""
    wanted = _WITH_OFFSET.fullmatch(f"x {str(offset).strip()}")
    if wanted is None:
        raise ConversionFailed(
            f"The timezone provided to builtin function switchoffset is invalid: {offset}."
        )
    shown = _zoned(value, UTC).astimezone(_offset(wanted)).replace(tzinfo=None)
    return f"{stored(rounded(shown))} {str(offset).strip()}"


DATE_FUNCTIONS: Functions = {
    "tsql_datetime": (1, date_of),
    "tsql_dateadd": (3, add_to_date),
    "tsql_datediff": (3, difference),
    "tsql_datepart": (2, part_of_date),
    "tsql_eomonth": (1, end_of_month),
    "tsql_datefromparts": (3, date_from_parts),
    "tsql_format": (2, lambda value, pattern: moment_of(value).strftime(str(pattern))),
    "tsql_at_time_zone": (2, at_time_zone),
    "tsql_switchoffset": (2, switched),
    "tsql_wall_time": (1, wall_time),
}
