"""One thread that reads and answers the requests of many connections, one after the other.

A thread for each connection costs more than most requests: all of them want Python's lock, and hand it over at every
look at the database. Here, whoever is on watch waits for all connections at once, and answers what has come. When a
request takes long, another thread, which stands by, takes the watch; the one that was held up leaves when it is done.
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
"""Seconds after which a request holds up the others no longer."""

_LONGEST_WAIT = 3_600.0
"""Seconds that are waited at a time: systems have a greatest number, of weeks."""

_PAUSE = 0.05
"""Seconds until it is tried again to accept a connection, where there were too many open files."""

_QUIET_ROUNDS = 20
"""How often nothing happens before the thread that stands by sleeps until there is work again."""

_MOST_HELD = 64
"""How many answers are held at most: the first of them waits for the last."""

_MOST_CARRIED = 4 * 1024 * 1024
"""Bytes of bodies after which another thread takes the watch: parsers keep the names that a thread read to its end."""


_NEW = object()
"""Stands for the listening socket."""


class Turn(Enum):
    """What becomes of a connection after its turn."""

    REST = auto()
    """It waits for the next request."""
    APART = auto()
    """It needs a thread of its own, which waits for it alone."""
    HELD = auto()
    """Its answer is made when the others that are ready had their turns."""
    END = auto()
    """It is closed."""


class Watched(Protocol):
    """What is read in turns."""

    connection: socket.socket
    waiting_since: float | None
    idle: bool
    carried: int
    """Bytes of the bodies that came over it."""


Kind = TypeVar("Kind", bound=Watched)


class Watch(Generic[Kind]):
    """Waits for connections, and gives each its turn when something comes.

    `turn(connection, more)` reads and answers; an answer that it holds, because several connections are ready (`more()`
    says whether others come next), is made in another turn after theirs, without `more`. `leave(connection, turn)`
    takes a connection over that is waited for no more: after a turn that says so, or because it rested longer than
    `idle_timeout`. `accept` takes a new connection from `listening`.
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
        # When new connections are accepted again, after there were too many open files.
        self._accept_again: float | None = None
        # Who is on watch, and what it does: changed and looked at together.
        self._lock = threading.Lock()
        # Those whose answers the thread on watch makes or holds, and the one that it is at.
        self._custody: list[Kind] = []
        self._serving: Kind | None = None
        self._turns = 0
        self._busy = threading.Event()
        self._over = threading.Event()
        self._stopping = False
        # Whether there is no thread that stands by.
        self._is_alone = True
        self.threads: set[threading.Thread] = set()

    def start(self) -> None:
        """Begin to watch, in threads of its own."""
        self._spawn(self.lead)

    def stop(self) -> None:
        """Take no new connections; the watch is over when no connection rests any more."""
        self._stopping = True
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._listening)
        self.wake()

    def close(self) -> None:
        """Let go of everything, after the threads have ended; those that are held up end when they can."""
        self._is_over()
        for each in (self._wake, self._woken):
            each.close()
        self._selector.close()

    def _is_over(self) -> None:
        self._over.set()
        self._busy.set()

    def pause_accepting(self) -> None:
        """Leave new connections where they are for a moment; called by `accept`."""
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._listening)
        self._accept_again = steady_time() + _PAUSE

    def wake(self) -> None:
        """Have whoever waits look around."""
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def rest(self, connection: Kind) -> None:
        """Wait for a connection from now on."""
        self._resting[connection] = None
        try:
            self._selector.register(connection.connection, selectors.EVENT_READ, connection)
        except (OSError, ValueError, KeyError):
            self._resting.pop(connection, None)
            self._leave(connection, Turn.END)

    def forget(self, connection: Kind) -> None:
        """Wait for a connection no longer."""
        if self._resting.pop(connection, _NEW) is None:
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(connection.connection)

    # The thread on watch.

    def lead(self, custody: Sequence[Kind] = ()) -> None:
        """Be on watch until it is over, or another thread is; begin with answers that are held."""
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
        """Note that something begins which may take long."""
        with self._lock:
            if self._custody is own:
                self._serving = connection
                self._turns += 1
        if not self._busy.is_set():
            self._busy.set()

    def _after(self, own: list[Kind], connection: Kind, turn: Turn) -> None:
        """Do what follows a turn; a thread that is not on watch any more gives its connection back."""
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
        """Wait until something comes."""
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

    # The thread that stands by.

    def _stand_by(self) -> None:
        """Take the watch when the one that has it is held up."""
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
            # Whoever serves it waits for it again afterwards.
            own[:] = [serving]
            self.forget(serving)
            self._serving, self._custody = None, held
            return held

    def _spawn(self, work: Callable[[], object]) -> bool:
        """Start a thread; return whether there could be one more."""
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
