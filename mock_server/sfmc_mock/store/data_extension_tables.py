"""The tables of data extensions: one for each, with a column for each of its fields, called like the field.

Rows are numbered by `_CustomObjectKey` and carry the times of their making and last change, all three columns of the
service itself. sqlite-utils makes and changes the tables; it keeps no collations, so that texts are compared without
regard to case where they are compared: in indexes, and in `Column.compared`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sfmc_mock.store.connection import quoted
from sfmc_mock.store.database import Database
from sfmc_mock.store.writes import Insert

KEY = "_CustomObjectKey"
CREATED = "_CreatedDate"
MODIFIED = "_ModifiedDate"

OWN_COLUMNS = (KEY, CREATED, MODIFIED)
"""The columns that every table has beside those of the fields."""

Kind = Literal["text", "integer", "date", "decimal"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column for a field: `date` holds ISO texts, `decimal` the digits as a text, so that none is lost."""

    name: str
    kind: Kind

    @property
    def compared(self) -> str:
        """The SQL by which values of the column are compared."""
        if self.kind == "decimal":
            return f"CAST({quoted(self.name)} AS REAL)"
        return self.keyed

    @property
    def keyed(self) -> str:
        """The SQL by which values of the column are told apart."""
        return quoted(self.name) + (" COLLATE NOCASE" if self.kind == "text" else "")

    @property
    def python_type(self) -> type:
        return int if self.kind == "integer" else str


def create_table(db: Database, table: str, columns: Iterable[Column]) -> None:
    """Make the table of a new data extension."""
    types: dict[str, type] = {KEY: int, CREATED: str, MODIFIED: str}
    types.update((column.name, column.python_type) for column in columns)
    db.tools.table(table).create(types, pk=KEY)


def drop_table(db: Database, table: str) -> None:
    """Remove the table with its rows."""
    db.tools.table(table).drop()


def add_column(db: Database, table: str, column: Column) -> None:
    """Add a column, empty in every row."""
    db.tools.table(table).add_column(column.name, column.python_type)


def rename_columns(db: Database, table: str, new_names: Mapping[str, str]) -> None:
    """Give columns other names, by their old ones; indexes over them stay."""
    db.tools.table(table).transform(rename=dict(new_names))


def drop_column(db: Database, table: str, name: str) -> None:
    """Remove a column and the indexes over it."""
    for index in db.tools.table(table).indexes:
        if name in index.columns:
            drop_index(db, index.name)
    db.tools.table(table).transform(drop={name})


def create_index(
    db: Database, name: str, table: str, columns: Sequence[Column], *, unique: bool = False
) -> None:
    """Make an index that comparisons by `Column.keyed` use."""
    kind = "UNIQUE INDEX" if unique else "INDEX"
    keys = ", ".join(column.keyed for column in columns)
    db.run(f"CREATE {kind} {quoted(name)} ON {quoted(table)} ({keys})")


def drop_index(db: Database, name: str) -> None:
    """Remove an index, if there is one called so."""
    db.run(f"DROP INDEX IF EXISTS {quoted(name)}")


def has_rows(db: Database, table: str) -> bool:
    """Say whether the table holds anything."""
    return bool(db.rows(f"SELECT 1 FROM {quoted(table)} LIMIT 1"))  # noqa: S608 - the name is quoted


def find_row(db: Database, table: str, values: Mapping[Column, object]) -> int | None:
    """Return the number of the row whose columns have the values, None when there is none."""
    where = " AND ".join(f"{column.keyed} = ?" for column in values)
    sql = f"SELECT {quoted(KEY)} FROM {quoted(table)} WHERE {where} LIMIT 1"  # noqa: S608 - names are quoted
    rows = db.rows(sql, list(values.values()))
    return rows[0][0] if rows else None


def add_row(db: Database, table: str, values: Mapping[str, object]) -> bool:
    """Add a row; False, and nothing written, when one with its key exists."""
    return _keeps_keys(lambda: db.insert(table, values))


def change_row(db: Database, table: str, number: int, changes: Mapping[str, object]) -> bool:
    """Change columns of the row with the number; False, and nothing written, when another one has its new key."""
    return _keeps_keys(lambda: db.update(table, changes, **{KEY: number}))


def fill_column(db: Database, table: str, name: str, value: object) -> None:
    """Give every row the same value in a column."""
    db.run(f"UPDATE {quoted(table)} SET {quoted(name)} = ?", (value,))  # noqa: S608 - names are quoted


def appending(table: str, columns: Sequence[str]) -> Insert:
    """Return the statement that adds rows of these columns and the two times, except rows whose key exists."""
    return Insert(table, (*columns, CREATED, MODIFIED), or_ignore=True, together=True)


def add_rows(
    db: Database,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    replace: bool,
) -> bool:
    """Add rows of these columns; with `replace`, a row whose key exists is changed.

    Return whether all keys were free; else the caller takes back what was written.
    """
    names = ", ".join(map(quoted, columns))
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})"  # noqa: S608 - names are quoted
    if replace:
        changed = (column for column in columns if column != CREATED)
        sets = ", ".join(f"{quoted(column)} = excluded.{quoted(column)}" for column in changed)
        sql += f" ON CONFLICT DO UPDATE SET {sets}"
    return _keeps_keys(lambda: db.run_many(sql, rows))


def _keeps_keys(write: Callable[[], object]) -> bool:
    """Call `write`, and return False where another row has the key of a written one."""
    try:
        write()
    except sqlite3.IntegrityError:
        return False
    return True
