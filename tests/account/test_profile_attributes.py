"""Profile attributes: valid and invalid ones, with the service's refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.account import Account
from sfmc_mock.account.profile_attributes import (
    attributes,
    by_folded_name,
    change_attribute,
    create_attribute,
    delete_attribute,
    known_values,
    misfit,
    missing,
    value_fits,
)
from sfmc_mock.errors import Refused


def refusal(account: Account, **columns: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        create_attribute(account, columns)
    return refused.value.error_code, refused.value.message


def picklist(*values: str) -> str:
    return json.dumps([{"label": each, "value": each, "is_default": False} for each in values])


def test_an_attribute_is_a_text_of_fifty_characters_that_may_be_left_out(account: Account) -> None:
    create_attribute(account, {"name": "UniqueID"})

    found = by_folded_name(account)["uniqueid"]
    assert (found.property_type, found.max_length, found.label) == ("string", 50, "UniqueID")
    assert (found.is_required, found.is_viewable, found.is_editable) == (False, True, True)
    assert not found.is_send_time


def test_only_texts_have_a_length_without_saying(account: Account) -> None:
    create_attribute(account, {"name": "Age", "property_type": "double"})

    assert by_folded_name(account)["age"].max_length is None


def test_attributes_stand_in_the_order_of_their_making(account: Account) -> None:
    for name in ("Zoo", "Ant"):
        create_attribute(account, {"name": name})

    assert [each.name for each in attributes(account)] == ["First Name", "Last Name", "Zoo", "Ant"]


def test_an_id_is_not_given_twice(account: Account) -> None:
    first = create_attribute(account, {"name": "First"})
    delete_attribute(account, {"id": first})

    second = create_attribute(account, {"name": "Second"})

    assert second > first


@pytest.mark.parametrize(
    ("columns", "code", "text"),
    [
        ({}, 67002, "No Name"),
        ({"name": "  "}, 67002, "No Name"),
        ({"name": "1st"}, 67003, "Name Does Not Start With Letter"),
        ({"name": "_id"}, 67003, "Name Does Not Start With Letter"),
        ({"name": "Ünique"}, 67004, "Name Contains Non-Alphanumeric Characters"),
        ({"name": "a-b"}, 67004, "Name Contains Non-Alphanumeric Characters"),
        ({"name": "Email Address"}, 67005, "Name Is On List Of Restricted Words"),
        ({"name": "SUBSCRIBERKEY"}, 67005, "Name Is On List Of Restricted Words"),
        ({"name": "first name"}, 67006, "Name Already Exists"),
        ({"min_length": 9, "max_length": 8}, 67000, "MinLength > MaxLength"),
        ({"is_restricted_picklist": 1}, 67007, "Missing Picklist Items"),
        (
            {"is_restricted_picklist": 1, "picklist": picklist("a"), "default_value": "b"},
            67010,
            "No Picklist Item Selected",
        ),
        ({"property_type": "double", "default_value": "old"}, 67012, "Invalid Default Value"),
        ({"property_type": "double", "min_value": "low"}, 67013, "Invalid Min Value"),
        (
            {"property_type": "double", "min_value": "5", "default_value": "4"},
            67014,
            "Default Less Than Min Value",
        ),
        ({"property_type": "datetime", "max_value": "late"}, 67015, "Invalid Max Value"),
        (
            {"property_type": "double", "max_value": "5", "default_value": "6"},
            67016,
            "Default Greater Than Max Value",
        ),
        ({"min_length": 3, "default_value": "ab"}, 67017, "Default Too Short"),
        ({"max_length": 3, "default_value": "abcd"}, 67018, "Default Too Long"),
    ],
)
def test_invalid_values_of_an_attribute_are_refused(
    account: Account, columns: dict[str, Any], code: int, text: str
) -> None:
    given = columns if "name" in columns or not columns else {"name": "Own", **columns}

    found = refusal(account, **given)

    assert found == (code, f"Property Definition {text}")


@pytest.mark.parametrize("name", ["UniqueID", "First Order", "order_id", "A"])
def test_names_of_live_accounts_are_taken(account: Account, name: str) -> None:
    create_attribute(account, {"name": name})

    assert name.casefold() in by_folded_name(account)


def test_an_account_has_a_most_of_attributes(account: Account) -> None:
    for number in range(248):
        create_attribute(account, {"name": f"Own{number}"})

    found = refusal(account, name="OneMore")

    assert found == (67034, "Property Definition Maximum Count Exceeded")


def test_an_attribute_is_changed_by_name(account: Account) -> None:
    number = create_attribute(account, {"name": "Town"})

    changed = change_attribute(account, {"name": "TOWN"}, {"max_length": 80, "is_required": 1})

    found = by_folded_name(account)["town"]
    assert changed == number
    assert (found.max_length, found.is_required) == (80, True)


def test_an_attribute_is_renamed_by_id(account: Account) -> None:
    number = create_attribute(account, {"name": "Town"})

    change_attribute(account, {"id": number, "name": "City"}, {"name": "City"})

    assert by_folded_name(account)["city"].id == number


def test_a_name_that_another_has_is_refused(account: Account) -> None:
    number = create_attribute(account, {"name": "Town"})

    with pytest.raises(Refused, match="Name Already Exists"):
        change_attribute(account, {"id": number}, {"name": "Last Name"})


@pytest.mark.parametrize("act", [change_attribute, lambda *given: delete_attribute(*given[:2])])
@pytest.mark.parametrize(
    ("identity", "code", "text"),
    [
        ({}, 67020, "Property Definition Not Found"),
        ({"name": "Nothing"}, 67021, "Property Definition Name Not Found"),
        ({"id": 7}, 67023, "Property Definition ID Not Found"),
    ],
)
def test_a_missing_attribute_is_refused(
    account: Account, act: Any, identity: dict[str, Any], code: int, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        act(account, identity, {})

    assert (refused.value.error_code, refused.value.message) == (code, text)


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("string", "anything", True),
        ("boolean", "True", True),
        ("boolean", " no ", True),
        ("boolean", "perhaps", False),
        ("double", "-1.5e3", True),
        ("double", "1,5", False),
        ("double", "nan", False),
        ("double", "1_000", False),
        ("datetime", "2026-01-01", True),
        ("datetime", "2026-01-01T12:00:00Z", True),
        ("datetime", "1/31/2026", True),
        ("datetime", "1/31/2026 12:00:00 AM", True),
        ("datetime", "13/31/2026", False),
        ("datetime", "tomorrow", False),
    ],
)
def test_values_that_fit_a_type_are_taken(kind: str, value: str, fits: bool) -> None:
    assert value_fits(kind, value) is fits


@given(st.text())
def test_any_text_can_be_asked_about(value: str) -> None:
    for kind in ("string", "boolean", "double", "datetime"):
        value_fits(kind, value)


def test_an_empty_value_always_fits(account: Account) -> None:
    create_attribute(account, {"name": "Age", "property_type": "double", "min_length": 2})

    assert misfit(by_folded_name(account), {"Age": ""}) is None


def test_stored_attributes_keep_their_spelling(account: Account) -> None:
    create_attribute(account, {"name": "Coupon", "is_send_time": 1})

    found = known_values(
        by_folded_name(account), {"FIRST NAME": "Ada", "Coupon": "X", "Other": "y"}
    )

    assert found == {"First Name": "Ada"}


def test_required_attributes_without_value_and_default_are_missing(account: Account) -> None:
    for name, default in [("Town", ""), ("Street", ""), ("Country", "DE")]:
        create_attribute(account, {"name": name, "is_required": 1, "default_value": default})

    found = missing(by_folded_name(account), {"town": "Ulm", "street": ""})

    assert found == ("Street",)
