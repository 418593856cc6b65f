"""Translate queries from T-SQL to SQL of SQLite, by sqlglot, which is loaded when the first query is used.

The sources of a query become common table expressions in front of it, so that it can name no other table. The types of
expressions are followed through the query to find dates: SQLite has no dates, and compares them as the texts that the
store keeps. Texts are compared without regard to case, as the service does (documented).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from sfmc_mock.account.query_functions import (
    NOW,
    changed_function,
    function_call,
    is_wide,
    type_name,
    type_size,
    without_case,
)
from sfmc_mock.account.query_parsing import SPLIT, parse_query
from sfmc_mock.store.data_extension_tables import OWN_COLUMNS
from sfmc_mock.store.data_views import OF_ENTERPRISE, QuerySource
from sfmc_mock.store.database import quoted
from sfmc_mock.store.read_only_query import QueryFailed

FindSource = Callable[[str], QuerySource | None]

# Text: seen live on the REST twin of this call, and in a query that was saved.
UNKNOWN_SOURCE = (
    "{} is not a known data extension or system data view. "
    "You can only query existing data extensions or system data views."
)


@dataclass(frozen=True, slots=True)
class TranslatedQuery:
    """SQL of SQLite with the names `:now`, `:utc_now` and `:since` to be bound; `dates` are columns that hold dates."""

    sql: str
    tables: frozenset[str]
    dates: frozenset[str]


# Errors of sqlglot for functions with too few, odd or huge arguments, and for trees that lack a part.
_ERRORS_OF_PARSERS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def translate(text: str, find_source: FindSource) -> TranslatedQuery:
    """Return a query of T-SQL as one of SQLite; `find_source` finds its sources. Raises `QueryFailed`."""
    try:
        return _Translation(text, find_source).result()
    except SqlglotError as failed:
        raise QueryFailed(_syntax_error(failed)) from None
    except RecursionError:
        raise QueryFailed("The query is nested too deeply.") from None
    except _ERRORS_OF_PARSERS:
        raise QueryFailed("Incorrect syntax.") from None


def _syntax_error(failed: SqlglotError) -> str:
    """Return a syntax error in SQL Server's words."""
    errors = getattr(failed, "errors", None) or [{}]
    near = errors[0].get("highlight")
    return f"Incorrect syntax near '{near}'." if near else "Incorrect syntax."


_DATE_TYPES = {"DATE", "DATETIME", "DATETIME2", "SMALLDATETIME", "TIMESTAMP", "TIMESTAMPTZ"}
_DATES = (exp.CurrentTimestamp, exp.DateAdd, exp.LastDay, exp.DateFromParts, exp.AtTimeZone)
_HASHES: Mapping[type[exp.Expr], str] = {exp.MD5: "MD5", exp.SHA: "SHA1", exp.SHA2: "SHA2"}
_NUMBERS = (
    exp.Count,
    exp.Length,
    exp.DateDiff,
    exp.Extract,
    exp.Year,
    exp.Month,
    exp.Day,
    exp.RowNumber,
    exp.StrPosition,
    exp.Ceil,
)
_LIKE_THEIR_FIRST = (
    exp.Max,
    exp.Min,
    exp.Sum,
    exp.Alias,
    exp.Paren,
    exp.Neg,
    exp.Nullif,
    exp.Window,
)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def _kind(node: object) -> str:
    """Return the kind of an expression: `date`, `number`, `flag`, `decimal`, or empty where it is unknown."""
    return str(node.meta.get("kind", "")) if isinstance(node, exp.Expr) else ""


def _is_plain(node: exp.Expr) -> bool:
    """Say whether an expression is not a text, so that it is compared as it is."""
    return _kind(node) in ("date", "number", "flag", "decimal")


class _Translation:
    """The translation of one query."""

    def __init__(self, text: str, find_source: FindSource) -> None:
        self._find_source = find_source
        self._tree = parse_query(text, self._columns_named)
        self._sources: dict[str, tuple[str, QuerySource]] = {}
        self._aliases: dict[str, Mapping[str, str]] = {}

    def result(self) -> TranslatedQuery:
        for table in list(self._tree.find_all(exp.Table)):
            self._find(table)
        nodes = list(self._tree.bfs())
        for node in nodes:
            if type(node) in _HASHES:
                node.meta["is_wide"] = is_wide(node.this)
        # Twice: what a derived table selects has its kind only after the first time.
        for _ in range(2):
            for node in reversed(nodes):
                if kind := self._kind_of(node):
                    node.meta["kind"] = kind
                self._note_derived(node)
        dates = frozenset(
            name for name, kind in self._columns_of(self._tree).items() if kind == "date"
        )
        for node in reversed(nodes):
            changed = self._changed(node)
            if changed is not node:
                if kind := _kind(node):
                    changed.meta["kind"] = kind
                node.replace(changed)
        sources = [
            f"{quoted(name)} AS NOT MATERIALIZED ({source.sql})"
            for name, source in self._sources.values()
        ]
        before = f"WITH {', '.join(sources)} " if sources else ""
        tables = {name for name, _ in self._sources.values()}
        for _, source in self._sources.values():
            tables |= source.tables
        tables |= {*self._aliases, SPLIT}
        return TranslatedQuery(before + self._sql(), frozenset(tables), dates)

    def _sql(self) -> str:
        try:
            return self._tree.sql("sqlite", unsupported_level=ErrorLevel.RAISE)
        except UnsupportedError as failed:
            raise QueryFailed(f"Something in the query is not emulated: {failed}") from None

    def _columns_named(self, name: str) -> list[str] | None:
        source = self._find_source(name)
        return (
            None if source is None else [kind for kind in source.kinds if kind not in OWN_COLUMNS]
        )

    def _find(self, table: exp.Table) -> None:
        if isinstance(table.this, exp.Anonymous) and table.this.name == SPLIT:
            self._aliases[table.alias.lower()] = {"value": ""}
            return
        if not isinstance(table.this, exp.Identifier):
            raise QueryFailed(UNKNOWN_SOURCE.format(table.this.sql("tsql")))
        name, owner = table.name, table.text("db").lower()
        # ENT names the enterprise of a business unit.
        known_as = f"{OF_ENTERPRISE}{name}" if owner == "ent" else name
        key = known_as.lower()
        if key not in self._sources:
            source = self._find_source(known_as)
            if source is None or owner not in ("", "ent", "dbo"):
                raise QueryFailed(UNKNOWN_SOURCE.format(table.sql("tsql")))
            self._sources[key] = (f"source_{len(self._sources) + 1}", source)
        known = self._sources[key]
        alias = table.alias or name
        self._aliases[alias.lower()] = {
            column.lower(): kind for column, kind in known[1].kinds.items()
        }
        table.replace(
            exp.Table(
                this=exp.to_identifier(known[0], quoted=True),
                alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)),
                joins=table.args.get("joins"),
            )
        )

    # Kinds.

    def _note_derived(self, node: exp.Expr) -> None:
        if isinstance(node, exp.Subquery) and node.alias and isinstance(node.this, exp.Query):
            self._aliases[node.alias.lower()] = self._columns_of(node.this)

    def _columns_of(self, query: exp.Expr) -> dict[str, str]:
        while isinstance(query, exp.SetOperation | exp.Subquery):
            query = query.this
        kinds: dict[str, str] = {}
        for column in query.expressions:
            if column.is_star:
                for table in query.find_all(exp.Table, exp.Subquery):
                    kinds.update(self._aliases.get(table.alias.lower(), {}))
            else:
                kinds[column.alias_or_name.lower()] = _kind(column)
        return kinds

    def _kind_of(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Column):
            return self._kind_of_column(node)
        if isinstance(node, _DATES):
            return "date"
        if isinstance(node, exp.Cast | exp.TryCast | exp.Convert):
            return "date" if type_name(node) in _DATE_TYPES else ""
        if isinstance(node, _NUMBERS):
            return "number"
        if isinstance(node, exp.Literal):
            return "" if node.is_string else "number"
        if isinstance(node, exp.Anonymous) and str(node.this).upper() in NOW:
            return "date"
        if isinstance(node, exp.Add | exp.Sub):
            kinds = [_kind(node.this), _kind(node.expression)]
            return "date" if "date" in kinds else "number" if kinds == ["number"] * 2 else ""
        return self._kind_of_parts(node)

    def _kind_of_parts(self, node: exp.Expr) -> str:
        parts: list[object] = []
        if isinstance(node, _LIKE_THEIR_FIRST):
            parts = [node.this]
        elif isinstance(node, exp.Coalesce):
            parts = [node.this, *node.expressions]
        elif isinstance(node, exp.Case):
            parts = [
                *(branch.args.get("true") for branch in node.args["ifs"]),
                node.args.get("default"),
            ]
        elif isinstance(node, exp.If):
            parts = [node.args.get("true"), node.args.get("false")]
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select):
            parts = list(node.this.expressions[:1])
        return next(filter(None, map(_kind, parts)), "")

    def _kind_of_column(self, column: exp.Column) -> str:
        name = column.name.lower()
        if column.table:
            return self._aliases.get(column.table.lower(), {}).get(name, "")
        return next((columns[name] for columns in self._aliases.values() if name in columns), "")

    # Changes, from the leaves up.

    def _changed(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, _COMPARISONS):
            return self._compared(node)
        if isinstance(node, exp.Between):
            return self._between(node)
        if isinstance(node, exp.In):
            return self._in(node)
        if isinstance(node, exp.Add | exp.Sub):
            return self._sum(node)
        if isinstance(node, exp.Cast | exp.TryCast | exp.Convert):
            return self._cast(node)
        if type(node) in _HASHES:
            return self._hash(node)
        if isinstance(node, exp.AtTimeZone):
            shifted = function_call("tsql_at_time_zone", node.this, node.args["zone"])
            # What is shifted again needs the offset, all else the time on the clock there.
            is_inner = isinstance(node.parent, exp.AtTimeZone)
            return shifted if is_inner else function_call("tsql_wall_time", shifted)
        is_average = isinstance(node, exp.Avg) and not isinstance(node.parent, exp.Window)
        if is_average and _kind(node.this) == "number":
            return exp.Cast(this=node.copy(), to=exp.DataType.build("INT"))
        if isinstance(node, exp.Coalesce) and _kind(node) == "date":
            node.set("this", self._as_date(node.this))
            node.set("expressions", [self._as_date(expression) for expression in node.expressions])
            return node
        if isinstance(node, exp.Case) and node.this:
            return self._folded(node)
        if isinstance(node, exp.Column) and node.args.get("db"):
            return exp.column(node.this, table=node.args["table"])
        return changed_function(node)

    def _compared(self, node: exp.Expr) -> exp.Expr:
        for side, other in (("this", "expression"), ("expression", "this")):
            value, against = node.args[side], node.args[other]
            node.set(side, self._fitted(value, against))
        return node if _is_plain(node.expression) else self._folded(node)

    def _folded(self, node: exp.Expr) -> exp.Expr:
        """Make an expression compare its texts without regard to case."""
        if not _is_plain(node.this):
            node.set("this", without_case(node.this))
        return node

    def _fitted(self, value: exp.Expr, against: exp.Expr) -> exp.Expr:
        """Return a value converted for the comparison with another one."""
        if _kind(against) == "date" and _kind(value) != "date":
            return function_call("tsql_datetime", value)
        if isinstance(value, exp.Literal) and value.is_string:
            text = value.name.lower()
            if _kind(against) == "flag" and text in ("true", "false"):
                return exp.Literal.number(int(text == "true"))
        return value

    def _as_date(self, value: exp.Expr) -> exp.Expr:
        is_text = isinstance(value, exp.Literal) and value.is_string
        return function_call("tsql_datetime", value) if is_text else value

    def _between(self, node: exp.Between) -> exp.Expr:
        for part in ("low", "high"):
            node.set(part, self._fitted(node.args[part], node.this))
        return self._folded(node)

    def _in(self, node: exp.In) -> exp.Expr:
        node.set(
            "expressions", [self._fitted(expression, node.this) for expression in node.expressions]
        )
        return self._folded(node)

    def _sum(self, node: exp.Expr) -> exp.Expr:
        left, right = node.this, node.expression
        if _kind(left) == "date" or _kind(right) == "date":
            date, days = (left, right) if _kind(left) == "date" else (right, left)
            if isinstance(node, exp.Sub):
                days = exp.Neg(this=exp.paren(days.copy()))
            return function_call("tsql_dateadd", exp.Literal.string("day"), days, date)
        if isinstance(node, exp.Sub) or (_kind(left) == "number" and _kind(right) == "number"):
            return node
        return function_call("tsql_plus", left, right)

    def _hash(self, node: exp.Expr) -> exp.Expr:
        length = node.args.get("length")
        name = _HASHES[type(node)] + (f"_{length.name}" if length is not None else "")
        is_wide = exp.Literal.number(int(node.meta["is_wide"]))
        return function_call(
            "tsql_hashbytes", exp.Literal.string(name), node.this, is_wide, exp.Literal.number(1)
        )

    def _cast(self, node: exp.Expr) -> exp.Expr:
        value = node.expression if isinstance(node, exp.Convert) else node.this
        if isinstance(value, exp.Anonymous) and value.name == "tsql_hashbytes":
            # How bytes become a text.
            style = node.args.get("style") or exp.Literal.number(0)
            value = function_call("tsql_hashbytes", *value.expressions[:3], style)
        kind = node.this if isinstance(node, exp.Convert) else node.args["to"]
        sizes = [expression.this for expression in kind.expressions]
        was = exp.Literal.string("date") if _kind(value) == "date" else exp.null()
        return function_call(
            "tsql_try_cast" if node.args.get("safe") else "tsql_cast",
            value,
            exp.Literal.string(type_name(node).lower()),
            type_size(sizes, 0),
            type_size(sizes, 1),
            node.args.get("style") or exp.null(),
            was,
        )
