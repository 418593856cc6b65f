"""An automation whose steps pass files on: extracted, moved, imported, queried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.support.messages import act_on, fields, retrieve, rows, status, struct, write_objects

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.seeds import load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

SEED = """
version = 1

[account]
clock = 2026-01-01T12:00:00

[[data_extension]]
key = "orders"
name = "Orders"
fields = [
  {name = "Number", type = "Number", is_primary_key = true},
  {name = "Customer", max_length = 20},
  {name = "Total", type = "Decimal", max_length = 8, scale = 2},
]
rows = [
  {Number = 1, Customer = "Ada, Countess", Total = 10.50},
  {Number = 2, Customer = "bob", Total = 3.25},
  {Number = 3, Customer = "Ada, Countess", Total = 4.25},
]

[[data_extract_activity]]
key = "write"
name = "Write orders"
extract = "Data Extension Extract"
[data_extract_activity.parameters]
DECustomerKey = "orders"
OutputFileName = "orders-%%Year%%.csv"

[[file_transfer_activity]]
key = "move"
name = "Move orders"
file_spec = "export/orders-%%Year%%.csv"
destination = "import"
"""
STEPS = (
    ("DataExtractActivity", "write"),
    ("FileTransferActivity", "move"),
    ("ImportDefinition", "read"),
    ("QueryDefinition", "sum"),
)


def extension(name: str, *columns: dict[str, Any]) -> Struct:
    return struct("DataExtension", CustomerKey=name, Name=name, Fields={"Field": list(columns)})


@pytest.fixture
def call() -> Iterator[Call]:
    """A call on an account with orders, and an automation that copies the orders and sums them up."""
    account = Account(Database(), due_actions=DUE_ACTIONS)
    load(account, parse_seed(SEED))
    call = Call(account)
    customer = {"Name": "Customer", "FieldType": "Text", "MaxLength": 20}
    total = {"Name": "Total", "FieldType": "Decimal", "MaxLength": 8, "Scale": 2}
    key = {"IsPrimaryKey": True, "IsRequired": True}
    tasks = [
        {"Activities": {"Activity": [{"ActivityObject": {"xsi:type": kind, "CustomerKey": name}}]}}
        for kind, name in STEPS
    ]
    for made in (
        extension("Copy", {"Name": "Number", "FieldType": "Number", **key}, customer, total),
        extension("Sums", {**customer, **key}, total),
        struct(
            "ImportDefinition",
            CustomerKey="read",
            Name="Read",
            DestinationObject={"xsi:type": "DataExtension", "CustomerKey": "Copy"},
            FieldMappingType="InferFromColumnHeadings",
            FileSpec="orders-%%Year%%.csv",
        ),
        struct(
            "QueryDefinition",
            CustomerKey="sum",
            Name="Sum",
            QueryText="SELECT Customer, SUM(Total) AS Total FROM [Copy] GROUP BY Customer",
            DataExtensionTarget={"CustomerKey": "Sums"},
            TargetUpdateType="Overwrite",
        ),
        struct(
            "Automation",
            CustomerKey="nightly",
            Name="Nightly",
            AutomationTasks={"AutomationTask": tasks},
        ),
    ):
        assert status(write_objects(call, "Create", made))[0] == "OK", list(call.warnings)
    yield call
    account.files.close()
    account.db.close()
    assert account.problems == []


def start(call: Call) -> None:
    answer = act_on(call, "Perform", "start", struct("Automation", CustomerKey="nightly"))
    assert answer.text("OverallStatus") == "OK"
    call.account.settle()


def told(call: Call) -> list[str]:
    """Return the outcomes of the runs, oldest first."""
    found = fields(retrieve(call, "AutomationInstance", ["StatusMessage"]))
    return [each["StatusMessage"] for each in found]


def test_a_file_goes_from_an_extract_to_a_query(call: Call) -> None:
    start(call)

    assert told(call) == ["Completed"]
    assert [each.name for each in call.account.files.files()] == ["import/orders-2026.csv"]
    copied = rows(retrieve(call, "DataExtensionObject[Copy]", ["Number", "Customer", "Total"]))
    assert [(each["Number"], each["Customer"], each["Total"]) for each in copied] == [
        ("1", "Ada, Countess", "10.50"),
        ("2", "bob", "3.25"),
        ("3", "Ada, Countess", "4.25"),
    ]
    sums = rows(retrieve(call, "DataExtensionObject[Sums]", ["Customer", "Total"]))
    assert {each["Customer"]: each["Total"] for each in sums} == {
        "Ada, Countess": "14.75",
        "bob": "3.25",
    }
    (summary,) = fields(
        retrieve(call, "ImportResultsSummary", ["ImportStatus", "NumberSuccessful"])
    )
    assert summary == {"ImportStatus": "Completed", "NumberSuccessful": "3"}


def test_each_run_has_a_file_of_its_own(call: Call) -> None:
    start(call)
    row = struct(
        "DataExtensionObject",
        CustomerKey="orders",
        Properties={
            "Property": [{"Name": "Number", "Value": "2"}, {"Name": "Total", "Value": "4.00"}]
        },
    )
    write_objects(call, "Update", row)
    call.account.change_clock(lambda clock: clock.advance(timedelta(days=365)))

    start(call)

    assert told(call) == ["Completed", "Completed"]
    names = [each.name for each in call.account.files.files()]
    assert names == ["import/orders-2026.csv", "import/orders-2027.csv"]
    sums = rows(retrieve(call, "DataExtensionObject[Sums]", ["Customer", "Total"]))
    assert {each["Customer"]: each["Total"] for each in sums}["bob"] == "4.00"


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ("orders", "There is no data extension with the key orders"),
        ("Copy", "The destination"),
    ],
)
def test_a_step_that_fails_ends_the_run_and_says_why(call: Call, gone: str, reason: str) -> None:
    write_objects(call, "Delete", struct("DataExtension", CustomerKey=gone))

    start(call)

    (message,) = told(call)
    assert reason in message
    assert rows(retrieve(call, "DataExtensionObject[Sums]", ["Customer"])) == []
