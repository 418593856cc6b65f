"""Server-sent events that notify pages of changes, so that the pages reload themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

_LONGEST = 60
"""The most turns of one stream; browsers reconnect by themselves."""

_TURN = 1.0
_QUIET = 3
"""Turns without a change after which a stream sends a comment, so that it notices a closed page."""

_MOST_STREAMS = 50

Seen = Callable[[], str]
"""Returns a text that differs whenever the content of the pages has changed."""


class Live:
    """The open streams of a server; each holds a connection."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._open = threading.BoundedSemaphore(_MOST_STREAMS)

    def stop(self) -> None:
        """End all streams, so that a stopping server does not wait for them."""
        self._stopped.set()

    def stream(self, seen: Seen) -> Iterator[bytes] | None:
        """Return a stream of changes, or None if too many are open."""
        if self._stopped.is_set() or not self._open.acquire(blocking=False):
            return None
        return _Stream(self._changes(seen), self._open.release)

    def _changes(self, seen: Seen) -> Iterator[bytes]:
        last = seen()
        yield b"retry: 1000\n\n"
        for turn in range(_LONGEST):
            if self._stopped.wait(_TURN):
                return
            state = seen()
            if state != last:
                last = state
                yield f"event: change\ndata: {state}\n\n".encode()
            elif turn % _QUIET == _QUIET - 1:
                yield b": still here\n\n"


class _Stream:
    """An iterator that releases its place among the open streams when closed, even if nothing was read."""

    def __init__(self, parts: Iterator[bytes], release: Callable[[], object]) -> None:
        self._parts = parts
        self._release: Callable[[], object] | None = release

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()
