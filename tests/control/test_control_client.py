"""The client of the control API; what it says of wrong addresses and foreign servers is in `tests/cli`."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from sfmc_mock import MockServer, Settings, SetupError
from sfmc_mock.control_client import ControlClient


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
