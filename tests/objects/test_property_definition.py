"""PropertyDefinition: profile attributes, changed by Configure."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import act_on, as_element, shape, struct

from sfmc_mock.account.profile_attributes import by_folded_name
from sfmc_mock.declarations.call import Call
from sfmc_mock.wire.struct import Struct


def configure(call: Call, action: str, *wanted: dict[str, Any]) -> Struct:
    return act_on(
        call, "Configure", action, *(struct("PropertyDefinition", each) for each in wanted)
    )


def found_results(answer: Struct) -> list[tuple[str | None, str | None, int | None]]:
    return [
        (each.text("StatusCode"), each.text("StatusMessage"), each.number("ErrorCode"))
        for each in answer.wrapped("Results", "Result")
    ]


def test_a_new_attribute_is_echoed_with_its_id(call: Call) -> None:
    answer = configure(call, "Create", {"Name": "UniqueID", "PropertyType": "string"})

    (result,) = answer.wrapped("Results", "Result")
    assert found_results(answer) == [("OK", "Success", None)]
    assert result.at("Object.ID") == by_folded_name(call.account)["uniqueid"].id
    assert answer.text("OverallStatus") == "OK"
    assert answer.text("OverallStatusMessage") == ""


def test_the_answer_has_the_recorded_form(call: Call) -> None:
    answer = configure(call, "Create", {"Name": "UniqueID", "PropertyType": "string"})

    assert shape(as_element(answer)) == [
        "ConfigureResponseMsg",
        "ConfigureResponseMsg/Results",
        "ConfigureResponseMsg/Results/Result",
        "ConfigureResponseMsg/Results/Result/StatusCode",
        "ConfigureResponseMsg/Results/Result/StatusMessage",
        "ConfigureResponseMsg/Results/Result/OrdinalID",
        "ConfigureResponseMsg/Results/Result/Object",
        "ConfigureResponseMsg/Results/Result/Object/PartnerKey=nil",
        "ConfigureResponseMsg/Results/Result/Object/ID",
        "ConfigureResponseMsg/Results/Result/Object/ObjectID=nil",
        "ConfigureResponseMsg/Results/Result/Object/Name",
        "ConfigureResponseMsg/Results/Result/Object/PropertyType",
        "ConfigureResponseMsg/OverallStatus",
        "ConfigureResponseMsg/OverallStatusMessage=empty",
        "ConfigureResponseMsg/RequestID",
    ]


@pytest.mark.parametrize("action", ["Create", "create", "CREATE"])
def test_actions_are_taken_in_any_case(call: Call, action: str) -> None:
    answer = configure(call, action, {"Name": "UniqueID"})

    assert found_results(answer) == [("OK", "Success", None)]


def test_everything_that_is_said_is_kept(call: Call) -> None:
    configure(
        call,
        "Create",
        {
            "Name": "Colour",
            "Label": "Favourite",
            "Description": "of two",
            "DefaultValue": "red",
            "MaxLength": 10,
            "MinLength": 2,
            "IsRequired": True,
            "IsViewable": False,
            "IsEditable": False,
            "IsSendTime": True,
            "PicklistItems": {"PicklistItem": [{"Value": "red"}, {"Value": "blue"}]},
        },
    )

    found = by_folded_name(call.account)["colour"]
    assert (found.label, found.description, found.default_value) == ("Favourite", "of two", "red")
    assert (found.min_length, found.max_length) == (2, 10)
    assert (found.is_required, found.is_viewable, found.is_editable) == (True, False, False)
    assert found.is_send_time
    assert found.is_restricted_picklist
    assert [item.value for item in found.picklist] == ["red", "blue"]


def test_a_second_attribute_of_a_name_is_refused(call: Call) -> None:
    configure(call, "Create", {"Name": "UniqueID"})

    answer = configure(call, "Create", {"Name": "uniqueid"})

    assert found_results(answer) == [("Error", "Property Definition Name Already Exists", 67006)]
    assert answer.text("OverallStatus") == "Error"


def test_one_refused_attribute_leaves_the_others_alone(call: Call) -> None:
    answer = configure(call, "Create", {"Name": "A"}, {"Name": "1"}, {"Name": "B"})

    assert [code for code, _, _ in found_results(answer)] == ["OK", "Error", "OK"]
    assert answer.text("OverallStatus") == "Has Errors"
    assert {"a", "b"} <= by_folded_name(call.account).keys()


def test_an_attribute_is_changed(call: Call) -> None:
    configure(call, "Create", {"Name": "Town", "MaxLength": 20})

    answer = configure(call, "Update", {"Name": "Town", "MaxLength": 80})

    assert found_results(answer) == [("OK", "Success", None)]
    assert by_folded_name(call.account)["town"].max_length == 80


@pytest.mark.parametrize("by", ["Name", "ID"])
def test_an_attribute_is_deleted_by_name_or_id(call: Call, by: str) -> None:
    configure(call, "Create", {"Name": "Town"})
    number = by_folded_name(call.account)["town"].id

    answer = configure(call, "Delete", {"Name": "Town"} if by == "Name" else {"ID": number})

    assert found_results(answer) == [("OK", "Success", None)]
    assert "town" not in by_folded_name(call.account)


@pytest.mark.parametrize(
    ("action", "said", "code"),
    [
        ("Create", {}, 67002),
        ("Update", {"Name": "Nothing"}, 67021),
        ("Delete", {"Name": "Nothing"}, 67021),
        ("Delete", {"ID": 7}, 67023),
        ("Delete", {}, 67020),
        ("Assign", {"Name": "Town"}, 5),
    ],
)
def test_invalid_property_definitions_are_refused(
    call: Call, action: str, said: dict[str, Any], code: int
) -> None:
    answer = configure(call, action, said)

    assert [number for _, _, number in found_results(answer)] == [code]
