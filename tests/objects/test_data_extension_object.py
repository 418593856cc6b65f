"""Rows of data extensions over SOAP."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.support.messages import (
    as_element,
    message_from,
    only_result,
    overall_status,
    results,
    retrieve,
    rows,
    shape,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.samples import RETRIEVE_SEND_LOG, message_in
from tests.support.sending import add_log_rows

from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extension_rows import insert
from sfmc_mock.account.data_extension_templates import create_from, find_template
from sfmc_mock.account.data_extensions import DataExtension, DataExtensionChange
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import data_extension_object
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.wire.struct import Struct

SHARED = Path(__file__).parents[3] / "shared"
ORDERS = "DataExtensionObject[orders]"
FIELDS = (
    FieldChange(name="Id", is_primary_key=True),
    FieldChange(name="Note"),
    FieldChange(name="Level", field_type="Number"),
    FieldChange(name="Price", field_type="Decimal", scale=2),
    FieldChange(name="Paid", field_type="Boolean"),
    FieldChange(name="When", field_type="Date"),
)


@pytest.fixture
def orders(call: Call) -> DataExtension:
    """An empty data extension Orders, with the key `orders` and a field of each kind of column."""
    wanted = DataExtensionChange(name="All orders", customer_key="orders", fields=FIELDS)
    return rules.create(call.account, wanted)


@pytest.fixture
def log(call: Call) -> DataExtension:
    """A send log called SendLog, with a column UniqueID and two rows."""
    template = find_template(call.account, name="SendLog")
    assert template is not None
    unique_id = FieldChange(name="UniqueID", max_length=200)
    wanted = DataExtensionChange(name="SendLog", fields=(unique_id,))
    made = create_from(call.account, template, wanted)
    logged = [{"JobID": 7, "BatchID": 1, "SubID": each, "UniqueID": f"u{each}"} for each in (1, 2)]
    add_log_rows(call.account, logged)
    return made


def row(
    *values: tuple[str, str | None],
    keys: tuple[tuple[str, str], ...] = (),
    of: Mapping[str, str] | None = None,
) -> Struct:
    """Return a row of the data extension `of`, by default `orders`."""
    given: dict[str, object] = dict(of or {"CustomerKey": "orders"})
    if values:
        given["Properties"] = {"Property": [{"Name": n, "Value": v} for n, v in values]}
    if keys:
        given["Keys"] = {"Key": [{"Name": n, "Value": v} for n, v in keys]}
    return struct("DataExtensionObject", given)


def put(call: Call, found: DataExtension, **values: str) -> None:
    insert(call.account, found, list(values.items()))


# Writing.


@pytest.mark.parametrize(
    ("operation", "sent", "kind"),
    [
        ("Create", row(("Id", "2")), "DataExtensionCreateResult"),
        ("Update", row(("Id", "1"), ("Note", "x")), "DataExtensionUpdateResult"),
        ("Delete", row(keys=(("Id", "1"),)), "DataExtensionDeleteResult"),
    ],
)
def test_results_are_of_classes_of_their_own_and_echo_the_row(
    call: Call, orders: DataExtension, operation: str, sent: Struct, kind: str
) -> None:
    put(call, orders, Id="1")

    answer = write_objects(call, operation, sent)

    result = only_result(answer)
    assert result.type == kind
    assert status(answer) == ("OK", f"{operation}d DataExtensionObject", 0)
    assert result.values["Object"] is sent


def test_a_created_row_is_answered_like_recorded(call: Call, orders: DataExtension) -> None:
    answer = write_objects(call, "Create", row(("Id", "1")))

    (result,) = results(as_element(answer))
    assert shape(result) == [
        "Results",
        "Results/StatusCode",
        "Results/StatusMessage",
        "Results/OrdinalID",
        "Results/NewID",
        "Results/Object",
        "Results/Object/PartnerKey=nil",
        "Results/Object/ObjectID=nil",
        "Results/Object/CustomerKey",
        "Results/Object/Properties",
        "Results/Object/Properties/Property",
        "Results/Object/Properties/Property/Name",
        "Results/Object/Properties/Property/Value",
    ]


def test_invalid_values_are_reported_column_by_column(call: Call, orders: DataExtension) -> None:
    answer = write_objects(call, "Create", row(("Id", ""), ("Level", "x"), ("No", "y")))

    result = only_result(answer)
    (key_error,) = result.wrapped("KeyErrors", "KeyError")
    value_errors = result.wrapped("ValueErrors", "ValueError")
    assert (key_error.text("Name"), key_error.number("ErrorCode")) == ("Id", 70004)
    assert [each.text("Name") for each in value_errors] == ["Level", "No"]
    assert status(answer) == (
        "Error",
        f"Unable to save rows for data extension ID {orders.object_id}",
        70000,
    )
    assert "No: Invalid column name 'No'." in (result.text("ErrorMessage") or "")


def test_a_refusal_is_written_in_the_order_of_the_schema(call: Call, orders: DataExtension) -> None:
    answer = write_objects(call, "Create", row(("Id", ""), ("Level", "x")))

    (result,) = results(as_element(answer))
    assert [etree.QName(each).localname for each in result] == [
        "StatusCode",
        "StatusMessage",
        "OrdinalID",
        "ErrorCode",
        "NewID",
        "Object",
        "ErrorMessage",
        "KeyErrors",
        "ValueErrors",
    ]


def test_a_key_that_exists_is_a_violation(call: Call, orders: DataExtension) -> None:
    put(call, orders, Id="1")

    answer = write_objects(call, "Create", row(("Id", "1")))

    message = only_result(answer).text("ErrorMessage") or ""
    assert message.startswith("Violation of PRIMARY KEY constraint")
    assert status(answer)[2] == 71005


@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_a_row_may_be_added_or_updated(call: Call, orders: DataExtension, operation: str) -> None:
    for note in ("first", "second"):
        answer = write_objects(call, operation, row(("Id", "1"), ("Note", note)), save="UpdateAdd")
        assert status(answer)[0] == "OK"

    assert rows(retrieve(call, ORDERS, ["Id", "Note"])) == [{"Id": "1", "Note": "second"}]


@pytest.mark.parametrize(
    ("operation", "save", "code"),
    [("Create", "UpdateOnly", 68000), ("Create", "Nothing", 68000), ("Update", "AddOnly", 68001)],
)
def test_save_actions_against_the_operation_are_refused(
    call: Call, orders: DataExtension, operation: str, save: str, code: int
) -> None:
    answer = write_objects(call, operation, row(("Id", "1")), save=save)

    assert status(answer)[2] == code


def test_an_update_without_its_row_adds_nothing(call: Call, orders: DataExtension) -> None:
    answer = write_objects(call, "Update", row(("Id", "1"), ("Note", "x")))

    assert status(answer)[0] == "Error"
    assert not rules.has_rows(call.account, orders)


@pytest.mark.parametrize("name", ["CustomerKey", "Name", "ObjectID"])
def test_a_row_names_its_data_extension_by_any_identity(
    call: Call, orders: DataExtension, name: str
) -> None:
    identity = {
        "CustomerKey": "orders",
        "Name": "all ORDERS",
        "ObjectID": orders.object_id.upper(),
    }[name]

    answer = write_objects(call, "Create", row(("Id", "1"), of={name: identity}))

    assert status(answer)[0] == "OK"
    assert call.warnings == []


def test_a_name_in_the_place_of_the_key_is_accepted_with_a_warning(
    call: Call, orders: DataExtension
) -> None:
    answer = write_objects(call, "Create", row(("Id", "1"), of={"CustomerKey": "All orders"}))

    assert status(answer)[0] == "OK"
    assert "no data extension has the CustomerKey 'All orders'" in call.warnings[0]


@pytest.mark.parametrize(("strict", "key"), [(True, "All orders"), (False, "nothing")])
def test_an_unknown_data_extension_is_reported(
    call: Call, orders: DataExtension, strict: bool, key: str
) -> None:
    call.account.strict = strict

    answer = write_objects(call, "Create", row(("Id", "1"), of={"CustomerKey": key}))

    assert status(answer) == ("Error", f"Data extension does not exist: {key}", 70003)


def test_one_bad_row_fails_only_its_own_result(call: Call, orders: DataExtension) -> None:
    sent = [row(("Id", "1")), row(("Id", "2"), ("Level", "x")), row(("Id", "3"))]

    answer = write_objects(call, "Create", *sent)

    assert [each.text("StatusCode") for each in answer.parts("Results")] == ["OK", "Error", "OK"]
    assert answer.text("OverallStatus") == "Has Errors"
    assert [each["Id"] for each in rows(retrieve(call, ORDERS, ["Id"]))] == ["1", "3"]


# Reading.


def test_a_row_is_written_like_recorded(call: Call, orders: DataExtension) -> None:
    put(call, orders, Id="1")

    (result,) = results(retrieve(call, ORDERS, ["Id", "Note"]))

    assert result.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "DataExtensionObject"
    assert shape(result) == [
        "Results",
        "Results/PartnerKey=nil",
        "Results/ObjectID=nil",
        "Results/Type",
        "Results/Properties",
        "Results/Properties/Property",
        "Results/Properties/Property/Name",
        "Results/Properties/Property/Value",
        "Results/Properties/Property",
        "Results/Properties/Property/Name",
        "Results/Properties/Property/Value=empty",
    ]


def test_cells_are_written_as_their_types_demand(call: Call, orders: DataExtension) -> None:
    put(call, orders, Id="<1>", Level="-5", Price="1.5", Paid="no", When="2024-05-09T13:02:03.5")

    (found,) = rows(retrieve(call, ORDERS, [each.name or "" for each in FIELDS]))

    assert found == {
        "Id": "<1>",
        "Note": "",
        "Level": "-5",
        "Price": "1.50",
        "Paid": "False",
        "When": "5/9/2024 1:02:03 PM",
    }


def test_columns_come_in_the_order_and_spelling_asked_for(
    call: Call, orders: DataExtension
) -> None:
    put(call, orders, Id="1", Note="x")

    (found,) = rows(retrieve(call, ORDERS, ["nOTE", "_customobjectkey", "ID"]))

    assert list(found.items()) == [("nOTE", "x"), ("_customobjectkey", "1"), ("ID", "1")]
    assert call.warnings == []


def test_rows_know_when_they_were_made_and_changed(call: Call, orders: DataExtension) -> None:
    put(call, orders, Id="1")

    (found,) = rows(retrieve(call, ORDERS, ["_CreatedDate", "_ModifiedDate"]))

    assert set(found.values()) == {"1/1/2026 12:00:00 PM"}


@pytest.mark.parametrize("argument", ["orders", "ORDERS", "All orders", " all orders "])
def test_the_brackets_hold_a_key_or_a_name(
    call: Call, orders: DataExtension, argument: str
) -> None:
    put(call, orders, Id="1")

    assert len(rows(retrieve(call, f"DataExtensionObject[{argument}]", ["Id"]))) == 1


def test_a_key_goes_before_a_name(call: Call, orders: DataExtension) -> None:
    other = DataExtensionChange(name="orders", fields=FIELDS)
    put(call, rules.create(call.account, other), Id="by name")
    put(call, orders, Id="by key")

    assert rows(retrieve(call, ORDERS, ["Id"])) == [{"Id": "by key"}]


def test_a_retrieve_follows_each_change_of_what_its_brackets_mean(
    call: Call, orders: DataExtension
) -> None:
    def asked(*names: str) -> object:
        answer = retrieve(call, "DataExtensionObject[All orders]", list(names))
        return rows(answer) if overall_status(answer) == "OK" else overall_status(answer)

    put(call, orders, Id="1")
    assert asked("Id") == [{"Id": "1"}]
    rules.change(call.account, orders, DataExtensionChange(fields=(FieldChange(name="More"),)))
    assert asked("Id", "More") == [{"Id": "1", "More": ""}]
    with suppress(LookupError), call.account.db.atomic():
        gone = rules.find(call.account, customer_key="orders")
        assert gone is not None
        rules.delete(call.account, gone)
        assert "does not exist" in str(asked("Id"))
        raise LookupError
    assert asked("Id") == [{"Id": "1"}]
    by_key = DataExtensionChange(name="other", customer_key="All orders", fields=FIELDS)
    put(call, rules.create(call.account, by_key), Id="2")

    assert asked("Id") == [{"Id": "2"}]
    assert asked("Id", "More") == "Error: Invalid column name 'More'."


@pytest.mark.parametrize(
    ("object_type", "name"),
    [("DataExtensionObject[nothing]", "nothing"), ("DataExtensionObject", "")],
)
def test_an_unknown_data_extension_cannot_be_retrieved(
    call: Call, object_type: str, name: str
) -> None:
    answer = retrieve(call, object_type, ["Id"])

    assert overall_status(answer) == f"Error: Data extension does not exist: {name}"


def test_an_unknown_column_is_named(call: Call, orders: DataExtension) -> None:
    asked = retrieve(call, ORDERS, ["Id", "Colour"])
    filtered = retrieve(call, ORDERS, ["Id"], simple("No'pe", "equals", "x"))

    assert overall_status(asked) == "Error: Invalid column name 'Colour'."
    assert (
        overall_status(filtered)
        == "Error: The Filter Property 'No'pe' is not a retrievable property."
    )


@pytest.mark.parametrize("name", ["CreatedDate", "Client.ID"])
def test_a_filter_on_what_is_no_column_is_refused_as_of_every_object(
    call: Call, orders: DataExtension, name: str
) -> None:
    """Seen live."""
    answer = retrieve(call, ORDERS, ["Id"], simple(name, "equals", "1"))

    assert overall_status(answer) == (
        f"Error: The Filter Property '{name}' is not a retrievable property."
    )


@pytest.mark.parametrize("properties", [(("Id", "1"),), ()])
def test_a_delete_without_keys_deletes_nothing(
    call: Call, orders: DataExtension, properties: tuple[tuple[str, str], ...]
) -> None:
    """Seen live: a Java SDK puts the key among the Properties."""
    put(call, orders, Id="1")

    answer = write_objects(call, "Delete", row(*properties))

    assert status(answer) == ("Error", "Keys Not Found", 310007)
    assert rows(retrieve(call, ORDERS, ["Id"])) == [{"Id": "1"}]


def test_properties_are_mandatory(call: Call, orders: DataExtension) -> None:
    assert overall_status(retrieve(call, ORDERS, [])).startswith("Error: ")


def test_a_star_finds_nothing_without_an_error(call: Call, orders: DataExtension) -> None:
    put(call, orders, Id="1")

    answer = retrieve(call, ORDERS, ["*"])

    assert (overall_status(answer), results(answer)) == ("OK", [])


@pytest.mark.parametrize(
    ("name", "operator", "values", "found"),
    [
        ("Id", "equals", ["A"], ["a"]),
        ("Id", "notEquals", ["A"], ["b", "c"]),
        ("Id", "IN", ["A", "C"], ["a", "c"]),
        ("Id", "greaterThan", ["A"], ["b", "c"]),
        ("Note", "isNull", [], ["b", "c"]),
        ("Note", "isNotNull", [""], ["a"]),
        ("Level", "greaterThan", ["9"], ["b"]),
        ("Level", "between", ["9", "10"], ["a", "b"]),
        ("Price", "greaterThan", ["9.5"], ["b"]),
        ("Price", "equals", ["9.50"], ["a"]),
        ("Paid", "equals", ["True"], ["a"]),
        ("Paid", "notEquals", ["true"], ["b"]),
        ("When", "lessThan", ["5/9/2024 1:00:00 PM"], ["a"]),
        ("When", "greaterThanOrEqual", ["2024-05-09T13:00:00"], ["b"]),
        ("When", "equals", ["2024-05-09T18:00:00Z"], ["a"]),
        ("_CustomObjectKey", "greaterThan", ["1"], ["b", "c"]),
    ],
)
def test_filters_compare_by_the_type_of_the_column(
    call: Call,
    orders: DataExtension,
    name: str,
    operator: str,
    values: list[str],
    found: list[str],
) -> None:
    put(call, orders, Id="a", Note="n", Level="9", Price="9.5", Paid="1", When="5/9/2024 12:00 PM")
    put(call, orders, Id="b", Level="10", Price="10.25", Paid="0", When="2024-05-09T13:00")
    put(call, orders, Id="c")

    answer = retrieve(call, ORDERS, ["Id"], simple(name, operator, *values))

    assert [each["Id"] for each in rows(answer)] == found


def test_like_is_not_for_rows(call: Call, orders: DataExtension) -> None:
    answer = retrieve(call, ORDERS, ["Id"], simple("Note", "like", "x"))

    assert overall_status(answer).startswith("Error: The operator 'like' is not supported")


@pytest.mark.parametrize(
    ("name", "value"),
    [("Level", "many"), ("Level", "9" * 30), ("Price", "much"), ("When", "soon"), ("When", "Z")],
)
def test_a_value_of_another_type_refuses_the_filter(
    call: Call, orders: DataExtension, name: str, value: str
) -> None:
    answer = retrieve(call, ORDERS, ["Id"], simple(name, "equals", value))

    assert overall_status(answer).startswith("Error: ")


def test_thousands_of_alternatives_are_one_filter(call: Call, orders: DataExtension) -> None:
    put(call, orders, Id="2999")
    alternatives = [simple("Id", "equals", str(number)) for number in range(3_000)]
    condition = Struct(
        "ComplexFilterPart",
        {
            "LeftOperand": alternatives[0],
            "LogicalOperator": "OR",
            "RightOperand": alternatives[1],
            "AdditionalOperands": Struct(
                "ComplexFilterPart.AdditionalOperands", {"Operand": alternatives[2:]}
            ),
        },
    )

    assert rows(retrieve(call, ORDERS, ["Id"], condition)) == [{"Id": "2999"}]


def test_pages_follow_one_another(call: Call, orders: DataExtension) -> None:
    for number in range(5):
        put(call, orders, Id=str(number))
    call.page_size = 2

    pages = [retrieve(call, ORDERS, ["Id"])]
    for turn in (2, 3):
        continued, call.request_id = call.request_id, f"request-{turn}"
        pages.append(retrieve(call, "", [], ContinueRequest=continued))

    assert [[each["Id"] for each in rows(page)] for page in pages] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]
    assert [overall_status(page) for page in pages] == [*["MoreDataAvailable"] * 2, "OK"]


# The send log.


def test_the_log_is_asked_for_subscriber_id_under_that_name(call: Call, log: DataExtension) -> None:
    asked = ["JobID", "BatchID", "SubscriberID"]

    answer = retrieve(
        call, "DataExtensionObject[SendLog]", asked, simple("UniqueID", "equals", "U2")
    )

    assert rows(answer) == [{"JobID": "7", "BatchID": "1", "SubscriberID": "2"}]
    assert len(call.warnings) == 1
    assert "SubID" in call.warnings[0]


def test_the_log_is_filtered_by_subscriber_id(call: Call, log: DataExtension) -> None:
    answer = retrieve(
        call, "DataExtensionObject[SendLog]", ["UniqueID"], simple("SubscriberID", "equals", "1")
    )

    assert rows(answer) == [{"UniqueID": "u1"}]


def test_a_strict_account_knows_no_subscriber_id(call: Call, log: DataExtension) -> None:
    call.account.strict = True

    answer = retrieve(call, "DataExtensionObject[SendLog]", ["SubscriberID"])

    assert overall_status(answer) == "Error: Invalid column name 'SubscriberID'."


def test_a_column_of_that_name_goes_before_the_alias(call: Call, log: DataExtension) -> None:
    own = FieldChange(name="SubscriberID", default_value="own")
    rules.change(call.account, log, DataExtensionChange(fields=(own,)))
    add_log_rows(call.account, [{"UniqueID": "u3", "SubID": 3}])

    answer = retrieve(
        call, "DataExtensionObject[SendLog]", ["SubscriberID"], simple("UniqueID", "equals", "u3")
    )

    assert rows(answer) == [{"SubscriberID": "own"}]


def test_other_data_extensions_have_no_alias(call: Call, orders: DataExtension) -> None:
    answer = retrieve(call, ORDERS, ["SubscriberID"])

    assert overall_status(answer) == "Error: Invalid column name 'SubscriberID'."


def test_the_documented_retrieve_works(call: Call, log: DataExtension) -> None:
    unique_id = "111-111-2323123-21312321-213213"
    add_log_rows(call.account, [{"JobID": 1, "BatchID": 2, "SubID": 3, "UniqueID": unique_id}])

    answer = OPERATIONS["Retrieve"](call, message_from(message_in(RETRIEVE_SEND_LOG)))

    assert rows(as_element(answer)) == [{"JobID": "1", "BatchID": "2", "SubscriberID": "3"}]


# The requests of real clients.


def clients(kind: str) -> list[Path]:
    return sorted((SHARED / "requests").glob(f"*/{kind}-DataExtensionObject*.xml"))


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_rows_of_real_clients_are_taken(call: Call, operation: str) -> None:
    files = clients(operation)
    if not files:
        pytest.skip("needs ../shared/requests, requests of real clients, not part of the project")
    for file in files:
        (body,) = (
            each for each in etree.parse(file).getroot() if etree.QName(each).localname == "Body"
        )
        message = message_from(body[0])
        for sent in message.parts("Objects"):
            _prepare(call, sent, exists=operation != "Create")

        answer = OPERATIONS[operation](call, message)

        assert answer.text("OverallStatus") == "OK", file


def _prepare(call: Call, sent: Struct, *, exists: bool) -> None:
    key = sent.text("CustomerKey") or ""
    fields = tuple(
        FieldChange(name=name, is_primary_key=name == "Id")
        for name in ("Id", "Note", "Amount", "When")
    )
    found = rules.find(call.account, customer_key=key) or rules.create(
        call.account, DataExtensionChange(name=key, customer_key=key, fields=fields)
    )
    if exists:
        cells = [*sent.wrapped("Keys", "Key"), *sent.wrapped("Properties", "Property")]
        given = {each.text("Name"): each.text("Value") for each in cells}
        insert(call.account, found, [("Id", given["Id"])])


# Names and values of any kind.

_NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\"'[]`;-%_? "),
    min_size=1,
    max_size=15,
).filter(lambda name: name.strip() == name and name != "*" and "￾" not in name and "￿" not in name)
_VALUES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="￾￿"), max_size=50
)


@given(name=_NAMES, column=_NAMES, value=_VALUES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_and_value_makes_the_round_trip(
    call: Call, name: str, column: str, value: str
) -> None:
    if column.casefold().startswith("_") or column.casefold() == "k":
        return
    fields = (FieldChange(name="K", is_primary_key=True), FieldChange(name=column))
    made = rules.create(call.account, DataExtensionChange(name=name, fields=fields))
    try:
        sent = row(("K", "1"), (column, value), of={"Name": name})
        assert status(write_objects(call, "Create", sent))[0] == "OK"

        answer = retrieve(
            call, f"DataExtensionObject[{name}]", [column], simple("K", "equals", "1")
        )
        condition = simple(column, "equals", value) if value else None
        found = retrieve(call, f"DataExtensionObject[{name}]", [column], condition)

        assert rows(answer) == rows(found) == [{column: value}]
    finally:
        rules.delete(call.account, made)


def test_properties_of_other_objects_are_no_fields_of_rows(
    call: Call, orders: DataExtension
) -> None:
    answer = retrieve(call, ORDERS, ["Id", "ObjectID", "Client.ID"])

    assert overall_status(answer) == (
        "Error: The Request Property(s) ObjectID, Client.ID do not match with the fields of DataExtensionObject "
        "retrieve"
    )


def test_a_spelling_of_a_column_is_kept_after_many_others(
    orders: DataExtension, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_extension_object, "_MOST_SPELLINGS", 2)
    columns = data_extension_object.Columns(orders, strict=False)
    most = len(FIELDS) + 2

    for spelling in map("".join, product("Nn", "Oo", "Tt", "Ee")):
        assert columns[spelling].name == "Note"

    assert "note" in columns._known
    assert len(columns._known) <= most
