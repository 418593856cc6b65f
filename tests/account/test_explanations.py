"""Explanations: the decision on a message and its reason, its events, and from when they are visible."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.support.sending import (
    TRANSACTIONAL,
    advance,
    change,
    explained,
    give_status,
    happen,
    make_attribute,
    make_definition,
    make_log,
    make_subscriber,
    send,
)

from sfmc_mock.account import Account, simulation_settings
from sfmc_mock.account.explanations import explain
from sfmc_mock.account.sends import Recipient
from sfmc_mock.errors import SetupError

ADA = "ada@mail.example"


@pytest.fixture
def mailing(account: Account) -> Account:
    """An account with a send log, and an active definition `welcome`."""
    make_attribute(account, "UniqueID", max_length=200)
    make_log(account, "UniqueID")
    make_definition(account)
    return account


def test_a_usual_send_is_explained_in_four_lines(mailing: Account) -> None:
    sent = send(mailing, ADA)

    found = explained(mailing, sent)

    assert str(found).splitlines() == [
        "Send 1, 'welcome' → ada@mail.example: Sent.",
        "  No rule blocks ada@mail.example: status Active, no exclusion matched.",
        f"  numbers   JobID 10980375, BatchID 1, SubscriberID {found.subscriber_id}",
        "  it        was sent at 2026-01-01 12:00:00, visible since 2026-01-01 12:00:00",
        "  it        was delivered at 2026-01-01 12:00:00, visible since 2026-01-01 12:00:00",
    ]


def test_an_exclusion_is_explained_with_rule_and_remedy(mailing: Account) -> None:
    make_subscriber(mailing, "ada")
    give_status(mailing, "ada", "Held")

    found = explained(mailing, send(mailing, "ada"))

    assert str(found).splitlines()[:5] == [
        "Send 1, 'welcome' → ada@mail.example: Not sent, code 2 (Held).",
        "  Subscriber 'ada' is Held: their mail bounced too often. Held stops every send, "
        "commercial or transactional.",
        "  rule      held (documented)",
        "  seen as   not sent at send time",
        "  change    Update the subscriber with a Status of Active.",
    ]


def test_a_refusal_is_explained_without_job_and_batch(mailing: Account) -> None:
    found = explained(mailing, send(mailing, "nobody"))

    assert str(found).splitlines() == [
        "Send 1, 'welcome' → nobody: Refused in the answer, code 4 (MissingEmailAddress).",
        "  Neither the call nor the subscriber 'nobody' has an address.",
        "  rule      missingaddress (documented)",
        "  seen as   synchronous failure",
        "  change    Send an EmailAddress.",
        "  numbers   JobID 10980375",
    ]


def test_a_message_that_waits_is_explained_with_its_end(mailing: Account) -> None:
    change(mailing, status="Inactive")
    sent = send(mailing, ADA)
    advance(mailing, hours=5)

    found = explained(mailing, sent)

    assert (found.outcome, found.definition_status) == ("queued", "Inactive")
    assert found.why == (
        "Definition 'welcome' is Inactive (paused). The message waits since 2026-01-01 12:00:00, and expires after "
        "2026-01-04 12:00:00, in 2d19h; the clock stands at 2026-01-01 17:00:00."
    )
    assert found.remedy == (
        "Start the definition within 3d: Update it with TriggeredSendStatus Active."
    )


@pytest.mark.parametrize(
    ("later", "sentence"),
    [
        (
            timedelta(minutes=1),
            "is opened at 2026-01-01 12:02:00, visible from 2026-01-01 12:14:00; "
            "the clock stands at 2026-01-01 12:01:00",
        ),
        (
            timedelta(minutes=5),
            "was opened at 2026-01-01 12:02:00, visible from 2026-01-01 12:14:00; "
            "the clock stands at 2026-01-01 12:05:00",
        ),
        (
            timedelta(minutes=14),
            "was opened at 2026-01-01 12:02:00, visible since 2026-01-01 12:14:00",
        ),
    ],
)
def test_an_event_that_cannot_be_seen_yet_is_reported_with_both_its_times(
    mailing: Account, later: timedelta, sentence: str
) -> None:
    sent = send(mailing, "ada+open+after-2m+lag-12m@mock.test")

    advance(mailing, seconds=later.total_seconds())

    opened = explained(mailing, sent).events[-1]
    assert (opened.type, opened.sentence) == ("Open", sentence)
    assert opened.visible is (later >= timedelta(minutes=14))


def test_events_stand_in_the_order_in_which_they_happen(mailing: Account) -> None:
    sent = send(mailing, ADA)
    advance(mailing, hours=2)
    happen(mailing, "masterunsub", sent)
    happen(mailing, "click", sent, after=timedelta(hours=-1))

    found = explained(mailing, sent)

    assert [each.type for each in found.events] == [
        "Sent",
        "DeliveredEvent",
        "Open",
        "Click",
        "Unsubscribe",
    ]


def test_the_reason_of_an_unsubscribe_is_reported(mailing: Account) -> None:
    found = explained(mailing, send(mailing, "ada+complaint@mock.test"))

    assert "was unsubscribed from at 2026-01-01 12:00:00 (All Subscribers: complaint)" in str(found)


def test_a_send_in_spite_of_an_unsubscribe_is_explained(account: Account) -> None:
    make_definition(account, classification=TRANSACTIONAL)
    make_subscriber(account, "ada")
    give_status(account, "ada", "Unsubscribed")

    found = explained(account, send(account, "ada"))

    assert found.outcome == "sent"
    assert "is unsubscribed, but the send classification is Operational" in found.why


def test_a_bounced_subscriber_gets_a_reason_for_its_sends(mailing: Account) -> None:
    make_subscriber(mailing, "ada")
    give_status(mailing, "ada", "Bounced")

    found = explained(mailing, send(mailing, "ada"))

    assert "has status Bounced, which does not stop a send" in found.why


def test_the_explanation_is_json_with_the_same_facts(mailing: Account) -> None:
    simulation_settings.choose_lag(mailing, "worst")
    found = explained(mailing, send(mailing, Recipient("ada", ADA, {"UniqueID": "u-1"})))

    told = json.loads(json.dumps(found.as_json()))

    assert {name: told[name] for name in ("send_id", "ordinal", "definition", "outcome")} == {
        "send_id": 1,
        "ordinal": 0,
        "definition": "welcome",
        "outcome": "sent",
    }
    assert told["attributes"] == {"UniqueID": "u-1"}
    assert told["now"] == told["decided_at"] == "2026-01-01T12:00:00.000"
    assert [each["visible"] for each in told["events"]] == [False, False]
    assert told["events"][0]["sentence"] == found.events[0].sentence


@pytest.mark.parametrize(
    "asked",
    [
        {"send_id": 2},
        {"subscriber": "ADA"},
        {"subscriber": "ada@MAIL.example"},
        {"unique_id": "u-2"},
        {"unique_id": "u-2", "subscriber": "ada"},
    ],
)
def test_a_message_is_found_by_send_subscriber_or_unique_id(
    mailing: Account, asked: dict[str, str]
) -> None:
    for number, name in enumerate(["bob", "ada", "cyd"], 1):
        send(mailing, Recipient(name, f"{name}@mail.example", {"UniqueID": f"u-{number}"}))

    found = explain(mailing, **asked)  # type: ignore[arg-type]

    assert [each.send_id for each in found] == [2]


def test_a_message_is_found_by_the_number_of_its_subscriber(mailing: Account) -> None:
    number = explained(mailing, send(mailing, ADA)).subscriber_id

    found = explain(mailing, subscriber=number)

    assert [each.subscriber_key for each in found] == [ADA]


def test_part_of_a_unique_id_finds_nothing(mailing: Account) -> None:
    send(mailing, Recipient("ada", ADA, {"UniqueID": "u-10"}))

    with pytest.raises(SetupError) as refused:
        explain(mailing, unique_id="u-1")

    assert str(refused.value) == (
        "There is no message for unique id 'u-1'. The newest sends are: send 1 ('welcome' → ada@mail.example)."
    )


def test_messages_come_with_the_newest_first(mailing: Account) -> None:
    send(mailing, ADA)
    send(mailing, ADA)

    found = explain(mailing, subscriber=ADA)

    assert [each.send_id for each in found] == [2, 1]


def test_an_account_that_sent_nothing_says_so(mailing: Account) -> None:
    with pytest.raises(SetupError) as refused:
        explain(mailing, send_id=7)

    assert str(refused.value) == (
        "There is no message for send 7: nothing was sent yet in account 1234567."
    )


def test_explaining_does_what_is_due_first(mailing: Account) -> None:
    change(mailing, status="Inactive")
    sent = send(mailing, ADA)
    mailing.clock.shown += timedelta(days=4)

    found = explained(mailing, sent)

    assert (found.outcome, found.code) == ("not sent", 43)
