"""Steps of a transaction: each is stored completely or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sfmc_mock.store.database import Database


@pytest.fixture
def db() -> Iterator[Database]:
    found = Database()
    yield found
    found.close()


def test_a_step_that_raises_leaves_nothing_and_the_others_alone(db: Database) -> None:
    with db.atomic():
        step = db.savepoint()
        for number in range(6):
            try:
                with step:
                    db.put("setting", {"name": f"step {number}", "value": "1"})
                    if number % 3:
                        raise ValueError(number)
            except ValueError:
                pass
        step.release()

    assert [row["name"] for row in db.find_all("setting")] == ["step 0", "step 3"]


def test_a_first_step_that_raises_leaves_what_was_before_it(db: Database) -> None:
    with db.atomic():
        db.put("setting", {"name": "before", "value": "1"})
        step = db.savepoint()
        with suppress(ValueError), step:
            db.put("setting", {"name": "refused", "value": "1"})
            raise ValueError
        with step:
            db.put("setting", {"name": "after", "value": "1"})

    assert [row["name"] for row in db.find_all("setting")] == ["before", "after"]


def test_a_step_within_a_step_that_changed_nothing_yet_leaves_it_open(db: Database) -> None:
    with db.atomic(), db.atomic():
        step = db.savepoint()
        with suppress(ValueError), step:
            db.put("setting", {"name": "refused", "value": "1"})
            raise ValueError
        db.put("setting", {"name": "after", "value": "1"})

    assert [row["name"] for row in db.find_all("setting")] == ["after"]


def test_the_only_step_of_a_transaction_copies_no_pages(db: Database) -> None:
    ran: list[str] = []
    db.connection.set_trace_callback(ran.append)
    with db.atomic():
        step = db.savepoint()
        with step:
            db.put("setting", {"name": "alone", "value": "1"})
        step.release()
    db.connection.set_trace_callback(None)

    assert ran[0] == "BEGIN IMMEDIATE"
    assert not [sql for sql in ran if "SAVEPOINT" in sql]


def test_a_transaction_that_sqlite_ended_hides_no_cause(db: Database) -> None:
    step = db.savepoint()

    def ended() -> None:
        with db.atomic(), step:
            db.run("ROLLBACK")
            raise ValueError("the cause")

    with pytest.raises(ValueError, match="the cause"):
        ended()

    with db.atomic(), step:
        db.put("setting", {"name": "after", "value": "1"})
    assert db.find("setting", name="after") is not None


@pytest.mark.parametrize("is_step", [False, True])
def test_what_was_read_is_forgotten_even_if_a_rollback_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_step: bool
) -> None:
    def control(sql: str) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    def count_and_fail() -> None:
        with found.atomic():
            assert found.next_number("c") == 1
            assert found.counter("c") == 1
            monkeypatch.setattr(found.connection, "control", control)
            raise ValueError("the cause")

    with closing(Database(tmp_path / "a.db")) as found:
        if is_step:
            found.connection.control("BEGIN")
        with pytest.raises(sqlite3.OperationalError), found.lock:
            count_and_fail()
        monkeypatch.undo()

        found.connection.control("ROLLBACK")
        with found.atomic():
            assert found.counter("c") == 0
