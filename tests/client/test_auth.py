from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Queue
from typing import Any, cast

import pytest
from tests.support import partner_answers as answers
from tests.support.fake_service import Answer, FakeService, client_for, quick_retries

from sfmc_client import (
    APIObject,
    Auth,
    Call,
    Client,
    ConfigurationError,
    ConnectFailed,
    LoginFailed,
    OAuth,
    Request,
    Response,
    TokenExpired,
    TokenRefused,
    TransportError,
    UnreadableAnswer,
    UsernameToken,
    WSGITransport,
)
from sfmc_client.envelope import OPERATIONS, Message, token_header

TOKEN_URL = "http://service.test/v2/token"


def token(name: str = "token-1", **more: Any) -> Answer:
    content = {"access_token": name, "token_type": "Bearer", "expires_in": 1079, **more}
    return Answer(json.dumps(content).encode(), content_type="application/json")


class Now:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def oauth(**options: Any) -> OAuth:
    return OAuth("client-id", "client-secret", **options)


def ask(client: Client) -> None:
    client.retrieve("List", ["ID"]).all()


def tokens_used(service: FakeService) -> list[str]:
    """Return the token of each call; `-` stands for a token request."""
    used = []
    for request in service.received:
        _, found, after = request.body.partition(b'<fueloauth xmlns="http://exacttarget.com">')
        used.append(after.partition(b"<")[0].decode() if found else "-")
    return used


def test_a_token_is_fetched_with_the_client_credentials() -> None:
    service = FakeService(token(), answers.retrieved())

    ask(client_for(service, auth=oauth(account_id=42, scope="email_read")))

    asked = service.received[0]
    assert asked.path == "/v2/token"
    assert asked.headers["CONTENT_TYPE"] == "application/json"
    assert json.loads(asked.body) == {
        "grant_type": "client_credentials",
        "client_id": "client-id",
        "client_secret": "client-secret",
        "account_id": "42",
        "scope": "email_read",
    }
    assert tokens_used(service) == ["-", "token-1"]


def test_a_token_serves_until_shortly_before_its_end() -> None:
    now = Now()
    service = FakeService(
        token(), *[answers.retrieved()] * 2, token("token-2"), answers.retrieved()
    )
    client = client_for(service, auth=oauth(clock=now))

    ask(client)
    now.seconds += 1018
    ask(client)
    now.seconds += 1
    ask(client)

    assert tokens_used(service) == ["-", "token-1", "token-1", "-", "token-2"]


def test_an_expired_token_is_renewed_once_and_the_call_sent_again() -> None:
    service = FakeService(token(), answers.TOKEN_EXPIRED, token("token-2"), answers.retrieved())

    ask(client_for(service, auth=oauth()))

    assert tokens_used(service) == ["-", "token-1", "-", "token-2"]


def test_a_write_is_sent_again_too_since_it_was_refused() -> None:
    created = answers.written("Create", [answers.ok("Created Subscriber.")])
    service = FakeService(token(), answers.TOKEN_EXPIRED, token("token-2"), created)
    results = client_for(service, auth=oauth()).create(APIObject("Subscriber", SubscriberKey="ada"))

    assert results[0].ok
    assert service.received[1].outline() == service.received[3].outline()


def test_a_token_that_expires_twice_is_an_error() -> None:
    service = FakeService(token(), answers.TOKEN_EXPIRED, token("token-2"), answers.TOKEN_EXPIRED)

    with pytest.raises(TokenExpired, match="belong to the same tenant"):
        ask(client_for(service, auth=oauth()))

    assert len(service.received) == 4


def test_a_token_that_the_service_forgot_is_replaced() -> None:
    """As after a restart of the service: its answer is the same as for a wrong password."""
    service = FakeService(
        token(), answers.retrieved(), answers.LOGIN_FAILED, token("token-2"), answers.retrieved()
    )
    client = client_for(service, auth=oauth())
    ask(client)

    ask(client)

    assert tokens_used(service) == ["-", "token-1", "token-1", "-", "token-2"]


def test_a_fresh_token_that_is_unknown_is_not_replaced() -> None:
    service = FakeService(token(), answers.LOGIN_FAILED)

    with pytest.raises(LoginFailed, match="Check user and password, or client id and secret"):
        ask(client_for(service, auth=oauth()))


def test_refused_credentials_say_which_and_where() -> None:
    refusal = {"error": "invalid_client", "error_description": "Client authentication failed."}
    service = FakeService(Answer(json.dumps(refusal).encode(), 401, "application/json"))

    with pytest.raises(TokenRefused) as failure:
        ask(client_for(service, auth=oauth()))

    assert failure.value.fault_code == "invalid_client"
    assert isinstance(failure.value, LoginFailed)
    assert str(failure.value).startswith(
        f"The service refused a token at {TOKEN_URL}: Client authentication failed. [invalid_client] Check client id"
    )


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>", 404, "text/html"),
        Answer(b"[]", 200),
        Answer(b"{}", 200),
        Answer(b'{"access_token": 5}', 200),
        Answer(b'{"access_token": "a\\u0000b"}', 200),
        Answer(b'{"error": "server_error"}', 500),
    ],
)
def test_an_answer_without_a_token_is_unreadable(answer) -> None:
    service = FakeService(answer)

    with pytest.raises(UnreadableAnswer, match="Check that it is the token endpoint"):
        ask(client_for(service, auth=oauth()))


def test_a_lost_token_answer_is_asked_for_again_even_for_a_write() -> None:
    created = answers.written("Create", [answers.ok("Created Subscriber.")])
    service = FakeService(Answer(b"busy", 503), token(), created)
    client_for(service, auth=oauth()).create(APIObject("Subscriber", SubscriberKey="ada"))

    assert tokens_used(service) == ["-", "-", "token-1"]


def test_a_token_endpoint_out_of_reach_leaves_the_next_call_free_to_try() -> None:
    service = FakeService(ConnectFailed("No."), token(), answers.retrieved())
    client = client_for(service, auth=oauth(), retries=quick_retries(attempts=1))
    with pytest.raises(ConnectFailed):
        ask(client)

    ask(client)

    assert tokens_used(service) == ["-", "-", "token-1"]


@pytest.mark.parametrize("expires_in", [None, "soon", 0, True])
def test_an_invalid_token_lifetime_counts_as_the_default(expires_in) -> None:
    now = Now()
    service = FakeService(token(expires_in=expires_in), answers.retrieved(), answers.retrieved())
    client = client_for(service, auth=oauth(clock=now))

    ask(client)
    now.seconds += 1000
    ask(client)

    assert tokens_used(service) == ["-", "token-1", "token-1"]


def test_the_token_answer_says_where_the_service_is() -> None:
    service = FakeService(token(soap_instance_url="http://tenant.test/"), answers.retrieved())
    client = Client(auth=oauth(token_url=TOKEN_URL), transport=WSGITransport(service))

    ask(client)

    assert client.endpoint is None
    assert service.last.headers["HTTP_HOST"] == "tenant.test"
    assert service.last.path == "/Service.asmx"


def test_an_endpoint_that_was_given_counts_more_than_the_token_answer() -> None:
    service = FakeService(token(soap_instance_url="http://tenant.test/"), answers.retrieved())

    ask(client_for(service, auth=oauth()))

    assert service.last.headers["HTTP_HOST"] == "service.test"


@pytest.mark.parametrize(
    "url", ["http://tenant.test/", "tenant.test", "https://ada@tenant.test/", 5]
)
def test_no_token_leaves_an_encrypted_login_for_an_unencrypted_service(url: object) -> None:
    service = FakeService(token(soap_instance_url=url))
    client = Client(
        auth=oauth(token_url="https://auth.test/v2/token"), transport=WSGITransport(service)
    )

    with pytest.raises(ConfigurationError, match="The address of the service is not given"):
        ask(client)

    assert len(service.received) == 1


@pytest.mark.parametrize(
    ("auth", "options", "host"),
    [
        (oauth(), {"subdomain": "mc42"}, "mc42.auth.marketingcloudapis.com"),
        (oauth(subdomain="mc43"), {"subdomain": "mc42"}, "mc43.auth.marketingcloudapis.com"),
        (
            oauth(),
            {"endpoint": "https://mc42.soap.marketingcloudapis.com"},
            "mc42.auth.marketingcloudapis.com",
        ),
        (oauth(), {"endpoint": "http://127.0.0.1:8025/Service.asmx"}, "127.0.0.1:8025"),
    ],
)
def test_the_token_endpoint_is_the_one_that_goes_with_the_service(auth, options, host) -> None:
    service = FakeService(token(), answers.retrieved())

    ask(Client(auth=auth, transport=WSGITransport(service), **options))

    assert service.received[0].headers["HTTP_HOST"] == host


def test_a_missing_address_is_reported_before_any_call() -> None:
    service = FakeService()

    with pytest.raises(ConfigurationError, match="address of the token endpoint is not given"):
        ask(Client(auth=oauth(), transport=WSGITransport(service)))

    assert service.received == []


def test_a_call_waits_while_another_thread_fetches_the_token() -> None:
    auth = oauth()
    call = Call(message=_message(), endpoint="http://service.test/Service.asmx", timeout=1.0)
    first, second = auth.flow(call), auth.flow(call)
    yielded: Queue[Request] = Queue()
    assert next(first).url == TOKEN_URL

    waiting = threading.Thread(target=lambda: yielded.put(next(second)))
    waiting.start()
    with pytest.raises(Empty):
        yielded.get(timeout=0.05)
    first.send(_response(token()))
    waiting.join(timeout=60)

    assert b"token-1" in yielded.get(timeout=60).body


def test_many_threads_fetch_one_token() -> None:
    class Service(FakeService):
        def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            self.answers = [token() if environ["PATH_INFO"] == "/v2/token" else answers.retrieved()]
            return super().__call__(environ, start_response)

    service = Service()
    client = client_for(service, auth=oauth())

    with ThreadPoolExecutor(8) as pool:
        for call in [pool.submit(ask, client) for _ in range(8)]:
            call.result()

    assert sorted(tokens_used(service)) == ["-", *["token-1"] * 8]


def test_a_renewal_by_another_thread_is_used_not_repeated() -> None:
    """Of two calls with the same token, the first one refused renews it for both."""
    auth = oauth()
    call = Call(message=_message(), endpoint="http://service.test/Service.asmx", timeout=1.0)
    first, second = auth.flow(call), auth.flow(call)
    next(first)
    first.send(_response(token()))
    next(second)

    assert first.send(_response(answers.TOKEN_EXPIRED)).url == TOKEN_URL
    first.send(_response(token("token-2")))
    again = second.send(_response(answers.TOKEN_EXPIRED))

    assert b"token-2" in again.body


def _message() -> Message:
    from sfmc_client import APIObject

    return Message.of(OPERATIONS["VersionInfo"], APIObject(None))


def _response(answer: Answer | bytes) -> Response:
    told = Answer.of(answer)
    return Response(status=told.status, headers={}, body=told.body)


def test_a_username_token_is_in_every_call() -> None:
    service = FakeService(answers.retrieved())

    ask(client_for(service, auth=UsernameToken("ada", "secret & more")))

    assert b"<wsse:Username>ada</wsse:Username>" in service.last.body
    assert b"secret &amp; more</wsse:Password>" in service.last.body


def test_a_login_of_one_s_own_is_a_generator() -> None:
    class Given(Auth):
        def flow(self, call: Call) -> Generator[Request, Response, None]:
            yield call.request(token_header("given-token"))

    service = FakeService(answers.retrieved())

    ask(client_for(service, auth=Given()))

    assert tokens_used(service) == ["given-token"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: UsernameToken("", "x"),
        lambda: UsernameToken("ada", ""),
        lambda: OAuth("id", ""),
        lambda: OAuth("id", cast("str", None)),
        lambda: OAuth("id", "hunter\x00two"),
        lambda: oauth(subdomain="mc42", token_url=TOKEN_URL),
        lambda: oauth(subdomain="https://mc42.auth.marketingcloudapis.com"),
        lambda: oauth(token_url="auth.test"),
        lambda: Client("http://service.test", auth=cast("Auth", None)),
        lambda: Client("http://service.test", auth=oauth(), subdomain="mc42"),
        lambda: Client("service.test", auth=oauth()),
        lambda: Client("http://user:hunter@service.test", auth=oauth()),
        lambda: Client("http://service.test:99999", auth=oauth()),
        lambda: Client(auth=oauth(), subdomain=""),
        lambda: Client("http://service.test", auth=oauth(), timeout=0),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(make) -> None:
    with pytest.raises(ConfigurationError) as failure:
        make()

    assert not isinstance(failure.value, TransportError)
    assert "hunter" not in str(failure.value)
