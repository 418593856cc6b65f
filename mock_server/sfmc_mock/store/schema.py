"""Tables, views and triggers that are derived from declarations, brought into an account's database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from sfmc_mock.store.database import Database, quoted


@dataclass(frozen=True, slots=True)
class Column:
    """A column. One with a `default` is never NULL.

    `refers` is the table whose `id` it contains, `was` its name in databases of earlier versions.
    """

    name: str
    type: str = "TEXT"
    default: str | int | None = None
    any_case: bool = False
    unique: bool = False
    refers: str = ""
    cascades: bool = False
    was: str = ""

    @property
    def sql(self) -> str:
        """The column as CREATE TABLE and ALTER TABLE take it."""
        words = [quoted(self.name), self.type]
        if self.default is not None:
            words += ["NOT NULL DEFAULT", _literal(self.default)]
        if self.any_case:
            words.append("COLLATE NOCASE")
        if self.unique:
            words.append("UNIQUE")
        if self.refers:
            # What can be deleted while something refers to it is refused by the rules of objects.
            action = "CASCADE" if self.cascades else "SET NULL"
            words.append(f"REFERENCES {quoted(self.refers)} (id) ON DELETE {action}")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `statements` are further SQL that may run again."""

    name: str
    columns: tuple[Column, ...]
    statements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """Everything that is derived from declarations; views and triggers by their names."""

    tables: tuple[Table, ...]
    views: Mapping[str, str]
    triggers: Mapping[str, str]

    @cached_property
    def fingerprint(self) -> int:
        """A number that differs for different schemas."""
        said = repr((self.tables, sorted(self.views.items()), sorted(self.triggers.items())))
        return int.from_bytes(blake2b(said.encode(), digest_size=4).digest()) >> 1


def install(db: Database, schema: Schema, *, again: bool = False) -> None:
    """Add the missing tables and columns of a schema to a database, and replace its views and triggers.

    Existing tables and columns stay as they are, except that they may be renamed. A database that has this schema
    already is left as it is, unless `again` is given.
    """
    if not again and db.rows("PRAGMA user_version")[0][0] == schema.fingerprint:
        return
    with db.atomic():
        # SQLite renames no column while a view cannot be read, and some read what is not there yet.
        others = db.rows(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
        )
        for kind, name, _ in others:
            db.run(f"DROP {kind} {quoted(str(name))}")
        for table in schema.tables:
            _install_table(db, table)
        derived = {**schema.views, **schema.triggers}
        # SQLite's names have no case.
        names = {name.lower() for name in derived}
        kept = [str(sql) for _, name, sql in others if str(name).lower() not in names]
        statements = [sql for table in schema.tables for sql in table.statements]
        for sql in (*kept, *derived.values(), *statements):
            db.run(sql)
        db.run(f"PRAGMA user_version = {schema.fingerprint}")


def _install_table(db: Database, table: Table) -> None:
    known = db.tools[table.name]
    if known.exists():
        names = {column.name for column in known.columns}
        for column in table.columns:
            if column.name in names:
                continue
            change = f"ADD COLUMN {column.sql}"
            if column.was in names:
                change = f"RENAME COLUMN {quoted(column.was)} TO {quoted(column.name)}"
            db.run(f"ALTER TABLE {quoted(table.name)} {change}")
    else:
        columns = ", ".join(["id INTEGER PRIMARY KEY", *(column.sql for column in table.columns)])
        db.run(f"CREATE TABLE {quoted(table.name)} ({columns}) STRICT")


def _literal(value: str | int) -> str:
    return str(int(value)) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
