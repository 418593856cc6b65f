from __future__ import annotations

import pickle

import pytest
from tests.support import partner_answers as answers
from tests.support.fake_service import PASSWORD, FakeService, client_for

from sfmc_client import (
    APIObject,
    ConnectFailed,
    LoginFailed,
    NotFound,
    OperationFailed,
    Result,
    Results,
    RetrieveFailed,
    ServiceUnavailable,
    SfmcError,
    SoapFault,
    TokenExpired,
    UnreadableAnswer,
)
from sfmc_client.text_safety import hide_secrets

RESULTS = Results([Result(status_code="Error", raw=APIObject(None))], overall_status="Error")

ERRORS = [
    ConnectFailed("No.", url="http://x.test/"),
    UnreadableAnswer("No.", url="http://x.test/", status=502),
    SoapFault("No", fault_code="Server", detail_code=17, operation="Create"),
    OperationFailed("No.", results=RESULTS),
    RetrieveFailed("No.", status="no"),
    NotFound("No."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_survive_the_way_to_another_process(error: SfmcError) -> None:
    error.objects_received, error.attempts = 3, 2

    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (answers.TOKEN_EXPIRED, TokenExpired),
        (answers.LOGIN_FAILED, LoginFailed),
        (answers.RATE_LIMITED, ServiceUnavailable),
        (answers.fault("Unplanned Outage", code="soap:Server"), ServiceUnavailable),
        (answers.fault("Server did not recognize the value."), SoapFault),
    ],
)
def test_a_fault_is_of_the_kind_that_a_caller_acts_on(fault: bytes, kind: type[SoapFault]) -> None:
    with pytest.raises(SoapFault) as failure:
        client_for(FakeService(fault)).create(APIObject("Subscriber"))

    assert type(failure.value) is kind
    assert failure.value.operation == "Create"


def test_a_fault_is_quoted_with_its_code_and_what_to_do() -> None:
    service = FakeService(answers.RATE_LIMITED)

    with pytest.raises(ServiceUnavailable) as failure:
        client_for(service).create(APIObject("Subscriber"))

    assert str(failure.value) == (
        "The service refused Create: Rate Limited. [Server, code 17] Wait and try again, with fewer calls at a time; "
        "check first whether a call that writes took effect."
    )
    assert (failure.value.fault_code, failure.value.detail_code) == ("Server", 17)


def test_an_error_has_the_exchange_that_led_to_it() -> None:
    service = FakeService(answers.fault("No."))
    client = client_for(service)

    with pytest.raises(SoapFault) as failure:
        client.create(APIObject("Subscriber", SubscriberKey="ada"))

    exchange = failure.value.exchange
    assert exchange is not None
    assert exchange is client.last_exchange
    assert b"<SubscriberKey>ada</SubscriberKey>" in exchange.request
    assert (exchange.status, exchange.response) == (500, answers.fault("No."))


def test_longer_secrets_are_hidden_first() -> None:
    assert hide_secrets("a secret-more", ["secret", "secret-more"]) == "a ***"


def test_a_secret_of_three_letters_is_not_hidden() -> None:
    """Hiding it would damage ordinary text, and real passwords are longer."""
    assert hide_secrets("the cat sat", ["cat"]) == "the cat sat"


def test_the_tests_themselves_use_a_password_that_is_hidden() -> None:
    assert hide_secrets(PASSWORD, [PASSWORD]) == "***"
