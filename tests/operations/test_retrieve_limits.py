"""Excessively large Retrieves are refused in a sentence, and do not delay others."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from tests.support.page_sql import page_sql
from tests.support.soap_app import SoapApp, joint, simple

from sfmc_mock.objects import handler_for
from sfmc_mock.store.conditions import all_of, any_of, comparison
from sfmc_mock.store.page_queries import Selection, TooComplex

ONE = simple("ID", "equals", "1")
NESTED = (
    "Error: Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller "
    "queries."
)


def nested(levels: int, operands: int = 2) -> str:
    """Return a filter whose operators alternate between levels, so that levels cannot be merged."""
    found = ONE
    for level in range(levels):
        operator = "AND" if level % 2 else "OR"
        found = joint(ONE, operator, *[ONE] * (operands - 2), found)
    return found


@pytest.mark.parametrize(("levels", "operands"), [(20, 2), (20, 15), (5, 300)])
def test_deeply_nested_filters_are_read(app: SoapApp, levels: int, operands: int) -> None:
    assert app.retrieve("Subscriber", ["ID"], nested(levels, operands)).overall == "OK"


def test_a_filter_that_is_nested_too_deeply_is_refused(app: SoapApp) -> None:
    assert app.retrieve("Subscriber", ["ID"], nested(100)).overall == NESTED


@pytest.mark.parametrize("operator", ["AND", "OR"])
def test_a_filter_of_too_many_comparisons_is_refused(app: SoapApp, operator: str) -> None:
    answer = app.retrieve("Subscriber", ["ID"], joint(ONE, operator, *[ONE] * 20_000))

    assert answer.overall == (
        "Error: The query processor ran out of internal resources and could not produce a query plan."
    )


@pytest.mark.parametrize(
    "filter_", [joint(ONE, "OR", *[ONE] * 300), simple("x" * 3_000, "equals", "1")]
)
def test_of_long_filters_nothing_is_kept(app: SoapApp, filter_: str) -> None:
    handler = handler_for("Subscriber")
    assert handler is not None
    source = handler.own_source
    assert source is not None
    source.plans.clear()

    app.retrieve("Subscriber", ["ID"], filter_)
    assert source.plans == {}

    app.retrieve("Subscriber", ["ID"], ONE)
    assert len(source.plans) == 1


def test_a_list_of_too_many_values_is_refused(app: SoapApp) -> None:
    answer = app.retrieve("Subscriber", ["ID"], simple("ID", "IN", *["1"] * 300_000))

    assert answer.overall == NESTED


@pytest.mark.parametrize(
    "object_type",
    [" " * 200_000 + "x[", "x" + " " * 50_000 + "y" + " " * 50_000 + "[", "[" * 100_000],
)
def test_an_object_type_of_any_form_is_read_at_once(app: SoapApp, object_type: str) -> None:
    answer = app.retrieve(object_type, ["ID"])

    assert answer.overall.startswith("Error: Unable to find a handler for object type: ")


@pytest.mark.parametrize("levels", [201, 245, 984, 1_500])
@pytest.mark.parametrize("operator", ["OR", "AND"])
def test_a_chain_of_one_operator_is_refused_in_the_services_words_from_200_levels_on(
    app: SoapApp, levels: int, operator: str
) -> None:
    """Seen live with 984 keys, one level for each."""
    operand = (ONE.replace("<Filter ", "<LeftOperand ")).replace("</Filter>", "</LeftOperand>")
    right = operand.replace("LeftOperand", "RightOperand")
    opening = '<LeftOperand xsi:type="ComplexFilterPart">' * levels
    closing = f"<LogicalOperator>{operator}</LogicalOperator>{right}</LeftOperand>" * levels
    whole = f"{opening}{operand}{closing}"
    filter_ = "<Filter " + whole.removeprefix("<LeftOperand ").removesuffix("</LeftOperand>")

    answer = app.retrieve("Subscriber", ["ID"], f"{filter_}</Filter>")

    assert (answer.status, answer.overall) == (200, NESTED)


def test_elements_nested_too_deeply_outside_of_a_filter_are_no_message(app: SoapApp) -> None:
    deep = "<a>" * 300 + "</a>" * 300

    assert app.call("Create", deep).status == 400


def test_no_document_with_entities_gets_past_the_parsers_own_limits(app: SoapApp) -> None:
    """Deep filters are parsed without these limits, so they must not bring a DTD."""
    lines = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    deep = "<Filter>" * 300 + "</Filter>" * 300
    document = f"<!DOCTYPE a [<!ENTITY e0 'aaaaaaaaaa'>{lines}]><a b='&e9;'>{deep}</a>"

    assert [app.post(document.encode(each), "Retrieve").status for each in ("ascii", "utf-16")] == [
        400,
        400,
    ]


@pytest.mark.parametrize("levels", [10, 20, 28, 40])
@pytest.mark.parametrize("operands", [2, 40])
def test_the_limit_of_brackets_is_the_projects_own(levels: int, operands: int) -> None:
    """It lies below that of every build of SQLite, so that each refuses the same filters."""
    condition = comparison("a", "equals", (1,))
    for level in range(levels):
        combine = any_of if level % 2 else all_of
        condition = combine([*[comparison("a", "like", ("x",))] * (operands - 1), condition])
    brackets = levels * (1 if operands <= 30 else 2) - 1

    try:
        sql, bound = page_sql(Selection("t", ("a",), condition), 0, 9)
    except TooComplex:
        assert brackets >= 28
        return
    assert brackets <= 31
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (rowkey, a)")
        database.execute(sql, bound).fetchall()


def test_more_values_than_any_build_of_sqlite_takes_are_too_many() -> None:
    def page_of(values: int) -> None:
        page_sql(Selection("t", ("a",), comparison("a", "IN", (1,) * values)), 0, 9)

    page_of(30_000)
    with pytest.raises(TooComplex):
        page_of(30_001)
