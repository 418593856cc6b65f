"""One account's SQLite database: transactions, statements, and rows that may wait."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from threading import get_ident
from typing import Any

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.account_file import without_log
from sfmc_mock.store.block_extents import BlockExtents, Kind
from sfmc_mock.store.connection import AccountConnection, closed, execute
from sfmc_mock.store.connection import quoted as quoted
from sfmc_mock.store.event_totals import EventTotals
from sfmc_mock.store.locking import CallHold, JointHold, PlainHold
from sfmc_mock.store.opening import MEMORY as MEMORY
from sfmc_mock.store.opening import OpenedDatabase
from sfmc_mock.store.schema_seal import compile_schema, is_sealed, seal
from sfmc_mock.store.storage_failures import is_disk_error, storage_failure
from sfmc_mock.store.table_rows import Bound as Bound
from sfmc_mock.store.table_rows import Row as Row
from sfmc_mock.store.table_rows import TableRows, insert_sql
from sfmc_mock.store.transactions import Lock, Reading, Savepoint, Transaction
from sfmc_mock.store.writes import Write


class Database(OpenedDatabase, TableRows):
    """A connection to an account's file, or to memory.

    Everything runs under one lock: an account has one writer, and a reader sees whole transactions. Rows are
    dictionaries of column → value; table and column names come from the code, values are always bound.

    A thread that leaves `lock` waits until every commit so far is as durable as the database was opened for, its own
    and those that it may have read. An error of the disk is raised as `StorageFailed`.
    """

    def tell_time(self, now: Callable[[], str]) -> None:
        """Give the views of counters the account's time, as the store keeps times."""
        self._connection.create_function("account_now", 0, now)
        self.event_totals = EventTotals(self._connection, now)

    def is_sealed(self) -> bool:
        """Say whether the schema is the one that the file was closed with; true in memory."""
        return self.path == MEMORY or is_sealed(self._connection)

    def seal(self, *, untrusted: bool = False) -> None:
        """Store a digest of the schema, so that the next start notices damage; an `untrusted` one is compiled first.

        Raises `sqlite3.Error` where a view or trigger names what is not there.
        """
        if self.path == MEMORY or is_sealed(self._connection):
            return
        with self.atomic():
            if untrusted:
                compile_schema(self._connection)
            seal(self._connection)

    def close(self) -> None:
        """Close the connection; a database in memory is lost then."""
        try:
            if self._file_lock is not None:
                # What cannot be written now waits in the log. Without a seal the next start compiles the schema.
                with suppress(StorageFailed, sqlite3.Error), self._file_lock:
                    if self._deferred is not None:
                        self._deferred.fold()
                    self.seal()
                with self._file_lock.mutex:
                    self._connection = closed(self.path)
                    self._file_lock.close()
            else:
                with self.lock:
                    connection, self._connection = self._connection, closed(self.path)
                    connection.close()
        finally:
            self._release()

    @property
    def connection(self) -> AccountConnection:
        """The connection itself, for the modules of the store that set it up for a while; they hold the lock."""
        return self._connection

    def joint(self, more: Callable[[], bool] | None = None) -> CallHold:
        """Return how `atomic` and `reading` hold the lock for a call, which may share the transaction of other calls.

        With `more`, which tells of calls that the same thread makes at once, its `flush` is to be called before the
        call is acknowledged, where there is one.
        """
        if self._file_lock is None:
            return PlainHold(self.lock)
        return JointHold(self._file_lock, more)

    def atomic(self, hold: Lock | None = None) -> Transaction:
        """Commit everything that the block wrote, or roll all of it back; blocks may be nested.

        The transaction of a call has the hold of `joint`.
        """
        return Transaction(self, hold)

    def leaves_open(self) -> bool:
        """Say whether the lock's holder leaves its transaction open, because calls wait that may join it."""
        return self._file_lock is not None and self._file_lock.leaves_open()

    def on_rollback(self) -> None:
        """Discard what is in memory of a transaction that was rolled back."""
        self._forget_values()
        if self.event_totals is not None:
            self.event_totals.check()

    def is_storage_trouble(self, problem: Exception) -> bool:
        """Say whether an error within a transaction tells of the disk or the file, or has ended the transaction."""
        return (
            isinstance(problem, StorageFailed)
            or not self._connection.in_transaction
            or is_disk_error(problem)
            or storage_failure(self.path, problem) is not None
        )

    def savepoint(self) -> Savepoint:
        """Return a savepoint for steps of a transaction; the caller holds the lock."""
        return Savepoint(self, self._forget_values)

    def reading(self, hold: Lock | None = None) -> Reading:
        """Show the block one state of the file, which SQLite locks once for all queries of the block.

        The block of a call has the hold of `joint`.
        """
        return Reading(self, hold)

    def begin_reading(self) -> bool:
        """Let the next statement begin a read transaction; return False where none is needed.

        The caller holds the lock.
        """
        connection = self._connection
        if self.in_memory or connection.in_transaction:
            return False
        if self._deferred is not None and connection.before_use is not None:
            # By itself: the block is not to wait for the disk.
            self._deferred.fold()
        connection.is_reading_due = True
        self._committed_changes = connection.total_changes
        return True

    def sees_only_committed(self) -> bool:
        """Say whether everything that a query reads now is committed."""
        connection = self._connection
        return not connection.in_transaction or connection.total_changes == self._committed_changes

    def extents(self, kind: Kind) -> BlockExtents:
        """Return the extents of the blocks of a kind of rows."""
        found = self._extents.get(kind)
        if found is None:
            found = self._extents[kind] = BlockExtents(self, kind)
        return found

    def _forget_values(self) -> None:
        """Discard the values that were read and may have been undone since."""
        self._values_read.clear()
        if self._deferred is not None:
            self._deferred.doubt()

    def content(self) -> bytes:
        """Return the whole database as bytes, to start another one from."""
        with self.lock:
            return without_log(self._connection.serialize())

    def replace_content(self, content: bytes | Database) -> None:
        """Replace the content by that of another database, which no other thread may change meanwhile."""
        if isinstance(content, bytes):
            with closing(sqlite3.connect(MEMORY)) as source:
                source.deserialize(content)
                self._replace_content(source)
        else:
            self._replace_content(content.connection)

    def _replace_content(self, source: sqlite3.Connection) -> None:
        with self.lock:
            try:
                source.backup(self._connection)
            finally:
                self._forget_values()
                self._extents.clear()
            if self.event_totals is not None:
                self.event_totals.forget()
            if self._file_lock is not None:
                self._file_lock.note_commit()

    def copy_rows(self, table: str, source: Database) -> None:
        """Replace the rows of a table by those that another database has in it."""
        with self.atomic(), source.lock:
            found = source.connection.execute(f"SELECT * FROM {quoted(table)} ORDER BY rowid")  # noqa: S608
            with closing(found):
                self.delete(table)
                self.run_many(
                    insert_sql("INSERT", table, *(name for name, *_ in found.description)), found
                )

    # Rows that may wait (`deferred_writes`).

    def deferring(self, count: int) -> AbstractContextManager[None]:
        """Let rows that the block writes by `add` wait until they are needed, where that is cheaper.

        `count` is the number of people that the block sends to.
        """
        deferred = self._deferred
        return deferred if deferred is not None and deferred.takes(count) else _AT_ONCE

    @property
    def is_deferring(self) -> bool:
        """Whether rows that `add` is given wait."""
        return self._deferred is not None and self._deferred.collected is not None

    def add(self, write: Write, rows: Iterable[Sequence[object]], *names: Hashable) -> None:
        """Write rows, which may wait within `deferring`: a `look_up` finds them only by one of `names`."""
        deferred = self._deferred
        if deferred is not None and deferred.collected is not None:
            deferred.collected.append((write, list(rows)))
            deferred.names.update(names)
        else:
            write.write(self.run_many, rows)

    def look_up(self, sql: str, bound: Bound = (), *names: Hashable) -> list[tuple[Any, ...]]:
        """Return all rows of a query whose result waiting rows change only if they have one of `names`."""
        deferred, lock = self._deferred, self._file_lock
        if deferred is None or lock is None:
            return self.rows(sql, bound)
        if lock.holder != get_ident():
            with lock:
                return self.look_up(sql, bound, *names)
        if deferred.is_doubted or not deferred.names.isdisjoint(names):
            deferred.fold()
        if self._connection.is_reading_due:
            self._connection.begin_reading()
        return execute(self._connection, sql, bound).fetchall()

    def add_row(
        self, write: Write, row: Sequence[object], name: Hashable, value: Sequence[object]
    ) -> None:
        """Write a row as `add` does, and set the values that `look_up_row` returns for its name."""
        deferred = self._deferred
        if deferred is None or deferred.collected is None:
            self.add(write, (row,), name)
            return
        deferred.collected.append((write, [row]))
        deferred.names.add(name)
        deferred.values[name] = value

    def look_up_row(self, sql: str, bound: Bound, name: Hashable) -> Sequence[Any]:
        """Return the values that `add_row` last set for `name`, else the query's first row, which must exist."""
        deferred = self._deferred
        value = None if deferred is None else deferred.value(name)
        if value is None:
            value = self.look_up(sql, bound, name)[0]
            if deferred is not None:
                deferred.remember(name, value)
        return value

    def run(self, sql: str, bound: Bound = ()) -> sqlite3.Cursor:
        """Run one statement of this package with its values bound: in their order, or by name (`:name`).

        For a statement that returns rows, use `rows`, or hold the lock until they are read: the content cannot be
        replaced while a statement is being read.
        """
        lock = self._file_lock
        if lock is not None and lock.holder == get_ident():
            return self._connection.execute(sql, bound)
        with self.lock:
            return self._connection.execute(sql, bound)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each row of values."""
        lock = self._file_lock
        if lock is not None and lock.holder == get_ident():
            self._connection.executemany(sql, rows)
            return
        with self.lock:
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, bound: Bound = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query as tuples."""
        lock = self._file_lock
        if lock is not None and lock.holder == get_ident():
            return self._connection.execute(sql, bound).fetchall()
        with self.lock:
            return self._connection.execute(sql, bound).fetchall()

    def first_rows(
        self, sql: str, bound: Bound, count: int
    ) -> tuple[list[tuple[Any, ...]], sqlite3.Cursor]:
        """Return the first rows of a query, at most `count`, and the cursor for the others.

        The caller holds the lock until it has read them. Where there are fewer, `reading` takes no transaction: one
        statement shows one state.
        """
        connection = self._connection
        is_due, connection.is_reading_due = connection.is_reading_due, False
        found = self.run(sql, bound)
        rows = found.fetchmany(count)
        connection.is_reading_due = is_due
        if is_due and len(rows) == count:
            # While the statement is open, so that the next ones see what it sees.
            connection.begin_reading()
        return rows, found

    # Values that stay in memory until something is written.

    def counter(self, name: str) -> int:
        """Return the value of a counter, 0 for a missing one. It is kept in memory until something is written."""
        kept = self._kept_values()
        if kept is None:
            return self._read_counter(name)
        value: int | None = kept.get(name)
        if value is None:
            value = kept[name] = self._read_counter(name)
        return value

    def counters(self, *names: str) -> tuple[int, ...]:
        """Return the values of some counters, as `counter` does."""
        kept = self._kept_values()
        if kept is None:
            return tuple(map(self._read_counter, names))
        values: tuple[int, ...] | None = kept.get(names)
        if values is None:
            values = kept[names] = tuple(map(self.counter, names))
        return values

    def look_up_value(self, sql: str, name: Hashable) -> Any:
        """Return the one value of a query, as `look_up_row` does; it is kept until a row is written or waits."""
        kept, deferred = self._kept_values(), self._deferred
        # What was kept may be older than rows that wait under the name.
        if kept is None or (deferred is not None and name in deferred.names):
            return self.look_up_row(sql, (), name)[0]
        if sql not in kept:
            kept[sql] = self.look_up(sql, (), name)[0][0]
        return kept[sql]

    def _kept_values(self) -> dict[Hashable, Any] | None:
        """Return the values read since the last change; None outside of transactions, where none are kept."""
        lock, connection = self._file_lock, self._connection
        if lock is None or lock.holder != get_ident():
            return None
        if not (connection.in_transaction or connection.is_reading_due):
            return None
        logged = 0 if self._deferred is None else self._deferred.logged
        since = (lock.lost_rounds, connection.total_changes - logged)
        if since != self._values_since:
            self._values_since = since
            self._values_read.clear()
        return self._values_read

    def _read_counter(self, name: str) -> int:
        rows = self.look_up("SELECT value FROM counter WHERE name = ?", (name,))
        return rows[0][0] if rows else 0


_AT_ONCE: AbstractContextManager[None] = nullcontext()
