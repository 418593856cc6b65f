"""Conditions on rows as SQL, with bound values, quoted names and usable indexes; and the pages that they select."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from sfmc_mock.store.database import Database, quoted

Bound: TypeAlias = str | int | float
Joint: TypeAlias = Literal["AND", "OR"]


class Term(NamedTuple):
    """A part of a condition; `column` and `operator` are those of a single comparison, empty for nested conditions."""

    sql: str
    values: tuple[Bound, ...]
    column: str = ""
    operator: str = ""


class _Leaf(NamedTuple):
    """A comparison of a condition, with so many values."""

    column: str
    operator: str
    values: int


class _Node(NamedTuple):
    joint: Joint
    nested: tuple[_Tree, ...]


_Tree: TypeAlias = _Leaf | _Node


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on rows, made by `comparison`, `all_of` and `any_of`; `columns` are those that it compares."""

    joint: Joint
    terms: tuple[Term, ...]
    columns: frozenset[str]
    tree: _Tree

    @property
    def sql(self) -> str:
        """The SQL text, to be bound with `values`."""
        return _joined([term.sql for term in self.terms], f" {self.joint} ")

    @property
    def values(self) -> tuple[Bound, ...]:
        """The values to bind, in order."""
        return tuple(value for term in self.terms for value in term.values)

    @property
    def plain(self) -> object:
        """The condition as lists and texts, for JSON."""
        return _plain(self.tree, iter(self.values))

    def places_of_equal(self, apart: Container[str]) -> dict[str, int]:
        """Return the columns that have the same value in all rows, each with its place among `values`.

        Columns `apart` are left out.
        """
        places: dict[str, int] = {}
        at = 0
        for term in self.terms if self.joint == "AND" else ():
            if term.operator == "equals" and term.column not in apart:
                places[term.column] = at
            at += len(term.values)
        return places

    def filled(self, values: Sequence[Bound]) -> Condition:
        """Return the condition with others of its `values`, as many as it has."""
        left = iter(values)
        terms = tuple(
            term._replace(values=tuple(islice(left, len(term.values)))) for term in self.terms
        )
        return Condition(self.joint, terms, self.columns, self.tree)


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
    if operator == "between":
        bound = bound[:2]
    elif operator == "like":
        bound = (f"%{bound[0]}%",)
    elif operator in _OPERATORS:
        bound = bound[:1]
    name = (expressions or {}).get(column) or quoted(column)
    term = Term(_comparison_sql(name, operator, len(bound)), bound, column, operator)
    return Condition("AND", (term,), frozenset((column,)), _Leaf(column, operator, len(bound)))


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
    nested: list[_Tree] = []
    for condition in conditions:
        # Nested conditions of the same kind are one: keeps deep chains of ORs flat for SQLite.
        if condition.joint == joint or len(condition.terms) == 1:
            terms += condition.terms
        else:
            terms.append(Term(condition.sql, condition.values))
        tree = condition.tree
        nested += tree.nested if isinstance(tree, _Node) and tree.joint == joint else (tree,)
    columns = frozenset[str]().union(*(condition.columns for condition in conditions))
    return Condition(joint, tuple(terms), columns, _Node(joint, tuple(nested)))


def _plain(tree: _Tree, values: Iterator[Bound]) -> object:
    if isinstance(tree, _Node):
        return {_PLAIN_NAMES[tree.joint]: [_plain(each, values) for each in tree.nested]}
    given = list(islice(values, tree.values))
    if tree.operator == "like":
        given = [str(value)[1:-1] for value in given]
    return [tree.column, tree.operator, given]


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
    terms = condition.terms if condition else ()
    before: tuple[Bound, ...] = ()
    parts = tuple(term.sql for term in terms)
    if strategy == "scan":
        parts = tuple(map(_unindexed, terms))
    elif index is not None and strategy == "order":
        parts = tuple(
            _unindexed(term) if term.column == index.column else term.sql for term in terms
        )
    elif index is not None and strategy == "range":
        usable = {index.column, *index.within.columns}
        parts = tuple(term.sql if term.column in usable else _unindexed(term) for term in terms)
        if index.within.terms[0] not in terms:
            parts = (index.within.sql, *parts)
            before = index.within.values
    count = len(before) + sum(len(term.values) for term in terms)
    if count > MAX_VALUES:
        raise TooComplex(f"the condition has {count:,} values")
    is_short = len(parts) <= _MOST_REPEATED and sum(map(len, parts)) < 2_000
    kinds = selection.kinds if is_short and strategy not in ("range", "scan") else ()
    order = quoted(selection.rowkey) if strategy != "range" else f"+{quoted(selection.rowkey)}"
    wanted = [f"{order} > ?", *([f"{order} <= ?"] if is_bounded else ())]
    if condition is not None:
        wanted.insert(0, _joined(list(parts), f" {condition.joint} "))
    if kinds and index is not None:
        # One query for each kind: SQLite merges them, and reads no more of each than the page takes.
        wanted.insert(0, f"{quoted(index.kind)} = ?")
    columns = selection.columns
    if strategy != "scan" or not columns:
        columns = (*columns, selection.rowkey)
    shown = ", ".join(map(quoted, columns))
    each = f"SELECT {shown} FROM {quoted(selection.source)} WHERE {' AND '.join(wanted)}"  # noqa: S608 - names are quoted
    sql = f"{' UNION ALL '.join([each] * max(1, len(kinds)))} ORDER BY {order} LIMIT ?"
    if len(sql) > MAX_SQL or _brackets(sql) > MAX_BRACKETS:
        raise TooComplex("the condition is nested too deeply, or too long")
    return PageQuery(sql, kinds, before)


# Terms of a condition that is repeated for each kind.
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


class TooComplex(Exception):
    """The condition is nested more deeply than SQLite allows, or has more values."""


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
        where = f"WHERE {_joined([term.sql for term in condition.terms], f' {condition.joint} ')} "
        values = condition.values
    shown = ", ".join(map(quoted, (*selection.columns, selection.rowkey)))
    direction = "DESC" if descending else "ASC"
    sql = (
        f"SELECT {shown} FROM {quoted(selection.source)} {where}"  # noqa: S608 - names are quoted, values bound
        f"ORDER BY {quoted(by)} {direction}, {quoted(selection.rowkey)} {direction} LIMIT ? OFFSET ?"
    )
    return db.rows(sql, (*values, limit, offset))
