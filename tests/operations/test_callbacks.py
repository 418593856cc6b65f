"""Results of asynchronous requests are posted to loopback addresses, once, when SendResponseTo says so."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from urllib.parse import parse_qs

import pytest
from tests.support.soap_app import SoapApp

from sfmc_mock.account.asynchronous import requests
from sfmc_mock.control.clock_handle import ClockHandle
from sfmc_mock.operations.callbacks import is_loopback, wait_for_callbacks

ADA = (
    '<Objects xsi:type="Subscriber"><SubscriberKey>ada</SubscriberKey>'
    "<EmailAddress>ada@mock.test</EmailAddress></Objects>"
)
NO_ADDRESS = '<Objects xsi:type="Subscriber"><SubscriberKey>x</SubscriberKey></Objects>'
EVERYTHING = "<IncludeResults>true</IncludeResults><IncludeObjects>true</IncludeObjects>"


class Receiver:
    """Receives the forms that are posted to it; answers with `status`."""

    def __init__(self, status: int = 200, location: str = "") -> None:
        self.forms: Queue[dict[str, str]] = Queue()
        self.gate = threading.Event()
        """Answers are held back until it is set."""
        self.gate.set()
        forms, gate = self.forms, self.gate

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                forms.put({name: found[0] for name, found in parse_qs(body).items()})
                gate.wait(5)
                self.send_response(status)
                self.send_header("Location", location)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/results"

    def taken(self) -> list[dict[str, str]]:
        return [self.forms.get_nowait() for _ in range(self.forms.qsize())]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def queue(
    app: SoapApp,
    url: str,
    content: str = ADA,
    when: str = "OnCallComplete",
    more: str = "",
    rest: str = "",
) -> str:
    """Return the StatusMessage of a Create whose results are to be posted."""
    answer = app.call(
        "Create",
        f"<Options><SendResponseTo><ResponseType>HTTPPost</ResponseType><ResponseAddress>{url}</ResponseAddress>"
        f"<RespondWhen>{when}</RespondWhen>{more}</SendResponseTo>{rest}"
        f"<RequestType>Asynchronous</RequestType></Options>{content}",
    )
    return answer.text("Results", "StatusMessage")


def later(app: SoapApp, duration: str = "1m") -> None:
    ClockHandle(app.account).advance(duration)


def test_the_form_is_there_when_the_clock_was_advanced(app: SoapApp, receiver: Receiver) -> None:
    queue(app, receiver.url, rest="<ConversationID>c1</ConversationID>")
    later(app)

    (form,) = receiver.taken()
    assert form == {
        "RequestID": requests(app.account)[0].request_id,
        "ConversationID": "c1",
        "OverallStatusCode": "OK",
        "StatusCode": "OK",
        "RequestType": "Asynchronous",
        "ResultType": "Asynchronous",
    }


@pytest.mark.parametrize(
    ("more", "has_results", "has_object", "has_key"),
    [
        ("", False, False, False),
        ("<IncludeResults>true</IncludeResults>", True, False, False),
        (f"{EVERYTHING}<OnlyIncludeBase>true</OnlyIncludeBase>", True, True, False),
        (EVERYTHING, True, True, True),
    ],
)
def test_results_and_objects_are_in_it_where_they_are_asked_for(
    app: SoapApp, receiver: Receiver, more: str, has_results: bool, has_object: bool, has_key: bool
) -> None:
    queue(app, receiver.url, NO_ADDRESS, more=more)
    later(app)

    (form,) = receiver.taken()
    detail = form.get("ResultDetailXML", "")
    assert ("<StatusCode>Error</StatusCode>" in detail) is has_results
    assert ("<Object " in detail) is has_object
    assert ("<SubscriberKey>" in detail) is has_key


def test_a_failure_is_reported_with_its_first_code(app: SoapApp, receiver: Receiver) -> None:
    queue(app, receiver.url, NO_ADDRESS)
    later(app)

    (form,) = receiver.taken()
    assert (form["OverallStatusCode"], form["ErrorCode"]) == ("Error", "12000")
    assert form["StatusMessage"]


@pytest.mark.parametrize(
    ("when", "content", "posted"),
    [
        ("Never", ADA, 0),
        ("Always", ADA, 1),
        ("OnError", ADA, 0),
        ("OnError", NO_ADDRESS, 1),
        ("OnConversationComplete", ADA, 1),
        ("OnConversationError", ADA, 0),
        ("OnConversationError", NO_ADDRESS, 1),
        ("OnExpired", NO_ADDRESS, 0),
    ],
)
def test_it_is_posted_when_respond_when_says(
    app: SoapApp, receiver: Receiver, when: str, content: str, posted: int
) -> None:
    queue(app, receiver.url, content, when)
    later(app)

    assert len(receiver.taken()) == posted


def test_a_conversation_is_reported_once_when_it_is_over(app: SoapApp, receiver: Receiver) -> None:
    for number in (1, 2):
        queue(
            app,
            receiver.url,
            when="OnConversationComplete",
            rest=f"<ConversationID>c</ConversationID><SequenceCode>{number}</SequenceCode>"
            "<CallsInConversation>2</CallsInConversation>",
        )
    later(app)

    (form,) = receiver.taken()
    assert form["SequenceCode"] == "2"


def test_an_expired_request_is_reported(app: SoapApp, receiver: Receiver) -> None:
    queue(
        app,
        receiver.url,
        when="OnExpired",
        rest="<ScheduledTime>2026-01-01T13:00:00</ScheduledTime>"
        "<RequestExpirationTime>2026-01-01T12:30:00</RequestExpirationTime>",
    )
    later(app, "2h")

    (form,) = receiver.taken()
    assert form["ErrorCode"] == "203"


def test_an_unreachable_callback_is_a_warning_of_the_request(
    app: SoapApp, receiver: Receiver
) -> None:
    url = receiver.url
    receiver.server.server_close()
    queue(app, url)
    later(app)

    (found,) = requests(app.account)[0].warnings
    assert found.startswith(f"the results were posted to {url} once, and no receiver took them")


def test_an_answer_that_is_an_error_is_a_warning_of_the_request(app: SoapApp) -> None:
    receiver = Receiver(status=500)
    queue(app, receiver.url)
    later(app)

    assert "it was answered with HTTP 500" in requests(app.account)[0].warnings[0]
    receiver.close()


@pytest.mark.parametrize("drip", [b"HTTP/1.1 200 OK\r\n", b"x"])
def test_an_answer_without_an_end_is_given_up(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch, drip: bytes
) -> None:
    """Each part of it comes in time."""
    monkeypatch.setattr("sfmc_mock.operations.callbacks._TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.sendall(drip)
                while True:
                    line.sendall(b"X-More: x\r\n" if drip[:1] == b"H" else b"x")
                    line.settimeout(0.05)
                    with suppress(TimeoutError):
                        while line.recv(65_536):
                            pass

        dripping = threading.Thread(target=answer)
        dripping.start()
        queue(app, f"http://127.0.0.1:{server.getsockname()[1]}/")
        later(app)
        wait_for_callbacks(app.account)
        dripping.join()

    (found,) = requests(app.account)[0].warnings
    assert found.endswith("the answer took longer than 0.3 seconds")


def test_the_clock_waits_for_callbacks_longer_than_for_one(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(address: str, form: Mapping[str, str]) -> str:
        threading.Event().wait(0.05)
        return "it was late"

    monkeypatch.setattr("sfmc_mock.operations.callbacks._TIMEOUT", 0)
    monkeypatch.setattr("sfmc_mock.operations.callbacks._post", post)
    queue(app, "http://127.0.0.1:9/")
    later(app)

    (found,) = requests(app.account)[0].warnings
    assert found.endswith("it was late")


def test_a_redirect_is_not_followed(app: SoapApp, receiver: Receiver) -> None:
    moved = Receiver(status=307, location=receiver.url)

    queue(app, moved.url)
    later(app)
    wait_for_callbacks(app.account)

    assert len(moved.taken()) == 1
    assert receiver.taken() == []
    moved.close()


def test_another_address_gets_nothing_and_a_warning(app: SoapApp) -> None:
    queue(app, "https://hooks.example.com/results")
    warned = app.warnings
    later(app)

    assert "not a loopback address" in warned[0]
    assert app.account.db.count("callback") == 0


def test_an_unsecure_address_is_refused(app: SoapApp) -> None:
    said = queue(app, "http://hooks.example.com/results")

    assert said == "An unsecure response address specified in the 'SendResponseTo' parameter."
    assert requests(app.account) == []


def test_a_server_that_other_machines_can_call_posts_nothing(
    app: SoapApp, receiver: Receiver
) -> None:
    app.account.posts_results = False

    queue(app, receiver.url)
    warned = app.warnings
    later(app)

    assert "because other machines can call this server" in warned[0]
    assert receiver.taken() == []


def test_a_request_has_results_posted_to_ten_addresses_at_most(
    app: SoapApp, receiver: Receiver
) -> None:
    one = (
        f"<SendResponseTo><ResponseType>HTTPPost</ResponseType><ResponseAddress>{receiver.url}</ResponseAddress>"
        "<RespondWhen>Always</RespondWhen></SendResponseTo>"
    )

    queue(app, receiver.url, rest=one * 30)
    warned = app.warnings
    later(app)

    assert warned == ("SendResponseTo: 31 are given, and results go to the first 10 of them",)
    assert len(receiver.taken()) == 10


def test_one_thread_posts_the_results_of_an_account(app: SoapApp, receiver: Receiver) -> None:
    receiver.gate.clear()
    before = {*threading.enumerate()}
    for _ in range(3):
        queue(app, receiver.url)
        app.account.change_clock(lambda clock: clock.advance(timedelta(minutes=1)))

    names = [each.name for each in {*threading.enumerate()} - before]
    assert names.count("courier of callbacks") == 1
    receiver.gate.set()
    wait_for_callbacks(app.account)
    assert len(receiver.taken()) == 3


@pytest.mark.parametrize("kind", ["email", "FTP"])
def test_other_ways_are_warnings(app: SoapApp, kind: str) -> None:
    app.call(
        "Create",
        f"<Options><SendResponseTo><ResponseType>{kind}</ResponseType><ResponseAddress>a@mock.test</ResponseAddress>"
        f"</SendResponseTo><RequestType>Asynchronous</RequestType></Options>{ADA}",
    )

    assert f"sends no results by {kind}" in app.warnings[0]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("http://127.9.9.9/", True),
        ("https://localhost/", True),
        ("http://[::1]:80/", True),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://10.0.0.1/", False),
        ("ftp://127.0.0.1/", False),
        ("http://127.0.0.1:99999/", False),
        ("http://[::1/", False),
        ("http://example.com\\@127.0.0.1/", False),
        ("http://name:word@127.0.0.1/", False),
        ("http:\n//127.0.0.1/", False),
        ("http://127.0.0.1/a b", False),
        ("http://127.0.0.1/a?b=c#d", True),
        ("", False),
    ],
)
def test_only_addresses_of_this_machine_are_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected
