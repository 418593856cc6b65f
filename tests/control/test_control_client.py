"""The client of the control API; its errors for wrong addresses and other servers are tested in `tests/cli`."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sfmc_mock import MockServer, Settings, SetupError
from sfmc_mock.control_client import ControlClient


@pytest.mark.slow
def test_importing_it_loads_neither_a_dependency_nor_the_rest_of_the_emulator() -> None:
    code = """
import sys, sfmc_mock.control_client
heavy = {"click", "lxml", "rich", "spyne", "sqlite3", "sqlite_utils", "urllib3", "werkzeug"}
print([name for name in sys.modules if name in heavy or name.startswith("sfmc_mock.")])
"""

    loaded = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "['sfmc_mock.errors', 'sfmc_mock.control_client']"


def test_a_refusal_is_the_error_of_the_caller() -> None:
    with (
        MockServer() as server,
        ControlClient(server.base_url, error=LookupError) as control,
        pytest.raises(LookupError, match="There is no account with the MID 5"),
    ):
        control.get("/clock", mid=5)


def test_ask_returns_what_get_would_raise() -> None:
    with MockServer() as server, ControlClient(server.base_url) as control:
        reply = control.ask("GET", "/clock", mid=5)

        assert reply.status == 404
        assert reply.error is not None
        with pytest.raises(SetupError, match="There is no account with the MID 5"):
            control.get("/clock", mid=5)


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again() -> None:
    with MockServer() as server:
        port = int(server.base_url.rpartition(":")[2])
        control = ControlClient(server.base_url)
        assert control.get("/health")["status"] == "ok"
    with MockServer(settings=Settings(port=port)):
        assert control.get("/health")["status"] == "ok"
        control.close()


def test_threads_can_share_it() -> None:
    with MockServer() as server, ControlClient(server.base_url) as control:
        first, other = server.account.mid, server.fresh_account(lag="worst").mid

        with ThreadPoolExecutor(8) as pool:
            asked = [first, other] * 20
            found = list(pool.map(lambda mid: control.get("/settings", mid=mid)["lag"], asked))

        assert found == ["instant", "worst"] * 20


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "it closed the connection"),
        (b"+OK POP3 ready\r\n", "what it sent is not HTTP"),
    ],
)
def test_a_server_of_another_kind_is_reported_without_words_of_python(
    answer: bytes, reason: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve_once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        other = threading.Thread(target=serve_once)
        other.start()
        with (
            ControlClient(f"127.0.0.1:{port}") as client,
            pytest.raises(SetupError, match=re.escape(f"({reason})")),
        ):
            client.get("/clock")
        other.join()
