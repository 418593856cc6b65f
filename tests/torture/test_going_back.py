"""Reset, restore and import during other calls: no call gets an internal error."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.sending_client import ControlClient, SendingClient
from tests.torture.conftest import Torture

from sfmc_mock import MockServer
from sfmc_mock.settings import Settings

TOKEN = {
    "grant_type": "client_credentials",
    "client_id": "mock-client-id",
    "client_secret": "mock-client-secret",
}


@pytest.mark.parametrize("place", ["file", "memory"])
def test_no_call_is_answered_with_an_internal_error(
    tmp_path: Path, torture: Torture, place: str
) -> None:
    account = str(tmp_path / "account.db") if place == "file" else ":memory:"
    settings = Settings(port=0, accounts=(account,), seed=SendingClient.SEED, durability="process")
    statuses: Counter[tuple[str, int]] = Counter()
    done = threading.Event()
    with MockServer(settings=settings) as server:
        port = server.http.port

        def work(path: str, call: Callable[[ControlClient], int]) -> None:
            client = ControlClient(port)
            while not done.is_set():
                statuses[path, call(client)] += 1
            client.close()

        def send(number: int) -> None:
            with SendingClient(port) as client:
                turn = 0
                while not done.is_set():
                    statuses["soap", client.status(f"{number}-{turn}")] += 1
                    turn += 1

        workers = [
            threading.Thread(target=send, args=(1,)),
            threading.Thread(target=send, args=(2,)),
            threading.Thread(
                target=work, args=("token", lambda each: each.call("POST", "/v2/token", TOKEN))
            ),
            threading.Thread(
                target=work, args=("accounts", lambda each: each.call("GET", "/_mock/accounts"))
            ),
            threading.Thread(
                target=work, args=("sends", lambda each: each.call("GET", "/_mock/sends"))
            ),
        ]
        for each in workers:
            each.start()
        client = ControlClient(port)
        client.call("POST", "/_mock/checkpoint")
        try:
            for _ in torture.rounds(25):
                statuses["reset", client.call("POST", "/_mock/reset")] += 1
                statuses["restore", client.call("POST", "/_mock/restore")] += 1
                statuses[
                    "import", client.call("POST", "/_mock/import", SendingClient.SEED, "toml")
                ] += 1
        finally:
            done.set()
            for each in workers:
                each.join()
            client.close()

    assert {each: count for each, count in statuses.items() if each[1] != 200} == {}
    assert {path for path, _ in statuses} >= {"soap", "token", "accounts", "sends", "reset"}
