"""Queries of T-SQL as trees of sqlglot: parsed, checked, and clauses that SQLite does not have said by others."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

from sqlglot import exp, parse

from sfmc_mock.store.read_only_query import QueryFailed

MOST_CHARACTERS = 16_000
"""The greatest length of a query (assumed: users of the service report this number)."""

# Text: seen live on the REST twin of this call, and in a query that was saved.
NOT_SELECT = "Only SELECT queries are valid. Select must be the first word of the query."

# What SQLite cannot do, or what the translation does not.
_UNSUPPORTED: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.Into, "SELECT INTO"),
    (exp.With, "WITH"),
    (exp.Rand, "RAND"),
    (exp.JSONExtract, "JSON_QUERY"),
    (exp.JSONExtractScalar, "JSON_VALUE"),
    (exp.Ntile, "NTILE"),
    (exp.Soundex, "SOUNDEX"),
    (exp.Translate, "TRANSLATE"),
)

ColumnsOf = Callable[[str], Sequence[str] | None]
"""Returns the names of the columns of a data extension or data view, None for an unknown one."""

SPLIT = "json_each"
"""The function of SQLite that replaces STRING_SPLIT; its column is `value`."""

_TEXT = exp.DataType.build("VARCHAR(4000)", dialect="tsql")


# It warns of statements that it does not know, and quotes them: without a handler, Python prints that on a terminal.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


def parse_query(text: str, columns_of: ColumnsOf) -> exp.Query:
    """Return a query whose columns have names, without clauses that SQLite lacks.

    Raises `QueryFailed`, and what sqlglot raises.
    """
    tree = _parsed(text)
    _refuse_unsupported(tree)
    _rewrite(tree, columns_of)
    _name_columns(tree)
    return tree


def _parsed(text: str) -> exp.Query:
    if len(text) > MOST_CHARACTERS:
        raise QueryFailed(f"The query has more than {MOST_CHARACTERS:,} characters.")
    bare = re.sub(r"/\*.*?\*/|--[^\n]*", " ", text, flags=re.DOTALL).strip(" \t\r\n(")
    if not re.match(r"select\b", bare, re.IGNORECASE):
        raise QueryFailed(NOT_SELECT)
    statements = [statement for statement in parse(text, read="tsql") if statement is not None]
    if not statements:
        raise QueryFailed(NOT_SELECT)
    tree = statements[0]
    while isinstance(tree, exp.Subquery | exp.Paren):
        tree = tree.this
    # A semicolon at the end is none of the query.
    others = [statement for statement in statements[1:] if not isinstance(statement, exp.Semicolon)]
    if others or not isinstance(tree, exp.Select | exp.SetOperation):
        raise QueryFailed(NOT_SELECT)
    return tree


def _refuse_unsupported(tree: exp.Query) -> None:
    for kind, name in _UNSUPPORTED:
        if tree.find(kind):
            raise QueryFailed(f"{name} in a query is not emulated.")
    for limit in tree.find_all(exp.Limit):
        options = limit.args.get("limit_options")
        if options and options.args.get("with_ties"):
            raise QueryFailed("TOP WITH TIES in a query is not emulated.")
    parameter = tree.find(exp.Parameter)
    if parameter is not None:
        raise QueryFailed(f'Must declare the scalar variable "@{parameter.name}".')


def _name_columns(tree: exp.Query) -> None:
    """Give every column of the result the name of its column in the target."""
    first = tree
    while isinstance(first, exp.SetOperation):
        first = first.this
    seen: set[str] = set()
    for at, column in enumerate(list(first.expressions), start=1):
        if column.is_star:
            continue
        if not column.alias_or_name or not isinstance(column, exp.Alias | exp.Column):
            raise QueryFailed(f"No column name was specified for column {at}.")
        name = column.alias_or_name
        if name.lower() in seen:
            raise QueryFailed(f"The column '{name}' was specified multiple times.")
        seen.add(name.lower())
        if isinstance(column, exp.Column):
            column.replace(exp.alias_(column.copy(), name, quoted=True))


# Clauses that are replaced by others.


def _rewrite(tree: exp.Query, columns_of: ColumnsOf) -> None:
    for limit in list(tree.find_all(exp.Limit)):
        _rewrite_percent(limit)
    for pivot in list(tree.find_all(exp.Pivot)):
        _rewrite_pivot(pivot, columns_of)
    for lateral in list(tree.find_all(exp.Lateral)):
        _rewrite_apply(lateral)
    for table in list(tree.find_all(exp.Table)):
        if isinstance(table.this, exp.Anonymous) and table.this.name.upper() == "STRING_SPLIT":
            table.set("this", _split(table.this))


def _rewrite_percent(limit: exp.Limit) -> None:
    """Replace TOP … PERCENT by a number of rows."""
    options, select = limit.args.get("limit_options"), limit.parent
    if not options or not options.args.get("percent") or not isinstance(select, exp.Select):
        return
    every = select.copy()
    every.set("limit", None)
    every.set("order", None)
    columns = [
        column if column.is_star else exp.alias_(column.unalias().copy(), f"c{at}")
        for at, column in enumerate(every.expressions)
    ]
    every.set("expressions", columns)
    counted = exp.Subquery(this=every, alias=exp.TableAlias(this=exp.to_identifier("every_row")))
    # Rounded up, as SQL Server does.
    share = exp.Mul(this=exp.Count(this=exp.Star()), expression=exp.paren(limit.expression.copy()))
    rows = exp.Anonymous(
        this="tsql_ceiling",
        expressions=[exp.Div(this=share, expression=exp.Literal.number("100.0"))],
    )
    number = exp.Cast(this=rows, to=exp.DataType.build("INT"))
    select.set("limit", exp.Limit(expression=exp.Subquery(this=exp.select(number).from_(counted))))


# PIVOT and UNPIVOT.


def _rewrite_pivot(pivot: exp.Pivot, columns_of: ColumnsOf) -> None:
    source = pivot.parent
    fields = pivot.args.get("fields") or []
    if not isinstance(source, exp.Table | exp.Subquery) or len(fields) != 1:
        raise QueryFailed("This form of PIVOT in a query is not emulated.")
    names = _columns(source, columns_of)
    inner = source.copy()
    inner.set("pivots", None)
    inner.set("joins", None)
    if not inner.args.get("alias"):
        inner.set("alias", exp.TableAlias(this=exp.to_identifier("pivoted", quoted=True)))
    make = _unpivoted if pivot.args.get("unpivot") else _pivoted
    made = exp.Subquery(this=make(pivot, fields[0], names, inner), joins=source.args.get("joins"))
    alias = pivot.args.get("alias") or source.args.get("alias")
    made.set("alias", alias.copy() if alias else exp.TableAlias(this=exp.to_identifier("pivoted")))
    source.replace(made)


def _columns(source: exp.Expr, columns_of: ColumnsOf) -> list[str]:
    if isinstance(source, exp.Table):
        columns = columns_of(source.name)
        if columns is None:
            raise QueryFailed(f"Invalid object name '{source.name}'.")
        return list(columns)
    query = source.this
    while isinstance(query, exp.SetOperation):
        query = query.this
    if any(column.is_star for column in query.expressions):
        raise QueryFailed("PIVOT of SELECT * is not emulated: name the columns.")
    return [column.alias_or_name for column in query.expressions]


def _pivoted(pivot: exp.Pivot, field: exp.Expr, names: list[str], inner: exp.Expr) -> exp.Expr:
    aggregate, key = pivot.expressions[0], field.this
    aggregate = aggregate.this if isinstance(aggregate, exp.Alias) else aggregate
    value = aggregate.this
    if len(pivot.expressions) != 1 or not isinstance(value, exp.Column):
        raise QueryFailed("PIVOT in a query takes one aggregate of one column.")
    used = {value.name.casefold(), key.name.casefold()}
    kept = [_column(name) for name in names if name.casefold() not in used]
    shown: list[exp.Expr] = list(kept)
    for column in field.expressions:
        is_that = exp.EQ(
            this=exp.Cast(this=key.copy(), to=_TEXT.copy()),
            expression=exp.Literal.string(column.name),
        )
        chosen = exp.Case(ifs=[exp.If(this=is_that, true=value.copy())])
        one = aggregate.copy()
        one.set("this", chosen)
        shown.append(exp.alias_(one, column.name, quoted=True))
    made = exp.select(*(each.copy() for each in shown)).from_(inner)
    return made.group_by(*(each.copy() for each in kept)) if kept else made


def _unpivoted(pivot: exp.Pivot, field: exp.Expr, names: list[str], inner: exp.Expr) -> exp.Expr:
    value, key = pivot.expressions[0].name, field.this.name
    chosen = [column.name for column in field.expressions]
    folded = {name.casefold() for name in chosen}
    kept = [name for name in names if name.casefold() not in folded]
    parts = [
        exp.select(
            *(_column(each) for each in kept),
            exp.alias_(exp.Literal.string(name), key, quoted=True),
            exp.alias_(_column(name), value, quoted=True),
        )
        .from_(inner.copy())
        .where(exp.Not(this=exp.Is(this=_column(name), expression=exp.null())))
        for name in chosen
    ]
    made: exp.Expr = parts[0]
    for part in parts[1:]:
        made = exp.Union(this=made, expression=part, distinct=False)
    return made


def _column(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True))


# APPLY.


def _rewrite_apply(lateral: exp.Lateral) -> None:
    join = lateral.parent
    select = join.parent if isinstance(join, exp.Join) else None
    if join is None or not isinstance(select, exp.Select):
        raise QueryFailed("This form of APPLY in a query is not emulated.")
    is_cross = bool(lateral.args.get("cross_apply"))
    applied = lateral.this
    if isinstance(applied, exp.Anonymous) and applied.name.upper() == "STRING_SPLIT":
        table = exp.Table(this=_split(applied), alias=lateral.args["alias"].copy())
        if is_cross:
            join.replace(exp.Join(this=table, kind="CROSS"))
        else:
            join.replace(exp.Join(this=table, on=exp.true(), side="LEFT"))
        return
    if isinstance(applied, exp.Subquery) and isinstance(applied.this, exp.Select):
        _say_by_scalars(select, join, lateral, applied.this, is_cross)
        return
    name = applied.name if isinstance(applied, exp.Anonymous) else applied.key
    raise QueryFailed(
        f"APPLY with {name.upper()} in a query is not emulated: it takes STRING_SPLIT, or a SELECT of one row."
    )


def _say_by_scalars(
    select: exp.Select, join: exp.Expr, lateral: exp.Expr, applied: exp.Select, is_cross: bool
) -> None:
    """Replace a subquery of one row by a subquery for each of its columns that is used."""
    is_counted = not applied.args.get("group") and all(
        column.find(exp.AggFunc) is not None for column in applied.expressions
    )
    limit = applied.args.get("limit")
    is_single = limit is not None and limit.expression.name == "1"
    if not (is_counted or is_single):
        raise QueryFailed(
            "APPLY with a SELECT of several rows in a query is not emulated: say TOP 1, or join what it selects."
        )
    values = {column.alias_or_name.casefold(): column.unalias() for column in applied.expressions}
    alias = lateral.alias.casefold()
    join.pop()
    for column in list(select.find_all(exp.Column)):
        if column.table.casefold() != alias:
            continue
        value = values.get(column.name.casefold())
        if value is None:
            raise QueryFailed(f"Invalid column name '{column.name}'.")
        one = applied.copy()
        one.set("expressions", [value.copy()])
        scalar: exp.Expr = exp.Subquery(this=one)
        if column.parent is select and column.arg_key == "expressions":
            scalar = exp.alias_(scalar, column.name, quoted=True)
        column.replace(scalar)
    if is_cross and not is_counted:
        select.where(exp.Exists(this=applied.copy()), copy=False)


def _split(call: exp.Anonymous) -> exp.Anonymous:
    if len(call.expressions) != 2:
        raise QueryFailed("STRING_SPLIT in a query takes a text and a separator.")
    parts = exp.Anonymous(
        this="tsql_string_split", expressions=[part.copy() for part in call.expressions]
    )
    return exp.Anonymous(this=SPLIT, expressions=[parts])
