"""Sends, explanations and events over the control API."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.support.control import Control

from sfmc_mock.account.sends import Recipient, trigger
from sfmc_mock.account.triggered_send_definitions import find_definition
from sfmc_mock.control import AccountHandle, NotThere
from sfmc_mock.errors import SetupError


def test_a_send_is_answered_with_its_explanation(control: Control) -> None:
    reply = control.post("/sends", {"definition": "welcome", "to": "ada@mock.test"})

    assert reply.status == 200
    assert reply.body["outcome"] == "sent"
    assert [event["type"] for event in reply.body["events"]] == ["Sent", "DeliveredEvent"]


def test_a_definition_can_be_triggered_by_its_name(control: Control) -> None:
    found = control.send(definition="Welcome mail")

    assert found["definition"] == "welcome"


def test_a_subscriber_can_have_a_key_beside_the_address(control: Control) -> None:
    reply = control.post(
        "/sends",
        {"definition": "welcome", "to": {"key": "ada", "email": "ada@mock.test"}},
    )

    assert reply.body["subscriber_key"] == "ada"
    assert reply.body["email_address"] == "ada@mock.test"


def test_sends_are_listed_with_their_outcomes(control: Control) -> None:
    sent = control.send("ada@mock.test")
    control.send("bob+notsent-held@mock.test")
    control.send("eve@mock.test", "paused")
    control.send("nobody+notsent-invalidaddress@mock.test")

    found = control.get("/sends").body["sends"]

    became = [
        next(name for name in ("sent", "not_sent", "queued", "refused") if each[name])
        for each in found
    ]
    assert became == ["refused", "queued", "not_sent", "sent"]
    assert found[-1] == {
        "id": sent["send_id"],
        "definition": "welcome",
        "at": "2026-01-01T12:00:00.000",
        "status": "Accepted",
        "to": "ada@mock.test",
        "messages": 1,
        "sent": 1,
        "not_sent": 0,
        "refused": 0,
        "queued": 0,
        "job_ids": [sent["job_id"]],
        "events": {"Sent": 1, "DeliveredEvent": 1},
        "events_to_come": 0,
    }


@pytest.mark.parametrize(
    ("query", "to"),
    [
        ({"definition": "paused"}, ["eve@mock.test"]),
        ({"subscriber": "ada@mock.test"}, ["ada@mock.test"]),
        ({"limit": "1"}, ["eve@mock.test"]),
        ({}, ["eve@mock.test", "ada@mock.test"]),
    ],
)
def test_sends_are_found_by_definition_and_subscriber(
    control: Control, query: dict[str, str], to: list[str]
) -> None:
    control.send("ada@mock.test")
    control.send("eve@mock.test", "paused")

    found = control.get("/sends", **query).body["sends"]

    assert [each["to"] for each in found] == to


def test_one_send_reads_as_in_the_list(control: Control) -> None:
    sent = control.send()

    found = control.get(f"/sends/{sent['send_id']}").body

    assert [found] == control.get("/sends").body["sends"]


def test_an_explanation_reads_as_text_and_as_json(control: Control) -> None:
    sent = control.send("ada+notsent-held@mock.test")

    found = control.get(f"/sends/{sent['send_id']}/explain").body

    (message,) = found["messages"]
    assert (message["outcome"], message["code"], message["name"]) == ("not sent", 2, "Held")
    assert found["text"].startswith("Send 1, 'welcome' → ada+notsent-held@mock.test: Not sent")


def test_a_message_is_explained_by_its_unique_id(control: Control) -> None:
    control.send("bob@mock.test", attributes={"UniqueID": "u-1"})
    control.send("ada@mock.test", attributes={"UniqueID": "u-17"})

    (found,) = control.get("/explain", unique_id="u-17").body["messages"]

    assert found["email_address"] == "ada@mock.test"


def test_all_messages_to_a_subscriber_are_explained_newest_first(control: Control) -> None:
    for _ in range(2):
        control.send("ada@mock.test")
    control.send("bob@mock.test")

    found = control.get("/explain", subscriber="ada@mock.test").body["messages"]

    assert [each["send_id"] for each in found] == [2, 1]


def test_an_explanation_of_nothing_says_what_there_is(control: Control) -> None:
    control.send()

    reply = control.get("/sends/17/explain")

    assert "The newest sends are: send 1 ('welcome' → ada@mock.test)" in reply.error


def test_an_event_is_made_to_happen_later(control: Control) -> None:
    sent = control.send()
    asked = {"kind": "open", "send": sent["send_id"], "after": "2h"}

    reply = control.post("/events", asked)

    event = reply.body["events"][-1]
    assert (event["type"], event["happens_at"]) == ("Open", "2026-01-01T14:00:00.000")
    assert event["visible"] is False


def test_an_event_is_made_to_happen_at_a_time_with_its_details(control: Control) -> None:
    sent = control.send()

    control.post(
        "/events",
        {
            "kind": "ClickEvent",
            "send": sent["send_id"],
            "at": "2026-01-01T13:00:00",
            "details": {"url": "https://www.example.com/help"},
        },
    )

    control.post("/clock", {"advance": "1h"})
    click = control.get("/events").body["events"][-1]
    assert (click["type"], click["at"]) == ("Click", "2026-01-01T13:00:00.000")
    assert click["url"] == "https://www.example.com/help"


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"kind": "opne"}, "Did you mean open?"),
        ({"kind": "sent"}, "it comes of a send"),
        ({"kind": "open", "after": "soon"}, "is not a valid duration"),
        ({"kind": "open", "after": "9999999d"}, "too far"),
        ({"kind": "open", "at": "soon"}, "is not a valid time"),
        ({"kind": "open", "at": "2026-01-02", "after": "2h"}, "not by both"),
        ({"kind": "click", "details": {"url": "https://else.test"}}, "no link with url"),
        ({"kind": "open", "details": {"colour": "red"}}, "has no detail 'colour'"),
    ],
)
def test_an_event_that_cannot_happen_is_refused_and_not_kept(
    control: Control, wish: dict[str, object], message: str
) -> None:
    sent = control.send()

    reply = control.post("/events", {"send": sent["send_id"], **wish})

    assert message in reply.error
    assert control.get("/accounts").body["accounts"][0]["holds"]["event"] == 2


def test_nothing_happens_to_a_message_that_was_not_sent(control: Control) -> None:
    sent = control.send("ada+notsent-held@mock.test")

    reply = control.post("/events", {"kind": "open", "send": sent["send_id"]})

    assert reply.status == 400
    assert "was not sent" in reply.error


def test_events_of_one_subscriber_are_listed_alone(control: Control) -> None:
    control.send("ada@mock.test")
    control.send("bob@mock.test")

    found = control.get("/events", subscriber="bob@mock.test").body["events"]

    assert {each["subscriber_key"] for each in found} == {"bob@mock.test"}


def test_settings_are_changed_together_or_not_at_all(control: Control) -> None:
    reply = control.post("/settings", {"engagement": "typical", "lag": "worse"})

    assert reply.status == 400
    assert control.get("/settings").body["engagement"] == "quiet"


def test_settings_are_reported_and_changed(control: Control) -> None:
    reply = control.post("/settings", {"engagement": "typical", "lag": "realistic"})

    assert reply.body == {
        "engagement": "typical",
        "lag": "realistic",
        "strict": False,
        "page_size": 2500,
    }


def test_python_sends_and_lets_things_happen(handle: AccountHandle) -> None:
    sent = handle.send("welcome", to={"key": "ada", "email": "ada@mock.test"})

    handle.happen("open", sent.send_id, after=timedelta(hours=1))
    handle.happen("hardbounce", sent.send_id, at=datetime(2026, 1, 1, 14))
    handle.clock.advance("2h")

    events = [event.type for event in handle.tracking("ada")]
    assert events == ["Sent", "DeliveredEvent", "Open", "HardBounce"]


def test_python_raises_for_what_does_not_exist(handle: AccountHandle) -> None:
    with pytest.raises(NotThere, match="There is no message for send 5"):
        handle.happen("open", 5)
    with pytest.raises(NotThere, match="Did you mean 'welcome' \\(Active\\)"):
        handle.send("welcom", to="ada@mock.test")


def test_an_event_of_a_send_to_many_needs_a_subscriber(handle: AccountHandle) -> None:
    account = handle.account
    definition = find_definition(account, key="welcome")
    assert definition is not None
    both = [Recipient(name, f"{name}@mock.test") for name in ("ada", "bob")]
    with account.db.atomic():
        sent = trigger(account, definition, both)

    with pytest.raises(SetupError, match="went to 2 subscribers: say to which"):
        handle.happen("open", sent.send_id)

    handle.happen("open", sent.send_id, subscriber="bob")
    assert [event.type for event in handle.tracking("bob")][-1] == "Open"
