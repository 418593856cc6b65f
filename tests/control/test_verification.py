"""Assertions on sent messages: their success, and their failure messages with the closest candidates."""

from __future__ import annotations

import pytest
from tests.support.control import Control

from sfmc_mock.account.sends import Recipient, trigger
from sfmc_mock.account.triggered_send_definitions import find_definition
from sfmc_mock.control import AccountHandle, VerificationJournal


@pytest.fixture
def journal(handle: AccountHandle) -> VerificationJournal:
    """The journal of the account."""
    return handle.journal


def failure(journal: VerificationJournal, **expected: object) -> str:
    """Return the text of an expectation that fails."""
    with pytest.raises(AssertionError) as failed:
        journal.assert_sent(**expected)  # type: ignore[arg-type]
    return str(failed.value)


def test_a_message_that_was_sent_is_found_with_its_numbers(
    handle: AccountHandle, journal: VerificationJournal
) -> None:
    sent = handle.send("welcome", to="ada@mock.test", attributes={"First Name": "Ada"})

    (found,) = journal.assert_sent(
        to="ada@mock.test", definition="welcome", attributes={"First Name": "Ada"}
    )

    assert (found.job_id, found.batch_id, found.subscriber_id) == (
        sent.job_id,
        sent.batch_id,
        sent.subscriber_id,
    )


@pytest.mark.parametrize(
    "expected",
    [
        {"to": "ADA@mock.test"},
        {"to": "ada"},
        {"definition": "WELCOME"},
        {"definition": "Welcome mail"},
        {"times": 1},
        {"to": "bob@mock.test", "times": 0},
        {},
    ],
)
def test_an_expectation_may_name_only_some_of_it(
    handle: AccountHandle, journal: VerificationJournal, expected: dict[str, object]
) -> None:
    handle.send("welcome", to={"key": "ada", "email": "ada@mock.test"})

    found = journal.assert_sent(**expected)  # type: ignore[arg-type]

    assert len(found) == (0 if "times" in expected and expected["times"] == 0 else 1)


def test_messages_come_oldest_first(handle: AccountHandle, journal: VerificationJournal) -> None:
    for name in ("ada", "bob", "eve"):
        handle.send("welcome", to=f"{name}@mock.test")

    found = journal.assert_sent(definition="welcome", times=3)

    assert [each.subscriber_key for each in found] == [
        "ada@mock.test",
        "bob@mock.test",
        "eve@mock.test",
    ]


def test_nothing_sent_at_all_is_said(journal: VerificationJournal) -> None:
    text = failure(journal, to="ada@mock.test")

    assert text == ("A message to ada@mock.test: expected 1 or more, got 0. Nothing was sent yet.")


def test_a_message_to_another_recipient_is_the_nearest(
    handle: AccountHandle, journal: VerificationJournal
) -> None:
    handle.send("welcome", to="adda@mock.test")

    text = failure(journal, to="ada@mock.test", definition="welcome")

    assert text == (
        "A message of 'welcome' to ada@mock.test: expected 1 or more, got 0. Nearest:\n"
        "  send 1 of 'welcome' to adda@mock.test was sent: to is 'adda@mock.test', not 'ada@mock.test'"
    )


def test_a_message_with_another_attribute_is_the_nearest(
    handle: AccountHandle, journal: VerificationJournal
) -> None:
    handle.send("welcome", to="ada@mock.test", attributes={"First Name": "Adda"})

    text = failure(journal, to="ada@mock.test", attributes={"First Name": "Ada"})

    assert text.splitlines() == [
        "A message to ada@mock.test with First Name 'Ada': expected 1 or more, got 0. Nearest:",
        "  send 1 of 'welcome' to ada@mock.test was sent: attribute First Name is 'Adda', not 'Ada'",
    ]


def test_a_message_that_was_not_sent_is_named_with_its_code(
    handle: AccountHandle, journal: VerificationJournal
) -> None:
    handle.send("welcome", to="ada+notsent-held@mock.test")

    text = failure(journal, to="ada+notsent-held@mock.test")

    assert text.endswith(
        "send 1 of 'welcome' to ada+notsent-held@mock.test was not sent, code 2 (Held)"
    )


def test_a_paused_definition_is_what_keeps_the_message(
    handle: AccountHandle, journal: VerificationJournal
) -> None:
    handle.send("paused", to="ada@mock.test")

    text = failure(journal, to="ada@mock.test", definition="paused")

    assert text.splitlines()[1:] == [
        "  send 1 of 'paused' to ada@mock.test waits in the queue",
        "definition 'paused' exists but is Inactive: what is sent waits in its queue until it is started again "
        "(TriggeredSendStatus Active).",
    ]


def test_a_definition_that_was_never_started_is_named(journal: VerificationJournal) -> None:
    text = failure(journal, definition="draft")

    assert "definition 'draft' exists but is New: it was never started" in text


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("welcom", "Did you mean 'welcome' (Active)?"),
        ("zzz", "There are: 'welcome' (Active), 'paused' (Inactive), 'draft' (New)."),
    ],
)
def test_a_definition_that_does_not_exist_is_named_with_those_that_do(
    journal: VerificationJournal, wanted: str, hint: str
) -> None:
    text = failure(journal, definition=wanted)

    assert text.endswith(f"There is no triggered send definition '{wanted}'. {hint}")


def test_one_message_too_many_is_listed(
    handle: AccountHandle, journal: VerificationJournal
) -> None:
    for _ in range(2):
        handle.send("welcome", to="ada@mock.test")

    text = failure(journal, to="ada@mock.test", times=1)

    assert text.splitlines() == [
        "A message to ada@mock.test: expected 1, got 2. These were sent:",
        "  send 1 of 'welcome' to ada@mock.test was sent",
        "  send 2 of 'welcome' to ada@mock.test was sent",
    ]


def test_a_message_among_thousands_is_found(
    handle: AccountHandle, journal: VerificationJournal
) -> None:
    handle.send("welcome", to="ada@mock.test")
    account = handle.account
    definition = find_definition(account, key="welcome")
    assert definition is not None
    with account.db.atomic():
        trigger(account, definition, [Recipient(f"s{n}", f"s{n}@mock.test") for n in range(1_500)])

    (found,) = journal.assert_sent(to="ada@mock.test")

    assert found.send_id == 1


def test_calls_are_verified_beside_sends(control: Control, journal: VerificationJournal) -> None:
    control.soap_as("mock-user", "mock-password")

    (found,) = journal.assert_called("GetSystemStatus", times=1)

    assert found.overall_status == "OK"
    assert [each.operation for each in journal] == ["GetSystemStatus"]
    assert journal.get(found.number) is found
    assert journal.search("GetSystemStatus").matching == len(journal) == 1


def test_a_call_that_was_not_made_is_answered_with_the_nearest(
    control: Control, journal: VerificationJournal
) -> None:
    control.soap_as("mock-user", "mock-password")

    with pytest.raises(AssertionError, match="Nearest:\n  #1 GetSystemStatus"):
        journal.assert_called("GetSystemState")
    assert "operation is 'GetSystemStatus'" in str(journal.nearest("GetSystemState")[0])


def test_the_calls_of_another_account_are_not_this_ones(
    control: Control, journal: VerificationJournal
) -> None:
    fresh = control.post("/accounts").body
    control.soap_as(fresh["username"], fresh["password"])

    assert list(journal) == []
    assert journal.get(1) is None
    with pytest.raises(AssertionError):
        journal.assert_called("GetSystemStatus")


def test_a_cleared_journal_forgets_the_calls_and_keeps_the_sends(
    control: Control, handle: AccountHandle, journal: VerificationJournal
) -> None:
    control.soap_as("mock-user", "mock-password")
    handle.send("welcome", to="ada@mock.test")

    journal.clear()

    assert len(journal) == 0
    assert journal.assert_sent(to="ada@mock.test")
