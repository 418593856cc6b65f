"""Statements that add many rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

import pytest

from sfmc_mock.store.writes import Combined, Derived, Insert, Row


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as found:
        found.execute("CREATE TABLE pair (name TEXT UNIQUE, value INTEGER NOT NULL)")
        yield found


def pairs(db: sqlite3.Connection) -> list[tuple[str, int]]:
    return db.execute("SELECT name, value FROM pair ORDER BY rowid").fetchall()


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 20, 32])
def test_rows_that_go_in_together_keep_their_order(db: sqlite3.Connection, count: int) -> None:
    rows = [(f"n{number}", number) for number in range(count)]

    Insert("pair", ("name", "value"), together=True).write(db.executemany, iter(rows))

    assert pairs(db) == rows


def test_eight_rows_go_in_with_one_statement() -> None:
    ran = []

    def write_rows(sql: str, rows: Iterable[Row]) -> None:
        ran.append((sql.count("(?, ?)"), list(rows)))

    Insert("pair", ("name", "value"), together=True).write(
        write_rows, [(str(number), number) for number in range(17)]
    )

    sixteen = [value for number in range(16) for value in (str(number), number)]
    assert ran == [(8, [tuple(sixteen[:16]), tuple(sixteen[16:])]), (1, [("16", 16)])]


def test_a_statement_has_no_more_values_than_every_sqlite_takes() -> None:
    ran = []
    columns = [f"c{number}" for number in range(901)]

    Insert("wide", columns[:400], together=True).write(
        lambda sql, rows: ran.append(sql.count("?")), [[0] * 400] * 8
    )
    Insert("wide", columns, together=True).write(
        lambda sql, rows: ran.append(sql.count("?")), [[0] * 901] * 8
    )

    assert ran == [800, 901]


def test_only_the_rows_whose_key_exists_are_passed_over(db: sqlite3.Connection) -> None:
    rows = [(f"n{number % 5}", number) for number in range(16)]

    Insert("pair", ("name", "value"), or_ignore=True, together=True).write(db.executemany, rows)

    assert pairs(db) == rows[:5]


def test_rows_before_one_that_fails_stay_until_the_transaction_is_undone(
    db: sqlite3.Connection,
) -> None:
    rows = [("n", number) if number == 11 else (f"n{number}", number) for number in range(16)]
    db.execute("BEGIN")
    db.execute("INSERT INTO pair VALUES ('n', 0)")

    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE constraint failed: pair\.name"):
        Insert("pair", ("name", "value"), together=True).write(db.executemany, rows)

    assert db.in_transaction
    assert pairs(db) == [("n", 0), *rows[:11]]
    db.execute("ROLLBACK")
    assert pairs(db) == []


@pytest.mark.parametrize("count", [1, 15, 16, 40])
def test_rows_that_are_made_of_many_records_follow_them_in_their_order(
    db: sqlite3.Connection, count: int
) -> None:
    db.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, name TEXT, number INTEGER)")
    db.execute("CREATE TABLE made (id INTEGER PRIMARY KEY, kind TEXT, name TEXT, number, source)")
    fields, ran = ("name", "number"), []
    both = Combined(
        Derived.of(Insert("record", fields), fields, {}),
        Derived.of(
            Insert("made", ("kind", "name", "source", "number"), together=True),
            fields,
            {"kind": "b", "source": "x"},
            {"kind": "a", "source": "y"},
        ),
    )
    db.execute("INSERT INTO record VALUES (7, 'earlier', -1)")

    def write_rows(sql: str, rows: Iterable[Row]) -> None:
        ran.append(sql)
        db.executemany(sql, rows)

    both.write(write_rows, iter([(f"n\0{number}", count - number) for number in range(count)]))

    assert db.execute("SELECT kind, name, number, source FROM made ORDER BY id").fetchall() == [
        (kind, f"n\0{number}", count - number, source)
        for number in range(count)
        for kind, source in (("b", "x"), ("a", "y"))
    ]
    assert any("SELECT" in sql for sql in ran) == (count >= 16)
