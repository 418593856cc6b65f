"""Retrieves that are larger than any sense: refused in a sentence, and without making others wait."""

from __future__ import annotations

import pytest
from tests.support.soap_app import SoapApp, joint, simple

ONE = simple("ID", "equals", "1")
NESTED = (
    "Error: Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller "
    "queries."
)


def nested(levels: int, operands: int = 2) -> str:
    """A filter whose operators alternate from level to level, so that none can be joined with the next."""
    found = ONE
    for level in range(levels):
        operator = "AND" if level % 2 else "OR"
        found = joint(ONE, operator, *[ONE] * (operands - 2), found)
    return found


@pytest.mark.parametrize(("levels", "operands"), [(20, 2), (20, 15), (5, 300)])
def test_filters_may_be_nested_deeper_than_anybody_writes_them(
    app: SoapApp, levels: int, operands: int
) -> None:
    assert app.retrieve("Subscriber", ["ID"], nested(levels, operands)).overall == "OK"


def test_a_filter_that_is_nested_too_deeply_is_refused(app: SoapApp) -> None:
    assert app.retrieve("Subscriber", ["ID"], nested(100)).overall == NESTED


@pytest.mark.parametrize("operator", ["AND", "OR"])
def test_a_filter_of_too_many_comparisons_is_refused(app: SoapApp, operator: str) -> None:
    answer = app.retrieve("Subscriber", ["ID"], joint(ONE, operator, *[ONE] * 20_000))

    assert answer.overall == (
        "Error: The query processor ran out of internal resources and could not produce a query plan."
    )


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
