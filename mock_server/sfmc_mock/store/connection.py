"""A connection to an account's database that lets somebody see to something before it is used."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

execute, executemany = sqlite3.Connection.execute, sqlite3.Connection.executemany
"""What uses a connection without `before_use`."""


def quoted(name: str) -> str:
    """Return a table's or column's name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


class AccountConnection(sqlite3.Connection):
    """A connection that calls `before_use` first, where there is one, whatever is done with it."""

    before_use: Callable[[], None] | None = None

    def _use(self) -> None:
        if self.before_use is not None:
            self.before_use()

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        if self.before_use is not None:
            self.before_use()
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

    def control(self, sql: str) -> sqlite3.Cursor:
        """Begin or end a transaction or a step of one, which sees no rows."""
        return execute(self, sql)
