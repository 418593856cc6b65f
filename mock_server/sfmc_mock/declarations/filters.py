"""From a filter on the wire to a condition on rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sfmc_mock.clock import parse_iso_or_us_time, stored
from sfmc_mock.declarations.handler import Call, Source
from sfmc_mock.declarations.properties import Property
from sfmc_mock.errors import NESTED_TOO_DEEPLY, RetrieveRefused
from sfmc_mock.store.conditions import (
    OPERATORS,
    Bound,
    Condition,
    all_of,
    any_of,
    comparison,
)
from sfmc_mock.wire.struct import Struct

_SEVERAL = frozenset({"IN", "between"})
# Between the values of one text: a client (sdk) counts on the SQL that the service makes of it.
_LISTED = "','"
_WITHOUT_VALUE = frozenset({"isNull", "isNotNull"})

MAX_FILTER_DEPTH = 200
"""Levels of a filter. The service refuses one of 984 levels (seen live); where it begins to is not known (assumed)."""


def read_filter(call: Call, source: Source, part: Struct) -> Condition:
    """Return the condition that a filter means for the rows of a source.

    Raises `RetrieveRefused` with the service's texts (seen live, unless said otherwise below).
    """
    return _FilterReader(call, source).read(part, 1)


def compared(part: Struct) -> Iterator[tuple[str, str]]:
    """Yield the property and the operator of each comparison of a filter."""
    if part.type == "SimpleFilterPart":
        yield part.text("Property") or "", part.text("SimpleOperator") or "equals"
    operands = (part.part("LeftOperand"), part.part("RightOperand"))
    for operand in (*operands, *part.wrapped("AdditionalOperands", "Operand")):
        if operand is not None:
            yield from compared(operand)


class _FilterReader:
    """Reads one filter in one walk, and refuses it when it is nested too deeply, or has too many comparisons."""

    def __init__(self, call: Call, source: Source) -> None:
        self._call = call
        self._source = source
        self._comparisons = 0

    def read(self, part: Struct, level: int) -> Condition:
        if level > MAX_FILTER_DEPTH:
            raise RetrieveRefused(NESTED_TOO_DEEPLY)
        if part.type == "SimpleFilterPart":
            return self._comparison(part)
        if part.type == "ComplexFilterPart":
            return self._combined(part, level)
        if part.type == "TagFilterPart":
            # Documented for tagged objects only, none of which the emulator has; wording assumed.
            raise RetrieveRefused("TagFilterPart is not supported for this object type.")
        raise RetrieveRefused(f"Unknown filter of type {part.type} encountered")

    def _combined(self, part: Struct, level: int) -> Condition:
        operator = part.text("LogicalOperator")
        left, right = part.part("LeftOperand"), part.part("RightOperand")
        if left is None or right is None or operator is None:
            raise RetrieveRefused(f"Incorrect syntax near the keyword '{operator or 'AND'}'.")
        operands = [left, right, *part.wrapped("AdditionalOperands", "Operand")]
        combine = all_of if operator == "AND" else any_of
        return combine([self.read(operand, level + 1) for operand in operands])

    def _comparison(self, part: Struct) -> Condition:
        self._comparisons += 1
        if self._comparisons > self._call.most_operands:
            # The text is SQL Server's, behind which the service stands (assumed).
            raise RetrieveRefused(
                "The query processor ran out of internal resources and could not produce a query plan."
            )
        source = self._source
        name = part.text("Property") or ""
        operator = part.text("SimpleOperator") or "equals"
        if not name:
            # What an operand in an operand comes to (seen live).
            _check_any(operator, part.texts("Value"))
        known = find_property(self._call, source, name)
        if known is None:
            raise source.unknown_filter(name)
        if operator not in OPERATORS or operator in source.refused_operators:
            # Documented as not for Retrieve (the rest of the enumeration), or not for this object (like on rows);
            # wording assumed.
            raise RetrieveRefused(
                f"The operator '{operator}' is not supported for the retrieve of {source.object_type}."
            )
        values = () if operator in _WITHOUT_VALUE else _values(self._call, part, operator, known)
        return comparison(known.view_column, operator, values, source.expressions)


def _values(call: Call, part: Struct, operator: str, known: Property) -> Sequence[Bound]:
    _check_given(part, operator)
    texts = [*part.texts("Value"), *part.texts("DateValue")]
    _check_any(operator, texts)
    if operator == "IN" and any(_LISTED in text for text in texts):
        call.warn(
            f"the filter on {known.name} gives IN several values as the text of one, as in SQL: taken as several. "
            "Give each a Value of its own"
        )
        texts = [each for text in texts for each in text.split(_LISTED)]
    if operator == "between" and len(texts) < 2:
        # Wording assumed, after the one above.
        raise RetrieveRefused(
            "Invalid argument for the between operator. Filter array must hold two values."
        )
    if operator not in _SEVERAL and len(texts) > 1:
        call.warn(
            f"the filter on {known.name} gives {len(texts)} values to {operator}: the first counts, the others have no "
            "effect. Use IN for several"
        )
    if operator == "like":
        return texts[:1]
    return [_value(known, text) for text in texts]


def _check_any(operator: str, texts: Sequence[str]) -> None:
    """Refuse a comparison with nothing (seen live)."""
    if not texts:
        raise RetrieveRefused(
            f"Invalid argument for the {operator} operator. Filter array cannot be null."
        )


def _check_given(part: Struct, operator: str) -> None:
    """Refuse an empty value and a nil one: what clients send for a variable that holds nothing (seen live)."""
    values = part.values.get("Value")
    for place, value in enumerate(values if isinstance(values, list) else ()):
        if value in (None, ""):
            raise RetrieveRefused(
                f"Invalid argument for the {operator} operator. Filter[{place}] cannot be null or empty."
            )


def find_property(call: Call, source: Source, name: str) -> Property | None:
    """Return the property called so; the lenient mode ignores the case of letters."""
    known = source.properties.get(name)
    if known is None and not call.strict:
        known = _find_in_any_case(call, source, name)
    if known is not None and known.warning is not None and known.warning not in call.warnings:
        call.warn(known.warning)
    return known


def _find_in_any_case(call: Call, source: Source, name: str) -> Property | None:
    folded = name.casefold()
    for known_name, known in source.properties.items():
        if known_name.casefold() == folded:
            call.warn(
                f"{source.object_type} has no property '{name}', but '{known_name}': taken as that; "
                "whether the live service minds the case is not known"
            )
            return known
    return None


def _value(known: Property, text: str) -> Bound:
    """Return a filter's text as the column stores such values."""
    match known.kind:
        case "number":
            return _number(text)
        case "decimal":
            try:
                return float(text.strip())
            except ValueError:
                raise RetrieveRefused("Error converting data type nvarchar to numeric.") from None
        case "flag" | "Flag":
            return int(text.strip().lower() in ("true", "1"))
        case "date" | "us_date":
            return _date(text)
        case _:
            return text


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
