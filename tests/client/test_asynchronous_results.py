"""Results of asynchronous calls in the client."""

from __future__ import annotations

import pytest

from sfmc_client import APIObject, ConfigurationError, Options
from sfmc_client.testing.mock_account import MockAccount
from sfmc_client.testing.targets import Target

ADA = APIObject("Subscriber", SubscriberKey="ada", EmailAddress="ada@mock.test")
NOBODY = APIObject("Subscriber", SubscriberKey="nobody")


def test_results_are_found_by_request_and_by_conversation(
    sfmc: Target, sfmc_account: MockAccount
) -> None:
    options = Options(request_type="Asynchronous", conversation_id="c1")
    queued = sfmc.client.create([ADA, NOBODY], options=options)
    (result,) = queued
    by_request = list(sfmc.client.asynchronous_results(request_id=queued.request_id))
    by_conversation = list(sfmc.client.asynchronous_results(conversation_id="c1"))

    assert result.status_message == "Queued"
    assert [each.text("StatusCode") for each in by_request] == ["OK", "Error"]
    assert [each.integer("OrdinalID") for each in by_conversation] == [0, 1]
    (request,) = sfmc_account.queued(request_id=queued.request_id)
    assert (request["conversation_id"], request["status"]) == ("c1", "Error")


@pytest.mark.parametrize(("request_id", "conversation_id"), [(None, None), ("r", "c")])
def test_one_of_both_names_a_call(
    sfmc: Target, request_id: str | None, conversation_id: str | None
) -> None:
    with pytest.raises(ConfigurationError, match="either request_id= or conversation_id="):
        sfmc.client.asynchronous_results(request_id=request_id, conversation_id=conversation_id)
