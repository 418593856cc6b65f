"""List: Create, Update, Delete and Retrieve."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import (
    fields,
    only_result,
    overall_status,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)

from sfmc_mock.account.lists import all_subscribers
from sfmc_mock.account.triggered_send_definitions import (
    create_definition,
    delete_definition,
    find_definition,
)
from sfmc_mock.declarations.call import Call


def make(call: Call, name: str = "News", **said: Any) -> int:
    answer = write_objects(call, "Create", struct("List", ListName=name, **said))
    assert status(answer)[0] == "OK", status(answer)
    return only_result(answer).number("NewID") or 0


def used_by_a_definition(call: Call, list_id: int) -> None:
    classification = call.account.db.find("send_classification", customer_key="Default Commercial")
    assert classification is not None
    create_definition(
        call.account,
        {
            "customer_key": "welcome",
            "name": "Welcome",
            "email_id": 3099626,
            "list_id": list_id,
            "send_classification_id": classification["id"],
        },
    )


def test_a_new_list_is_echoed_with_its_id(call: Call) -> None:
    answer = write_objects(call, "Create", struct("List", ListName="News", Description="Weekly"))

    result = only_result(answer)
    assert status(answer) == ("OK", "Created List.", 0)
    assert "NewObjectID" not in result
    assert result.at("Object.ID") == result.number("NewID")
    assert result.at("Object.Description") == "Weekly"


def test_a_list_without_a_key_is_called_after_its_name_and_folder(call: Call) -> None:
    """The form was recorded: `All Subscribers - 412`."""
    make(call, "News", Category=412)

    found = fields(retrieve(call, "List", ["CustomerKey"], simple("ListName", "equals", "News")))

    assert found == [{"CustomerKey": "News - 412"}]


def test_properties_that_a_list_leaves_out_have_defaults(call: Call) -> None:
    number = make(call)

    (found,) = fields(
        retrieve(
            call,
            "List",
            ["Type", "ListClassification", "Category", "Description"],
            simple("ID", "equals", str(number)),
        )
    )

    assert found == {
        "Type": "Private",
        "ListClassification": "ExactTargetList",
        "Category": "412",
        "Description": "",
    }


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({}, (13013, "List Validation Error: ListName is required.")),
        ({"ListName": "x" * 51}, (13010, "List Name Too Long")),
        ({"ListName": "News", "Category": 407}, (13009, "List Category Invalid")),
        ({"ListName": "News", "Category": 1}, (13009, "List Category Invalid")),
        ({"ListName": "News", "Type": "SalesForce"}, (13003, "Salesforce Not Enabled")),
        (
            {"ListName": "News", "Type": "Master"},
            (13013, "List Validation Error: Type Master cannot be created."),
        ),
        (
            {"ListName": "News", "SendClassification": {"CustomerKey": "nobody's"}},
            (24100, "SC_SendClassificationNot Found"),
        ),
        (
            {"ListName": "News", "AutomatedEmail": {"ID": 1}},
            (4001, "Email Does Not Exist"),
        ),
        (
            {"ListName": "News", "AutomatedEmail": {"CustomerKey": "nobody's"}},
            (
                4000,
                "PersonList.AutomatedEmail: the Email identitfied by CustomerKey could not be found",
            ),
        ),
    ],
)
def test_an_invalid_list_is_refused(
    call: Call, said: dict[str, object], refusal: tuple[int, str]
) -> None:
    answer = write_objects(call, "Create", struct("List", said))

    code, text = refusal
    assert status(answer) == ("Error", text, code)


def test_a_key_that_is_taken_is_refused(call: Call) -> None:
    make(call, CustomerKey="news")

    answer = write_objects(call, "Create", struct("List", ListName="Other", CustomerKey="NEWS"))

    assert status(answer) == ("Error", "Name already exists", 1)


def test_create_updates_a_list_when_a_save_option_says_so(call: Call) -> None:
    number = make(call, "News", CustomerKey="news")

    answer = write_objects(
        call, "Create", struct("List", ListName="Newer", CustomerKey="news"), save="UpdateAdd"
    )

    assert only_result(answer).number("NewID") == number
    assert call.account.db.count("list", id=number, name="Newer") == 1


def test_create_or_update_knows_a_list_by_the_key_that_would_be_made_up(call: Call) -> None:
    number = make(call, "News")

    answer = write_objects(
        call, "Create", struct("List", ListName="News", Description="Weekly"), save="UpdateAdd"
    )

    assert only_result(answer).number("NewID") == number
    assert call.account.db.count("list", description="Weekly") == 1


def test_update_creates_a_list_when_a_save_option_says_so(call: Call) -> None:
    answer = write_objects(call, "Update", struct("List", ListName="News"), save="UpdateAdd")

    assert status(answer) == ("OK", "Updated List.", 0)
    assert call.account.db.count("list", name="News") == 1


@pytest.mark.parametrize(
    ("operation", "action", "refusal"),
    [
        ("Create", "Nothing", (68000, "CreateSingle: SaveAction: Nothing violation")),
        ("Create", "UpdateOnly", (68000, "CreateSingle: SaveAction: UpdateOnly violation")),
        ("Update", "AddOnly", (68001, "UpdateSingle: SaveAction: AddOnly violation")),
        ("Update", "Delete", (68001, "UpdateSingle: SaveAction: Delete violation")),
    ],
)
def test_a_save_action_against_the_operation_is_a_violation(
    call: Call, operation: str, action: str, refusal: tuple[int, str]
) -> None:
    answer = write_objects(call, operation, struct("List", ListName="News"), save=action)

    code, text = refusal
    assert status(answer) == ("Error", text, code)
    assert call.account.db.count("list", name="News") == 0


def test_subscribers_of_a_new_list_are_put_on_it(call: Call) -> None:
    people = [
        {"SubscriberKey": "ada", "EmailAddress": "ada@mock.test"},
        {"EmailAddress": "bob@mock.test"},
    ]

    number = make(call, Subscribers=people)

    found = fields(
        retrieve(call, "ListSubscriber", ["SubscriberKey"], simple("ListID", "equals", str(number)))
    )
    assert [each["SubscriberKey"] for each in found] == ["ada", "bob@mock.test"]


def test_an_invalid_subscriber_refuses_the_create_of_its_list(call: Call) -> None:
    people = [{"EmailAddress": "ada@mock.test"}, {"EmailAddress": "nobody"}]

    answer = write_objects(call, "Create", struct("List", ListName="News", Subscribers=people))

    assert status(answer) == (
        "Error",
        "List Subscriber Error: subscriber 1: InvalidEmailAddress",
        13005,
    )
    assert call.account.db.count("list", name="News") == 0
    assert call.account.db.count("subscriber") == 0


@pytest.mark.parametrize("identity", ["ID", "ObjectID", "CustomerKey"])
def test_a_list_is_changed_by_any_of_its_identities(call: Call, identity: str) -> None:
    number = make(call)
    (known,) = fields(
        retrieve(
            call, "List", ["ID", "ObjectID", "CustomerKey"], simple("ID", "equals", str(number))
        )
    )
    value = number if identity == "ID" else known[identity].upper()

    answer = write_objects(call, "Update", struct("List", {identity: value}, ListName="Newer"))

    assert status(answer) == ("OK", "Updated List.", 0)
    assert call.account.db.count("list", id=number, name="Newer") == 1


def test_an_absent_property_stays_and_a_nil_one_is_emptied(call: Call) -> None:
    number = make(call, "News", Description="Weekly", Type="Public")

    write_objects(call, "Update", struct("List", ID=number, Description=None, Type=None))

    row = call.account.db.find("list", id=number)
    assert row is not None
    assert (row["name"], row["description"], row["type"]) == ("News", "", "Public")


def test_a_list_is_deleted_with_its_subscriptions(call: Call) -> None:
    number = make(call, Subscribers=[{"EmailAddress": "ada@mock.test"}])

    answer = write_objects(call, "Delete", struct("List", ID=number))

    assert status(answer) == ("OK", "List deleted", 0)
    assert call.account.db.count("list_subscriber") == 0
    assert call.account.db.count("subscriber") == 1


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_an_unknown_list_is_not_found(call: Call, operation: str) -> None:
    unknown = write_objects(call, operation, struct("List", ID=1))
    unnamed = write_objects(call, operation, struct("List", Description="?"))

    assert status(unknown) == ("Error", "List Not Found", 13000)
    assert status(unnamed) == ("Error", "List ID Not Specified", 13001)


def test_all_subscribers_is_protected(call: Call) -> None:
    master = all_subscribers(call.account)
    assert master is not None

    changed = write_objects(call, "Update", struct("List", ID=master.id, ListName="Mine"))
    deleted = write_objects(call, "Delete", struct("List", ID=master.id))

    assert status(changed)[2] == 13012
    assert status(deleted)[2] == 13002
    assert all_subscribers(call.account) == master


def test_a_list_that_a_definition_sends_to_is_not_deleted(call: Call) -> None:
    number = make(call)
    used_by_a_definition(call, number)

    answer = write_objects(call, "Delete", struct("List", ID=number))

    assert status(answer) == (
        "Error",
        "Exception During Delete: the list is used by TriggeredSendDefinition 'welcome'.",
        13002,
    )


def test_a_deleted_definition_lets_its_list_go(call: Call) -> None:
    number = make(call)
    used_by_a_definition(call, number)
    definition = find_definition(call.account, key="welcome")
    assert definition is not None
    delete_definition(call.account, definition)

    answer = write_objects(call, "Delete", struct("List", ID=number))

    assert status(answer) == ("OK", "List deleted", 0)


def test_all_subscribers_is_there_from_the_start(call: Call) -> None:
    (found,) = fields(
        retrieve(
            call,
            "List",
            ["ListName", "Type", "ListClassification", "Description", "Category", "CustomerKey"],
        )
    )

    assert found["ListName"] == "All Subscribers"
    assert found["Type"] == "Private"
    assert found["ListClassification"] == "ExactTargetList"
    assert found["Description"] == "Contains all subscribers"
    assert found["CustomerKey"] == f"All Subscribers - {found['Category']}"


def test_a_welcome_email_is_read_back(call: Call) -> None:
    number = make(call, AutomatedEmail={"ID": 3099626})

    found = fields(
        retrieve(call, "List", ["AutomatedEmail.ID"], simple("ID", "equals", str(number)))
    )

    assert found == [{"AutomatedEmail.ID": "3099626"}]


def test_ids_follow_from_names_not_from_the_order_of_calls(call: Call) -> None:
    first = make(call, "News")
    write_objects(call, "Delete", struct("List", ID=first))
    make(call, "Other")

    assert make(call, "News") == first


def test_an_unknown_property_refuses_the_retrieve(call: Call) -> None:
    answer = retrieve(call, "List", ["ID", "Subscribers"])

    assert overall_status(answer) == (
        "Error: The Request Property(s) Subscribers do not match with the fields of List retrieve"
    )
