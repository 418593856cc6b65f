"""Subscriber: Create, Update, Delete and Retrieve, and Describe with the account's attributes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import (
    as_element,
    fields,
    only_result,
    overall_status,
    results,
    retrieve,
    shape,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import (
    make_attribute,
    make_list,
    make_subscriber,
    profile_of,
    subscriber_of,
)

from sfmc_mock.account.subscribers import find_subscriber
from sfmc_mock.declarations.call import Call
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.wire.struct import Struct

ADA = {"SubscriberKey": "ada", "EmailAddress": "ada@mock.test"}


def write(call: Call, operation: str, save: str | None = None, **said: Any) -> Struct:
    return write_objects(call, operation, struct("Subscriber", said), save=save)


def pairs(**attributes: str) -> list[dict[str, str]]:
    return [{"Name": name.replace("_", " "), "Value": value} for name, value in attributes.items()]


def asked(call: Call, *properties: str, key: str = "ada") -> dict[str, str]:
    answer = retrieve(call, "Subscriber", properties, simple("SubscriberKey", "equals", key))
    (found,) = fields(answer)
    return found


# Create.


def test_a_new_subscriber_is_echoed_with_its_id(call: Call) -> None:
    answer = write(call, "Create", **ADA)

    result = only_result(answer)
    ada = subscriber_of(call.account, "ada")
    assert status(answer) == ("OK", "Created Subscriber.", 0)
    assert result.number("NewID") == result.at("Object.ID") == ada.id
    assert shape(as_element(answer))[6:12] == [
        "CreateResponse/Results/Object",
        "CreateResponse/Results/Object/PartnerKey=nil",
        "CreateResponse/Results/Object/ID",
        "CreateResponse/Results/Object/ObjectID=nil",
        "CreateResponse/Results/Object/EmailAddress",
        "CreateResponse/Results/Object/SubscriberKey",
    ]


def test_an_existing_key_is_refused_as_recorded(call: Call) -> None:
    write(call, "Create", **ADA)

    answer = write(call, "Create", **ADA)

    assert status(answer) == ("Error", "The subscriber is already on the list", 12014)
    assert only_result(answer).number("NewID") == 0


def test_create_updates_whom_it_finds_when_the_call_says_so(call: Call) -> None:
    number = make_subscriber(call.account, "ada")

    answer = write(
        call, "Create", "UpdateAdd", SubscriberKey="ADA", EmailAddress="new@mail.example"
    )

    assert status(answer) == ("OK", "Created Subscriber.", 0)
    assert only_result(answer).number("NewID") == number
    assert asked(call, "EmailAddress")["EmailAddress"] == "new@mail.example"


def test_update_creates_whom_it_does_not_find_when_the_call_says_so(call: Call) -> None:
    answer = write(call, "Update", "UpdateAdd", **ADA)

    assert status(answer) == ("OK", "Updated Subscriber.", 0)
    assert asked(call, "Status")["Status"] == "Active"


@pytest.mark.parametrize(
    ("operation", "save", "code", "text"),
    [
        ("Create", "UpdateOnly", 68000, "CreateSingle: SaveAction: UpdateOnly violation"),
        ("Create", "Delete", 68000, "CreateSingle: SaveAction: Delete violation"),
        ("Create", "Nothing", 68000, "CreateSingle: SaveAction: Nothing violation"),
        ("Update", "AddOnly", 68001, "UpdateSingle: SaveAction: AddOnly violation"),
        ("Update", "Delete", 68001, "UpdateSingle: SaveAction: Delete violation"),
    ],
)
def test_a_save_action_that_is_not_the_operations_is_refused(
    call: Call, operation: str, save: str, code: int, text: str
) -> None:
    answer = write(call, operation, save, **ADA)

    assert status(answer) == ("Error", text, code)


def test_an_attribute_that_the_account_lacks_is_dropped_with_a_warning(call: Call) -> None:
    write(call, "Create", **ADA, Attributes=pairs(First_Name="Ada", Colour="red"))

    assert profile_of(call.account, "ada") == {"First Name": "Ada"}
    assert call.warnings == [
        "the account has no profile attribute 'Colour': the value is dropped; create it with Configure"
    ]


def test_lists_come_with_a_new_subscriber(call: Call) -> None:
    news = make_list(call.account, "News")

    write(call, "Create", **ADA, Lists=[{"ID": news, "Status": "Active", "Action": "create"}])

    members = call.account.db.find_all("list_subscriber")
    assert [(row["list_id"], row["status"]) for row in members] == [(news, "Active")]


def test_a_refused_list_takes_its_subscriber_along(call: Call) -> None:
    answer = write(call, "Create", **ADA, Lists=[{"ID": 7, "Status": "Active"}])

    assert status(answer) == ("Error", "Unknown List ID", 13004)
    assert find_subscriber(call.account, key="ada") is None


# Update and Delete.


@pytest.mark.parametrize("by", ["SubscriberKey", "EmailAddress", "ID"])
def test_a_subscriber_is_named_by_key_address_or_id(call: Call, by: str) -> None:
    number = make_subscriber(call.account, "ada")
    names = {"SubscriberKey": "ada", "EmailAddress": "ada@mail.example", "ID": number}
    said = struct("Subscriber", {by: names[by], "Status": "Held"})

    answer = write_objects(call, "Update", said)

    assert status(answer) == ("OK", "Updated Subscriber.", 0)
    assert asked(call, "Status")["Status"] == "Held"


def test_an_id_with_another_key_changes_the_key(call: Call) -> None:
    number = make_subscriber(call.account, "ada")

    write(call, "Update", ID=number, SubscriberKey="augusta")

    assert asked(call, "ID", key="augusta")["ID"] == str(number)


def test_an_address_is_changed_by_the_key(call: Call) -> None:
    make_subscriber(call.account, "ada")

    write(call, "Update", SubscriberKey="ada", EmailAddress="new@mail.example")

    assert asked(call, "EmailAddress")["EmailAddress"] == "new@mail.example"


@pytest.mark.parametrize("operation", ["Update", "Delete"])
@pytest.mark.parametrize("said", [ADA, {}, {"ID": 7}, {"EmailAddress": "ada@mail.example"}])
def test_an_unknown_subscriber_is_not_found(
    call: Call, operation: str, said: dict[str, Any]
) -> None:
    answer = write(call, operation, **said)

    assert status(answer) == ("Error", "The subscriber was not found.", 12001)


def test_a_deleted_subscriber_is_gone_and_its_result_has_no_object(call: Call) -> None:
    make_subscriber(call.account, "ada")

    answer = write(call, "Delete", SubscriberKey="ada")

    assert status(answer) == ("OK", "Subscriber deleted", 0)
    assert "Object" not in only_result(answer)
    assert find_subscriber(call.account, key="ada") is None


# Retrieve and Describe.


def test_everything_that_can_be_asked_for_comes_with_the_attributes(call: Call) -> None:
    write(call, "Create", **ADA, Status="Unsubscribed", Attributes=pairs(Last_Name="King"))

    answer = retrieve(
        call,
        "Subscriber",
        [
            "ID",
            "CreatedDate",
            "Client.ID",
            "EmailAddress",
            "SubscriberKey",
            "UnsubscribedDate",
            "Status",
            "EmailTypePreference",
        ],
    )

    (result,) = results(answer)
    assert shape(result) == [
        "Results",
        "Results/Client",
        "Results/Client/ID",
        "Results/PartnerKey=nil",
        "Results/CreatedDate",
        "Results/ID",
        "Results/ObjectID=nil",
        "Results/EmailAddress",
        "Results/Attributes",
        "Results/Attributes/Name",
        "Results/Attributes/Value=empty",
        "Results/Attributes",
        "Results/Attributes/Name",
        "Results/Attributes/Value",
        "Results/SubscriberKey",
        "Results/UnsubscribedDate",
        "Results/Status",
        "Results/EmailTypePreference",
    ]


@pytest.mark.parametrize("name", ["ModifiedDate", "Attributes", "Lists", "Locale", "PartnerType"])
def test_properties_that_describe_calls_not_retrievable_are_refused(call: Call, name: str) -> None:
    assert overall_status(retrieve(call, "Subscriber", [name])) == (
        f"Error: The Request Property(s) {name} do not match with the fields of Subscriber retrieve"
    )


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Status", "held", ["bob"]),
        ("EmailAddress", "ADA@mail.example", ["ada"]),
        ("SubscriberKey", "BOB", ["bob"]),
    ],
)
def test_subscriber_keys_are_compared_without_case(
    call: Call, name: str, value: str, found: list[str]
) -> None:
    make_subscriber(call.account, "ada")
    make_subscriber(call.account, "bob", status="Held")

    answer = retrieve(call, "Subscriber", ["SubscriberKey"], simple(name, "equals", value))

    assert [each["SubscriberKey"] for each in fields(answer)] == found


def described(call: Call) -> Struct:
    wanted = struct(
        "DefinitionRequestMsg",
        DescribeRequests={"ObjectDefinitionRequest": [{"ObjectType": "Subscriber"}]},
    )
    (found,) = OPERATIONS["Describe"](call, wanted).parts("ObjectDefinition")
    return found


def test_describe_shows_attributes_twice(call: Call) -> None:
    make_attribute(call.account, "UniqueID", max_length=200)

    found = described(call)

    extended = found.wrapped("ExtendedProperties", "ExtendedProperty")
    assert [each.text("Name") for each in extended] == ["First Name", "Last Name", "UniqueID"]
    assert extended[-1].number("MaxLength") == 200
    children = [each.parts("Properties")[0] for each in found.parts("ChildObjects")]
    assert [each.text("Name") for each in children] == ["First Name", "Last Name", "UniqueID"]
    assert [each.text("Value") for each in children[-1].parts("Markups")] == ["%%UniqueID%%"]


def test_describe_says_of_an_attribute_what_was_recorded(call: Call) -> None:
    make_attribute(call.account, "Town")

    extended = described(call).wrapped("ExtendedProperties", "ExtendedProperty")[-1]

    assert {name: value for name, value in extended.values.items() if name != "ID"} == {
        "Name": "Town",
        "DataType": "text",
        "PropertyType": "string",
        "IsAccountProperty": False,
        "Label": "Town",
        "Description": "",
        "MaxLength": 50,
        "IsRequired": False,
        "IsViewable": True,
        "IsEditable": True,
        "IsRestrictedPicklist": False,
        "IsSendTime": False,
        "DisplayOrder": 3,
    }


def test_describe_shows_the_items_of_a_picklist_and_a_default(call: Call) -> None:
    items = '[{"label": "R", "value": "red", "is_default": true}]'
    make_attribute(
        call.account,
        "Colour",
        picklist=items,
        is_restricted_picklist=1,
        default_value="red",
    )

    extended = described(call).wrapped("ExtendedProperties", "ExtendedProperty")[-1]

    assert extended.text("DefaultValue") == "red"
    (item,) = extended.wrapped("PicklistItems", "PicklistItem")
    assert item.values == {"IsDefaultValue": True, "Label": "R", "Value": "red"}


def test_describe_shows_the_ends_of_what_a_value_can_be(call: Call) -> None:
    make_attribute(call.account, "Town", min_length=2)
    make_attribute(call.account, "Age", property_type="double", min_value="1", max_value="9")

    town, age = described(call).wrapped("ExtendedProperties", "ExtendedProperty")[-2:]

    assert town.number("MinLength") == 2
    assert (age.text("MinValue"), age.text("MaxValue")) == ("1", "9")


def test_a_new_subscriber_without_a_key_is_warned_of(call: Call) -> None:
    answer = write_objects(call, "Create", struct("Subscriber", EmailAddress="eve@mock.test"))

    assert status(answer)[0] == "OK"
    (warning,) = call.warnings
    assert "without a SubscriberKey" in warning


def test_an_account_without_attributes_describes_none(call: Call) -> None:
    call.account.db.delete("profile_attribute")

    found = described(call)

    assert "ExtendedProperties" not in found
    assert found.parts("ChildObjects") == []
