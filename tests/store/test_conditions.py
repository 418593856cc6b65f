"""Conditions: one form for SQL and for JSON, and the index that a range of dates uses."""

from __future__ import annotations

import pytest

from sfmc_mock.account import Account
from sfmc_mock.store import conditions
from sfmc_mock.store.conditions import (
    Selection,
    all_of,
    any_of,
    comparison,
    from_plain,
    page_rows,
    page_sql,
)
from sfmc_mock.store.event_log import VIEW, add_events

IS_SENT = comparison("type", "IN", ("Sent",))
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


def selection_of_range(*between: str) -> Selection:
    """The question for the SentEvents between two dates."""
    condition = all_of((IS_SENT, comparison("EventDate", "between", between)))
    return Selection(VIEW, ("SendID",), condition, range_index=("type", "EventDate"))


@pytest.mark.parametrize(("by_order", "index"), [(False, "event_time"), (True, "event_type")])
def test_a_range_of_dates_uses_its_index_or_the_order(
    account: Account, by_order: bool, index: str
) -> None:
    sql, bound = page_sql(selection_of_range("1", "2"), 0, 9, by_order=by_order)

    (plan, *_) = account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound)

    assert f"INDEX {index} " in str(plan[3])


@pytest.mark.parametrize("few", [2, 3, 4])
def test_a_narrow_and_a_wide_range_have_the_same_rows(
    account: Account, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(conditions, "_FEW_ROWS", few)
    dates = ["2026-03", "2026-01", "2026-05", "2026-02", "2026-04"]
    add_events(
        account.db,
        [
            (("Sent", number, 1, 1, 1, "ada", date, date, ""), {})
            for number, date in enumerate(dates)
        ],
    )

    rows = page_rows(account.db, selection_of_range("2026-02", "2026-04"), 0, 9)

    assert rows == [(0, 1), (3, 4), (4, 5)]
