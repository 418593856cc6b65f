"""Sources: what a Retrieve of an API object reads, and how its results are written."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import Property
from sfmc_mock.errors import RetrieveRefused
from sfmc_mock.store.conditions import Condition, all_of, comparison
from sfmc_mock.store.page_queries import RangeIndex
from sfmc_mock.wire.page_writer import PageWriter
from sfmc_mock.wire.pages import Cell, page_writer


class Compared(NamedTuple):
    """The comparisons of a filter: its outermost operator, and the properties, each with its operator."""

    joint: str
    comparisons: frozenset[tuple[str, str]]


CLIENT_ID = "Client.ID"
"""The property that holds the MID of an object's account."""

_ACCOUNT = {CLIENT_ID: "(SELECT mid FROM account_id)"}


def unknown_properties(object_type: str) -> Callable[[list[str]], RetrieveRefused]:
    # Text: seen live by several clients.
    return lambda names: RetrieveRefused(
        f"The Request Property(s) {', '.join(names)} do not match with the fields of {object_type} retrieve"
    )


class WriterMaker(Protocol):
    """Makes writers of rows, for the requested names and their properties."""

    def __call__(self, asked: list[str], properties: list[Property], /) -> PageWriter:
        """Return what writes rows whose columns are those of `properties`."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """The view that a Retrieve reads, and the writer of its results.

    `properties` are those that can be requested and filtered on. `own` narrows the view to rows of the object type;
    `expressions` gives the SQL by which a column is compared. `shown` properties are always in results.
    """

    object_type: str
    view: str
    properties: Mapping[str, Property]
    own: Condition | None = None
    rowkey: str = "rowkey"
    order: str = ""
    """The column in whose order results come, each value once; empty for the rowkey."""
    is_table: bool = False
    """Whether the view shows the rows of one table, and `rowkey` is the number by which that keeps them."""
    expressions: Mapping[str, str] = field(default_factory=lambda: _ACCOUNT)
    shown: tuple[Property, ...] = ()
    range_index: RangeIndex | None = None
    """An index of the view that gives ranges of a date."""
    newness: str | None = None
    """The column with the time from which a row is visible, for RetrieveAllSinceLastBatch."""
    hides_later: bool = False
    """Whether rows are left out whose `newness` is in the future."""
    unknown_properties: Callable[[list[str]], RetrieveRefused] | None = None
    refused_operators: frozenset[str] = frozenset()
    doubt: Callable[[Call, Compared], bool] | None = None
    """Warns of a filter that the live service answers differently; returns whether it finds nothing there."""
    without_results: frozenset[str] = frozenset()
    """Names that can be requested although no result has them; such a Retrieve has no results."""
    make_writer: WriterMaker | None = None
    plans: dict[Hashable, Any] = field(default_factory=dict, compare=False, init=False)
    """The cache of Retrieve for the plans of this source; a copy of the source has an empty one."""

    def condition(self, now: str) -> Condition | None:
        """Return the condition for the rows of the view that exist at a time, None for all rows."""
        if not self.hides_later:
            return self.own
        assert self.newness is not None
        shown = comparison(self.newness, "lessThanOrEqual", (now,))
        return shown if self.own is None else all_of((self.own, shown))

    def refuse_properties(self, names: list[str]) -> RetrieveRefused:
        return (self.unknown_properties or unknown_properties(self.object_type))(names)

    @staticmethod
    def unknown_filter(name: str) -> RetrieveRefused:
        # Text: seen live (FuelSDK-PHP's threads).
        return RetrieveRefused(f"The Filter Property '{name}' is not a retrievable property.")

    def writer(self, asked: list[str], properties: list[Property]) -> PageWriter:
        """Return what writes rows whose columns are those of `properties`, asked for under the names `asked`."""
        if self.make_writer is not None:
            return self.make_writer(asked, properties)
        cells = tuple(
            Cell(prop.name, prop.kind, prop.partner) for prop in (*properties, *self.shown)
        )
        return page_writer(self.object_type, cells)
