from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from sfmc_client import APIObject, Condition, ConfigurationError, P


@pytest.mark.parametrize(
    ("condition", "shown", "operator", "values"),
    [
        (P("A").equals(1), "A equals 1", "equals", ["1"]),
        (P("A").not_equals("x y"), "A notEquals 'x y'", "notEquals", ["x y"]),
        (P("A").greater_than(2), "A greaterThan 2", "greaterThan", ["2"]),
        (P("A").less_than(2), "A lessThan 2", "lessThan", ["2"]),
        (P("A").greater_than_or_equal(2), "A greaterThanOrEqual 2", "greaterThanOrEqual", ["2"]),
        (P("A").less_than_or_equal(2), "A lessThanOrEqual 2", "lessThanOrEqual", ["2"]),
        (P("A").is_null(), "A isNull", "isNull", [""]),
        (P("A").is_not_null(), "A isNotNull", "isNotNull", [""]),
        (P("A").between(1, 5), "A between 1 and 5", "between", ["1", "5"]),
        (P("A").in_(["x", "y"]), "A IN (x, y)", "IN", ["x", "y"]),
        (P("A").like("news"), "A like news", "like", ["news"]),
        (P("A") == 1, "A equals 1", "equals", ["1"]),
        (P("A") != 1, "A notEquals 1", "notEquals", ["1"]),
        (P("A") > 1, "A greaterThan 1", "greaterThan", ["1"]),
        (P("A") < 1, "A lessThan 1", "lessThan", ["1"]),
        (P("A") >= 1, "A greaterThanOrEqual 1", "greaterThanOrEqual", ["1"]),
        (P("A") <= 1, "A lessThanOrEqual 1", "lessThanOrEqual", ["1"]),
        (P("A").in_(iter((1, 2))), "A IN (1, 2)", "IN", ["1", "2"]),
        (P("A.B").equals(True), "A.B equals true", "equals", ["true"]),
        (P("A").equals(date(2024, 5, 1)), "A equals 2024-05-01", "equals", ["2024-05-01"]),
    ],
)
def test_each_operator_prints_itself_and_becomes_a_filter_part(
    condition, shown, operator, values
) -> None:
    part = condition.part()

    assert str(condition) == shown
    assert part.type_name == "SimpleFilterPart"
    assert part["SimpleOperator"] == operator
    assert part.values_of("Value") == values


def test_a_datetime_goes_out_as_a_date_value_with_its_offset() -> None:
    part = P("EventDate").greater_than(datetime(2024, 5, 1, tzinfo=UTC)).part()

    assert part["DateValue"] == "2024-05-01T00:00:00+00:00"
    assert "Value" not in part


def test_two_conditions_become_left_and_right() -> None:
    part = (P("SendID").equals(1) | P("BatchID").equals(2)).part()

    assert part == APIObject(
        "ComplexFilterPart",
        LeftOperand=P("SendID").equals(1).part(),
        LogicalOperator="OR",
        RightOperand=P("BatchID").equals(2).part(),
    )


@pytest.mark.parametrize(
    "condition",
    [
        P("A").equals(1) & P("B").equals(2) & P("C").equals(3) & P("D").equals(4),
        P("A").equals(1) & (P("B").equals(2) & (P("C").equals(3) & P("D").equals(4))),
    ],
    ids=["from the left", "from the right"],
)
def test_conditions_joined_alike_stay_one_flat_list(condition: Condition) -> None:
    part = condition.part()

    assert part.get("LeftOperand.Property") == "A"
    assert part.get("RightOperand.Property") == "B"
    assert [o["Property"] for o in part.objects("AdditionalOperands.Operand")] == ["C", "D"]


def test_and_within_or_keeps_its_brackets() -> None:
    condition = P("A").equals(1) & P("B").equals(2) | P("C").equals(3)

    assert str(condition) == "((A equals 1 AND B equals 2) OR C equals 3)"
    assert condition.part().get("LeftOperand.LogicalOperator") == "AND"


def test_in_with_a_single_value_is_equals() -> None:
    assert str(P("A").in_(["x"])) == "A equals x"


def test_in_with_no_value_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least one value"):
        P("A").in_([])


def test_none_is_refused_with_the_way_to_ask_for_it() -> None:
    nothing: Any = None

    with pytest.raises(ConfigurationError, match=r"Use is_null\(\)"):
        P("A").equals(nothing)


def test_a_datetime_without_a_zone_is_refused_where_it_is_written() -> None:
    with pytest.raises(
        ConfigurationError, match=r"^Condition EventDate greaterThan: .* has no time zone"
    ):
        P("EventDate").greater_than(datetime(2024, 5, 1))


def test_datetimes_do_not_mix_with_texts() -> None:
    with pytest.raises(ConfigurationError, match="cannot be mixed"):
        P("EventDate").between(datetime(2024, 5, 1, tzinfo=UTC), "2024-06-01")


NOT_A_CONDITION: Any = False
ANOTHER_PROPERTY: Any = P("B")


@pytest.mark.parametrize(
    "join",
    [
        lambda: (P("A") == 1) and (P("B") == 2),
        lambda: (P("A") == 1) & NOT_A_CONDITION,
        lambda: NOT_A_CONDITION & (P("A") == 1),
        lambda: NOT_A_CONDITION | (P("A") == 1),
        lambda: P("A") == 1 & P("B") == 2,
        lambda: P("A") == P("C") | P("B") == 2,
        lambda: 1 < P("A") < 2,
    ],
    ids=["and", "right", "left", "or", "no brackets", "two properties", "chained"],
)
def test_joining_that_would_drop_a_condition_is_refused(join) -> None:
    with pytest.raises(ConfigurationError, match=r"with & and \||in brackets"):
        join()


@pytest.mark.parametrize(
    ("compare", "problem"),
    [
        (lambda: P("A").in_("ab"), "a text is not a list"),
        (lambda: P("A") == ANOTHER_PROPERTY, "Condition A equals"),
        (lambda: P("A") == [1], "Condition A equals"),
    ],
)
def test_an_invalid_value_is_refused_where_it_is_written(compare, problem) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        compare()


def test_conditions_are_values() -> None:
    assert P("A").equals(1) == P("A").equals(1)
    assert len({P("A").equals(1) & P("B").equals(2), P("A").equals(1) & P("B").equals(2)}) == 1
