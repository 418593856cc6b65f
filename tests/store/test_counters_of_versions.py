"""A counter is only read again after a write, and always changes when its value did."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.database import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    found = Database(tmp_path / "a.db")
    found.put("counter", {"name": "n", "value": 1})
    yield found
    found.close()


def raise_to(db: Database, value: int) -> None:
    db.put("counter", {"name": "n", "value": value})


def test_it_is_read_once_until_something_is_written(db: Database) -> None:
    read: list[str] = []
    db.connection.set_trace_callback(lambda sql: read.append(sql) if "SELECT" in sql else None)

    with db.atomic(db.joint()):
        values = [db.counter("n") for _ in range(3)]

    assert values == [1, 1, 1]
    assert len(read) == 1


def test_a_change_in_the_same_call_is_seen(db: Database) -> None:
    with db.atomic(db.joint()):
        before = db.counter("n")
        raise_to(db, 2)

        assert (before, db.counter("n")) == (1, 2)


def test_rolled_back_counts_are_not_kept(db: Database) -> None:
    with db.atomic(db.joint()):
        with suppress(ValueError), db.atomic():
            raise_to(db, 2)
            db.counter("n")
            raise ValueError

        assert db.counter("n") == 1


def test_nor_what_a_step_took_back(db: Database) -> None:
    with db.atomic(db.joint()):
        step = db.savepoint()
        with suppress(ValueError), step:
            raise_to(db, 2)
            db.counter("n")
            raise ValueError

        assert db.counter("n") == 1


def test_the_next_call_does_not_read_it_again(db: Database) -> None:
    read: list[str] = []
    with db.reading(db.joint()):
        db.counter("n")
        db.look_up_value("SELECT min(due_at) FROM due", ("due",))
    db.connection.set_trace_callback(lambda sql: read.append(sql) if "SELECT" in sql else None)

    with db.reading(db.joint()):
        assert (db.counter("n"), db.look_up_value("SELECT min(due_at) FROM due", ("due",))) == (
            1,
            None,
        )

    assert not read


def test_but_what_another_content_has(db: Database) -> None:
    content = db.content()
    raise_to(db, 2)
    with db.reading(db.joint()):
        assert db.counter("n") == 2

    db.replace_content(content)

    with db.reading(db.joint()):
        assert db.counter("n") == 1


def test_counts_of_a_refused_read_are_not_kept(db: Database) -> None:
    with suppress(ValueError), db.reading(db.joint()):
        raise_to(db, 2)
        db.counter("n")
        raise ValueError

    with db.reading(db.joint()):
        assert db.counter("n") == 1


def test_counts_that_sqlite_rolled_back_are_not_kept(db: Database) -> None:
    with suppress(StorageFailed, sqlite3.Error), db.atomic(db.joint()):
        raise_to(db, 2)
        db.counter("n")
        # As when the disk is full.
        db.connection.execute("ROLLBACK")

    with db.reading(db.joint()):
        assert db.counter("n") == 1


def test_the_next_call_reads_a_changed_one_again(db: Database) -> None:
    with db.atomic(db.joint()):
        db.counter("n")
    raise_to(db, 3)

    with db.atomic(db.joint()):
        assert db.counter("n") == 3


def test_a_counter_that_there_is_not_is_0(db: Database) -> None:
    assert db.counter("nobody") == 0
