"""Transactions and steps of them: each is committed as a whole, or rolled back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, TypeAlias

from sfmc_mock.store.connection import AccountConnection

Lock: TypeAlias = AbstractContextManager[object, bool | None]


class LockedBlock:
    """A block under a lock, with a function that runs after the lock is taken, and one before it is left.

    An error of either function leaves the lock, as an error of the block does.
    """

    __slots__ = ("_lock",)

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        self._lock.__enter__()
        try:
            self._begin()
        except BaseException as problem:
            self._lock.__exit__(type(problem), problem, problem.__traceback__)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._end(is_whole=kind is None)
        except BaseException as problem:
            kind, value, traceback = type(problem), problem, problem.__traceback__
            raise
        finally:
            self._lock.__exit__(kind, value, traceback)

    def _begin(self) -> None:
        """Run before the block, under the lock."""

    def _end(self, *, is_whole: bool) -> None:
        """Run after the block, under the lock; `is_whole` says that the block raised no error."""


class Holder(Protocol):
    """The part of a database that transactions need."""

    lock: Lock
    begun: int
    """The connection's `total_changes` when its transaction began; -1 once there was a step in it."""

    @property
    def connection(self) -> AccountConnection:
        """The connection, which may be another one once the lock is held."""

    def leaves_open(self) -> bool:
        """Say whether a transaction is left open for another call to commit."""

    def on_rollback(self) -> None:
        """Discard what is in memory of a transaction that was rolled back."""


class Transaction(LockedBlock):
    """Commits everything that a block writes, or rolls all of it back; within another transaction it is a step."""

    __slots__ = ("_connection", "_holder", "_is_step")

    def __init__(self, holder: Holder, hold: Lock | None = None) -> None:
        self._lock = holder.lock if hold is None else hold
        self._holder = holder

    def _begin(self) -> None:
        connection = self._connection = self._holder.connection
        self._is_step = connection.in_transaction
        connection.control("SAVEPOINT s" if self._is_step else "BEGIN IMMEDIATE")
        self._holder.begun = -1 if self._is_step else connection.total_changes

    def _end(self, *, is_whole: bool) -> None:
        if not is_whole:
            self._undo()
            return
        try:
            if self._is_step:
                self._connection.control("RELEASE s")
            elif not self._holder.leaves_open():
                self._connection.control("COMMIT")
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        try:
            # SQLite may have rolled back on its own; a second ROLLBACK would mask the cause.
            if self._connection.in_transaction:
                self._connection.control("ROLLBACK TO s" if self._is_step else "ROLLBACK")
                if self._is_step:
                    self._connection.control("RELEASE s")
        finally:
            self._holder.on_rollback()


class Savepoint:
    """Rolls back the writes of a block that raises; it can be entered many times within one transaction.

    After a rollback the savepoint stays for the next block, so that each refusal of a batch costs one statement. A
    block before which the transaction has changed nothing needs none: SQLite would copy each page that the block
    changes.
    """

    def __init__(self, holder: Holder, on_rollback: Callable[[], object] = lambda: None) -> None:
        self._holder = holder
        self._connection = holder.connection
        self._on_rollback = on_rollback
        self._is_set = False

    def __enter__(self) -> None:
        if not self._is_set and self._connection.total_changes != self._holder.begun:
            self._connection.control("SAVEPOINT step")
            self._is_set = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            if self._is_set:
                self.release()
            return
        self._on_rollback()
        # SQLite may have rolled back on its own; a second ROLLBACK would mask the cause.
        if not self._connection.in_transaction:
            self._is_set = False
        elif self._is_set:
            self._connection.control("ROLLBACK TO step")
        else:
            self._connection.control("ROLLBACK")
            self._connection.control("BEGIN IMMEDIATE")
            self._holder.begun = -1

    def release(self) -> None:
        """End the savepoint, and keep the writes of the blocks since."""
        if self._is_set:
            if self._connection.in_transaction:
                self._connection.control("RELEASE step")
            self._is_set = False


class Reads(Holder, Protocol):
    """The part of a database that `Reading` needs."""

    def begin_reading(self) -> bool:
        """Let the next statement begin a read transaction; return False where none is needed."""


class Reading(LockedBlock):
    """Shows a block one state of a database."""

    __slots__ = ("_holder", "_is_own")

    def __init__(self, holder: Reads, hold: Lock | None = None) -> None:
        self._lock = holder.lock if hold is None else hold
        self._holder = holder
        self._is_own = False

    def _begin(self) -> None:
        self._is_own = self._holder.begin_reading()

    def _end(self, *, is_whole: bool) -> None:
        if not self._is_own:
            return
        connection = self._holder.connection
        connection.is_reading_due = False
        if not connection.in_transaction and is_whole:
            return
        try:
            if is_whole:
                connection.control("COMMIT")
        except BaseException:
            self._undo()
            raise
        if not is_whole:
            self._undo()

    def _undo(self) -> None:
        connection = self._holder.connection
        try:
            if connection.in_transaction:
                connection.control("ROLLBACK")
        finally:
            self._holder.on_rollback()
