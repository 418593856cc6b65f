"""`serve --workers` under load: killed processes lose no acknowledged send, and leave no process behind."""

from __future__ import annotations

import os
import random
import signal
import threading
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from tests.support.sending_client import SendingClient, log_keys
from tests.support.served import Served, serving
from tests.torture.conftest import Torture

from sfmc_mock.accounts import Accounts

CLIENTS = 8
USERS = ("mock-user", "mock-user-2")


def workers_of(served: Served) -> list[int]:
    """Return the processes that a server started."""
    # Each thread has the children that it started.
    listed = [*Path(f"/proc/{served.process.pid}/task").glob("*/children")]
    if not listed:
        pytest.skip("needs /proc to see which processes a server has")
    return [int(each) for children in listed for each in children.read_text().split()]


class Senders:
    """Clients that send until they are stopped, with a new connection whenever one ends."""

    def __init__(self, port: int, round_: int) -> None:
        self.acknowledged: dict[str, set[str]] = {user: set() for user in USERS}
        self._enough = {number: threading.Event() for number in range(CLIENTS)}
        self._stopped = threading.Event()
        self._port, self._round = port, round_
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(CLIENTS)]

    def __enter__(self) -> Senders:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        for each in self._threads:
            each.join()

    def wait(self) -> None:
        """Wait until each client has sent some more."""
        for each in self._enough.values():
            each.clear()
        for each in self._enough.values():
            assert each.wait(60)

    def _send(self, client: int) -> None:
        user, number, last = USERS[client % len(USERS)], 0, 0
        while not self._stopped.is_set():
            # An answer that is not whole acknowledges nothing.
            with suppress(OSError, HTTPException), SendingClient(self._port, user) as connection:
                while not self._stopped.is_set():
                    number += 1
                    key = f"{self._round * 100 + client}-{number}"
                    connection.send(key)
                    self.acknowledged[user].add(key)
                    if number > last + 5:
                        last = number
                        self._enough[client].set()


@pytest.mark.slow
def test_killed_processes_lose_no_acknowledged_send_and_leave_no_process(
    tmp_path: Path, torture: Torture
) -> None:
    seed = tmp_path / "seed.toml"
    seed.write_text(SendingClient.SEED, encoding="utf-8")
    files = [tmp_path / "a.db", tmp_path / "b.db"]
    accounts = [word for file in files for word in ("--account", str(file))]
    acknowledged: dict[str, set[str]] = {user: set() for user in USERS}
    for number in torture.rounds(1, most=100):
        draw = random.Random(number)
        with serving() as start:
            served = start("--workers", "2", "--quiet", "--seed", str(seed), *accounts)
            with Senders(served.address[1], number) as senders:
                for _ in range(draw.randint(1, 3)):
                    senders.wait()
                    os.kill(draw.choice(workers_of(served)), signal.SIGKILL)
                senders.wait()
                if number % 2 == 0:
                    served.process.kill()
            if number % 2:
                assert served.end()[0] == 0
            # The end of standard error: the last process that had it open has ended.
            served.process.communicate(timeout=60)
        for user in USERS:
            acknowledged[user] |= senders.acknowledged[user]

        opened = Accounts()
        there = [log_keys(opened.open(file)) for file in files]
        opened.close()
        lost = [acknowledged[user] - keys for user, keys in zip(USERS, there, strict=True)]
        assert lost == [set(), set()], number
