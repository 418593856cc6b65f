"""`serve` as a process: a ready line, a line per call, a clean stop, and one sentence if it cannot start."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.cli.conftest import Run
from tests.support.command_line import (
    COMMAND,
    environment,
    open_terminal,
    plain,
    read_terminal,
    run_apart,
)
from tests.support.control import SEED
from tests.support.served import Serve, Served
from tests.support.soap_app import envelope, username_token

from sfmc_mock.control.access import is_loopback
from sfmc_mock.store.database import Database

STATUS = '<GetSystemStatusRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"/>'


def post(connection: http.client.HTTPConnection, path: str, body: bytes, **headers: str) -> bytes:
    """Post a body and return that of the answer."""
    connection.request(
        "POST", path, body, {name.replace("_", "-"): headers[name] for name in headers}
    )
    return connection.getresponse().read()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_and_closes_what_rests(serve: Serve, number: signal.Signals) -> None:
    served = serve()
    connection = served.connect()
    connection.request("GET", "/_mock/health")
    connection.getresponse().read()

    ended = served.end(number)
    rest = connection.sock.recv(1)

    connection.close()
    assert ended == (0, "")
    assert rest == b""


@pytest.mark.slow
def test_the_ready_line_shows_the_addresses_and_the_process(serve: Serve) -> None:
    served = serve()

    base = served.ready["url"].removesuffix("/Service.asmx")
    assert served.ready == {
        "url": f"{base}/Service.asmx",
        "wsdl": f"{base}/etframework.wsdl",
        "control": f"{base}/_mock",
        "token": None,
        "inspector": f"{base}/_mock/ui/",
        "pid": served.process.pid,
    }
    assert served.end()[0] == 0


@pytest.mark.slow
def test_a_call_under_way_is_finished_first(serve: Serve) -> None:
    served = serve()
    body = envelope(STATUS, username_token("mock-user", "mock-password"))
    head = (
        "POST /Service.asmx HTTP/1.1\r\nHost: mock.test\r\nSOAPAction: GetSystemStatus\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(served.address, timeout=60) as client:
        client.sendall(head.encode() + body[:10])
        # Only when the server has taken the first one's beginning, it answers a second one.
        connection = served.connect()
        connection.request("GET", "/_mock/health")
        connection.getresponse().read()
        served.process.send_signal(signal.SIGTERM)
        client.sendall(body[10:])
        answer = client.makefile("rb").read()
    connection.close()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"<OverallStatus>OK" in answer
    assert served.process.wait(timeout=60) == 0


@pytest.mark.slow
def test_a_second_signal_does_not_wait_for_calls_under_way(serve: Serve) -> None:
    served = serve()
    with socket.create_connection(served.address, timeout=60) as client:
        client.sendall(
            b"POST /Service.asmx HTTP/1.1\r\nHost: mock.test\r\nContent-Length: 9\r\n\r\n<"
        )
        connection = served.connect()
        connection.request("GET", "/_mock/health")
        connection.getresponse().read()
        connection.close()
        served.process.send_signal(signal.SIGTERM)
        wait_until_refused(served.address)
        code, _ = served.end()

    # Else it would be 0, when the call was given up.
    assert code == 128 + signal.SIGTERM


def wait_until_refused(address: tuple[str, int]) -> None:
    """Return when an address refuses connections."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(address, timeout=60).close()
        except OSError:
            return
    raise AssertionError("the server still listens")


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_calls_go_on_when_the_output_is_not_read(serve: Serve, unbuffered: str) -> None:
    served = serve(PYTHONUNBUFFERED=unbuffered)
    assert served.process.stderr is not None
    served.process.stderr.close()
    connection = served.connect()

    answers = [post(connection, "/nowhere", b"") for _ in range(3)]
    connection.close()
    served.process.send_signal(signal.SIGTERM)

    assert [b"Nothing is emulated at /nowhere" in answer for answer in answers] == [True] * 3
    assert served.process.wait(timeout=60) == 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_calls_go_on_when_the_disk_for_the_lines_is_full() -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            (*COMMAND, "serve", "--port", "0"),
            stdout=subprocess.PIPE,
            stderr=full,
            encoding="utf-8",
            env=environment(PYTHONUNBUFFERED=""),
        )
    with process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().split()[-1])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        answers = [post(connection, "/nowhere", b"") for _ in range(3)]
        connection.close()
        process.send_signal(signal.SIGTERM)

    assert [b"Nothing is emulated at /nowhere" in answer for answer in answers] == [True] * 3
    assert process.returncode == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1.2.3",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "tenant.localhost",
    ],
)
def test_a_loopback_address_needs_no_token(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "mock.test", "localhost.test", "127.0.0.1.evil.test", ""]
)
def test_any_other_address_may_be(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.slow
def test_each_request_is_a_line_and_no_secret_is_in_it(serve: Serve) -> None:
    served = serve()
    connection = served.connect()
    asked = {"client_id": "mock-client-id", "client_secret": "mock-client-secret"}
    token_request = json.dumps({"grant_type": "client_credentials", **asked}).encode()
    token = json.loads(post(connection, "/v2/token", token_request))["access_token"]
    for password in ("mock-password", "wrong-password"):
        message = envelope(STATUS, username_token("mock-user", password))
        post(connection, "/Service.asmx", message, SOAPAction="GetSystemStatus")
    post(connection, f"/nowhere?access_token={token}", b"")
    connection.close()

    _, err = served.end()

    lines = err.splitlines()
    calls = [line for line in lines if line[8:10] == "  " and line[0] != " "]
    assert [" ".join(line[10:20].split()) for line in calls] == ["OK", "OK", "Fault", "HTTP 404"]
    assert [line[32:].split()[0] for line in calls] == [
        "POST",
        "GetSystemStatus",
        "GetSystemStatus",
        "POST",
    ]
    assert "Login Failed" in err
    for secret in (token, "mock-client-secret", "mock-password", "wrong-password"):
        assert secret not in err


@pytest.mark.slow
@pytest.mark.parametrize("no_color", ["", "1"])
def test_lines_fit_the_terminal_and_have_its_colours(no_color: str) -> None:
    controller, terminal = open_terminal()
    process = subprocess.Popen(
        (*COMMAND, "serve", "--port", "0", "--ready-json"),
        stdout=subprocess.PIPE,
        stderr=terminal,
        encoding="utf-8",
        env=environment(COLUMNS="60", TERM="xterm-256color", NO_COLOR=no_color),
    )
    os.close(terminal)
    with process:
        served = Served(process)
        connection = served.connect()
        post(connection, f"/{'nowhere/' * 20}", b"")
        connection.close()
        process.send_signal(signal.SIGTERM)
        shown = read_terminal(controller)

    os.close(controller)
    assert max(len(line) for line in plain(shown).splitlines()) == 60
    assert ("\x1b[31mHTTP 404" in shown) is not bool(no_color)


@pytest.mark.slow
def test_a_quiet_server_prints_no_requests(serve: Serve) -> None:
    served = serve("--quiet")
    connection = served.connect()
    post(connection, "/nowhere", b"")
    connection.close()

    assert served.end() == (0, "")


@pytest.mark.slow
def test_people_get_one_ready_line_and_an_introduction_without_passwords(tmp_path: Path) -> None:
    process = subprocess.Popen(
        (*COMMAND, "serve", "--port", "0", "--account", str(tmp_path / "a.db")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    with process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert ready.startswith("sfmc-mock is ready: http://127.0.0.1:")
    assert out == ""
    assert "MID 1234567" in err
    assert "typical subscribers\n           user mock-user, client mock-client-id" in err
    assert "Stop with Ctrl-C. Times are the account's clock (server time, UTC-6)." in err
    assert "mock-password" not in err


@pytest.mark.slow
def test_a_signal_before_it_is_ready_stops_it_anyway() -> None:
    process = subprocess.Popen(
        (*COMMAND, "serve", "--port", "0", "--ready-json", "--seed", "/dev/stdin"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    with process:
        # It waits for its seed, and gets a signal before there is one.
        wait_until_reading(process.pid)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(SEED, timeout=60)

    assert (process.returncode, err) == (0, "")


def wait_until_reading(pid: int) -> None:
    """Return when a process is reading its standard input."""
    waits = Path(f"/proc/{pid}/wchan")
    if not waits.exists():
        pytest.skip("needs /proc to see what a process waits for")
    deadline = time.monotonic() + 60
    while "pipe" not in waits.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.slow
def test_settings_come_from_the_environment(serve: Serve) -> None:
    served = serve(
        SFMC_MOCK_SEED="[account]\nmid = 77\n", SFMC_MOCK_LAG="worst", SFMC_MOCK_PAGE_SIZE="3"
    )
    connection = served.connect()
    connection.request("GET", "/_mock/settings?mid=77")
    settings = json.loads(connection.getresponse().read())
    connection.close()

    assert (settings["lag"], settings["page_size"]) == ("worst", 3)
    assert settings["engagement"] == "typical"


@pytest.mark.slow
def test_the_error_of_a_second_server_on_a_file_names_the_owner(
    serve: Serve, tmp_path: Path
) -> None:
    path = str(tmp_path / "a.db")
    first = serve("--account", path)

    refused = run_apart("serve", "--port", "0", "--account", path)

    base = first.ready["url"].removesuffix("/Service.asmx")
    assert refused.sentence == (
        f"{path} is in use by another server at {base} (process {first.process.pid}). Stop that one, or use "
        "--read-only."
    )


@pytest.mark.slow
def test_a_second_server_can_read_a_file_in_use(serve: Serve, tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    serve("--account", path)

    second = serve("--account", path, "--read-only")

    connection = second.connect()
    body = envelope(STATUS, username_token("mock-user", "mock-password"))
    answer = post(connection, "/Service.asmx", body, SOAPAction="GetSystemStatus")
    connection.close()
    assert b"<OverallStatus>OK" in answer


def test_a_killed_server_leaves_its_file_usable(serve: Serve, tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    first = serve("--account", path)
    first.process.kill()
    first.process.wait(timeout=60)

    second = serve("--account", path)

    assert (tmp_path / "a.db-lock").exists()
    assert second.end() == (0, "")
    assert not (tmp_path / "a.db-lock").exists()


@pytest.mark.slow
def test_a_port_in_use_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        refused = run_apart("serve", "--port", str(port))

    assert refused.sentence == (
        f"Port {port} on 127.0.0.1 is in use by another program: stop that one, or choose another port (0 takes any "
        "free one)."
    )


def no_account(tmp_path: Path) -> list[str]:
    (tmp_path / "letter.txt").write_text("Dear Ada, " * 100, encoding="utf-8")
    return ["--account", str(tmp_path / "letter.txt")]


def other_database(tmp_path: Path) -> list[str]:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE letters (id INTEGER)")
    connection.close()
    return ["--account", str(tmp_path / "other.db")]


def newer_account(tmp_path: Path) -> list[str]:
    db = Database(tmp_path / "a.db")
    db.insert("_sqlite_migrations", {"migration_set": "sfmc_mock", "name": "9999_flags"})
    db.close()
    return ["--account", str(tmp_path / "a.db")]


def broken_seed(tmp_path: Path) -> list[str]:
    (tmp_path / "seed.toml").write_text("key = ", encoding="utf-8")
    return ["--seed", str(tmp_path / "seed.toml")]


def no_certificate(tmp_path: Path) -> list[str]:
    (tmp_path / "cert.pem").write_text("no certificate", encoding="utf-8")
    return ["--tls-cert", str(tmp_path / "cert.pem")]


Arguments = Callable[[Path], list[str]]

WRONG: list[tuple[Arguments, str]] = [
    (no_account, "letter.txt cannot be used as an account"),
    (broken_seed, "seed.toml is not valid TOML"),
    (no_certificate, "cert.pem cannot be used"),
]

MORE_WRONG: list[tuple[Arguments, str]] = [
    (other_database, "other.db is a SQLite database, but no account"),
    (lambda folder: ["--account", str(folder)], "is a folder. Name a file in it"),
    (lambda folder: ["--account", str(folder / "none" / "a.db")], "its folder does not exist"),
    (lambda folder: ["--account", ""], "The name of an account's file is empty"),
    (lambda folder: ["--account", "/dev/null"], "is a device or a pipe"),
    (lambda folder: ["--account", str(folder / "a.db"), "--read-only"], "There is no "),
    (lambda folder: 2 * ["--account", str(folder / "a.db")], "in use by this process already"),
    (newer_account, "was written by a newer version of sfmc-mock (9999_flags)"),
    (lambda folder: ["--seed", str(folder / "none.toml")], "none.toml cannot be read"),
    (lambda folder: ["--seed", str(folder)], "cannot be read"),
    (lambda folder: ["--tls-cert", str(folder / "none.pem")], "none.pem cannot be read"),
    (lambda folder: ["--tls-key", "key.pem"], "name --tls-cert"),
    (lambda folder: ["--engagement", "typicl"], "Did you mean typical?"),
    (lambda folder: ["--lag", "worse"], "Did you mean worst?"),
    (lambda folder: ["--host", "192.0.2.1"], "no address 192.0.2.1"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_server_that_cannot_begin_reports_the_reason(
    tmp_path: Path, arguments: Arguments, words: str
) -> None:
    refused = run_apart("serve", "--port", "0", *arguments(tmp_path))

    assert words in refused.sentence


@pytest.mark.parametrize(("arguments", "words"), MORE_WRONG, ids=[words for _, words in MORE_WRONG])
def test_each_reason_that_prevents_a_start_is_reported_in_one_line(
    run: Run, tmp_path: Path, arguments: Arguments, words: str
) -> None:
    refused = run("serve", "--port", "0", *arguments(tmp_path))

    assert words in refused.sentence


@pytest.mark.parametrize(
    "arguments",
    [["--port", "70000"], ["--port", "http"], ["--page-size", "0"], ["--prot", "1"], ["extra"]],
)
def test_an_option_that_is_none_is_a_usage_error(run: Run, arguments: list[str]) -> None:
    refused = run("serve", *arguments)

    assert refused.code == 2
    assert [line.partition(": ")[0] for line in refused.err.splitlines()] == ["Usage", "sfmc-mock"]


@pytest.mark.slow
def test_beyond_loopback_the_ready_line_shows_the_token_which_opens_the_control_api(
    serve: Serve,
) -> None:
    served = serve("--host", "0.0.0.0")
    connection = served.connect()
    token = served.ready["token"]

    answers = []
    for headers in ({}, {"Authorization": f"Bearer {token}"}):
        connection.request("GET", "/_mock/health", headers=headers)
        response = connection.getresponse()
        response.read()
        answers.append(response.status)
    connection.close()

    assert answers == [401, 200]
    assert token not in served.end()[1]


@pytest.mark.slow
def test_serve_prints_the_token_once_even_with_quiet() -> None:
    process = subprocess.Popen(
        (*COMMAND, "serve", "--port", "0", "--host", "0.0.0.0", "--quiet"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    with process:
        assert process.stderr is not None
        line = process.stderr.readline()
        process.terminate()

    assert re.fullmatch(r"  token    (\S{32}) \(.*SFMC_MOCK_CONTROL_TOKEN=\1\)\n", line)
