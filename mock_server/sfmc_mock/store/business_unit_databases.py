"""The databases of business units: in memory while they are in use, and stored in pieces in the enterprise's file.

A unit shares the lock of its enterprise. A thread that leaves the lock after a change of the unit first writes the
change into the enterprise's file, in the open transaction where there is one: an acknowledged call of a unit is as
durable as one of the enterprise, and one file holds everything. Where the enterprise went back to an earlier state (a
transaction that failed, a checkpoint, a reset), its units follow with their next use.

Of a call that only adds rows, as a triggered send does, these rows are stored. The whole unit is compared with its
stored pieces after many such calls, or after any other change.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import closing
from json import loads

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.account_file import without_log
from sfmc_mock.store.database import Database, quoted
from sfmc_mock.store.storage_failures import one_line
from sfmc_mock.store.transactions import LockedBlock
from sfmc_mock.store.writes import DOES_NOT_FIT, Row, Write, as_json, read_write

# Larger pieces are written more often for the same changes, smaller ones have more rows.
_PIECE = 16 * 1024
_GREATEST = 2**62

MOST_WRITES = 256
"""After so many calls that only added rows, the whole unit is stored."""

_LONGEST_WRITE = 16_000


def unit_mids(enterprise: Database) -> list[int]:
    """Return the MIDs of the units that an enterprise's database holds."""
    return [mid for (mid,) in enterprise.rows("SELECT mid FROM unit ORDER BY mid")]


def put_unit(enterprise: Database, mid: int, content: bytes, *, before: bytes = b"") -> int:
    """Store a unit's database, of which the enterprise has the state `before`; return the new state's number."""
    generation = secrets.randbelow(_GREATEST)
    with enterprise.atomic():
        enterprise.run(
            "INSERT INTO unit (mid, generation, size) VALUES (?, ?, ?) ON CONFLICT (mid) DO UPDATE SET "
            "generation = excluded.generation, size = excluded.size",
            (mid, generation, len(content)),
        )
        enterprise.run_many(
            "INSERT OR REPLACE INTO unit_piece (mid, number, data) VALUES (?, ?, ?)",
            (
                (mid, start // _PIECE, content[start : start + _PIECE])
                for start in range(0, len(content), _PIECE)
                if content[start : start + _PIECE] != before[start : start + _PIECE]
            ),
        )
        pieces = -(-len(content) // _PIECE)
        enterprise.run("DELETE FROM unit_piece WHERE mid = ? AND number >= ?", (mid, pieces))
        enterprise.run("DELETE FROM unit_write WHERE mid = ?", (mid,))
    return generation


def _put_write(enterprise: Database, mid: int, content: str) -> int:
    """Store the rows that a call added to a unit; return the new state's number."""
    generation = secrets.randbelow(_GREATEST)
    with enterprise.atomic():
        enterprise.run("UPDATE unit SET generation = ? WHERE mid = ?", (generation, mid))
        enterprise.run("INSERT INTO unit_write (mid, content) VALUES (?, ?)", (mid, content))
    return generation


def _kept_pieces(enterprise: Database, mid: int) -> bytes:
    """Return a unit's database as it was last stored whole. Raises `StorageFailed` when pieces are missing."""
    sizes = enterprise.rows("SELECT size FROM unit WHERE mid = ?", (mid,))
    pieces = enterprise.rows("SELECT data FROM unit_piece WHERE mid = ? ORDER BY number", (mid,))
    content = b"".join(data for (data,) in pieces)
    if not sizes or len(content) != sizes[0][0]:
        raise _damage(enterprise, f"the business unit {mid} is not whole")
    return content


def _kept_writes(enterprise: Database, mid: int) -> list[str]:
    """Return the rows that calls have added to a unit since it was stored whole."""
    sql = "SELECT content FROM unit_write WHERE mid = ? ORDER BY number"
    return [content for (content,) in enterprise.rows(sql, (mid,))]


def _with_writes(enterprise: Database, content: bytes, writes: Sequence[str]) -> bytes:
    """Return a unit's database with the rows added since. Raises `StorageFailed` where these cannot be added."""
    if not writes:
        return content
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as scratch:
        try:
            scratch.deserialize(content)
            scratch.execute("BEGIN")
            for text in writes:
                for plain, given in loads(text):
                    for statement, rows in read_write(plain).spread(given):
                        scratch.executemany(statement.sql, rows)
            scratch.execute("COMMIT")
        except DOES_NOT_FIT as problem:
            reason = f"what a business unit was to hold does not fit: {one_line(problem)}"
            raise _damage(enterprise, reason) from problem
        return scratch.serialize()


def _damage(enterprise: Database, reason: str) -> StorageFailed:
    return StorageFailed(f"{enterprise.path} is damaged ({reason}). Put a copy of it in its place.")


def copy_table(source: Database, target: Database, table: str, copy: str) -> None:
    """Copy a table of one database into a temporary one of another, which takes the place of an earlier copy."""
    rows = source.rows(f"SELECT * FROM {quoted(table)}")  # noqa: S608 - names are quoted
    names = [column.name for column in source.tools[table].columns]
    columns = ", ".join(map(quoted, names))
    target.run(f"DROP TABLE IF EXISTS temp.{quoted(copy)}")
    target.run(f"CREATE TEMP TABLE {quoted(copy)} ({columns})")
    marks = ", ".join("?" * len(names))
    target.run_many(f"INSERT INTO temp.{quoted(copy)} VALUES ({marks})", rows)  # noqa: S608 - names are quoted


class UnitDatabase(Database):
    """The database of a business unit. `on_other_state` is called after the enterprise replaced its content."""

    def __init__(self, enterprise: Database, mid: int) -> None:
        """Read the unit's database. Raises `StorageFailed` or `SetupError` when it is damaged."""
        self._enterprise = enterprise
        self._mid = mid
        with enterprise.lock:
            self._kept = _kept_pieces(enterprise, mid)
            # What calls have added since, as it is kept; and what this one has.
            self._writes = _kept_writes(enterprise, mid)
            self._generation = self._generation_there()
        self._added: list[tuple[list[object], list[Row]]] = []
        # How many changes of the connection were kept, of which schema, and how many of those since are additions; None
        # is not known.
        self._changes = self._schema = -1
        self._additions: int | None = None
        self.on_other_state: Callable[[], object] = lambda: None
        super().__init__(content=_with_writes(enterprise, self._kept, self._writes))
        self.lock = UnitLock(enterprise, self)
        try:
            with self.lock:
                pass  # Leaving it keeps what was prepared.
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        with self._enterprise.lock:
            # There is nothing to keep any more.
            self.lock = threading.RLock()
            super().close()

    def replace_content(self, content: bytes | Database) -> None:
        with self.lock:
            super().replace_content(content)
            self._additions, self._changes = None, -1

    def add(self, write: Write, rows: Iterable[Sequence[object]], *names: Hashable) -> None:
        with self.lock:
            given, before = list(rows), self.connection.total_changes
            super().add(write, given, *names)
            self._note(write, given, before)

    def _note(self, write: Write, rows: list[Row], before: int) -> None:
        if self._additions is not None:
            self._additions += self.connection.total_changes - before
            self._added.append((write.plain(), rows))

    def _forget_values(self) -> None:
        super()._forget_values()
        # Some of what was added may be undone, of a whole transaction or of a step.
        self._additions = None

    def follow(self) -> None:
        """Take over the state that the enterprise's database holds, where it differs; the caller holds the lock."""
        generation = self._generation_there()
        if generation == self._generation:
            return
        self._kept = _kept_pieces(self._enterprise, self._mid)
        self._writes = _kept_writes(self._enterprise, self._mid)
        self._go_back()
        self.on_other_state()
        # Not before, so that the next use tries it again where any of this fails.
        self._generation = generation

    def keep(self) -> None:
        """Store this state in the enterprise's database; the caller holds the lock."""
        changes, schema = self.connection.total_changes, self._schema_now()
        if changes == self._changes and schema == self._schema:
            return
        if schema != self._schema:
            # SQLite counts no change of a table itself, and what is added may need it.
            self._additions = None
        try:
            if not self._keep_additions(changes):
                self._keep_whole()
        except BaseException:
            self._go_back()
            self.on_other_state()
            raise
        self._begin_anew()

    def _keep_additions(self, changes: int) -> bool:
        """Store the added rows, and return True; False where there were other changes, or too many rows."""
        if self._additions is None or changes != self._changes + self._additions:
            return False
        text = as_json(self._added)
        if len(self._writes) >= MOST_WRITES or len(text) > _LONGEST_WRITE:
            return False
        self._generation = _put_write(self._enterprise, self._mid, text)
        self._writes.append(text)
        return True

    def _keep_whole(self) -> None:
        content = without_log(self.connection.serialize())
        if content != self._kept or self._writes:
            self._generation = put_unit(self._enterprise, self._mid, content, before=self._kept)
            self._kept, self._writes = content, []

    def _begin_anew(self) -> None:
        """Begin to record the rows that are added to the stored state."""
        self._changes, self._additions = self.connection.total_changes, 0
        self._schema = self._schema_now()
        self._added.clear()

    def _schema_now(self) -> int:
        number: int = self.connection.control("PRAGMA schema_version").fetchone()[0]
        return number

    def _generation_there(self) -> int:
        # Nothing that waits in the enterprise changes it.
        rows = self._enterprise.look_up("SELECT generation FROM unit WHERE mid = ?", (self._mid,))
        if not rows:
            raise StorageFailed(
                f"The business unit {self._mid} was taken off its enterprise. Call one that is there."
            )
        generation: int = rows[0][0]
        return generation

    def _go_back(self) -> None:
        """Return to the stored state."""
        super().replace_content(_with_writes(self._enterprise, self._kept, self._writes))
        self._begin_anew()


class UnitLock(LockedBlock):
    """The lock of an enterprise, as one of its units takes it."""

    def __init__(self, enterprise: Database, unit: UnitDatabase) -> None:
        super().__init__(enterprise.lock)
        self._unit = unit
        self._depth = 0

    def _begin(self) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        try:
            self._unit.follow()
        except BaseException:
            self._depth -= 1
            raise

    def _end(self, *, is_whole: bool) -> None:
        try:
            if self._depth == 1:
                self._unit.keep()
        finally:
            self._depth -= 1
