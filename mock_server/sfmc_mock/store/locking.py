"""The lock of an account's file: one thread at a time, and nobody leaves before what they saw is durable."""

from __future__ import annotations

import os
import sqlite3
import threading
from json import JSONDecodeError
from types import TracebackType

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.durability import Durability, GroupCommit


class DatabaseLock:
    """A lock that a thread may take again while it holds it.

    Its last exit waits, without holding it, for the flush of every commit so far: a thread's own, and those of others
    that it may have read. An error of the disk or the file that passes the last exit becomes `StorageFailed`.
    """

    def __init__(self, connection: sqlite3.Connection, path: str, durability: Durability) -> None:
        self._connection = connection
        self._path = path
        self.mutex = threading.RLock()
        """The lock alone: leaving it waits for nothing."""
        self._depth = 0
        self._changes = connection.total_changes
        self._commits: GroupCommit | None = None
        if durability is Durability.POWER:
            # Beside the file itself, wherever a link to it is.
            self._commits = GroupCommit(f"{os.path.realpath(path)}-wal")

    def __enter__(self) -> None:
        self.mutex.acquire()
        if self._commits is not None and self._commits.failure is not None:
            self.mutex.release()
            raise StorageFailed(self._commits.failure)
        self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth:
            self.mutex.release()
            return
        commits = self._commits
        if commits is not None and self._connection.total_changes != self._changes:
            self.note_commit()
        number = 0 if commits is None else commits.committed
        self.mutex.release()
        if commits is not None:
            commits.wait(number)
        if isinstance(value, sqlite3.Error | ValueError):
            failure = storage_failure(self._path, value)
            if failure is not None:
                raise failure from value

    def note_commit(self) -> None:
        """Note that something was committed; what changes rows is noted without it."""
        self._changes = self._connection.total_changes
        if self._commits is not None:
            self._commits.committed += 1

    def flush_in_commits(self) -> None:
        """Leave it to SQLite to flush each commit: there is no log to flush for many."""
        self._commits = None

    def close(self) -> None:
        """Flush what is not yet on disk, as far as the disk allows it, then close the connection."""
        with self.mutex:
            commits, self._commits = self._commits, None
            try:
                if commits is not None and commits.failure is None:
                    commits.wait(commits.committed)
            finally:
                self._connection.close()
                if commits is not None:
                    commits.close()


_ADVICE = {
    sqlite3.SQLITE_BUSY: "is locked by another program. End that one, or wait until it is done.",
    sqlite3.SQLITE_LOCKED: "is locked by another program. End that one, or wait until it is done.",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Make room there; nothing was changed.",
    sqlite3.SQLITE_READONLY: "cannot be written. Check the permissions of the file and its folder.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Check that it and its folder exist, and their permissions.",
    sqlite3.SQLITE_IOERR: "cannot be read or written ({reason}). Check the disk.",
    sqlite3.SQLITE_CORRUPT: "is damaged ({reason}). Put a copy of it in its place.",
    sqlite3.SQLITE_NOTADB: "is damaged ({reason}). Put a copy of it in its place.",
    sqlite3.SQLITE_PROTOCOL: "is locked by another program. End that one, or wait until it is done.",
}


def one_line(problem: Exception) -> str:
    """Return the text of an error, which may quote anything, as a part of a sentence."""
    return " ".join(str(problem).split())[:200]


# How SQLite and Python say that something kept is not what was written: a name of the schema, a JSON text, a time. What
# callers send is read by code that answers for it itself.
_SIGNS_OF_DAMAGE = (
    "no such table",
    "no such column",
    "no such function",
    "has no column",
    "Invalid isoformat",
)


def storage_failure(path: str, problem: Exception) -> StorageFailed | None:
    """Return what an error says of the file, as one sentence; None for an error of the statement."""
    code = getattr(problem, "sqlite_errorcode", None)
    if is_damage(problem):
        code = sqlite3.SQLITE_CORRUPT
    if code is None or (code & 0xFF) not in _ADVICE:
        return None
    return StorageFailed(f"{path} {_ADVICE[code & 0xFF].format(reason=one_line(problem))}")


def is_damage(problem: Exception) -> bool:
    """Say whether an error tells that something in an account's file is not what was written there."""
    if isinstance(problem, UnicodeDecodeError | JSONDecodeError):
        return True
    text = str(problem)
    # An error of SQLite may quote a text that is none.
    return "decode to UTF-8" in text or (
        isinstance(problem, sqlite3.OperationalError | ValueError)
        and any(each in text for each in _SIGNS_OF_DAMAGE)
    )
