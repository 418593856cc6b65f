"""One worker: a server for its share of the accounts, until the process that started it lets go of it."""

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
    """What a worker is told at its start; it goes over as JSON. Numbers of sockets are descriptors."""

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
    """The part of a worker in its server, and its way to the others."""

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
    """Serve from the second line of standard input to its end, and return the exit code.

    The first line is the task. Standard output tells when the accounts are open, and of calls.
    """
    # Ctrl-C reaches every process of a terminal: the one that started the workers ends them.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    task = Task(**json.loads(sys.stdin.readline()))
    share = WorkerShare(task)
    reports = WorkerReports(sys.stdout.fileno(), calls=task.tells_calls)
    # JSON knows no tuples.
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
        # Until all workers have entered their accounts in the directory, calls for some would find no account.
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
