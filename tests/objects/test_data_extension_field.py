"""DataExtensionField over SOAP: read-only."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree
from tests.support.messages import (
    fields,
    overall_status,
    results,
    retrieve,
    shape,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.page_sql import page_sql

from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extensions import DataExtensionChange
from sfmc_mock.declarations.call import Call
from sfmc_mock.store.conditions import comparison
from sfmc_mock.store.page_queries import Selection
from sfmc_mock.wire.catalogue import NAMESPACE

CAPTURE = (
    Path(__file__).parents[3] / "shared/captures/retrieve/DataExtensionField/fields-of-one.xml"
)
PROPERTIES = (
    "ObjectID",
    "CustomerKey",
    "Name",
    "Scale",
    "DefaultValue",
    "MaxLength",
    "IsRequired",
    "Ordinal",
    "IsPrimaryKey",
    "FieldType",
    "DataExtension.CustomerKey",
)
FIELDS = (
    FieldChange(name="ContactKey", is_primary_key=True),
    FieldChange(name="LastName"),
    FieldChange(name="EmailAddress", field_type="EmailAddress", is_required=True),
    FieldChange(name="FirstName"),
    FieldChange(name="numberField", field_type="Number", is_required=True),
    FieldChange(name="decimalField", field_type="Decimal", max_length=6, scale=3, is_required=True),
)


@pytest.fixture(autouse=True)
def contacts(call: Call) -> None:
    """Two data extensions: one with the fields of a recorded answer, and one with a field of its own."""
    for key, own in (("contacts", FIELDS), ("other", (FieldChange(name="LastName"),))):
        wanted = DataExtensionChange(name=f"All {key}", customer_key=key, fields=own)
        rules.create(call.account, wanted)


def test_fields_come_back_like_recorded(call: Call) -> None:
    if not CAPTURE.exists():
        pytest.skip(f"needs {CAPTURE}, a recorded answer that is not part of the project")
    path = "{http://exacttarget.com/wsdl/partnerAPI}Results"
    recorded = list(etree.parse(CAPTURE).getroot().iter(path))

    answer = retrieve(
        call,
        "DataExtensionField",
        PROPERTIES,
        simple("DataExtension.CustomerKey", "equals", "contacts"),
    )

    assert sorted(map(shape, results(answer))) == sorted(map(shape, recorded))


def test_a_field_says_what_it_is(call: Call) -> None:
    asked = simple("CustomerKey", "equals", "[contacts].[decimalField]")

    (found,) = fields(retrieve(call, "DataExtensionField", PROPERTIES[1:], asked))

    assert found == {
        "CustomerKey": "[contacts].[decimalField]",
        "Name": "decimalField",
        "Scale": "3",
        "DefaultValue": "",
        "MaxLength": "6",
        "IsRequired": "true",
        "Ordinal": "5",
        "IsPrimaryKey": "false",
        "FieldType": "Decimal",
        "DataExtension.CustomerKey": "contacts",
    }


@pytest.mark.parametrize(
    ("name", "operator", "values", "keys"),
    [
        ("Name", "equals", ["lastname"], ["[contacts].[LastName]", "[other].[LastName]"]),
        ("DataExtension.CustomerKey", "equals", ["OTHER"], ["[other].[LastName]"]),
        ("CustomerKey", "equals", ["[OTHER].[lastname]"], ["[other].[LastName]"]),
        ("IsPrimaryKey", "equals", ["true"], ["[contacts].[ContactKey]"]),
    ],
)
def test_fields_are_found_by(
    call: Call, name: str, operator: str, values: list[str], keys: list[str]
) -> None:
    answer = retrieve(call, "DataExtensionField", ["CustomerKey"], simple(name, operator, *values))

    assert sorted(each["CustomerKey"] for each in fields(answer)) == keys


def test_fields_of_several_data_extensions_are_found_at_once(call: Call) -> None:
    asked = simple("DataExtension.CustomerKey", "IN", "contacts", "other")

    assert len(fields(retrieve(call, "DataExtensionField", ["Name"], asked))) == 7


def test_fields_come_as_sql_server_sorts_their_object_ids(call: Call) -> None:
    """Recorded: the last six bytes are compared first. Further pages continue in that order."""
    call.page_size = 2
    wanted = DataExtensionChange(
        name="Many", customer_key="many", fields=tuple(FieldChange(name=f"F{n}") for n in range(7))
    )
    rules.create(call.account, wanted)
    mine = simple("DataExtension.CustomerKey", "equals", "many")

    page = retrieve(call, "DataExtensionField", ["ObjectID"], mine)
    found = [each["ObjectID"] for each in fields(page)]
    while overall_status(page) == "MoreDataAvailable":
        page = retrieve(
            call,
            "DataExtensionField",
            [],
            ContinueRequest=page.findtext(f"{{{NAMESPACE}}}RequestID"),
        )
        found += [each["ObjectID"] for each in fields(page)]

    def key(object_id: str) -> bytes:
        raw = UUID(object_id).bytes_le
        return raw[10:] + raw[8:10] + raw[6:8] + raw[4:6] + raw[:4]

    assert len(found) == 7
    assert found == sorted(found, key=key)


@pytest.mark.parametrize("name", ["CustomerKey", "DataExtension.CustomerKey"])
def test_the_usual_filters_use_an_index(call: Call, name: str) -> None:
    condition = comparison(name, "equals", ("x",))
    sql, bound = page_sql(Selection("api_DataExtensionField", ("Name",), condition), 0, 2_500)

    plan = call.account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound)

    (step,) = (str(each[-1]) for each in plan if " t " in str(each[-1]))
    assert "customer_key=?" in step or "data_extension_id=?" in step


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_fields_are_not_written_themselves(call: Call, operation: str) -> None:
    """Text, and that there is no code: seen live for Delete."""
    sent = struct("DataExtensionField", Name="LastName")

    assert status(write_objects(call, operation, sent)) == (
        "Error",
        "Unable to find a handler for object type: DataExtensionField.",
        0,
    )
