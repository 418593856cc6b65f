from __future__ import annotations

import pytest
from tests.support import partner_answers as answers
from tests.support.fake_service import Answer, FakeService, NoWait, client_for, quick_retries

from sfmc_client import (
    APIObject,
    CertificateRejected,
    Client,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Retries,
    SfmcError,
    TimedOut,
)
from sfmc_client.envelope import OPERATIONS

ADA = APIObject("Subscriber", SubscriberKey="ada")

CALLS = {
    "Create": lambda client: client.create(ADA),
    "Update": lambda client: client.update(ADA),
    "Delete": lambda client: client.delete(ADA),
    "Perform": lambda client: client.perform("start", ADA),
    "Configure": lambda client: client.configure("Create", ADA),
    "Schedule": lambda client: client.schedule("start", ADA, APIObject("ScheduleDefinition")),
    "Execute": lambda client: client.log_unsub_event(subscriber_key="ada"),
    "Extract": lambda client: client.extract("id"),
    "Query": lambda client: client.query("List", ["ID"]).all(),
    "Retrieve": lambda client: client.retrieve("List", ["ID"]).all(),
    "Describe": lambda client: client.describe("List"),
    "VersionInfo": lambda client: client.version_info(),
    "GetSystemStatus": lambda client: client.get_system_status(),
}
READ_ONLY = {"Retrieve", "Describe", "VersionInfo", "GetSystemStatus"}


def attempts(operation: str, trouble: Answer | bytes | Exception) -> int:
    """Return how often an operation is sent if every attempt has this result."""
    service = FakeService(*[trouble] * 5)
    client: Client = client_for(service, retries=quick_retries(attempts=3))
    with pytest.raises(SfmcError):
        CALLS[operation](client)
    return len(service.received)


def test_every_operation_is_tried_here() -> None:
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("operation", CALLS)
def test_a_connection_that_was_never_made_is_tried_again_for_every_operation(operation) -> None:
    assert attempts(operation, ConnectFailed("No connection.")) == 3


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "trouble",
    [
        TimedOut("Too late."),
        ConnectionLost("Cut off."),
        answers.RATE_LIMITED,
        Answer(b"busy", status=503),
    ],
    ids=["timeout", "cut off", "rate limited", "busy"],
)
def test_calls_that_may_have_happened_are_repeated_only_if_they_read(operation, trouble) -> None:
    assert attempts(operation, trouble) == (3 if operation in READ_ONLY else 1)


@pytest.mark.parametrize(
    "trouble",
    [
        CertificateRejected("Does not fit."),
        answers.fault("Server was unable to read request."),
        answers.LOGIN_FAILED,
        Answer(b"<html>not here</html>", status=404),
    ],
    ids=["certificate", "client fault", "login", "not found"],
)
def test_permanent_errors_are_not_repeated(trouble) -> None:
    assert attempts("Retrieve", trouble) == 1


def test_the_error_says_how_often_it_was_tried() -> None:
    service = FakeService(*[ConnectFailed("No connection.") for _ in range(3)])

    with pytest.raises(ConnectFailed, match=r"^No connection\. It was tried 3 times\.$") as failure:
        client_for(service).create(ADA)

    assert failure.value.attempts == 3


def test_trouble_that_passes_is_not_noticed() -> None:
    service = FakeService(answers.RATE_LIMITED, ConnectionLost("Cut off."), answers.retrieved())

    assert client_for(service).retrieve("List", ["ID"]).all() == []


def test_waits_grow_up_to_the_longest() -> None:
    retries = Retries(first_delay=0.5, longest_delay=3.0, jitter=lambda: 1.0)

    assert [retries.delay(attempt) for attempt in (1, 2, 3, 4, 5000)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_chance_cuts_a_wait_to_between_half_and_whole() -> None:
    assert Retries(first_delay=1.0, jitter=lambda: 0.0).delay(1) == 0.5
    assert all(0.5 <= Retries(first_delay=1.0).delay(1) <= 1.0 for _ in range(100))


def test_there_is_a_wait_between_attempts_and_none_after_the_last() -> None:
    sleep = NoWait()
    service = FakeService(*[ConnectFailed("No connection.") for _ in range(3)])

    with pytest.raises(ConnectFailed):
        client_for(service, retries=quick_retries(3, sleep)).version_info()

    assert sleep.slept == [0.25, 0.5]


@pytest.mark.parametrize("options", [{"attempts": 0}, {"first_delay": -1}, {"longest_delay": -1}])
def test_impossible_settings_are_refused(options) -> None:
    with pytest.raises(ConfigurationError, match="at least"):
        Retries(**options)
