"""A counter is read once until something is written, and never stands still when it changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

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

    with db.joint(), db.atomic():
        values = [db.counter("n") for _ in range(3)]

    assert values == [1, 1, 1]
    assert len(read) == 1


def test_a_change_in_the_same_call_is_seen(db: Database) -> None:
    with db.joint(), db.atomic():
        before = db.counter("n")
        raise_to(db, 2)

        assert (before, db.counter("n")) == (1, 2)


def test_what_was_taken_back_is_not_kept(db: Database) -> None:
    with db.joint(), db.atomic():
        with suppress(ValueError), db.atomic():
            raise_to(db, 2)
            db.counter("n")
            raise ValueError

        assert db.counter("n") == 1


def test_nor_what_a_step_took_back(db: Database) -> None:
    with db.joint(), db.atomic():
        step = db.savepoint()
        with suppress(ValueError), step:
            raise_to(db, 2)
            db.counter("n")
            raise ValueError

        assert db.counter("n") == 1


def test_the_next_call_reads_it_again(db: Database) -> None:
    with db.joint(), db.atomic():
        db.counter("n")
    raise_to(db, 3)

    with db.joint(), db.atomic():
        assert db.counter("n") == 3


def test_a_counter_that_there_is_not_is_0(db: Database) -> None:
    assert db.counter("nobody") == 0
