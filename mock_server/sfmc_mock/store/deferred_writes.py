"""Deferred writes: rows of triggered sends wait, in memory and in a log in the account's file, until they are needed.

A send to few people keeps what it writes as one row of the table `deferred_write`; that row makes it durable. The rows
of many calls then go into their tables together, with all their indexes, which is several times cheaper: they are
folded in. It holds at every moment:

* The log has exactly what waits in memory. Tables and log together are the account, and one transaction moves rows.
* Any other use of the connection finds no waiting rows: `AccountConnection` folds them in first. Only the look-ups of
  `Database.look_up` leave rows waiting. They give the names by which a waiting row could change their result, and where
  a row with one of these names waits, all rows are folded in first.
* After a rollback, and in a file that is opened, the log is right, and the memory is read from it again.

Where a client reads after every send or two, no rows wait: the log would only add its own cost.

A deferred write cannot fail later: keys are looked up before, and an `Insert` skips the same rows as it would have
skipped at once.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterable
from contextlib import AbstractContextManager, suppress
from functools import partial
from json import loads
from types import TracebackType

from sfmc_mock.clock import pause
from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.connection import AccountConnection, execute, executemany
from sfmc_mock.store.storage_failures import one_line, storage_failure
from sfmc_mock.store.writes import DOES_NOT_FIT, Change, Insert, Row, Write, as_json, read_write

MOST_CALLS = 256
"""The greatest number of calls whose rows wait; with 0, no rows wait."""

MOST_CHARACTERS = 1_000_000
"""The greatest size of the waiting rows, as the log stores them."""

FEW = 10
"""Rows of a call to more people than this do not wait: writing many at once is cheap already."""

WORTHWHILE = 3
"""If fewer calls than this waited when they were folded in, the next ones do not wait: it would save nothing."""

_LONGEST_PAUSE = 64

IDLE = 0.5
"""Waiting rows are folded in after so many seconds without another send, for programs that read the file itself."""

_ADD = "INSERT INTO deferred_write (number, content) VALUES (?, ?)"
_READ = "SELECT number, content FROM deferred_write ORDER BY number"
_BOUNDS = "SELECT min(number), max(number) FROM deferred_write"
_EMPTY = "DELETE FROM deferred_write"

# SQLite compares texts up to a NUL: keys that differ beyond one are the same to it.
_NUL = "\\u0000"

_Written = list[tuple[Write, list[Row]]]
"""The writes of a call, in order."""


class DeferredWrites:
    """The rows that wait in one account's file. The caller of each method holds the lock of the database.

    It is a context manager around the writes of one call, which are stored together.
    """

    def __init__(
        self,
        connection: AccountConnection,
        path: str,
        lock: AbstractContextManager[object],
    ) -> None:
        """Begin with the log of the file, which `fold` writes into the tables."""
        self._connection = connection
        self._path = path
        self._lock = lock
        self.on_fold: Callable[[int], None] = lambda changes: None
        """Called after a fold in a separate transaction, with the number of changes before it."""
        self._waiting: list[_Written] = []
        self.collected: _Written | None = None
        """The writes of the call that is writing, None where none is."""
        self.names: set[Hashable] = set()
        """The names by which waiting rows can be found, and perhaps more names."""
        self.values: dict[Hashable, Row] = {}
        """The values of rows that can be found by a name; `value` returns them only where they are valid."""
        self._forms: dict[Write, int] = {}
        self._size = 0
        self._bounds: tuple[int | None, int | None] = (None, None)
        self._number = 0
        self.logged = 0
        """The number of rows written into the log: changes of the database that change no account."""
        self._is_watched = False
        # For how many calls nothing waits, as it was not worthwhile before; and how many are left of these.
        self._pause = self._left = 0
        self.is_doubted = True
        """Whether the memory may be wrong, so that the log must be read."""

    # While a call writes.

    def takes(self, count: int) -> bool:
        """Say whether the rows of the next call wait: it sends to few people, and waiting was worthwhile lately."""
        if count > FEW or self.collected is not None:
            return False
        if self._left:
            self._left -= 1
            return False
        return True

    def __enter__(self) -> None:
        if self.is_doubted:
            self._look_into_log()
            if self.is_doubted:
                self.fold()
        self.collected = []
        self._connection.before_use = self.fold

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        written, self.collected = self.collected, None
        if kind is None and written:
            try:
                self._keep(written)
            except BaseException:
                self.values.clear()
                raise
        elif kind is not None:
            # What the call has made of them is not.
            self.values.clear()
        if not self._waiting and not self.is_doubted:
            self._forget()

    # Values of rows that may wait.

    def value(self, name: Hashable) -> Row | None:
        """Return the remembered value of the row with a name, None where there is none."""
        if self.is_doubted:
            self._look_into_log()
        return None if self.is_doubted else self.values.get(name)

    def remember(self, name: Hashable, value: Row) -> None:
        """Remember the value of the row with a name until the next fold."""
        if self._connection.before_use is not None:
            self.values[name] = value

    # Into the log, and from it into the tables.

    def doubt(self) -> None:
        """Note after a rollback that the memory may be wrong, so that the log is read before the next use."""
        self.is_doubted = True
        self._connection.before_use = self.fold

    def fold(self) -> None:
        """Write all waiting rows into their tables, and empty the log. Raises `StorageFailed`; rows then wait on."""
        connection, alone = self._connection, not self._connection.in_transaction
        changes = connection.total_changes
        try:
            if self.is_doubted:
                self._look_into_log()
            if self._waiting or self.collected or self.is_doubted:
                self._weigh(len(self._waiting))
                execute(connection, "SAVEPOINT fold")
                self._write_all()
                execute(connection, "RELEASE fold")
                if alone:
                    self.on_fold(changes)
        except BaseException as problem:
            self._undo_fold()
            if isinstance(problem, DOES_NOT_FIT):
                raise self._failure(problem) from problem
            raise
        self._forget()

    def _weigh(self, calls: int) -> None:
        self._pause = min(self._pause * 2 or 2, _LONGEST_PAUSE) if calls < WORTHWHILE else 0
        self._left = self._pause

    def _keep(self, written: _Written) -> None:
        forms = self._forms
        new: list[Write] = []
        groups = []
        for write, rows in written:
            number = forms.get(write)
            if number is None:
                number = forms[write] = len(forms)
                new.append(write)
            groups.append((number, rows))
        content = as_json(([each.plain() for each in new], groups))
        if _NUL in content:
            self.collected = written
            try:
                self.fold()
            finally:
                self.collected = None
            return
        self._number += 1
        try:
            execute(self._connection, _ADD, (self._number, content))
            self.logged += 1
        except BaseException:
            for write in new:
                forms.pop(write, None)
            raise
        self._waiting.append(written)
        self._size += len(content)
        self._bounds = (self._bounds[0] or self._number, self._number)
        if len(self._waiting) >= MOST_CALLS or self._size >= MOST_CHARACTERS:
            self.fold()
        elif not self._is_watched:
            self._is_watched = True
            # A thread that cannot be started, as at the end of the process, is none that is needed.
            with suppress(RuntimeError):
                threading.Thread(target=self._watch, name=f"fold {self._path}", daemon=True).start()

    def _look_into_log(self) -> None:
        """Clear the doubt where the log and the memory agree."""
        bounds = execute(self._connection, _BOUNDS).fetchone()
        if bounds == self._bounds:
            self.is_doubted = False

    def _write_all(self) -> None:
        waiting = self._waiting
        if self.is_doubted:
            waiting = _decoded(execute(self._connection, _READ).fetchall())
        inserts, changes = _grouped([*waiting, self.collected or []])
        write_rows = partial(executemany, self._connection)
        for insert, rows in inserts:
            insert.write(write_rows, rows)
        for change, latest in changes.items():
            change.write(write_rows, latest.values())
        if waiting:
            execute(self._connection, _EMPTY)

    def _undo_fold(self) -> None:
        self._connection.before_use = self.fold
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                execute(self._connection, "ROLLBACK TO fold")
                execute(self._connection, "RELEASE fold")
                return
        # SQLite rolled back on its own, and more than this.
        self.is_doubted = True

    def _failure(self, problem: Exception) -> StorageFailed:
        return storage_failure(self._path, problem) or StorageFailed(
            f"{self._path} is damaged (what was to be written does not fit: {one_line(problem)}). Put a copy of it in "
            "its place."
        )

    def _forget(self) -> None:
        self._waiting, self._size, self._bounds = [], 0, (None, None)
        self.names.clear()
        self.values.clear()
        self._forms.clear()
        self.is_doubted = False
        is_collecting = self.collected is not None
        self.collected = [] if is_collecting else None
        self._connection.before_use = self.fold if is_collecting else None

    def _watch(self) -> None:
        """Fold when no send came for a while."""
        while True:
            seen = self._number
            pause(IDLE)
            if seen != self._number:
                continue
            with suppress(StorageFailed, sqlite3.Error), self._lock:
                if seen != self._number:
                    continue
                self._is_watched = False
                self.fold()
            return


def _decoded(log: list[tuple[int, str]]) -> list[_Written]:
    forms: list[Write] = []
    found: list[_Written] = []
    for _, content in log:
        new, written = loads(content)
        forms += map(read_write, new)
        found.append([(forms[number], rows) for number, rows in written])
    return found


# Rows of other tables refer to those of these.
_FIRST = ("send", "subscriber")


def _grouped(
    waiting: Iterable[_Written],
) -> tuple[list[tuple[Insert, list[Row]]], dict[Change, dict[object, Row]]]:
    """Return the inserts of calls, grouped by table in their order, and for each changed row its last change."""
    inserts: list[tuple[Insert, list[Row]]] = []
    newest: dict[str, tuple[Insert, list[Row]]] = {}
    changes: dict[Change, dict[object, Row]] = {}
    for written in waiting:
        for write, given in written:
            for statement, rows in write.spread(given):
                if isinstance(statement, Change):
                    changes.setdefault(statement, {}).update((row[-1], row) for row in rows)
                    continue
                group = newest.get(statement.table)
                if group is None or group[0].sql != statement.sql:
                    group = newest[statement.table] = (statement, [])
                    inserts.append(group)
                group[1].extend(rows)
    inserts.sort(key=lambda group: group[0].table not in _FIRST)
    return inserts, changes
