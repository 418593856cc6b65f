"""Pages of a selection, in the order of its rows. The cost of a page depends on its rows, not on the table.

A page of rows within a range, such as those since a date, can be found in two ways: by the index of the range, whose
rows must then be sorted, or in the order of the rows, leaving out those outside of the range. Which way is shorter is
not known before, so both are tried for a few rows, then for more.

Where most rows of a table belong to the selection, they are read in the order of the table, without an index and
without their numbers, which takes two thirds of the time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, chain
from typing import Any, NamedTuple

from sfmc_mock.store.block_extents import GREATEST, Kind
from sfmc_mock.store.conditions import Bound, Term
from sfmc_mock.store.database import Database, quoted
from sfmc_mock.store.page_queries import PageQuery, Selection, Strategy, TooComplex, page_query

# How many rows each way is tried for at least, and how many times as many each time after.
_FEW_ROWS = 100
_FURTHER = 4

_BLOCK = 500

# What is worth a statement that reads rows as they stand in their table.
_MANY_ROWS = 500

_MOST_TERMS, _MOST_VALUES = 20, 1_000

_EQUAL = frozenset({"equals", "IN"})
_ORDERED = _EQUAL | {
    "between",
    "greaterThan",
    "lessThan",
    "greaterThanOrEqual",
    "lessThanOrEqual",
}

# What SQLite says of a condition that it cannot take; its limits depend on how it was built.
_LIMITS_OF_SQLITE = ("stack overflow", "too large", "too many SQL variables", "too complex")

Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class Page:
    """A page of rows, many at a time: when all are read, `more` says whether there is a next page, behind `after`."""

    blocks: Iterable[Rows]
    after: int | str
    more: bool = False

    def keep(self, rows: Rows, room: int) -> None:
        """Note rows that were read with their rowkeys, and leave out those that the page has no room for."""
        if len(rows) > room:
            self.more = True
            del rows[room:]
        if rows:
            self.after = rows[-1][-1]


class PagePlan:
    """The way to find pages of a selection, for any values of its condition; `values` are those it has itself."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._queries: dict[tuple[Strategy, bool], PageQuery] = {}
        self._range_counts = _range_counts(selection)

    def page(self, db: Database, values: Sequence[Bound], after: int | str, room: int) -> Page:
        """Return the page of at most `room` rows after a row. It raises `TooComplex`, and so does reading the page.

        Some rows have their rowkeys as a last column. The caller holds the lock of the database until all are read; the
        memory of a block is used again for the next.
        """
        page = Page((), after)
        try:
            # If there are more rows than the page holds, one beyond them comes, too.
            if self._range_counts is not None:
                assert isinstance(after, int)
                rows = self._rows_of_range(db, self._range_counts, values, after, room + 1)
                page.keep(rows, room)
                page.blocks = _cut(rows)
                return page
            query = self._query("any")
            bound = query.bound(values, after, room + 1)
            rows, found = db.first_rows(query.sql, bound, _FEW_ROWS)
        except sqlite3.OperationalError as problem:
            raise _refusal(problem) from None
        if len(rows) < _FEW_ROWS and len(rows) <= room:
            page.blocks = (rows,)
            return page
        page.keep(rows, room)
        page.blocks = (rows,) if page.more else self._further(page, db, values, rows, found, room)
        return page

    def _further(
        self,
        page: Page,
        db: Database,
        values: Sequence[Bound],
        rows: Rows,
        found: sqlite3.Cursor,
        room: int,
    ) -> Iterator[Rows]:
        """Yield the rows of a page: the first ones, which are read already, then the others."""
        try:
            while rows:
                is_dense = self.selection.is_table and _are_close(rows)
                yield rows
                room -= len(rows)
                if is_dense and room >= _MANY_ROWS:
                    found.close()
                    room = yield from self._as_they_stand(page, db, values, room)
                    query = self._query("any")
                    found = db.run(query.sql, query.bound(values, page.after, room + 1))
                rows = found.fetchmany(_BLOCK)
                page.keep(rows, room)
        except sqlite3.OperationalError as problem:
            raise _refusal(problem) from None

    def _as_they_stand(
        self, page: Page, db: Database, values: Sequence[Bound], room: int
    ) -> Generator[Rows, None, int]:
        """Yield rows without their rowkeys while at least half of them are of the selection; return the room left."""
        query = self._query("scan", is_bounded=True)
        is_dense = True
        while is_dense and room >= _MANY_ROWS:
            # As many as there is room for, if all of them are.
            assert isinstance(page.after, int)
            after, before = page.after, room
            page.after = after + room
            found = db.run(query.sql, query.bound(values, after, room, page.after))
            for rows in iter(partial(found.fetchmany, _BLOCK), []):
                room -= len(rows)
                yield rows
            is_dense = 2 * room <= before
        return room

    def _query(self, strategy: Strategy, *, is_bounded: bool = False) -> PageQuery:
        query = self._queries.get((strategy, is_bounded))
        if query is None:
            query = page_query(self.selection, strategy=strategy, is_bounded=is_bounded)
            self._queries[strategy, is_bounded] = query
        return query

    def _rows_of_range(
        self, db: Database, counts: _RangeCounts, values: Sequence[Bound], after: int, limit: int
    ) -> Rows:
        def read(strategy: Strategy, until: int | None = None) -> Rows:
            query = self._query(strategy, is_bounded=until is not None)
            return db.rows(query.sql, query.bound(values, after, limit - len(rows), until))

        rows: Rows = []
        far = _FEW_ROWS
        extents, ends = db.extents(counts.kind), counts.ends(values)
        while len(rows) < limit:
            after = extents.pass_over(after, *ends)
            if counts.walked.are_few(db, values, far, after):
                return rows + read("order")
            if counts.inside.are_few(db, values, far):
                return rows + read("range")
            until = after + far * _FURTHER
            rows += read("order", until)
            after = until
            far *= _FURTHER
        return rows


def page_rows(db: Database, selection: Selection, after: int | str, limit: int) -> Rows:
    """Return the rows of a page, each with its rowkey. Raises `TooComplex`."""
    plan = PagePlan(replace(selection, is_table=False))
    values = selection.condition.values if selection.condition else ()
    with db.lock:
        return list(chain.from_iterable(plan.page(db, values, after, limit).blocks))


def _cut(rows: Rows) -> Iterator[Rows]:
    return (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))


def _are_close(rows: Rows) -> bool:
    """Tell whether at least every other row of the table is among these, which have their numbers."""
    return bool(rows[-1][-1] - rows[0][-1] < 2 * len(rows))


def _refusal(problem: sqlite3.OperationalError) -> Exception:
    """Return `TooComplex` for an error about a condition beyond SQLite's limits, else the error itself."""
    if any(text in str(problem) for text in _LIMITS_OF_SQLITE):
        return TooComplex(str(problem))
    return problem


@dataclass(frozen=True, slots=True)
class _Probe:
    """A query that counts rows, up to a number: those that the values of a condition in `places` stand for."""

    sql: str
    places: tuple[slice, ...]
    before: tuple[Bound, ...] = ()
    kinds: tuple[Bound, ...] = ()

    def are_few(self, db: Database, values: Sequence[Bound], most: int, *after: int) -> bool:
        """Return whether there are at most so many rows, counted after the row `after` where it is given."""
        bound = (*self.bound(values), *after)
        if self.kinds:
            bound = tuple(chain.from_iterable((*bound, kind) for kind in self.kinds))
        ((count,),) = db.rows(self.sql, (*bound, most + 1))
        return bool(count <= most)

    def bound(self, values: Sequence[Bound]) -> tuple[Bound, ...]:
        """Return the values to bind for the terms."""
        return (*self.before, *chain.from_iterable(values[place] for place in self.places))


class _RangeCounts(NamedTuple):
    """The two counts that choose the way: rows of a selection in their order, and rows inside of its ranges.

    `ranges` are their operators, with the places of their values; `kind` tells which rows these are.
    """

    walked: _Probe
    inside: _Probe
    ranges: tuple[tuple[str, slice], ...]
    kind: Kind

    def ends(self, values: Sequence[Bound]) -> tuple[str, str]:
        """Return the least and the greatest value that is inside of all ranges."""
        least, greatest = "", GREATEST
        for operator, place in self.ranges:
            given = [each for each in values[place] if isinstance(each, str)]
            if len(given) < len(values[place]):
                continue
            if not operator.startswith("lessThan"):
                least = max(least, min(given))
            if not operator.startswith("greaterThan"):
                greatest = min(greatest, max(given))
        return least, greatest


def _range_counts(selection: Selection) -> _RangeCounts | None:
    """Return the counts for a selection; None where it cannot use its index of ranges."""
    condition, index = selection.condition, selection.range_index
    if condition is None or index is None or condition.joint != "AND":
        return None
    ends = list(accumulate(len(term.values) for term in condition.terms))
    placed = [
        (term, slice(end - len(term.values), end))
        for term, end in zip(condition.terms, ends, strict=True)
    ]
    ranges = [
        each for each in placed if each[0].column == index.column and each[0].operator in _ORDERED
    ]
    if not ranges or len(_limited(ranges)) < len(ranges):
        return None
    columns = {*index.walks, *index.within.columns}
    equal = _limited(
        [each for each in placed if each[0].operator in _EQUAL and each[0].column in columns]
    )
    walked = [term.sql for term, _ in equal] + [f"{quoted(selection.rowkey)} > ?"]
    if selection.kinds:
        walked.append(f"{quoted(index.kind)} = ?")
    inside = [term.sql for term in index.within.terms] + [term.sql for term, _ in ranges]
    return _RangeCounts(
        _Probe(
            _count_sql(selection, walked, len(selection.kinds)),
            tuple(place for _, place in equal),
            kinds=selection.kinds,
        ),
        _Probe(
            _count_sql(selection, inside, 1),
            tuple(place for _, place in ranges),
            before=index.within.values,
        ),
        tuple((term.operator, place) for term, place in ranges),
        Kind(index.table, index.stored, index.kind, index.within.values),
    )


def _count_sql(selection: Selection, parts: list[str], times: int) -> str:
    each = f"SELECT 1 FROM {quoted(selection.source)} WHERE {' AND '.join(parts)}"  # noqa: S608 - names are quoted
    return f"SELECT count(*) FROM ({' UNION ALL '.join([each] * max(1, times))} LIMIT ?)"  # noqa: S608


def _limited(placed: list[tuple[Term, slice]]) -> list[tuple[Term, slice]]:
    """Return the first terms, as many as a statement may have."""
    counts = accumulate(len(term.values) for term, _ in placed[:_MOST_TERMS])
    return placed[: sum(count <= _MOST_VALUES for count in counts)]
