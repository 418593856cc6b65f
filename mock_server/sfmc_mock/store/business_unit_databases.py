"""The databases of business units: in memory while they are served, and in pieces in the enterprise's file.

A unit shares the lock of its enterprise. Whoever leaves it after a change of the unit has what changed written there,
in the same transaction where one is open: an acknowledged call is as durable as one of the enterprise, and one file
holds everything. Where the enterprise went back to what it was (a transaction that failed, a checkpoint, a reset), its
units follow with their next use.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.account_file import without_log
from sfmc_mock.store.database import Database, quoted
from sfmc_mock.store.transactions import LockedBlock

# Larger pieces are written more often for the same changes, smaller ones have more rows.
_PIECE = 16 * 1024
_GREATEST = 2**62


def unit_mids(enterprise: Database) -> list[int]:
    """Return the MIDs of the units that an enterprise's database holds."""
    return [mid for (mid,) in enterprise.rows("SELECT mid FROM unit ORDER BY mid")]


def put_unit(enterprise: Database, mid: int, content: bytes, *, before: bytes = b"") -> int:
    """Keep a unit's database, of which the enterprise's holds `before`; return the number of this state."""
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
    return generation


def unit_content(enterprise: Database, mid: int) -> bytes:
    """Return a unit's database. Raises `StorageFailed` for one that is not whole."""
    sizes = enterprise.rows("SELECT size FROM unit WHERE mid = ?", (mid,))
    pieces = enterprise.rows("SELECT data FROM unit_piece WHERE mid = ? ORDER BY number", (mid,))
    content = b"".join(data for (data,) in pieces)
    if not sizes or len(content) != sizes[0][0]:
        raise StorageFailed(
            f"{enterprise.path} is damaged (the business unit {mid} is not whole). Put a copy of it in its place."
        )
    return content


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
    """The database of a business unit. `on_other_state` is called when its content became another one from outside."""

    def __init__(self, enterprise: Database, mid: int) -> None:
        """Read the unit's database. Raises `StorageFailed` and `SetupError` for one that cannot be used."""
        self._enterprise = enterprise
        self._mid = mid
        self._kept = unit_content(enterprise, mid)
        self._generation = self._generation_there()
        self.on_other_state: Callable[[], object] = lambda: None
        super().__init__(content=self._kept)
        self._changes = -1
        self.lock = UnitLock(enterprise, self)
        with self.lock:
            pass  # Leaving it keeps what was prepared.

    def close(self) -> None:
        with self._enterprise.lock:
            # There is nothing to keep any more.
            self.lock = threading.RLock()
            super().close()

    def replace_content(self, content: bytes | Database) -> None:
        with self.lock:
            super().replace_content(content)
            self._changes = -1

    def follow(self) -> None:
        """Go to the state that the enterprise's database holds, where it is another one; the lock is held."""
        generation = self._generation_there()
        if generation == self._generation:
            return
        self._go_to(unit_content(self._enterprise, self._mid), generation)
        self.on_other_state()

    def keep(self) -> None:
        """Have the enterprise's database hold this state; the lock is held."""
        changes = self.connection.total_changes
        if changes == self._changes:
            return
        content = without_log(self.connection.serialize())
        if content != self._kept:
            try:
                self._generation = put_unit(self._enterprise, self._mid, content, before=self._kept)
            except BaseException:
                self._go_to(self._kept, self._generation)
                raise
            self._kept = content
        self._changes = changes

    def _generation_there(self) -> int:
        rows = self._enterprise.rows("SELECT generation FROM unit WHERE mid = ?", (self._mid,))
        if not rows:
            raise StorageFailed(
                f"The business unit {self._mid} was taken off its enterprise. Call one that is there."
            )
        generation: int = rows[0][0]
        return generation

    def _go_to(self, content: bytes, generation: int) -> None:
        super().replace_content(content)
        self._kept, self._generation = content, generation
        self._changes = self.connection.total_changes


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
