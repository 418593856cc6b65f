"""The SQL of pages of rows: which rows a question is for, in which order, and by which index they are found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sfmc_mock.store.conditions import Bound, Condition, Term
from sfmc_mock.store.database import Database, quoted

# The limits are the project's own, below those that any build of SQLite has: they differ from build to build.
MAX_BRACKETS = 30
"""Brackets within brackets in the SQL of a condition; old versions of SQLite take about 32."""

MAX_VALUES = 30_000
"""Values that are bound to a condition; the least that SQLite is built with is 32,766."""

MAX_SQL = 900_000
"""Characters of the SQL of a condition; SQLite's own default is a million bytes."""

_BRACKET = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|[()]')


class TooComplex(Exception):
    """The condition is nested more deeply than SQLite allows, or has more values."""


@dataclass(frozen=True, slots=True)
class RangeIndex:
    """An index that gives ranges of a column, such as a date, within a condition of equality.

    `within` is that condition, on the column before `column`; it holds for all rows of the selection. `walks` are
    columns of other indexes: rows with one value of them are found in the order of the rowkey. The selection shows the
    rows of `table`, by their numbers, and as `column` what that has in `stored`.
    """

    column: str
    within: Condition
    walks: tuple[str, ...]
    table: str
    stored: str

    @property
    def kind(self) -> str:
        """The column before `column`."""
        return self.within.terms[0].column


@dataclass(frozen=True, slots=True)
class Selection:
    """A question for rows of a table or view, answered in pages.

    Rows come in the order of `rowkey`, a column of unique growing numbers; a page goes on after the last one's. With
    `is_table`, the source shows the rows of one table, and `rowkey` is the number by which that keeps them.
    """

    source: str
    columns: tuple[str, ...]
    condition: Condition | None
    rowkey: str = "rowkey"
    range_index: RangeIndex | None = None
    is_table: bool = False

    @property
    def kinds(self) -> tuple[Bound, ...]:
        """The values of the first column of the index of ranges, where the selection has several of them; else empty.

        SQLite finds the rows of one of them in their order, not those of several.
        """
        index, condition = self.range_index, self.condition
        if index is None or condition is None or condition.joint != "AND":
            return ()
        values = index.within.values
        return values if len(values) > 1 and index.within.terms[0] in condition.terms else ()


Strategy = Literal["any", "order", "range", "scan"]
"""How the rows of a page are found: as SQLite chooses, in their order, by the index of ranges and then sorted, or in
the order of the table, without any index."""


class PageQuery(NamedTuple):
    """The query for a page of a selection, with any values.

    The last column of a row is the rowkey, except with the strategy `scan`.
    """

    sql: str
    kinds: tuple[Bound, ...]
    before: tuple[Bound, ...]

    def bound(
        self, values: Sequence[Bound], after: int | str, limit: int, until: int | None = None
    ) -> Sequence[Bound]:
        """Return the values to bind for the page after the row `after`: those of the condition, and the limits."""
        of_page = (after,) if until is None else (after, until)
        if not self.kinds:
            return (*self.before, *values, *of_page, limit)
        return (*(each for kind in self.kinds for each in (kind, *values, *of_page)), limit)


def page_query(
    selection: Selection, *, strategy: Strategy = "any", is_bounded: bool = False
) -> PageQuery:
    """Return the query for pages of a selection; `order` and `range` need an index of ranges. Raises `TooComplex`."""
    condition, index = selection.condition, selection.range_index
    parts, before = _parts(selection, strategy)
    count = len(before) + (len(condition.values) if condition else 0)
    if count > MAX_VALUES:
        raise TooComplex(f"the condition has {count:,} values")
    kinds = selection.kinds if strategy in ("any", "order") and _are_short(parts) else ()
    order = quoted(selection.rowkey) if strategy != "range" else f"+{quoted(selection.rowkey)}"
    wanted: list[str] = []
    if kinds and index is not None:
        # One query for each kind: SQLite merges them, and reads no more of each than the page takes.
        wanted.append(f"{quoted(index.kind)} = ?")
    if condition is not None:
        wanted.append(condition.joined(parts))
    wanted.append(f"{order} > ?")
    if is_bounded:
        wanted.append(f"{order} <= ?")
    columns = selection.columns
    if strategy != "scan" or not columns:
        columns = (*columns, selection.rowkey)
    shown = ", ".join(map(quoted, columns))
    each = f"SELECT {shown} FROM {quoted(selection.source)} WHERE {' AND '.join(wanted)}"  # noqa: S608 - names are quoted
    sql = f"{' UNION ALL '.join([each] * max(1, len(kinds)))} ORDER BY {order} LIMIT ?"
    if len(sql) > MAX_SQL or _brackets(sql) > MAX_BRACKETS:
        raise TooComplex("the condition is nested too deeply, or too long")
    return PageQuery(sql, kinds, before)


def _parts(selection: Selection, strategy: Strategy) -> tuple[Sequence[str], tuple[Bound, ...]]:
    """Return the terms' SQL, so that SQLite takes the strategy's index, and the values before theirs."""
    condition, index = selection.condition, selection.range_index
    terms = condition.terms if condition else ()
    if strategy == "scan":
        return [_unindexed(term) for term in terms], ()
    if index is None or strategy == "any":
        return [term.sql for term in terms], ()
    if strategy == "order":
        return [_unindexed(term) if term.column == index.column else term.sql for term in terms], ()
    usable = {index.column, *index.within.columns}
    parts = [term.sql if term.column in usable else _unindexed(term) for term in terms]
    if index.within.terms[0] in terms:
        return parts, ()
    return [index.within.sql, *parts], index.within.values


def _are_short(parts: Sequence[str]) -> bool:
    """Say whether a condition is short enough to be repeated for each kind."""
    return len(parts) <= _MOST_REPEATED and sum(map(len, parts)) < 2_000


_MOST_REPEATED = 20


def _unindexed(term: Term) -> str:
    # The plus is before the comparison: before a column it would take away how values are converted.
    return f"+({term.sql})"


def _brackets(sql: str) -> int:
    """Return how deeply brackets are nested."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(sql):
        if bracket[0] in "()":
            depth += 1 if bracket[0] == "(" else -1
            deepest = max(deepest, depth)
    return deepest


def sorted_rows(
    db: Database, selection: Selection, by: str, *, descending: bool, offset: int, limit: int
) -> list[tuple[object, ...]]:
    """Return rows in the order of one of the columns, from an offset on; the last column is the rowkey.

    Each page looks at all rows: this is for people, who rarely turn many pages.
    """
    condition = selection.condition
    where = ""
    values: tuple[Bound, ...] = ()
    if condition is not None:
        where = f"WHERE {condition.sql} "
        values = condition.values
    shown = ", ".join(map(quoted, (*selection.columns, selection.rowkey)))
    direction = "DESC" if descending else "ASC"
    sql = (
        f"SELECT {shown} FROM {quoted(selection.source)} {where}"  # noqa: S608 - names are quoted, values bound
        f"ORDER BY {quoted(by)} {direction}, {quoted(selection.rowkey)} {direction} LIMIT ? OFFSET ?"
    )
    return db.rows(sql, (*values, limit, offset))
