"""The seal of a schema: a digest that tells whether the schema in an account's file is as this program wrote it.

If a letter in the text of a view or a column is damaged, SQLite reads another name, and reports an error only when a
call needs it. A file therefore has a digest of its schema, with the number that SQLite gives to each change of it.
Where the number is the same and the digest differs, the text was damaged. Where the number differs, another program has
changed the schema, or this program was killed after it did; then every view and trigger is compiled.
"""

from __future__ import annotations

import sqlite3
from hashlib import blake2b

_VERSION, _DIGEST = "schema_version", "schema_digest"
_SAVE = "INSERT OR REPLACE INTO counter (name, value) VALUES (?, ?)"
_READ = "SELECT name, value FROM counter WHERE name IN (?, ?)"
_OBJECTS = (
    "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY type, name, tbl_name"
)
# Names as SQL takes them: of a view or table, and of a column of it.
_COMPILED = """
SELECT m.type, printf('"%w"', m.name), (SELECT printf('"%w"', c.name) FROM pragma_table_info(m.name) c LIMIT 1)
FROM sqlite_master m WHERE m.type IN ('view', 'table') AND m.name NOT GLOB 'sqlite_*'
"""


def is_sealed(connection: sqlite3.Connection) -> bool:
    """Say whether the file has a digest of the schema since its last change."""
    return _sealed(connection).get(_VERSION) == _version(connection)


def is_broken(connection: sqlite3.Connection) -> bool:
    """Say whether the schema does not match its digest."""
    sealed = _sealed(connection)
    return sealed.get(_VERSION) == _version(connection) and sealed.get(_DIGEST) != _digest(
        connection
    )


def seal(connection: sqlite3.Connection) -> None:
    """Store the digest of the present schema."""
    values = {_VERSION: _version(connection), _DIGEST: _digest(connection)}
    connection.executemany(_SAVE, values.items())


def compile_schema(connection: sqlite3.Connection) -> None:
    """Compile every view and trigger. Raises `sqlite3.Error` for one that names a missing table or column."""
    for kind, name, column in connection.execute(_COMPILED).fetchall():
        statements: tuple[str, ...] = (
            f"INSERT INTO {name} DEFAULT VALUES",
            f"UPDATE {name} SET {column} = {column}",  # noqa: S608 - quoted
            f"DELETE FROM {name}",  # noqa: S608 - quoted
        )
        if kind == "view":
            statements = (f"SELECT * FROM {name}",)  # noqa: S608 - quoted
        for statement in statements:
            connection.execute(f"EXPLAIN {statement}")


def _sealed(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute(_READ, (_VERSION, _DIGEST)).fetchall())


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA schema_version").fetchone()[0]
    return found


def _digest(connection: sqlite3.Connection) -> int:
    objects = repr(connection.execute(_OBJECTS).fetchall())
    made = blake2b(objects.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(made.digest()) >> 1
