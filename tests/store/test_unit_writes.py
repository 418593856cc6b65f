"""Rows that a call adds to a business unit are stored as rows; after other changes the whole unit is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store import business_unit_databases
from sfmc_mock.store.business_unit_databases import UnitDatabase, put_unit
from sfmc_mock.store.database import Database
from sfmc_mock.store.schema import Column, Schema, Table, install
from sfmc_mock.store.writes import Change, Insert

MID = 7
SEND = Insert("send", ("id", "definition_id", "definition_key", "requested_at", "status"))
STATUS = Change("send", ("status",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def enterprise(path: Path) -> Iterator[Database]:
    with closing(Database(path, durability="process")) as db, closing(Database()) as content:
        put_unit(db, MID, content.content())
        yield db


@pytest.fixture
def unit(enterprise: Database) -> Iterator[UnitDatabase]:
    with closing(UnitDatabase(enterprise, MID)) as opened:
        yield opened


def add(unit: Database, *numbers: int) -> None:
    """Add sends, as a call does."""
    with unit.atomic():
        unit.add(SEND, [(number, 1, "k", "", "Accepted") for number in numbers])


def sends(db: Database) -> list[tuple[int, str]]:
    return db.rows("SELECT id, status FROM send ORDER BY id")


def found_again(enterprise: Database) -> list[tuple[int, str]]:
    """Return the sends of the unit when it is opened from the enterprise's file."""
    with (
        closing(Database(content=enterprise.content())) as copy,
        closing(UnitDatabase(copy, MID)) as unit,
    ):
        return sends(unit)


def writes(enterprise: Database) -> int:
    return enterprise.count("unit_write")


def test_what_is_added_is_kept_as_it_is(enterprise: Database, unit: UnitDatabase) -> None:
    pieces = enterprise.rows("SELECT data FROM unit_piece")
    add(unit, 1, 2)
    with unit.atomic():
        unit.add_row(SEND, (3, 1, "k\0\u2028", "", "Accepted"), "send", (3,))
        unit.add(STATUS, [("Queued", 1)])

    assert writes(enterprise) == 2
    assert enterprise.rows("SELECT data FROM unit_piece") == pieces
    assert found_again(enterprise) == [(1, "Queued"), (2, "Accepted"), (3, "Accepted")]


def test_another_change_keeps_all_of_it(enterprise: Database, unit: UnitDatabase) -> None:
    add(unit, 1)
    with unit.atomic():
        unit.add(SEND, [(2, 1, "k", "", "Accepted")])
        unit.run("DELETE FROM send WHERE id = 1")

    assert writes(enterprise) == 0
    assert found_again(enterprise) == [(2, "Accepted")]


def test_what_is_added_to_a_changed_table_is_kept(enterprise: Database, unit: UnitDatabase) -> None:
    install(unit, Schema((Table("send", (Column("more"),)),), {}, {}))
    with unit.atomic():
        unit.add(Insert("send", (*SEND.columns, "more")), [(1, 1, "k", "", "Accepted", "x")])

    assert found_again(enterprise) == [(1, "Accepted")]


def test_a_change_of_tables_alone_is_kept(enterprise: Database, unit: UnitDatabase) -> None:
    install(unit, Schema((), {"some": "CREATE VIEW some AS SELECT 1"}, {}))
    with suppress(ValueError), enterprise.atomic():
        add(unit, 1)
        raise ValueError

    assert unit.rows("SELECT * FROM some") == [(1,)]


def test_many_additions_are_kept_whole(
    enterprise: Database, unit: UnitDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(business_unit_databases, "MOST_WRITES", 2)
    kept = []
    for number in range(1, 5):
        add(unit, number)
        kept.append(writes(enterprise))

    assert kept == [1, 2, 0, 1]
    assert [number for number, _ in found_again(enterprise)] == [1, 2, 3, 4]


def test_what_is_undone_is_not_kept(enterprise: Database, unit: UnitDatabase) -> None:
    with suppress(ValueError), unit.atomic():
        unit.add(SEND, [(1, 1, "k", "", "Accepted")])
        raise ValueError
    add(unit, 2)

    assert found_again(enterprise) == sends(unit) == [(2, "Accepted")]


def test_a_step_that_is_undone_is_not_kept(enterprise: Database, unit: UnitDatabase) -> None:
    with unit.atomic():
        step = unit.savepoint()
        with suppress(ValueError), step:
            unit.add(SEND, [(1, 1, "k", "", "Accepted")])
            raise ValueError
        with step:
            unit.add(SEND, [(2, 1, "k", "", "Accepted")])
        step.release()

    assert found_again(enterprise) == sends(unit) == [(2, "Accepted")]


def test_a_unit_follows_an_enterprise_that_undoes(enterprise: Database, unit: UnitDatabase) -> None:
    add(unit, 1)
    with suppress(ValueError), enterprise.atomic():
        add(unit, 2)
        raise ValueError
    add(unit, 3)

    assert found_again(enterprise) == sends(unit) == [(1, "Accepted"), (3, "Accepted")]


def test_additions_that_cannot_be_kept_are_taken_back(
    enterprise: Database, unit: UnitDatabase
) -> None:
    add(unit, 1)
    (pages,) = enterprise.connection.control("PRAGMA page_count").fetchone()
    enterprise.connection.control(f"PRAGMA max_page_count = {pages}")

    def add_many() -> None:
        for number in range(2, 200):
            add(unit, number)

    told: list[list[tuple[int, str]]] = []
    unit.on_other_state = lambda: told.append(sends(unit))
    with pytest.raises(StorageFailed, match="the disk is full"):
        add_many()

    enterprise.connection.control("PRAGMA max_page_count = 1000000")
    assert found_again(enterprise) == sends(unit)
    assert told == [sends(unit)]


@pytest.mark.parametrize("content", ["{", "[[7,[]]]", '[[["insert","nothing",["a"],false],[[1]]]]'])
def test_damaged_additions_are_reported(enterprise: Database, content: str) -> None:
    enterprise.insert("unit_write", {"mid": MID, "content": content})

    with pytest.raises(StorageFailed, match=r"is damaged .* Put a copy"):
        UnitDatabase(enterprise, MID)


def test_a_unit_that_cannot_be_kept_when_it_is_opened_is_closed(
    enterprise: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[sqlite3.Connection] = []
    close_unit = UnitDatabase.close

    def close(unit: UnitDatabase) -> None:
        closed.append(unit.connection)
        close_unit(unit)

    def keep(unit: UnitDatabase) -> None:
        raise StorageFailed("the disk is full")

    monkeypatch.setattr(UnitDatabase, "close", close)
    monkeypatch.setattr(UnitDatabase, "keep", keep)
    with pytest.raises(StorageFailed, match="the disk is full"):
        UnitDatabase(enterprise, MID)

    (connection,) = closed
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_unit_that_is_put_anew_has_no_additions(enterprise: Database, unit: UnitDatabase) -> None:
    add(unit, 1)
    with closing(Database()) as content:
        put_unit(enterprise, MID, content.content())

    assert found_again(enterprise) == sends(unit) == []


def test_a_unit_that_cannot_follow_is_refused_each_time(
    enterprise: Database, unit: UnitDatabase
) -> None:
    add(unit, 1)
    enterprise.run("UPDATE unit SET generation = 1")
    enterprise.insert("unit_write", {"mid": MID, "content": "{"})

    for _ in range(2):
        with pytest.raises(StorageFailed, match="is damaged"):
            sends(unit)


def test_a_unit_whose_other_state_cannot_be_read_follows_with_its_next_use(
    enterprise: Database, unit: UnitDatabase
) -> None:
    told: list[list[tuple[int, str]]] = []

    def read_anew() -> None:
        told.append(sends(unit))
        if len(told) == 1:
            raise StorageFailed("cannot be read")

    add(unit, 1)
    unit.on_other_state = read_anew
    with suppress(ValueError), enterprise.atomic():
        add(unit, 2)
        raise ValueError

    with pytest.raises(StorageFailed, match="cannot be read"):
        sends(unit)
    assert sends(unit) == [(1, "Accepted")]
    assert told == [[(1, "Accepted")]] * 2
