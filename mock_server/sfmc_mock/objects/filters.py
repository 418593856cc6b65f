"""From a filter on the wire to a condition on rows."""

from __future__ import annotations

from sfmc_mock.clock import parse_time, parse_us_time, stored
from sfmc_mock.errors import RetrieveRefused
from sfmc_mock.objects.declaration import Property
from sfmc_mock.objects.handler import Call, Source
from sfmc_mock.store.conditions import OPERATORS, All, Bound, Comparison, Condition, Either
from sfmc_mock.wire.struct import Struct

_WITHOUT_VALUE = frozenset({"isNull", "isNotNull"})

_MOST_COMPARISONS = 5_000
"""How many comparisons a filter may hold: SQLite takes seconds to plan for more (assumed: the service's limit was not
found)."""


def condition(call: Call, source: Source, part: Struct) -> Condition:
    """Return the condition that a filter means for the rows of a source.

    Raises `RetrieveRefused` with the service's texts (seen live, unless said otherwise below).
    """
    if _comparisons(part) > _MOST_COMPARISONS:
        # The text is SQL Server's, behind which the service stands (assumed).
        raise RetrieveRefused(
            "The query processor ran out of internal resources and could not produce a query plan."
        )
    return _condition(call, source, part)


def _comparisons(part: Struct) -> int:
    operands = (part.part("LeftOperand"), part.part("RightOperand"))
    inner = [*operands, *part.wrapped("AdditionalOperands", "Operand")]
    return sum(_comparisons(each) for each in inner if each is not None) or 1


def _condition(call: Call, source: Source, part: Struct) -> Condition:
    if part.type == "SimpleFilterPart":
        return _comparison(call, source, part)
    if part.type == "ComplexFilterPart":
        return _joint(call, source, part)
    if part.type == "TagFilterPart":
        # Documented for tagged objects only, none of which the emulator has; wording assumed.
        raise RetrieveRefused("TagFilterPart is not supported for this object type.")
    raise RetrieveRefused(f"Unknown filter of type {part.type} encountered")


def _joint(call: Call, source: Source, part: Struct) -> Condition:
    operator = part.text("LogicalOperator")
    left, right = part.part("LeftOperand"), part.part("RightOperand")
    if left is None or right is None or operator is None:
        raise RetrieveRefused(f"Incorrect syntax near the keyword '{operator or 'AND'}'.")
    operands = [left, right, *part.wrapped("AdditionalOperands", "Operand")]
    # Nested filters of the same operator are one: keeps deep chains of ORs flat for SQLite.
    flat: list[Condition] = []
    kind: type[All] | type[Either] = All if operator == "AND" else Either
    for operand in operands:
        found = _condition(call, source, operand)
        flat.extend(found.parts if isinstance(found, kind) else (found,))
    return kind(tuple(flat))


def _comparison(call: Call, source: Source, part: Struct) -> Condition:
    name, operator = part.text("Property") or "", part.text("SimpleOperator") or "equals"
    found = find_property(call, source, name)
    if found is None:
        raise source.unknown_filter(name)
    if operator not in OPERATORS or operator in source.refused_operators:
        # Documented as not for Retrieve (the rest of the enumeration), or not for this object (like on rows);
        # wording assumed.
        raise RetrieveRefused(
            f"The operator '{operator}' is not supported for the retrieve of {source.object_type}."
        )
    column = found.view_column
    if operator in _WITHOUT_VALUE:
        return Comparison(column, operator)
    texts = [*part.texts("Value"), *part.texts("DateValue")]
    if not texts:
        raise RetrieveRefused(
            f"Invalid argument for the {operator} operator. Filter array cannot be null."
        )
    if operator == "between" and len(texts) < 2:
        # Wording assumed, after the one above.
        raise RetrieveRefused(
            "Invalid argument for the between operator. Filter array must hold two values."
        )
    if operator == "like":
        return Comparison(column, operator, (texts[0],))
    return Comparison(column, operator, tuple(_value(found, text) for text in texts))


def find_property(call: Call, source: Source, name: str) -> Property | None:
    """Return the property called so; the lenient mode passes over differences of case."""
    found = source.properties.get(name)
    if found is None and not call.strict:
        found = _in_any_case(call, source, name)
    if found is not None and found.warning is not None:
        call.warn(found.warning)
    return found


def _in_any_case(call: Call, source: Source, name: str) -> Property | None:
    folded = name.casefold()
    for known, candidate in source.properties.items():
        if known.casefold() == folded:
            call.warn(
                f"{source.object_type} has no property '{name}', but '{known}': taken as that; "
                "whether the live service minds the case is not known"
            )
            return candidate
    return None


def _value(found: Property, text: str) -> Bound:
    """Return a filter's text as the column stores such values."""
    match found.kind:
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
    for parse in (parse_time, parse_us_time):
        try:
            return stored(parse(text))
        except ValueError:
            continue
    raise RetrieveRefused(
        "Conversion failed when converting date and/or time from character string."
    )
