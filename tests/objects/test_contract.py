"""The behaviour of every declared API object: the declarations are the test cases.

`example` of a declaration is the minimal Create. Behaviour that only one object has is tested in a file of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.declared_examples import another, example, key_property, named, unique_property
from tests.support.messages import (
    act_on,
    fields,
    only_result,
    overall_status,
    result_of,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.refusals import refusals

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property, Reference, field_at
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import DUE_ACTIONS, HANDLERS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database, Row
from sfmc_mock.wire.struct import Struct

WRITTEN = [
    each for each in HANDLERS.values() if isinstance(each, StoredObject) and each.takes("Create")
]


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with the objects that examples refer to."""
    field = {"Name": "SubscriberKey", "FieldType": "Text", "MaxLength": 254}
    target = struct("DataExtension", CustomerKey="target", Name="Target", Fields={"Field": [field]})
    write_objects(call, "Create", target)
    write_objects(call, "Create", struct("List", CustomerKey="target", ListName="Target"))
    return call


of_each_object = pytest.mark.parametrize("thing", WRITTEN, ids=lambda each: each.object_type)


def create(call: Call, thing: StoredObject, sent: Struct | None = None) -> Struct:
    answer = write_objects(call, "Create", sent or example(thing))
    assert status(answer)[0] == "OK", status(answer)
    return only_result(answer)


def row_of(call: Call, thing: StoredObject, sent: Struct | None = None) -> Row:
    row = thing.find(call, sent or named(thing))
    assert row is not None
    return row


def rows(call: Call, thing: StoredObject) -> int:
    return call.account.db.count(thing.table)


# Create.


@of_each_object
def test_an_identity_that_the_account_gives_is_taken_with_a_warning(
    call: Call, thing: StoredObject
) -> None:
    for name in ("ID", "ObjectID"):
        value = {"ID": 99, "ObjectID": "00000000-0000-0000-0000-000000000099"}[name]
        call.warnings.clear()
        answer = write_objects(
            call,
            "Create",
            struct(thing.object_type, {**another(thing, name.lower()).values, name: value}),
        )

        assert status(answer)[0] == "Error" or any(
            text.startswith(f"{name} of") for text in call.warnings
        )


@of_each_object
def test_a_new_object_is_echoed_with_its_number_or_object_id(
    call: Call, thing: StoredObject
) -> None:
    result = create(call, thing)

    row = row_of(call, thing)
    assert result.text("StatusMessage") == thing.messages.create
    # Only the object in a user's result has its ID (recorded).
    is_told = thing.is_numbered and thing.object_type != "AccountUser"
    assert result.number("NewID") == (row["id"] if is_told else 0)
    if not thing.is_numbered:
        assert result.text("NewObjectID") == row["object_id"]
    echo = result.part("Object")
    assert (echo is not None) is thing.results_echo
    # An automation's has nothing (recorded).
    if echo is not None and echo.values:
        sent = example(thing).values
        assert repr({name: echo.values[name] for name in sent}) == repr(sent)


@of_each_object
def test_a_new_object_is_retrieved_as_it_was_sent(call: Call, thing: StoredObject) -> None:
    create(call, thing)
    if not thing.is_retrieved:
        return
    asked = {
        name: value
        for name, value in thing.example.items()
        if name in thing.retrievable and isinstance(value, str)
    }

    (found,) = fields(retrieve(call, thing.object_type, list(asked), of_example(thing)))

    assert {name: found[name] for name in asked} == {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in asked.items()
    }


def of_example(thing: StoredObject) -> Struct:
    name = key_property(thing)
    return simple(name, "equals", str(thing.example[name]))


@of_each_object
def test_a_taken_key_is_refused(call: Call, thing: StoredObject) -> None:
    create(call, thing)

    name = unique_property(thing)
    changes = {name: "Another"} if name else {}
    answer = write_objects(call, "Create", example(thing, **changes))

    code, text = thing.key_taken
    assert status(answer) == ("Error", text, code)


@of_each_object
def test_without_a_key_an_object_gets_one_or_has_none(call: Call, thing: StoredObject) -> None:
    sent = example(thing)
    del sent.values[key_property(thing)]

    answer = write_objects(call, "Create", sent)

    key = next(each for each in thing.kept if each.name == key_property(thing))
    expected = "Error" if key.missing else "OK"
    assert status(answer)[0] == expected, status(answer)


# Refused values.


REFUSING = [thing for thing in WRITTEN if thing.object_type != "DataExtension" and refusals(thing)]
of_each_refusing = pytest.mark.parametrize("thing", REFUSING, ids=lambda each: each.object_type)


@of_each_refusing
def test_invalid_values_are_refused(call: Call, thing: StoredObject) -> None:
    before = rows(call, thing)

    for name, (said, refusal) in refusals(thing).items():
        answer = write_objects(call, "Create", example(thing, **said))

        assert status(answer) == ("Error", refusal[1], refusal[0]), name
    assert rows(call, thing) == before


TAKEN = [
    pytest.param(thing, field, id=f"{thing.object_type}: {field.name}")
    for thing in WRITTEN
    for field in thing.checked
    if field.taken
]


@pytest.mark.parametrize(("thing", "field"), TAKEN)
def test_a_value_that_another_object_has_is_refused(
    call: Call, thing: StoredObject, field: Property
) -> None:
    create(call, thing)
    same = Struct(
        thing.object_type,
        {**another(thing, "other").values, field.name: example(thing).text(field.name)},
    )

    answer = write_objects(call, "Create", same)

    assert field.taken is not None
    assert status(answer) == ("Error", field.taken[1], field.taken[0])


@of_each_refusing
def test_an_update_to_invalid_values_is_refused(call: Call, thing: StoredObject) -> None:
    create(call, thing)
    before = row_of(call, thing)

    for name, (said, refusal) in refusals(thing).items():
        ((sent, value),) = said.items()
        if sent == "CustomerKey" or (value is None and is_left_alone(thing, sent)):
            continue
        answer = write_objects(call, "Update", named(thing, **said))

        assert status(answer) == ("Error", refusal[1], refusal[0]), name
        assert row_of(call, thing) == before, name


def is_left_alone(thing: StoredObject, name: str) -> bool:
    """Say whether an Update with nil leaves a reference unchanged."""
    found = next(each for each in thing.declared if each.name == name)
    return isinstance(found, Reference) and not found.refuses_empty


# Save actions.


@of_each_object
def test_create_adds_only(call: Call, thing: StoredObject) -> None:
    for action, sent in (("Default", example(thing)), ("AddOnly", another(thing, "second"))):
        first = write_objects(call, "Create", sent, save=action)
        before = row_of(call, thing, sent)
        second = write_objects(call, "Create", sent, save=action)

        assert status(first)[0] == "OK", (action, status(first))
        assert status(second)[0] == "Error", action
        assert row_of(call, thing, sent) == before


@of_each_object
def test_update_add_adds_what_is_missing_and_changes_what_is_there(
    call: Call, thing: StoredObject
) -> None:
    messages = {"Create": thing.messages.create, "Update": thing.messages.update}
    for operation, sent in (("Create", example(thing)), ("Update", another(thing, "second"))):
        before = rows(call, thing)

        added = write_objects(call, operation, sent, save="UpdateAdd")
        number = row_of(call, thing, sent)["id"]
        change = change_of(thing, f"By {operation}")
        sent.values.update(change)
        changed = write_objects(call, operation, sent, save="UpdateAdd")

        assert status(added) == status(changed) == ("OK", messages[operation], 0)
        assert rows(call, thing) == before + 1
        row = row_of(call, thing, sent)
        assert row["id"] == number
        assert {row[column] for column in changed_columns(thing)} == set(change.values())


def change_of(thing: StoredObject, text: str = "Changed") -> dict[str, Any]:
    """Return the values of an Update that changes the example: another text for its first free text property."""
    if thing.object_type == "Subscriber":
        return {"EmailTypePreference": "Text"}
    free = (each.name for each in thing.settable if is_free_text(thing, each.name))
    return {next(free): text}


def is_free_text(thing: StoredObject, name: str) -> bool:
    found = field_at(thing.object_type, name)
    return found is not None and found.type == "string"


def changed_columns(thing: StoredObject) -> set[str]:
    return {each.column for each in thing.settable if each.name in change_of(thing)}


@of_each_object
def test_update_changes_only(call: Call, thing: StoredObject) -> None:
    actions = ("Default", "UpdateOnly")
    missing = [write_objects(call, "Update", example(thing), save=action) for action in actions]
    create(call, thing)
    change = named(thing, **change_of(thing))
    there = [write_objects(call, "Update", change, save=action) for action in actions]

    code, text = thing.not_found
    assert [status(answer) for answer in missing] == [("Error", text, code)] * 2
    assert [status(answer) for answer in there] == [("OK", thing.messages.update, 0)] * 2


@of_each_object
def test_other_save_actions_are_refused(call: Call, thing: StoredObject) -> None:
    before = rows(call, thing)

    for operation, code, other in (("Create", 68000, "UpdateOnly"), ("Update", 68001, "AddOnly")):
        for action in (other, "Delete", "Nothing"):
            answer = write_objects(call, operation, example(thing), save=action)

            said = f"{operation}Single: SaveAction: {action} violation"
            assert status(answer) == ("Error", said, code)
    assert rows(call, thing) == before


# Objects that are not rows of a table: the objects to create first, and the Create.
MADE_OTHERWISE = {
    "AutomationInstance": (
        struct(
            "Automation",
            CustomerKey="nightly",
            Name="Nightly",
            AutomationTasks={
                "AutomationTask": [
                    {
                        "Activities": {
                            "Activity": [
                                {
                                    "ActivityObject": {
                                        "xsi:type": "FilterActivity",
                                        "CustomerKey": "keep-active",
                                    }
                                }
                            ]
                        }
                    }
                ]
            },
        ),
        struct("AutomationInstance", CustomerKey="nightly"),
    ),
    "DataExtensionObject": (
        struct(
            "DataExtension",
            CustomerKey="orders",
            Name="Orders",
            Fields={"Field": [{"Name": "Number", "IsPrimaryKey": True, "IsRequired": True}]},
        ),
        struct(
            "DataExtensionObject",
            CustomerKey="orders",
            Properties={"Property": [{"Name": "Number", "Value": "1"}]},
        ),
    ),
    "TriggeredSend": (
        struct(
            "TriggeredSendDefinition",
            CustomerKey="welcome",
            Name="Welcome",
            SendClassification={"CustomerKey": "Default Commercial"},
            Email={"ID": 3099626},
        ),
        struct(
            "TriggeredSend",
            TriggeredSendDefinition={"CustomerKey": "welcome"},
            Subscribers=[{"SubscriberKey": "ada", "EmailAddress": "ada@mock.test"}],
        ),
    ),
    "SubscriberList": (
        struct("Subscriber", SubscriberKey="ada", EmailAddress="ada@mock.test"),
        struct(
            "SubscriberList",
            List={"CustomerKey": "target"},
            Subscriber={"SubscriberKey": "ada"},
        ),
    ),
    "Send": (
        struct("List", ListName="Everybody here", CustomerKey="here"),
        struct(
            "Send",
            Email={"CustomerKey": "send-logging-example"},
            List=[{"CustomerKey": "here"}],
        ),
    ),
    "SuppressionListData": (
        struct("SuppressionListDefinition", CustomerKey="complainers", Name="Complainers"),
        struct(
            "SuppressionListData",
            CustomerKey="complainers",
            Properties={"Property": [{"Name": "Email Address", "Value": "ada@mock.test"}]},
        ),
    ),
    "SMSTriggeredSend": (
        struct(
            "SMSTriggeredSendDefinition",
            CustomerKey="reminder",
            Name="Reminder",
            Publication={"CustomerKey": "target"},
        ),
        struct(
            "SMSTriggeredSend",
            SMSTriggeredSendDefinition={"CustomerKey": "reminder"},
            Subscriber={"SubscriberKey": "ada"},
            Message="Soon",
            Number="3175550199",
        ),
    ),
    "VoiceTriggeredSend": (
        struct("VoiceTriggeredSendDefinition", CustomerKey="call", Name="Call"),
        struct(
            "VoiceTriggeredSend",
            VoiceTriggeredSendDefinition={"CustomerKey": "call"},
            Subscriber={"SubscriberKey": "ada"},
            Message="Soon",
            Number="3175550199",
        ),
    ),
}
# Each is an account of its own; their tests are those of business units.
ACCOUNTS = {"Account", "BusinessUnit"}
# Each of these is another one: the same can be made again.
SENDS = ("Send", "TriggeredSend", "SMSTriggeredSend", "VoiceTriggeredSend")


def test_every_object_that_can_be_created_is_among_the_cases() -> None:
    created = {name for name, handler in HANDLERS.items() if handler.takes("Create")}

    assert created - ACCOUNTS == {thing.object_type for thing in WRITTEN} | MADE_OTHERWISE.keys()


@pytest.mark.parametrize(("before", "sent"), MADE_OTHERWISE.values(), ids=MADE_OTHERWISE)
def test_save_actions_of_what_is_no_row_of_a_table(
    call: Call, before: Struct, sent: Struct
) -> None:
    thing = HANDLERS[before.type]
    if not thing.takes("Create"):
        assert isinstance(thing, StoredObject)
        thing.insert(call, before)
    if before.type == "Automation":
        write_objects(
            call, "Create", struct("FilterActivity", CustomerKey="keep-active", Name="Keep active")
        )
    write_objects(call, "Create", before)
    if before.type == "TriggeredSendDefinition":
        start = struct(before.type, CustomerKey="welcome", TriggeredSendStatus="Active")
        write_objects(call, "Update", start)

    refused = [
        status(write_objects(call, "Create", sent, save=action))[2]
        for action in ("UpdateOnly", "Delete", "Nothing")
    ]
    added = status(write_objects(call, "Create", sent, save="AddOnly"))[0]
    again = status(write_objects(call, "Create", sent, save="AddOnly"))[0]
    upserted = status(write_objects(call, "Create", sent, save="UpdateAdd"))[0]

    assert refused == [68000, 68000, 68000]
    # A send can be made again; a row with the same key cannot.
    assert (added, again, upserted) == (
        "OK",
        "OK" if sent.type in SENDS else "Error",
        "OK",
    )


# Actions.


def act(call: Call, operation: str, object_type: str, action: str) -> tuple[int, str | None]:
    """The code and text of an action with an object."""
    result = result_of(act_on(call, operation, action, Struct(object_type)))
    return result.number("ErrorCode") or 0, result.text("StatusMessage")


@pytest.mark.parametrize("operation", ["Configure", "Perform", "Schedule"])
def test_an_action_that_an_object_does_not_have_is_refused(call: Call, operation: str) -> None:
    code = {"Configure": 8, "Perform": 100, "Schedule": 140}[operation]

    for name, handler in HANDLERS.items():
        found = act(call, operation, name, "dance")

        if operation not in handler.actions:
            assert found[0] == code, name
        else:
            assert "dance" in (found[1] or ""), name


# Update and Delete.


@of_each_object
def test_properties_that_an_update_leaves_out_stay(call: Call, thing: StoredObject) -> None:
    create(call, thing)
    before = row_of(call, thing)

    answer = write_objects(call, "Update", named(thing))

    assert status(answer) == ("OK", thing.messages.update, 0)
    assert row_of(call, thing) == before


@of_each_object
def test_nil_empties_free_text_and_nothing_else(call: Call, thing: StoredObject) -> None:
    create(call, thing)
    if "Description" not in {each.name for each in thing.settable}:
        return
    write_objects(call, "Update", named(thing, Description="Something"))

    answer = write_objects(call, "Update", named(thing, Description=None))

    assert status(answer)[0] == "OK"
    assert row_of(call, thing)["description"] == ""


@pytest.mark.parametrize(
    "thing",
    [each for each in WRITTEN if each.takes("Delete")],
    ids=lambda each: each.object_type,
)
def test_a_deleted_object_is_gone(call: Call, thing: StoredObject) -> None:
    create(call, thing)

    answer = write_objects(call, "Delete", named(thing))

    assert status(answer) == ("OK", thing.messages.delete, 0)
    assert thing.find(call, named(thing)) is None
    # A file's name is not free again.
    changes = {"FileName": "another.png"} if thing.object_type == "Portfolio" else {}
    again = write_objects(call, "Create", example(thing, **changes))
    assert status(again)[0] == "OK", status(again)


@of_each_object
def test_an_object_that_is_not_there_or_not_named_is_refused(
    call: Call, thing: StoredObject
) -> None:
    for operation in filter(thing.takes, ("Update", "Delete")):
        unknown = write_objects(call, operation, named(thing, "nobody's"))
        unnamed = write_objects(call, operation, struct(thing.object_type))

        code, text = thing.not_found
        if (thing.object_type, operation) == ("DataExtension", "Delete"):
            code, text = 310007, "The Data Extension to delete does not exist. "
        assert status(unknown) == ("Error", text, code), operation
        code, text = thing.not_specified
        assert status(unnamed) == ("Error", text, code), operation


USES = [
    pytest.param(user, each, id=f"{user.object_type}.{each.name}")
    for user in WRITTEN
    for each in user.references
    if each.protects
]


@pytest.mark.parametrize(("user", "reference"), USES)
def test_an_object_in_use_is_not_deleted(
    call: Call, user: StoredObject, reference: Reference
) -> None:
    thing = HANDLERS[reference.to]
    assert isinstance(thing, StoredObject)
    create(call, thing)
    values: dict[str, Any] = {reference.name: {"CustomerKey": thing.example["CustomerKey"]}}
    create(call, user, struct(user.object_type, {**another(user, "the user").values, **values}))

    answer = write_objects(call, "Delete", named(thing))

    assert status(answer)[0] == "Error"
    (row,) = user.rows_with(call.account, "customer_key", "the user")
    assert f"{user.object_type} '{row[user.called]}'" in (status(answer)[1] or "")
    assert thing.find(call, named(thing)) is not None


@pytest.mark.parametrize(
    "thing", [each for each in WRITTEN if each.folders], ids=lambda each: each.object_type
)
def test_a_folder_that_holds_something_is_not_deleted(call: Call, thing: StoredObject) -> None:
    (place,) = thing.folders
    root = call.account.db.find("folder", parent_id=0, content_type=place.content[0])
    assert root is not None
    folder = struct(
        "DataFolder",
        CustomerKey="inner",
        Name="Inner",
        Description="",
        ContentType=place.content[0],
        ParentFolder={"ID": root["id"]},
    )
    number = only_result(write_objects(call, "Create", folder)).number("NewID")
    create(call, thing, example(thing, **{place.name: number}))

    answer = write_objects(call, "Delete", struct("DataFolder", ID=number))

    name = row_of(call, thing)["name"]
    assert status(answer) == (
        "Error",
        f"Folder 'Inner' is not empty: it holds {thing.object_type} '{name}'.",
        396001,
    )


# Retrieve and Describe.

READ = [
    each for each in HANDLERS.values() if isinstance(each, DeclaredObject) and each.is_retrieved
]
of_each_readable = pytest.mark.parametrize("thing", READ, ids=lambda each: each.object_type)
VALUES = {
    "number": "1",
    "flag": "true",
    "date": "2026-01-01T00:00:00",
    "us_date": "2026-01-01T00:00:00",
}


@of_each_readable
def test_every_property_can_be_asked_for_and_filtered_on(call: Call, thing: DeclaredObject) -> None:
    names = list(thing.retrievable)
    assert overall_status(retrieve(call, thing.object_type, names)) == "OK"

    for name, each in thing.retrievable.items():
        value = VALUES.get(each.kind, "x")
        for operator in ("equals", "notEquals", "greaterThan", "lessThan", "IN"):
            answer = retrieve(call, thing.object_type, names, simple(name, operator, value))
            assert overall_status(answer) == "OK", (name, operator)
        found = retrieve(call, thing.object_type, [name], simple(name, "isNull"))
        assert all(name not in row for row in fields(found)), name


@of_each_readable
def test_an_unknown_property_or_operator_is_refused(call: Call, thing: DeclaredObject) -> None:
    name = next(iter(thing.retrievable))

    asked = retrieve(call, thing.object_type, [name, "Nonsense"])
    filtered = retrieve(call, thing.object_type, [name], simple("Nonsense", "equals", "x"))
    operator = retrieve(call, thing.object_type, [name], simple(name, "existsInString", "x"))

    assert overall_status(asked) == (
        "Error: The Request Property(s) Nonsense do not match with the fields of "
        f"{thing.object_type} retrieve"
    )
    assert overall_status(filtered) == (
        "Error: The Filter Property 'Nonsense' is not a retrievable property."
    )
    assert overall_status(operator) == (
        f"Error: The operator 'existsInString' is not supported for the retrieve of {thing.object_type}."
    )


def described(call: Call, object_type: str) -> list[Mapping[str, object]]:
    request = struct(
        "DefinitionRequestMsg",
        DescribeRequests={"ObjectDefinitionRequest": [{"ObjectType": object_type}]},
    )
    (found,) = OPERATIONS["Describe"](call, request).parts("ObjectDefinition")
    return [each.values for each in found.parts("Properties")]


@of_each_readable
def test_describe_says_what_is_declared(call: Call, thing: DeclaredObject) -> None:
    found = [each for each in described(call, thing.object_type) if each["IsRetrievable"]]

    assert [each["Name"] for each in found] == list(thing.retrievable)
    for said, each in zip(found, thing.retrievable.values(), strict=True):
        assert said["IsRequired"] is each.required
        assert said["IsUpdatable"] is each.updatable
        assert said.get("MaxLength") == each.max_length


# Seed files.


def copy_of(account: Account) -> Account:
    """Return a new account made from the export of an account."""
    copy = Account(Database(), due_actions=DUE_ACTIONS)
    load(copy, parse_seed(dump(account)))
    return copy


@of_each_object
def test_an_export_makes_the_same_object(call: Call, thing: StoredObject) -> None:
    create(call, thing)
    write_objects(call, "Update", named(thing, **change_of(thing)))

    copy = copy_of(call.account)

    dates = ("created_at", "modified_at", "unsubscribed_at")
    found = thing.find(Call(copy), named(thing))
    assert found is not None
    before = row_of(call, thing)
    numbers = {each.kept_in for each in thing.references} | ({"id"} - set(thing.columns))
    assert {name: value for name, value in found.items() if name not in (*dates, *numbers)} == {
        name: value for name, value in before.items() if name not in (*dates, *numbers)
    }
    again = call_names(copy, thing, found)
    assert again == call_names(call.account, thing, before)
    copy.db.close()


def call_names(account: Account, thing: StoredObject, row: Row) -> dict[str, object]:
    """Return the references of a row by property, as keys of the rows that they refer to."""
    found: dict[str, object] = {}
    for each in thing.references:
        target = HANDLERS[each.to]
        assert isinstance(target, StoredObject)
        there = account.db.find(target.table, **{each.stores: row[each.kept_in]})
        found[each.name] = there and there["customer_key"]
    return found
