"""Conditions on rows as SQL, with bound values, quoted names and usable indexes."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from sfmc_mock.store.connection import quoted

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
        return self.joined([term.sql for term in self.terms])

    def joined(self, terms: Sequence[str]) -> str:
        """Return the SQL text with others in place of its terms, in their order."""
        return _joined(list(terms), f" {self.joint} ")

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

    `expressions` gives the SQL of columns that are compared as something else than they are stored.
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
            raise ValueError(f"{plain!r} is not a condition")


def _nested(plain: object, expressions: Mapping[str, str] | None) -> Condition:
    condition = from_plain(plain, expressions)
    if condition is None:
        raise ValueError("None is not part of a condition")
    return condition
