"""Recording, searching, and assertions on recorded calls."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from sfmc_mock.journal import Exchange, Journal
from sfmc_mock.journal.packing import Packed


def retrieve(*object_types: str, **fields: Any) -> Exchange:
    return Exchange(operation="Retrieve", object_types=object_types, overall_status="OK", **fields)


@pytest.fixture
def journal():
    """A journal of four calls: three retrieves for one account, one of them refused, and a create for another."""
    journal = Journal()
    journal.record(retrieve("SentEvent", account=1, answer=b"<SubscriberKey>ada</SubscriberKey>"))
    journal.record(retrieve("DataExtensionObject[SendLog]", account=1))
    journal.record(
        Exchange(
            operation="Retrieve", object_types=("Sent",), account=1, overall_status="Error: no"
        )
    )
    journal.record(
        Exchange(
            operation="Create",
            object_types=("TriggeredSend",),
            account=2,
            summary="welcome → ada",
            http_status=500,
            request=b"<Password>hush</Password>",
        )
    )
    return journal


def numbers(found: Iterable[Exchange]) -> list[int]:
    return [exchange.number for exchange in found]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"operation": "Retrieve"}, [1, 2, 3]),
        ({"object_type": "SentEvent"}, [1]),
        ({"object_type": "DataExtensionObject"}, [2]),
        ({"object_type": "DataExtensionObject[SendLog]"}, [2]),
        ({"object_type": "DataExtensionObject[Other]"}, []),
        ({"status": "OK"}, [1, 2]),
        ({"status": "Error"}, [3]),
        ({"status": 500}, [4]),
        ({"text": "ADA"}, [1, 4]),
        ({"text": "hush"}, []),
        ({"text": "Zoë"}, []),
        ({"account": 2}, [4]),
        ({"since_number": 2}, [3, 4]),
        ({"operation": "Retrieve", "limit": 2}, [2, 3]),
        ({"limit": 0}, []),
        ({"limit": None}, [1, 2, 3, 4]),
    ],
)
def test_a_search_finds_what_agrees_with_everything_asked(journal, asked, expected):
    assert numbers(journal.search(**asked)) == expected


def test_a_search_says_what_it_left_out(journal):
    found = journal.search("Retrieve", limit=1)

    assert (len(found), found.matching, found.note) == (
        1,
        3,
        "2 older ones match as well and are left out.",
    )


def test_an_exchange_is_found_by_its_number(journal):
    exchange = journal.get(4)

    assert exchange is not None
    assert exchange.summary == "welcome → ada"
    assert journal.get(5) is None


def test_the_oldest_go_when_there_are_too_many():
    journal = Journal(max_exchanges=2)
    for _ in range(5):
        journal.record(retrieve("SentEvent"))
    found = journal.search()

    assert numbers(found) == [4, 5]
    assert (journal.dropped, found.dropped) == (3, 3)
    assert found.note == "3 older exchanges were dropped: the journal keeps the last ones only."


def test_the_oldest_go_when_they_are_too_large():
    journal = Journal(max_bytes=100_000)
    for _ in range(5):
        journal.record(retrieve("SentEvent", answer=b"x" * 30_000))

    assert numbers(journal) == [3, 4, 5]


def test_reading_an_exchange_does_not_change_the_memory_limit():
    journal = Journal(max_bytes=100_000)
    # It is compressed to half of it.
    secret = random.Random(1).randbytes(20_000).hex().encode()
    for _ in range(100):
        number = journal.record(retrieve("SentEvent", answer=b"<Password>" + secret))
        exchange = journal.get(number)
        assert exchange is not None
        assert exchange.answer == "<Password>***"
        assert isinstance(exchange._answer, Packed)

    assert len(journal) == 4


def test_a_message_in_utf_16_is_found():
    journal = Journal()
    journal.record(retrieve("SentEvent", request="<Value>Ada</Value>".encode("utf-16")))

    assert numbers(journal.search(text="ada")) == [1]
    assert numbers(journal.search(text="bea")) == []


def test_clearing_one_account_leaves_the_others(journal):
    journal.clear(account=1)

    assert numbers(journal) == [4]


def test_clearing_forgets_what_was_dropped():
    journal = Journal(max_exchanges=1)
    journal.record(retrieve("SentEvent"))
    journal.record(retrieve("SentEvent"))
    journal.clear()

    assert (len(journal), journal.dropped) == (0, 0)
    assert journal.record(retrieve("SentEvent")) == 3


def test_threads_get_numbers_of_their_own():
    journal = Journal(max_exchanges=10_000)

    def record():
        for _ in range(500):
            journal.record(retrieve("SentEvent"))

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert numbers(journal) == list(range(1, 2_001))


def test_listeners_are_called_for_each_exchange():
    heard: list[Exchange] = []
    journal = Journal(on_record=heard.append)
    journal.record(retrieve("SentEvent"))

    assert numbers(heard) == [1]


def test_a_call_that_was_made_is_returned(journal):
    called = journal.assert_called("Retrieve", object_type="SentEvent")

    assert numbers(called) == [1]


def test_a_failed_expectation_names_the_nearest_calls(journal):
    with pytest.raises(AssertionError) as failure:
        journal.assert_called("Retrieve", object_type="SendEvent")

    assert str(failure.value) == (
        "Retrieve SendEvent: expected 1 or more, got 0. Nearest:\n"
        "  #1 Retrieve SentEvent, OK: object type is 'SentEvent', not 'SendEvent'\n"
        "  #3 Retrieve Sent, Error: object type is 'Sent', not 'SendEvent'\n"
        "  #2 Retrieve DataExtensionObject[SendLog], OK: "
        "object type is 'DataExtensionObject[SendLog]', not 'SendEvent'"
    )


def test_calls_of_one_kind_are_named_once():
    journal = Journal()
    for _ in range(3):
        journal.record(retrieve("SentEvents"))

    with pytest.raises(AssertionError) as failure:
        journal.assert_called("Retrieve", object_type="SentEvent")

    assert str(failure.value).splitlines()[1:] == [
        "  #3 Retrieve SentEvents, OK: object type is 'SentEvents', not 'SentEvent'"
    ]


def test_too_many_calls_are_named():
    journal = Journal()
    journal.record(retrieve("SentEvent"))
    journal.record(retrieve("SentEvent"))

    with pytest.raises(AssertionError) as failure:
        journal.assert_called("Retrieve", times=1)

    assert str(failure.value) == (
        "Retrieve: expected 1, got 2. These came:\n  #1 Retrieve SentEvent, OK\n  #2 Retrieve SentEvent, OK"
    )


def test_too_few_calls_say_how_many_came():
    journal = Journal()
    journal.record(retrieve("SentEvent"))

    with pytest.raises(AssertionError, match=r"^Retrieve: expected 2, got 1\.$"):
        journal.assert_called("Retrieve", times=2)


def test_that_nothing_was_called_can_be_asserted(journal):
    assert journal.assert_called("Delete", times=0) == ()


def test_an_empty_journal_says_that_nothing_was_called():
    with pytest.raises(
        AssertionError, match=r"^Delete: expected 1 or more, got 0\. Nothing was called yet\.$"
    ):
        Journal().assert_called("Delete")


def test_every_condition_is_in_the_failure(journal):
    with pytest.raises(AssertionError) as failure:
        journal.assert_called("Create", status="Error", text="bob", account=2)

    assert str(failure.value).splitlines() == [
        "Create with status Error containing 'bob' to account 2: expected 1 or more, got 0. Nearest:",
        "  #4 Create TriggeredSend welcome → ada, HTTP 500: status is 'HTTP 500', not 'Error'; it has no text 'bob'",
        "  #3 Retrieve Sent, Error: operation is 'Retrieve', not 'Create'; account is 1, not 2; it has no text 'bob'",
        "  #2 Retrieve DataExtensionObject[SendLog], OK: operation is 'Retrieve', not 'Create'; "
        "status is 'OK', not 'Error'; account is 1, not 2; it has no text 'bob'",
    ]


def test_a_failure_says_that_exchanges_were_dropped():
    journal = Journal(max_exchanges=1)
    journal.record(retrieve("SentEvent"))
    journal.record(retrieve("OpenEvent"))

    with pytest.raises(AssertionError, match="1 older exchange was dropped"):
        journal.assert_called("Retrieve", object_type="SentEvent")
