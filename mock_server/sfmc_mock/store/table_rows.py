"""Reading and writing of rows by their table and the values of their columns."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from sfmc_mock.store.connection import quoted

Row = dict[str, Any]
"""A row by the names of its columns: the values have the types that the table declares (STRICT)."""
Bound = Sequence[object] | Mapping[str, object]


class TableRows(ABC):
    """Statements on the rows of a table. Names of tables and columns come from the code, values are always bound."""

    lock: AbstractContextManager[object, bool | None]

    @abstractmethod
    def run(self, sql: str, bound: Bound = ()) -> sqlite3.Cursor:
        """Run one statement."""

    @abstractmethod
    def rows(self, sql: str, bound: Bound = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query as tuples."""

    def dictionaries(self, sql: str, bound: Bound = ()) -> list[Row]:
        """Return all rows of a query, each by the names of its columns."""
        with self.lock:
            cursor = self.run(sql, bound)
            rows = cursor.fetchall()
            if not rows:
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in rows]

    def insert(self, table: str, values: Mapping[str, object]) -> int:
        """Add a row and return its rowid."""
        return self.run(insert_sql("INSERT", table, *values), [*values.values()]).lastrowid or 0

    def put(self, table: str, values: Mapping[str, object]) -> None:
        """Add a row, or replace the one with the same key."""
        self.run(insert_sql("INSERT OR REPLACE", table, *values), [*values.values()])

    def update(self, table: str, changes: Mapping[str, object], **equals: object) -> int:
        """Change the rows whose columns equal the given values; return how many."""
        if not changes:
            return 0
        sets = ", ".join(f"{quoted(name)} = ?" for name in changes)
        sql = f"UPDATE {quoted(table)} SET {sets}{_where(equals)}"  # noqa: S608 - names are quoted
        return self.run(sql, [*changes.values(), *equals.values()]).rowcount

    def delete(self, table: str, **equals: object) -> int:
        """Remove the rows whose columns equal the given values; return how many."""
        sql = f"DELETE FROM {quoted(table)}{_where(equals)}"  # noqa: S608 - names are quoted
        return self.run(sql, [*equals.values()]).rowcount

    def find(self, table: str, **equals: object) -> Row | None:
        """Return the first row whose columns equal the given values."""
        return next(iter(self.find_all(table, "rowid", **equals)), None)

    def find_all(self, table: str, order: str = "rowid", /, **equals: object) -> list[Row]:
        """Return the rows whose columns equal the given values, in the order of a column."""
        return self.dictionaries(_selected(table, order, *equals), [*equals.values()])

    def count(self, table: str, **equals: object) -> int:
        """Return how many rows have the given values in their columns."""
        sql = f"SELECT count(*) FROM {quoted(table)}{_where(equals)}"  # noqa: S608 - names are quoted
        count: int = self.rows(sql, [*equals.values()])[0][0]
        return count

    def next_number(self, counter: str, start: int = 1) -> int:
        """Return the next number of a counter, which begins at `start`."""
        sql = (
            "INSERT INTO counter (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        )
        number: int = self.rows(sql, (counter, start))[0][0]
        return number


@lru_cache(maxsize=256)
def insert_sql(verb: str, table: str, *names: str) -> str:
    """Return the statement that adds a row with these columns."""
    columns, marks = ", ".join(map(quoted, names)), ", ".join("?" * len(names))
    return f"{verb} INTO {quoted(table)} ({columns}) VALUES ({marks})"


@lru_cache(maxsize=256)
def _selected(table: str, order: str, *names: str) -> str:
    return f"SELECT * FROM {quoted(table)}{_where(names)} ORDER BY {quoted(order)}"  # noqa: S608 - names are quoted


def _where(names: Iterable[str]) -> str:
    terms = " AND ".join(f"{quoted(name)} IS ?" for name in names)
    return f" WHERE {terms}" if terms else ""
