"""A page of a range skips no matching row, whatever was done to the table before."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.support.page_sql import page_sql

from sfmc_mock.store import block_extents, event_log
from sfmc_mock.store.conditions import Condition, all_of, comparison
from sfmc_mock.store.database import Database
from sfmc_mock.store.event_log import VIEW, EventRow, add_events
from sfmc_mock.store.page_queries import RangeIndex, Selection
from sfmc_mock.store.pages import page_rows
from sfmc_mock.store.schema import install

KINDS = ("Sent", "Open")


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(block_extents, "BLOCK", 5)
    monkeypatch.setattr(block_extents, "GROUP", 3)
    found = Database(tmp_path / "a.db")
    install(found, event_log.schema())
    yield found
    found.close()


def event(kind: str, day: int) -> EventRow:
    date = f"2026-{day:04}"
    return (kind, 1, 1, 1, 1, "key", date, date, ""), {}


def within(kind: str, *asked: Condition) -> Selection:
    is_of_kind = comparison("type", "IN", (kind,))
    index = RangeIndex("EventDate", is_of_kind, ("EventType",), table="event", stored="happens_at")
    return Selection(VIEW, ("EventDate",), all_of((is_of_kind, *asked)), range_index=index)


def ranges(rng: random.Random) -> list[Condition]:
    low, high = (f"2026-{rng.randrange(0, 1_200):04}" for _ in range(2))
    return [
        comparison("EventDate", "greaterThan", (low,)),
        comparison("EventDate", "lessThanOrEqual", (low,)),
        comparison("EventDate", "between", (low, high)),
        comparison("EventDate", "IN", (low, high)),
    ]


class _Undo(Exception):
    pass


def grow(db: Database, rng: random.Random) -> None:
    """Make a change of the account that adds events, roughly in the order of their dates, or removes some."""
    newest = db.rows("SELECT count(*) FROM event")[0][0]
    spread = rng.choice((0, 3, 900))
    events = [
        event(rng.choice(KINDS), max(0, newest + number + rng.randint(-spread, spread)))
        for number in range(rng.randrange(25))
    ]
    how = rng.randrange(5)
    if how == 0:
        with suppress(_Undo), db.atomic():
            add_events(db, events)
            check(db, rng)
            raise _Undo
    elif how == 1:
        content = db.content()
        add_events(db, events)
        check(db, rng)
        db.replace_content(content)
    elif how == 2:
        with closing(sqlite3.connect(db.path)) as other, other:
            other.execute("UPDATE event SET happens_at = '2026-1199' WHERE id % 7 = 0")
    elif how == 3:
        with suppress(_Undo), db.reading(db.joint()):
            db.rows("SELECT 1")
            with db.atomic():
                add_events(db, events)
            check(db, rng)
            raise _Undo
    else:
        add_events(db, events)


def check(db: Database, rng: random.Random) -> None:
    kind = rng.choice(KINDS)
    for asked in ranges(rng):
        selection = within(kind, asked)
        expected = db.rows(*page_sql(selection, 0, 10_000))
        assert page_rows(db, selection, 0, 10_000) == expected
        if expected:
            after = rng.choice(expected)[-1]
            found = page_rows(db, selection, after, 7)
            assert found == [row for row in expected if row[-1] > after][:7]


@pytest.mark.parametrize("seed", range(4))
def test_every_row_of_a_range_is_found_after_any_change(db: Database, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        grow(db, rng)
        with db.reading(db.joint()):
            check(db, rng)


def test_only_what_is_committed_is_taken_in(db: Database) -> None:
    add_events(db, [event("Sent", 1)] * 4)
    extents = db.extents(block_extents.Kind("event", "happens_at", "type", ("Sent",)))
    with suppress(_Undo), db.atomic():
        add_events(db, [event("Sent", 1)] * 20)
        assert extents.pass_over(0, "2026-0002", "2026-0003") == 0
        raise _Undo
    add_events(db, [event("Sent", 2)] * 20)

    assert extents.pass_over(0, "2026-0002", "2026-0003") == 4
    assert extents.pass_over(0, "2026-0003", "2026-0004") == 24


def test_rows_of_other_kinds_are_passed_over_with_their_blocks(db: Database) -> None:
    add_events(db, [event("Open", 9)] * 12 + [event("Sent", 1)] * 12)
    extents = db.extents(block_extents.Kind("event", "happens_at", "type", ("Sent",)))

    assert extents.pass_over(0, "2026-0001", "2026-0009") == 9
    assert extents.pass_over(0, "2026-0002", "2026-0009") == 24
