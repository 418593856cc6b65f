"""Functions of T-SQL in queries, and the expressions of SQLite that replace them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from sfmc_mock.account.query_parsing import SPLIT
from sfmc_mock.store.read_only_query import QueryFailed

# Functions of SQL Server that the emulator lacks: SQLite's own error would say that the function does not exist.
_NOT_EMULATED = frozenset(
    {
        *("BINARY_CHECKSUM", "CHECKSUM", "CHECKSUM_AGG", "COMPRESS", "CURSOR_STATUS"),
        "DATEDIFF_BIG",
        *("DATETIME2FROMPARTS", "DATETIMEFROMPARTS", "DATETIMEOFFSETFROMPARTS", "DECOMPRESS"),
        *("DIFFERENCE", "FORMATMESSAGE", "GENERATE_SERIES", "GREATEST", "GROUPING", "ISJSON"),
        *("JSON_MODIFY", "JSON_QUERY", "JSON_VALUE", "LEAST", "NEWSEQUENTIALID", "OPENJSON"),
        *("PARSE", "PARSENAME", "QUOTENAME", "SMALLDATETIMEFROMPARTS", "SOUNDEX", "STRING_ESCAPE"),
        *("SYSDATETIMEOFFSET", "TIMEFROMPARTS", "TODATETIMEOFFSET", "TRANSLATE", "TRY_PARSE"),
        *("UNICODE", "XACT_STATE"),
    }
)

NOW = {"GETUTCDATE": "utc_now", "SYSUTCDATETIME": "utc_now", "SYSDATETIME": "now", "GETDATE": "now"}

_SAME_NAME = {"PATINDEX", "ISNUMERIC", "ISDATE", "SWITCHOFFSET"}


def is_wide(node: exp.Expr) -> bool:
    """Say whether a text is NVARCHAR: a value of a data extension, or made of one without a cast."""
    if isinstance(node, exp.Cast | exp.TryCast | exp.Convert):
        return type_name(node).startswith("N")
    if isinstance(node, exp.Column | exp.National):
        return True
    return any(is_wide(part) for part in node.iter_expressions())


def _number_format(node: exp.Expr) -> exp.Expr:
    culture = node.args.get("culture")
    if culture is not None and culture.name.lower() != "en-us":
        raise QueryFailed(f"FORMAT of a number in the culture {culture.name} is not emulated.")
    return function_call("tsql_format_number", node.this, node.args["format"])


def _aggregated(node: exp.Expr) -> exp.Expr:
    """Return the function that replaces STRING_AGG, with the order of WITHIN GROUP as pairs of arguments."""
    value, order = node.this, []
    if isinstance(value, exp.Distinct):
        raise QueryFailed("STRING_AGG takes no DISTINCT: choose the values in a subquery.")
    if isinstance(value, exp.Order):
        order = [
            part
            for key in value.expressions
            for part in (key.this, exp.Literal.number(int(bool(key.args.get("desc")))))
        ]
        value = value.this
    return function_call("tsql_string_agg", value, node.args.get("separator") or exp.null(), *order)


def type_size(sizes: list[exp.Expr], at: int) -> exp.Expr:
    """Return the size of a type as a value, NULL where none is given."""
    if at >= len(sizes):
        return exp.null()
    return sizes[at] if isinstance(sizes[at], exp.Literal) else exp.Literal.string(sizes[at].name)


def type_name(node: exp.Expr) -> str:
    """Return the name of the type that a CAST or CONVERT names."""
    kind = node.this if isinstance(node, exp.Convert) else node.args["to"]
    return str(kind.this.value) if isinstance(kind, exp.DataType) else kind.name.upper()


def function_call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return the call of a function, with copies of its arguments."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def without_case(node: exp.Expr) -> exp.Expr:
    """Return an expression that compares a text without regard to case."""
    inner = node if isinstance(node, exp.Column | exp.Anonymous) else exp.paren(node.copy())
    return exp.Collate(this=inner.copy(), expression=exp.var("NOCASE"))


def _unit(node: exp.Expr) -> exp.Expr:
    return exp.Literal.string((node.args.get("unit") or exp.var("day")).name.lower())


def _date_part(name: str) -> Callable[[exp.Expr], exp.Expr]:
    return lambda node: function_call("tsql_datepart", exp.Literal.string(name), node.this)


def _call(name: str, *parts: str) -> Callable[[exp.Expr], exp.Expr]:
    """Return a function that turns an expression into the call of a SQL function, with those parts that it has."""
    return lambda node: function_call(
        name, *(argument for part in parts if (argument := node.args.get(part)) is not None)
    )


def _like(node: exp.Expr) -> exp.Expr:
    matches = function_call("tsql_like", node.this, node.expression)
    return exp.Not(this=matches) if node.args.get("negate") else matches


def _escaped(node: exp.Expr) -> exp.Expr:
    """Add the third argument to the function that replaced LIKE."""
    argument: exp.Expr = node.this.copy()
    function = argument.this if isinstance(argument, exp.Not) else argument
    function.append("expressions", node.expression.copy())
    return argument


# Replacements of expressions that SQLite does not have.
_CHANGES: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.GroupConcat: _aggregated,
    exp.CurrentTimestamp: lambda node: exp.Placeholder(this="now"),
    exp.TimeStrToTime: lambda node: node.this,
    exp.TsOrDsToDate: lambda node: node.this,
    exp.DateAdd: lambda node: function_call(
        "tsql_dateadd", _unit(node), node.expression, node.this
    ),
    exp.DateDiff: lambda node: function_call(
        "tsql_datediff", _unit(node), node.expression, node.this
    ),
    exp.Extract: lambda node: function_call(
        "tsql_datepart", exp.Literal.string(node.this.name), node.expression
    ),
    exp.Year: _date_part("year"),
    exp.Month: _date_part("month"),
    exp.Day: _date_part("day"),
    exp.LastDay: _call("tsql_eomonth", "this"),
    exp.DateFromParts: lambda node: function_call(
        "tsql_datefromparts", node.args["year"], node.args["month"], node.args["day"]
    ),
    exp.NumberToStr: _number_format,
    exp.TimeToStr: _call("tsql_format", "this", "format"),
    exp.National: lambda node: exp.Literal.string(node.name),
    exp.Collate: lambda node: node.this,
    exp.Like: _like,
    exp.Escape: _escaped,
    exp.Div: _call("tsql_divide", "this", "expression"),
    exp.Length: _call("tsql_len", "this"),
    exp.Left: _call("tsql_left", "this", "expression"),
    exp.Right: _call("tsql_right", "this", "expression"),
    exp.Substring: _call("tsql_substring", "this", "start", "length"),
    exp.StrPosition: _call("tsql_charindex", "substr", "this", "position"),
    exp.Replace: _call("tsql_replace", "this", "expression", "replacement"),
    exp.Stuff: _call("tsql_stuff", "this", "start", "length", "expression"),
    exp.Upper: _call("tsql_upper", "this"),
    exp.Lower: _call("tsql_lower", "this"),
    exp.Reverse: _call("tsql_reverse", "this"),
    exp.Concat: lambda node: function_call("tsql_concat", *node.expressions),
    exp.ConcatWs: lambda node: function_call("tsql_concat_ws", *node.expressions),
    exp.Round: _call("tsql_round", "this", "decimals"),
    exp.Ceil: _call("tsql_ceiling", "this"),
    exp.Floor: _call("tsql_floor", "this"),
    exp.Repeat: _call("tsql_replicate", "this", "times"),
    exp.Space: lambda node: function_call("tsql_replicate", exp.Literal.string(" "), node.this),
    exp.Ascii: _call("tsql_ascii", "this"),
    exp.Chr: lambda node: function_call("char", *node.expressions),
    exp.Uuid: lambda node: function_call("tsql_newid"),
}


def changed_function(node: exp.Expr) -> exp.Expr:
    """Return the replacement of an expression, or the expression itself where SQLite has it. Raises `QueryFailed`."""
    change = _CHANGES.get(type(node))
    if change is not None:
        return change(node)
    if isinstance(node, exp.Anonymous):
        name = str(node.this).upper()
        if name in NOW:
            return exp.Placeholder(this=NOW[name])
        if name in _SAME_NAME:
            return function_call(f"tsql_{name.lower()}", *node.expressions)
        if name in _NOT_EMULATED:
            raise QueryFailed(f"{name} in a query is not emulated.")
        if not name.startswith("TSQL_") and name not in ("CHAR", SPLIT.upper()):
            raise QueryFailed(f"'{name}' is not a recognized built-in function name.")
    return node
