"""The least and greatest value of a column in each block of rows, so that a page of a range can skip blocks.

It serves tables whose rows are added at the end, and never changed or removed. Only committed rows and full blocks
count, because neither changes any more. A change of the file by another program is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sfmc_mock.store.connection import quoted

BLOCK = 1_024
"""Number of rows in a block; reading so many takes less than a tenth of a millisecond."""

GROUP = 32
"""Number of blocks whose common extent is kept as well."""

GREATEST = chr(0x10FFFF)
"""A text that sorts after every date."""


class Kind(NamedTuple):
    """Rows of a table that have one of `values` in the column `within`, with the values of `column` as their extent."""

    table: str
    column: str
    within: str
    values: tuple[str | int | float, ...]


class Rows(Protocol):
    """The part of a database that extents need."""

    def rows(self, sql: str, bound: Sequence[object] = ..., /) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        ...

    def sees_only_committed(self) -> bool:
        """Say whether everything that a query reads now is committed."""
        ...


class _Extent(NamedTuple):
    least: str
    greatest: str


_EMPTY = _Extent(GREATEST, "")


class BlockExtents:
    """The extents of one kind of rows. The caller of each method holds the lock of the database."""

    def __init__(self, db: Rows, kind: Kind) -> None:
        """Begin without any extent; no row is read yet."""
        self._db = db
        self._kind = kind
        table, column, within = (quoted(name) for name in kind[:3])
        self._newest = f"SELECT max(rowid) FROM {table}"  # noqa: S608 - names are quoted
        marks = ", ".join("?" * len(kind.values))
        # The plus keeps SQLite from another order than that of the rows.
        self._extent = (
            f"SELECT min({column}), max({column}) FROM {table} "  # noqa: S608
            f"WHERE rowid BETWEEN ? AND ? AND +{within} IN ({marks})"
        )
        self._version: object = None
        self._blocks: list[_Extent] = []
        self._groups: list[_Extent] = []

    def forget(self) -> None:
        """Discard the extents, so that all rows are read anew."""
        self._blocks.clear()
        self._groups.clear()

    def pass_over(self, after: int, least: str, greatest: str) -> int:
        """Return a row: none of the rows after `after` up to it has a value from `least` to `greatest`."""
        self._check()
        start = block = (after + 1) // BLOCK
        while True:
            if block >= len(self._blocks):
                if not self._look_further():
                    break
            elif block % GROUP == 0 and self._is_outside(
                self._groups, block // GROUP, least, greatest
            ):
                block += GROUP
            elif self._is_outside(self._blocks, block, least, greatest):
                block += 1
            else:
                break
        return after if block == start else block * BLOCK - 1

    @staticmethod
    def _is_outside(extents: list[_Extent], place: int, least: str, greatest: str) -> bool:
        if place >= len(extents):
            return False
        extent = extents[place]
        return extent.greatest < least or extent.least > greatest

    def _check(self) -> None:
        version = self._db.rows("PRAGMA data_version")[0][0]
        if version != self._version:
            self._version = version
            self.forget()

    def _look_further(self) -> bool:
        """Read the next full blocks, some at a time; return whether there was one."""
        known = len(self._blocks)
        if not self._db.sees_only_committed():
            return False
        full = ((self._db.rows(self._newest)[0][0] or 0) + 1) // BLOCK
        for block in range(known, min(full, known - known % GROUP + GROUP)):
            first = block * BLOCK
            least, greatest = self._db.rows(
                self._extent, (first, first + BLOCK - 1, *self._kind.values)
            )[0]
            self._blocks.append(_EMPTY if least is None else _Extent(least, greatest))
        if len(self._blocks) > known and len(self._blocks) % GROUP == 0:
            group = self._blocks[-GROUP:]
            self._groups.append(
                _Extent(min(each.least for each in group), max(each.greatest for each in group))
            )
        return len(self._blocks) > known
