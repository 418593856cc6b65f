"""Conversions of values: CAST, CONVERT and their relatives in T-SQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from sfmc_mock.clock import parse_iso_or_us_time, rounded, stored

Value: TypeAlias = str | int | float
Nullable: TypeAlias = Value | None
Functions: TypeAlias = dict[str, tuple[int, Callable[..., Any]]]
"""Functions by their names, with how many arguments they take, -1 for any number."""


class ConversionFailed(ValueError):
    """A value cannot be converted, or calculated with."""


def text_of(value: Value) -> str:
    """Return a value as a text: a whole number without decimals."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def decimal_of(value: Value, kind: str = "numeric") -> Decimal:
    """Return a value as a number with all its digits; `kind` is the type that an error names."""
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        raise ConversionFailed(f"Error converting data type nvarchar to {kind}.") from None


def number_of(value: Value) -> int | float:
    """Return a value as a number to calculate with."""
    if isinstance(value, int | float):
        return value
    number = decimal_of(value)
    return int(number) if number == number.to_integral_value() else float(number)


NO_DATE = "Conversion failed when converting date and/or time from character string."


def moment_of(value: Value) -> datetime:
    """Return a value as a date and time: a number counts days since 1900."""
    if isinstance(value, int | float):
        return datetime(1900, 1, 1) + timedelta(days=value)
    text = str(value).strip()
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return parse_iso_or_us_time(text)
    except (ValueError, OverflowError):
        raise ConversionFailed(NO_DATE) from None


def date_of(value: Value) -> str:
    """Return a value as a date and time, as the store keeps it."""
    return stored(rounded(moment_of(value)))


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


def date_text(value: Value, style: int = 0) -> str:
    """Return a date as SQL Server writes it in a style: by default `Jan  1 2026 12:00PM`."""
    moment = moment_of(value)
    if style in (21, 25, 121):
        return moment.isoformat(" ", "milliseconds")
    if style in (126, 127):
        return moment.isoformat("T", "milliseconds" if moment.microsecond else "seconds")
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


def cast(
    value: Nullable, kind: Value, size: Nullable, scale: Nullable, style: Nullable, was: Nullable
) -> Nullable:
    """CAST and CONVERT; `was` is `date` for a date, `size` and `scale` those of the type, or NULL."""
    if value is None:
        return None
    name = str(kind).lower()
    if name == "date":
        return stored(moment_of(value).replace(hour=0, minute=0, second=0, microsecond=0))
    if name in _DATES:
        return date_of(value)
    if name == "time":
        return moment_of(value).strftime("%H:%M:%S")
    if name in _INTEGERS:
        return _integer(value, name)
    if name in ("bit", "boolean"):
        return _bit(value)
    if name in _REALS:
        return float(decimal_of(value, name))
    if name in _DECIMALS:
        places = 4 if "money" in name else int(scale or 0)
        return float(round(decimal_of(value, name), places))
    text = date_text(str(value), int(style or 0)) if was == "date" else text_of(value)
    if size is None:
        # SQL Server gives a text that says no size this one in a conversion.
        return text[:30] if name in ("char", "varchar", "nchar", "nvarchar") else text
    return text if str(size).lower() == "max" else text[: int(size)]


def _integer(value: Value, name: str) -> int:
    if isinstance(value, int | float):
        return int(value)
    if not re.fullmatch(r"\s*[+-]?[0-9]{0,300}\s*", value):
        raise ConversionFailed(
            f"Conversion failed when converting the nvarchar value '{value}' to data type {name}."
        )
    return int(value.strip() or 0)


def _bit(value: Value) -> int:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return int(value.lower() == "true")
    return int(_integer(value, "bit") != 0)


def try_cast(
    value: Nullable, kind: Value, size: Nullable, scale: Nullable, style: Nullable, was: Nullable
) -> Nullable:
    """TRY_CAST and TRY_CONVERT."""
    try:
        return cast(value, kind, size, scale, style, was)
    except (ValueError, OverflowError):
        return None


def is_number(value: Nullable) -> int:
    """ISNUMERIC."""
    try:
        return int(value is not None and decimal_of(value).is_finite())
    except ConversionFailed:
        return 0


def is_date(value: Nullable) -> int:
    """ISDATE."""
    try:
        return int(value is not None and bool(moment_of(value)))
    except ConversionFailed:
        return 0


CONVERSIONS: Functions = {
    "tsql_cast": (6, cast),
    "tsql_try_cast": (6, try_cast),
    "tsql_isnumeric": (1, is_number),
    "tsql_isdate": (1, is_date),
}
