"""The commands that send, list and add events, and restore an account."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.support.command_line import environment, run_apart
from tests.support.soap_app import envelope, username_token
from werkzeug.test import Client

from sfmc_mock import MockServer

CREATE = (
    '<CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Objects xsi:type="Subscriber">'
    "<SubscriberKey>{0}</SubscriberKey><EmailAddress>{0}</EmailAddress></Objects></CreateRequest>"
)


def columns(line: str) -> list[str]:
    """Return the cells of a table row in piped output."""
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def create(server: MockServer, address: str) -> None:
    """Create a subscriber over the wire."""
    document = envelope(CREATE.format(address), username_token("mock-user", "mock-password"))
    Client(server.app).post("/Service.asmx", data=document, headers={"SOAPAction": "Create"})


# Sending.


def test_a_send_is_made_and_explained(run: Run, server: MockServer) -> None:
    shown = run("send", "Welcome mail", "ada+open@mock.test", "--attribute", "UniqueID=u-1")

    assert shown.out.startswith("Send 1, 'welcome' → ada+open@mock.test: Sent.")
    assert "was opened at" in shown.out
    (message,) = server.account.explain(unique_id="u-1")
    assert message.subscriber_key == "ada+open@mock.test"


def test_a_send_with_a_key_is_reported_as_json(run: Run, server: MockServer) -> None:
    message = run("send", "welcome", "ada@mock.test", "--key", "ada", "--json").json

    assert (message["subscriber_key"], message["outcome"]) == ("ada", "sent")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["welcom", "ada@mock.test"], "Did you mean 'welcome' (Active)?"),
        (["draft", "ada@mock.test"], "The definition is New."),
    ],
)
def test_a_send_that_cannot_be_made_is_reported_in_one_line(
    run: Run, server: MockServer, arguments: list[str], sentence: str
) -> None:
    assert sentence in run("send", *arguments).refusal


def test_an_attribute_without_a_value_is_a_usage_error(run: Run, server: MockServer) -> None:
    refused = run("send", "welcome", "ada@mock.test", "--attribute", "UniqueID")

    assert refused.code == 2
    assert "--attribute takes NAME=VALUE, not 'UniqueID'" in refused.err


# Outcomes of sends.


@pytest.mark.parametrize(
    ("address", "became"),
    [
        ("ada+open+click@mock.test", "sent, delivered, opened, clicked"),
        ("ada+hardbounce@mock.test", "sent, bounced"),
        ("ada+unsub@mock.test", "sent, delivered, unsubscribed"),
        ("ada+open+lag-2h@mock.test", "sent, more to come"),
        ("ada+notsent-held@mock.test", "not sent"),
    ],
)
def test_sends_list_the_outcomes_of_messages(
    run: Run, server: MockServer, address: str, became: str
) -> None:
    server.account.send("welcome", to=address)

    (line,) = run("sends").out.splitlines()[1:]

    assert became in columns(line)


def test_future_events_count_once_they_show(run: Run, server: MockServer) -> None:
    server.account.send("welcome", to="ada+open+lag-2h@mock.test")

    before = run("sends", "--json").json["sends"][0]
    server.clock.advance(hours=3)
    after = run("sends", "--json").json["sends"][0]

    assert (before["events"], before["events_to_come"]) == ({}, 3)
    assert after["events"] == {"Sent": 1, "DeliveredEvent": 1, "Open": 1}
    assert after["events_to_come"] == 0


def test_a_message_counts_once_for_a_kind_of_event(run: Run, server: MockServer) -> None:
    server.account.send("welcome", to="ada@mock.test")
    for _ in range(3):
        server.account.happen("open", 1)

    assert run("sends", "--json").json["sends"][0]["events"]["Open"] == 1


# Events.


@pytest.fixture
def happened(server: MockServer) -> MockServer:
    """Return a server with two messages and their events."""
    server.account.send("welcome", to="ada+open+click@mock.test")
    server.account.send("welcome", to="bob+hardbounce@mock.test")
    return server


def test_events_are_listed_with_their_details(run: Run, happened: MockServer) -> None:
    lines = run("events").out.splitlines()

    assert columns(lines[0]) == ["Time", "Event", "Subscriber", "Details", "JobID", "BatchID"]
    kinds = [columns(line)[1] for line in lines[1:]]
    assert kinds == ["Sent", "DeliveredEvent", "Open", "Click", "Sent", "HardBounce"]
    assert "Hard bounce: 550 5.1.1" in lines[6]
    assert "http" in columns(lines[4])[3]


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (["--type", "BounceEvent"], ["HardBounce"]),
        (["--type", "bounce"], ["HardBounce"]),
        (["--type", "open"], ["Open"]),
        (["--type", "Delivered"], ["DeliveredEvent"]),
        (["--subscriber", "bob+hardbounce@mock.test"], ["Sent", "HardBounce"]),
        (["--send", "2"], ["Sent", "HardBounce"]),
        (["--limit", "2"], ["Sent", "HardBounce"]),
        (["--send", "1", "--type", "SentEvent"], ["Sent"]),
        (["--send", "9"], []),
    ],
    ids=" ".join,
)
def test_events_are_chosen(
    run: Run, happened: MockServer, arguments: list[str], kinds: list[str]
) -> None:
    found = run("events", *arguments, "--json").json

    assert [each["type"] for each in found["events"]] == kinds


def test_more_events_than_listed_are_announced(run: Run, happened: MockServer) -> None:
    shown = run("events", "--limit", "2")

    assert shown.code == 0
    assert shown.err == (
        "These are the newest 2. There are more: use --limit, --type or --subscriber.\n"
    )


def test_pages_of_events_are_complete(happened: MockServer) -> None:
    client = Client(happened.app)
    pages: list[Any] = [
        json.loads(client.get(f"/_mock/events?limit=2&offset={offset}").data)
        for offset in (0, 2, 4)
    ]

    kinds = [each["type"] for page in pages for each in page["events"]]
    assert kinds == [each.type for each in happened.account.tracking()]
    assert [bool(page["note"]) for page in pages] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "meant"), [("bonce", "bounce"), ("OpnEvent", "OpenEvent"), ("hardbounc", "HardBounce")]
)
def test_a_mistyped_event_is_answered_with_the_nearest(
    run: Run, server: MockServer, name: str, meant: str
) -> None:
    assert run("events", "--type", name).refusal == (
        f"There is no tracking event '{name}'. Did you mean {meant}?"
    )


def test_no_events_are_reported_in_one_line(run: Run, server: MockServer) -> None:
    assert run("events").out.startswith("No visible events")


def test_an_event_is_made_to_happen(run: Run, happened: MockServer) -> None:
    shown = run("event", "add", "hardbounce", "1", "--detail", "smtp_reason=full of owls")

    assert shown.out.startswith("Send 1, 'welcome' → ada+open+click@mock.test: Sent.")
    assert "full of owls" in shown.out
    assert happened.account.tracking(type="BounceEvent", send_id=1)[0].details["smtp_reason"] == (
        "full of owls"
    )


def test_an_event_happens_to_the_newest_send_after_a_while(run: Run, happened: MockServer) -> None:
    message = run("event", "add", "OpenEvent", "--after", "2h", "--json").json

    assert message["send_id"] == 2
    assert [each["visible"] for each in message["events"] if each["type"] == "Open"] == [False]


def test_an_event_that_cannot_happen_is_reported_in_one_line(
    run: Run, happened: MockServer
) -> None:
    assert run("event", "add", "clck").refusal == (
        "There is no tracking event 'clck' to make happen. Did you mean click?"
    )
    assert "not both" in run("event", "add", "open", "--after", "1h", "--at", "2026-01-02").err
    assert "Did you mean 'add'?" in run("event", "ad").err


def test_an_event_before_any_send_is_reported_in_one_line(run: Run, server: MockServer) -> None:
    assert "There are no sends yet" in run("event", "add", "open").refusal


# The journal.


def test_calls_are_listed_with_their_numbers(run: Run, server: MockServer) -> None:
    create(server, "ada@mock.test")
    create(server, "no address")

    lines = run("journal").out.splitlines()

    assert [" ".join(line.split()[:3]) for line in lines[:2]] == [
        "1 12:00:00 OK",
        "2 12:00:00 Error",
    ]
    assert "Create Subscriber" in lines[0]
    assert lines[2].strip() == "! 12000 InvalidEmailAddress"


def test_calls_are_chosen(run: Run, server: MockServer) -> None:
    create(server, "ada@mock.test")
    create(server, "no address")

    by_status = run("journal", "--status", "Error", "--json").json
    by_text = run("journal", "--text", "ada@mock", "--type", "Subscriber", "--json").json

    assert [each["number"] for each in by_status["exchanges"]] == [2]
    assert [each["number"] for each in by_text["exchanges"]] == [1]
    assert run("journal", "--operation", "Delete").out == "No such calls.\n"
    assert run("journal", "--operation", "create", "--type", "Subscribr").out == (
        "No such calls. Did you mean Create, Subscriber?\n"
    )


def test_one_call_is_shown_with_its_bodies_and_without_secrets(
    run: Run, server: MockServer
) -> None:
    create(server, "ada@mock.test")

    shown = run("journal", "1").out

    assert (
        "          <EmailAddress>ada@mock.test</EmailAddress>\n" in shown.replace("\r", "")[:9999]
    )
    assert "<OverallStatus>OK</OverallStatus>" in shown
    assert "mock-password" not in shown
    assert run("journal", "--bodies").out.count("Request, ") == 1
    assert "has no call 9" in run("journal", "9").refusal


def test_calls_are_forgotten(run: Run, server: MockServer) -> None:
    create(server, "ada@mock.test")

    shown = run("journal", "--clear")

    assert shown.out == "The calls were removed; the journal has 0.\n"
    assert run("journal").out == "No calls yet.\n"


# Settings, and going back.


def test_settings_are_shown_and_changed(run: Run, server: MockServer) -> None:
    changed = run("settings", "--engagement", "typical", "--lag", "worst")

    assert changed.out.splitlines() == [
        "engagement   typical",
        "lag          worst",
        "page size    2500",
        "mode         default",
    ]
    assert run("settings", "--json").json["lag"] == "worst"
    assert "Did you mean worst?" in run("settings", "--lag", "worts").refusal


def test_an_account_goes_back_to_a_checkpoint(run: Run, happened: MockServer) -> None:
    made = run("checkpoint", "before")
    run("send", "welcome", "eve@mock.test")
    run("clock", "advance", "1h")
    back = run("restore", "before")

    assert made.out == "Stored the account as checkpoint before. Checkpoints: before.\n"
    assert back.out == "The account is as it was at before; its clock shows 2026-01-01 12:00:00.\n"
    assert len(happened.account.sends()) == 2
    assert run("restore", "befor").refusal == "There is no checkpoint 'befor'. There are: before."


def test_checkpoints_are_reported_as_json(run: Run, server: MockServer) -> None:
    assert run("checkpoint", "--json").json["checkpoints"] == ["checkpoint"]
    assert run("restore", "--json").json["restored"] == "checkpoint"


# Odd data.


@pytest.mark.slow
@pytest.mark.parametrize("command", ["sends", "events", "explain", "journal"])
def test_control_characters_in_the_data_are_escaped(server: MockServer, command: str) -> None:
    hostile = "a\x1b[31m\u202e+open@mock.test"
    server.account.send("welcome", to={"key": hostile, "email": "ada+open@mock.test"})
    server.account.send("welcome", to=hostile)
    create(server, "a&#x9b;31m&#x202e;@mock.test")

    shown = run_apart(command, env=environment(SFMC_MOCK_URL=server.base_url))

    as_json = run_apart(command, "--json", env=environment(SFMC_MOCK_URL=server.base_url))
    assert shown.code == 0
    assert not {"\x1b", "\x9b", "\u202e"} & {*shown.out, *as_json.out}
    assert "\\u202e" in shown.out
    assert "\u202e" in json.dumps(as_json.json, ensure_ascii=False)


# Asynchronous requests.


def test_the_queue_lists_the_results_of_requests(run: Run, server: MockServer) -> None:
    before = run("queue").out
    document = envelope(
        '<CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Options><ConversationID>c1</ConversationID>'
        '<RequestType>Asynchronous</RequestType></Options><Objects xsi:type="Subscriber"><SubscriberKey>ada'
        "</SubscriberKey></Objects></CreateRequest>",
        username_token("mock-user", "mock-password"),
    )
    Client(server.app).post("/Service.asmx", data=document, headers={"SOAPAction": "Create"})

    (line,) = run("queue").out.splitlines()[1:]
    assert "No asynchronous requests" in before
    assert columns(line)[2:4] == ["Create Subscriber ada (c1)", "Error"]
    assert "12000" in columns(line)[4]
