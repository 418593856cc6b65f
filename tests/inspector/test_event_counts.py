"""Events are counted in steps, and many different times are rounded to longer spans."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.support.browsing import Browsing

from sfmc_mock.clock import stored
from sfmc_mock.inspector import event_counts
from sfmc_mock.inspector.event_counts import EventCounts
from sfmc_mock.store.event_log import PLAIN_COLUMNS, EventRow, add_events

FIRST = datetime(2026, 1, 1)


def add(browsing: Browsing, count: int, step: timedelta) -> None:
    account = next(iter(browsing.app.accounts))
    rows: list[EventRow] = []
    for number in range(count):
        at = FIRST + step * number
        values = ("Open", 1, 1, number, 1, "ada", stored(at), stored(at + timedelta(hours=1)), "x")
        assert len(values) == len(PLAIN_COLUMNS)
        rows.append((values, {}))
    with account.db.atomic():
        add_events(account.db, rows)


def test_many_times_are_kept_more_coarsely(browsing: Browsing) -> None:
    add(browsing, 6_000, timedelta(minutes=1))
    counted = EventCounts()
    counted.update(next(iter(browsing.app.accounts)).db)

    points = counted.points(counted.happened)
    assert len(points) == 600
    assert sum(number for _, _, number in points) == 6_000
    assert min(moment for moment, _, _ in points) == FIRST
    shown = counted.points(counted.shown)
    assert min(moment for moment, _, _ in shown) == FIRST + timedelta(hours=1)


def test_events_are_counted_in_steps(browsing: Browsing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_counts, "_MOST_AT_ONCE", 400)
    add(browsing, 1_000, timedelta(minutes=1))
    db = next(iter(browsing.app.accounts)).db
    counted = EventCounts()
    done = []
    for _ in range(4):
        counted.update(db)
        done.append((sum(counted.happened.values()), counted.is_complete))
    assert done == [(400, False), (800, False), (1_000, True), (1_000, True)]
    assert "Still counting" in browsing.see("/").words
