"""One account's SQLite database: connection, transactions, migrations, and reading and writing of plain rows."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database as Tools
from sqlite_utils.migrations import Migrations

from sfmc_mock.errors import SetupError, StorageFailed
from sfmc_mock.store.durability import SYNCHRONOUS, Durability, durability_named, flush_folder
from sfmc_mock.store.locking import DatabaseLock

# "SFMC" in the header of the file: how a file is recognised as an account.
APPLICATION_ID = 0x53464D43

MEMORY = ":memory:"

# Where the header of a SQLite file says how to write and read it, and what stands there without a write-ahead log.
_JOURNAL_FORMATS = slice(18, 20)
_NO_WRITE_AHEAD_LOG = b"\x01\x01"

Value = str | int | float | None
Row = dict[str, object]
Bound = Sequence[object] | Mapping[str, object]


class Database:
    """A connection to an account's file, or to memory.

    Everything runs under one lock: an account has one writer, and a reader sees whole transactions. Rows are
    dictionaries of column → value; table and column names come from the code, values are always bound.

    Whoever leaves `lock` waits until everything that could be seen under it is as durable as the database was opened.
    What the disk refuses is raised as `StorageFailed`.
    """

    def __init__(
        self,
        path: str | Path = MEMORY,
        *,
        content: bytes | None = None,
        durability: str = Durability.POWER,
    ) -> None:
        """Open or create the account's file; `content` is a database to start a fresh one from.

        Raises `SetupError` when the file cannot be opened, or is something else than an account.
        """
        self.path = str(path)
        self._durability = durability_named(durability)
        self._connection = self._open(content)
        self.lock: threading.RLock | DatabaseLock = threading.RLock()
        if not self.in_memory:
            self.lock = DatabaseLock(self._connection, self.path, self._durability)
        self.tools = Tools(self._connection)
        try:
            self._prepare()
            with self.lock:
                pass  # Leaving it flushes what was prepared.
        except sqlite3.DatabaseError as problem:
            self._connection.close()
            raise SetupError(
                f"{self.path} cannot be used as an account: {problem}. Name a file made by sfmc-mock, a new file, "
                "or :memory:."
            ) from None
        except StorageFailed as problem:
            self._connection.close()
            raise SetupError(str(problem)) from None
        except SetupError:
            self._connection.close()
            raise

    @property
    def in_memory(self) -> bool:
        return self.path == MEMORY

    def _open(self, content: bytes | None) -> sqlite3.Connection:
        try:
            if content is not None and not self.in_memory:
                Path(self.path).write_bytes(content)
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            if content is not None and self.in_memory:
                connection.deserialize(content)
        except (sqlite3.Error, OSError) as problem:
            raise SetupError(
                f"{self.path} cannot be opened: {problem}. Check that its folder exists and is writable."
            ) from None
        return connection

    def _prepare(self) -> None:
        run = self._connection.execute
        found = run("PRAGMA application_id").fetchone()[0]
        tables = run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found != APPLICATION_ID and tables:
            raise SetupError(
                f"{self.path} is a SQLite database, but no account of sfmc-mock. Name another file."
            )
        if not self.in_memory:
            run("PRAGMA journal_mode = WAL")
            if self._durability is Durability.POWER:
                # Else a power cut could bring back the journal of the switch, which undoes everything since.
                flush_folder(os.path.dirname(os.path.realpath(self.path)))
            run(f"PRAGMA synchronous = {SYNCHRONOUS[self._durability]}")
        run("PRAGMA foreign_keys = ON")
        if found != APPLICATION_ID:
            run(f"PRAGMA application_id = {APPLICATION_ID}")
        _migrations().apply(self.tools)

    def tell_time(self, now: Callable[[], str]) -> None:
        """Give the views of counters the account's time, as the store keeps times."""
        self._connection.create_function("account_now", 0, now)

    def close(self) -> None:
        """Close the connection; the database of memory is gone then."""
        if isinstance(self.lock, DatabaseLock):
            self.lock.close()
            return
        with self.lock:
            self._connection.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Keep everything the block wrote, or nothing of it; blocks may be nested."""
        with self.lock:
            nested = self._connection.in_transaction
            self._connection.execute("SAVEPOINT s" if nested else "BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("RELEASE s" if nested else "COMMIT")
            except BaseException:
                # SQLite may have rolled back on its own; a second ROLLBACK would mask the cause.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK TO s" if nested else "ROLLBACK")
                    if nested:
                        self._connection.execute("RELEASE s")
                raise

    def content(self) -> bytes:
        """Return the whole database as bytes, to start another one from."""
        with self.lock:
            content = bytearray(self._connection.serialize())
        # A file's header asks for a write-ahead log, which a database of memory cannot have.
        content[_JOURNAL_FORMATS] = _NO_WRITE_AHEAD_LOG
        return bytes(content)

    def replace_content(self, content: bytes) -> None:
        """Put another database in the place of this one."""
        with self.lock:
            source = sqlite3.connect(MEMORY)
            try:
                source.deserialize(content)
                source.backup(self._connection)
            finally:
                source.close()
            if isinstance(self.lock, DatabaseLock):
                self.lock.note_commit()

    # Rows.

    def insert(self, table: str, values: Mapping[str, object]) -> int:
        """Add a row and return its rowid."""
        columns = ", ".join(map(quoted, values))
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {quoted(table)} ({columns}) VALUES ({marks})"  # noqa: S608 - names are quoted
        return self.run(sql, list(values.values())).lastrowid or 0

    def put(self, table: str, values: Mapping[str, object]) -> None:
        """Add a row, or take the place of the one with the same key."""
        columns = ", ".join(map(quoted, values))
        marks = ", ".join("?" * len(values))
        sql = f"INSERT OR REPLACE INTO {quoted(table)} ({columns}) VALUES ({marks})"  # noqa: S608 - names are quoted
        self.run(sql, list(values.values()))

    def update(self, table: str, changes: Mapping[str, object], **equals: object) -> int:
        """Change the rows whose columns equal the given values; return how many."""
        if not changes:
            return 0
        sets = ", ".join(f"{quoted(name)} = ?" for name in changes)
        where, bound = _where(equals)
        sql = f"UPDATE {quoted(table)} SET {sets}{where}"  # noqa: S608 - names are quoted
        return self.run(sql, [*changes.values(), *bound]).rowcount

    def delete(self, table: str, **equals: object) -> int:
        """Remove the rows whose columns equal the given values; return how many."""
        where, bound = _where(equals)
        sql = f"DELETE FROM {quoted(table)}{where}"  # noqa: S608 - names are quoted
        return self.run(sql, bound).rowcount

    def find(self, table: str, **equals: object) -> Row | None:
        """Return the first row whose columns equal the given values."""
        return next(iter(self.find_all(table, "rowid", **equals)), None)

    def find_all(self, table: str, order: str = "rowid", /, **equals: object) -> list[Row]:
        """Return the rows whose columns equal the given values, in the order of a column."""
        where, bound = _where(equals)
        sql = f"SELECT * FROM {quoted(table)}{where} ORDER BY {quoted(order)}"  # noqa: S608 - names are quoted
        return self.dictionaries(sql, bound)

    def count(self, table: str, **equals: object) -> int:
        """Return how many rows have the given values in their columns."""
        where, bound = _where(equals)
        sql = f"SELECT count(*) FROM {quoted(table)}{where}"  # noqa: S608 - names are quoted
        found: int = self.run(sql, bound).fetchone()[0]
        return found

    def run(self, sql: str, bound: Bound = ()) -> sqlite3.Cursor:
        """Run one statement of this package's own with its values bound: in their order, or by name (`:name`)."""
        with self.lock:
            return self._connection.execute(sql, bound)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for each row of values."""
        with self.lock:
            self._connection.executemany(sql, rows)

    def dictionaries(self, sql: str, bound: Bound = ()) -> list[Row]:
        """Return all rows of a query, each by the names of its columns."""
        with self.lock:
            cursor = self._connection.execute(sql, bound)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def rows(self, sql: str, bound: Bound = ()) -> list[tuple[object, ...]]:
        """Return all rows of a query as tuples."""
        with self.lock:
            return self._connection.execute(sql, bound).fetchall()

    def next_number(self, counter: str, start: int = 1) -> int:
        """Return the next number of a counter, which begins at `start`."""
        sql = (
            "INSERT INTO counter (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        )
        found: int = self.run(sql, (counter, start)).fetchone()[0]
        return found


def quoted(name: str) -> str:
    """Return a table's or column's name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _where(equals: Mapping[str, object]) -> tuple[str, list[object]]:
    if not equals:
        return "", []
    terms = " AND ".join(f"{quoted(name)} IS ?" for name in equals)
    return f" WHERE {terms}", list(equals.values())


@cache
def _migrations() -> Migrations:
    """Return the numbered SQL files beside this module as one set."""
    found = Migrations("sfmc_mock")
    folder = files("sfmc_mock.store.migrations")
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".sql"):
            _register(found, entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8"))
    return found


def _register(migrations: Migrations, name: str, script: str) -> None:
    @migrations(name=name)
    def apply(tools: Tools) -> None:
        # executescript() would commit the transaction that this runs in.
        for statement in script.split(";\n"):
            if statement.strip():
                tools.execute(statement)
