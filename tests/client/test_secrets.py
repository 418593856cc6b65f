"""Credentials are planted everywhere, and must appear nowhere."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import pytest
from tests.support import partner_answers as answers
from tests.support.fake_service import Answer, FakeService, quick_retries, serving

from sfmc_client import (
    APIObject,
    Auth,
    Client,
    ConfigurationError,
    Exchange,
    HTTPTransport,
    OAuth,
    P,
    SfmcError,
    UsernameToken,
    WSGITransport,
)

PASSWORD = "pw-<hunter>&two-3f9"
CLIENT_SECRET = "cs-8d21-plantedsecret"
TOKEN = "tk-77aa-planted.token"

ADA = APIObject("Subscriber", SubscriberKey="ada")


@dataclass
class Login:
    """A way to log in, its secrets, and the answers before its first call."""

    make: Callable[[], Auth]
    secrets: tuple[str, ...]
    before: tuple[Answer, ...] = ()

    @property
    def echo(self) -> str:
        return escape(f"you sent {' and '.join(self.secrets)}, did you not")


def token(text: str = TOKEN) -> Answer:
    content = {"access_token": text, "expires_in": 1079}
    return Answer(json.dumps(content).encode(), content_type="application/json")


PASSWORD_LOGIN = Login(lambda: UsernameToken("ada", PASSWORD), (PASSWORD,))
TOKEN_LOGIN = Login(lambda: OAuth("client-id", CLIENT_SECRET), (CLIENT_SECRET, TOKEN), (token(),))

TROUBLE: dict[str, Callable[[str], Answer | bytes]] = {
    "fault": answers.fault,
    "server fault": lambda echo: answers.fault(echo, code="soap:Server"),
    "login": lambda echo: answers.fault(echo, code="q0:Security"),
    "fault code": lambda echo: answers.fault("No.", code=echo),
    "refused": lambda echo: answers.written("Create", [answers.refused(echo, 1)], status="Error"),
    "some refused": lambda echo: answers.written(
        "Create", [answers.ok(echo), answers.refused(echo, 1)]
    ),
    "overall status": lambda echo: answers.written("Create", [], status=echo),
    "no number": lambda echo: answers.written(
        "Create", [f"<Results><NewID>{echo}</NewID></Results>"]
    ),
    "no SOAP": lambda echo: Answer(f"<html>{echo}</html>".encode(), 502, "text/html"),
    "other XML": lambda echo: Answer(f"<other>{echo}</other>".encode()),
    "plain text": lambda echo: Answer(echo.encode(), 400, content_type=echo),
    "redirect": lambda echo: Answer(
        b"", 302, headers={"Location": f"http://elsewhere.test/?{echo}"}
    ),
    "other operation": lambda echo: answers.written("Delete", [answers.ok(echo)]),
}


def everything_said(error: BaseException) -> Iterator[str]:
    """Return the texts of an error, of its causes, and of every variable that a debugger or pytest would show."""
    known: BaseException | None = error
    while known is not None:
        yield from (str(known), repr(known), repr(vars(known)))
        yield from traceback.format_exception(known)
        for frame, _ in traceback.walk_tb(known.__traceback__):
            # The test's own variables hold the secrets on purpose.
            if "/tests/" not in frame.f_code.co_filename:
                yield repr(frame.f_locals)
        known = known.__context__


def assert_nothing_told(texts: Iterator[str] | list[str], secrets: tuple[str, ...]) -> None:
    for text in texts:
        for secret in secrets:
            assert secret not in text
            assert escape(secret) not in text


def envelopes(exchanges: list[Exchange]) -> list[str]:
    return [(e.request + e.response).decode() + repr(e) for e in exchanges]


@pytest.mark.parametrize("login", [PASSWORD_LOGIN, TOKEN_LOGIN], ids=["password", "token"])
@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE)
def test_an_echo_of_the_credentials_goes_no_further(
    trouble: Callable[[str], Answer | bytes], login: Login
) -> None:
    service = FakeService(*login.before, trouble(login.echo))
    exchanges: list[Exchange] = []
    client = Client(
        "http://service.test",
        auth=login.make(),
        transport=WSGITransport(service),
        retries=quick_retries(1),
        on_exchange=exchanges.append,
    )

    with pytest.raises(SfmcError) as failure:
        client.create(ADA)

    assert login.secrets[-1].encode() in service.received[-1].body or escape(PASSWORD).encode() in (
        service.received[-1].body
    )
    assert_nothing_told(everything_said(failure.value), login.secrets)
    assert_nothing_told(envelopes(exchanges), login.secrets)
    assert len(exchanges) == 1
    assert failure.value.exchange is client.last_exchange is exchanges[0]


@pytest.mark.parametrize("login", [PASSWORD_LOGIN, TOKEN_LOGIN], ids=["password", "token"])
def test_an_echo_between_pages_goes_no_further(login: Login) -> None:
    first = answers.retrieved([answers.subscriber("ada")], status="MoreDataAvailable")
    second = answers.retrieved(status=f"Error: {login.echo}")
    service = FakeService(*login.before, first, second)
    client = Client("http://service.test", auth=login.make(), transport=WSGITransport(service))

    with pytest.raises(SfmcError) as failure:
        client.retrieve("Subscriber", ["ID"], filter=P("ID").equals(1)).all()

    assert_nothing_told(everything_said(failure.value), login.secrets)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(
            json.dumps({"error": CLIENT_SECRET, "error_description": CLIENT_SECRET}).encode(), 401
        ),
        Answer(json.dumps({"access_token": TOKEN, "error": "x"}).encode(), 200),
        Answer(json.dumps({"access_token": f"{TOKEN}\x00"}).encode(), 200),
        Answer(f"<html>{CLIENT_SECRET}{TOKEN}</html>".encode(), 404, CLIENT_SECRET),
        token(TOKEN),
    ],
    ids=["refused", "token and error", "broken token", "page", "no endpoint"],
)
def test_a_token_endpoint_that_echoes_is_not_quoted(answer: Answer) -> None:
    service = FakeService(answer)
    auth = OAuth("client-id", CLIENT_SECRET, token_url="http://auth.test/v2/token")
    client = Client(auth=auth, transport=WSGITransport(service))

    with pytest.raises(SfmcError) as failure:
        client.create(ADA)

    assert CLIENT_SECRET.encode() in service.received[0].body
    assert_nothing_told(everything_said(failure.value), (CLIENT_SECRET, TOKEN))
    assert client.last_exchange is None


@pytest.mark.parametrize("place", ["refused", "timeout", "certificate"])
@pytest.mark.parametrize("login", [PASSWORD_LOGIN, TOKEN_LOGIN], ids=["password", "token"])
def test_trouble_on_the_way_reveals_nothing(
    place: str, login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    done = threading.Event()

    def never(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/v2/token":
            return FakeService(token())(environ, start_response)  # type: ignore[return-value]
        done.wait(timeout=60)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    with serving(never) as url, HTTPTransport() as transport:
        target = {"refused": "http://127.0.0.1:9", "certificate": url.replace("http:", "https:")}
        client = Client(
            target.get(place, url),
            auth=login.make(),
            transport=transport,
            timeout=0.1,
            retries=quick_retries(2),
        )
        with pytest.raises(SfmcError) as failure:
            client.create(ADA)
        done.set()

    assert_nothing_told([*everything_said(failure.value), caplog.text], login.secrets)


def test_a_renewed_token_and_its_predecessor_are_both_hidden() -> None:
    service = FakeService(
        token("tk-first-planted"),
        answers.TOKEN_EXPIRED,
        token("tk-second-planted"),
        answers.fault("tk-first-planted tk-second-planted"),
    )
    auth = OAuth("client-id", CLIENT_SECRET)
    client = Client("http://service.test", auth=auth, transport=WSGITransport(service))

    with pytest.raises(SfmcError, match=r"\*\*\* \*\*\*") as failure:
        client.create(ADA)

    assert_nothing_told(everything_said(failure.value), ("tk-first-planted", "tk-second-planted"))


def test_reprs_tell_nothing() -> None:
    service = FakeService(*TOKEN_LOGIN.before, answers.retrieved())
    client = Client(
        "http://service.test", auth=TOKEN_LOGIN.make(), transport=WSGITransport(service)
    )
    client.retrieve("List", ["ID"]).all()
    password = PASSWORD_LOGIN.make()

    shown = [repr(client), repr(client.last_exchange), repr(password), repr(vars(client))]

    assert_nothing_told(shown, (PASSWORD, CLIENT_SECRET, TOKEN))
    assert shown[2] == "UsernameToken('ada', '***')"


@pytest.mark.parametrize(
    "make",
    [
        lambda: UsernameToken("", PASSWORD),
        lambda: UsernameToken("ada", PASSWORD + "\x00"),
        lambda: OAuth("", CLIENT_SECRET),
        lambda: OAuth("id", CLIENT_SECRET, token_url=f"ftp://{TOKEN}"),
        lambda: OAuth("id", CLIENT_SECRET, subdomain="a.b"),
        lambda: Client(f"http://ada:{PASSWORD}@service.test", auth=PASSWORD_LOGIN.make()),
        lambda: HTTPTransport(proxy=f"ada:{CLIENT_SECRET}@nowhere"),
        lambda: HTTPTransport(proxy=f"http://ada:{TOKEN}@proxy.test", ca_bundle="missing.pem"),
    ],
)
def test_settings_that_are_refused_are_not_quoted(make: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError) as failure:
        make()

    assert_nothing_told(everything_said(failure.value), (PASSWORD, CLIENT_SECRET, TOKEN))


def test_an_answer_that_is_used_is_not_changed_by_a_password_that_looks_like_it() -> None:
    """Only shown texts are redacted; a password may equal a word of the data."""
    service = FakeService(answers.retrieved([answers.subscriber("Active")]))
    auth = UsernameToken("ada", "Active")
    client = Client("http://service.test", auth=auth, transport=WSGITransport(service))

    found = client.retrieve("Subscriber", ["SubscriberKey"]).one()

    assert found["SubscriberKey"] == "Active"


def test_the_exchange_has_everything_else_as_it_was_sent() -> None:
    service = FakeService(answers.written("Create", [answers.ok("Created Subscriber.")]))
    client = Client(
        "http://service.test", auth=PASSWORD_LOGIN.make(), transport=WSGITransport(service)
    )

    exchange = client.create(ADA).exchange

    assert exchange is not None
    sent = service.last.body
    start, end = sent.index(b"<wsse:Security"), sent.index(b"</soap:Header>")
    assert exchange.request == sent[:start] + b"<!-- credentials: *** -->" + sent[end:]
    assert (exchange.operation, exchange.status) == ("Create", 200)
    assert exchange.url == "http://service.test/Service.asmx"
    assert exchange.seconds > 0
