"""Messages triggered while a definition is paused: queued in order until it is started, ended, or three days passed."""

from __future__ import annotations

import pytest
from tests.support.sending import (
    advance,
    change,
    column,
    event_types,
    events,
    explained,
    log_rows,
    make_attribute,
    make_definition,
    make_list,
    make_log,
    make_subscriber,
    messages,
    outcomes,
    profile_of,
    send,
    status_of,
    subscriber_of,
)

from sfmc_mock.account import Account
from sfmc_mock.account.sends import Recipient
from sfmc_mock.account.subscribers import find_subscriber, set_status
from sfmc_mock.account.triggered_send_definitions import delete_definition, find_definition

ADA, BOB = "ada@mail.example", "bob@mail.example"


@pytest.fixture
def paused(account: Account) -> Account:
    """An account with a send log, and a paused definition `welcome` that writes into it."""
    make_attribute(account, "UniqueID", max_length=200)
    make_log(account, "UniqueID")
    make_definition(account, status="Inactive")
    return account


def test_a_paused_definition_queues_sends(paused: Account) -> None:
    sent = send(paused, ADA)

    assert sent.accepted == 1
    assert outcomes(paused) == [("queued", None)]
    assert event_types(paused) == []
    assert log_rows(paused) == []


def test_a_send_that_can_be_refused_at_once_is_not_queued(paused: Account) -> None:
    sent = send(paused, "ada", BOB)

    assert [each.decision.code for each in sent.failures] == [4]
    assert outcomes(paused) == [("refused", 4), ("queued", None)]
    assert log_rows(paused, "ErrorCode") == [4]


def test_a_start_sends_what_waited_in_order(paused: Account) -> None:
    for number, to in enumerate(["s3@mail.example", "s1@mail.example", "s2@mail.example"]):
        send(paused, to, attributes={"UniqueID": f"u-{number}"})
        advance(paused, minutes=1)

    change(paused, status="Active")

    assert log_rows(paused, "UniqueID") == ["u-0", "u-1", "u-2"]
    assert [row["subscriber_key"] for row in events(paused) if row["type"] == "Sent"] == [
        "s3@mail.example",
        "s1@mail.example",
        "s2@mail.example",
    ]


def test_everything_bears_the_time_of_the_start(paused: Account) -> None:
    send(paused, ADA)
    advance(paused, hours=5)

    change(paused, status="Active")

    started = "2026-01-01T17:00:00.000"
    assert column(messages(paused), "decided_at") == [started]
    assert column(events(paused), "happens_at") == [started, started]
    assert log_rows(paused, "_CreatedDate") == [started]


def test_queued_messages_go_into_the_job_of_the_start(paused: Account) -> None:
    send(paused, ADA)
    change(paused, refresh=True)

    change(paused, status="Active")

    assert column(messages(paused), "job_id") == [10_980_376]
    assert log_rows(paused, "JobID") == [10_980_376]


def test_a_subscriber_queued_twice_gets_two_batches(paused: Account) -> None:
    send(paused, ADA)
    send(paused, ADA, BOB)

    change(paused, status="Active")

    assert column(messages(paused), "batch_id") == [1, 2, 1]


def test_nothing_is_sent_twice_when_a_definition_is_paused_and_started_again(
    paused: Account,
) -> None:
    send(paused, ADA)
    change(paused, status="Active")
    change(paused, status="Inactive")

    change(paused, status="Active")

    assert event_types(paused) == ["Sent", "DeliveredEvent"]
    assert len(log_rows(paused)) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("Held", ("not sent", 2)), ("Unsubscribed", ("not sent", 1)), ("Bounced", ("sent", None))],
)
def test_the_status_at_the_start_counts(
    paused: Account, status: str, outcome: tuple[str, int | None]
) -> None:
    number = make_subscriber(paused, "ada")
    send(paused, "ada")
    set_status(paused, number, status)

    change(paused, status="Active")

    assert outcomes(paused) == [outcome]
    assert log_rows(paused, "ErrorCode") == [outcome[1]]


def test_queued_messages_that_are_refused_by_now_count_as_not_sent(paused: Account) -> None:
    """Their request was already answered with OK."""
    sent = send(paused, ADA)
    make_attribute(paused, "Town", is_required=1)

    change(paused, status="Active")

    assert outcomes(paused) == [("not sent", 10)]
    assert event_types(paused) == ["NotSent"]
    assert explained(paused, sent).where == "not sent at send time"


def test_a_subscriber_deleted_meanwhile_is_not_added_again(paused: Account) -> None:
    send(paused, ADA)
    ada = subscriber_of(paused, ADA)
    paused.db.delete("subscriber", id=ada.id)

    change(paused, status="Active")

    assert outcomes(paused) == [("not sent", 40)]
    assert log_rows(paused, "SubID") == [ada.id]
    assert find_subscriber(paused, key=ADA) is None


def test_the_profile_is_taken_over_when_it_is_sent_not_when_it_leaves(account: Account) -> None:
    make_definition(account, status="Inactive", auto_update_subscribers=1)
    make_subscriber(account, "ada")
    send(account, Recipient("ada", "new@mail.example", {"First Name": "Ada"}))
    account.db.update(
        "subscriber", {"attributes": '{"First Name": "Augusta"}'}, subscriber_key="ada"
    )

    change(account, status="Active")

    assert profile_of(account, "ada") == {"First Name": "Augusta"}
    assert column(messages(account), "email_address") == ["new@mail.example"]


def test_auto_add_does_not_wait(account: Account) -> None:
    news = make_list(account, "News")
    make_definition(account, status="Inactive", list_id=news, auto_add_subscribers=1)

    send(account, ADA)

    assert column(account.db.find_all("list_subscriber"), "list_id") == [news]


def test_labels_hold_from_the_start_on(paused: Account) -> None:
    send(paused, "ada+open+after-1h@mock.test")
    advance(paused, hours=5)
    change(paused, status="Active")

    advance(paused, hours=1)

    opened = [row["happens_at"] for row in events(paused) if row["type"] == "Open"]
    assert opened == ["2026-01-01T18:00:00.000"]


@pytest.mark.parametrize("end", ["Canceled", "Deleted"])
def test_a_definition_that_ends_takes_its_queue_along(paused: Account, end: str) -> None:
    send(paused, ADA)
    advance(paused, hours=1)
    row = find_definition(paused, key="welcome")
    assert row is not None

    if end == "Deleted":
        delete_definition(paused, row)
    else:
        change(paused, status=end)

    assert outcomes(paused) == [("not sent", 39)]
    assert log_rows(paused, "ErrorCode") == [39]
    assert [(row["type"], row["happens_at"]) for row in events(paused)] == [
        ("NotSent", "2026-01-01T13:00:00.000")
    ]


def test_messages_that_never_left_belong_to_the_last_job(paused: Account) -> None:
    send(paused, ADA)
    change(paused, refresh=True)

    change(paused, status="Canceled")

    assert column(messages(paused), "job_id") == [10_980_375]
    assert column(paused.db.find_all("job"), "id") == [10_980_375]


@pytest.mark.parametrize(
    ("span", "outcome"),
    [
        ({"days": 3}, ("queued", None)),
        ({"days": 3, "seconds": 1}, ("not sent", 43)),
        ({"days": 30}, ("not sent", 43)),
    ],
)
def test_a_queue_keeps_messages_for_three_days(
    paused: Account, span: dict[str, float], outcome: tuple[str, int | None]
) -> None:
    send(paused, ADA)

    advance(paused, **span)

    assert outcomes(paused) == [outcome]


def test_expired_messages_have_the_time_of_their_expiry(paused: Account) -> None:
    send(paused, ADA)

    advance(paused, days=30)

    assert column(events(paused), "happens_at") == ["2026-01-04T12:00:00.003"]
    assert log_rows(paused, "_CreatedDate", "ErrorCode") == [("2026-01-04T12:00:00.003", 43)]


def test_each_send_has_three_days_of_its_own(paused: Account) -> None:
    send(paused, ADA)
    advance(paused, days=2)
    send(paused, BOB)

    advance(paused, days=2)

    assert outcomes(paused) == [("not sent", 43), ("queued", None)]


def test_messages_sent_in_time_do_not_expire(paused: Account) -> None:
    send(paused, ADA)
    change(paused, status="Active")

    advance(paused, days=10)

    assert outcomes(paused) == [("sent", None)]


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (lambda account: change(account, status="Active"), "Accepted"),
        (lambda account: change(account, status="Canceled"), "Cleared"),
        (lambda account: advance(account, days=4), "Expired"),
    ],
)
def test_a_send_says_what_became_of_its_wait(paused: Account, end, status: str) -> None:
    send(paused, ADA)
    before = column(paused.db.find_all("send"), "status")

    end(paused)

    assert (before, column(paused.db.find_all("send"), "status")) == (["Queued"], [status])


def test_effects_of_a_drained_message_count(paused: Account) -> None:
    send(paused, "ada+hardbounce@mock.test")

    change(paused, status="Active")

    assert status_of(paused, "ada+hardbounce@mock.test") == "Bounced"
