"""The effects of chaos rules over HTTP, for a client and for the account."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.conftest import Delays

from sfmc_client import (
    APIObject,
    Client,
    ConnectionLost,
    OAuth,
    OperationFailed,
    Retries,
    RetrieveFailed,
    ServiceUnavailable,
    SoapFault,
    TimedOut,
    TokenExpired,
    TransportError,
    UsernameToken,
)
from sfmc_client.errors import SfmcError
from sfmc_mock import MockServer
from sfmc_mock.chaos import FAULTS

ONCE = Retries(attempts=1)


@pytest.fixture(scope="module")
def running() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture
def server(running: MockServer) -> MockServer:
    running.account.reset()
    running.chaos.clear()
    return running


@pytest.fixture
def client(server: MockServer) -> Iterator[Client]:
    auth = UsernameToken("mock-user", "mock-password")
    with Client(server.url, auth=auth, retries=ONCE, timeout=20) as client:
        yield client


def make_list(client: Client, name: str = "Readers") -> None:
    client.create(APIObject("List", ListName=name, CustomerKey=name))


def lists(client: Client) -> set[str]:
    return {found["ListName"] for found in client.retrieve("List", ["ListName"])} - {
        "All Subscribers"
    }


@pytest.mark.parametrize(
    ("effect", "error", "said"),
    [
        ({"status": 503}, TransportError, "HTTP 503"),
        ({"fault": "rate-limit"}, ServiceUnavailable, "Rate Limited"),
        ({"fault": "outage"}, ServiceUnavailable, "Unplanned Outage"),
        ({"fault": "maintenance"}, ServiceUnavailable, r"Member: \[1234567\] is In Maintenance"),
        ({"fault": "database"}, SoapFault, "database problems"),
        ({"fault": "authorization"}, SoapFault, "AsyncAPI authorization"),
        ({"fault": "token-expired"}, TokenExpired, "Token Expired"),
        ({"fault": {"code": 10, "text": "Gone"}}, ServiceUnavailable, "Gone"),
        ({"permission": True}, OperationFailed, "API Permission Failed"),
        (
            {"error": {"code": 68001, "text": "Not today"}},
            OperationFailed,
            "68001.*Not today|Not today",
        ),
        ({"connection": "drop"}, ConnectionLost, "ended before the answer"),
        ({"connection": "reset"}, ConnectionLost, "ended before the answer"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_a_refused_call_changes_nothing_and_says_why(
    server: MockServer, client: Client, effect: dict[str, Any], error: type[SfmcError], said: str
) -> None:
    server.chaos.add(name="trouble", operation="Create", **effect)

    with pytest.raises(error, match=said):
        make_list(client)

    assert lists(client) == set()
    assert server.chaos.as_json()[0]["hits"] == 1
    (call,) = server.journal.search(operation="Create")
    assert call.chaos == ("trouble",)


@pytest.mark.parametrize(
    ("effect", "error"),
    [({"connection": "truncate"}, TransportError), ({"lose": "answer"}, ConnectionLost)],
)
def test_it_is_done_and_the_client_does_not_hear_it(
    server: MockServer, client: Client, effect: dict[str, Any], error: type[SfmcError]
) -> None:
    server.chaos.add(operation="Create", **effect)

    with pytest.raises(error):
        make_list(client)

    assert lists(client) == {"Readers"}


def test_it_is_answered_and_not_done(server: MockServer, client: Client) -> None:
    server.chaos.add(operation="Create", lose="work", nth=1)

    make_list(client)

    assert lists(client) == set()
    make_list(client)
    assert lists(client) == {"Readers"}


def test_a_send_whose_work_is_lost_leaves_no_message(server: MockServer, client: Client) -> None:
    """Not in memory either: the next send gets the numbers of the lost one."""
    server.chaos.add(operation="Create", object="TriggeredSend", lose="work", nth=1)
    definition = APIObject(
        "TriggeredSendDefinition",
        CustomerKey="welcome",
        Name="welcome",
        Email={"ID": 3099626},
        SendClassification={"CustomerKey": "Default Transactional"},
    )
    client.create(definition)
    client.update(definition.replace(TriggeredSendStatus="Active"))
    send = APIObject(
        "TriggeredSend",
        TriggeredSendDefinition={"CustomerKey": "welcome"},
        Subscribers=[{"EmailAddress": "ada@mock.test", "SubscriberKey": "ada"}],
    )

    client.create(send)
    assert client.retrieve("SentEvent", ["SubscriberKey"]).all() == []
    client.create(send)

    assert len(client.retrieve("SentEvent", ["SubscriberKey"]).all()) == 1


def test_a_retrieve_is_refused_in_its_overall_status(server: MockServer, client: Client) -> None:
    server.chaos.add(operation="Retrieve", permission=True, times=1)

    with pytest.raises(RetrieveFailed, match="API Permission Failed"):
        lists(client)

    assert lists(client) == set()


def test_one_object_of_a_batch_is_refused(server: MockServer, client: Client) -> None:
    server.chaos.add(object="Subscriber", to="eve", error={"code": 12002, "text": "No."})
    people = [
        APIObject("Subscriber", SubscriberKey=key, EmailAddress=f"{key}@mock.test")
        for key in ("ada", "eve", "grace")
    ]

    results = client.create(people, check=False)

    assert [result.error_code for result in results] == [None, 12002, None]


def test_a_delay_outlasts_an_impatient_client(
    server: MockServer, client: Client, delays: Delays
) -> None:
    server.chaos.add(operation="Create", delay="20s", times=1)

    with pytest.raises(TimedOut):
        client.create(APIObject("List", ListName="Readers"), timeout=0.2)
    make_list(client, "Others")

    assert lists(client) == {"Others"}
    delays.end()
    wait_for_list(client, "Readers")


def test_a_slow_answer_exceeds_the_timeout_of_a_client(
    server: MockServer, client: Client, delays: Delays
) -> None:
    server.chaos.add(operation="Create", connection="drip", delay="20s", times=1)

    with pytest.raises(TimedOut):
        client.create(APIObject("List", ListName="Readers"), timeout=0.2)
    delays.begin()
    make_list(client, "Others")

    assert lists(client) == {"Readers", "Others"}


def wait_for_list(client: Client, name: str) -> None:
    """Return when a list is there, so that no later test meets the call that makes it."""
    for _ in range(6_000):
        if name in lists(client):
            return
        time.sleep(0.01)
    pytest.fail(f"the list {name} is not made")


def test_a_rate_lets_so_many_through(server: MockServer, client: Client) -> None:
    server.chaos.add(operation="VersionInfo", rate="3/h")

    for _ in range(3):
        client.version_info()
    with pytest.raises(ServiceUnavailable, match="Rate Limited"):
        client.version_info()


def test_an_expired_token_is_fetched_anew(server: MockServer) -> None:
    server.chaos.add(fault="token-expired", times=1)
    auth = OAuth("mock-client-id", "mock-client-secret", token_url=f"{server.base_url}/v2/token")
    with Client(server.url, auth=auth, retries=ONCE) as client:
        make_list(client)

        assert lists(client) == {"Readers"}
    assert [call.summary for call in server.journal.search(text="token")].count("token") >= 2


@pytest.mark.parametrize(
    ("effect", "status"), [({"status": 503}, 503), ({"fault": "login-failed"}, 401)]
)
def test_a_token_is_refused(server: MockServer, effect: dict[str, Any], status: int) -> None:
    server.chaos.add(operation="Token", **effect)
    connection = http.client.HTTPConnection(server.base_url.removeprefix("http://"), timeout=60)
    body = (
        '{"grant_type": "client_credentials", "client_id": "mock-client-id", '
        '"client_secret": "mock-client-secret"}'
    )

    connection.request("POST", "/v2/token", body, {"Content-Type": "application/json"})
    response = connection.getresponse()

    assert response.status == status
    connection.close()


def test_a_rule_ends_with_its_time(server: MockServer, client: Client) -> None:
    until = server.clock.now.isoformat()
    server.chaos.add(operation="Create", status=503, until=until)
    server.clock.advance("1s")

    make_list(client)

    assert lists(client) == {"Readers"}


# The effect; zeep's error and what it says; curl's exit code and what it prints. 18: cut off, 22: an HTTP error,
# 28: too late, 52: nothing came, 56: reset. Where zeep raises nothing, the answer has the text.
SEEN: dict[str, tuple[dict[str, Any], str, str, int, str]] = {
    "delay": ({"delay": "20s"}, "Timeout", "", 28, ""),
    "status": ({"status": 503}, "TransportError", "503", 22, "503"),
    "rate-limit": ({"fault": "rate-limit"}, "Fault", "Rate Limited", 22, "500"),
    "outage": ({"fault": "outage"}, "Fault", "Unplanned Outage", 22, "500"),
    "maintenance": ({"fault": "maintenance"}, "Fault", "In Maintenance", 22, "500"),
    "authorization": ({"fault": "authorization"}, "Fault", "AsyncAPI", 22, "500"),
    "database": ({"fault": "database"}, "Fault", "database problems", 22, "500"),
    "token-expired": ({"fault": "token-expired"}, "Fault", "Token Expired", 22, "500"),
    "login-failed": ({"fault": "login-failed"}, "Fault", "Login Failed", 22, "500"),
    "error": ({"error": {"code": 12002, "text": "No."}}, "", "12002", 0, "12002"),
    "permission": ({"permission": True}, "", "API Permission", 0, "API Permission Failed."),
    "rate": ({"rate": "1/h"}, "Fault", "Rate Limited", 22, "500"),
    "drop": ({"connection": "drop"}, "ConnectionError", "", 52, ""),
    "reset": ({"connection": "reset"}, "ConnectionError", "", 56, ""),
    "truncate": ({"connection": "truncate"}, "ChunkedEncodingError", "", 18, ""),
    # zeep counts from one byte to the next.
    "drip": ({"connection": "drip", "delay": "2.5s"}, "", "OK", 28, ""),
    "lose-work": ({"lose": "work"}, "", "OK", 0, "<OverallStatus>OK<"),
    "lose-answer": ({"lose": "answer"}, "ConnectionError", "", 52, ""),
}


def test_the_faults_are_all_seen() -> None:
    assert set(FAULTS) <= set(SEEN)


@pytest.fixture(scope="module")
def zeep_client(running: MockServer) -> Any:
    zeep = pytest.importorskip("zeep")
    from zeep.transports import Transport
    from zeep.wsse.username import UsernameToken as ZeepToken

    return zeep.Client(
        f"{running.base_url}/etframework.wsdl",
        wsse=ZeepToken("mock-user", "mock-password"),
        transport=Transport(operation_timeout=60),
    )


@pytest.fixture
def held(client: Client, delays: Delays, name: str) -> Iterator[None]:
    """Delay calls until the test has ended; no later test meets what its client did not wait for."""
    yield
    delays.end()
    if SEEN[name][3] == 28:
        wait_for_list(client, name)


@pytest.fixture
def held_before_the_answer(name: str, request: pytest.FixtureRequest) -> None:
    # What drips is read to its end by zeep.
    if name == "delay":
        request.getfixturevalue("held")


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.usefixtures("held_before_the_answer")
def test_zeep_sees(
    server: MockServer, zeep_client: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect, error, text, _, _ = SEEN[name]
    if name in ("delay", "drip"):
        monkeypatch.setattr(zeep_client.transport, "operation_timeout", 2)
    objects = [zeep_client.get_type("ns0:List")(ListName=name)]
    options = zeep_client.get_type("ns0:CreateOptions")()
    server.chaos.add(operation="Create", **effect)
    if name == "rate":
        zeep_client.service.Create(Options=options, Objects=objects)

    raised, said = _outcome(lambda: zeep_client.service.Create(Options=options, Objects=objects))

    assert error in raised if error else not raised
    assert text in said


def _outcome(call: Callable[[], object]) -> tuple[list[str], str]:
    """Return the names of the classes of what a call raises, if it does, and what it says."""
    try:
        return [], str(call())
    except Exception as problem:
        return [kind.__name__ for kind in type(problem).__mro__], str(problem)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
@pytest.mark.parametrize("name", SEEN)
@pytest.mark.usefixtures("held")
def test_curl_sees(server: MockServer, name: str, tmp_path: Path) -> None:
    effect, _, _, code, text = SEEN[name]
    server.chaos.add(operation="Create", **effect)
    request = tmp_path / "request.xml"
    request.write_text(
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
        "<soap:Header><w:Security><w:UsernameToken><w:Username>mock-user</w:Username>"
        "<w:Password>mock-password</w:Password></w:UsernameToken></w:Security></soap:Header><soap:Body>"
        '<CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Objects xsi:type="List">'
        f"<ListName>{name}</ListName></Objects></CreateRequest></soap:Body></soap:Envelope>"
    )
    ask = [
        *("curl", "-sS", "--fail", "-m", "1" if code == 28 else "60", "-H", "SOAPAction: Create"),
        *("-H", "Content-Type: text/xml", "--data-binary", f"@{request}", server.url),
    ]
    if name == "rate":
        subprocess.run(ask, capture_output=True, timeout=60, check=True)

    done = subprocess.run(ask, capture_output=True, timeout=60, check=False, text=True)

    assert done.returncode == code, done.stderr
    assert text in done.stdout + done.stderr
