"""Conditions for a Retrieve: written as in Python, printed in the service's own words.

>>> sent = (P("SendID") == 42) & (P("EventDate") >= "2024-05-01")
>>> print(sent)
(SendID equals 42 AND EventDate greaterThanOrEqual 2024-05-01)

Several conditions with the same operator become one flat list, as the service takes them:

>>> print(sent & P("BatchID").in_([1, 2]) & P("Reason").like("too big"))
(SendID equals 42 AND EventDate greaterThanOrEqual 2024-05-01 AND BatchID IN (1, 2) AND Reason like 'too big')
>>> print((P("Status") == "Held") | sent)
(Status equals Held OR (SendID equals 42 AND EventDate greaterThanOrEqual 2024-05-01))

`&` and `|` bind closer than comparisons, as everywhere in Python: put each comparison in brackets. The service has no
NOT. Each comparison also has a name, the service's own: `P("SendID").equals(42)`.

The operators are the eleven that Retrieve knows (documented); the WSDL has more, which are for filter definitions.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NoReturn, TypeAlias

from sfmc_client.errors import ConfigurationError
from sfmc_client.models import APIObject, Scalar, text_of

Joint: TypeAlias = Literal["AND", "OR"]

_PLAIN = re.compile(r"[\w.@:+-]+")


class Condition(ABC):
    """A condition: joined with `&` and `|`, printed in the service's words."""

    __slots__ = ()

    @abstractmethod
    def part(self) -> APIObject:
        """Return the filter part of a request."""

    def __and__(self, other: Condition) -> Condition:
        return _joined("AND", self, other)

    def __or__(self, other: Condition) -> Condition:
        return _joined("OR", self, other)

    def __rand__(self, other: object) -> NoReturn:
        _refuse(other)

    __ror__ = __rand__

    def __bool__(self) -> NoReturn:
        # Otherwise `a and b` would ignore `a`.
        raise ConfigurationError(
            "A condition is neither true nor false. Join conditions with & and |."
        )


@dataclass(frozen=True, slots=True)
class SimpleCondition(Condition):
    """A property compared with values."""

    property: str
    operator: str
    values: tuple[Scalar, ...] = ()

    def part(self) -> APIObject:
        """Return a SimpleFilterPart; datetimes go out as DateValue, everything else as Value."""
        # isNull and isNotNull need no value, but clients that run live send an empty one (sdk).
        values = self.values or ("",)
        element = "DateValue" if isinstance(values[0], datetime) else "Value"
        return APIObject(
            "SimpleFilterPart",
            {
                "Property": self.property,
                "SimpleOperator": self.operator,
                element: [text_of(value) for value in values],
            },
        )

    def __str__(self) -> str:
        shown = [_shown(value) for value in self.values]
        if self.operator == "IN":
            shown = ["(" + ", ".join(shown) + ")"]
        return " ".join((self.property, self.operator, " and ".join(shown))).rstrip()


@dataclass(frozen=True, slots=True)
class JoinedCondition(Condition):
    """Two conditions or more, all of them (`AND`) or any of them (`OR`)."""

    joint: Joint
    operands: tuple[Condition, ...]

    def part(self) -> APIObject:
        """Return a ComplexFilterPart; operands beyond the second go into AdditionalOperands."""
        left, right, *others = (operand.part() for operand in self.operands)
        part = APIObject(
            "ComplexFilterPart", LeftOperand=left, LogicalOperator=self.joint, RightOperand=right
        )
        return part.replace(AdditionalOperands={"Operand": others}) if others else part

    def __str__(self) -> str:
        return "(" + f" {self.joint} ".join(str(operand) for operand in self.operands) + ")"


@dataclass(frozen=True, slots=True, eq=False)
class P:
    """A property to compare, by its name in the service, dotted if it belongs to a nested object.

    Comparisons with `==`, `!=`, `<`, `<=`, `>`, `>=` give a condition, never a truth value.

    Values may be text, numbers, bools, dates and datetimes. The service reads text and dates in its own time,
    UTC-6; a datetime needs a zone and is sent with it.
    """

    name: str

    def equals(self, value: Scalar) -> Condition:
        """Is this value."""
        return self._compared("equals", value)

    def not_equals(self, value: Scalar) -> Condition:
        """Is another value."""
        return self._compared("notEquals", value)

    def greater_than(self, value: Scalar) -> Condition:
        """Is more, or later."""
        return self._compared("greaterThan", value)

    def less_than(self, value: Scalar) -> Condition:
        """Is less, or earlier."""
        return self._compared("lessThan", value)

    def greater_than_or_equal(self, value: Scalar) -> Condition:
        """Is as much or more."""
        return self._compared("greaterThanOrEqual", value)

    def less_than_or_equal(self, value: Scalar) -> Condition:
        """Is as much or less."""
        return self._compared("lessThanOrEqual", value)

    def between(self, lowest: Scalar, highest: Scalar) -> Condition:
        """Lies between the two, both included (assumed)."""
        return self._compared("between", lowest, highest)

    def in_(self, values: Iterable[Scalar]) -> Condition:
        """Is one of the values; with a single one this is `equals`, because IN needs two (sdk)."""
        if isinstance(values, str):
            raise ConfigurationError(
                f"{self.name} IN {values!r}: a text is not a list of values. Write in_([...])."
            )
        listed = tuple(values)
        if not listed:
            raise ConfigurationError(f"{self.name} IN () matches nothing. Give at least one value.")
        if len(listed) == 1:
            return self.equals(listed[0])
        return self._compared("IN", *listed)

    def like(self, text: str) -> Condition:
        """Contains the text: the service puts `%` around it. Not for rows of data extensions (documented)."""
        return self._compared("like", text)

    def is_null(self) -> Condition:
        """Has no value."""
        return self._compared("isNull")

    def is_not_null(self) -> Condition:
        """Has a value."""
        return self._compared("isNotNull")

    # The result is a condition where object promises a bool.
    __eq__ = equals  # type: ignore[assignment]
    __ne__ = not_equals  # type: ignore[assignment]
    __gt__, __lt__, __ge__, __le__ = (
        greater_than,
        less_than,
        greater_than_or_equal,
        less_than_or_equal,
    )

    def __hash__(self) -> int:
        return hash(self.name)

    # `P("A") == 1 & P("B") == 2` joins 1 with P("B") first.
    def __and__(self, other: object) -> NoReturn:
        _refuse(self)

    def __rand__(self, other: object) -> NoReturn:
        _refuse(other)

    __or__, __ror__ = __and__, __rand__

    def _compared(self, operator: str, *values: Scalar) -> Condition:
        if any(value is None for value in values):
            raise ConfigurationError(
                f"Condition {self.name} {operator}: None is not a value. Use is_null() or is_not_null()."
            )
        try:
            for value in values:
                text_of(value)
            text_of(self.name)
        except ConfigurationError as error:
            problem = str(error)
        else:
            if len({isinstance(value, datetime) for value in values}) < 2:
                return SimpleCondition(self.name, operator, values)
            problem = "Datetimes and other values cannot be mixed. Give only one kind."
        raise ConfigurationError(f"Condition {self.name} {operator}: {problem}")


def _joined(joint: Joint, *conditions: Condition) -> Condition:
    operands: list[Condition] = []
    for condition in conditions:
        if not isinstance(condition, Condition):
            _refuse(condition)
        if isinstance(condition, JoinedCondition) and condition.joint == joint:
            operands += condition.operands
        else:
            operands.append(condition)
    return JoinedCondition(joint, tuple(operands))


def _refuse(other: object) -> NoReturn:
    raise ConfigurationError(
        f"{other!r} is not a condition. Put each comparison in brackets: (P('SendID') == 42) & (P('BatchID') == 1)."
    )


def _shown(value: Scalar) -> str:
    text = text_of(value)
    return text if _PLAIN.fullmatch(text) else repr(text)
