"""Ten recipes: failures that a program which calls Marketing Cloud should handle."""

import pytest

from sfmc_client import (
    APIObject,
    ConnectionLost,
    OperationFailed,
    RetrieveFailed,
    ServiceUnavailable,
    TokenExpired,
)


# 1. Your retry must not send twice: the mail went out, and only the answer was lost.
@pytest.mark.sfmc_chaos(operation="Create", object="TriggeredSend", lose="answer", nth=1)
def test_a_retry_looks_before_it_sends_again(sfmc):
    sfmc.flow.set_up("welcome")
    unique_id = "order-4711"

    try:
        sfmc.flow.trigger("welcome", "ada@mock.test", unique_id=unique_id)
    except ConnectionLost:
        if sfmc.flow.find_log_row(unique_id) is None:
            sfmc.flow.trigger("welcome", "ada@mock.test", unique_id=unique_id)

    assert len(sfmc.client.retrieve("SentEvent", ["SubscriberKey"]).all()) == 1


# 2. Check the results of a send: the service answered OK, but did nothing.
@pytest.mark.sfmc_chaos(operation="Create", object="TriggeredSend", lose="work", nth=1)
def test_a_send_without_a_log_row_is_noticed(sfmc):
    sfmc.flow.set_up("welcome")

    sfmc.flow.trigger("welcome", "ada@mock.test", unique_id="order-4711")

    assert sfmc.flow.find_log_row("order-4711") is None


# 3. Wait when the service limits the rate, instead of repeating at once.
@pytest.mark.sfmc_chaos(name="limit", operation="Retrieve", fault="rate-limit", times=2)
def test_a_rate_limit_is_waited_out(sfmc, sfmc_account):
    found = sfmc.client.retrieve("List", ["ListName"]).all()

    assert found
    assert sfmc_account.chaos.hits("limit") == 2


# 4. Limit many writes to the rate that the service accepts.
@pytest.mark.sfmc_chaos(operation="Create", rate="5/m")
def test_a_burst_is_refused_beyond_the_rate(sfmc):
    for number in range(5):
        sfmc.client.create(APIObject("List", ListName=f"List {number}"))

    with pytest.raises(ServiceUnavailable, match="Rate Limited"):
        sfmc.client.create(APIObject("List", ListName="One too many"))


# 5. Report maintenance of the service as such, and try again later.
@pytest.mark.sfmc_chaos(operation="Create", fault="maintenance")
def test_maintenance_is_distinguished_from_a_mistake(sfmc):
    with pytest.raises(ServiceUnavailable, match="In Maintenance") as failure:
        sfmc.client.create(APIObject("List", ListName="Readers"))

    assert failure.value.detail_code == 9


# 6. A token expires in the middle of a job.
@pytest.mark.sfmc_chaos(operation="Retrieve", fault="token-expired", skip=1, times=1)
def test_a_token_that_expires_between_two_pages_is_noticed(sfmc):
    assert sfmc.client.retrieve("List", ["ListName"]).all()

    # With OAuth the client fetches another token by itself; a user name and password have none to fetch.
    with pytest.raises(TokenExpired):
        sfmc.client.retrieve("List", ["ListName"]).all()


# 7. One invalid recipient must not prevent the messages to the others.
@pytest.mark.sfmc_chaos(
    object="TriggeredSend", to="eve@*", error={"code": 180008, "text": "Subscriber was excluded."}
)
def test_the_rest_of_a_batch_goes_out(sfmc):
    sfmc.flow.set_up("welcome")
    sends = [
        APIObject(
            "TriggeredSend",
            TriggeredSendDefinition={"CustomerKey": "welcome"},
            Subscribers=[{"EmailAddress": f"{name}@mock.test", "SubscriberKey": name}],
        )
        for name in ("ada", "eve", "grace")
    ]

    results = sfmc.client.create(sends, check=False)

    assert [result.ok for result in results] == [True, False, True]


# 8. A slow service must not hang your worker: the call ends at its deadline, and one that only reads is tried again.
@pytest.mark.sfmc_chaos(name="slow", operation="Retrieve", delay={"min": "4s", "max": "5s"}, nth=1)
def test_a_slow_call_ends_at_the_deadline(sfmc, sfmc_account):
    found = sfmc.client.retrieve("List", ["ListName"], timeout=2).all()

    assert found
    assert sfmc_account.chaos.hits("slow") == 1


# 9. A permission that is missing in production, but not in development.
@pytest.mark.sfmc_chaos(operation="Retrieve", object="SentEvent", permission=True)
def test_a_missing_permission_is_reported(sfmc):
    with pytest.raises(RetrieveFailed, match="API Permission Failed"):
        sfmc.client.retrieve("SentEvent", ["SubscriberKey"]).all()


# 10. A nightly job must finish although connections fail now and then.
@pytest.mark.sfmc_chaos(operation="Create", connection="reset", probability=0.3)
def test_a_nightly_job_ends(sfmc):
    missing = [f"List {number}" for number in range(20)]

    while missing:
        name = missing[0]
        try:
            sfmc.client.create(APIObject("List", ListName=name, CustomerKey=name))
        except ConnectionLost:
            continue
        except OperationFailed:
            pass  # It existed: an earlier attempt had been processed.
        missing.pop(0)

    assert len(sfmc.client.retrieve("List", ["ListName"]).all()) == 21
