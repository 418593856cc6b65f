"""The commands for a running server."""

from __future__ import annotations

import io
import socket
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme
from tests.cli.conftest import Run
from tests.support.control import SEED

from sfmc_mock import MockServer
from sfmc_mock.account.sends import Recipient, trigger
from sfmc_mock.account.triggered_send_definitions import find_definition
from sfmc_mock.http import HTTPServer
from sfmc_mock.settings import Settings

# The clock.


def test_the_clock_is_shown(run: Run, server: MockServer) -> None:
    shown = run("clock")

    assert shown.code == 0
    assert shown.out == "2026-01-01 12:00:00 (server time, UTC-6), 2026-01-01T18:00:00Z, frozen\n"


@pytest.mark.parametrize(
    ("change", "now"),
    [
        (["advance", "2h30m"], "2026-01-01T14:30:00.000"),
        (["advance", "2h", "30m"], "2026-01-01T14:30:00.000"),
        (["set", "2026-01-31T13:45"], "2026-01-31T13:45:00.000"),
        (["set", "2026-01-31", "13:45"], "2026-01-31T13:45:00.000"),
        (["freeze"], "2026-01-01T12:00:00.000"),
    ],
)
def test_the_clock_is_changed(run: Run, server: MockServer, change: list[str], now: str) -> None:
    shown = run("clock", *change, "--json")

    assert shown.json == server.clock.as_json()
    assert shown.json["now"] == now


def test_a_mistyped_change_is_answered_with_the_nearest(run: Run, server: MockServer) -> None:
    assert "'advence' is not one of 'advance', 'set', 'freeze', 'run'. Did you mean 'advance'?" in (
        run("clock", "advence", "1h").err
    )


def test_the_clock_is_let_run(run: Run, server: MockServer) -> None:
    shown = run("clock", "run")

    assert shown.out.endswith("running\n")
    assert server.clock.running


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["set", "2025-01-01"], "only goes forward"),
        (["advance", "soon"], "is not a valid duration"),
        (["set", "yesterday"], "is not a valid time"),
    ],
)
def test_a_change_that_the_server_refuses_is_its_sentence(
    run: Run, server: MockServer, arguments: list[str], sentence: str
) -> None:
    assert sentence in run("clock", *arguments).refusal


@pytest.mark.parametrize("arguments", [["advance"], ["set"], ["freeze", "now"], ["stop"]])
def test_a_change_that_is_none_is_a_usage_error(
    run: Run, server: MockServer, arguments: list[str]
) -> None:
    refused = run("clock", *arguments)

    assert refused.code == 2
    usage, sentence = refused.err.splitlines()
    assert usage.startswith("Usage: sfmc-mock clock [OPTIONS]")
    assert sentence.startswith("sfmc-mock: ")
    assert sentence.endswith("See `sfmc-mock clock --help`.")


# Sends and explanations.


@pytest.fixture
def sent(server: MockServer) -> MockServer:
    """A server that has sent, not sent, refused and queued a message."""
    account = server.account
    account.send("welcome", to="ada+open@mock.test", attributes={"UniqueID": "u-1"})
    account.send("welcome", to="somebody.with.a.long.name+notsent-held@mock.test")
    account.send("welcome", to="no address")
    account.send("paused", to="eve@mock.test")
    return server


def test_sends_are_listed_one_per_line_in_a_pipe(run: Run, sent: MockServer) -> None:
    shown = run("sends")

    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert lines == [
        "Send Time Definition To Became JobID",
        "4 2026-01-01 12:00:00 paused eve@mock.test queued",
        f"3 2026-01-01 12:00:00 welcome no address refused {job_of(sent)}",
        "2 2026-01-01 12:00:00 welcome somebody.with.a.long.name+notsent-held@mock.test not sent "
        f"{job_of(sent)}",
        f"1 2026-01-01 12:00:00 welcome ada+open@mock.test sent, delivered, opened {job_of(sent)}",
    ]


def job_of(server: MockServer) -> int:
    return server.journal.assert_sent()[0].job_id


def test_sends_are_found_by_definition_and_subscriber(run: Run, sent: MockServer) -> None:
    by_definition = run("sends", "--definition", "paused", "--json").json["sends"]
    by_subscriber = run("sends", "--subscriber", "ada+open@mock.test", "--json").json["sends"]
    newest = run("sends", "--limit", "1", "--json").json["sends"]

    assert [each["id"] for each in by_definition] == [4]
    assert [each["id"] for each in by_subscriber] == [1]
    assert [each["id"] for each in newest] == [4]


def test_a_send_to_many_is_one_line(run: Run, server: MockServer) -> None:
    account = server.account.account
    definition = find_definition(account, key="welcome")
    assert definition is not None
    held = Recipient("zoe", "zoe+notsent-held@mock.test")
    many = [Recipient(f"s{n}", f"s{n}@mock.test") for n in range(1_499)]
    with account.db.atomic():
        trigger(account, definition, [*many, held])

    (line,) = run("sends").out.splitlines()[1:]

    assert "s0@mock.test and 1,499 more" in line
    assert "1,499 sent, 1 not sent" in line


def test_missing_sends_are_reported(run: Run, server: MockServer) -> None:
    assert run("sends").out == "No sends yet. Make one with `sfmc-mock send`.\n"
    assert run("sends", "--definition", "welcome").out == "No such sends.\n"
    assert "There are no sends yet" in run("explain").refusal


@pytest.mark.parametrize(
    ("arguments", "beginning"),
    [
        (["2"], "Send 2, 'welcome' → somebody.with.a.long.name+notsent-held@mock.test: Not sent"),
        (["--unique-id", "u-1"], "Send 1, 'welcome' → ada+open@mock.test: Sent."),
        (["--subscriber", "eve@mock.test"], "Send 4, 'paused' → eve@mock.test: Queued."),
        ([], "Send 4, 'paused' → eve@mock.test: Queued."),
    ],
)
def test_messages_are_explained(
    run: Run, sent: MockServer, arguments: list[str], beginning: str
) -> None:
    shown = run("explain", *arguments)

    assert shown.code == 0
    assert shown.out.startswith(beginning)


def test_an_explanation_is_given_as_json(run: Run, sent: MockServer) -> None:
    (message,) = run("explain", "2", "--json").json["messages"]

    assert (message["outcome"], message["code"]) == ("not sent", 2)


def test_only_the_first_of_many_explanations_are_printed(run: Run, server: MockServer) -> None:
    for _ in range(3):
        server.account.send("welcome", to="ada@mock.test")

    shown = run("explain", "--subscriber", "ada@mock.test", "--limit", "2")

    assert shown.out.count("Send ") == 2
    assert shown.out.endswith("… and 1 messages more: --limit shows them.\n")


def test_an_explanation_of_nothing_is_reported_in_one_line(run: Run, sent: MockServer) -> None:
    assert "The newest sends are: send 4" in run("explain", "99").refusal


# Accounts and their content.


def test_accounts_are_listed(run: Run, sent: MockServer) -> None:
    sent.fresh_account()

    lines = run("accounts").out.splitlines()

    assert [line.split()[0] for line in lines] == ["MID", "1234567", "500000001"]
    assert lines[1].split()[1:4] == ["2026-01-01", "12:00:00", "frozen"]
    assert lines[1].endswith("memory")


def test_a_fresh_account_is_made_and_taken_away(run: Run, server: MockServer) -> None:
    shown = run("accounts", "--new")
    removed = run("accounts", "--remove", "500000001")

    told = dict(line.split() for line in shown.out.splitlines())
    assert told["username"] == "user-500000001"
    assert told["url"] == server.url
    assert removed.out == "Account 500000001 was removed from the server.\n"
    assert len(server.accounts) == 1


def test_accounts_are_reported_as_json(run: Run, server: MockServer) -> None:
    made = run("accounts", "--new", "--json").json
    listed = run("accounts", "--json").json["accounts"]
    removed = run("accounts", "--remove", str(made["mid"]), "--json").json

    assert [each["mid"] for each in listed] == [1234567, made["mid"]]
    assert removed == {"removed": made["mid"]}


def test_an_account_cannot_be_made_and_removed_in_one(run: Run, server: MockServer) -> None:
    refused = run("accounts", "--new", "--remove", "1")

    assert refused.code == 2
    assert "not both" in refused.err


def test_only_the_account_of_a_mid_is_listed(run: Run, server: MockServer) -> None:
    server.fresh_account()

    lines = run("accounts", "--mid", "500000001").out.splitlines()
    unknown = run("accounts", "--mid", "3").refusal

    assert [line.split()[0] for line in lines] == ["MID", "500000001"]
    assert unknown == "There is no account with the MID 3. There are: 1234567, 500000001."


@pytest.mark.parametrize("change", [["--new"], ["--remove", "1234567"]], ids=" ".join)
def test_a_mid_beside_new_or_remove_is_a_usage_error(
    run: Run, server: MockServer, change: list[str]
) -> None:
    refused = run("accounts", *change, "--mid", "3")

    assert refused.code == 2
    assert "leave it out" in refused.err
    assert len(server.accounts) == 1


def test_a_server_without_accounts_says_so(run: Run, server: MockServer) -> None:
    run("accounts", "--remove", "1234567")

    assert run("accounts").out == "No accounts. Create one with --new.\n"


def test_another_account_is_chosen_by_its_mid(run: Run, server: MockServer) -> None:
    fresh = server.fresh_account()

    run("clock", "advance", "1h", "--mid", str(fresh.mid))

    assert fresh.clock.now.hour == 13
    assert server.clock.now.hour == 12


def test_an_unknown_mid_is_answered_with_those_that_there_are(run: Run, server: MockServer) -> None:
    sentence = run("sends", "--mid", "5").refusal

    assert sentence == "There is no account with the MID 5. There are: 1234567."


def test_an_account_is_reset(run: Run, sent: MockServer) -> None:
    shown = run("reset")

    assert shown.out == (
        "Account 1234567 was reset to its seed: 0 subscribers, 3 definitions, 0 data extensions.\n"
    )
    assert sent.account.sends() == []
    assert run("reset", "--json").json["mid"] == 1234567


def test_an_export_can_be_imported(run: Run, server: MockServer, tmp_path: Path) -> None:
    path = tmp_path / "account.toml"
    server.account.send("welcome", to="ada@mock.test")
    run("export", "-o", str(path))
    server.account.reset()

    shown = run("import", str(path))

    assert shown.out.startswith(f"Account 1234567 is as {path} says: 1 subscribers, 3 definitions")
    assert server.account.subscriber("ada@mock.test") is not None


def test_an_export_is_printed_as_toml_or_as_json(run: Run, server: MockServer) -> None:
    printed = run("export").out

    assert len(tomllib.loads(printed)["triggered_send_definition"]) == 3
    assert run("export", "--json").json == {"seed": printed}


def test_a_seed_is_imported_from_stdin(
    run: Run, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = SEED.replace("2026", "2030").encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(seed)))

    shown = run("import", "-", "--json")

    assert shown.json["clock"]["now"] == "2030-01-01T12:00:00.000"


def test_files_that_cannot_be_read_or_written_are_reported_in_one_line(
    run: Run, server: MockServer, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "none" / "seed.toml")

    assert "cannot be read: No such file" in run("import", nowhere).sentence
    assert "cannot be written: No such file" in run("export", "-o", nowhere).sentence


def test_a_broken_seed_is_the_servers_sentence(
    run: Run, server: MockServer, tmp_path: Path
) -> None:
    path = tmp_path / "seed.toml"
    path.write_text("[acount]", encoding="utf-8")

    assert "Did you mean 'account'?" in run("import", str(path)).refusal


# Where the server is.


@pytest.mark.parametrize("tail", ["", "/", "/Service.asmx", "/service.asmx", "/_mock", "/_mock/"])
def test_a_server_is_found_by_any_of_its_addresses(run: Run, server: MockServer, tail: str) -> None:
    assert run("clock", "--url", server.base_url + tail).code == 0


def test_a_server_is_found_without_the_scheme(run: Run, server: MockServer) -> None:
    assert run("clock", "--url", server.base_url.removeprefix("http://")).code == 0


def test_the_option_goes_before_the_environment(
    run: Run, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMC_MOCK_URL", "http://127.0.0.1:1")

    assert run("clock", "--url", server.base_url).code == 0


COMMANDS = [
    ["clock"],
    ["sends"],
    ["explain"],
    ["explain", "1"],
    ["send", "welcome", "ada@mock.test"],
    ["events"],
    ["event", "add", "open"],
    ["journal"],
    ["journal", "1"],
    ["settings"],
    ["checkpoint"],
    ["restore"],
    ["reset"],
    ["export"],
    ["import", "-"],
    ["accounts"],
    ["files", "list"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_missing_server_is_reported_in_one_line(
    run: Run, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"[account]\n")))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    refused = run(*command, "--url", f"http://127.0.0.1:{port}")

    assert refused.refusal == (
        f"No server answers at http://127.0.0.1:{port} (Connection refused). Start one with `sfmc-mock serve`, or say "
        "where it is with --url or SFMC_MOCK_URL."
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1",
        "http://",
        "127.0.0.1:port",
        "127.0.0.1:99999",
        "http://a b",
        "http://é",
        "..",
        "a" * 64,
    ],
)
def test_an_invalid_address_is_reported_in_one_line(run: Run, url: str) -> None:
    assert "is not the address of a server" in run("clock", "--url", url).sentence


@pytest.mark.parametrize("token", ["token-€", "token\nwith a line", "token\udcff"])
def test_a_token_that_no_header_carries_is_reported_in_one_line(run: Run, token: str) -> None:
    assert "--control-token" in run("clock", "--control-token", token).sentence


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"error": "none"}'])
@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
def test_another_kind_of_server_is_reported_in_one_line(run: Run, body: bytes, status: str) -> None:
    def app(environ, start_response):
        start_response(status, [("Content-Type", "text/html")])
        return [body]

    with HTTPServer(app) as other:
        refused = run("reset", "--url", other.url)

    assert f"What answers at {other.url} is not sfmc-mock" in refused.refusal


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[MockServer, str]]:
    """Return a server with TLS, and the file of its certificate authority."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    settings = Settings(port=0, tls_cert=str(tmp_path / "server.pem"))
    with MockServer(settings=settings) as server:
        yield server, str(tmp_path / "authority.pem")


def test_a_server_with_tls_is_spoken_to_when_its_authority_is_known(
    run: Run, secured: tuple[MockServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = secured
    monkeypatch.setenv("SSL_CERT_FILE", authority)

    assert run("clock", "--url", server.base_url).code == 0


def test_an_untrusted_certificate_is_reported_in_one_line(
    run: Run, secured: tuple[MockServer, str]
) -> None:
    server, _ = secured

    assert "in SSL_CERT_FILE" in run("clock", "--url", server.base_url).refusal


def test_http_to_a_server_with_tls_is_reported_in_one_line(
    run: Run, secured: tuple[MockServer, str]
) -> None:
    server, _ = secured

    refused = run("clock", "--url", server.base_url.replace("https", "http"))

    assert refused.refusal.endswith("speaks TLS: write it with https://.")


# The token of the control API.


def test_commands_take_the_token_as_an_option_and_from_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "token-of-this-test"
    with MockServer(settings=Settings(port=0, control_token=token)) as server:
        monkeypatch.setenv("SFMC_MOCK_URL", server.base_url)
        without = run("clock").refusal
        by_option = run("clock", "freeze", "--control-token", token).code
        monkeypatch.setenv("SFMC_MOCK_CONTROL_TOKEN", token)
        by_environment = run("clock").code

    assert "--control-token" in without
    assert (by_option, by_environment) == (0, 0)


# Pages.


def test_the_page_of_an_account_and_of_a_send_are_named(run: Run, server: MockServer) -> None:
    server.account.send("welcome", to="ada@mock.test")
    root = f"{server.base_url}/_mock/ui/{server.account.mid}/"

    assert run("open").out == f"{root}\n"
    assert run("open", "1").out == f"{root}sends/1\n"
    assert run("open", "1", "--json").json == {"url": f"{root}sends/1"}
    assert run("open", "7").code == 1
    assert "no account with the MID 77" in run("open", "--mid", "77").err
