"""TriggeredSend: Update and Delete of queued messages, and the Owner as sender."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import only_result, status, struct, write_objects
from tests.support.sending import (
    change,
    event_types,
    log_rows,
    make_attribute,
    make_definition,
    make_log,
    messages,
    outcomes,
)

from sfmc_mock.declarations.call import Call
from sfmc_mock.store.sends import owner_of
from sfmc_mock.wire.struct import Struct


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with a paused definition `welcome` and a send log."""
    make_attribute(call.account, "Colour")
    make_log(call.account, "Colour")
    make_definition(call.account, status="Inactive")
    return call


def triggered(*people: dict[str, Any]) -> Struct:
    values = {"TriggeredSendDefinition": {"CustomerKey": "welcome"}, "Subscribers": list(people)}
    return struct("TriggeredSend", values)


def person(key: str, colour: str = "", **more: Any) -> dict[str, Any]:
    attributes = {"Attributes": [{"Name": "Colour", "Value": colour}]} if colour else {}
    return {"SubscriberKey": key, "EmailAddress": f"{key}@mock.test", **attributes, **more}


def write(
    call: Call, operation: str, *people: dict[str, Any]
) -> tuple[str | None, str | None, int]:
    return status(write_objects(call, operation, triggered(*people)))


def test_an_update_changes_what_waits(call: Call) -> None:
    write(call, "Create", person("ada", "red"), person("bob", "red"))

    done = write(call, "Update", person("ADA", "blue") | {"EmailAddress": "ada.new@mock.test"})
    change(call.account, status="Active")

    assert done == ("OK", "Updated TriggeredSend", 0)
    assert log_rows(call.account, "EmailAddress", "Colour") == [
        ("ada.new@mock.test", "blue"),
        ("bob@mock.test", "red"),
    ]


def test_a_delete_drops_what_waits_for_subscribers(call: Call) -> None:
    write(call, "Create", person("ada"), person("bob"))
    write(call, "Create", person("ada"))

    done = write(call, "Delete", {"SubscriberKey": "ada"})

    assert done == ("OK", "Deleted TriggeredSend", 0)
    assert outcomes(call.account) == [("not sent", 37), ("queued", None), ("not sent", 37)]
    assert event_types(call.account) == ["NotSent", "NotSent"]
    states = [row["status"] for row in call.account.db.find_all("send", "id")]
    assert states == ["Queued", "Cleared"]


def test_a_delete_without_subscribers_drops_all_that_waits(call: Call) -> None:
    write(call, "Create", person("ada"), person("bob"))

    write(call, "Delete")
    change(call.account, status="Active")

    assert outcomes(call.account) == [("not sent", 37), ("not sent", 37)]


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_nothing_that_waits_is_refused(call: Call, operation: str) -> None:
    change(call.account, status="Active")
    write(call, "Create", person("ada"))

    done = write(call, operation, person("ada"))

    assert done == (
        "Error",
        "Triggered Send request was not queued. There are no valid subscribers.",
        180008,
    )
    assert outcomes(call.account) == [("sent", None)]


@pytest.mark.parametrize("waits", [False, True])
def test_a_message_is_from_the_owner_of_its_subscriber(call: Call, waits: bool) -> None:
    if not waits:
        change(call.account, status="Active")
    owner = {"FromName": "Ann", "FromAddress": "ann@mock.test"}

    write(call, "Create", person("ada", Owner=owner), person("bob"))
    change(call.account, status="Active")

    owners = [
        owner_of(call.account.db, row["send_id"], row["ordinal"]) for row in messages(call.account)
    ]
    assert owners == [("Ann", "ann@mock.test"), None]
    assert call.warnings == []


@pytest.mark.parametrize(
    ("owner", "text", "code"),
    [
        (
            {"FromAddress": "ann at home"},
            "Error Code: 140 - Subscriber Owner FromEmail property value is set to an invalid email address",
            140,
        ),
        (
            {"Client": {"ID": 42}},
            "Error Code: 12 - The owner named is no child of this enterprise.",
            12,
        ),
    ],
)
def test_an_owner_that_is_none_is_refused(
    call: Call, owner: dict[str, Any], text: str, code: int
) -> None:
    answer = write_objects(call, "Create", triggered(person("ada", Owner=owner)))

    (failure,) = only_result(answer).parts("SubscriberFailures")
    assert (failure.text("ErrorDescription"), failure.number("ErrorCodeID")) == (text, code)
    assert status(answer)[2] == 180008
