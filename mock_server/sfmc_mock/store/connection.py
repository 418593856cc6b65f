"""A connection to an account's database that calls a function before each use."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, cast

from sfmc_mock.errors import StorageFailed

execute, executemany = sqlite3.Connection.execute, sqlite3.Connection.executemany
"""The methods that use a connection without `before_use`."""


def quoted(name: str) -> str:
    """Return a table's or column's name, of any characters, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


class AccountConnection(sqlite3.Connection):
    """A connection that calls `before_use`, where there is one, before each use.

    Where `is_reading_due`, the next statement begins a transaction that reads.
    """

    before_use: Callable[[], None] | None = None
    is_reading_due = False

    def _use(self) -> None:
        if self.before_use is not None:
            self.before_use()
        if self.is_reading_due:
            self.begin_reading()

    def begin_reading(self) -> None:
        """Begin the transaction that is due; where another one is open, it stays due."""
        if not self.in_transaction:
            self.is_reading_due = False
            self.control("BEGIN")

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        if self.before_use is not None or self.is_reading_due:
            self._use()
        return execute(self, *statement)

    def executemany(self, *statement: Any) -> sqlite3.Cursor:
        self._use()
        return executemany(self, *statement)

    def executescript(self, *script: Any) -> sqlite3.Cursor:
        self._use()
        return super().executescript(*script)

    def cursor(self, *factory: Any) -> Any:
        self._use()
        return super().cursor(*factory)

    def serialize(self, **database: Any) -> bytes:
        self._use()
        return super().serialize(**database)

    def backup(self, target: sqlite3.Connection, **how: Any) -> None:
        self._use()
        super().backup(target, **how)

    def blobopen(self, *place: Any, **how: Any) -> sqlite3.Blob:
        self._use()
        return super().blobopen(*place, **how)

    control = sqlite3.Connection.execute
    """Begins or ends a transaction or a step of one, which sees no rows."""


def connect(path: str) -> AccountConnection:
    """Open a file, or memory."""
    return sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
        factory=AccountConnection,
    )


class _Closed:
    """Takes the place of a closed connection, for threads that still use the account."""

    def __init__(self, path: str) -> None:
        self._path = path

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> object:
        raise StorageFailed(
            f"The account in {self._path} was taken off the server. Call one that is there."
        )


def closed(path: str) -> AccountConnection:
    """Return a connection that refuses every use, for an account that was removed from the server."""
    return cast(AccountConnection, _Closed(path))
