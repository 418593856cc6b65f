"""FilterDefinition and FilterActivity: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import (
    act_on,
    only_result,
    result_of,
    retrieve,
    rows,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import make_attribute

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds import load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def part(name: str, operator: str, *values: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "xsi:type": "SimpleFilterPart",
        "Property": name,
        "SimpleOperator": operator,
    }
    return {**found, "Value": list(values)} if values else found


def both(*parts: dict[str, Any]) -> dict[str, Any]:
    left, right = parts
    return {
        "xsi:type": "ComplexFilterPart",
        "LeftOperand": left,
        "LogicalOperator": "AND",
        "RightOperand": right,
    }


def extension(call: Call, name: str) -> str:
    """Make a data extension, and return its ObjectID."""
    columns = [
        {"Name": "Key", "FieldType": "Text", "MaxLength": 50},
        {"Name": "Number", "FieldType": "Number"},
    ]
    made = struct("DataExtension", CustomerKey=name, Name=name, Fields={"Field": columns})
    return only_result(write_objects(call, "Create", made)).text("NewObjectID") or ""


def definition(data_filter: dict[str, Any], **more: Any) -> Struct:
    return struct(
        "FilterDefinition",
        {"CustomerKey": "f", "Name": "F", "DataFilter": data_filter, **more},
    )


PEOPLE = {"xsi:type": "DataExtension", "CustomerKey": "People"}


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({"ObjectID": "x"}, 373000, "Filter definition create calls cannot specify the ObjectID property"),
        ({"DataFilter": None}, 373008, "DataFilter is required for Create calls"),
        ({"DataFilter": part("Number", "equals")}, 373009, "The DataFilter that was provided is invalid"),
        (
            {"DataFilter": part("Number", "like", "1")},
            373010,
            "The type for Number does not allow the operation specified: like",
        ),
        ({"DataFilter": part("Nope", "equals", "1")}, 373011, "The property provided could not be found: Nope"),
        (
            {"DataFilter": {"xsi:type": "TagFilterPart", "Tags": {"Tag": ["x"]}}},
            373012,
            "Invalid filter part. Only filter parts of ComplexFilterPart and SimpleFilterPart are allowed for "
            "filter definitions",
        ),
    ],
)  # fmt: skip
def test_an_invalid_filter_is_refused(
    call: Call, said: dict[str, Any], code: int, text: str
) -> None:
    extension(call, "People")
    wanted = definition(part("Number", "equals", "1"), DataSource=PEOPLE)

    answer = write_objects(
        call,
        "Create",
        Struct("FilterDefinition", {**wanted.values, **struct("FilterDefinition", said).values}),
    )

    assert status(answer) == ("Error", text, code)


def test_a_name_is_taken_once(call: Call) -> None:
    write_objects(call, "Create", definition(part("Status", "equals", "Active")))

    answer = write_objects(
        call, "Create", definition(part("Status", "equals", "Held"), CustomerKey="g")
    )

    assert status(answer)[2] == 373004


@pytest.mark.parametrize(("name", "code"), [("Favourite Colour", 0), ("Nonsense", 373011)])
def test_a_filter_of_subscribers_knows_their_attributes(call: Call, name: str, code: int) -> None:
    make_attribute(call.account, "Favourite Colour")
    source = {"xsi:type": "List", "ID": 1}

    wanted = definition(part(name, "equals", "blue"), DataSource=source)
    answer = write_objects(call, "Create", wanted)

    assert status(answer)[2] == code


def test_a_filter_is_retrieved_as_it_was_sent(call: Call) -> None:
    extension(call, "People")
    wanted = both(part("Number", "greaterThan", "1"), part("Key", "IN", "a", "b & c"))
    write_objects(call, "Create", definition(wanted, DataSource=PEOPLE))

    answer = retrieve(call, "FilterDefinition", ["Name", "DataFilter"])

    found = answer.find("{*}Results/{*}DataFilter")
    assert found is not None
    assert found.get(XSI_TYPE) == "ComplexFilterPart"
    right = found.find("{*}RightOperand")
    assert right is not None
    assert right.get(XSI_TYPE) == "SimpleFilterPart"
    assert [each.text for each in right.findall("{*}Value")] == ["a", "b & c"]


# Filter activities.


def perform(call: Call, key: str) -> Struct:
    return result_of(act_on(call, "Perform", "Start", struct("FilterActivity", CustomerKey=key)))


def row(key: str, number: int) -> Struct:
    values = [{"Name": "Key", "Value": key}, {"Name": "Number", "Value": str(number)}]
    return struct("DataExtensionObject", CustomerKey="People", Properties={"Property": values})


@pytest.mark.parametrize("source_type", [1, 2])
def test_a_filter_activity_puts_chosen_rows_into_its_destination(
    call: Call, source_type: int
) -> None:
    source, destination = extension(call, "People"), extension(call, "Chosen")
    write_objects(call, "Create", row("ada", 1), row("bob", 2), row("cy", 3))
    made = definition(part("Number", "greaterThan", "1"), DataSource=PEOPLE)
    number = only_result(write_objects(call, "Create", made)).text("NewObjectID")
    activity = struct(
        "FilterActivity",
        CustomerKey="a",
        Name="A",
        FilterDefinitionID=number,
        SourceObjectID=source,
        SourceTypeID=source_type,
        DestinationObjectID=destination,
        DestinationTypeID=2,
    )
    write_objects(call, "Create", activity)

    call.warnings.clear()
    result = perform(call, "a")
    warnings = list(call.warnings)

    found = [each["Key"] for each in rows(retrieve(call, "DataExtensionObject[Chosen]", ["Key"]))]
    if source_type == 2:
        assert (result.text("StatusCode"), found) == ("OK", ["bob", "cy"])
    else:
        assert (result.number("ErrorCode"), found) == (303001, [])
        assert any("between two data extensions" in each for each in warnings)


def test_a_filter_activity_is_named_by_its_own_number(call: Call) -> None:
    made = struct("FilterActivity", CustomerKey="a", Name="A")

    result = only_result(write_objects(call, "Create", made))

    echo = result.part("Object")
    assert echo is not None
    assert echo.text("FilterActivityID") == result.text("NewObjectID")
    assert "ObjectID" not in echo
    asked = simple("FilterActivityID", "equals", result.text("NewObjectID") or "")
    assert len(retrieve(call, "FilterActivity", ["Name"], asked).findall("{*}Results")) == 1


SEED = """
[[filter_definition]]
key = "f"
name = "F"
data_filter = '{}'
"""


@pytest.mark.parametrize(
    "written",
    [
        "nonsense",
        "[]",
        '{"type": "SimpleFilterPart", "Property": "Nope", "SimpleOperator": "isNull"}',
    ],
)
def test_an_invalid_filter_of_a_seed_file_is_refused(written: str) -> None:
    db = Database()

    with pytest.raises(SetupError, match="data_filter"):
        load(Account(db), parse_seed(SEED.replace("{}", written)))

    db.close()


def test_an_activity_whose_rows_do_not_fit_does_not_run(call: Call) -> None:
    key = {"IsPrimaryKey": True, "IsRequired": True}
    for name, length in (("Long", 50), ("Short", 1)):
        columns = [{"Name": "Key", "FieldType": "Text", "MaxLength": length, **key}]
        made = struct("DataExtension", CustomerKey=name, Name=name, Fields={"Field": columns})
        assert status(write_objects(call, "Create", made))[0] == "OK"
    row = struct(
        "DataExtensionObject",
        CustomerKey="Long",
        Properties={"Property": [{"Name": "Key", "Value": "too long"}]},
    )
    write_objects(call, "Create", row)
    chosen = {
        "xsi:type": "SimpleFilterPart",
        "Property": "Key",
        "SimpleOperator": "isNotNull",
    }
    source = {"xsi:type": "DataExtension", "CustomerKey": "Long"}
    write_objects(
        call,
        "Create",
        struct("FilterDefinition", CustomerKey="x", Name="X", DataFilter=chosen, DataSource=source),
    )
    found = {
        table: {each["customer_key"]: each["object_id"] for each in call.account.db.find_all(table)}
        for table in ("data_extension", "filter_definition")
    }
    activity = struct(
        "FilterActivity",
        CustomerKey="y",
        Name="Y",
        FilterDefinitionID=found["filter_definition"]["x"],
        SourceObjectID=found["data_extension"]["Long"],
        SourceTypeID=2,
        DestinationObjectID=found["data_extension"]["Short"],
        DestinationTypeID=2,
    )
    write_objects(call, "Create", activity)

    result = perform(call, "y")

    assert result.text("StatusMessage") == "Filter Activity Instance Did Not Run"
    assert result.number("ErrorCode") == 303003
