"""Number functions of T-SQL: arithmetic, ROUND, and FORMAT by the patterns of .NET for the culture en-US."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from sfmc_mock.store.tsql.conversions import ConversionFailed, Functions, Value, number_of


def plus(left: Value, right: Value) -> Value:
    """Add numbers, or put texts together."""
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    try:
        return number_of(left) + number_of(right)
    except ConversionFailed:
        text = left if isinstance(left, str) else right
        raise ConversionFailed(
            f"Conversion failed when converting the nvarchar value '{text}' to data type int."
        ) from None


def divide(left: Value, right: Value) -> Value:
    """Divide: whole numbers give a whole one, toward zero."""
    dividend, divisor = number_of(left), number_of(right)
    if divisor == 0:
        raise ConversionFailed("Divide by zero error encountered.")
    if isinstance(dividend, int) and isinstance(divisor, int):
        quotient = abs(dividend) // abs(divisor)
        return quotient if (dividend < 0) == (divisor < 0) else -quotient
    return dividend / divisor


def rounded_to(value: Value, places: Value = 0) -> Value:
    """ROUND."""
    number = number_of(value)
    step = Decimal(1).scaleb(-int(places))
    rounded = (Decimal(str(number)) / step).to_integral_value(ROUND_HALF_UP) * step
    return int(rounded) if isinstance(number, int) else float(rounded)


def ceiling(value: Value) -> int:
    """CEILING."""
    return math.ceil(Decimal(str(number_of(value))))


def floor(value: Value) -> int:
    """FLOOR."""
    return math.floor(Decimal(str(number_of(value))))


_STANDARD = re.compile(r"(?P<kind>[NFDCPG])(?P<places>\d{0,2})", re.ASCII | re.IGNORECASE)
_CUSTOM = re.compile(
    r"(?P<before>[^0#,.]*)(?P<whole>[0#,]*)(?:\.(?P<fraction>[0#]*))?(?P<after>[^0#,.]*)", re.ASCII
)


def format_number(value: Value, pattern: Value) -> str:
    """FORMAT of a number by a pattern such as `N2`, `C`, `P0`, `D5`, `0.00` or `#,##0.##`."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ConversionFailed(
            f"Argument data type nvarchar is invalid for argument 1 of format function: '{value}'."
        ) from None
    standard = _STANDARD.fullmatch(str(pattern))
    if standard is not None:
        return _standard(number, standard["kind"].upper(), standard["places"])
    return _custom(number, str(pattern).partition(";")[0])


def _standard(number: Decimal, kind: str, digits: str) -> str:
    if kind == "G":
        return f"{number.normalize():f}"
    if kind == "D":
        whole = int(number)
        return ("-" if whole < 0 else "") + str(abs(whole)).rjust(int(digits or 1), "0")
    places = int(digits) if digits else 2
    if kind == "P":
        return f"{_rounded(number * 100, places):,.{places}f}%"
    text = f"{_rounded(abs(number), places):{',' if kind != 'F' else ''}.{places}f}"
    sign = "-" if _rounded(number, places) < 0 else ""
    return f"{sign}${text}" if kind == "C" else f"{sign}{text}"


def _custom(number: Decimal, pattern: str) -> str:
    match = _CUSTOM.fullmatch(pattern)
    if match is None:
        raise ConversionFailed(f"FORMAT of a number by '{pattern}' is not emulated.")
    whole, fraction = match["whole"] or "", match["fraction"] or ""
    if "%" in match["before"] + match["after"]:
        number *= 100
    least, most = fraction.count("0"), len(fraction)
    rounded = _rounded(abs(number), most)
    digits, _, places = f"{rounded:.{most}f}".partition(".")
    kept = places[:least] + places[least:].rstrip("0")
    digits = digits.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole and digits:
        digits = f"{int(digits):,}".rjust(len(digits), "0")
    sign = "-" if number < 0 and rounded else ""
    return sign + match["before"] + digits + (f".{kept}" if kept else "") + match["after"]


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


NUMBER_FUNCTIONS: Functions = {
    "tsql_plus": (2, plus),
    "tsql_divide": (2, divide),
    "tsql_round": (-1, rounded_to),
    "tsql_ceiling": (1, ceiling),
    "tsql_floor": (1, floor),
    "tsql_format_number": (2, format_number),
}
