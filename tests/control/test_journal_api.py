"""The journal in the control API: searches, omitted calls, and hidden secrets."""

from __future__ import annotations

import pytest
from tests.support.control import Control


@pytest.fixture
def called(control: Control) -> Control:
    """A control API after one successful call, one refused call, and a token request."""
    control.soap_as("mock-user", "mock-password")
    control.soap_as("mock-user", "wrong-password")
    control.token()
    return control


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"operation": "GetSystemStatus"}, [1, 2]),
        ({"status": "500"}, [2]),
        ({"status": "OK"}, [1, 3]),
        ({"mid": "1234567"}, [1]),
        ({"since": "1"}, [2, 3]),
        ({"text": "login failed"}, [2]),
        ({"limit": "1"}, [3]),
        ({"object_type": "Subscriber"}, []),
    ],
)
def test_calls_are_found(called: Control, query: dict[str, str], numbers: list[int]) -> None:
    found = called.get("/journal", **query).body

    assert [each["number"] for each in found["exchanges"]] == numbers


def test_calls_that_are_left_out_are_counted(called: Control) -> None:
    found = called.get("/journal", limit="1").body

    assert found["matching"] == 3
    assert found["note"] == "2 older ones match as well and are left out."


def test_a_journal_that_dropped_calls_says_so() -> None:
    control = Control(journal_size=1)
    for _ in range(3):
        control.soap_as("mock-user", "mock-password")

    found = control.get("/journal").body

    control.close()
    assert found["dropped"] == 2
    assert "2 older exchanges were dropped" in found["note"]


def test_bodies_are_shown_when_they_are_asked_for(called: Control) -> None:
    without = called.get("/journal", bodies="false").body["exchanges"][0]
    within = called.get("/journal?bodies").body["exchanges"][0]

    assert "request" not in without
    assert "<GetSystemStatusRequestMsg" in within["request"]
    assert "<OverallStatus>OK" in within["answer"]


def test_one_call_is_shown_with_its_bodies(called: Control) -> None:
    found = called.get("/journal/1").body

    assert found["operation"] == "GetSystemStatus"
    assert "<GetSystemStatusRequestMsg" in found["request"]


def test_the_error_of_a_missing_call_says_where_the_others_are(called: Control) -> None:
    assert called.get("/journal/77").error == (
        "The journal has no call 77: there was none, or it was dropped or removed. GET /_mock/journal lists the calls "
        "that it has."
    )


def test_no_secret_is_in_any_call(called: Control) -> None:
    token = called.token()
    called.soap_with_token(token)

    text = str(called.get("/journal?bodies").body)

    assert "<fueloauth" in text
    for secret in ("mock-password", "wrong-password", "mock-client-secret", token):
        assert secret not in text


def test_the_calls_of_one_account_are_forgotten_alone(called: Control) -> None:
    called.ask("DELETE", "/journal", mid="1234567")

    found = called.get("/journal").body["exchanges"]

    assert [each["number"] for each in found] == [2, 3]


def test_all_calls_are_forgotten(called: Control) -> None:
    reply = called.ask("DELETE", "/journal")

    assert reply.body == {"exchanges": 0}


def test_calls_of_the_control_api_are_not_in_the_journal(control: Control) -> None:
    control.get("/clock")

    assert control.get("/journal").body["exchanges"] == []
