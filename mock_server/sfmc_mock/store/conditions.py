"""Conditions on rows as SQL: values bound, names quoted, indexes usable; and the pages that they select."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from sfmc_mock.store.database import Database, quoted

Bound: TypeAlias = str | int | float
Joint: TypeAlias = Literal["AND", "OR"]


class Term(NamedTuple):
    """A part of a condition; `column` is that of a single comparison, empty for nested conditions."""

    sql: str
    values: tuple[Bound, ...]
    column: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on rows, made by `comparison`, `all_of` and `any_of`.

    `plain` is the same as lists and texts, for JSON; `columns` are those that it compares.
    """

    joint: Joint
    terms: tuple[Term, ...]
    columns: frozenset[str]
    plain: object

    @property
    def sql(self) -> str:
        """The SQL text, to be bound with `values`."""
        return _joined([term.sql for term in self.terms], f" {self.joint} ")

    @property
    def values(self) -> tuple[Bound, ...]:
        """The values to bind, in order."""
        return tuple(value for term in self.terms for value in term.values)


_OPERATORS = {
    "equals": "=",
    "notEquals": "<>",
    "greaterThan": ">",
    "lessThan": "<",
    "greaterThanOrEqual": ">=",
    "lessThanOrEqual": "<=",
}

OPERATORS = frozenset(_OPERATORS) | {"isNull", "isNotNull", "between", "IN", "like"}
"""The operators that a condition can have: those that Retrieve knows (documented)."""


def comparison(
    column: str,
    operator: str,
    values: Sequence[Bound] = (),
    expressions: Mapping[str, str] | None = None,
) -> Condition:
    """Return the condition that compares a column with values; `operator` is in the service's spelling.

    `expressions` gives the SQL of columns that are compared as something else than they are stored. Raises
    `TooComplex`.
    """
    bound = tuple(values)
    plain = [column, operator, list(bound)]
    if operator == "between":
        bound = bound[:2]
    elif operator == "like":
        bound = (f"%{bound[0]}%",)
    elif operator in _OPERATORS:
        bound = bound[:1]
    name = (expressions or {}).get(column) or quoted(column)
    term = Term(_comparison_sql(name, operator, len(bound)), bound, column)
    return Condition("AND", (term,), frozenset((column,)), plain)


def _comparison_sql(name: str, operator: str, count: int) -> str:
    match operator:
        case "isNull":
            return f"{name} IS NULL"
        case "isNotNull":
            return f"{name} IS NOT NULL"
        case "between":
            return f"{name} BETWEEN ? AND ?"
        case "IN":
            return f"{name} IN ({', '.join('?' * count)})"
        case "like":
            return f"{name} LIKE ?"
        case _:
            return f"{name} {_OPERATORS[operator]} ?"


def all_of(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that holds where all of the conditions hold."""
    return _combined("AND", conditions)


def any_of(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that holds where at least one of the conditions holds."""
    return _combined("OR", conditions)


_PLAIN_NAMES: dict[Joint, str] = {"AND": "all", "OR": "either"}


def _combined(joint: Joint, conditions: Sequence[Condition]) -> Condition:
    terms: list[Term] = []
    plains: list[object] = []
    for condition in conditions:
        # Nested conditions of the same kind are one: keeps deep chains of ORs flat for SQLite.
        if condition.joint == joint or len(condition.terms) == 1:
            terms += condition.terms
        else:
            terms.append(Term(condition.sql, condition.values))
        nested = (
            condition.plain.get(_PLAIN_NAMES[joint]) if isinstance(condition.plain, dict) else None
        )
        plains += nested or (condition.plain,)
    columns = frozenset[str]().union(*(condition.columns for condition in conditions))
    return Condition(joint, tuple(terms), columns, {_PLAIN_NAMES[joint]: plains})


# Terms in a row make a level of SQLite's expressions each, and it takes 1,000 of them.
_IN_A_ROW = 30

# The limits are the project's own, below those that any build of SQLite has: they differ from build to build.
MAX_BRACKETS = 30
"""Brackets within brackets in the SQL of a condition; old versions of SQLite take about 32."""

MAX_VALUES = 30_000
"""Values that are bound to a condition; the least that SQLite is built with is 32,766."""

MAX_SQL = 900_000
"""Characters of the SQL of a condition; SQLite's own default is a million bytes."""

_BRACKET = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|[()]')


def _joined(terms: list[str], joint: str) -> str:
    """Return the terms joined, in brackets of a few each."""
    while len(terms) > 1:
        groups = [terms[at : at + _IN_A_ROW] for at in range(0, len(terms), _IN_A_ROW)]
        terms = [f"({joint.join(group)})" if len(group) > 1 else group[0] for group in groups]
    return terms[0]


def from_plain(plain: object, expressions: Mapping[str, str] | None = None) -> Condition | None:
    """Return the condition whose `plain` this is, None for None. Raises `ValueError` for anything else."""
    match plain:
        case None:
            return None
        case [str(column), str(operator), list(values)]:
            return comparison(column, operator, values, expressions)
        case {"all": list(parts)}:
            return all_of([_nested(part, expressions) for part in parts])
        case {"either": list(parts)}:
            return any_of([_nested(part, expressions) for part in parts])
        case _:
            raise ValueError(f"{plain!r} is no condition")


def _nested(plain: object, expressions: Mapping[str, str] | None) -> Condition:
    condition = from_plain(plain, expressions)
    if condition is None:
        raise ValueError("None is no part of a condition")
    return condition


@dataclass(frozen=True, slots=True)
class Selection:
    """A question for rows of a table or view, answered in pages.

    Rows come in the order of `rowkey`, a column of unique growing numbers; a page goes on after the last one's.
    `range_index` are the columns of an index that ends with the one that ranges are asked of.
    """

    source: str
    columns: tuple[str, ...]
    condition: Condition | None
    rowkey: str = "rowkey"
    range_index: tuple[str, ...] = ()


_FEW_ROWS = 10_000
"""Up to so many rows of a range are sorted for each page; of more, rows are read in order and left out."""


def page_sql(
    selection: Selection, after: int | str, limit: int, *, by_order: bool = False
) -> tuple[str, Sequence[Bound]]:
    """Return the query for the page that follows the row `after`; the last column is the rowkey.

    `by_order` keeps SQLite from using the index of ranges. Raises `TooComplex`.
    """
    terms: Sequence[Term] = ()
    joint: Joint = "AND"
    values: tuple[Bound, ...] = ()
    if selection.condition is not None:
        terms, joint, values = (
            selection.condition.terms,
            selection.condition.joint,
            selection.condition.values,
        )
    range_column = selection.range_index[-1] if by_order else None
    condition = tuple(
        f"+{term.sql}" if range_column is not None and term.column == range_column else term.sql
        for term in terms
    )
    if len(values) > MAX_VALUES:
        raise TooComplex(f"the condition has {len(values):,} values")
    sql = _page_sql(selection.source, selection.columns, selection.rowkey, condition, joint)
    return sql, (*values, after, limit)


def _build_page_sql(
    source: str, columns: tuple[str, ...], rowkey: str, terms: tuple[str, ...], joint: Joint
) -> str:
    shown = ", ".join(map(quoted, (*columns, rowkey)))
    order = quoted(rowkey)
    condition = f"{_joined(list(terms), f' {joint} ')} AND " if terms else ""
    return (
        f"SELECT {shown} FROM {quoted(source)} WHERE {condition}{order} > ? "  # noqa: S608 - names are quoted, values bound
        f"ORDER BY {order} LIMIT ?"
    )


@lru_cache(maxsize=256)
def _page_sql_cache(
    source: str, columns: tuple[str, ...], rowkey: str, terms: tuple[str, ...], joint: Joint
) -> str:
    return _checked(_build_page_sql(source, columns, rowkey, terms, joint))


_MOST_CACHED_TERMS = 20


def _page_sql(
    source: str, columns: tuple[str, ...], rowkey: str, terms: tuple[str, ...], joint: Joint
) -> str:
    is_short = len(terms) <= _MOST_CACHED_TERMS and sum(map(len, terms)) < 2_000
    if is_short:
        return _page_sql_cache(source, columns, rowkey, terms, joint)
    return _checked(_build_page_sql(source, columns, rowkey, terms, joint))


def _checked(sql: str) -> str:
    """Return the SQL, which every build of SQLite takes. Raises `TooComplex`."""
    if len(sql) > MAX_SQL or _brackets(sql) > MAX_BRACKETS:
        raise TooComplex("the condition is nested too deeply, or too long")
    return sql


def _brackets(sql: str) -> int:
    """Return how deep brackets stand within brackets."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(sql):
        if bracket[0] in "()":
            depth += 1 if bracket[0] == "(" else -1
            deepest = max(deepest, depth)
    return deepest


class TooComplex(Exception):
    """The condition is nested deeper than SQLite takes it, or holds more values."""


# What SQLite says of it; its limits depend on how it was built.
_LIMITS_OF_SQLITE = ("stack overflow", "too large", "too many SQL variables", "too complex")


def page_rows(
    db: Database, selection: Selection, after: int | str, limit: int
) -> list[tuple[object, ...]]:
    """Return the rows of a page. Raises `TooComplex`."""
    try:
        by_order = _has_wide_range(db, selection)
        sql, bound = page_sql(selection, after, limit, by_order=by_order)
        return db.rows(sql, bound)
    except sqlite3.OperationalError as problem:
        if any(text in str(problem) for text in _LIMITS_OF_SQLITE):
            raise TooComplex(str(problem)) from None
        raise


def sorted_rows(
    db: Database, selection: Selection, by: str, *, descending: bool, offset: int, limit: int
) -> list[tuple[object, ...]]:
    """Return rows in the order of one of the columns, from a place on; the last column is the rowkey.

    Each page looks at all rows: this is for people, who rarely turn many pages.
    """
    condition = selection.condition
    where = ""
    values: tuple[Bound, ...] = ()
    if condition is not None:
        where = f"WHERE {_joined([term.sql for term in condition.terms], f' {condition.joint} ')} "
        values = condition.values
    shown = ", ".join(map(quoted, (*selection.columns, selection.rowkey)))
    direction = "DESC" if descending else "ASC"
    sql = (
        f"SELECT {shown} FROM {quoted(selection.source)} {where}"  # noqa: S608 - names are quoted, values bound
        f"ORDER BY {quoted(by)} {direction}, {quoted(selection.rowkey)} {direction} LIMIT ? OFFSET ?"
    )
    return db.rows(sql, (*values, limit, offset))


def _has_wide_range(db: Database, selection: Selection) -> bool:
    """Tell whether the condition has a range of the selection's index that holds many rows."""
    condition, index = selection.condition, selection.range_index
    if not index or condition is None or condition.joint != "AND":
        return False
    terms = [term for term in condition.terms if term.column in index]
    if len(terms) > _MOST_CACHED_TERMS or sum(len(term.values) for term in terms) > 1_000:
        return False
    if not any(term.column == index[-1] for term in terms):
        return False
    where = " AND ".join(term.sql for term in terms)
    values = [value for term in terms for value in term.values]
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {quoted(selection.source)} WHERE {where} LIMIT ?)"  # noqa: S608
    (count,) = db.run(sql, (*values, _FEW_ROWS + 1)).fetchone()
    return bool(count > _FEW_ROWS)
