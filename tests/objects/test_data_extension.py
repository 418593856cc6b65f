"""DataExtension over SOAP: the answer of each operation."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.support.messages import (
    act_on,
    as_element,
    fields,
    message_from,
    only_result,
    overall_status,
    result_of,
    results,
    retrieve,
    shape,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.samples import CREATE_SEND_LOG, UPDATE_SEND_LOG, message_in

from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_fields import FIELD_TYPES
from sfmc_mock.account.data_extension_templates import DOCUMENTED_TEMPLATE
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.declarations.call import Call
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.wire.struct import Struct

SHARED = Path(__file__).parents[3] / "shared"
EXISTS = (
    "Error",
    "Updating an existing Data Extension definition is not allowed when doing an add-only operation. ",
    310003,
)


def data_extension(**values: object) -> Struct:
    own = values.pop("fields", None)
    given = {**values, "Fields": {"Field": own}} if own else values
    return struct("DataExtension", given)


ID = {"Name": "Id", "FieldType": "Text", "IsPrimaryKey": True, "IsRequired": True}
ORDERS = data_extension(Name="Orders", CustomerKey="orders", fields=[ID, {"Name": "Note"}])


def orders(call: Call) -> DataExtension:
    found = rules.find(call.account, customer_key="orders")
    if found is None:
        write_objects(call, "Create", ORDERS)
        found = rules.find(call.account, customer_key="orders")
    assert found is not None
    return found


def capture(path: str, element: str) -> list[etree._Element]:
    file = SHARED / "captures" / path
    if not file.exists():
        pytest.skip(f"needs {file}, a recorded answer that is not part of the project")
    root = etree.parse(file).getroot()
    return list(root.iter(f"{{http://exacttarget.com/wsdl/partnerAPI}}{element}"))


def seed(call: Call, name: str, operation: str) -> Struct:
    """Return the answer to one of the documented requests."""
    call.warnings.clear()
    return OPERATIONS[operation](call, message_from(message_in(name)))


# Create.


def test_a_creation_answers_like_the_recorded_one(call: Call) -> None:
    (recorded,) = capture("create/DataExtension/ok.xml", "Results")
    root = call.account.db.find("folder", name="Data Extensions")
    assert root is not None
    sent = data_extension(
        CustomerKey="testNew_dataExtension",
        Name="testNew_dataExtension",
        Description="",
        IsSendable=False,
        IsTestable=False,
        RowBasedRetention=False,
        ResetRetentionPeriodOnImport=False,
        DeleteAtEndOfRetentionPeriod=False,
        RetainUntil="",
        CategoryID=root["id"],
        fields=[
            {
                "Name": "testField",
                "DefaultValue": "",
                "MaxLength": 254,
                "IsRequired": True,
                "IsPrimaryKey": False,
                "FieldType": "Text",
            }
        ],
    )

    answer = write_objects(call, "Create", sent)

    (result,) = results(as_element(answer))
    assert shape(result) == shape(recorded)
    assert status(answer) == ("OK", "Data Extension created.", 0)


def test_a_creation_echoes_its_identity(call: Call) -> None:
    answer = write_objects(call, "Create", data_extension(Name="Orders", fields=[ID]))

    result = only_result(answer)
    found = rules.find(call.account, name="Orders")
    assert found is not None
    assert result.text("NewObjectID") == result.text_at("Object.ObjectID") == found.object_id
    assert result.text_at("Object.CustomerKey") == found.customer_key


@pytest.mark.parametrize(
    "sent",
    [
        data_extension(Name="ORDERS", CustomerKey="other", fields=[ID]),
        data_extension(Name="Other", CustomerKey="ORDERS", fields=[ID]),
    ],
)
def test_a_data_extension_with_a_known_name_or_key_is_not_created_again(
    call: Call, sent: Struct
) -> None:
    orders(call)

    assert status(write_objects(call, "Create", sent)) == EXISTS


def test_a_creation_that_may_update_changes_what_exists(call: Call) -> None:
    orders(call)
    sent = data_extension(CustomerKey="orders", Description="new")

    answer = write_objects(call, "Create", sent, save="UpdateAdd")

    assert status(answer) == ("OK", "Data Extension created.", 0)
    assert orders(call).description == "new"


@pytest.mark.parametrize(
    ("operation", "save", "code", "text"),
    [
        ("Create", "Nothing", 68000, "CreateSingle: SaveAction: Nothing violation"),
        ("Create", "Delete", 68000, "CreateSingle: SaveAction: Delete violation"),
        ("Create", "UpdateOnly", 68000, "CreateSingle: SaveAction: UpdateOnly violation"),
        ("Update", "Nothing", 68001, "UpdateSingle: SaveAction: Nothing violation"),
        ("Update", "AddOnly", 68001, "UpdateSingle: SaveAction: AddOnly violation"),
    ],
)
def test_save_actions_against_the_operation_are_refused(
    call: Call, operation: str, save: str, code: int, text: str
) -> None:
    assert status(write_objects(call, operation, ORDERS, save=save)) == ("Error", text, code)


def test_a_creation_with_an_object_id_is_refused(call: Call) -> None:
    sent = data_extension(Name="Orders", ObjectID="x", fields=[ID])

    assert status(write_objects(call, "Create", sent))[2] == 310005


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_an_object_without_a_key_is_refused(call: Call, operation: str) -> None:
    assert status(write_objects(call, operation, data_extension(IsSendable=False)))[2] == 310001


def test_a_refused_creation_is_echoed(call: Call) -> None:
    answer = write_objects(call, "Create", data_extension(Name="Orders"))

    assert answer.text("OverallStatus") == "Error"
    assert only_result(answer).text_at("Object.Name") == "Orders"


# Templates.


def log_from(template: dict[str, object]) -> Struct:
    return data_extension(Name="SendLog", Template=template, fields=[{"Name": "UniqueID"}])


@pytest.mark.parametrize("template", [{"CustomerKey": "SendLog"}, {"Name": "sendlog"}])
def test_the_send_log_is_made_from_its_template(call: Call, template: dict[str, object]) -> None:
    write_objects(call, "Create", log_from(template))

    log = rules.send_log(call.account)
    assert log is not None
    assert [each.name for each in log.fields] == [
        "JobID",
        "ListID",
        "BatchID",
        "SubID",
        "TriggeredSendID",
        "ErrorCode",
        "UniqueID",
    ]
    assert call.warnings == []


def test_the_documented_template_makes_the_send_log_with_a_warning(call: Call) -> None:
    answer = write_objects(call, "Create", log_from({"ObjectID": DOCUMENTED_TEMPLATE.upper()}))

    log = rules.send_log(call.account)
    assert log is not None
    assert status(answer)[0] == "OK"
    assert {"SubID", "SubscriberKey", "EmailAddress"} <= {each.name for each in log.fields}
    assert (log.sendable_field, log.sendable_subscriber_field) == (
        "SubscriberKey",
        "_SubscriberKey",
    )
    assert "documented sample" in call.warnings[0]


def test_the_documented_template_is_unknown_to_a_strict_account(call: Call) -> None:
    call.account.strict = True

    answer = write_objects(call, "Create", log_from({"ObjectID": DOCUMENTED_TEMPLATE}))

    assert status(answer)[2] == 310007
    assert rules.send_log(call.account) is None


def test_an_unknown_template_is_refused(call: Call) -> None:
    answer = write_objects(call, "Create", log_from({"CustomerKey": "nothing"}))

    assert status(answer) == (
        "Error",
        "The Template with the CustomerKey nothing does not exist. ",
        310007,
    )


# Update.


def test_an_update_adds_a_field_and_echoes_what_was_sent(call: Call) -> None:
    orders(call)
    sent = data_extension(CustomerKey="orders", fields=[{"Name": "UniqueID", "MaxLength": 200}])

    answer = write_objects(call, "Update", sent)

    assert status(answer) == ("OK", "Data Extension updated.", 0)
    assert only_result(answer).values["Object"] is sent
    assert orders(call).by_key["uniqueid"].max_length == 200


def test_an_update_of_nothing_is_refused(call: Call) -> None:
    answer = write_objects(call, "Update", data_extension(CustomerKey="nothing"))

    assert status(answer) == (
        "Error",
        "Adding a new Data Extension definition is not allowed when doing an update-only operation. ",
        310004,
    )


def test_an_update_that_may_add_creates(call: Call) -> None:
    answer = write_objects(call, "Update", ORDERS, save="UpdateAdd")

    assert status(answer) == ("OK", "Data Extension updated.", 0)
    assert rules.find(call.account, name="Orders") is not None


def test_a_key_that_is_only_a_name_is_accepted_with_a_warning(call: Call) -> None:
    orders(call)
    write_objects(call, "Create", data_extension(Name="By name", fields=[ID]))
    sent = data_extension(CustomerKey="By name", Description="found")

    answer = write_objects(call, "Update", sent)

    found = rules.find(call.account, name="By name")
    assert found is not None
    assert status(answer)[0] == "OK"
    assert (found.description, found.customer_key) != ("", "By name")
    assert "no data extension has the CustomerKey 'By name'" in call.warnings[0]


def test_a_strict_account_requires_the_key(call: Call) -> None:
    write_objects(call, "Create", data_extension(Name="By name", fields=[ID]))
    call.account.strict = True

    answer = write_objects(call, "Update", data_extension(CustomerKey="By name"))

    assert status(answer)[2] == 310004


def test_an_object_id_names_what_gets_another_key(call: Call) -> None:
    found = orders(call)
    sent = data_extension(ObjectID=found.object_id, CustomerKey="sales", Name="Sales")

    write_objects(call, "Update", sent)

    changed = rules.find(call.account, customer_key="sales")
    assert changed is not None
    assert (changed.id, changed.name) == (found.id, "Sales")


def test_the_type_that_a_field_has_anyway_is_passed_over_with_a_warning(call: Call) -> None:
    orders(call)
    sent = data_extension(
        CustomerKey="orders", fields=[{"Name": "Note", "FieldType": "Text", "MaxLength": 60}]
    )

    answer = write_objects(call, "Update", sent)

    assert status(answer)[0] == "OK"
    assert "FieldType was ignored" in call.warnings[0]


@pytest.mark.parametrize(("strict", "field_type"), [(True, "Text"), (False, "Number")])
def test_another_type_or_a_strict_account_refuses(
    call: Call, strict: bool, field_type: str
) -> None:
    orders(call)
    call.account.strict = strict
    sent = data_extension(CustomerKey="orders", fields=[{"Name": "Note", "FieldType": field_type}])

    assert status(write_objects(call, "Update", sent))[2] == 310007


def test_a_failing_object_leaves_nothing_of_itself_and_the_others_alone(call: Call) -> None:
    orders(call)
    bad = data_extension(
        CustomerKey="orders", Description="lost", fields=[{"Name": "New"}, {"Name": ""}]
    )
    good = data_extension(CustomerKey="orders", fields=[{"Name": "Kept"}])

    answer = write_objects(call, "Update", bad, good)

    assert answer.text("OverallStatus") == "Has Errors"
    assert [each.name for each in orders(call).fields] == ["Id", "Note", "Kept"]
    assert orders(call).description == ""


# Delete and Perform.


def test_a_deletion_answers_like_the_recorded_one(call: Call) -> None:
    (recorded,) = capture("delete/DataExtension/ok.xml", "Results")
    found = orders(call)

    answer = write_objects(call, "Delete", data_extension(CustomerKey="orders"))

    (result,) = results(as_element(answer))
    assert shape(result) == shape(recorded)
    assert only_result(answer).text_at("Object.ObjectID") == found.object_id
    assert status(answer) == ("OK", "Data Extension deleted.", 0)


def test_a_deletion_of_fields_leaves_the_data_extension(call: Call) -> None:
    object_id = orders(call).by_key["note"].object_id
    sent = data_extension(CustomerKey="orders", fields=[{"ObjectID": object_id}])

    answer = write_objects(call, "Delete", sent)

    assert status(answer) == ("OK", "Data Extension Fields deleted", 0)
    assert [each.name for each in orders(call).fields] == ["Id"]


def test_fields_to_delete_must_have_an_object_id(call: Call) -> None:
    orders(call)
    sent = data_extension(CustomerKey="orders", fields=[{"Name": "Note"}])

    assert status(write_objects(call, "Delete", sent))[2] == 310007
    assert len(orders(call).fields) == 2


def test_nothing_to_delete_is_an_error(call: Call) -> None:
    answer = write_objects(call, "Delete", data_extension(CustomerKey="nothing"))

    assert status(answer)[2] == 310007


def perform(call: Call, action: str, key: str) -> Struct:
    return result_of(act_on(call, "Perform", action, struct("DataExtension", CustomerKey=key)))


def test_clear_data_empties_the_data_extension(call: Call) -> None:
    found = orders(call)
    call.account.db.insert(found.table, {"Id": "1"})

    result = perform(call, "ClearData", "orders")

    assert result.text("StatusCode") == "OK"
    assert not rules.has_rows(call.account, found)


@pytest.mark.parametrize(
    ("action", "key", "code"), [("start", "orders", 2), ("ClearData", "x", 310004)]
)
def test_other_actions_and_unknown_keys_are_refused(
    call: Call, action: str, key: str, code: int
) -> None:
    orders(call)

    assert perform(call, action, key).number("ErrorCode") == code


# Retrieve.

PROPERTIES = (
    "CreatedDate",
    "ModifiedDate",
    "ObjectID",
    "CustomerKey",
    "Name",
    "Description",
    "IsSendable",
    "IsTestable",
    "SendableDataExtensionField.Name",
    "SendableSubscriberField.Name",
    "Template.CustomerKey",
    "DataRetentionPeriodLength",
    "DataRetentionPeriodUnitOfMeasure",
    "RowBasedRetention",
    "ResetRetentionPeriodOnImport",
    "DeleteAtEndOfRetentionPeriod",
    "RetainUntil",
    "CategoryID",
)


def test_all_properties_come_back_like_recorded(call: Call) -> None:
    recorded = capture("retrieve/DataExtension/many-properties.xml", "Results")[0]
    sent = data_extension(
        Name="Contacts",
        CustomerKey="contacts",
        Description="bla bla",
        IsSendable=True,
        IsTestable=True,
        SendableDataExtensionField={"Name": "ContactKey"},
        SendableSubscriberField={"Name": "Subscriber Key"},
        DataRetentionPeriodLength=6,
        DataRetentionPeriodUnitOfMeasure=5,
        DeleteAtEndOfRetentionPeriod=True,
        RetainUntil="5/9/2024 12:00:00 AM",
        fields=[{"Name": "ContactKey"}],
    )
    write_objects(call, "Create", sent)

    answer = retrieve(call, "DataExtension", PROPERTIES, simple("Name", "equals", "contacts"))

    (result,) = results(answer)
    assert shape(result) == shape(recorded)
    assert fields(answer)[0]["SendableSubscriberField.Name"] == "_SubscriberKey"
    assert fields(answer)[0]["RetainUntil"] == "5/9/2024 12:00:00 AM"


def test_one_property_comes_back_byte_for_byte_like_recorded(call: Call) -> None:
    (recorded,) = capture("retrieve/DataExtension/one.xml", "Results")
    orders(call)

    (result,) = results(retrieve(call, "DataExtension", ["CustomerKey"]))

    ours, theirs = (
        etree.tostring(each, method="c14n", exclusive=True) for each in (result, recorded)
    )
    assert ours.replace(b"orders", b"DC91A414-6240-48BC-BB89-7F3910D41580") == theirs


def test_a_data_extension_made_from_a_template_names_it(call: Call) -> None:
    sent = data_extension(Name="Domains", Template={"Name": "DomainExclusion"})
    write_objects(call, "Create", sent)

    (found,) = fields(retrieve(call, "DataExtension", ["Template.CustomerKey"]))

    assert found == {"Template.CustomerKey": "086D14D3-5057-462B-AF33-01CA8D1FE87A"}


def test_the_client_is_no_filter(call: Call) -> None:
    answer = retrieve(call, "DataExtension", ["Name"], simple("Client.ID", "equals", "1"))

    assert overall_status(answer) == (
        "Error: The Filter Property 'Client.ID' is not a retrievable property."
    )


# The documented requests.


def test_the_documented_creation_and_update_work_as_printed(call: Call) -> None:
    created = seed(call, CREATE_SEND_LOG, "Create")
    updated = seed(call, UPDATE_SEND_LOG, "Update")

    log = rules.send_log(call.account)
    assert log is not None
    assert status(created) == ("OK", "Data Extension created.", 0)
    assert status(updated) == ("OK", "Data Extension updated.", 0)
    assert (log.name, log.by_key["uniqueid"].max_length) == ("SendLog", 200)


def test_the_documented_requests_can_be_repeated_but_for_the_creation(call: Call) -> None:
    seed(call, CREATE_SEND_LOG, "Create")
    seed(call, UPDATE_SEND_LOG, "Update")

    assert status(seed(call, CREATE_SEND_LOG, "Create")) == EXISTS
    assert status(seed(call, UPDATE_SEND_LOG, "Update"))[0] == "OK"


# Every object sent gets a result.

_TEXTS = st.none() | st.sampled_from(["", "Id", "note", "GetDate()", "5/9/2024", "1", "x" * 200])
_NUMBERS = st.none() | st.sampled_from([-(2**31), -1, 0, 1, 50, 4_000, 2**31 - 1])
_FLAGS = st.none() | st.booleans()
_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "ObjectID": st.none() | st.just("no field"),
        "Name": _TEXTS,
        "FieldType": st.sampled_from(list(FIELD_TYPES)),
        "MaxLength": _NUMBERS,
        "Scale": _NUMBERS,
        "DefaultValue": _TEXTS,
        "IsRequired": _FLAGS,
        "IsPrimaryKey": _FLAGS,
        "Ordinal": _NUMBERS,
    },
)
_DATA_EXTENSIONS = st.fixed_dictionaries(
    {},
    optional={
        "ObjectID": _TEXTS,
        "CustomerKey": st.sampled_from(["orders", "other"]),
        "Name": _TEXTS,
        "Description": _TEXTS,
        "CategoryID": st.none() | st.integers(-(2**63), 2**63 - 1),
        "IsSendable": _FLAGS,
        "SendableDataExtensionField": st.fixed_dictionaries({"Name": _TEXTS}),
        "SendableSubscriberField": st.fixed_dictionaries({"Name": _TEXTS}),
        "Template": st.none() | st.fixed_dictionaries({"Name": _TEXTS}),
        "DataRetentionPeriodLength": _NUMBERS,
        "DataRetentionPeriodUnitOfMeasure": _NUMBERS,
        "RetainUntil": _TEXTS,
        "fields": st.lists(_FIELDS, max_size=3),
    },
)


@given(
    sent=_DATA_EXTENSIONS,
    operation=st.sampled_from(["Create", "Update", "Delete"]),
    save=st.sampled_from([None, "UpdateAdd"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_definition_gets_a_result(
    call: Call, sent: dict[str, object], operation: str, save: str | None
) -> None:
    orders(call)

    code, message, error_code = status(
        write_objects(call, operation, data_extension(**sent), save=save)
    )

    assert (code == "OK") == (error_code == 0)
    assert message


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Subscriber Key", "_SubscriberKey"),
        ("SubscriberKey", "_SubscriberKey"),
        ("Email Address", "_EmailAddress"),
        ("EmailAddress", "_EmailAddress"),
        ("Subscriber ID", "_SubscriberID"),
        ("SubscriberID", "_SubscriberID"),
    ],
)
def test_the_subscribers_side_is_written_with_or_without_a_blank(
    call: Call, written: str, read: str
) -> None:
    """`Subscriber ID`: seen live; `EmailAddress`: printed on a page of the vendor."""
    sent = struct(
        "DataExtension",
        Name="Sendable",
        CustomerKey="sendable",
        IsSendable=True,
        Fields={"Field": [{"Name": "Who", "FieldType": "Number"}]},
        SendableDataExtensionField={"Name": "Who"},
        SendableSubscriberField={"Name": written},
    )

    made = write_objects(call, "Create", sent)

    assert status(made)[0] == "OK"
    answer = retrieve(call, "DataExtension", ["SendableSubscriberField.Name"])
    assert {"SendableSubscriberField.Name": read} in fields(answer)


@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_a_send_relationship_without_is_sendable_is_a_warning(call: Call, operation: str) -> None:
    if operation == "Update":
        orders(call)
        call.warnings.clear()
    relation = {
        "SendableDataExtensionField": {"Name": "Id"},
        "SendableSubscriberField": {"Name": "Subscriber Key"},
    }

    write_objects(call, operation, struct("DataExtension", {**ORDERS.values, **relation}))

    reason = "of the data extension Orders has no effect, and is not kept: it is not sendable. Set IsSendable to true"
    assert [each for each in call.warnings if "sendable" in each] == [
        f"SendableDataExtensionField {reason}",
        f"SendableSubscriberField {reason}",
    ]
