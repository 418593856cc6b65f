"""Conditions on rows, and the SQL that they become: values bound, columns looked up, indexes usable."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sfmc_mock.store.database import Database, quoted

Bound: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column held against values; `operator` is a Retrieve operator in the service's spelling."""

    column: str
    operator: str
    values: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | All | Either


def columns_of(condition: Condition | None) -> set[str]:
    """Return the columns that a condition compares."""
    if condition is None:
        return set()
    if isinstance(condition, Comparison):
        return {condition.column}
    return {column for part in condition.parts for column in columns_of(part)}


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


def to_sql(
    condition: Condition, expressions: Mapping[str, str] | None = None
) -> tuple[str, list[Bound]]:
    """Return the condition as SQL text with its values to bind.

    `expressions` gives the SQL of columns that are compared as something else than they are stored.
    """
    bound: list[Bound] = []
    return _sql(condition, expressions or {}, bound), bound


def _sql(condition: Condition, expressions: Mapping[str, str], bound: list[Bound]) -> str:
    if isinstance(condition, All | Either):
        joint = " AND " if isinstance(condition, All) else " OR "
        return _joined([_sql(part, expressions, bound) for part in condition.parts], joint)
    column = expressions.get(condition.column) or quoted(condition.column)
    values = condition.values
    match condition.operator:
        case "isNull":
            return f"{column} IS NULL"
        case "isNotNull":
            return f"{column} IS NOT NULL"
        case "between":
            bound.extend(values[:2])
            return f"{column} BETWEEN ? AND ?"
        case "IN":
            bound.extend(values)
            return f"{column} IN ({', '.join('?' * len(values))})"
        case "like":
            bound.append(f"%{values[0]}%")
            return f"{column} LIKE ?"
        case operator:
            bound.append(values[0])
            return f"{column} {_OPERATORS[operator]} ?"


# Terms in a row and brackets within brackets both make a level of SQLite's expressions, and it takes 1,000 of the one
# and about 30 of the other.
_IN_A_ROW = 30


def _joined(terms: list[str], joint: str) -> str:
    """Return the terms joined, in brackets of a few each."""
    while len(terms) > 1:
        groups = [terms[at : at + _IN_A_ROW] for at in range(0, len(terms), _IN_A_ROW)]
        terms = [f"({joint.join(group)})" if len(group) > 1 else group[0] for group in groups]
    return terms[0]


@dataclass(frozen=True, slots=True)
class Selection:
    """A question for rows of a table or view, answered in pages.

    Rows come in the order of `rowkey`, a column of unique growing numbers; a page goes on after the last one's. With
    `expressions` a column is compared, not shown, as that SQL.
    """

    source: str
    columns: tuple[str, ...]
    condition: Condition | None
    rowkey: str = "rowkey"
    expressions: Mapping[str, str] | None = None


def page_sql(selection: Selection, after: int, limit: int) -> tuple[str, Sequence[Bound]]:
    """Return the query for the page that follows the row `after`; the last column is the rowkey."""
    columns = ", ".join(quoted(column) for column in (*selection.columns, selection.rowkey))
    rowkey = quoted(selection.rowkey)
    where, bound = f"{rowkey} > ?", [after]
    bounds: list[Bound] = list(bound)
    if selection.condition is not None:
        condition, more = to_sql(selection.condition, selection.expressions)
        where = f"{condition} AND {where}"
        bounds = [*more, after]
    sql = (
        f"SELECT {columns} FROM {quoted(selection.source)} WHERE {where} ORDER BY {rowkey} LIMIT ?"  # noqa: S608 - names are quoted, values bound
    )
    return sql, [*bounds, limit]


class TooComplex(Exception):
    """The condition is nested deeper than SQLite takes it, or holds more values."""


# What SQLite says of it; its limits depend on how it was built.
_LIMITS_OF_SQLITE = ("stack overflow", "too large", "too many SQL variables", "too complex")


def page_rows(
    db: Database, selection: Selection, after: int, limit: int
) -> list[tuple[object, ...]]:
    """Return the rows of a page. Raises `TooComplex`."""
    sql, bound = page_sql(selection, after, limit)
    try:
        return db.rows(sql, bound)
    except sqlite3.OperationalError as problem:
        if any(each in str(problem) for each in _LIMITS_OF_SQLITE):
            raise TooComplex(str(problem)) from None
        raise


def as_plain(condition: Condition | None) -> object:
    """Return the condition as lists and texts, for JSON."""
    match condition:
        case None:
            return None
        case Comparison():
            return [condition.column, condition.operator, list(condition.values)]
        case All():
            return {"all": [as_plain(part) for part in condition.parts]}
        case Either():
            return {"either": [as_plain(part) for part in condition.parts]}


def from_plain(plain: object) -> Condition | None:
    """Return the condition that `as_plain` gave."""
    match plain:
        case [str(column), str(operator), list(values)]:
            return Comparison(column, operator, tuple(values))
        case {"all": list(parts)}:
            return All(tuple(_known(part) for part in parts))
        case {"either": list(parts)}:
            return Either(tuple(_known(part) for part in parts))
        case _:
            return None


def _known(plain: object) -> Condition:
    found = from_plain(plain)
    if found is None:
        raise ValueError(f"{plain!r} is no condition")
    return found
