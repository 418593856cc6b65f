"""AMPscript expressions: their value for a recipient, and expressions that are not evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from sfmc_mock.simulator.ampscript_expressions import NotEvaluable, Scope, compile_expression

VALUES = {"emailaddr": "ada@Corp.example", "age": "9", "city": "New York", "first name": "Ada"}


def rows(name: str, wanted: Sequence[tuple[str, str]]) -> list[Mapping[str, str]]:
    return [{"Level": "gold"}] * 2 if (name, *wanted) == ("Levels", ("Who", "Ada")) else []


def is_true(text: str) -> bool:
    return compile_expression(text)(Scope(VALUES, rows))


@pytest.mark.parametrize(
    "text",
    [
        'Domain(emailaddr) == "corp.example"',
        "domain(EmailAddr) != 'mock.test'",
        "[First Name] == 'ADA' AND NOT (Age > 10)",
        "Age < 10",
        "Age <= '09.0' and age >= 9",
        "City > 'Bonn'",
        "1 == 2 OR 2 == 2 AND 3 == 3",
        "NOT 1 == 2",
        "Empty(Country) AND IsNull(Country) AND NOT Empty(City)",
        "Length(Trim(' abc ')) == 3",
        "Uppercase(City) == 'new york' AND Lowercase(City) == 'NEW YORK'",
        "IndexOf(City, 'york') == 5 AND IndexOf(City, 'x') == 0",
        "Substring(City, 5) == 'York' AND Substring(City, 1, 3) == 'New'",
        "Concat(City, '/', Age) == 'New York/9'",
        "IIF(Age == 9, 'yes', 'no') == 'yes'",
        "AttributeValue('City') == City",
        "RowCount(LookupRows('Levels', 'Who', [First Name])) == 2",
        "Lookup('Levels', 'level', 'Who', 'Ada') == 'gold'",
        "Lookup('Levels', 'level', 'Who', 'Bob') == ''",
        "true",
    ],
)
def test_an_expression_is_true(text: str) -> None:
    assert is_true(text)
    assert not is_true(f"NOT ({text})")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("HTTPGet('x') == 1", "HTTPGet is none of the functions"),
        ("@x == 1", "@x is a variable"),
        ("City == 'x", "it cannot be read from ''x'"),
        ("City ==", "its end was not expected"),
        ("(City == 'x'", "')' was expected, not its end"),
        ("City 'x'", "''x'' was not expected"),
        ("Empty() == 1", "Empty takes 1 argument, not 0"),
        ("Substring(City) == 1", "Substring takes 2 to 3 arguments, not 1"),
        ("Lookup('a', 'b') == 1", "Lookup takes 4 arguments or more, not 2"),
        ("(" * 5_000, "more than 40 brackets"),
        ("NOT " * 5_000, "more than 40 brackets"),
        ("Empty(City", "',' was expected, not its end"),
    ],
)
def test_an_expression_that_is_not_evaluated_says_why(text: str, why: str) -> None:
    with pytest.raises(NotEvaluable) as refused:
        compile_expression(text)

    assert why in str(refused.value)
