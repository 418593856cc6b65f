"""Recognize Retrieves that differ from an earlier one in the values of their filter only.

A program sends the same Retrieve again and again. The filler of its request (`wire.filling`) identifies it; so its plan
is found by the filler, and only the values of the filter are read.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, Protocol

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.filters import values_of
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.source import Source
from sfmc_mock.operations.retrieve_plans import Plan
from sfmc_mock.wire.filling import FilledStruct, Piece, pieces_of, put_together
from sfmc_mock.wire.struct import Struct

# The elements of a request for a first page of the caller's own account.
_PLAIN = frozenset({"ObjectType", "Properties", "Filter"})

_VALUES = frozenset({"Value", "DateValue"})
_OPERANDS = frozenset({"LeftOperand", "RightOperand", "AdditionalOperands"})

_MEMORY = "retrieves written alike"
_MOST = 32


class Asked(Protocol):
    """The question of a Retrieve."""

    source: Source
    argument: str | None
    plan: Plan


class Alike(NamedTuple):
    """The question that such Retrieves share; `version` is the source's, `values` the filter's, or their places."""

    handler: Handler
    source: Source
    argument: str | None
    plan: Plan
    version: Hashable
    values: tuple[Piece, ...]


def asked_alike(call: Call, request: Struct) -> tuple[Alike, list[str]] | None:
    """Return the known question of a request with the values of its filter, None without one."""
    if not isinstance(request, FilledStruct):
        return None
    known = call.account.memory.get(_MEMORY)
    if known is None:
        return None
    assert isinstance(known, dict)
    alike: Alike | None = known.get(request.filler)
    if alike is None or alike.version != alike.handler.source_version(call):
        return None
    values = put_together(alike.values, request.given)
    # A date that is empty is none: the next value would stand for it.
    return None if None in values else (alike, values)


def keep_alike(call: Call, request: Struct, handler: Handler, asked: Asked) -> None:
    """Remember the question of a request, if requests of the same filler all ask it of the caller's account."""
    if not isinstance(request, FilledStruct) or not request.values.keys() <= _PLAIN:
        return
    version, part, plan = handler.source_version(call), request.part("Filter"), asked.plan
    if version is None or not request.filler.varying <= {"Filter"}:
        return
    if plan.filter is not None and not plan.filter.is_for_all_alike:
        return
    if part is not None and not _varies_in_values_alone(part):
        return
    values: list[Piece] = []
    if isinstance(part, FilledStruct):
        for text in values_of(part.marked()):
            values += pieces_of(text or "") or ("",)
        if len(values) != len(values_of(part)):
            return
    known = call.account.memory.setdefault(_MEMORY, {})
    assert isinstance(known, dict)
    alike = Alike(handler, asked.source, asked.argument, plan, version, tuple(values))
    put_bounded(known, request.filler, alike, _MOST)


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
