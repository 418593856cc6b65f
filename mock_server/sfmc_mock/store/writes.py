"""Statements that add and change many rows of a table, and groups of statements that share the values of their rows.

Each can be written as JSON values, from which `read_write` makes it again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from json import JSONEncoder
from operator import itemgetter
from typing import Any

from sfmc_mock.store.connection import quoted

Row = Sequence[object]
WriteRows = Callable[[str, Iterable[Row]], object]
"""Runs a statement for each of some rows."""

_TOGETHER = 8
"""The number of rows that a statement adds at once: more would gain little."""

_WORTH_A_COPY = 16
"""From so many rows on, further rows that are made of them are copied within SQLite."""

_MOST_VALUES = 900
"""The greatest number of values of a statement: every SQLite takes so many."""


class Insert:
    """A statement that adds rows of some columns; `or_ignore` skips rows whose key exists.

    With `together`, one statement adds several rows, which takes about a quarter less time. It is for tables without a
    foreign key: with one, SQLite would keep data to undo such a statement, and take longer.
    """

    kind = "insert"

    def __init__(
        self,
        table: str,
        columns: Iterable[str],
        *,
        or_ignore: bool = False,
        together: bool = False,
    ) -> None:
        self.table = table
        self.columns = tuple(columns)
        self.or_ignore = or_ignore
        names, marks = ", ".join(map(quoted, self.columns)), ", ".join("?" * len(self.columns))
        into, values = f"INTO {quoted(table)} ({names})", f"VALUES ({marks})"
        self.sql = f"{'INSERT OR IGNORE' if or_ignore else 'INSERT'} {into} {values}"
        self._count = max(min(_TOGETHER, _MOST_VALUES // len(self.columns)), 1) if together else 1
        # As where each row has its statement, those before one that fails stay: the transaction undoes them.
        self.beginning = f"INSERT OR {'IGNORE' if or_ignore else 'FAIL'} {into}"
        """The beginning of a statement that adds several rows."""
        self._several = f"{self.beginning} {values}" + f", ({marks})" * (self._count - 1)

    def plain(self) -> list[object]:
        """Return the statement as values of JSON, for `read_write`."""
        return [self.kind, self.table, self.columns, self.or_ignore]

    def spread(self, rows: Iterable[Row]) -> Iterator[tuple[Insert, Iterable[Row]]]:
        """Yield each statement with its rows."""
        yield self, rows

    def write(self, write_rows: WriteRows, rows: Iterable[Row]) -> None:
        """Add rows, in their order."""
        count, rows = self._count, list(rows)
        whole = len(rows) // count * count if count > 1 else 0
        if whole:
            groups = (rows[place : place + count] for place in range(0, whole, count))
            write_rows(self._several, map(tuple, map(chain.from_iterable, groups)))
        if whole < len(rows):
            write_rows(self.sql, rows[whole:] if whole else rows)


class Change:
    """A statement that changes columns of rows; the last value of each is the row's `id`."""

    kind = "change"

    def __init__(self, table: str, columns: Iterable[str]) -> None:
        self.table = table
        self.columns = tuple(columns)
        sets = ", ".join(f"{quoted(name)} = ?" for name in self.columns)
        self.sql = f"UPDATE {quoted(table)} SET {sets} WHERE id = ?"  # noqa: S608 - names are quoted

    def plain(self) -> list[object]:
        """Return the statement as values of JSON, for `read_write`."""
        return [self.kind, self.table, self.columns, False]

    def spread(self, rows: Iterable[Row]) -> Iterator[tuple[Change, Iterable[Row]]]:
        """Yield each statement with its rows."""
        yield self, rows

    def write(self, write_rows: WriteRows, rows: Iterable[Row]) -> None:
        """Change rows, in their order."""
        write_rows(self.sql, rows)


class Derived:
    """The rows of a statement, made of records that several statements share.

    A record makes one row for each of `picks`, which lists the values of the record that the row takes; constants stand
    behind the record's values.
    """

    def __init__(
        self, insert: Insert, picks: Sequence[Sequence[int]], constants: Sequence[object]
    ) -> None:
        self.insert = insert
        self.picks = tuple(map(tuple, picks))
        self.constants = tuple(constants)
        self._take = [_taking(pick) for pick in self.picks]
        self.is_whole = self.picks == (tuple(range(len(insert.columns))),) and not constants

    @classmethod
    def of(
        cls,
        insert: Insert,
        fields: Sequence[str],
        *rows: Mapping[str, object],
        called: Mapping[str, str] | None = None,
    ) -> Derived:
        """Return the `Derived` for records with certain fields.

        Each of `rows` gives the constants of one row that a record makes, by their columns. Every other column takes
        the field of its name, or what it is `called`.
        """
        constants: list[object] = []
        picks = []
        for given in rows:
            pick = []
            for column in insert.columns:
                if column in given:
                    pick.append(len(fields) + len(constants))
                    constants.append(given[column])
                else:
                    pick.append(fields.index((called or {}).get(column, column)))
            picks.append(pick)
        return cls(insert, picks, constants)

    def rows(self, records: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows of some records, in their order."""
        if self.is_whole:
            yield from records
            return
        constants, takes = self.constants, self._take
        for record in records:
            values = (*record, *constants)
            for take in takes:
                yield take(values)


def _taking(pick: tuple[int, ...]) -> Callable[[Row], Row]:
    """Return a function that takes the values at some places, as a row."""
    if len(pick) == 1:
        return lambda values: (values[pick[0]],)
    return itemgetter(*pick)


class Combined:
    """Statements whose rows are made of the same records."""

    kind = "combined"

    def __init__(self, *parts: Derived) -> None:
        self.parts = parts
        self._copies = [None, *(_copy(parts[0], part) for part in parts[1:])]

    def plain(self) -> list[object]:
        """Return the statements as values of JSON, for `read_write`."""
        parts = [(part.insert.plain(), part.picks, part.constants) for part in self.parts]
        return [self.kind, parts]

    def spread(self, rows: Iterable[Row]) -> Iterator[tuple[Insert, Iterable[Row]]]:
        """Yield each statement with its rows."""
        for part in self.parts:
            yield part.insert, part.rows(rows)

    def write(self, write_rows: WriteRows, rows: Iterable[Row]) -> None:
        """Add the rows of all statements, in their order."""
        rows = list(rows)
        for part, copy in zip(self.parts, self._copies, strict=True):
            if copy is not None and len(rows) >= _WORTH_A_COPY:
                sql, bound = copy
                write_rows(sql, [(*bound, len(rows))])
            else:
                part.insert.write(write_rows, part.rows(rows))


def _copy(first: Derived, part: Derived) -> tuple[str, Row] | None:
    """Return a statement that makes the rows of a part from the last rows of the first part's table, and its values.

    The number of these rows is to follow. None where the table does not keep the records as they are.
    """
    if not first.is_whole or first.insert.or_ignore:
        return None
    fields = first.insert.columns
    taken, constant = [], []
    for place in range(len(part.insert.columns)):
        sources = {pick[place] for pick in part.picks}
        if min(sources) >= len(fields):
            constant.append(place)
            taken.append(f"c.column{len(constant)}")
        elif len(sources) == 1:
            taken.append(f"r.{quoted(fields[min(sources)])}")
        else:
            return None
    marks = f"({', '.join('?' * len(constant))})"
    table = quoted(first.insert.table)
    sql = (
        f"{part.insert.beginning} SELECT {', '.join(taken)} FROM {table} r "  # noqa: S608 - names are quoted
        f"CROSS JOIN (VALUES {', '.join([marks] * len(part.picks))}) c "
        f"WHERE r.id > (SELECT max(id) FROM {table}) - ? ORDER BY r.id"
    )
    bound = [part.constants[pick[place] - len(fields)] for pick in part.picks for place in constant]
    return sql, bound


Write = Insert | Change | Combined

as_json = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
"""Writes statements, as `plain` returns them, and their rows as text."""

DOES_NOT_FIT = (
    sqlite3.Error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)
"""The errors of reading and writing such a text when it or the file is damaged, and the errors of the disk."""


def read_write(plain: Sequence[Any]) -> Write:
    """Return the statement that `plain` wrote. Raises `ValueError`, `TypeError` or `LookupError` for other values."""
    kind, *more = plain
    if kind == Combined.kind:
        (parts,) = more
        return Combined(*(Derived(_insert(insert), picks, given) for insert, picks, given in parts))
    if kind == Insert.kind:
        return _insert(plain)
    table, columns, _ = more
    return Change(table, columns)


def _insert(plain: Sequence[Any]) -> Insert:
    _, table, columns, or_ignore = plain
    return Insert(table, columns, or_ignore=or_ignore)
