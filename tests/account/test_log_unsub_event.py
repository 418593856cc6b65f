"""LogUnsubEvent: an unsubscribe reported by a caller, with the documented parameters and codes."""

from __future__ import annotations

import pytest
from tests.support.sending import (
    TRANSACTIONAL,
    advance,
    column,
    events,
    make_definition,
    make_list,
    make_subscriber,
    messages,
    outcomes,
    send,
    status_of,
)

from sfmc_mock.account import Account, simulation_settings
from sfmc_mock.account.log_unsub_event import DEFAULT_REASON, log_unsub_event
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row

JOB = "10980375"


@pytest.fixture
def news(account: Account) -> str:
    """Return the ID of a list to which the definition `welcome` has sent a message to `ada`."""
    number = make_list(account, "News")
    make_definition(account, list_id=number)
    make_subscriber(account, "ada")
    make_subscriber(account, "bob")
    send(account, "ada")
    return str(number)


def unsub_events(account: Account) -> list[Row]:
    return [row for row in events(account) if row["type"] == "Unsubscribe"]


def refusal(account: Account, **parameters: str) -> tuple[int, str]:
    with pytest.raises(Refused) as refused, account.db.atomic():
        log_unsub_event(account, parameters)
    return refused.value.error_code, refused.value.message


def test_a_job_gives_the_list_and_batch_that_are_missing(account: Account, news: str) -> None:
    log_unsub_event(account, {"SubscriberKey": "ada", "JobID": JOB})

    (event,) = unsub_events(account)
    assert (event["job_id"], event["batch_id"], event["list_id"]) == (int(JOB), 1, int(news))
    assert event["is_master_unsubscribed"] == 0
    assert column(account.db.find_all("list_subscriber"), "status") == ["Unsubscribed"]
    assert status_of(account, "ada") == "Active"


def test_a_list_means_the_newest_job_that_sent_to_it(account: Account, news: str) -> None:
    make_definition(account, "second", list_id=int(news))
    make_definition(account, "elsewhere", list_id=make_list(account, "Offers"))
    send(account, "ada", key="second")
    send(account, "ada", key="elsewhere")

    log_unsub_event(account, {"SubscriberKey": "ada", "ListID": news})

    assert column(unsub_events(account), "job_id") == [int(JOB) + 1]


def test_a_batch_is_that_of_the_job(account: Account, news: str) -> None:
    send(account, "ada")

    log_unsub_event(account, {"SubscriberKey": "ada", "JobID": JOB, "BatchID": "1"})

    assert column(unsub_events(account), "batch_id") == [1]


def test_without_a_batch_it_is_the_newest(account: Account, news: str) -> None:
    send(account, "ada")

    log_unsub_event(account, {"SubscriberKey": "ada", "JobID": JOB})

    assert column(unsub_events(account), "batch_id") == [2]


@pytest.mark.parametrize("more", [{}, {"BatchID": "1"}, {"Reason": "asked by phone"}])
def test_without_job_and_list_it_is_a_master_unsubscribe_without_an_event(
    account: Account, news: str, more: dict[str, str]
) -> None:
    log_unsub_event(account, {"SubscriberKey": "ada", **more})

    assert status_of(account, "ada") == "Unsubscribed"
    assert unsub_events(account) == []


def test_a_send_to_all_subscribers_is_left_altogether(account: Account) -> None:
    make_definition(account)
    make_subscriber(account, "ada")
    send(account, "ada")

    log_unsub_event(account, {"SubscriberKey": "ada", "JobID": JOB})

    assert status_of(account, "ada") == "Unsubscribed"
    assert column(unsub_events(account), "is_master_unsubscribed") == [1]


def test_a_subscriber_is_named_by_id_too(account: Account, news: str) -> None:
    number = messages(account)[0]["subscriber_id"]

    log_unsub_event(
        account,
        {"SubscriberID": str(number), "SubscriberKey": "ADA", "EmailAddress": "ADA@mail.example"},
    )

    assert status_of(account, "ada") == "Unsubscribed"


@pytest.mark.parametrize(
    ("more", "kept"), [({"Reason": "asked by phone"}, "asked by phone"), ({}, DEFAULT_REASON)]
)
def test_the_reason_is_kept(account: Account, news: str, more: dict[str, str], kept: str) -> None:
    log_unsub_event(account, {"SubscriberKey": "ada", "JobID": JOB, **more})

    assert column(unsub_events(account), "reason") == [kept]


def test_the_event_bears_the_time_of_the_call_and_the_accounts_lag(
    account: Account, news: str
) -> None:
    simulation_settings.choose_lag(account, "worst")
    advance(account, hours=8)

    log_unsub_event(account, {"SubscriberKey": "ada", "JobID": JOB})

    assert unsub_events(account) == []
    advance(account, hours=4)
    assert column(unsub_events(account), "happens_at") == ["2026-01-01T20:00:00.000"]


def test_the_next_commercial_message_is_not_sent(account: Account, news: str) -> None:
    make_definition(account, "receipt", classification=TRANSACTIONAL)
    log_unsub_event(account, {"SubscriberKey": "ada"})

    send(account, "ada")
    send(account, "ada", key="receipt")

    assert outcomes(account)[1:] == [("not sent", 1), ("sent", None)]


ANOTHER = "These values refer to different subscribers"
OTHER_ID = f"SubscriberID along with SubscriberKey and/or EmailAddress. {ANOTHER}"
NOTHING_KNOWN = "did not contain any of the Parameters we were looking for"
NOT_THERE = "The subscriber could not be found on the specified JobID"


@pytest.mark.parametrize(
    ("parameters", "code", "text"),
    [
        ({}, 402, NOTHING_KNOWN),
        ({"Colour": "red"}, 402, NOTHING_KNOWN),
        ({"SubscriberKey": " "}, 402, NOTHING_KNOWN),
        ({"JobID": JOB}, 403, "were not specified or they were empty"),
        (
            {"EmailAddress": "ada@mail.example"},
            404,
            "You MUST supply SubscriberKey and/or SubscriberID",
        ),
        (
            {"SubscriberKey": "ada", "SubscriberID": "7"},
            405,
            OTHER_ID,
        ),
        (
            {"SubscriberKey": "ada", "EmailAddress": "bob@mail.example"},
            407,
            f"EmailAddress along with SubscriberID and/or SubscriberKey. {ANOTHER}",
        ),
        (
            {"SubscriberKey": "ada", "SubscriberID": "0"},
            405,
            OTHER_ID,
        ),
        ({"SubscriberKey": "nobody"}, 400, NOT_THERE),
        ({"SubscriberID": "7"}, 400, NOT_THERE),
        (
            {"SubscriberKey": "bob", "JobID": JOB},
            400,
            NOT_THERE,
        ),
        (
            {"SubscriberKey": "ada", "JobID": JOB, "BatchID": "9"},
            400,
            NOT_THERE,
        ),
        (
            {"SubscriberKey": "ada", "ListID": "4"},
            400,
            NOT_THERE,
        ),
        ({"SubscriberKey": "ada", "JobID": "first"}, 402, "JobID is not a number: 'first'."),
        ({"SubscriberKey": "ada", "JobID": "²"}, 402, "JobID is not a number: '²'."),
        ({"SubscriberKey": "ada", "JobID": "9" * 19}, 402, "JobID is not a number"),
    ],
)
def test_parameters_that_do_not_do_are_refused(
    account: Account, news: str, parameters: dict[str, str], code: int, text: str
) -> None:
    found, told = refusal(account, **parameters)

    assert found == code
    assert text in told
    assert unsub_events(account) == []


@pytest.mark.parametrize("key", ["bob", "nobody"])
def test_a_key_that_is_not_the_ids_is_refused(account: Account, news: str, key: str) -> None:
    number = str(messages(account)[0]["subscriber_id"])

    found = refusal(account, SubscriberKey=key, SubscriberID=number)

    assert found == (
        406,
        f"You supplied SubscriberKey along with SubscriberID and/or EmailAddress. {ANOTHER}",
    )


def test_leaving_a_list_twice_is_refused(account: Account, news: str) -> None:
    log_unsub_event(account, {"SubscriberKey": "ada", "JobID": JOB})

    code, text = refusal(account, SubscriberKey="ada", JobID=JOB)

    assert (code, text) == (401, "The subscriber is already unsubscribed from the specified list")
    assert len(unsub_events(account)) == 1


@pytest.mark.parametrize("parameters", [{}, {"JobID": JOB}])
def test_a_second_master_unsubscribe_is_refused(
    account: Account, parameters: dict[str, str]
) -> None:
    make_definition(account)
    make_subscriber(account, "ada")
    send(account, "ada")
    log_unsub_event(account, {"SubscriberKey": "ada"})

    code, text = refusal(account, SubscriberKey="ada", **parameters)

    assert code == 12012
    assert text == "The subscriber has already been master unsubscribed from the system"
