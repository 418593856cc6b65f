"""Conditions as a user types them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_client import Condition, ConfigurationError, P
from sfmc_client.cli.filter_parser import parse_where


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SendID = 42", "SendID equals 42"),
        ("SendID=42", "SendID equals 42"),
        ("SendID equals 42", "SendID equals 42"),
        ("A != 1", "A notEquals 1"),
        ("A <> 1", "A notEquals 1"),
        ("A > 1", "A greaterThan 1"),
        ("A >= 1", "A greaterThanOrEqual 1"),
        ("A < 1", "A lessThan 1"),
        ("A<=1", "A lessThanOrEqual 1"),
        ("Name like 'too big'", "Name like 'too big'"),
        ("Status in (Held, Active)", "Status IN (Held, Active)"),
        ("Status in (Held)", "Status equals Held"),
        ("A between 1 and 5", "A between 1 and 5"),
        ("A is null", "A isNull"),
        ("A IS NOT NULL", "A isNotNull"),
        ("A = 1 and B = 2 and C = 3", "(A equals 1 AND B equals 2 AND C equals 3)"),
        ("A = 1 or B = 2 and C = 3", "(A equals 1 OR (B equals 2 AND C equals 3))"),
        ("(A = 1 or B = 2) and C = 3", "((A equals 1 OR B equals 2) AND C equals 3)"),
        ("A between 1 and 5 and B = 2", "(A between 1 and 5 AND B equals 2)"),
        ("'First Name' = Ada", "First Name equals Ada"),
        ("Email.ID = 5", "Email.ID equals 5"),
        ("A = 'it''s'", None),
        ('A = "it\'s"', 'A equals "it\'s"'),
        (r"A = 'it\'s'", 'A equals "it\'s"'),
        ("A = ''", "A equals ''"),
        ("A = 'and'", "A equals and"),
        ("Key = ada+open@mock.test", "Key equals ada+open@mock.test"),
        ("D >= 2024-05-01", "D greaterThanOrEqual 2024-05-01"),
    ],
)
def test_typed_conditions_are_parsed(typed: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(ConfigurationError):
            parse_where(typed)
        return

    assert str(parse_where(typed)) == meant


def test_a_moment_with_a_zone_is_sent_as_a_moment() -> None:
    typed = parse_where("EventDate > 2024-05-01T12:00:00Z")

    assert typed == P("EventDate").greater_than(datetime(2024, 5, 1, 12, tzinfo=UTC))


def test_a_moment_without_a_zone_is_the_server_s_own_time() -> None:
    assert parse_where("EventDate > 2024-05-01T12:00:00") == P("EventDate").greater_than(
        "2024-05-01T12:00:00"
    )


@pytest.mark.parametrize(
    ("typed", "place", "expected"),
    [
        ("", 1, "the name of a property"),
        ("   ", 4, "the name of a property"),
        ("SendID", 7, "a comparison such as ="),
        ("SendID 42", 8, "a comparison such as ="),
        ("SendID =", 9, "a value, not the end"),
        ("SendID = and", None, None),
        ("SendID = 42 EventDate", 13, "AND, OR or the end, not 'EventDate'"),
        ("SendID = 42 and", 16, "the name of a property, not the end"),
        ("(SendID = 42", 13, "), not the end"),
        ("SendID = 42)", 12, "AND, OR or the end"),
        ("A in ()", 7, "a value"),
        ("A in (1 2)", 9, ")"),
        ("A between 1", 12, "AND, not the end"),
        ("A is 5", 6, "NULL"),
        ("A = 'open", 5, "a closing quotation mark"),
        ("A ! 5", 3, "a closing quotation mark, or something that can be compared"),
        ("D = 2024-99-01T12:00:00Z", 5, "a date and time that exists"),
        ("(" * 60 + "A = 1" + ")" * 60, 51, "fewer brackets"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    typed: str, place: int | None, expected: str | None
) -> None:
    if expected is None:
        assert str(parse_where(typed)) == "SendID equals and"
        return

    with pytest.raises(ConfigurationError) as failure:
        parse_where(typed)

    assert f"at position {place} there should be {expected}" in str(failure.value)
    assert "An example: SendID = 42" in str(failure.value)


NAMES = st.from_regex(r"[A-Z][A-Za-z]{0,8}(\.[A-Z][a-z]{1,5})?", fullmatch=True).filter(
    lambda name: name.lower() not in {"and", "or"}
)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
)
SIMPLE = st.one_of(
    st.builds(lambda n, v: P(n).equals(v), NAMES, VALUES),
    st.builds(lambda n, v: P(n).less_than_or_equal(v), NAMES, st.integers()),
    st.builds(lambda n, v: P(n).like(v), NAMES, VALUES),
    st.builds(lambda n, v: P(n).in_(v), NAMES, st.lists(VALUES, min_size=2, max_size=3)),
    st.builds(lambda n, v, w: P(n).between(v, w), NAMES, VALUES, VALUES),
    st.builds(lambda n: P(n).is_null(), NAMES),
    st.builds(lambda n: P(n).is_not_null(), NAMES),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner), st.builds(lambda a, b: a | b, inner, inner)
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_a_printed_condition_can_be_typed(condition: Condition) -> None:
    assert str(parse_where(str(condition))) == str(condition)


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_sentence(text: str) -> None:
    said = "A condition."
    try:
        parse_where(text)
    except ConfigurationError as error:
        said = str(error)

    assert said.endswith(".")
