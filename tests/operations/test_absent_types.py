"""Object types that the emulator does not implement, and unknown types."""

from __future__ import annotations

import pytest
from tests.support.soap_app import SoapApp

from sfmc_mock.objects import HANDLERS
from sfmc_mock.objects.absent import absent_names

ABSENT = absent_names(frozenset(HANDLERS))
IN_SCHEMA = [
    name for name in ABSENT if name not in ("AccountUserAccount", "Program", "SalesforceSend")
]


def warnings(app: SoapApp) -> tuple[str, ...]:
    """The warnings of the last call."""
    return list(app.wsgi.journal)[-1].warnings


@pytest.mark.parametrize("name", ABSENT)
def test_an_account_has_none_of_them(app: SoapApp, name: str) -> None:
    answer = app.retrieve(name, ["ObjectID", "CustomerKey", "Anything.Else"])

    assert (answer.overall, answer.results) == ("OK", [])
    assert warnings(app) == (
        f"{name} is an object of the service that the emulator has not: this Retrieve was answered as by an account "
        "that has none",
    )


@pytest.mark.parametrize("name", IN_SCHEMA)
def test_they_are_described_by_the_schema(app: SoapApp, name: str) -> None:
    answer = app.call(
        "Describe",
        f"<DescribeRequests><ObjectDefinitionRequest><ObjectType>{name}</ObjectType></ObjectDefinitionRequest>"
        "</DescribeRequests>",
    )

    assert answer.texts("ObjectDefinition", "ObjectType") == [name]
    assert "ObjectID" in answer.texts("ObjectDefinition", "Properties", "Name")


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("name", IN_SCHEMA)
def test_changes_are_refused_as_documented(app: SoapApp, name: str, operation: str) -> None:
    answer = app.call(
        operation, f'<Objects xsi:type="{name}"><CustomerKey>x</CustomerKey></Objects>'
    )

    assert answer.texts("Results", "ErrorCode") == ["5"]
    assert answer.texts("Results", "StatusMessage") == [
        f"Cannot perform {operation} on objects of type {name}"
    ]
    assert f"{name} is an object of the service that the emulator has not" in warnings(app)[0]


def test_a_perform_is_refused_as_documented(app: SoapApp) -> None:
    answer = app.call(
        "Perform",
        f'<Action>start</Action><Definitions><Definition xsi:type="{IN_SCHEMA[0]}"><CustomerKey>x</CustomerKey>'
        "</Definition></Definitions>",
    )

    assert answer.texts("Results", "Result", "ErrorCode") == ["100"]
    assert f"{IN_SCHEMA[0]} is an object of the service" in warnings(app)[0]


def test_a_data_view_in_brackets_is_said_to_be_one(app: SoapApp) -> None:
    answer = app.retrieve("DataExtensionObject[_Complaint]", ["SubscriberKey"])

    assert answer.overall == "Error: Data extension does not exist: _Complaint"
    assert warnings(app) == (
        "_Complaint is a data view, which only queries read. Use a QueryDefinition.",
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("DataExtention", "did you mean DataExtension"),
        ("Automatons", "did you mean Automation"),
        ("Zzz", "nothing is called like it"),
        (
            "_Sent",
            "_Sent is a data view, which only queries read. Use a QueryDefinition, or retrieve SentEvent",
        ),
    ],
)
def test_a_typo_gets_the_nearest_names(app: SoapApp, name: str, hint: str) -> None:
    answer = app.retrieve(name, ["ObjectID"])

    assert answer.overall == (
        f"Error: Unable to find a handler for object type: {name}. Object types are case-sensitive, check spelling."
    )
    assert f"the service has no object type '{name}': {hint}" in warnings(app)[0]
