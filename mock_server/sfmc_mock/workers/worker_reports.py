"""Reports of a worker to the process that started it: lines of JSON, one report each."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from sfmc_mock.diagnostics import WaitingCalls, join_writer

if TYPE_CHECKING:
    from sfmc_mock.journal import Exchange

READY = "ready"
GONE = "gone"
TROUBLE = "trouble"
CALL = "call"
LEFT_OUT = "left out"

_GATHER = 0.02
_MOST_WAITING = 5_000
_MOST_BYTES = 16 * 1024 * 1024


class WorkerReports:
    """Writes reports to a descriptor; the server calls `on_exchange` with each exchange, None if `calls` is false.

    A separate thread writes the calls, so that no call waits for the reader; calls above a limit are only counted.
    """

    def __init__(self, descriptor: int, *, calls: bool) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._waiting: WaitingCalls[Exchange] = WaitingCalls(_MOST_WAITING, _MOST_BYTES)
        self._end = threading.Event()
        self._wake = threading.Event()
        self.on_exchange = self._put if calls else None
        self._thread = threading.Thread(target=self._run, name="reports", daemon=True)
        self._thread.start()

    def ready(self, accounts: list[dict[str, Any]], gone: list[int]) -> None:
        """Report that the server answers, its accounts, and the accounts that were lost with its predecessor."""
        self._write([{READY: accounts, GONE: gone}])

    def trouble(self, sentence: str) -> None:
        """Report why the server could not start."""
        self._write([{TROUBLE: sentence}])

    def close(self) -> None:
        """Report the remaining calls."""
        self._end.set()
        self._wake.set()
        join_writer(self._thread, self._descriptor, 1)

    def _put(self, exchange: Exchange) -> None:
        if self._waiting.put(exchange, exchange.weight) and not self._wake.is_set():
            self._wake.set()

    def _run(self) -> None:
        is_last = False
        while not is_last:
            self._wake.wait()
            is_last = self._end.wait(_GATHER)
            self._wake.clear()
            lines: list[dict[str, Any]] = [
                {CALL: call.as_json()} for call in self._waiting.take(_MOST_WAITING)
            ]
            if count := self._waiting.take_left_out():
                lines.append({LEFT_OUT: count})
            self._write(lines)

    def _write(self, lines: list[dict[str, Any]]) -> None:
        rest = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        with self._lock:
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                # The reading process has ended; the end of standard input signals that, too.
                return
