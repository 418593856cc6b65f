"""AMPscript variables whose value is known without running the script."""

from __future__ import annotations

import pytest

from sfmc_mock.simulator.ampscript_variables import UNKNOWN, Assigned, assignments


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('SET @Colour = "red"', Assigned("red")),
        ("set @colour='it is \"red\"'", Assigned('it is "red"')),
        ("VAR @colour SET @colour = 12.5", Assigned("12.5")),
        ("SET @colour = true", Assigned("true")),
        ("SET @colour = [First Name]", Assigned(attribute="first name")),
        ("SET @colour = FirstName", Assigned(attribute="firstname")),
        ('SET @colour = AttributeValue("Shade")', Assigned(attribute="shade")),
        ('SET @other = "red" SET @colour = @other', Assigned("red")),
        ('SET @colour = "red" SET @colour = "set blue"', Assigned("set blue")),
        ('/* SET @colour = "red" */ SET @colour = "blue"', Assigned("blue")),
        ('SET @colour = Concat("r", "ed")', UNKNOWN),
        ("SET @colour = @nothing", UNKNOWN),
        ('IF @a == 1 THEN SET @colour = "red" ENDIF', UNKNOWN),
    ],
)
def test_the_value_of_a_variable(script: str, expected: Assigned) -> None:
    assert assignments(f"<p>%%[ {script} ]%%</p>")["colour"] == expected


def test_text_without_a_script_sets_nothing() -> None:
    assert assignments("SET @colour = 'red' %%colour%% %%=v(@colour)=%%") == {}


def test_a_later_text_goes_before_an_earlier_one() -> None:
    assert assignments("%%[set @a=1]%%", "%%[set @a=2]%%")["a"] == Assigned("2")


def test_a_value_is_that_of_the_attribute() -> None:
    assigned = Assigned(attribute="shade")

    assert (assigned.value({"shade": "red"}), assigned.value({})) == ("red", None)
