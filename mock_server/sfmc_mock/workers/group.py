"""The worker processes of a server, started, supervised and stopped by one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from sfmc_mock.clock import steady_time
from sfmc_mock.control.access import Access
from sfmc_mock.errors import SetupError
from sfmc_mock.http import address_of, listen
from sfmc_mock.server import AccountFacts, Addresses
from sfmc_mock.server_setup import check_tenants, proxy_of, tls_of
from sfmc_mock.settings import Settings
from sfmc_mock.store.account_directory import Directory
from sfmc_mock.workers.aggregation import in_served_order
from sfmc_mock.workers.connection_queues import ConnectionQueue
from sfmc_mock.workers.worker import Task
from sfmc_mock.workers.worker_reports import CALL, GONE, LEFT_OUT, READY, TROUBLE

_START = 60.0
"""Seconds that workers may take to open their accounts and answer."""

_SHORT_LIFE = 10.0
_MOST_SHORT_LIVES = 5
_GRACE = 15.0


@dataclass(slots=True)
class Worker:
    """A worker process, with what it reported when it was ready."""

    number: int
    process: subprocess.Popen[bytes] | None = None
    accounts: list[AccountFacts] | None = None
    trouble: str = ""
    answered: threading.Event = field(default_factory=threading.Event)
    """Set when the worker is ready or has failed."""
    short_lives: int = 0
    began: float = 0.0


class WorkerGroup(Addresses):
    """A server of several processes on one address, from `start` to `stop`.

    Accounts are assigned in turn: the first to the first process, and so on. A process that dies is replaced; accounts
    in files keep all acknowledged changes, and the successor answers the calls that arrive meanwhile. `on_call` is
    called with each call, in the form of the control API; `left_out` with the number of calls that were too many to
    report; `say` with a sentence about a process that died or was replaced. `failure` is the reason why the server
    cannot continue, else None. Raises `SetupError`.
    """

    def __init__(
        self,
        settings: Settings,
        workers: int,
        *,
        default_engagement: str = "",
        on_call: Callable[[dict[str, Any]], object] | None = None,
        left_out: Callable[[int], object] = lambda count: None,
        say: Callable[[str], object] = lambda sentence: None,
    ) -> None:
        if sys.platform == "win32":
            raise SetupError(
                "--workers needs a system that passes open connections between processes, which Windows does not: "
                "start a server for each part of your accounts (`sfmc-mock docs scaling`)."
            )
        _check_files(settings)
        self.settings = settings
        self.failure: str | None = None
        self.control_token = Access.of(settings).token
        self.proxy = proxy_of(settings)
        self._is_secure = tls_of(settings) is not None
        self._listening = listen(settings.host, settings.port)
        self._address: tuple[str, int] = self._listening.getsockname()[:2]
        self._folder = tempfile.TemporaryDirectory(prefix="sfmc-mock-", ignore_cleanup_errors=True)
        # Created before the workers open it: SQLite lets only one of them at a time change the journal mode.
        Directory(Path(self._folder.name, "directory"), worker=-1).close()
        self._connection_queues = [ConnectionQueue.make() for _ in range(workers)]
        self.workers = [Worker(number) for number in range(workers)]
        self._default_engagement = default_engagement
        self._on_call, self._left_out, self._say = on_call, left_out, say
        self._stopping = self._is_open = False
        self._lock = threading.Lock()
        self._keepers: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the processes, and return when all of them answer."""
        for worker in self.workers:
            self._spawn(worker)
            keeper = threading.Thread(target=self._keep, args=(worker,), daemon=True)
            self._keepers.append(keeper)
            keeper.start()
        deadline = steady_time() + _START
        for worker in self.workers:
            # In short waits, so that a signal delivered to another thread is handled in between.
            while not worker.answered.wait(0.1) and steady_time() < deadline:
                pass
            if worker.accounts is None:
                self.stop()
                raise SetupError(worker.trouble or f"Worker {worker.number + 1} did not start.")
        try:
            check_tenants(self.settings, [each.mid for each in self.accounts])
        except SetupError:
            self.stop()
            raise
        with self._lock:
            self._is_open = True
        for worker in self.workers:
            _let_answer(worker)
        return self

    def stop(self) -> None:
        """Let the processes finish running calls, and stop them."""
        with self._lock:
            self._stopping = True
        self._listening.close()
        for worker in self.workers:
            if worker.process is not None and worker.process.stdin is not None:
                # Closing its standard input tells the worker to stop.
                with suppress(OSError):
                    worker.process.stdin.close()
        deadline = steady_time() + _GRACE
        for keeper in self._keepers:
            while keeper.is_alive() and steady_time() < deadline:
                keeper.join(0.1)
        self.kill()
        for queue in self._connection_queues:
            queue.close()
        self._folder.cleanup()

    def kill(self) -> None:
        """Kill the processes."""
        self._stopping = True
        for worker in self.workers:
            if worker.process is not None and worker.process.poll() is None:
                worker.process.kill()

    # Address and accounts.

    @property
    def base_url(self) -> str:
        """The server's address, without a slash at the end."""
        host, port = self._address
        return address_of(host, port, secure=self._is_secure)

    @property
    def accounts(self) -> list[AccountFacts]:
        """The accounts of all processes in the order of the settings, each before its business units."""
        return in_served_order(
            (worker.accounts or () for worker in self.workers),
            lambda account: account.mid if account.unit_of is None else account.unit_of,
        )

    # Replacement of processes.

    def _spawn(self, worker: Worker) -> None:
        connection_queue = self._connection_queues[worker.number]
        writing = [each.writing.fileno() for each in self._connection_queues]
        task = Task(
            number=worker.number,
            of=len(self.workers),
            holder=os.getpid(),
            folder=self._folder.name,
            listening=self._listening.fileno(),
            connection_queue=connection_queue.reading.fileno(),
            connection_queues=writing,
            settings=asdict(replace(self.settings, control_token=self.control_token)),
            default_engagement=self._default_engagement,
            tells_calls=self._on_call is not None,
        )
        worker.began = steady_time()
        worker.process = subprocess.Popen(
            [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", __package__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[task.listening, task.connection_queue, *writing],
            # Ctrl-C in a terminal reaches its whole process group, and would end a starting worker with a traceback.
            process_group=0,
        )
        _tell(worker, json.dumps(asdict(task)))

    def _keep(self, worker: Worker) -> None:
        """Read a worker's reports, and replace the worker when it dies."""
        while worker.process is not None:
            process = worker.process
            for thing in _things(process):
                self._hear(worker, thing)
            code = process.wait()
            with self._lock:
                if self._stopping or worker.accounts is None:
                    worker.answered.set()
                    return
                if not self._may_go_on(worker, code):
                    return
                self._spawn(worker)

    def _hear(self, worker: Worker, thing: dict[str, Any]) -> None:
        if READY in thing:
            if worker.accounts is not None:
                self._say(f"Worker {worker.number + 1} answers again.{_lost(thing[GONE])}")
            worker.accounts = [AccountFacts(**each) for each in thing[READY]]
            worker.answered.set()
            if self._is_open:
                _let_answer(worker)
        elif TROUBLE in thing:
            worker.trouble = thing[TROUBLE]
        elif CALL in thing and self._on_call is not None:
            self._on_call(thing[CALL])
        elif LEFT_OUT in thing:
            self._left_out(thing[LEFT_OUT])

    def _may_go_on(self, worker: Worker, code: int) -> bool:
        """Report the death of a worker; return whether it will be replaced."""
        lived = steady_time() - worker.began
        worker.short_lives = worker.short_lives + 1 if lived < _SHORT_LIFE else 0
        ended = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        name = f"Worker {worker.number + 1}"
        if worker.trouble or worker.short_lives >= _MOST_SHORT_LIVES:
            self.failure = worker.trouble or f"{name} ended {ended} repeatedly."
            return False
        lost = [str(each.mid) for each in worker.accounts or () if each.in_memory]
        about = f" The content of in-memory accounts was lost: {', '.join(lost)}." if lost else ""
        self._say(f"{name} ended {ended}; it is being replaced.{about}")
        return True


def _let_answer(worker: Worker) -> None:
    """Let a worker answer calls, since all accounts of the server are open. A second call has no effect."""
    _tell(worker, "answer")


def _tell(worker: Worker, line: str) -> None:
    if worker.process is not None and worker.process.stdin is not None:
        # If it has already died, the end of its output reports that.
        with suppress(OSError, ValueError):
            worker.process.stdin.write(f"{line}\n".encode())
            worker.process.stdin.flush()


def _lost(mids: list[int]) -> str:
    if not mids:
        return ""
    shown = ", ".join(map(str, mids[:10])) + (" …" if len(mids) > 10 else "")
    return f" Its accounts created at run time were lost: {shown}."


def _things(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                # It died while writing a line.
                continue


def _check_files(settings: Settings) -> None:
    known: set[str] = set()
    for path in settings.accounts:
        real = os.path.realpath(path)
        if path != ":memory:" and not settings.read_only and real in known:
            raise SetupError(f"{path} is given twice: give each file once.")
        known.add(real)
