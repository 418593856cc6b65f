"""What is kept of calls for people to look at: bounded, whatever a call holds, and saying so where something is cut."""

from __future__ import annotations

import threading
import traceback
from collections import deque
from typing import Generic, TypeVar

Call = TypeVar("Call")

MAX_WARNINGS = 100
"""How many different warnings of one call are kept; the rest is counted."""

MAX_WARNING = 1_000
"""Characters that are kept of a warning."""

MAX_PROBLEMS = 100
"""How many failures of the emulator are kept: one that runs for months does not fill the memory with them."""


_FRAMES = 30
_LONGEST_NOTE = 20_000


def cut(text: str, length: int) -> str:
    """Return a text of at most so many characters, and how many are missing at its end.

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
        """Note a warning, unless it was noted already."""
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
    """The last exceptions that the emulator ran into; `dropped` counts those that are kept no more.

    Each has its traceback as a note, not as frames: frames would keep the request alive that it failed on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dropped = 0

    def keep(self, problem: BaseException) -> None:
        """Keep an exception that was handled, its traceback turned into text."""
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
    """A queue of calls to report: at most `most`, of `most_bytes` together; those that find no room are counted.

    For many threads that put and one that takes.
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
        """Let a call of so many bytes wait, and return whether there was room for it."""
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
        """Return so many of the calls at most, those that have waited the longest."""
        with self._lock:
            taken = [self._calls.popleft() for _ in range(min(most, len(self._calls)))]
            self._bytes -= sum([weight for _, weight in taken])
        return [call for call, _ in taken]

    def leave_out(self, count: int) -> None:
        """Count calls that were left out before they came here."""
        with self._lock:
            self._left_out += count

    def take_left_out(self) -> int:
        """Return how many calls there was no room for since the last time."""
        with self._lock:
            count, self._left_out = self._left_out, 0
            return count
