"""EmailSendDefinition: its audience when it is started, tested, counted or scheduled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.messages import (
    act_on,
    fields,
    only_result,
    result_of,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import (
    TRANSACTIONAL,
    advance,
    event_types,
    give_status,
    log_rows,
    make_attribute,
    make_list,
    make_log,
    make_subscriber,
    messages,
)

from sfmc_mock.account import Account
from sfmc_mock.account.data_extension_rows import insert
from sfmc_mock.account.data_extensions import find
from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.call import Call
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write

DAILY = {
    "Recurrence": {
        "xsi:type": "DailyRecurrence",
        "DailyRecurrencePatternType": "Interval",
        "DayInterval": 1,
    },
    "RecurrenceType": "Daily",
    "RecurrenceRangeType": "EndAfter",
    "StartDateTime": "2026-01-02T09:00:00",
    "Occurrences": 2,
}


def definition(*lists: dict[str, Any], key: str = "news", **more: Any) -> Struct:
    values = {
        "CustomerKey": key,
        "Name": key,
        "SendClassification": {"CustomerKey": "Default Commercial"},
        "Email": {"CustomerKey": "send-logging-example"},
        "SendDefinitionList": list(lists),
        **more,
    }
    return struct("EmailSendDefinition", values)


def create(call: Call, *lists: dict[str, Any], **more: Any) -> Struct:
    answer = write_objects(call, "Create", definition(*lists, **more))
    assert status(answer)[0] == "OK", status(answer)
    return only_result(answer)


def to_list(number: int, kind: str = "SourceList", **more: Any) -> dict[str, Any]:
    return {
        "List": {"ID": number},
        "SendDefinitionListType": kind,
        "DataSourceTypeID": "List",
        **more,
    }


def act(
    call: Call, action: str, operation: str = "Perform", schedule: Any = None, **named: Any
) -> Struct:
    """Return the only result of an action with the definition."""
    sent = struct("EmailSendDefinition", named or {"CustomerKey": "news"})
    return result_of(act_on(call, operation, action, sent, schedule=schedule))


def start(call: Call, **named: Any) -> int:
    """Start the definition; return the SendID."""
    result = act(call, "start", **named)
    assert result.text("StatusCode") == "OK", result
    return int(result.text_at("Task.ID") or 0)


def members(call: Call, name: str, *people: str) -> int:
    """Create a list of subscribers whose addresses are their keys."""
    number = make_list(call.account, name)
    for key in people:
        row = call.account.db.find("subscriber", subscriber_key=key)
        found = row["id"] if row else make_subscriber(call.account, key)
        join_list(call.account, found, number)
    return number


def extension(call: Call, *people: dict[str, str], name: str = "People", **more: Any) -> str:
    """Create a sendable data extension with a row for each of the people; return its ObjectID."""
    own: list[dict[str, Any]] = [
        {
            "Name": "SubscriberKey",
            "FieldType": "Text",
            "MaxLength": 100,
            "IsPrimaryKey": True,
            "IsRequired": True,
        },
        {"Name": "Mail", "FieldType": "EmailAddress"},
        {"Name": "Colour", "FieldType": "Text", "MaxLength": 3000},
    ]
    sent = {
        "CustomerKey": name,
        "Name": name,
        "IsSendable": True,
        "SendableDataExtensionField": {"Name": "SubscriberKey"},
        "SendableSubscriberField": {"Name": "Subscriber Key"},
        "Fields": {"Field": own},
        **more,
    }
    answer = write_objects(call, "Create", struct("DataExtension", sent))
    assert status(answer)[0] == "OK", status(answer)
    found = find(call.account, name=name)
    assert found is not None
    for person in people:
        insert(call.account, found, list(person.items()))
    return found.object_id


def send_row(call: Call, send_id: int, *properties: str) -> dict[str, str]:
    condition = simple("ID", "equals", str(send_id))
    (found,) = fields(retrieve(call, "Send", list(properties), condition))
    return found


def people(call: Call) -> list[tuple[str | None, str, int | None]]:
    return [
        (row["subscriber_key"], row["outcome"], row["error_code"]) for row in messages(call.account)
    ]


# Create, Retrieve, Update, Delete.


def test_a_new_definition_is_retrieved_in_the_recorded_order(call: Call) -> None:
    number = members(call, "News", "ada")
    create(call, to_list(number, Name="readers"), DeduplicateByEmail=True, Additional="spring")
    asked = [
        *("ObjectID", "CustomerKey", "IsPlatformObject", "Name", "Description", "CategoryID"),
        *("SendClassification.CustomerKey", "SuppressTracking", "IsSendLogging"),
        *("SendDefinitionList", "Email.ID", "BccEmail", "AutoBccEmail", "TestEmailAddr"),
        *("EmailSubject", "DynamicEmailSubject", "IsMultipart", "IsWrapped"),
        *("DeduplicateByEmail", "ExclusionFilter", "Additional", "CCEmail"),
    ]

    answer = retrieve(call, "EmailSendDefinition", asked)

    (found,) = answer.findall("{*}Results")
    assert [each.tag.rpartition("}")[2] for each in found] == [
        *("PartnerKey", "ObjectID", "CustomerKey", "IsPlatformObject", "Name", "Description"),
        *("CategoryID", "SendClassification", "SuppressTracking", "IsSendLogging"),
        *("SendDefinitionList", "Email", "BccEmail", "AutoBccEmail", "TestEmailAddr"),
        *("EmailSubject", "DynamicEmailSubject", "IsMultipart", "IsWrapped"),
        *("DeduplicateByEmail", "ExclusionFilter", "Additional", "CCEmail"),
    ]
    lists = found.find("{*}SendDefinitionList")
    assert lists is not None
    assert [each.tag.rpartition("}")[2] for each in lists] == [
        *("PartnerKey", "ObjectID", "List", "SendDefinitionListType", "DataSourceTypeID"),
        *("IsTestObject", "SalesForceObjectID", "Name"),
    ]
    assert lists.findtext("{*}Name") == "readers"
    assert lists.findtext("{*}List/{*}ID") == str(number)
    assert found.findtext("{*}EmailSubject") == found.findtext("{*}DynamicEmailSubject") != ""


def test_properties_that_clients_ask_for_are_taken(call: Call) -> None:
    create(call, DeliveryProfile={"CustomerKey": "Default"})
    asked = [
        *("Additional", "AutoBccEmail", "BccEmail", "CategoryID", "CCEmail", "CreatedDate"),
        *("CustomerKey", "DeduplicateByEmail", "DeliveryProfile.CustomerKey"),
        *("DeliveryProfile.PrivateDomain", "DeliveryProfile.PrivateIP", "Description"),
        *("DynamicEmailSubject", "Email.ID", "EmailSubject", "ExclusionFilter", "IsMultipart"),
        *("IsPlatformObject", "IsSendLogging", "IsWrapped", "ModifiedDate", "Name"),
        *("SendClassification.CustomerKey", "SendDefinitionList", "SenderProfile.CustomerKey"),
        *("SendLimit", "SendWindowClose", "SendWindowOpen", "SuppressTracking", "TestEmailAddr"),
    ]

    (found,) = fields(retrieve(call, "EmailSendDefinition", asked))

    assert found["DeliveryProfile.CustomerKey"] == "Default"
    assert "DeliveryProfile.PrivateIP" not in found


def test_an_update_replaces_the_lists_that_it_gives_and_leaves_the_others(call: Call) -> None:
    one, two = members(call, "One", "ada"), members(call, "Two", "bob")
    create(call, to_list(one, Name="mine"))

    renamed = struct("EmailSendDefinition", {"CustomerKey": "news", "Name": "Other"})
    write_objects(call, "Update", renamed)
    kept = call.account.db.find("email_send_definition", customer_key="news") or {}
    write_objects(call, "Update", definition(to_list(two)))
    changed = call.account.db.find("email_send_definition", customer_key="news") or {}

    lists = [json.loads(each["send_definition_list"])[0] for each in (kept, changed)]
    # A list that was given no Name has none (recorded).
    assert [(each["List"]["ID"], each["Name"]) for each in lists] == [(one, "mine"), (two, "")]
    assert kept["name"] == "Other"


def test_delete_shows_the_object_id(call: Call) -> None:
    made = create(call)

    done = only_result(
        write_objects(call, "Delete", struct("EmailSendDefinition", {"CustomerKey": "news"}))
    )

    assert done.text_at("Object.ObjectID") == made.text("NewObjectID")


LIST = {"List": {"ID": 999_999}}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"SendClassification": None}, 42003),
        ({"SendClassification": {"CustomerKey": "none"}}, 42003),
        ({"Email": {"ID": 999_999}}, 42004),
        ({"Email": None}, 42005),
        ({"Email": {"Name": "Welcome"}}, 42006),
        ({"SendDefinitionList": [LIST]}, 42007),
        (
            {"SendDefinitionList": [{"CustomObjectID": "1a3e2c14-580e-de11-b30f-001cc494ae9e"}]},
            42008,
        ),
        ({"TrackingUsers": {"TrackingUser": [{"EmployeeID": 1}]}}, 42009),
        ({"CustomerKey": "k" * 37}, 42100),
        ({"Name": ""}, 42101),
        ({"Email": {"PartnerKey": "none"}}, 42102),
        ({"EmailSubject": "s" * 201}, 42103),
        ({"DynamicEmailSubject": "s" * 201}, 42104),
        ({"EmailSubject": "Hello %%FirstName%"}, 42106),
        ({"BccEmail": "nobody"}, 42107),
        ({"SendWindowOpen": "25:00:00"}, 42108),
        ({"SendWindowClose": "noon"}, 42109),
        ({"SendWindowOpen": "09:00:00", "SendWindowClose": "09:00"}, 42109),
        ({"SendDefinitionList": [{"DataSourceTypeID": "List"}]}, 42110),
        ({"TrackingUsers": {"TrackingUser": [{"IsActive": True}]}}, 42111),
        ({"TestEmailAddr": "me@mock.test, you"}, 42112),
        ({"ExclusionFilter": "1 == 1", "SendDefinitionList": []}, 42113),
        ({"CategoryID": 999_999}, 42115),
        ({"SendDefinitionList": [None]}, 42116),
        ({"SendDefinitionList": [{"DataSourceTypeID": "SalesForceReport"}]}, 42000),
    ],
)
def test_invalid_values_of_a_definition_are_refused_with_their_codes(
    call: Call, more: dict[str, Any], code: int
) -> None:
    answer = write_objects(call, "Create", definition(**more))

    found = status(answer)
    assert found[2] == code
    assert (found[1] or "").startswith("ESD_")
    assert call.account.db.count("email_send_definition") == 0


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"Name": "news"}, 42001),
        ({"CustomerKey": "none"}, 42002),
        ({"ObjectID": "1a3e2c14-580e-de11-b30f-001cc494ae9e"}, 42002),
        ({"ObjectID": "an id"}, 42117),
    ],
)
def test_a_missing_definition_is_refused(call: Call, named: dict[str, Any], code: int) -> None:
    create(call, to_list(members(call, "One", "ada")))

    codes = [
        act(call, "start", **named).number("ErrorCode"),
        act(call, "start", "Schedule", DAILY, **named).number("ErrorCode"),
        status(write_objects(call, "Delete", struct("EmailSendDefinition", named)))[2],
    ]

    assert codes == [code, code, code]


def test_a_data_extension_that_is_not_sendable_is_no_audience(call: Call) -> None:
    plain = extension(call, name="Plain", IsSendable=False, SendableDataExtensionField=None)

    found = status(write_objects(call, "Create", definition({"CustomObjectID": plain})))

    assert found[2] == 42110
    assert call.warnings == ["a data extension that is sent to must be sendable"]


def test_a_property_without_effect_is_a_warning(call: Call) -> None:
    create(call, SendLimit=5, SuppressTracking=True)

    assert {each.split()[0] for each in call.warnings} == {"SendLimit", "SuppressTracking"}


# Perform.


def test_a_start_sends_to_every_member_of_a_list(call: Call) -> None:
    make_log(call.account)
    number = members(call, "News", "ada", "bob")
    make_subscriber(call.account, "cy")
    create(call, to_list(number), IsSendLogging=True)

    send_id = start(call)

    assert people(call) == [("ada", "sent", None), ("bob", "sent", None)]
    assert sorted(map(str, event_types(call.account))) == [
        *("DeliveredEvent", "DeliveredEvent"),
        *("Sent", "Sent"),
    ]
    logged = log_rows(call.account, "JobID", "ListID", "BatchID", "TriggeredSendID", "ErrorCode")
    assert logged == [(send_id, number, 0, None, None)] * 2
    found = send_row(
        call,
        send_id,
        *("NumberSent", "NumberTargeted", "Status", "EmailSendDefinition.CustomerKey", "List.ID"),
    )
    assert found == {
        "NumberSent": "2",
        "NumberTargeted": "2",
        "Status": "Complete",
        "EmailSendDefinition.CustomerKey": "news",
        "List.ID": str(number),
    }


def test_the_result_of_a_start_is_as_documented(call: Call) -> None:
    made = create(call, to_list(members(call, "News", "ada")))

    result = act(call, "Start")

    task = result.part("Task")
    assert task is not None
    assert write(result, "Result", "PerformResult") == (
        "<Result><StatusCode>OK</StatusCode><StatusMessage>EmailSendDefinition performed</StatusMessage>"
        '<Object xsi:type="EmailSendDefinition"><PartnerKey xsi:nil="true" />'
        f"<ObjectID>{made.text('NewObjectID')}</ObjectID><CustomerKey>news</CustomerKey><Name>news</Name></Object>"
        f"<Task><StatusCode>OK</StatusCode><StatusMessage>OK</StatusMessage><ID>{task.text('ID')}</ID>"
        f"<InteractionObjectID>{task.text('InteractionObjectID')}</InteractionObjectID></Task></Result>"
    )


def test_each_start_is_a_job_of_its_own(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))

    first, second = start(call), start(call)

    assert first != second
    assert [send_row(call, each, "NumberSent")["NumberSent"] for each in (first, second)] == [
        "1",
        "1",
    ]


def test_tracking_events_of_a_job_name_no_triggered_send_definition_and_batch_0(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))
    send_id = start(call)
    asked = ["SendID", "BatchID", "SubscriberKey", "TriggeredSendDefinitionObjectID"]

    (found,) = fields(retrieve(call, "SentEvent", asked))

    assert found == {"SendID": str(send_id), "BatchID": "0", "SubscriberKey": "ada"}


@pytest.mark.parametrize(
    ("classification", "expected"),
    [
        ("Default Commercial", {"bob": 1, "cy": 2, "dee": 31}),
        (TRANSACTIONAL, {"cy": 2}),
    ],
)
def test_the_decisions_are_those_of_a_triggered_send(
    call: Call, classification: str, expected: dict[str, int]
) -> None:
    number = members(call, "News", "ada", "bob", "cy", "dee")
    give_status(call.account, "bob", "Unsubscribed")
    give_status(call.account, "cy", "Held")
    dee = call.account.db.find("subscriber", subscriber_key="dee") or {}
    call.account.db.update(
        "list_subscriber", {"status": "Unsubscribed"}, subscriber_id=dee["id"], list_id=number
    )
    create(call, to_list(number), SendClassification={"CustomerKey": classification})

    send_id = start(call)

    assert {key: code for key, outcome, code in people(call) if outcome == "not sent"} == expected
    found = send_row(call, send_id, "NumberSent", "NumberTargeted", "NumberExcluded")
    sent = str(4 - len(expected))
    assert found == {
        "NumberSent": sent,
        "NumberTargeted": sent,
        "NumberExcluded": str(len(expected)),
    }


def test_a_subscriber_on_several_lists_gets_one_message_of_a_job(call: Call) -> None:
    one, two = members(call, "One", "ada", "bob"), members(call, "Two", "bob", "cy")
    create(call, to_list(one), to_list(two))

    send_id = start(call)

    assert [each[0] for each in people(call)] == ["ada", "bob", "cy"]
    assert send_row(call, send_id, "Duplicates", "NumberSent") == {
        "Duplicates": "1",
        "NumberSent": "3",
    }
    of_lists = fields(retrieve(call, "ListSend", ["List.ListName", "NumberSent", "SendID"]))
    assert [(each["List.ListName"], each["NumberSent"]) for each in of_lists] == [
        ("One", "2"),
        ("Two", "1"),
    ]


def test_a_list_without_further_members_adds_no_message_to_a_job(call: Call) -> None:
    one, two = members(call, "One", "ada", "bob"), members(call, "Two", "bob")
    create(call, to_list(one), to_list(two))

    send_id = start(call)

    assert send_row(call, send_id, "Duplicates", "NumberSent") == {
        "Duplicates": "1",
        "NumberSent": "2",
    }


@pytest.mark.parametrize(("deduplicates", "sent"), [(False, 3), (True, 2)])
def test_one_address_gets_one_message_when_asked_for(
    call: Call, deduplicates: bool, sent: int
) -> None:
    number = members(call, "News", "ada", "bob")
    twin = make_subscriber(call.account, "twin", "ADA@mail.example")
    join_list(call.account, twin, number)
    create(call, to_list(number), DeduplicateByEmail=deduplicates)

    send_id = start(call)

    assert send_row(call, send_id, "NumberSent", "Duplicates") == {
        "NumberSent": str(sent),
        "Duplicates": str(3 - sent),
    }


def test_all_subscribers_are_sent_to_by_their_list(call: Call) -> None:
    everybody = call.account.db.find("list", is_all_subscribers=1) or {}
    for key in ("ada", "bob"):
        make_subscriber(call.account, key)
    create(call, to_list(everybody["id"]))

    start(call)

    assert {"ada", "bob"} <= {each[0] for each in people(call)}
    assert act(call, "getmaxcount").text_at("Task.StatusMessage") == str(
        call.account.db.count("subscriber")
    )


def test_excluded_lists_are_not_sent_to(call: Call) -> None:
    number = members(call, "News", "ada", "bob", "cy", "dee", "eve")
    blocked = members(call, "Blocked", "bob")
    opted_out = members(call, "Opted out", "cy")
    table = extension(call, {"SubscriberKey": "dee"}, name="Dees")
    fields_of = [{"Name": "Domain", "FieldType": "Text", "MaxLength": 100}]
    write_objects(
        call,
        "Create",
        struct(
            "DataExtension",
            {"CustomerKey": "Domains", "Name": "Domains", "Fields": {"Field": fields_of}},
        ),
    )
    domains = find(call.account, name="Domains")
    assert domains is not None
    insert(call.account, domains, [("Domain", "GONE.example")])
    call.account.db.update(
        "subscriber", {"email_address": "eve@gone.example"}, subscriber_key="eve"
    )
    create(
        call,
        to_list(number),
        to_list(blocked, "ExclusionList"),
        to_list(opted_out, "OptOutList"),
        {"CustomObjectID": table, "SendDefinitionListType": "ExclusionList"},
        {"CustomObjectID": domains.object_id, "DataSourceTypeID": "DomainExclusion"},
    )

    start(call)

    assert people(call) == [
        ("ada", "sent", None),
        ("bob", "not sent", 102),
        ("cy", "not sent", 28),
        ("dee", "not sent", 102),
        ("eve", "not sent", 23),
    ]


def test_rows_of_a_data_extension_are_sent_to_and_their_columns_are_given(call: Call) -> None:
    make_log(call.account, "Colour")
    make_subscriber(call.account, "bob", "bob@old.example")
    table = extension(
        call,
        {"SubscriberKey": "ada", "Mail": "ada@mail.example", "Colour": "r" * 2500},
        {"SubscriberKey": "bob", "Mail": "bob@new.example", "Colour": "blue"},
        {"SubscriberKey": "cy", "Colour": "none"},
    )
    create(call, {"CustomObjectID": table}, IsSendLogging=True)

    send_id = start(call)

    assert people(call) == [
        ("ada", "sent", None),
        ("bob", "sent", None),
        ("cy", "not sent", 4),
    ]
    assert log_rows(call.account, "EmailAddress", "Colour")[1] == ("bob@new.example", "blue")
    given = json.loads(messages(call.account)[0]["attributes"])
    assert given["Colour"] == "r" * 2500
    # Who is new is added to All Subscribers; who is known keeps the address on record.
    assert call.account.db.count("subscriber", subscriber_key="ada") == 1
    bob = call.account.db.find("subscriber", subscriber_key="bob") or {}
    assert bob["email_address"] == "bob@old.example"
    assert send_row(call, send_id, "MissingAddresses")["MissingAddresses"] == "1"


def test_the_opt_outs_of_a_publication_list_beside_a_data_extension_count(call: Call) -> None:
    number = members(call, "Topic", "ada")
    ada = call.account.db.find("subscriber", subscriber_key="ada") or {}
    call.account.db.update("list_subscriber", {"status": "Unsubscribed"}, subscriber_id=ada["id"])
    table = extension(
        call,
        {"SubscriberKey": "ada", "Mail": "ada@mail.example"},
        {"SubscriberKey": "bob", "Mail": "bob@mail.example"},
    )
    create(call, {"CustomObjectID": table, "List": {"ID": number}})

    start(call)

    assert people(call) == [("ada", "not sent", 31), ("bob", "sent", None)]
    assert {row["list_id"] for row in messages(call.account)} == {number}


def test_a_filter_narrows_the_rows_of_its_data_extension(call: Call) -> None:
    extension(
        call,
        {"SubscriberKey": "ada", "Mail": "ada@mail.example", "Colour": "red"},
        {"SubscriberKey": "bob", "Mail": "bob@mail.example", "Colour": "blue"},
    )
    blue = struct(
        "FilterDefinition",
        {
            "CustomerKey": "blue",
            "Name": "Blue",
            "DataSource": {"xsi:type": "DataExtension", "CustomerKey": "People"},
            "DataFilter": {
                "xsi:type": "SimpleFilterPart",
                "Property": "Colour",
                "SimpleOperator": "equals",
                "Value": ["BLUE"],
            },
        },
    )
    assert status(write_objects(call, "Create", blue))[0] == "OK"
    create(
        call,
        {"DataSourceTypeID": "FilterDefinition", "FilterDefinition": {"CustomerKey": "blue"}},
    )

    start(call)

    assert [each[0] for each in people(call)] == ["bob"]
    assert act(call, "getmaxcount").text_at("Task.StatusMessage") == "1"


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("Shade", "equals", "DARK", ["ada"]),
        ("Shade", "isNull", "", ["cy"]),
        ("Age", "greaterThan", "9", ["ada"]),
        ("SubscriberKey", "like", "c", ["cy"]),
        ("Status", "notEquals", "Held", ["ada", "bob", "cy"]),
    ],
)
def test_a_filter_narrows_the_members_of_a_list(
    call: Call, name: str, operator: str, value: str, expected: list[str]
) -> None:
    make_attribute(call.account, "Shade")
    make_attribute(call.account, "Age", property_type="double")
    number = members(call, "News", "ada", "bob", "cy")
    for key, shade, age in (("ada", "dark", "10"), ("bob", "light", "2")):
        given = json.dumps({"Shade": shade, "Age": age})
        call.account.db.update("subscriber", {"attributes": given}, subscriber_key=key)
    narrowed = struct(
        "FilterDefinition",
        {
            "CustomerKey": "some",
            "Name": "Some",
            "DataFilter": {
                "xsi:type": "SimpleFilterPart",
                "Property": name,
                "SimpleOperator": operator,
                **({"Value": [value]} if value else {}),
            },
        },
    )
    assert status(write_objects(call, "Create", narrowed))[0] == "OK"
    create(
        call,
        {
            "List": {"ID": number},
            "DataSourceTypeID": "FilterDefinition",
            "FilterDefinition": {"CustomerKey": "some"},
        },
    )

    start(call)

    assert [each[0] for each in people(call)] == expected
    assert act(call, "getmaxcount").text_at("Task.StatusMessage") == str(len(expected))


def test_a_row_that_is_related_by_its_address_is_sent_to_there(call: Call) -> None:
    table = extension(
        call,
        {"SubscriberKey": "1", "Mail": "ada@mail.example"},
        SendableDataExtensionField={"Name": "Mail"},
        SendableSubscriberField={"Name": "Email Address"},
    )
    create(call, {"CustomObjectID": table})

    start(call)

    assert people(call) == [("ada@mail.example", "sent", None)]


def test_a_perform_can_give_another_sender(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))

    send_id = start(call, CustomerKey="news", SenderProfile={"FromName": "The Boss"})

    assert send_row(call, send_id, "FromName")["FromName"] == "The Boss"


def test_get_max_count_counts_all_members(call: Call) -> None:
    number = members(call, "News", "ada", "bob", "cy")
    give_status(call.account, "bob", "Held")
    create(call, to_list(number))

    result = act(call, "GetMaxCount", CustomerKey="news")

    assert result.text("StatusMessage") == "Task status message holds the requested value."
    assert result.text_at("Task.StatusMessage") == "3"
    assert people(call) == []


def test_a_test_goes_to_test_lists_and_the_test_address(call: Call) -> None:
    readers, testers = members(call, "News", "ada"), members(call, "Testers", "bob")
    create(
        call,
        to_list(readers),
        to_list(testers, IsTestObject=True),
        TestEmailAddr="me@mail.example",
    )

    tested = act(call, "test")
    started = people(call)
    start(call)

    assert tested.text("StatusCode") == "OK"
    assert [each[0] for each in started] == ["bob", "me@mail.example"]
    assert [each[0] for each in people(call)] == ["bob", "me@mail.example", "ada"]


@pytest.mark.parametrize(
    ("action", "code"),
    [("test", 42110), ("pause", 42000), ("restart", 42000), ("dance", 2)],
)
def test_an_invalid_action_is_refused(call: Call, action: str, code: int) -> None:
    create(call, to_list(members(call, "News", "ada")))

    assert act(call, action).number("ErrorCode") == code


def test_an_email_without_a_body_is_not_sent(call: Call) -> None:
    write_objects(call, "Create", struct("Email", {"CustomerKey": "empty", "Name": "Empty"}))
    create(call, to_list(members(call, "News", "ada")), Email={"CustomerKey": "empty"})

    assert act(call, "start").number("ErrorCode") == 42105


@pytest.mark.parametrize(
    ("gone", "code"), [("list", 42007), ("data_extension", 42008)], ids=["list", "data extension"]
)
def test_a_start_with_a_deleted_part_is_refused(call: Call, gone: str, code: int) -> None:
    number, table = members(call, "News", "ada"), extension(call)
    create(call, to_list(number), {"CustomObjectID": table})
    name, object_type, sent = (
        ("News", "List", {"ID": number})
        if gone == "list"
        else ("People", "DataExtension", {"CustomerKey": "People"})
    )
    assert status(write_objects(call, "Delete", struct(object_type, sent)))[0] == "OK", name

    assert act(call, "start").number("ErrorCode") == code


# Schedule.


def test_a_scheduled_definition_is_sent_at_its_times(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))

    result = act(call, "start", "Schedule", DAILY)
    first = int(result.text_at("Task.ID") or 0)
    before = send_row(call, first, "Status", "SendDate", "SentDate", "NumberSent")
    advance(call.account, days=1)
    after = send_row(call, first, "Status", "SentDate", "NumberSent")
    advance(call.account, days=5)

    assert result.text("StatusMessage") == "EmailSendDefinition scheduled"
    assert before == {
        "Status": "Scheduled",
        "SendDate": "2026-01-02T09:00:00",
        "NumberSent": "0",
    }
    assert after == {"Status": "Complete", "SentDate": "2026-01-02T09:00:00", "NumberSent": "1"}
    sent = fields(retrieve(call, "Send", ["SentDate", "Status"]))
    assert sent == [
        {"SentDate": "2026-01-02T09:00:00", "Status": "Complete"},
        {"SentDate": "2026-01-03T09:00:00", "Status": "Complete"},
    ]


def test_the_result_of_a_schedule_is_as_documented(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))
    sent = {**DAILY, "StartDateTime": "2026-05-16T12:32:00-06:00", "Occurrences": 1}

    result = act(call, "start", "Schedule", sent)

    assert write(result, "Result", "ScheduleResult") == (
        "<Result><StatusCode>OK</StatusCode><StatusMessage>EmailSendDefinition scheduled</StatusMessage>"
        '<Object><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" /><Recurrence xsi:type="DailyRecurrence">'
        "<DailyRecurrencePatternType>Interval</DailyRecurrencePatternType><DayInterval>1</DayInterval></Recurrence>"
        "<RecurrenceType>Daily</RecurrenceType><RecurrenceRangeType>EndAfter</RecurrenceRangeType>"
        "<StartDateTime>2026-05-16T12:32:00-06:00</StartDateTime><Occurrences>1</Occurrences></Object>"
        "<Task><StatusCode>OK</StatusCode><StatusMessage>OK</StatusMessage>"
        f"<ID>{result.text_at('Task.ID')}</ID></Task></Result>"
    )


def test_a_send_cannot_be_scheduled_for_the_past(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))

    result = act(call, "start", "Schedule", {**DAILY, "StartDateTime": "2026-01-01T11:59:00"})

    assert result.number("ErrorCode") == 140
    assert call.account.db.count("schedule") == 0


def test_another_schedule_cancels_the_job_of_the_one_before(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))
    first = int(act(call, "start", "Schedule", DAILY).text_at("Task.ID") or 0)

    act(call, "start", "Schedule", {**DAILY, "StartDateTime": "2026-01-05T09:00:00"})
    advance(call.account, days=30)

    assert send_row(call, first, "Status")["Status"] == "Canceled"
    assert [each[0] for each in people(call)] == ["ada", "ada"]


def test_a_deleted_definition_sends_nothing_more(call: Call) -> None:
    create(call, to_list(members(call, "News", "ada")))
    first = int(act(call, "start", "Schedule", DAILY).text_at("Task.ID") or 0)

    write_objects(call, "Delete", struct("EmailSendDefinition", {"CustomerKey": "news"}))
    advance(call.account, days=30)

    assert people(call) == []
    assert send_row(call, first, "Status")["Status"] == "Canceled"


def test_a_scheduled_send_whose_list_is_gone_is_canceled(call: Call) -> None:
    table = extension(call, {"SubscriberKey": "ada", "Mail": "ada@mail.example"})
    create(call, {"CustomObjectID": table})
    first = int(act(call, "start", "Schedule", DAILY).text_at("Task.ID") or 0)

    write_objects(call, "Delete", struct("DataExtension", {"CustomerKey": "People"}))
    advance(call.account, days=30)

    assert people(call) == []
    assert send_row(call, first, "Status")["Status"] == "Canceled"


# Seed files.

SEED = """
[[list]]
name = "News"

[[email_send_definition]]
key = "news"
name = "News"
send_classification = "Default Commercial"
email = "send-logging-example"
audience = ["News", {list = "News", type = "ExclusionList"}]
"""


def test_a_seed_file_gives_the_audience_and_an_export_says_it_again() -> None:
    first, second = Account(Database()), Account(Database())
    load(first, parse_seed(SEED))
    text = dump(first)

    load(second, parse_seed(text))

    kept = [
        (each.db.find("email_send_definition", customer_key="news") or {})["send_definition_list"]
        for each in (first, second)
    ]
    assert kept[0] == kept[1]
    assert [each["SendDefinitionListType"] for each in json.loads(kept[0])] == [
        "SourceList",
        "ExclusionList",
    ]


def test_a_definition_of_a_seed_file_needs_no_email() -> None:
    account = Account(Database())

    load(account, parse_seed('[[email_send_definition]]\nkey = "news"\nname = "News"\n'))

    found = account.db.find("email_send_definition", customer_key="news") or {}
    assert (found["name"], found["email_id"], found["email_subject"]) == ("News", None, None)
