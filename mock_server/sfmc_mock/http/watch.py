"""One thread that reads and answers the requests of many connections, one after the other.

A thread for each connection costs more than most requests: all threads want Python's lock, and hand it over at each
statement of the database. Here, the thread on watch waits for all connections at once, and answers the requests that
have come. When a request takes long, a standby thread takes the watch; the delayed thread ends after its request.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar

from sfmc_mock.clock import steady_time

PATIENCE = 0.01
"""Seconds after which another thread takes the watch from a request."""

_LONGEST_WAIT = 3_600.0
"""The greatest number of seconds to wait at a time: systems have a limit, of weeks."""

_PAUSE = 0.05
"""Seconds until the next attempt to accept a connection after there were too many open files."""

_QUIET_ROUNDS = 20
"""After so many checks without work, the standby thread sleeps until there is work."""

_MOST_HELD = 64
"""The greatest number of held answers: the first of them waits for the last."""

_MOST_CARRIED = 4 * 1024 * 1024
"""Another thread takes the watch after so many bytes of bodies: XML parsers keep all names that a thread has read."""


_NEW = object()
"""The key of the listening socket."""


class Turn(Enum):
    """The state of a connection after its turn."""

    REST = auto()
    """It waits for the next request."""
    APART = auto()
    """It needs a separate thread, which waits for it alone."""
    HELD = auto()
    """Its answer is held until the other ready connections have had their turns."""
    END = auto()
    """It is closed."""


class Watched(Protocol):
    """The interface of a connection that is read in turns."""

    connection: socket.socket
    waiting_since: float | None
    idle: bool
    carried: int
    """Bytes of the bodies that came over it."""


Kind = TypeVar("Kind", bound=Watched)


class Watch(Generic[Kind]):
    """Waits for connections, and gives each its turn when something comes.

    `turn(connection, more)` reads and answers. It may hold an answer while other connections are ready, which `more()`
    says; the answer is made in another turn after theirs, without `more`. `leave(connection, turn)` takes over a
    connection that the watch does not wait for any more: after a turn with that result, or because it was idle longer
    than `idle_timeout`. `accept` takes a new connection from `listening`.
    """

    def __init__(
        self,
        listening: socket.socket,
        *,
        accept: Callable[[], object],
        turn: Callable[[Kind, Callable[[], bool] | None], Turn],
        leave: Callable[[Kind, Turn], object],
        idle_timeout: float,
    ) -> None:
        self._accept, self._turn, self._leave = accept, turn, leave
        self._idle_timeout = idle_timeout
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._listening = listening
        self._woken.setblocking(False)
        self._selector.register(listening, selectors.EVENT_READ, _NEW)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._resting: dict[Kind, None] = {}
        self._ready: deque[Kind] = deque()
        self._next_look = steady_time() + idle_timeout
        # The time from which new connections are accepted again, after there were too many open files.
        self._accept_again: float | None = None
        # The thread on watch and its present connection, which change together.
        self._lock = threading.Lock()
        # The connections whose answers the thread on watch makes or holds, and the present one.
        self._custody: list[Kind] = []
        self._serving: Kind | None = None
        self._turns = 0
        self._busy = threading.Event()
        self._over = threading.Event()
        self._stopping = False
        # Whether there is no standby thread.
        self._is_alone = True
        self.threads: set[threading.Thread] = set()

    def start(self) -> None:
        """Begin to watch, in separate threads."""
        self._spawn(self.lead)

    def stop(self) -> None:
        """Accept no new connections; the watch ends when no idle connection is left."""
        self._stopping = True
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._listening)
        self.wake()

    def close(self) -> None:
        """Release all resources, after the threads have ended; delayed threads end when they can."""
        self._is_over()
        for each in (self._wake, self._woken):
            each.close()
        self._selector.close()

    def _is_over(self) -> None:
        self._over.set()
        self._busy.set()

    def pause_accepting(self) -> None:
        """Accept no new connections for a moment; called by `accept`."""
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._listening)
        self._accept_again = steady_time() + _PAUSE

    def wake(self) -> None:
        """Wake the waiting thread."""
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def rest(self, connection: Kind) -> None:
        """Add a connection to those that are waited for."""
        self._resting[connection] = None
        try:
            self._selector.register(connection.connection, selectors.EVENT_READ, connection)
        except (OSError, ValueError, KeyError):
            self._resting.pop(connection, None)
            self._leave(connection, Turn.END)

    def forget(self, connection: Kind) -> None:
        """Remove a connection from those that are waited for."""
        if self._resting.pop(connection, _NEW) is None:
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(connection.connection)

    # The thread on watch.

    def lead(self, custody: Sequence[Kind] = ()) -> None:
        """Keep the watch until it ends or another thread takes it; begin with answers that are held."""
        own = [*custody]
        with self._lock:
            self._custody = own
        if self._is_alone:
            self._is_alone = not self._spawn(self._stand_by)
        self._finish_all(own)
        carried = 0
        while carried < _MOST_CARRIED or not self._spawn(self.lead):
            while not self._ready and self._custody is own:
                if self._stopping and not self._resting:
                    self._is_over()
                    return
                self._gather()
            if self._custody is not own:
                self._finish_all(own)
                return
            # Alone, a connection has its answer at once.
            more = self._is_more if own or len(self._ready) > 1 else None
            connection = self._ready.popleft()
            own.append(connection)
            before = connection.carried
            self._begin(own, connection)
            self._after(own, connection, self._turn(connection, more))
            carried += connection.carried - before
            if not self._ready or len(own) >= _MOST_HELD or carried >= _MOST_CARRIED:
                self._finish_all(own)
                if self._custody is not own:
                    return

    def _is_more(self) -> bool:
        return bool(self._ready)

    def _finish_all(self, own: list[Kind]) -> None:
        """Make the answers that are held."""
        while own:
            connection = own[0]
            self._begin(own, connection)
            self._after(own, connection, self._turn(connection, None))

    def _begin(self, own: list[Kind], connection: Kind) -> None:
        """Note the start of a turn, which may take long."""
        with self._lock:
            if self._custody is own:
                self._serving = connection
                self._turns += 1
        if not self._busy.is_set():
            self._busy.set()

    def _after(self, own: list[Kind], connection: Kind, turn: Turn) -> None:
        """Act on the result of a turn; a thread that has lost the watch gives its connection back."""
        with self._lock:
            is_on_watch = self._custody is own
            if is_on_watch:
                self._serving = None
            if turn is not Turn.HELD:
                own.remove(connection)
        if turn is Turn.REST:
            if not is_on_watch:
                self.rest(connection)
                self.wake()
        elif turn is not Turn.HELD:
            if is_on_watch:
                self.forget(connection)
            self._leave(connection, turn)

    def _gather(self) -> None:
        """Wait until connections are ready."""
        until = self._next_look
        if self._accept_again is not None:
            until = min(until, self._accept_again)
        for key, _ in self._selector.select(min(max(0.0, until - steady_time()), _LONGEST_WAIT)):
            what = key.data
            if what is None:
                with contextlib.suppress(OSError):
                    self._woken.recv(4_096)
            elif what is _NEW:
                self._accept()
            else:
                self._ready.append(what)
        now = steady_time()
        if now >= self._next_look:
            self._end_the_idle(now)
        if self._accept_again is not None and now >= self._accept_again and not self._stopping:
            self._accept_again = None
            # A server that stops has closed it.
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.register(self._listening, selectors.EVENT_READ, _NEW)

    def _end_the_idle(self, now: float) -> None:
        ready = set(self._ready)
        first = now
        for connection in tuple(self._resting):
            since = connection.waiting_since
            if since is None or connection in ready:
                continue
            if since + self._idle_timeout <= now:
                self.forget(connection)
                self._leave(connection, Turn.END)
            else:
                first = min(first, since)
        self._next_look = first + self._idle_timeout

    # The standby thread.

    def _stand_by(self) -> None:
        """Take the watch when the thread on watch is delayed."""
        while not self._over.is_set():
            self._busy.wait()
            quiet = 0
            while quiet < _QUIET_ROUNDS:
                turns = self._turns
                if self._over.wait(PATIENCE):
                    return
                held = self._taken_over(turns)
                if held is not None:
                    self._is_alone = True
                    self.lead(held)
                    return
                quiet = quiet + 1 if self._turns == turns else 0
            self._busy.clear()
            if self._serving is not None:
                self._busy.set()

    def _taken_over(self, turns: int) -> list[Kind] | None:
        """Take the watch from a thread that is still at the same turn, and return the answers that it held."""
        with self._lock:
            serving, own = self._serving, self._custody
            if serving is None or self._turns != turns:
                return None
            held = [each for each in own if each is not serving]
            # The thread that serves it adds it again afterwards.
            own[:] = [serving]
            self.forget(serving)
            self._serving, self._custody = None, held
            return held

    def _spawn(self, work: Callable[[], object]) -> bool:
        """Start a thread; return False where the system allows no more threads."""
        thread = threading.Thread(target=self._run, args=(work,), name="watch", daemon=True)
        self.threads.add(thread)
        try:
            thread.start()
        except RuntimeError:
            self.threads.discard(thread)
            return False
        return True

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            self.threads.discard(threading.current_thread())
