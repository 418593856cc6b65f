"""Parse conditions as a person types them, or as a condition prints itself.

>>> print(parse_where("SendID = 42 and EventDate >= 2024-05-01"))
(SendID equals 42 AND EventDate greaterThanOrEqual 2024-05-01)
>>> print(parse_where("Status in (Held, 'Un subscribed') or not_there is null"))
(Status IN (Held, 'Un subscribed') OR not_there isNull)

    condition  = any { OR any }            AND binds closer than OR; words in any case
    any        = one { AND one }
    one        = ( condition ) | PROPERTY comparison
    comparison = ( = | != | <> | > | >= | < | <= ) value  |  LIKE value  |  IN ( value { , value } )
               | BETWEEN value AND value  |  IS [ NOT ] NULL  |  the service's own words: equals, greaterThan …
    value      = 42 | 2024-05-01 | Held | 'any text' | "any text"

A date and time with a zone (`2024-05-01T12:00:00Z`) is sent as a moment; every other value is sent as text, which the
service reads in its own time, UTC-6.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, NoReturn

from sfmc_client.errors import ConfigurationError
from sfmc_client.filters import Condition, P
from sfmc_client.models import Scalar

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<mark><=|>=|<>|!=|=|<|>|\(|\)|,)
      | (?P<word>[^\s'"(),<>=!]+)
    """,
    re.VERBOSE | re.DOTALL,
)

_COMPARISONS: Final[dict[str, Callable[[P, Scalar], Condition]]] = {
    "=": P.equals,
    "equals": P.equals,
    "!=": P.not_equals,
    "<>": P.not_equals,
    "notequals": P.not_equals,
    ">": P.greater_than,
    "greaterthan": P.greater_than,
    ">=": P.greater_than_or_equal,
    "greaterthanorequal": P.greater_than_or_equal,
    "<": P.less_than,
    "lessthan": P.less_than,
    "<=": P.less_than_or_equal,
    "lessthanorequal": P.less_than_or_equal,
}

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")

_MARKS = frozenset({"(", ")", ",", "=", "!=", "<>", "<", "<=", ">", ">="})

_ESCAPE = re.compile(
    r"\\(?:(?P<code>x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})|(?P<sign>.))", re.DOTALL
)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}

# No person types deeper conditions, and they would exhaust the stack.
_DEEPEST = 50


def parse_where(text: str) -> Condition:
    """Parse a condition. Raises `ConfigurationError` with the position of the error."""
    parser = _Parser(text)
    condition = parser.condition()
    if parser.word is not None:
        parser.fail("AND, OR or the end")
    return condition


class _Parser:
    """A parser of one text; `word` is the next token, None at the end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._depth = 0
        self.word: str | None = None
        self._is_quoted = False
        self._next = 0
        self.advance()

    def advance(self) -> None:
        rest = self._text[self._next :]
        self._place = len(self._text) - len(rest.lstrip())
        if self._place == len(self._text):
            self.word, self._is_quoted = None, False
            return
        match = _TOKEN.match(self._text, self._place)
        if match is None:
            self.fail("a closing quotation mark, or something that can be compared")
        self._next = match.end()
        self._is_quoted = match.lastgroup == "text"
        self.word = _unquoted(match[0]) if self._is_quoted else match[0]

    def is_next(self, *words: str) -> bool:
        return not self._is_quoted and self.word is not None and self.word.lower() in words

    def take(self, word: str) -> None:
        if not self.is_next(word.lower()):
            self.fail(word)
        self.advance()

    def fail(self, expected: str) -> NoReturn:
        rest = self._text[self._place :].strip()
        instead = f"not '{rest[:30]}'" if rest else "not the end"
        raise ConfigurationError(
            f"The condition '{self._text}' is not understood: at position {self._place + 1} there should be "
            f"{expected}, {instead}. An example: SendID = 42 and EventDate >= 2024-05-01."
        )

    def condition(self) -> Condition:
        joined = self._any()
        while self.is_next("or"):
            self.advance()
            joined = joined | self._any()
        return joined

    def _any(self) -> Condition:
        joined = self._one()
        while self.is_next("and"):
            self.advance()
            joined = joined & self._one()
        return joined

    def _one(self) -> Condition:
        if self.is_next("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                self.fail("fewer brackets within each other")
            self.advance()
            inner = self.condition()
            self.take(")")
            self._depth -= 1
            return inner
        if self.word is None or self._is_mark() or self.is_next("and", "or"):
            self.fail("the name of a property")
        name = P(self.word)
        self.advance()
        return self._comparison(name)

    def _comparison(self, name: P) -> Condition:
        word = "" if self._is_quoted or self.word is None else self.word.lower()
        if (compare := _COMPARISONS.get(word)) is not None:
            self.advance()
            return compare(name, self._value())
        if word == "like":
            self.advance()
            return name.like(str(self._value()))
        if word == "in":
            self.advance()
            return name.in_(self._values())
        if word == "between":
            self.advance()
            lowest = self._value()
            self.take("AND")
            return name.between(lowest, self._value())
        if word in {"is", "isnull", "isnotnull"}:
            self.advance()
            return self._null(name, word)
        self.fail("a comparison such as =, >=, LIKE, IN, BETWEEN or IS NULL")

    def _null(self, name: P, word: str) -> Condition:
        is_not = word == "isnotnull"
        if word == "is":
            if self.is_next("not"):
                is_not = True
                self.advance()
            self.take("NULL")
        return name.is_not_null() if is_not else name.is_null()

    def _values(self) -> list[Scalar]:
        self.take("(")
        values = [self._value()]
        while self.is_next(","):
            self.advance()
            values.append(self._value())
        self.take(")")
        return values

    def _value(self) -> Scalar:
        if self.word is None or self._is_mark():
            self.fail("a value")
        word = self.word
        value: Scalar = word
        if not self._is_quoted and _MOMENT.fullmatch(word):
            try:
                value = datetime.fromisoformat(word)
            except ValueError:
                self.fail("a date and time that exists")
        self.advance()
        return value

    def _is_mark(self) -> bool:
        return not self._is_quoted and self.word is not None and self.word in _MARKS


def _unquoted(text: str) -> str:
    """Return the text between quotation marks; its escapes are those of a printed condition."""
    return _ESCAPE.sub(_unescaped, text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    if match["code"] is not None:
        return chr(int(match["code"][1:], 16))
    return _ESCAPED.get(match["sign"], match["sign"])
