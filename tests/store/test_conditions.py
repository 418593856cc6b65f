"""Conditions: one form for SQL and JSON."""

from __future__ import annotations

import pytest

from sfmc_mock.store.conditions import all_of, any_of, comparison, from_plain

PLAIN = {"all": [["a", "equals", [1]], {"either": [["b", "IN", [2, 3]], ["c", "isNull", []]]}]}


def test_a_condition_has_its_sql_values_and_columns() -> None:
    condition = all_of(
        (
            comparison("a", "equals", (1,)),
            any_of((comparison("b", "IN", (2, 3)), comparison("c", "isNull"))),
        )
    )

    assert condition.sql == '("a" = ? AND ("b" IN (?, ?) OR "c" IS NULL))'
    assert condition.values == (1, 2, 3)
    assert condition.columns == {"a", "b", "c"}
    assert condition.plain == PLAIN


def test_nested_conditions_of_one_kind_are_one() -> None:
    inner = any_of((comparison("a", "isNull"), comparison("b", "isNull")))

    condition = any_of((inner, comparison("c", "isNull")))

    assert condition.sql == '("a" IS NULL OR "b" IS NULL OR "c" IS NULL)'


def test_a_condition_comes_back_from_its_plain_form() -> None:
    condition = from_plain(PLAIN, {"a": "lower(a)"})

    assert condition is not None
    assert condition.plain == PLAIN
    assert condition.sql == '(lower(a) = ? AND ("b" IN (?, ?) OR "c" IS NULL))'
    assert from_plain(None) is None


@pytest.mark.parametrize("plain", [7, {"none": []}, {"all": [None]}])
def test_anything_else_is_no_condition(plain: object) -> None:
    with pytest.raises(ValueError, match="condition"):
        from_plain(plain)


def test_a_value_of_like_is_searched_for_and_kept_as_it_is() -> None:
    condition = comparison("a", "like", ("x",))

    assert condition.values == ("%x%",)
    assert condition.plain == ["a", "like", ["x"]]
