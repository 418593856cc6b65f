"""Functions of T-SQL that SQLite does not have, as queries call them: `tsql_…`.

Dates are ISO texts with milliseconds, as the store keeps them. A value that a function cannot take is raised as
`ConversionFailed` with SQL Server's text.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TypeAlias

from sfmc_mock.clock import parse_iso_or_us_time, rounded, stored

Value: TypeAlias = str | int | float | None


class ConversionFailed(ValueError):
    """A value cannot be converted, or reckoned with."""


def _moment(value: Value) -> datetime:
    if isinstance(value, int | float):
        return datetime(1900, 1, 1) + timedelta(days=value)
    text = str(value).strip()
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return parse_iso_or_us_time(text)
    except (ValueError, OverflowError):
        raise ConversionFailed(
            "Conversion failed when converting date and/or time from character string."
        ) from None


def _text(value: Value) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def date_of(value: Value) -> str | None:
    """Return a value as a date and time."""
    return None if value is None else stored(rounded(_moment(value)))


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
    "day": timedelta(days=1),
    "dayofyear": timedelta(days=1),
    "weekday": timedelta(days=1),
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


def add_to_date(unit: Value, number: Value, value: Value) -> str | None:
    """DATEADD."""
    if number is None or value is None:
        return None
    name, moment, count = _unit(unit), _moment(value), int(number)
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


def difference(unit: Value, start: Value, end: Value) -> int | None:
    """DATEDIFF: how many boundaries of the unit lie between."""
    if start is None or end is None:
        return None
    return _ordinal(_unit(unit), _moment(end)) - _ordinal(_unit(unit), _moment(start))


def _ordinal(unit: str, moment: datetime) -> int:
    if unit in _MONTHS:
        return (moment.year * 12 + moment.month - 1) // _MONTHS[unit]
    if unit == "week":
        # Weeks begin on Sunday.
        return moment.toordinal() // 7
    if unit in ("day", "dayofyear", "weekday"):
        return moment.toordinal()
    return (moment - datetime(1, 1, 1)) // _LENGTHS[unit]


def part_of_date(unit: Value, value: Value) -> int | None:
    """DATEPART."""
    if value is None:
        return None
    moment, name = _moment(value), _unit(unit)
    first = datetime(moment.year, 1, 1)
    # Sunday is the first day of a week.
    parts = {
        "quarter": (moment.month + 2) // 3,
        "dayofyear": moment.timetuple().tm_yday,
        "weekday": moment.isoweekday() % 7 + 1,
        "week": (moment.timetuple().tm_yday + first.isoweekday() % 7 - 1) // 7 + 1,
        "millisecond": moment.microsecond // 1_000,
    }
    return parts[name] if name in parts else int(getattr(moment, name))


def end_of_month(value: Value) -> str | None:
    """EOMONTH."""
    if value is None:
        return None
    moment = _moment(value)
    last = calendar.monthrange(moment.year, moment.month)[1]
    return stored(datetime(moment.year, moment.month, last))


def date_from_parts(year: Value, month: Value, day: Value) -> str | None:
    """DATEFROMPARTS."""
    if year is None or month is None or day is None:
        return None
    try:
        return stored(datetime(int(year), int(month), int(day)))
    except ValueError:
        raise ConversionFailed(
            "Cannot construct data type date, some of the arguments have values which are not valid."
        ) from None


def formatted(value: Value, pattern: Value) -> str | None:
    """Return a date by a pattern of strftime."""
    return None if value is None else _moment(value).strftime(str(pattern))


# Styles of CONVERT, as patterns of strftime.
_STYLES = {
    1: "%m/%d/%y",
    3: "%d/%m/%y",
    23: "%Y-%m-%d",
    101: "%m/%d/%Y",
    103: "%d/%m/%Y",
    104: "%d.%m.%Y",
    105: "%d-%m-%Y",
    106: "%d %b %Y",
    107: "%b %d, %Y",
    108: "%H:%M:%S",
    110: "%m-%d-%Y",
    111: "%Y/%m/%d",
    112: "%Y%m%d",
    120: "%Y-%m-%d %H:%M:%S",
}


def date_text(value: str, style: int = 0) -> str:
    """Return a date as SQL Server writes it in a style: by default `Jan  1 2026 12:00PM`."""
    moment = _moment(value)
    milliseconds = f".{moment.microsecond // 1_000:03}"
    if style in (21, 25, 121):
        return moment.strftime("%Y-%m-%d %H:%M:%S") + milliseconds
    if style in (126, 127):
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + (milliseconds if moment.microsecond else "")
    if style in _STYLES:
        return moment.strftime(_STYLES[style])
    if style in (0, 100):
        hour = (moment.hour + 11) % 12 + 1
        half = "AM" if moment.hour < 12 else "PM"
        return f"{moment:%b} {moment.day:2} {moment.year} {hour:2}:{moment.minute:02}{half}"
    raise ConversionFailed(
        f"{style} is not a valid style number when converting to a character string."
    )


_INTEGERS = {"tinyint", "utinyint", "smallint", "int", "bigint"}
_DATES = {"datetime", "datetime2", "smalldatetime", "timestamp", "timestamptz", "datetimeoffset"}
_REALS = {"float", "double", "real"}
_DECIMALS = {"decimal", "numeric", "money", "smallmoney"}


def cast(value: Value, kind: Value, size: Value, scale: Value, style: Value, was: Value) -> Value:
    """CAST and CONVERT; `was` is `date` for a date, `size` and `scale` those of the type, or NULL."""
    if value is None:
        return None
    name = str(kind).lower()
    if name == "date":
        return stored(_moment(value).replace(hour=0, minute=0, second=0, microsecond=0))
    if name in _DATES:
        return date_of(value)
    if name == "time":
        return _moment(value).strftime("%H:%M:%S")
    if name in _INTEGERS:
        return _integer(value, name)
    if name in ("bit", "boolean"):
        return _bit(value)
    if name in _REALS:
        return float(_decimal(value, name))
    if name in _DECIMALS:
        places = 4 if "money" in name else int(scale or 0)
        return float(round(_decimal(value, name), places))
    text = date_text(str(value), int(style or 0)) if was == "date" else _text(value)
    if size is None:
        # SQL Server gives a text that says no size this one in a conversion.
        return text[:30] if name in ("char", "varchar", "nchar", "nvarchar") else text
    return text if str(size).lower() == "max" else text[: int(size)]


def _integer(value: Value, name: str) -> int:
    if isinstance(value, int | float):
        return int(value)
    if not re.fullmatch(r"\s*[+-]?[0-9]{0,300}\s*", str(value)):
        raise ConversionFailed(
            f"Conversion failed when converting the nvarchar value '{value}' to data type {name}."
        )
    return int(str(value).strip() or 0)


def _bit(value: Value) -> int:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return int(value.lower() == "true")
    return int(_integer(value, "bit") != 0)


def _decimal(value: Value, name: str) -> Decimal:
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        raise ConversionFailed(f"Error converting data type nvarchar to {name}.") from None


def try_cast(value: Value, *rest: Value) -> Value:
    """TRY_CAST and TRY_CONVERT."""
    try:
        return cast(value, *rest)
    except (ConversionFailed, ValueError, OverflowError):
        return None


def plus(left: Value, right: Value) -> Value:
    """Add numbers, or put texts together."""
    if left is None or right is None:
        return None
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    try:
        return _number(left) + _number(right)
    except ConversionFailed:
        text = left if isinstance(left, str) else right
        raise ConversionFailed(
            f"Conversion failed when converting the nvarchar value '{text}' to data type int."
        ) from None


def _number(value: Value) -> int | float:
    if isinstance(value, int | float):
        return value
    number = _decimal(value, "numeric")
    return int(number) if number == number.to_integral_value() else float(number)


def divide(left: Value, right: Value) -> Value:
    """Divide: whole numbers give a whole one, toward zero."""
    if left is None or right is None:
        return None
    dividend, divisor = _number(left), _number(right)
    if divisor == 0:
        raise ConversionFailed("Divide by zero error encountered.")
    if isinstance(dividend, int) and isinstance(divisor, int):
        quotient = abs(dividend) // abs(divisor)
        return quotient if (dividend < 0) == (divisor < 0) else -quotient
    return dividend / divisor


@lru_cache(maxsize=256)
def _segments(pattern: str, escape: str) -> tuple[re.Pattern[str], ...]:
    """Return what stands between the percent signs of a pattern of LIKE; each matches texts of one length."""
    segments = [""]
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        if escape and sign == escape and at + 1 < len(pattern):
            at += 1
            segments[-1] += re.escape(pattern[at])
        elif sign == "[" and (end := pattern.find("]", at + 1)) > 0:
            segments[-1] += _one_of(pattern[at + 1 : end])
            at = end
        elif sign == "%":
            segments.append("")
        else:
            segments[-1] += "." if sign == "_" else re.escape(sign)
        at += 1
    return tuple(re.compile(segment, re.IGNORECASE | re.DOTALL) for segment in segments)


def _one_of(inside: str) -> str:
    """Return what stands in brackets as a regular expression."""
    negated = "^" if inside.startswith("^") else ""
    signs = inside.removeprefix("^").replace("\\", r"\\").replace("[", r"\[")
    try:
        re.compile(f"[{negated}{signs}]")
    except re.error:
        return "(?!)"
    return f"[{negated}{signs}]"


def _match(text: str, segments: Sequence[re.Pattern[str]], start: int = 0) -> bool:
    """Say whether a text matches from a place to its end.

    Each segment is taken where it comes first, which is enough as its length is fixed: a pattern with many percent
    signs takes no longer than the text.
    """
    first, *middle = segments
    if not middle:
        return first.fullmatch(text, start) is not None
    match = first.match(text, start)
    for pattern in middle[:-1]:
        match = pattern.search(text, match.end()) if match else None
    if match is None:
        return False
    # The last one stands at the end: look for it from where it can begin.
    last = middle[-1]
    return any(last.fullmatch(text, at) for at in range(len(text), match.end() - 1, -1)[:4_001])


def like(value: Value, pattern: Value, escape: Value = "") -> int | None:
    """LIKE, without regard to case."""
    if value is None or pattern is None:
        return None
    return int(_match(_text(value), _segments(str(pattern), str(escape or ""))))


def index_of_pattern(pattern: Value, value: Value) -> int | None:
    """PATINDEX."""
    if value is None or pattern is None:
        return None
    text, wanted = _text(value), str(pattern)
    if not wanted.startswith("%"):
        return like(text, wanted)
    segments = _segments(wanted.lstrip("%") or "%", "")
    places = (match.start() for match in segments[0].finditer(text))
    return next((at + 1 for at in places if _match(text, segments, at)), 0)


def index_of(wanted: Value, value: Value, start: Value = 1) -> int | None:
    """CHARINDEX."""
    if wanted is None or value is None:
        return None
    return _text(value).lower().find(_text(wanted).lower(), max(int(start or 1) - 1, 0)) + 1


def replaced(value: Value, old: Value, new: Value) -> str | None:
    """REPLACE, without regard to case."""
    if value is None or old is None or new is None:
        return None
    if old == "":
        return _text(value)
    return re.sub(re.escape(_text(old)), lambda _: _text(new), _text(value), flags=re.IGNORECASE)


def stuffed(value: Value, start: Value, length: Value, new: Value) -> str | None:
    """STUFF."""
    if value is None or start is None or length is None:
        return None
    text, first = _text(value), int(start)
    if first < 1 or first > len(text) or int(length) < 0:
        return None
    return text[: first - 1] + _text("" if new is None else new) + text[first - 1 + int(length) :]


def part_of_text(value: Value, start: Value, length: Value) -> str | None:
    """SUBSTRING."""
    if value is None or start is None or length is None:
        return None
    if int(length) < 0:
        raise ConversionFailed("Invalid length parameter passed to the LEFT or SUBSTRING function.")
    first = int(start) - 1
    return _text(value)[max(first, 0) : max(first + int(length), 0)]


def left(value: Value, count: Value) -> str | None:
    """LEFT."""
    return part_of_text(value, 1, count)


def right(value: Value, count: Value) -> str | None:
    """RIGHT."""
    if value is None or count is None:
        return None
    return _text(value)[-int(count) :] if int(count) > 0 else ""


# How long a text may become: SQL Server's limit for texts that are no `max`.
_MOST_CHARACTERS = 8_000


def replicated(value: Value, times: Value) -> str | None:
    """REPLICATE."""
    if value is None or times is None or int(times) < 0:
        return None
    text = _text(value)
    return (text * min(int(times), _MOST_CHARACTERS))[:_MOST_CHARACTERS]


def _of_text(act: Callable[[str], Value]) -> Callable[[Value], Value]:
    return lambda value: None if value is None else act(_text(value))


def concatenated(*values: Value) -> str:
    """CONCAT: NULL is nothing."""
    return "".join(_text(value) for value in values if value is not None)


def joined(separator: Value, *values: Value) -> str:
    """CONCAT_WS."""
    return _text(separator or "").join(_text(value) for value in values if value is not None)


def rounded_to(value: Value, places: Value = 0) -> Value:
    """ROUND."""
    if value is None or places is None:
        return None
    number = _number(value)
    step = Decimal(1).scaleb(-int(places))
    rounded = (Decimal(str(number)) / step).to_integral_value("ROUND_HALF_UP") * step
    return int(rounded) if isinstance(number, int) else float(rounded)


def ceiling(value: Value) -> Value:
    """CEILING."""
    if value is None:
        return None
    return int(Decimal(str(_number(value))).to_integral_value("ROUND_CEILING"))


def floor(value: Value) -> Value:
    """FLOOR."""
    if value is None:
        return None
    return int(Decimal(str(_number(value))).to_integral_value("ROUND_FLOOR"))


def is_number(value: Value) -> int:
    """ISNUMERIC."""
    try:
        return int(value is not None and _decimal(value, "numeric").is_finite())
    except ConversionFailed:
        return 0


def is_date(value: Value) -> int:
    """ISDATE."""
    try:
        return int(value is not None and bool(_moment(value)))
    except ConversionFailed:
        return 0


FUNCTIONS: Mapping[str, tuple[int, Callable[..., Value]]] = {
    "tsql_datetime": (1, date_of),
    "tsql_dateadd": (3, add_to_date),
    "tsql_datediff": (3, difference),
    "tsql_datepart": (2, part_of_date),
    "tsql_eomonth": (1, end_of_month),
    "tsql_datefromparts": (3, date_from_parts),
    "tsql_format": (2, formatted),
    "tsql_cast": (6, cast),
    "tsql_try_cast": (6, try_cast),
    "tsql_plus": (2, plus),
    "tsql_divide": (2, divide),
    "tsql_like": (-1, like),
    "tsql_patindex": (2, index_of_pattern),
    "tsql_charindex": (-1, index_of),
    "tsql_replace": (3, replaced),
    "tsql_stuff": (4, stuffed),
    "tsql_substring": (3, part_of_text),
    "tsql_left": (2, left),
    "tsql_right": (2, right),
    # Blanks at the end do not count.
    "tsql_len": (1, _of_text(lambda text: len(text.rstrip(" ")))),
    "tsql_upper": (1, _of_text(str.upper)),
    "tsql_lower": (1, _of_text(str.lower)),
    "tsql_reverse": (1, _of_text(lambda text: text[::-1])),
    "tsql_replicate": (2, replicated),
    "tsql_ascii": (1, _of_text(lambda text: ord(text[0]) if text else None)),
    "tsql_concat": (-1, concatenated),
    "tsql_concat_ws": (-1, joined),
    "tsql_round": (-1, rounded_to),
    "tsql_ceiling": (1, ceiling),
    "tsql_floor": (1, floor),
    "tsql_isnumeric": (1, is_number),
    "tsql_isdate": (1, is_date),
}
"""The functions by their names, with how many arguments they take."""
