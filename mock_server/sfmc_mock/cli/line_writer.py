"""Write lines about calls in a separate thread, so that a slow terminal, pipe or disk delays no call."""

from __future__ import annotations

import errno
import os
import select
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sfmc_mock.cli.call_lines import CallLines, facts_of, facts_of_json
from sfmc_mock.diagnostics import WaitingCalls, join_writer
from sfmc_mock.errors import SetupError

if TYPE_CHECKING:
    from sfmc_mock.journal import Exchange

# Long enough to batch the lines of several calls, too short for a reader to notice.
_GATHER = 0.05
# Writing releases the interpreter lock, so calls do not wait until all of these lines are formatted.
_AT_ONCE = 40
# A call reported by another process comes without bodies.
_JSON_WEIGHT = 4_096
_MOST_BYTES = 16 * 1024 * 1024
_WAIT_FOR_READER = 0.5
_GONE = frozenset({errno.EPIPE, errno.EBADF, errno.EIO, errno.ENXIO})


class LineWriter:
    """Writes calls to a file descriptor as lines, in batches.

    At most `waiting` calls wait, with at most `waiting_bytes` in total; calls above that are only counted, and the
    count is written. A full disk loses lines, and a closed pipe ends the writing; `put` raises no error for either.
    """

    def __init__(
        self,
        descriptor: int,
        lines: CallLines,
        *,
        encoding: str = "utf-8",
        waiting: int = 2_000,
        waiting_bytes: int = _MOST_BYTES,
    ) -> None:
        self._descriptor = descriptor
        self._lines = lines
        self._encoding = encoding
        self._waiting: WaitingCalls[Exchange | Mapping[str, Any]] = WaitingCalls(
            waiting, waiting_bytes
        )
        self._wake = threading.Event()
        self._end = threading.Event()
        self._is_gone = False
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)
        self._thread.start()

    def put(self, call: Exchange | Mapping[str, Any]) -> None:
        """Queue a call for writing and return at once; `call` is an exchange, or the control API's JSON of one."""
        weight = _JSON_WEIGHT if isinstance(call, Mapping) else call.weight
        if not self._waiting.put(call, weight):
            return
        if not self._wake.is_set():
            self._wake.set()

    def leave_out(self, count: int) -> None:
        """Count calls that were dropped before they reached this writer."""
        self._waiting.leave_out(count)

    def finish(self) -> None:
        """Write the queued lines and the counts of warnings; a reader that takes none is given up soon."""
        self._end.set()
        self._wake.set()
        join_writer(self._thread, self._descriptor, _WAIT_FOR_READER)

    @property
    def is_writing(self) -> bool:
        """Whether calls are still being written."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._is_gone:
            self._wake.wait()
            is_last = self._end.wait(_GATHER)
            self._wake.clear()
            while self._waiting and not self._is_gone:
                self._write(self._batch())
            if is_last:
                self._write(self._lines.counts())
                return

    def _batch(self) -> list[str]:
        if self._lines.width is not None:
            self._lines.width = width_of_terminal(self._descriptor) or self._lines.width
        lines: list[str] = []
        for call in self._waiting.take(_AT_ONCE):
            lines += self._lines.lines(
                facts_of_json(call) if isinstance(call, Mapping) else facts_of(call)
            )
        if count := self._waiting.take_left_out():
            lines.append(f"          … {count:,} calls more, not printed")
        return lines

    def _write(self, lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        rest = text.encode(self._encoding, errors="replace")
        try:
            # Not through `sys.stderr`: a thread that holds its lock when the interpreter exits makes the exit fail.
            while rest:
                rest = rest[self._written(rest) :]
        except OSError as problem:
            self._is_gone = problem.errno in _GONE

    def _written(self, rest: bytes) -> int:
        try:
            return os.write(self._descriptor, rest)
        except BlockingIOError:
            # Another program has made the terminal or pipe non-blocking.
            if not select.select([], [self._descriptor], [], _WAIT_FOR_READER)[1]:
                return len(rest)
            return 0


def width_of_terminal(descriptor: int) -> int | None:
    """Return the width of the terminal of a descriptor, from `COLUMNS` first; None if it is not a terminal."""
    if not os.isatty(descriptor):
        return None
    try:
        return int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        return os.get_terminal_size(descriptor).columns or 80


@contextmanager
def writing_to(path: str | None) -> Iterator[Callable[[Exchange], object] | None]:
    """Yield a function that writes each call to a file, None without a file.

    Raises `SetupError` if it is not writable.
    """
    if path is None:
        yield None
        return
    try:
        file = open(path, "wb")  # noqa: SIM115 - closed below
    except OSError as problem:
        raise SetupError(f"{path} cannot be written: {problem.strerror}.") from None
    with file:
        writer = LineWriter(file.fileno(), CallLines())
        try:
            yield writer.put
        finally:
            writer.finish()
