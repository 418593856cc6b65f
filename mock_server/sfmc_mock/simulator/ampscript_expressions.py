"""AMPscript expressions that exclude recipients from a send: `Domain(emailaddr) == "example.com" OR Empty(City)`.

Comparisons, AND, OR, NOT, and the functions of `FUNCTIONS` are evaluated. The form is recorded, the results of
functions are documented; that texts are compared without case, and as numbers where both are: assumed.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from sfmc_mock.errors import SfmcMockError

_ANY = 99
_DEEPEST = 40
"""The greatest depth of brackets and NOTs in an expression."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)|\[(?P<attribute>[^\]]+)\]|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<variable>@\w+)|(?P<mark>==|!=|>=|<=|<|>|\(|\)|,))""",
    re.ASCII,
)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


class NotEvaluable(SfmcMockError):
    """The emulator cannot evaluate the expression; the text says why."""


class Rows(Protocol):
    """Returns the rows of a data extension in which columns have given values."""

    def __call__(self, name: str, wanted: Sequence[tuple[str, str]]) -> list[Mapping[str, str]]: ...


class Scope(NamedTuple):
    """The context of an evaluation: the recipient's values by names in lower case, and the account's rows."""

    values: Mapping[str, str]
    rows: Rows


Expression: TypeAlias = Callable[[Scope], object]


def compile_expression(text: str) -> Callable[[Scope], bool]:
    """Return a function that evaluates the expression for a recipient. Raises `NotEvaluable`.

    >>> is_out = compile_expression('Domain(emailaddr) != "mock.test" AND NOT Empty([First Name])')
    >>> is_out(Scope({"emailaddr": "ada@corp.example", "first name": "Ada"}, lambda name, wanted: []))
    True
    """
    tokens = _tokens(text)
    if sum(token.lower() in ("(", "not") for _, token in tokens) > _DEEPEST:
        raise NotEvaluable(f"it holds more than {_DEEPEST} brackets and NOTs")
    reader = _Reader(tokens)
    expression = reader.either()
    if reader.kind:
        raise NotEvaluable(f"{reader.shown} was not expected")
    return lambda scope: _is_true(expression(scope))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotEvaluable(f"it cannot be read from '{text[at:].strip()[:20]}' on")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


class _Reader:
    """Reads tokens into one expression: OR binds least, then AND, NOT, comparisons."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    @property
    def token(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    @property
    def shown(self) -> str:
        return f"'{self.token}'" if self.kind else "its end"

    def either(self) -> Expression:
        operands = [self._all()]
        while self._is_word("or"):
            operands.append(self._all())
        if len(operands) == 1:
            return operands[0]
        return lambda scope: any(_is_true(operand(scope)) for operand in operands)

    def _all(self) -> Expression:
        operands = [self._negated()]
        while self._is_word("and"):
            operands.append(self._negated())
        if len(operands) == 1:
            return operands[0]
        return lambda scope: all(_is_true(operand(scope)) for operand in operands)

    def _negated(self) -> Expression:
        if self._is_word("not"):
            operand = self._negated()
            return lambda scope: not _is_true(operand(scope))
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._value()
        compared = _COMPARED.get(self.token) if self.kind == "mark" else None
        if compared is None:
            return left
        self._at += 1
        right = self._value()
        return lambda scope: compared(*_alike(left(scope), right(scope)))

    def _value(self) -> Expression:
        kind, token, shown = self.kind, self.token, self.shown
        self._at += 1
        if kind == "text":
            return lambda scope: token[1:-1]
        if kind == "number":
            return lambda scope: token
        if kind == "attribute":
            return lambda scope: scope.values.get(token.strip().lower(), "")
        if kind == "mark" and token == "(":
            inner = self.either()
            self._expect(")")
            return inner
        if kind == "name" and self.kind == "mark" and self.token == "(":
            return self._call(token)
        if kind == "name" and token.lower() in ("true", "false"):
            return lambda scope: token.lower()
        if kind == "name":
            return lambda scope: scope.values.get(token.lower(), "")
        if kind == "variable":
            raise NotEvaluable(f"{token} is a variable, which nothing sets")
        raise NotEvaluable(f"{shown} was not expected")

    def _call(self, name: str) -> Expression:
        function = FUNCTIONS.get(name.lower())
        if function is None:
            raise NotEvaluable(
                f"{name} is none of the functions that are known: {', '.join(_NAMES)}"
            )
        self._at += 1
        arguments: list[Expression] = []
        while not (self.kind == "mark" and self.token == ")"):
            if arguments:
                self._expect(",")
            arguments.append(self.either())
        self._at += 1
        least, most, does = function
        if not least <= len(arguments) <= most:
            raise NotEvaluable(f"{name} takes {_counted(least, most)}, not {len(arguments)}")
        return lambda scope: does(scope, [argument(scope) for argument in arguments])

    def _is_word(self, word: str) -> bool:
        if self.kind != "name" or self.token.lower() != word:
            return False
        self._at += 1
        return True

    def _expect(self, mark: str) -> None:
        if self.kind != "mark" or self.token != mark:
            raise NotEvaluable(f"'{mark}' was expected, not {self.shown}")
        self._at += 1


def _counted(least: int, most: int) -> str:
    if least == most:
        return "1 argument" if least == 1 else f"{least} arguments"
    return f"{least} arguments or more" if most == _ANY else f"{least} to {most} arguments"


def _is_true(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1")
    return bool(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if isinstance(value, list) else str(value)


def _alike(left: object, right: object) -> tuple[Any, Any]:
    """Return two values for a comparison: as numbers where both are numbers, else as texts without case."""
    one, other = _text(left).strip(), _text(right).strip()
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return float(one), float(other)
    return one.casefold(), other.casefold()


def _number(value: object) -> int:
    text = _text(value).strip()
    return int(float(text)) if _NUMBER.fullmatch(text) else 0


def _substring(scope: Scope, given: list[object]) -> str:
    text, start = _text(given[0]), max(_number(given[1]), 1) - 1
    return text[start:] if len(given) < 3 else text[start : start + max(_number(given[2]), 0)]


def _looked_up(scope: Scope, given: list[object], first: int) -> list[Mapping[str, str]]:
    pairs = [_text(value) for value in given[first:]]
    return scope.rows(_text(given[0]), [*zip(pairs[::2], pairs[1::2], strict=False)])


def _lookup(scope: Scope, given: list[object]) -> str:
    rows = _looked_up(scope, given, 2)
    wanted = _text(given[1]).casefold()
    row = {name.casefold(): value for name, value in rows[0].items()} if rows else {}
    return row.get(wanted, "")


_Function: TypeAlias = tuple[int, int, Callable[[Scope, list[object]], object]]

FUNCTIONS: Mapping[str, _Function] = {
    "attributevalue": (1, 1, lambda scope, given: scope.values.get(_text(given[0]).lower(), "")),
    "concat": (1, _ANY, lambda scope, given: "".join(map(_text, given))),
    "domain": (1, 1, lambda scope, given: _text(given[0]).rpartition("@")[2]),
    "empty": (1, 1, lambda scope, given: not _text(given[0])),
    "iif": (3, 3, lambda scope, given: given[1] if _is_true(given[0]) else given[2]),
    "indexof": (
        2,
        2,
        lambda scope, given: _text(given[0]).lower().find(_text(given[1]).lower()) + 1,
    ),
    "isnull": (1, 1, lambda scope, given: not _text(given[0])),
    "length": (1, 1, lambda scope, given: len(_text(given[0]))),
    "lookup": (4, _ANY, _lookup),
    "lookuprows": (3, _ANY, lambda scope, given: _looked_up(scope, given, 1)),
    "lowercase": (1, 1, lambda scope, given: _text(given[0]).lower()),
    "rowcount": (1, 1, lambda scope, given: len(given[0]) if isinstance(given[0], list) else 0),
    "substring": (2, 3, _substring),
    "trim": (1, 1, lambda scope, given: _text(given[0]).strip()),
    "uppercase": (1, 1, lambda scope, given: _text(given[0]).upper()),
}
"""The functions that are evaluated, by their names in lower case: their numbers of arguments, and their code."""

_NAMES = sorted(FUNCTIONS)
