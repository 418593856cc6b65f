"""One worker: a server for its share of the accounts, until the starting process closes its standard input."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfmc_mock.errors import SfmcMockError
from sfmc_mock.http import Handover
from sfmc_mock.server import MockServer, account_facts, collect_garbage_rarely, share_memory
from sfmc_mock.settings import Settings
from sfmc_mock.store.account_directory import Directory
from sfmc_mock.workers.aggregation import AggregatingApplication
from sfmc_mock.workers.call_numbers import SharedCallNumbers
from sfmc_mock.workers.connection_queues import receive_connection, send_connection
from sfmc_mock.workers.worker_reports import WorkerReports

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, kw_only=True)
class Task:
    """The parameters of a worker, sent as JSON. Sockets are given as file descriptors."""

    number: int
    of: int
    holder: int
    folder: str
    listening: int
    connection_queue: int
    connection_queues: list[int]
    settings: dict[str, Any]
    default_engagement: str
    tells_calls: bool


class WorkerShare:
    """The worker's part in its server: its number, and its connections to the other workers."""

    def __init__(self, task: Task) -> None:
        self.number, self.of, self.holder = task.number, task.of, task.holder
        self.listening = socket.socket(fileno=task.listening)
        self.directory = Directory(Path(task.folder, "directory"), task.number)
        self.connection_queue = socket.socket(fileno=task.connection_queue)
        self._connection_queues = [socket.socket(fileno=each) for each in task.connection_queues]
        self._numbers = SharedCallNumbers(Path(task.folder, "numbers"), task.number, task.of)

    def next_number(self) -> int:
        return self._numbers.next()

    def hand_over(self, worker: int, connection: socket.socket, handover: Handover) -> None:
        send_connection(self._connection_queues[worker], connection, handover)

    def application(self, own: WSGIApplication) -> WSGIApplication:
        return AggregatingApplication(
            own,
            others=[each for each in range(self.of) if each != self.number],
            ask=self._ask,
            emptiest=lambda: self.directory.emptiest(self.of),
            number=self.number,
        )

    def _ask(self, worker: int, handover: Handover) -> socket.socket:
        here, there = socket.socketpair()
        with there:
            self.hand_over(worker, there, handover)
        return here


def run() -> int:
    """Serve until standard input ends, and return the exit code.

    The first line of standard input is the task; the second starts serving. Standard output reports when the accounts
    are open, and the calls.
    """
    # Ctrl-C reaches every process of a terminal; the starting process stops the workers.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    task = Task(**json.loads(sys.stdin.readline()))
    share = WorkerShare(task)
    reports = WorkerReports(sys.stdout.fileno(), calls=task.tells_calls)
    # JSON has no tuples.
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in task.settings.items()
    }
    share_memory()
    try:
        server = MockServer(
            settings=Settings(**given),
            default_engagement=task.default_engagement,
            on_exchange=reports.on_exchange,
            share=share,
        )
    except SfmcMockError as problem:
        reports.trouble(str(problem))
        return 2
    gone = share.directory.keep_only(account.mid for account in server.accounts)
    with closing(reports):
        reports.ready([asdict(each) for each in account_facts(server)], gone)
        # Calls would find no account until all workers have entered their accounts in the directory.
        if os.read(sys.stdin.fileno(), 1024):
            server.start()
            collect_garbage_rarely()
            threading.Thread(
                target=_empty, args=(share.connection_queue, server), daemon=True
            ).start()
        while os.read(sys.stdin.fileno(), 1024):
            pass
        server.stop()
    return 0


def _empty(connection_queue: socket.socket, server: MockServer) -> None:
    while True:
        try:
            connection = receive_connection(connection_queue)
        except OSError as problem:
            server.http.failed(problem)
            continue
        if connection is not None:
            server.http.take(connection)
