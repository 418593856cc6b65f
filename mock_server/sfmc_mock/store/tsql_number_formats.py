"""FORMAT of numbers: the standard and custom patterns of .NET, as the culture en-US writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from sfmc_mock.store.tsql_functions import ConversionFailed, Value

_STANDARD = re.compile(r"(?P<kind>[NFDCPG])(?P<places>\d{0,2})", re.ASCII | re.IGNORECASE)
_CUSTOM = re.compile(
    r"(?P<before>[^0#,.]*)(?P<whole>[0#,]*)(?:\.(?P<fraction>[0#]*))?(?P<after>[^0#,.]*)", re.ASCII
)


def format_number(value: Value, pattern: Value) -> str | None:
    """Return a number by a pattern such as `N2`, `C`, `P0`, `D5`, `0.00` or `#,##0.##`."""
    if value is None or pattern is None:
        return None
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


NUMBER_FORMATS: Mapping[str, tuple[int, Callable[..., Value]]] = {
    "tsql_format_number": (2, format_number)
}
