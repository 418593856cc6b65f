"""`MockServer` in a test: its address, its content, and its errors."""

from __future__ import annotations

import ctypes
import http.client
import json
import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.support.control import SEED

from sfmc_mock import MockServer
from sfmc_mock.accounts import Accounts
from sfmc_mock.environment import ENVIRONMENT
from sfmc_mock.errors import SetupError
from sfmc_mock.server import environment_of, share_memory
from sfmc_mock.settings import Settings


def fetch(url: str, method: str = "GET") -> tuple[int, str]:
    """Make a request and return its status and text."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    try:
        connection.request(method, address.path, headers={"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_a_server_shows_where_it_is() -> None:
    with MockServer() as server:
        base = server.base_url

        addresses = [server.url, server.wsdl_url, server.control_url]

    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9][0-9]+", base)
    assert addresses == [f"{base}/Service.asmx", f"{base}/etframework.wsdl", f"{base}/_mock"]
    assert repr(server) == f"<MockServer {base}>"


def test_python_and_http_see_the_same_account() -> None:
    with MockServer(seed=SEED) as server:
        server.clock.advance("2h")
        status, text = fetch(f"{server.control_url}/clock")
        fetch(f"{server.control_url}/reset", "POST")

        assert (status, json.loads(text)["now"]) == (200, "2026-01-01T14:00:00.000")
        assert server.clock.now.hour == 12


def test_a_test_of_a_few_lines_sends_and_holds_its_expectations() -> None:
    with MockServer(seed=SEED) as server:
        sent = server.account.send("welcome", to="ada+open+after-2h@mock.test")
        server.clock.advance("2h")

        (message,) = server.journal.assert_sent(to="ada+open+after-2h@mock.test")
        opened = server.account.tracking()[-1]

    assert (opened.type, opened.job_id) == ("Open", sent.job_id)
    assert opened.batch_id == message.batch_id


def test_the_journal_of_the_server_has_the_calls_of_every_account() -> None:
    with MockServer() as server:
        fetch(server.base_url + "/nowhere")

        (found,) = server.journal
        assert found.http_status == 404
        assert server.journal.dropped == 0
        assert list(server.account.journal) == []


def test_an_account_in_a_file_outlives_its_server(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    with MockServer(account=path, seed=SEED) as server:
        server.account.send("welcome", to="ada@mock.test")

    with MockServer(account=path) as again:
        assert [each.to for each in again.account.sends()] == ["ada@mock.test"]


def test_a_seed_is_read_from_a_file_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / "seed"
    path.write_text(SEED, encoding="utf-8")

    with MockServer(seed=path) as server:
        assert server.clock.now.year == 2026


def test_strict_accounts_are_strict() -> None:
    with MockServer(strict=True) as server:
        assert server.account.account.strict
        assert server.fresh_account().account.strict
        assert not server.fresh_account(strict=False).account.strict


def test_a_fresh_account_has_credentials_and_a_clock_of_its_own() -> None:
    with MockServer(seed=SEED) as server:
        fresh = server.fresh_account(engagement="typical", lag="realistic")
        fresh.clock.advance("1h")

        assert fresh.credentials["username"] != server.account.credentials["username"]
        assert (fresh.engagement, fresh.lag) == ("typical", "realistic")
        assert server.clock.now.hour == 12


def test_a_fresh_account_that_was_removed_is_gone() -> None:
    with MockServer() as server:
        fresh = server.fresh_account(SEED)

        fresh.remove()

        assert server.accounts.by_mid(fresh.mid) is None
        assert len(server.accounts) == 1


def test_accounts_that_name_no_profile_take_the_default_one() -> None:
    named = SEED.replace("[account]", '[account]\nengagement = "quiet"')

    with (
        MockServer(seed=SEED, default_engagement="typical") as server,
        MockServer(seed=named, default_engagement="typical") as other,
    ):
        server.account.reset()

        assert server.account.engagement == "typical"
        assert other.account.engagement == "quiet"


def test_an_account_in_a_file_keeps_its_profile(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    with MockServer(account=path) as server:
        server.account.engagement = "quiet"

    with MockServer(account=path, default_engagement="typical") as again:
        assert again.account.engagement == "quiet"


def test_a_profile_that_only_the_file_knows_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    with MockServer(account=path, seed=f"{SEED}\n[engagement.keen]\nopen = 1.0\n"):
        pass

    with MockServer(settings=Settings(port=0, accounts=(str(path),), engagement="keen")) as again:
        assert again.account.engagement == "keen"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engagement": "typicl"}, "Did you mean typical?"),
        ({"lag": "worse"}, "Did you mean worst?"),
        ({"page_size": 0}, "page_size must be a number, from 1 to 2500, not 0"),
        ({"max_objects": "many"}, "max_objects must be a number, 1 or more, not 'many'"),
        ({"seed": "nowhere.toml"}, "cannot be read"),
        ({"seed": "[account]\nmid = 0"}, "too small"),
        ({"tls_key": "key.pem"}, "name --tls-cert"),
        ({"tls_cert": "nowhere.pem"}, "nowhere.pem cannot be read"),
        ({"host": "192.0.2.1"}, "no address 192.0.2.1"),
    ],
)
def test_a_server_that_cannot_be_set_up_leaves_no_account_open(
    settings: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Accounts] = []
    begin = Accounts.__init__

    def noted(self: Accounts, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        made.append(self)

    monkeypatch.setattr(Accounts, "__init__", noted)

    with pytest.raises(SetupError, match=re.escape(message)):
        MockServer(settings=Settings(port=0, **settings))

    assert [len(each) for each in made] in ([], [0])


def test_a_failure_in_a_servers_thread_reaches_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    server = MockServer()
    monkeypatch.setattr(server.app, "base", lambda request: 1 / 0)

    with pytest.raises(BaseExceptionGroup, match="failed while it answered") as failed, server:
        fetch(server.base_url + "/platform/v1/endpoints/soap")

    (problem,) = failed.value.exceptions
    assert isinstance(problem, ZeroDivisionError)


def test_a_failure_of_the_control_api_reaches_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    with MockServer() as server:
        monkeypatch.setattr(server.app.control.lookup, "about", lambda handle: 1 / 0)
        status, _ = fetch(f"{server.control_url}/accounts")

        with pytest.raises(BaseExceptionGroup):
            server.check()

        assert status == 500
        assert server.problems == []


def test_the_tests_own_failure_goes_before_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    server = MockServer()
    monkeypatch.setattr(server.app, "base", lambda request: 1 / 0)

    def body() -> None:
        with server:
            fetch(server.base_url + "/platform/v1/endpoints/soap")
            raise AssertionError("what the test found")

    with pytest.raises(AssertionError, match="what the test found"):
        body()
    assert len(server.problems) == 1


def test_a_program_learns_from_its_environment_how_to_call_an_account() -> None:
    with MockServer() as server:
        fresh = server.fresh_account()

        found = environment_of(server, fresh)

    assert found == {
        "SFMC_MOCK_URL": server.base_url,
        "SFMC_ENDPOINT": f"{server.base_url}/Service.asmx",
        "SFMC_WSDL_URL": f"{server.base_url}/etframework.wsdl",
        "SFMC_AUTH_URL": server.base_url,
        "SFMC_CLIENT_ID": f"client-{fresh.mid}",
        "SFMC_CLIENT_SECRET": f"secret-{fresh.mid}",
        "SFMC_USERNAME": f"user-{fresh.mid}",
        "SFMC_PASSWORD": f"password-{fresh.mid}",
        "SFMC_MID": str(fresh.mid),
        "SFMC_ACCOUNT_ID": str(fresh.mid),
    }


def test_every_variable_is_explained() -> None:
    with MockServer(settings=Settings(port=0, control_token="token-of-a-test")) as server:
        assert sorted(environment_of(server, server.account)) == sorted(ENVIRONMENT)


def test_a_request_that_cannot_be_read_is_in_the_journal() -> None:
    with MockServer() as server, socket.create_connection(("127.0.0.1", server.http.port)) as line:
        line.sendall(b"no such thing as HTTP\r\n\r\n")
        answer = line.recv(1024)
        kept = list(server.journal)

    assert answer.startswith(b"HTTP/1.1 400")
    assert [(each.http_status, bool(each.error)) for each in kept] == [(400, True)]


def test_a_c_library_without_pools_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name: asked.append(name))

    share_memory()

    assert asked == [None]
