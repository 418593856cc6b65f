"""Rows of an import before they are written into the table of a data extension, by a few statements.

Until then they are in a temporary table, which SQLite keeps in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sfmc_mock.store.data_extension_tables import CREATED, MODIFIED, Column
from sfmc_mock.store.database import Database, quoted

_STAGED = "temp.import_staging"
_ADD, _UPDATE = "a", "u"


class StagedRows:
    """Rows for a table, identified by its primary key; each with the actions that it may do.

    Actions are letters: `a` adds a row whose key is new, `u` changes the one that is there, `d` deletes it.
    """

    def __init__(
        self, db: Database, table: str, columns: Sequence[Column], key: Sequence[Column]
    ) -> None:
        self._db = db
        self._table = quoted(table)
        self._columns = tuple(columns)
        self._key = tuple(key)

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Add rows: number, actions, and a value for each column."""
        marks = ", ".join("?" * (len(self._columns) + 2))
        self._db.run_many(f"INSERT INTO {_STAGED} VALUES ({marks})", rows)  # noqa: S608 - a constant

    def drop_repeated(self) -> int:
        """Remove rows whose key an earlier row has, and return how many there were."""
        if not self._key:
            return 0
        keys = ", ".join(f"{self._staged(column)}{_collation(column)}" for column in self._key)
        sql = (
            f"DELETE FROM {_STAGED} WHERE number NOT IN "  # noqa: S608 - names are quoted
            f"(SELECT min(number) FROM {_STAGED} GROUP BY {keys})"
        )
        return self._db.run(sql).rowcount

    def write(self, now: str, more: Sequence[tuple[str, object]] = ()) -> int:
        """Apply the rows to the table; return how many of its rows were deleted, changed and added.

        Added rows get the values of `more` as well.
        """
        changed = self._delete() + self._update(now) if self._key else 0
        return changed + self._insert(now, more)

    def _delete(self) -> int:
        sql = (
            f"DELETE FROM {self._table} WHERE rowid IN (SELECT t.rowid FROM {_STAGED} s "  # noqa: S608 - names are quoted
            f"JOIN {self._table} t ON {self._same_key()} WHERE s.actions LIKE '%d%')"
        )
        return self._db.run(sql).rowcount

    def _update(self, now: str) -> int:
        """Change the rows of the table whose key exists, and remove them from the staged rows."""
        is_there = f"EXISTS (SELECT 1 FROM {self._table} t WHERE {self._same_key()})"  # noqa: S608 - names are quoted
        sets = "".join(
            f"{quoted(column.name)} = s.{self._staged(column)}, "
            for column in self._columns
            if column not in self._key
        )
        count = self._db.run(
            f"UPDATE {self._table} AS t SET {sets}{quoted(MODIFIED)} = ? FROM {_STAGED} s "  # noqa: S608 - names are quoted
            f"WHERE s.actions LIKE '%{_UPDATE}%' AND {self._same_key()}",
            (now,),
        ).rowcount
        self._db.run(
            f"DELETE FROM {_STAGED} AS s WHERE s.actions LIKE '%{_UPDATE}%' AND {is_there}"  # noqa: S608 - names are quoted
        )
        return count

    def _insert(self, now: str, more: Sequence[tuple[str, object]]) -> int:
        """Add the rows whose key the table does not have."""
        free = ""
        if self._key:
            free = f" AND NOT EXISTS (SELECT 1 FROM {self._table} t WHERE {self._same_key()})"  # noqa: S608 - names are quoted
        names = [
            *(column.name for column in self._columns),
            *(name for name, _ in more),
            CREATED,
            MODIFIED,
        ]
        values = [f"s.{self._staged(column)}" for column in self._columns]
        values += "?" * (len(more) + 2)
        sql = (
            f"INSERT INTO {self._table} ({', '.join(map(quoted, names))}) "  # noqa: S608 - names are quoted
            f"SELECT {', '.join(values)} FROM {_STAGED} s WHERE s.actions LIKE '%{_ADD}%'{free} ORDER BY s.number"
        )
        return self._db.run(sql, (*(value for _, value in more), now, now)).rowcount

    def _staged(self, column: Column) -> str:
        return quoted(f"v{self._columns.index(column)}")

    def _same_key(self) -> str:
        return " AND ".join(
            f"t.{quoted(column.name)}{_collation(column)} = s.{self._staged(column)}"
            for column in self._key
        )


def _collation(column: Column) -> str:
    return " COLLATE NOCASE" if column.kind == "text" else ""


@contextmanager
def staged_rows(
    db: Database, table: str, columns: Sequence[Column], key: Sequence[Column]
) -> Iterator[StagedRows]:
    """Yield a `StagedRows` for one import, whose temporary table is removed afterwards."""
    rows = StagedRows(db, table, columns, key)
    db.run("DROP TABLE IF EXISTS temp.import_staging")
    types = {"integer": "INTEGER", "date": "TEXT", "decimal": "TEXT", "text": "TEXT"}
    made = "".join(f", v{at} {types[column.kind]}" for at, column in enumerate(columns))
    db.run(f"CREATE TEMP TABLE import_staging (number INTEGER PRIMARY KEY, actions TEXT{made})")
    try:
        yield rows
    finally:
        db.run("DROP TABLE IF EXISTS temp.import_staging")
