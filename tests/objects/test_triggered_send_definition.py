"""TriggeredSendDefinition: Create, Update, Delete and Retrieve, starting and pausing."""

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
from tests.support.sending import (
    event_types,
    make_definition,
    make_list,
    messages,
    outcomes,
    send,
)

from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extension_templates import create_from, find_template
from sfmc_mock.account.data_extensions import DataExtensionChange, create
from sfmc_mock.declarations.call import Call
from sfmc_mock.wire.struct import Struct

EMAIL = {"ID": 3_099_626}
CLASSIFICATION = {"CustomerKey": "Default Commercial"}


def definition(**said: Any) -> Struct:
    """Return a definition with all required properties."""
    needed = {"CustomerKey": "welcome", "Name": "Welcome mail"}
    references = {"Email": EMAIL, "SendClassification": CLASSIFICATION}
    given = {**needed, **references, **said}
    return struct(
        "TriggeredSendDefinition",
        {name: value for name, value in given.items() if value is not ...},
    )


def create_one(call: Call, **said: Any) -> Struct:
    return write_objects(call, "Create", definition(**said))


def update(call: Call, **said: Any) -> Struct:
    given = {"CustomerKey": "welcome", **said}
    return write_objects(call, "Update", struct("TriggeredSendDefinition", given))


def delete(call: Call, **said: Any) -> Struct:
    return write_objects(call, "Delete", struct("TriggeredSendDefinition", said))


def row_of(call: Call) -> dict[str, Any]:
    row = call.account.db.find("triggered_send_definition", customer_key="welcome")
    assert row is not None
    return row


def asked(call: Call, *properties: str, **request: Any) -> list[dict[str, str]]:
    return fields(retrieve(call, "TriggeredSendDefinition", properties, **request))


# Create.


def test_a_new_definition_is_echoed_with_its_object_id(call: Call) -> None:
    answer = create_one(call, Description="for tests")

    result = only_result(answer)
    assert status(answer) == ("OK", "TriggeredSendDefinition created", 0)
    assert result.number("NewID") == 0
    assert result.at("Object.ObjectID") == result.text("NewObjectID") == row_of(call)["object_id"]
    assert result.at("Object.Description") == "for tests"
    assert result.at("Object.Email.ID") == 3_099_626


def test_a_new_definition_has_the_recorded_defaults(call: Call) -> None:
    create_one(call)

    (found,) = asked(
        call,
        "TriggeredSendStatus",
        "TriggeredSendType",
        "AutoAddSubscribers",
        "AutoUpdateSubscribers",
        "BatchInterval",
        "IsMultipart",
        "IsWrapped",
        "SuppressTracking",
        "AllowedSlots",
        "NewSlotTrigger",
        "Priority",
        "IsPlatformObject",
        "Keyword",
        "EmailSubject",
        "DynamicEmailSubject",
    )

    assert found == {
        "TriggeredSendStatus": "New",
        "TriggeredSendType": "Continuous",
        "AutoAddSubscribers": "false",
        "AutoUpdateSubscribers": "false",
        "BatchInterval": "0",
        "IsMultipart": "false",
        "IsWrapped": "true",
        "SuppressTracking": "false",
        "AllowedSlots": "0",
        "NewSlotTrigger": "0",
        "Priority": "4",
        "IsPlatformObject": "false",
        "Keyword": "",
        "EmailSubject": "Welcome, %%First Name%%",
        "DynamicEmailSubject": "Welcome, %%First Name%%",
    }


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({"ObjectID": "x"}, 17012, "Triggered Send Definiton Object ID Found"),
        ({"Email": ...}, 17013, "Triggered Send Definition Email ID or Partner Key Not Found"),
        ({"Email": {"ID": 7}}, 17016, "Triggered Send Definition Email Not Found"),
        (
            {"SendClassification": ...},
            17014,
            "Triggered Send Definition Send Classification Not Found",
        ),
        (
            {"SendClassification": {"CustomerKey": "none"}},
            17014,
            "Triggered Send Definition Send Classification Not Found",
        ),
        (
            {"SendClassification": ..., "Email": ...},
            17014,
            "Triggered Send Definition Send Classification Not Found",
        ),
        ({"List": {"ID": 7}}, 17017, "Triggered Send Definition List Not Found"),
        (
            {"HeaderContentArea": {"ID": 7}},
            17018,
            "Triggered Send Definition Header Content Not Found",
        ),
        (
            {"FooterContentArea": {"CustomerKey": "x"}},
            17019,
            "Triggered Send Definition Footer Content Not Found",
        ),
        ({"SenderProfile": {"CustomerKey": "none"}}, 40100, "SP_Sender Profile Not Found"),
        ({"DeliveryProfile": {"ObjectID": "none"}}, 24102, "SC_Delivery Profile Not Found"),
        (
            {"SendSourceDataExtension": {"CustomerKey": "none"}},
            180015,
            "Triggered Send Data Extension is missing or misconfigured",
        ),
        ({"CustomerKey": "k" * 37}, 17100, "Triggered Send Definition Customer Key Invalid"),
        ({"Name": ...}, 17101, "Triggered Send Definition Name Invalid"),
        ({"Name": None}, 17101, "Triggered Send Definition Name Invalid"),
        ({"Name": " "}, 17101, "Triggered Send Definition Name Invalid"),
        ({"Name": "n" * 101}, 17101, "Triggered Send Definition Name Invalid"),
        ({"EmailSubject": "s" * 201}, 17102, "Triggered Send Definition Email Subject Invalid"),
        ({"FromName": "n" * 131}, 17105, "Triggered Send Definition From Name Invalid"),
        ({"FromAddress": "ada at home"}, 17106, "Triggered Send Definition From Address Invalid"),
        ({"Keyword": "k" * 151}, 17107, "Triggered Send Definition Keyword Invalid"),
        ({"BccEmail": "nobody"}, 17108, "Triggered Send Definition BCC Email Invalid"),
        (
            {"DynamicEmailSubject": "s" * 201},
            17110,
            "Triggered Send Definition Dynamic Email Subject Invalid",
        ),
    ],
)
def test_invalid_values_of_a_definition_are_refused(
    call: Call, said: dict[str, Any], code: int, text: str
) -> None:
    answer = create_one(call, **said)

    assert status(answer) == ("Error", text, code)
    assert call.account.db.count("triggered_send_definition") == 0


def test_a_key_is_used_once(call: Call) -> None:
    create_one(call)

    answer = create_one(call)

    assert status(answer) == ("Error", "Name already exists", 1)


def test_a_definition_is_not_started_by_its_creation(call: Call) -> None:
    create_one(call, TriggeredSendStatus="Active")

    assert row_of(call)["status"] == "New"
    assert call.warnings == [
        "TriggeredSendStatus Active is ignored on Create: a definition begins as New; start it with an Update"
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"SuppressTracking": True}, "events are recorded all the same"),
        ({"SendLimit": 100}, "messages leave at once"),
        ({"SendWindowOpen": "08:00:00"}, "messages leave at any hour"),
    ],
)
def test_a_property_without_effect_is_taken_with_a_warning(
    call: Call, said: dict[str, Any], told: str
) -> None:
    answer = create_one(call, **said)

    (name,) = said
    (warning,) = call.warnings
    assert status(answer)[0] == "OK"
    assert warning.startswith(f"{name} of a TriggeredSendDefinition has no effect")
    assert told in warning


def test_a_deleted_send_window_is_not_shown(call: Call) -> None:
    create_one(call, SendWindowOpen="08:00:00", SendWindowClose="12:00:00", SendLimit=3)
    gone = struct("TriggeredSendDefinition", CustomerKey=row_of(call)["customer_key"])

    write_objects(call, "Update", struct(gone.type, gone.values, SendWindowDelete=True))

    row = row_of(call)
    assert (row["send_window_open"], row["send_window_close"], row["send_limit"]) == (None, None, 3)


def test_a_flag_that_is_off_is_no_matter(call: Call) -> None:
    create_one(call, SuppressTracking=False, SendLimit=None)

    assert call.warnings == []


def test_references_are_found_by_any_of_their_identities(call: Call) -> None:
    news = make_list(call.account, "News")
    found = call.account.db.find("list", id=news) or {}
    profile = call.account.db.find("sender_profile") or {}
    field = FieldChange(name="SubscriberKey", max_length=254)
    source = create(call.account, DataExtensionChange(name="Orders", fields=(field,)))

    create_one(
        call,
        List={"ObjectID": str(found["object_id"]).upper()},
        SenderProfile={"ObjectID": profile["object_id"]},
        SendSourceDataExtension={"CustomerKey": source.customer_key},
        Email={"CustomerKey": "send-logging-example"},
    )

    row = row_of(call)
    assert (row["list_id"], row["sender_profile_id"]) == (news, profile["id"])
    assert (row["send_source_data_extension_id"], row["email_id"]) == (source.id, 3_099_626)


@pytest.mark.parametrize(
    ("sent", "kept"), [("High", "3"), ("medium", "4"), ("Low", "5"), ("3", "3"), (None, "4")]
)
def test_priorities_are_numbers(call: Call, sent: str | None, kept: str) -> None:
    create_one(call, Priority=sent)

    assert asked(call, "Priority") == [{"Priority": kept}]


def test_nil_leaves_flags_and_numbers_as_they_are(call: Call) -> None:
    create_one(call, IsSendLogging=None, BatchInterval=None, Description=None, FromName=None)

    row = row_of(call)
    assert (row["is_send_logging"], row["batch_interval"]) == (0, 0)
    assert (row["description"], row["from_name"]) == ("", None)


# Update.


def test_starting_pausing_and_canceling_are_updates(call: Call) -> None:
    create_one(call)

    answers = [
        update(call, TriggeredSendStatus=wanted) for wanted in ("Active", "Inactive", "Canceled")
    ]

    assert [status(each)[1] for each in answers] == ["TriggeredSendDefinition updated"] * 3
    assert row_of(call)["status"] == "Canceled"


def test_the_result_of_an_update_shows_what_was_sent(call: Call) -> None:
    create_one(call)

    answer = update(call, TriggeredSendStatus="Active")

    result = only_result(answer)
    assert "NewID" not in result
    found = result.part("Object")
    assert found is not None
    assert found.values == {"CustomerKey": "welcome", "TriggeredSendStatus": "Active"}


@pytest.mark.parametrize("said", [{"FromName": "Ada"}, {"RefreshContent": True}])
def test_an_active_definition_cannot_be_changed(call: Call, said: dict[str, Any]) -> None:
    make_definition(call.account)

    answer = update(call, **said)

    assert status(answer) == (
        "Error",
        "An active TriggeredSendDefinition can not be updated or have it's content refreshed",
        17003,
    )


def test_pausing_refreshing_and_starting_makes_a_new_job(call: Call) -> None:
    """A widely used tool publishes this way."""
    make_definition(call.account)

    for said in (
        {"TriggeredSendStatus": "Inactive"},
        {"RefreshContent": True},
        {"TriggeredSendStatus": "Active"},
    ):
        assert status(update(call, **said))[0] == "OK"

    assert row_of(call)["job_id"] == 10_980_376


def test_a_start_may_refresh_in_the_same_call(call: Call) -> None:
    make_definition(call.account, status="Inactive")

    answer = update(call, TriggeredSendStatus="Active", RefreshContent=True)

    assert status(answer)[0] == "OK"
    assert row_of(call)["job_id"] == 10_980_376


def test_an_empty_update_is_fine(call: Call) -> None:
    make_definition(call.account)

    answer = update(call)

    assert status(answer) == ("OK", "TriggeredSendDefinition updated", 0)


def test_a_start_sends_what_waited(call: Call) -> None:
    make_definition(call.account, status="Inactive")
    send(call.account, "ada@mail.example")

    update(call, TriggeredSendStatus="Active")

    assert event_types(call.account) == ["Sent", "DeliveredEvent"]


@pytest.mark.parametrize(
    ("operation", "said"), [("Update", {"TriggeredSendStatus": "Canceled"}), ("Delete", {})]
)
def test_canceling_and_deleting_clear_the_queue(
    call: Call, operation: str, said: dict[str, Any]
) -> None:
    make_definition(call.account, status="Inactive")
    send(call.account, "ada@mail.example")

    write_objects(call, operation, struct("TriggeredSendDefinition", CustomerKey="welcome", **said))

    assert outcomes(call.account) == [("not sent", 39)]


def test_email_and_classification_are_changed_by_what_they_are_named(call: Call) -> None:
    create_one(call)
    email = call.account.db.find("email") or {}
    call.account.db.insert("email", {**email, "id": 5, "customer_key": "bye"})

    update(call, Email={"ID": 5}, SendClassification={"CustomerKey": "Default Transactional"})

    assert asked(call, "Email.ID", "SendClassification.CustomerKey") == [
        {"Email.ID": "5", "SendClassification.CustomerKey": "Default Transactional"}
    ]


def test_a_definition_that_is_named_by_object_id_can_get_another_key(call: Call) -> None:
    create_one(call)
    object_id = row_of(call)["object_id"]

    update(call, ObjectID=object_id, CustomerKey="hello")

    assert asked(call, "CustomerKey") == [{"CustomerKey": "hello"}]


def test_an_update_by_object_id_alone_leaves_the_key(call: Call) -> None:
    create_one(call)
    object_id = row_of(call)["object_id"]

    update(call, ObjectID=object_id, CustomerKey=None, Name="Hello")

    assert asked(call, "CustomerKey", "Name") == [{"CustomerKey": "welcome", "Name": "Hello"}]


@pytest.mark.parametrize("operation", ["Update", "Delete"])
@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({}, 17010, "Triggered Send Definition Object ID or Customer Key Not Found"),
        ({"CustomerKey": "nothing"}, 17015, "Triggered Send Definition Not Found"),
        ({"ObjectID": "nothing"}, 17015, "Triggered Send Definition Not Found"),
    ],
)
def test_a_missing_definition_is_refused(
    call: Call, operation: str, said: dict[str, Any], code: int, text: str
) -> None:
    answer = write_objects(call, operation, struct("TriggeredSendDefinition", said))

    assert status(answer) == ("Error", text, code)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"Email": {"ID": 7}}, 17016),
        ({"SendClassification": {"CustomerKey": "none"}}, 17014),
        ({"List": {"ID": 7}}, 17017),
        ({"Name": " "}, 17101),
    ],
)
def test_invalid_changes_of_status_are_refused(call: Call, said: dict[str, Any], code: int) -> None:
    create_one(call)
    before = row_of(call)

    answer = update(call, **said)

    assert status(answer)[2] == code
    assert row_of(call) == before


# Delete and Retrieve.


def test_a_deleted_definition_stays_to_be_read_and_its_key_is_free(call: Call) -> None:
    create_one(call)

    answer = delete(call, CustomerKey="welcome")

    assert status(answer) == ("OK", "TriggeredSendDefinition deleted", 0)
    assert status(create_one(call))[0] == "OK"
    assert asked(call, "CustomerKey", "TriggeredSendStatus") == [
        {"CustomerKey": "welcome", "TriggeredSendStatus": "Deleted"},
        {"CustomerKey": "welcome", "TriggeredSendStatus": "New"},
    ]


def test_definitions_are_found_by_several_statuses(call: Call) -> None:
    for key, wanted in [("a", "New"), ("b", "Active"), ("c", "Inactive")]:
        make_definition(call.account, key, status=wanted)

    found = asked(
        call, "CustomerKey", condition=simple("TriggeredSendStatus", "IN", "Active", "Inactive")
    )

    assert found == [{"CustomerKey": "b"}, {"CustomerKey": "c"}]


def test_nested_properties_come_in_their_objects(call: Call) -> None:
    news = make_list(call.account, "News")
    create_one(call, List={"ID": news})

    (found,) = asked(
        call,
        "Email.ID",
        "List.ID",
        "SendClassification.CustomerKey",
        "SenderProfile.CustomerKey",
        "DeliveryProfile.CustomerKey",
    )

    assert found == {
        "Email.ID": "3099626",
        "List.ID": str(news),
        "SendClassification.CustomerKey": "Default Commercial",
    }


def test_a_definition_shows_the_profiles_that_it_names_itself(call: Call) -> None:
    """Recorded: one that uses those of its classification has none."""
    profile = {"CustomerKey": "Default"}
    create_one(call, SenderProfile=profile, DeliveryProfile=profile)

    (found,) = asked(call, "SenderProfile.CustomerKey", "DeliveryProfile.CustomerKey")

    assert found == {
        "SenderProfile.CustomerKey": "Default",
        "DeliveryProfile.CustomerKey": "Default",
    }


def test_a_definition_that_leaves_its_profiles_to_the_classification_shows_none(
    call: Call,
) -> None:
    create_one(call)

    assert asked(call, "SenderProfile.CustomerKey", "DeliveryProfile.CustomerKey") == [{}]


def test_dates_are_kept_to_the_minute(call: Call) -> None:
    call.account.clock.shown = call.account.now().replace(second=31)
    create_one(call)

    assert asked(call, "CreatedDate") == [{"CreatedDate": "2026-01-01T12:01:00"}]


def test_a_missing_definition_is_not_found(call: Call) -> None:
    answer = retrieve(
        call, "TriggeredSendDefinition", ["Name"], simple("CustomerKey", "equals", "nothing")
    )

    assert overall_status(answer) == "OK"
    assert fields(answer) == []


def test_send_logging_is_taken_from_the_call(call: Call) -> None:
    create_one(call, IsSendLogging=True)

    assert asked(call, "IsSendLogging") == [{"IsSendLogging": "true"}]
    assert messages(call.account) == []


def test_a_filter_that_a_client_cannot_use_is_warned_of(call: Call) -> None:
    create_one(call)

    found = retrieve(
        call,
        "TriggeredSendDefinition",
        ["CustomerKey"],
        simple("TriggeredSendStatus", "equals", "New"),
    )

    assert fields(found) == [{"CustomerKey": "welcome"}]
    (warning,) = call.warnings
    assert "use IN with two values" in warning


@pytest.mark.parametrize(("template", "count"), [("TriggeredSendDataExtension", 0), ("", 1)])
def test_a_source_that_was_not_made_from_its_template_is_warned_of(
    call: Call, template: str, count: int
) -> None:
    wanted = DataExtensionChange(name="Orders", fields=(FieldChange(name="A"),))
    found = find_template(call.account, name=template)
    source = (
        create_from(call.account, found, wanted)
        if found is not None
        else create(call.account, wanted)
    )

    answer = create_one(call, SendSourceDataExtension={"CustomerKey": source.customer_key})

    assert status(answer)[0] == "OK"
    assert len(call.warnings) == count
