"""Read the scalars of a request: texts become values, and some invalid texts are accepted.

A value that does not parse refuses the whole request, with .NET's text (inferred; see docs/differences.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from lxml import etree

from sfmc_mock.clock import SERVER_OFFSET
from sfmc_mock.diagnostics import CallWarnings
from sfmc_mock.errors import RequestUnreadable, TooManyObjects
from sfmc_mock.limits import Limits
from sfmc_mock.wire.unread import Unread

_SERVER_ZONE = str(timezone(SERVER_OFFSET)).removeprefix("UTC")
_DATE = re.compile(
    r"(?P<naive>\d{4}-\d\d-\d\d(?:[T ][0-2]\d:\d\d(?::\d\d(?:\.\d+)?)?)?)(?:Z|[+-][01]\d:[0-5]\d)?",
    re.ASCII,
)
_ZONED = re.compile(
    r"(?P<moment>.{10}[T ]\d\d:\d\d(?::\d\d)?)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_INTEGER = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN", re.ASCII)
# The lowest and the highest number of each type, and its name in .NET.
_INTEGERS = {
    "byte": (-128, 127, "an unsigned byte"),
    "short": (-(2**15), 2**15 - 1, "an Int16"),
    "int": (-(2**31), 2**31 - 1, "an Int32"),
    "long": (-(2**63), 2**63 - 1, "an Int64"),
}
_NOT_A_NUMBER = "Input string was not in a correct format."


@dataclass(slots=True)
class Leniency:
    """The leniency of a reading, and the deviations that it accepted.

    A lenient reading accepts a text in the place of a date in filters, which the documented sample needs, flags in any
    case, and ignores empty numbers. Each is noted in `warnings`, because the live service would have refused it.
    """

    lenient: bool = True
    warnings: CallWarnings = field(default_factory=CallWarnings)
    limits: Limits = field(default_factory=Limits)
    objects: int = 0
    """The number of API objects read so far, nil ones included."""
    _unread: Unread | None = None

    @property
    def unread(self) -> Unread:
        """The elements that were ignored so far."""
        if self._unread is None:
            self._unread = Unread(self.warnings)
        return self._unread

    def note_attributes(self, element: etree._Element, names: Sequence[str | bytes]) -> None:
        """Note attributes without a namespace, which are not read."""
        for name in map(str, names):
            if not name.startswith("{"):
                self.unread.attribute(element, name)

    def count_object(self) -> None:
        """Count an API object. Raises `TooManyObjects`."""
        self.objects += 1
        if self.objects > self.limits.objects:
            raise TooManyObjects


# Reads the text of a scalar element; a value that it returns as None counts as absent.
Scalar = Callable[[str, str, Leniency], object]


def string(text: str, name: str, leniency: Leniency) -> object:
    """Return the text as it is."""
    return text


def _integer(kind: str) -> Scalar:
    low, high, net_name = _INTEGERS.get(kind, (None, None, ""))

    def scalar(text: str, name: str, leniency: Leniency) -> object:
        bare = text.strip()
        if not _INTEGER.fullmatch(bare):
            return _empty_or_unreadable(bare, name, leniency, _NOT_A_NUMBER)
        number = int(bare)
        if low is not None and high is not None and not low <= number <= high:
            raise RequestUnreadable(f"Value was either too large or too small for {net_name}.")
        return number

    return scalar


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _boolean(text: str, name: str, leniency: Leniency) -> object:
    bare = text.strip()
    known = _BOOLEANS.get(bare)
    if known is not None:
        return known
    reason = f"The string '{bare}' is not a valid Boolean value."
    meant = _BOOLEANS.get(bare.lower()) if leniency.lenient else None
    if meant is None:
        return _empty_or_unreadable(bare, name, leniency, reason)
    leniency.warnings.append(
        f"{name} holds '{bare}': taken as {bare.lower()}; the live service refuses the request ({reason})"
    )
    return meant


def _date(text: str, name: str, leniency: Leniency) -> object:
    bare = text.strip()
    if _is_date(bare):
        return _in_server_time(bare)
    if leniency.lenient and bare and name == "DateValue":
        leniency.warnings.append(
            f"DateValue holds '{bare}', which is not a date: taken as the value; the live service refuses the request"
        )
        return bare
    return _empty_or_unreadable(
        bare, name, leniency, f"The string '{bare}' is not a valid AllXsd value."
    )


def _in_server_time(text: str) -> str:
    """Return a date as the service stores and shows it: in server time, with its offset (recorded).

    One without a zone is server time already.
    """
    match = _ZONED.fullmatch(text)
    if match is None or match["zone"] == _SERVER_ZONE:
        return text
    try:
        there = datetime.fromisoformat(match["moment"] + match["zone"])
        moment = there.astimezone(timezone(SERVER_OFFSET)).replace(tzinfo=None)
    except OverflowError:
        return text
    return f"{moment.isoformat()}{(match['fraction'] or '').rstrip('0.')}{_SERVER_ZONE}"


def _is_date(text: str) -> bool:
    """Say whether the text is a date of XML Schema, one that the calendar has."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    try:
        datetime.fromisoformat(match["naive"])
    except ValueError:
        return False
    return True


def _number(text: str, name: str, leniency: Leniency) -> object:
    bare = text.strip()
    if not _NUMBER.fullmatch(bare):
        return _empty_or_unreadable(bare, name, leniency, _NOT_A_NUMBER)
    return bare


def enumeration(type_name: str, values: tuple[str, ...]) -> Scalar:
    """Return a function that reads one of the values of a type."""
    known = frozenset(values)

    def scalar(text: str, name: str, leniency: Leniency) -> object:
        bare = text.strip()
        if bare in known:
            return bare
        reason = f"Instance validation error: '{bare}' is not a valid value for {type_name}."
        return _empty_or_unreadable(bare, name, leniency, reason)

    return scalar


def _empty_or_unreadable(bare: str, name: str, leniency: Leniency, reason: str) -> object:
    if bare or not leniency.lenient:
        raise RequestUnreadable(reason)
    leniency.warnings.append(
        f"{name} is empty: taken as not given; the live service refuses the request ({reason})"
    )
    return None


SCALARS: dict[str, Scalar] = {
    "any": string,
    "base64Binary": string,
    "boolean": _boolean,
    "byte": _integer("byte"),
    "dateTime": _date,
    "double": _number,
    "int": _integer("int"),
    "integer": _integer("integer"),
    "long": _integer("long"),
    "short": _integer("short"),
    "string": string,
    "time": string,
}
"""The functions that read the primitive types of the schema."""
