"""The lock of an account's file: one thread at a time has it, and leaves it when all that it read is durable."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from types import TracebackType

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.connection import AccountConnection
from sfmc_mock.store.durability import Durability, GroupCommit
from sfmc_mock.store.storage_failures import (
    SIGNS_OF_DAMAGE,
    damage_of,
    one_line,
    storage_failure,
)

_MOST_JOINED = 64
"""The greatest number of calls that share a transaction: the first of them waits for the last."""


def _no_more() -> bool:
    return False


class JointHold:
    """Holds a lock for one call.

    `more` says whether the calling thread has further calls to make at once. With it, leaving the lock waits for no
    flush: `flush` then waits for all of these calls together; it is None where there is nothing to wait for.
    """

    __slots__ = ("_lock", "_more", "flush")

    def __init__(self, lock: DatabaseLock, more: Callable[[], bool] | None) -> None:
        self._lock = lock
        self._more = more
        self.flush: Callable[[], None] | None = None

    def __enter__(self) -> JointHold:
        self._lock.enter_joint(self._more or _no_more)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._more is None or kind is not None:
            self._lock.__exit__(kind, value, traceback)
        else:
            self.flush = self._lock.leave_unflushed()


class PlainHold:
    """Holds the lock of a database in memory for one call, which has nothing to flush."""

    __slots__ = ("_lock",)

    flush: Callable[[], None] | None = None

    def __init__(self, lock: AbstractContextManager[object, bool | None]) -> None:
        self._lock = lock

    def __enter__(self) -> PlainHold:
        self._lock.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.__exit__(kind, value, traceback)


CallHold = JointHold | PlainHold
"""How a call holds the lock of its account's database."""


class DatabaseLock:
    """A lock that a thread may take again while it holds it.

    Its last exit waits, without holding the lock, for the flush of every commit so far: those of the thread itself,
    and those that it may have read. An error of the disk or the file becomes `StorageFailed` at the last exit.

    Calls that take it by `joint` while others wait for it, or are about to come, share a transaction, a round: it is
    left open for the next one, and committed by the last. None of them is acknowledged before that. A thread that
    takes the lock in another way finds no transaction open.
    """

    def __init__(self, connection: AccountConnection, path: str, durability: Durability) -> None:
        self._connection = connection
        self._path = path
        self.mutex = threading.RLock()
        """The lock alone: leaving it waits for nothing."""
        self._depth = 0
        self.holder = 0
        """The thread that holds the lock, 0 for none."""
        self.lost_rounds = 0
        """The number of rounds that could not be committed: values that calls read in them may never have existed."""
        self.on_loss: Callable[[], object] = lambda: None
        """Called when a round was lost."""
        self._changes = connection.total_changes
        self._commits: GroupCommit | None = None
        # Calls of the open round, 0 where none is open.
        self._joined = 0
        self._is_joint = False
        self._more = _no_more
        # The threads that wait for the lock with a call: of a dictionary, single steps are atomic.
        self._waiting: dict[int, None] = {}
        if durability is Durability.POWER:
            # Beside the file itself, wherever a link to it is.
            self._commits = GroupCommit(f"{os.path.realpath(path)}-wal", self._end_left_round)

    def __enter__(self) -> None:
        if self.holder == threading.get_ident():
            self._depth += 1
            return
        self.mutex.acquire()
        self._begin()

    def enter_joint(self, more: Callable[[], bool] = _no_more) -> None:
        """Take the lock for a call that may share its transaction."""
        thread = threading.get_ident()
        if self.holder == thread:
            self._depth += 1
            return
        if not self.mutex.acquire(blocking=False):
            self._waiting[thread] = None
            try:
                self.mutex.acquire()
            finally:
                del self._waiting[thread]
        self._begin(more)

    def _begin(self, more: Callable[[], bool] | None = None) -> None:
        """Begin a hold of the acquired mutex; `more` is given for a call that may share its transaction."""
        try:
            commits = self._commits
            if commits is not None and commits.failure is not None:
                raise StorageFailed(commits.failure)
            self._depth, self.holder = 1, threading.get_ident()
            if more is not None:
                self._is_joint, self._more = commits is not None, more
                self._joined += bool(self._joined)
            elif self._joined:
                self._end_round()
        except BaseException:
            self._depth = self.holder = 0
            self.mutex.release()
            raise

    def leaves_open(self) -> bool:
        """Return whether the transaction of the holder is to be left open, because calls wait that may join it."""
        if self._joined:
            # SQLite rolled back the round on its own, and the holder has begun a new transaction.
            return False
        if self._is_joint and self._depth == 1 and (self._waiting or self._more()):
            self._joined = 1
            return True
        return False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._depth > 1:
            self._depth -= 1
            return
        if value is not None:
            self._more = _no_more
        number = self._leave(value)
        if self._commits is not None:
            self._commits.wait(number)
        if isinstance(value, SIGNS_OF_DAMAGE):
            failure = storage_failure(self._path, value) or self._damage()
            if failure is not None:
                raise failure from value

    def leave_unflushed(self) -> Callable[[], None] | None:
        """Leave the lock after a call; return a function that waits for the flush of what it wrote or read, or None.

        Raises `StorageFailed` when the round is lost.
        """
        if self._depth > 1:
            self._depth -= 1
            return None
        number, commits = self._leave(None), self._commits
        if commits is None or commits.is_flushed(number):
            return None
        return partial(self._flush, commits, number)

    def _flush(self, commits: GroupCommit, number: int) -> None:
        if self._joined:
            self._end_left_round()
        commits.wait(number)

    def _leave(self, value: BaseException | None) -> int:
        """Release the lock; return the number of the commit to wait for."""
        self._depth = self.holder = 0
        commits, self._is_joint = self._commits, False
        try:
            if self._joined:
                if self._is_last_of_round():
                    self._end_round()
            elif commits is not None and self._connection.total_changes != self._changes:
                self.note_commit()
            return 0 if commits is None else commits.committed + bool(self._joined)
        except StorageFailed as lost:
            raise lost from value
        finally:
            self._more = _no_more
            self.mutex.release()

    def _damage(self) -> StorageFailed | None:
        with self.mutex:
            return damage_of(self._connection, self._path)

    def _is_last_of_round(self) -> bool:
        return (
            not (self._waiting or self._more())
            or self._joined >= _MOST_JOINED
            # SQLite rolled back on its own, for all calls of the round.
            or not self._connection.in_transaction
        )

    def _end_round(self) -> None:
        """Commit the open transaction of several calls. Raises `StorageFailed`; the calls are all lost then."""
        self._joined = 0
        problem: sqlite3.Error | None = None
        try:
            if self._connection.in_transaction:
                self._connection.control("COMMIT")
            else:
                self._note_loss()
                problem = sqlite3.OperationalError("the transaction was rolled back")
        except sqlite3.Error as refused:
            problem = refused
            self._note_loss()
            with suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.control("ROLLBACK")
        self._changes = self._connection.total_changes
        if self._commits is None:
            return
        if problem is None:
            self._commits.committed += 1
            return
        failure = storage_failure(self._path, problem) or StorageFailed(
            f"{self._path} could not keep what was written ({one_line(problem)}); nothing was changed."
        )
        if self._connection.in_transaction:
            # Later writes could not be committed without those of this round.
            self._commits.failure = (
                f"{self._path} can neither keep nor take back what was written ({one_line(problem)}). Check the disk "
                "and restart the server."
            )
        self._commits.lose(str(failure))
        raise failure

    def _end_left_round(self) -> None:
        """Commit a round that was left open, because the thread that waited to end it was interrupted."""
        with self.mutex:
            if self._joined and not self._depth:
                with suppress(StorageFailed):
                    self._end_round()

    def _note_loss(self) -> None:
        self.lost_rounds += 1
        self.on_loss()

    def pass_over(self, changes: int) -> None:
        """Let no thread wait for the commits since a number of changes, if all earlier commits were noted."""
        if self._changes == changes:
            self._changes = self._connection.total_changes

    def note_commit(self) -> None:
        """Note a commit that changed no rows; commits that change rows are noted without a call."""
        self._changes = self._connection.total_changes
        if self._commits is not None:
            self._commits.committed += 1

    def flush_in_commits(self) -> None:
        """Let SQLite flush each commit, for a file that has no write-ahead log."""
        self._commits = None

    def close(self) -> None:
        """Flush the last commits, as far as the disk allows it, then close the connection."""
        with self.mutex:
            if self._joined:
                with suppress(StorageFailed):
                    self._end_round()
            commits, self._commits = self._commits, None
            try:
                if commits is not None and commits.failure is None:
                    commits.wait(commits.committed)
            finally:
                self._connection.close()
                if commits is not None:
                    commits.close()
