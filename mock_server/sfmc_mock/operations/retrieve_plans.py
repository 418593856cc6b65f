"""Plans of Retrieves: made once for all requests that differ in the values of their filter only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.filters import (
    FilterPlan,
    Shape,
    find_property,
    length_of,
    plan_filter,
)
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import Source
from sfmc_mock.diagnostics import CallWarnings
from sfmc_mock.errors import RetrieveRefused
from sfmc_mock.store.conditions import Bound, Condition, all_of
from sfmc_mock.store.page_queries import Selection
from sfmc_mock.store.pages import PagePlan
from sfmc_mock.wire.page_writer import PageWriter


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan for a source, which requests that differ in the values of their filter share.

    `own` are the values of the source's own condition, `fixed` the places of values that results show without a
    column. If `write` is None, the plan has no results.
    """

    names: tuple[str, ...]
    pages: PagePlan
    write: PageWriter | None
    warnings: tuple[str, ...]
    own: tuple[Bound, ...] = ()
    filter: FilterPlan | None = None
    fixed: tuple[int, ...] = ()

    def warn(self, call: Call) -> None:
        """Add the warnings about such a question to a call."""
        for warning in self.warnings:
            call.warn(warning)


_MOST_PLANS = 32
_MOST_NAMES = 50
_MOST_CHARACTERS = 2_000


def known_plan(call: Call, source: Source, asked: tuple[str, ...], shape: Shape | None) -> Plan:
    """Return the plan for a shape of question and its properties; plans of short ones are cached."""
    key = asked, shape, call.account.strict, call.most_operands
    plan: Plan | None = source.plans.get(key)
    if plan is not None:
        return plan
    names = tuple(dict.fromkeys(name.strip() for name in asked))
    filter_plan = None if shape is None else plan_filter(call, source, shape)
    own = source.condition("")
    condition = both(own, filter_plan.condition if filter_plan else None)
    plan = replace(
        plan_for(call, source, names, condition),
        own=source.own.values if source.own else (),
        filter=filter_plan,
    )
    length = sum(map(len, asked)) + (0 if shape is None else length_of(shape))
    if len(asked) <= _MOST_NAMES and length <= _MOST_CHARACTERS:
        put_bounded(source.plans, key, plan, _MOST_PLANS)
    return plan


def both(one: Condition | None, other: Condition | None) -> Condition | None:
    """Return the condition that holds where both hold; either may be None."""
    if one is None or other is None:
        return one or other
    return all_of((one, other))


def plan_for(
    call: Call, source: Source, names: tuple[str, ...], condition: Condition | None
) -> Plan:
    """Return the plan for the rows of a source that meet a condition."""
    apart = replace(call, warnings=CallWarnings())
    try:
        properties = _properties(apart, source, names)
    except RetrieveRefused:
        for warning in apart.warnings:
            call.warn(warning)
        raise
    empty = not source.without_results.isdisjoint(names)
    shown = (*properties, *source.shown)
    places = {} if condition is None or empty else condition.places_of_equal(source.expressions)
    fixed = {
        number: places[prop.name]
        for number, prop in enumerate(shown)
        if prop.kind == "number" and prop.name in places
    }
    columns = tuple(prop.name for number, prop in enumerate(shown) if number not in fixed)
    selection = Selection(
        source.view,
        columns,
        condition,
        source.order or source.rowkey,
        source.range_index,
        source.is_table,
    )
    # There may be fewer properties than names.
    write = None if empty else source.writer(list(names), properties).sharing(tuple(fixed))
    return Plan(
        names,
        PagePlan(selection),
        write,
        tuple(apart.warnings),
        fixed=tuple(fixed.values()),
    )


def _properties(call: Call, source: Source, names: tuple[str, ...]) -> list[Property]:
    asked = [
        (name, find_property(call, source, name))
        for name in names
        if name not in source.without_results
    ]
    unknown = [name for name, known in asked if known is None]
    if unknown or not names:
        # Without Properties the service errs for most types (sdk); the text is its other one (assumed).
        raise source.refuse_properties(unknown)
    return [known for _, known in asked if known is not None]
