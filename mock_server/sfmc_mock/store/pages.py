"""Pages of a selection, in the order of its rows: what one costs follows from what it holds, not from the table.

A page of rows within a range, such as those since a date, can be found in two ways: by the index of the range, whose
rows must then be sorted, or in the order of the rows, of which those outside are left out. Which one is shorter is not
known before, so that both are tried for a few rows, then further.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from sfmc_mock.store.conditions import (
    Bound,
    PageQuery,
    Selection,
    Term,
    TooComplex,
    page_query,
    page_sql,
)
from sfmc_mock.store.database import Database, quoted

# How many rows each way is tried for at least, and how many times as many each time after.
_FEW_ROWS = 100
_FURTHER = 4

_BLOCK = 250

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


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How pages of a selection are found, whatever the values of its condition.

    `query` is None where that depends on the rows, and where the condition is `too_complex`.
    """

    selection: Selection
    query: PageQuery | None
    too_complex: str = ""

    def blocks(
        self, db: Database, values: Sequence[Bound], after: int | str, limit: int
    ) -> Iterator[Rows]:
        """Yield the rows of a page, many at a time: their memory is used again for the next. Raises `TooComplex`.

        The caller holds the lock of the database, and reads to the end.
        """
        try:
            if self.query is not None:
                yield from db.blocks(self.query.sql, self.query.bound(values, after, limit), _BLOCK)
                return
            if self.too_complex:
                raise TooComplex(self.too_complex)
            condition = self.selection.condition
            assert condition is not None
            assert isinstance(after, int)
            filled = replace(self.selection, condition=condition.filled(values))
            rows = _rows_of_range(db, filled, after, limit)
            yield from (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
        except sqlite3.OperationalError as problem:
            if any(text in str(problem) for text in _LIMITS_OF_SQLITE):
                raise TooComplex(str(problem)) from None
            raise


def plan_pages(selection: Selection) -> PagePlan:
    """Return how pages of a selection are found."""
    try:
        return PagePlan(selection, None if _ranges(selection) else page_query(selection))
    except TooComplex as problem:
        return PagePlan(selection, None, str(problem))


def page_rows(db: Database, selection: Selection, after: int | str, limit: int) -> Rows:
    """Return the rows of a page. Raises `TooComplex`."""
    values = selection.condition.values if selection.condition else ()
    with db.lock:
        return list(chain.from_iterable(plan_pages(selection).blocks(db, values, after, limit)))


def _ranges(selection: Selection) -> list[Term]:
    """Return the terms of a condition that the index of ranges serves, none where there are too many."""
    condition, index = selection.condition, selection.range_index
    if condition is None or index is None or condition.joint != "AND":
        return []
    terms = [
        term
        for term in condition.terms
        if term.column == index.column and term.operator in _ORDERED
    ]
    return terms if len(_limited(terms)) == len(terms) else []


def _limited(terms: list[Term]) -> list[Term]:
    """Return as many of the terms, from the first on, as go well into a statement."""
    most = 0
    values = 0
    for term in terms[:_MOST_TERMS]:
        values += len(term.values)
        if values > _MOST_VALUES:
            break
        most += 1
    return terms[:most]


def _rows_of_range(db: Database, selection: Selection, after: int, limit: int) -> Rows:
    index, condition = selection.range_index, selection.condition
    assert index is not None
    assert condition is not None
    equal = [
        term
        for term in condition.terms
        if term.operator in _EQUAL and term.column in {*index.walks, *index.within.columns}
    ]
    walked = _limited(equal)
    inside = [*index.within.terms, *_ranges(selection)]
    rows: Rows = []
    far = _FEW_ROWS
    while len(rows) < limit:
        missing = limit - len(rows)
        if _are_few(db, selection, walked, far, after):
            return rows + db.rows(*page_sql(selection, after, missing, road="order"))
        if _are_few(db, selection, inside, far):
            return rows + db.rows(*page_sql(selection, after, missing, road="range"))
        until = after + far * _FURTHER
        rows += db.rows(*page_sql(selection, after, missing, road="order", until=until))
        after = until
        far *= _FURTHER
    return rows


def _are_few(
    db: Database, selection: Selection, terms: Sequence[Term], most: int, after: int | None = None
) -> bool:
    """Tell whether terms hold for so many rows at most, of those behind the row `after`."""
    parts = [term.sql for term in terms]
    values: list[object] = [value for term in terms for value in term.values]
    if after is not None:
        parts.append(f"{quoted(selection.rowkey)} > ?")
        values.append(after)
    kinds = selection.kinds if after is not None else ()
    if kinds:
        assert selection.range_index is not None
        parts.append(f"{quoted(selection.range_index.kind)} = ?")
        values = [value for kind in kinds for value in (*values, kind)]
    each = f"SELECT 1 FROM {quoted(selection.source)} WHERE {' AND '.join(parts)}"  # noqa: S608 - names are quoted
    sql = f"SELECT count(*) FROM ({' UNION ALL '.join([each] * max(1, len(kinds)))} LIMIT ?)"  # noqa: S608
    ((count,),) = db.rows(sql, (*values, most + 1))
    return bool(count <= most)
