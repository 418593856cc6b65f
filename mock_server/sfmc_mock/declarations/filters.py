"""Convert a filter on the wire to a condition on rows.

Filters that differ in their values only have the same shape. A shape is planned once for a source; the plan then reads
the values of each filter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias, cast

from sfmc_mock.clock import parse_iso_or_us_time, stored
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import Compared, Source
from sfmc_mock.diagnostics import CallWarnings
from sfmc_mock.errors import NESTED_TOO_DEEPLY, RetrieveRefused
from sfmc_mock.store.conditions import OPERATORS, Bound, Condition, all_of, any_of, comparison
from sfmc_mock.wire.struct import Struct

_SEVERAL = frozenset({"IN", "between"})
# Between the values of one text: a client (sdk) counts on the SQL that the service makes of it.
_LISTED = "','"

MAX_FILTER_DEPTH = 200
"""The greatest depth of a filter. The service refuses one of 984 levels (seen live); its limit is assumed."""


class _Comparison(NamedTuple):
    """The shape of a simple filter: its numbers of values and dates, and of values listed in their texts."""

    name: str
    operator: str
    values: int
    dates: int
    listed: int


class _Combination(NamedTuple):
    operator: str
    operands: tuple[Shape, ...]


Shape: TypeAlias = _Comparison | _Combination | str
"""The shape of a filter; a text is the service's error about an invalid one."""


def read_filter(call: Call, source: Source, part: Struct) -> Condition:
    """Return the condition of a filter for the rows of a source.

    Raises `RetrieveRefused` with the service's texts (seen live, unless said otherwise below).
    """
    given: list[str | None] = []
    plan = plan_filter(call, source, shape_of(part, given))
    return plan.condition.filled(plan.read(call, given))


def shape_of(part: Struct, given: list[str | None], level: int = 1) -> Shape:
    """Return the shape of a filter; its values are added to `given`, in order."""
    if level > MAX_FILTER_DEPTH:
        return NESTED_TOO_DEEPLY
    if part.type == "SimpleFilterPart":
        name, operator = part.text("Property") or "", part.text("SimpleOperator") or "equals"
        # An empty value or a nil one is refused in its turn.
        values = part.values.get("Value")
        texts = values if name and isinstance(values, list) else part.texts("Value")
        dates = part.texts("DateValue") if "DateValue" in part.values else []
        given += texts
        given += dates
        listed = 0
        if operator == "IN" and any(_LISTED in each for each in (*texts, *dates) if each):
            listed = sum(str(each).count(_LISTED) + 1 for each in (*texts, *dates))
        return _Comparison(name, operator, len(texts), len(dates), listed)
    if part.type == "ComplexFilterPart":
        joint = part.text("LogicalOperator")
        left, right = part.part("LeftOperand"), part.part("RightOperand")
        if left is None or right is None or joint is None:
            return f"Incorrect syntax near the keyword '{joint or 'AND'}'."
        operands = [left, right, *part.wrapped("AdditionalOperands", "Operand")]
        shapes = tuple([shape_of(each, given, level + 1) for each in operands])
        return _Combination(joint, shapes)
    if part.type == "TagFilterPart":
        # Documented for tagged objects only, none of which the emulator has; wording assumed.
        return "TagFilterPart is not supported for this object type."
    return f"Unknown filter of type {part.type} encountered"


def values_of(part: Struct) -> list[str | None]:
    """Return the values of a filter in the order of `shape_of`, without reading the rest of it."""
    if part.type == "SimpleFilterPart":
        values = part.values.get("Value")
        return [
            *(values if isinstance(values, list) else part.texts("Value")),
            *part.texts("DateValue"),
        ]
    operands = [part.part("LeftOperand"), part.part("RightOperand")]
    operands += part.wrapped("AdditionalOperands", "Operand")
    return [value for operand in operands if operand is not None for value in values_of(operand)]


def length_of(shape: Shape) -> int:
    """Return the approximate size of a plan of a shape, in characters."""
    if isinstance(shape, str):
        return len(shape)
    if isinstance(shape, _Comparison):
        return len(shape.name) + len(shape.operator) + 4 * (shape.values + shape.dates)
    return sum(map(length_of, shape.operands))


class _Reading(NamedTuple):
    """The reading of a comparison's values: `values` and `dates` are given, the first `used` of them count."""

    operator: str
    values: int
    dates: int
    listed: int
    used: int
    convert: Callable[[str], Bound]
    warnings: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether only one value must be converted."""
        is_one = self.values + self.dates == self.used == 1
        return is_one and not self.listed and not self.warnings

    def read(self, call: Call, texts: Sequence[str | None]) -> list[Bound]:
        for warning in self.warnings:
            call.warn(warning)
        for place, text in enumerate(texts[: self.values] if self.used else ()):
            if not text:
                # What clients send for a variable that holds nothing.
                raise RetrieveRefused(
                    f"Invalid argument for the {self.operator} operator. Filter[{place}] cannot be null or empty."
                )
        if not self.used:
            return []
        if self.listed:
            texts = [part for text in texts for part in str(text).split(_LISTED)]
        return [self.convert(str(text)) for text in texts][: self.used]


@dataclass(frozen=True)
class FilterPlan:
    """The plan of filters of one shape for the rows of a source; `condition` has no values yet.

    A plan that is `refused` cannot be read to its end; one that `finds_nothing` has a condition without values.
    """

    condition: Condition
    readings: tuple[_Reading, ...]
    refused: str = ""
    doubts: tuple[str, ...] = ()
    finds_nothing: bool = False

    @cached_property
    def is_for_all_alike(self) -> bool:
        """Whether filters of the shape are all those whose values alone differ: not where one text may list several."""
        return not self.refused and all(reading.operator != "IN" for reading in self.readings)

    @cached_property
    def _converters(self) -> tuple[Callable[[str], Bound], ...]:
        """How values are read of which each is a comparison's only one, none where more is to be said of them."""
        is_plain = not (self.refused or self.doubts or self.finds_nothing)
        if is_plain and all(reading.is_plain for reading in self.readings):
            return tuple(reading.convert for reading in self.readings)
        return ()

    def read(self, call: Call, given: Sequence[str | None]) -> list[Bound]:
        """Return the values of the condition from those of a filter. Raises `RetrieveRefused`."""
        if self._converters and all(given):
            texts = cast("Sequence[str]", given)
            return [convert(text) for convert, text in zip(self._converters, texts, strict=True)]
        values: list[Bound] = []
        at = 0
        for reading in self.readings:
            count = reading.values + reading.dates
            values += reading.read(call, given[at : at + count])
            at += count
        if self.refused:
            raise RetrieveRefused(self.refused)
        for warning in self.doubts:
            call.warn(warning)
        return [] if self.finds_nothing else values


_NONE = comparison("", "isNull")


def plan_filter(call: Call, source: Source, shape: Shape) -> FilterPlan:
    """Return the plan of filters of a shape for a source. Errors of the shape are raised when values are read."""
    planner = _Planner(call, source)
    try:
        condition = planner.plan(shape)
    except RetrieveRefused as refused:
        return FilterPlan(_NONE, tuple(planner.readings), str(refused))
    readings = tuple(planner.readings)
    if source.doubt is None:
        return FilterPlan(condition, readings)
    joint = shape.operator if isinstance(shape, _Combination) else ""
    apart = replace(call, warnings=CallWarnings())
    finds_nothing = source.doubt(apart, Compared(joint, frozenset(planner.compared)))
    if finds_nothing:
        condition = comparison(source.rowkey, "IN")
    return FilterPlan(condition, readings, "", tuple(apart.warnings), finds_nothing)


class _Planner:
    def __init__(self, call: Call, source: Source) -> None:
        self._call = call
        self._source = source
        self.readings: list[_Reading] = []
        self.compared: list[tuple[str, str]] = []

    def plan(self, shape: Shape) -> Condition:
        if isinstance(shape, str):
            raise RetrieveRefused(shape)
        if isinstance(shape, _Comparison):
            return self._comparison(shape)
        combine = all_of if shape.operator == "AND" else any_of
        return combine([self.plan(operand) for operand in shape.operands])

    def _comparison(self, shape: _Comparison) -> Condition:
        self.compared.append((shape.name, shape.operator))
        if len(self.compared) > self._call.most_operands:
            # The text is SQL Server's, behind which the service stands (assumed).
            raise RetrieveRefused(
                "The query processor ran out of internal resources and could not produce a query plan."
            )
        name, operator, source = shape.name, shape.operator, self._source
        if not name and not shape.values:
            # What an operand in an operand comes to (seen live).
            raise RetrieveRefused(_lacks(operator, 0))
        known, warnings = look_up(source, name, strict=self._call.strict)
        if known is None:
            raise source.unknown_filter(name)
        if operator not in OPERATORS or operator in source.refused_operators:
            self.readings.append(_Reading(operator, 0, 0, 0, 0, str, warnings))
            # Documented as not for Retrieve (the rest of the enumeration), or not for this object (like on rows);
            # wording assumed.
            raise RetrieveRefused(
                f"The operator '{operator}' is not supported for the retrieve of {source.object_type}."
            )
        few = _FEW_VALUES.get(operator, 1)
        count = shape.listed or shape.values + shape.dates
        used = count if operator == "IN" else min(few, count)
        if few and operator not in _SEVERAL and count > 1:
            warnings += (
                f"the filter on {known.name} gives {count} values to {operator}: the first counts, the others have no "
                "effect. Use IN for several",
            )
        if shape.listed:
            warnings += (
                f"the filter on {known.name} gives IN several values as the text of one, as in SQL: taken as several. "
                "Give each a Value of its own",
            )
        convert = str if used < few else _converter(operator, known)
        self.readings.append(_Reading(operator, *shape[2:], used, convert, warnings))
        if used < few:
            raise RetrieveRefused(_lacks(operator, used))
        return comparison(known.name, operator, ("",) * used, source.expressions)


# How many values an operator takes at least, where it is not one.
_FEW_VALUES = {"isNull": 0, "isNotNull": 0, "between": 2}


def _lacks(operator: str, given: int) -> str:
    """Return what is said of too few values, of none as seen live, of one as assumed after that."""
    lacks = "must hold two values" if given else "cannot be null"
    return f"Invalid argument for the {operator} operator. Filter array {lacks}."


def find_property(call: Call, source: Source, name: str) -> Property | None:
    """Return the property with a name; the lenient mode ignores the case of letters."""
    known, warnings = look_up(source, name, strict=call.strict)
    for warning in warnings:
        call.warn(warning)
    return known


def look_up(source: Source, name: str, *, strict: bool) -> tuple[Property | None, tuple[str, ...]]:
    """Return the property that `find_property` finds, and the warnings for a call."""
    known = source.properties.get(name)
    warnings: tuple[str, ...] = ()
    if known is None and not strict:
        known = _in_any_case(source, name)
        if known is not None:
            warnings = (
                f"{source.object_type} has no property '{name}', but '{known.name}': taken as that; "
                "whether the live service minds the case is not known",
            )
    if known is not None and known.warning is not None:
        warnings = (*warnings, known.warning)
    return known, warnings


def _in_any_case(source: Source, name: str) -> Property | None:
    folded = name.casefold()
    properties = source.properties.items()
    return next((prop for known, prop in properties if known.casefold() == folded), None)


def _converter(operator: str, known: Property) -> Callable[[str], Bound]:
    if operator == "like":
        return "%{}%".format
    return _CONVERTERS.get(known.kind, str)


def _flag(text: str) -> int:
    return int(text.strip().lower() in ("true", "1"))


def _decimal(text: str) -> float:
    try:
        return float(text.strip())
    except ValueError:
        raise RetrieveRefused("Error converting data type nvarchar to numeric.") from None


def _number(text: str) -> int:
    # The texts are what SQL Server says, behind which the service stands (assumed).
    try:
        number = int(text.strip())
    except ValueError:
        raise RetrieveRefused(
            f"Conversion failed when converting the nvarchar value '{text}' to data type int."
        ) from None
    if not -(2**63) <= number < 2**63:
        raise RetrieveRefused(
            f"The conversion of the nvarchar value '{text}' overflowed an int column."
        )
    return number


def _date(text: str) -> str:
    try:
        return stored(parse_iso_or_us_time(text))
    except ValueError:
        raise RetrieveRefused(
            "Conversion failed when converting date and/or time from character string."
        ) from None


# What makes of a text what a column of a kind stores; a text stays as it is.
_CONVERTERS: dict[str, Callable[[str], Bound]] = {
    "number": _number,
    "decimal": _decimal,
    "flag": _flag,
    "Flag": _flag,
    "date": _date,
    "us_date": _date,
}
