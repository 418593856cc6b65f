"""Open an account's database, in its file or in memory, for one process, with its log, lock and schema."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Hashable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Tools

from sfmc_mock.errors import SetupError, StorageFailed
from sfmc_mock.store import account_file, deferred_writes, migrations
from sfmc_mock.store.block_extents import BlockExtents, Kind
from sfmc_mock.store.connection import AccountConnection, closed, connect
from sfmc_mock.store.deferred_writes import DeferredWrites
from sfmc_mock.store.durability import (
    SYNCHRONOUS,
    WITHOUT_LOG,
    Durability,
    durability_named,
    flush_folder,
)
from sfmc_mock.store.event_totals import EventTotals
from sfmc_mock.store.file_lock import AccountFileLock
from sfmc_mock.store.locking import DatabaseLock

MEMORY = ":memory:"

# After how many pages (16 MB) the log goes into the file: measured 11 % faster at 16 connections than SQLite's 1,000.
_PAGES_OF_LOG = 4_000

# The rows that are folded in at once touch more pages of random keys than SQLite's 2,000 KB hold: measured, for an
# account of 60,000 messages, a tenth of a send's cost. More than this was no better.
_KILOBYTES_OF_CACHE = 4_000


class OpenedDatabase:
    """The connection to an account's file or memory, with the values that are cached while it is open."""

    def __init__(
        self,
        path: str | Path = MEMORY,
        *,
        content: bytes | None = None,
        durability: str = Durability.POWER,
        read_only: bool = False,
    ) -> None:
        """Open or create the account's file; `content` is a database of memory to start from.

        One process at a time uses a file. With `read_only` the content is copied into memory, and the file stays
        unchanged. Raises `SetupError` when the file cannot be opened or is not an account; it stays unchanged then.
        """
        self.path = str(path)
        self.read_only = read_only and self.path != MEMORY
        self.in_memory = self.read_only or self.path == MEMORY
        self._durability = durability_named(durability)
        if self.path != MEMORY:
            account_file.check_name(self.path)
        self._ownership: AccountFileLock | None = None
        self._made = False
        self.event_totals: EventTotals | None = None
        self.lock: AbstractContextManager[object, bool | None] = threading.RLock()
        # To take it again costs as much as a short query.
        self._file_lock: DatabaseLock | None = None
        # What was read of the file, and since when nothing was written: rounds that were lost, how many changes.
        self._values_read: dict[Hashable, Any] = {}
        self._values_since = (0, 0)
        # How many changes there were when all of them were committed.
        self._committed_changes = -1
        self.begun = -1
        self._extents: dict[Kind, BlockExtents] = {}
        self._connection: AccountConnection = closed(self.path)
        self._deferred: DeferredWrites | None = None
        if self.in_memory:
            self._open_memory(content)
        else:
            self._open_file()

    def _open_memory(self, content: bytes | None) -> None:
        if self.read_only:
            content = account_file.read_copy(self.path)
        self._connection = connect(MEMORY)
        self.tools = Tools(self._connection)
        if content is not None:
            self._connection.deserialize(content)
        try:
            self._prepare()
        except Exception as problem:
            self._connection.close()
            raise account_file.refusal(self.path, problem) from problem

    def _open_file(self) -> None:
        self._ownership = AccountFileLock(self.path)
        try:
            self._made = account_file.make(self.path)
            looked_at = account_file.inspect(self.path)
            self._connection = connect(self.path)
            lock = DatabaseLock(self._connection, self.path, self._durability)
            self.lock = self._file_lock = lock
            self.tools = Tools(self._connection)
            self._prepare_file(lock, looked_at)
        except BaseException as problem:
            self.discard()
            if isinstance(problem, StorageFailed):
                raise SetupError(str(problem)) from None
            if isinstance(problem, Exception) and not isinstance(problem, SetupError):
                raise account_file.refusal(self.path, problem) from problem
            raise

    def _prepare_file(self, lock: DatabaseLock, looked_at: bool) -> None:
        self._try_to_write()
        if not looked_at:
            account_file.check_content(self._connection, self.path)
        (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if self._durability is Durability.POWER:
            # Else a power cut could bring back the journal of the switch, which undoes everything since.
            flush_folder(os.path.dirname(os.path.realpath(self.path)))
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_OF_LOG}")
        self._connection.execute(f"PRAGMA cache_size = -{_KILOBYTES_OF_CACHE}")
        synchronous = SYNCHRONOUS[self._durability]
        if mode != "wal":
            # File systems without shared memory cannot have this log.
            synchronous = WITHOUT_LOG[self._durability]
            lock.flush_in_commits()
        self._connection.execute(f"PRAGMA synchronous = {synchronous}")
        self._prepare()
        with lock:
            pass  # Leaving it flushes what was prepared.

    def _try_to_write(self) -> None:
        """Raise an error now if the file cannot be written, before anything is."""
        run = self._connection.execute
        # Who starts a server does not wait for long.
        run("PRAGMA busy_timeout = 1000")
        run("BEGIN IMMEDIATE")
        run(f"PRAGMA user_version = {run('PRAGMA user_version').fetchone()[0]}")
        run("ROLLBACK")
        run("PRAGMA busy_timeout = 5000")

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA foreign_keys = ON")
        # A savepoint would else make and remove a file in every call that changes more than 16 pages.
        run("PRAGMA temp_store = MEMORY")
        if run("PRAGMA application_id").fetchone()[0] != account_file.APPLICATION_ID:
            run(f"PRAGMA application_id = {account_file.APPLICATION_ID}")
        migrations.apply(self.tools)
        deferred = DeferredWrites(self._connection, self.path, self.lock)
        deferred.fold()
        if self._file_lock is not None and deferred_writes.MOST_CALLS:
            self._deferred = deferred
            deferred.on_fold = self._file_lock.pass_over
            self._file_lock.on_loss = deferred.doubt

    def tell_address(self, address: str, holder: int | None = None) -> None:
        """Record the address that serves the file, for errors of other processes; `holder` is the process to stop."""
        if self._ownership is not None:
            self._ownership.tell(address, holder)

    def discard(self) -> None:
        """Close the connection of an account whose opening failed, and remove a file that was created for it."""
        with suppress(StorageFailed, sqlite3.Error):
            if self._file_lock is not None:
                self._file_lock.close()
            else:
                self._connection.close()
        if self._made:
            account_file.unmake(self.path)
        self._release()

    def _release(self) -> None:
        ownership, self._ownership = self._ownership, None
        if ownership is not None:
            ownership.release()
