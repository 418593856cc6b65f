"""Retrieves that are written alike: what one asks is what the one before asked, with other values in its filter.

A program sends the same Retrieve again and again. What its request is made by (`wire.filling`) tells it from all
others; so what it asks is found by that, without a look at what it says beside its values.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, Protocol

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.filters import values_of
from sfmc_mock.declarations.handler import Handler, Source
from sfmc_mock.operations.retrieve_plans import Plan
from sfmc_mock.wire.filling import FilledStruct
from sfmc_mock.wire.struct import Struct

# All that a request says which asks for the first page of what the caller's own account has.
_PLAIN = frozenset({"ObjectType", "Properties", "Filter"})

_VALUES = frozenset({"Value", "DateValue"})
_OPERANDS = frozenset({"LeftOperand", "RightOperand", "AdditionalOperands"})

_MEMORY = "retrieves written alike"
_MOST = 32


class Asked(Protocol):
    """What one of them asks."""

    source: Source
    argument: str | None
    plan: Plan


class Alike(NamedTuple):
    """What all of them ask; `version` is that of the source, `ends` are those of the values of each comparison."""

    handler: Handler
    source: Source
    argument: str | None
    plan: Plan
    version: Hashable
    ends: tuple[int, ...]


def asked_alike(call: Call, request: Struct, given: list[str | None]) -> Alike | None:
    """Return what a request asks, None where that is to be found out; the values of its filter are added to `given`."""
    if not isinstance(request, FilledStruct):
        return None
    known = call.account.memory.get(_MEMORY)
    if known is None:
        return None
    assert isinstance(known, dict)
    alike: Alike | None = known.get(request.filler)
    if alike is None or alike.version != alike.handler.source_version(call):
        return None
    part = request.part("Filter")
    ends = () if part is None else values_of(part, given)
    return alike if ends == alike.ends else None


def keep_alike(call: Call, request: Struct, handler: Handler, asked: Asked) -> None:
    """Keep what a request asks for those that are written alike, where all of them ask that of the caller's account."""
    if not isinstance(request, FilledStruct) or not request.values.keys() <= _PLAIN:
        return
    version, part, plan = handler.source_version(call), request.part("Filter"), asked.plan
    if version is None or not request.filler.varying <= {"Filter"}:
        return
    if plan.filter is not None and not plan.filter.is_for_all_alike:
        return
    if part is not None and not _varies_in_values_alone(part):
        return
    ends = () if part is None else values_of(part, [])
    known = call.account.memory.setdefault(_MEMORY, {})
    assert isinstance(known, dict)
    if len(known) >= _MOST:
        known.clear()
    known[request.filler] = Alike(handler, asked.source, asked.argument, plan, version, ends)


def _varies_in_values_alone(part: Struct) -> bool:
    if not isinstance(part, FilledStruct):
        return False
    if part.type == "SimpleFilterPart":
        return part.filler.varying <= _VALUES
    if part.type != "ComplexFilterPart" or not part.filler.varying <= _OPERANDS:
        return False
    operands = [
        part.part("LeftOperand"),
        part.part("RightOperand"),
        *part.wrapped("AdditionalOperands", "Operand"),
    ]
    return all(each is not None and _varies_in_values_alone(each) for each in operands)
