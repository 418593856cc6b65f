"""Diagnostics of calls for people, of bounded size: warnings, failures, and queues of calls; cuts are marked."""

from __future__ import annotations

import select
import threading
import traceback
from collections import deque
from typing import Generic, TypeVar

Call = TypeVar("Call")

MAX_WARNINGS = 100
"""The greatest number of different warnings of one call; further ones are counted."""

MAX_WARNING = 1_000
"""The greatest length of a warning."""

MAX_PROBLEMS = 100
"""The greatest number of failures that are kept, so that a server can run for months."""


_LONGEST_WAITS = 60
"""The number of turns in which a reader is waited for that takes what is written."""

_FRAMES = 30
_LONGEST_NOTE = 20_000


def cut(text: str, length: int) -> str:
    """Return the first characters of a text, and the number of missing ones.

    >>> cut("abcdefgh", 3)
    'abc… (5 more characters)'
    """
    if len(text) <= length:
        return text
    return f"{text[:length]}… ({len(text) - length:,} more characters)"


class CallWarnings(list[str]):
    """The warnings of one call: each once, in order, up to `MAX_WARNINGS`.

    The last one tells how many others there were. Only `append` bounds what is added.
    """

    # Most calls have none: a list of its own is all that they cost.
    _more = 0

    def append(self, text: str) -> None:
        """Add a warning, unless it was added already."""
        text = cut(text, MAX_WARNING)
        if text in self:
            return
        if len(self) < MAX_WARNINGS:
            super().append(text)
            return
        self.count_another()

    def count_another(self) -> None:
        """Count a warning that is not kept."""
        self._more += 1
        del self[MAX_WARNINGS:]
        super().append(f"{self._more:,} more warnings of this call are not kept")


class Problems(list[BaseException]):
    """The last failures of the emulator; `dropped` counts the removed ones.

    Each has its traceback as a note, not as frames: frames would keep the failed request in memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dropped = 0

    def keep(self, problem: BaseException) -> None:
        """Record a handled exception, with its traceback as text."""
        where = "".join(traceback.format_exception(problem, limit=-_FRAMES))
        problem.add_note(cut(where, _LONGEST_NOTE))
        problem.args = tuple(
            cut(each, MAX_WARNING) if isinstance(each, str) else each for each in problem.args
        )
        problem.__traceback__ = problem.__cause__ = problem.__context__ = None
        self.append(problem)
        if len(self) > MAX_PROBLEMS:
            self.dropped += len(self) - MAX_PROBLEMS
            del self[:-MAX_PROBLEMS]


class WaitingCalls(Generic[Call]):
    """A queue of calls to report: at most `most`, and `most_bytes` together; further calls are counted.

    Many threads may put calls, one takes them.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._calls: deque[tuple[Call, int]] = deque()
        self._bytes = 0
        self._left_out = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._calls)

    def put(self, call: Call, weight: int) -> bool:
        """Add a call of a number of bytes, and return whether there was room for it."""
        with self._lock:
            # One that is larger than all may be together waits where no other one does.
            if len(self._calls) >= self._most or (
                self._calls and self._bytes + weight > self._most_bytes
            ):
                self._left_out += 1
                return False
            self._calls.append((call, weight))
            self._bytes += weight
            return True

    def take(self, most: int) -> list[Call]:
        """Remove and return the oldest calls, up to a number."""
        with self._lock:
            taken = [self._calls.popleft() for _ in range(min(most, len(self._calls)))]
            self._bytes -= sum([weight for _, weight in taken])
        return [call for call, _ in taken]

    def leave_out(self, count: int) -> None:
        """Count calls that were left out before they came here."""
        with self._lock:
            self._left_out += count

    def take_left_out(self) -> int:
        """Return the number of calls without room since the last time."""
        with self._lock:
            count, self._left_out = self._left_out, 0
            return count


def join_writer(writer: threading.Thread, descriptor: int, patience: float) -> None:
    """Wait for a thread that writes its last lines to a descriptor; give up a reader that takes nothing for a while.

    `patience` is the number of seconds of that while. A thread that gets little of the processor is waited for.
    """
    for _ in range(_LONGEST_WAITS):
        writer.join(patience)
        if not writer.is_alive() or not _takes_more(descriptor):
            return


def _takes_more(descriptor: int) -> bool:
    try:
        return bool(select.select([], [descriptor], [], 0)[1])
    except (OSError, ValueError):
        return False
