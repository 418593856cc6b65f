"""Pages of a date range: every strategy returns the same rows, at a cost independent of the table's size."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from tests.support.page_sql import page_sql

from sfmc_mock.account import Account
from sfmc_mock.store import block_extents, pages
from sfmc_mock.store.conditions import Condition, all_of, any_of, comparison
from sfmc_mock.store.event_log import VIEW, EventRow, add_events
from sfmc_mock.store.page_queries import RangeIndex, Selection, Strategy
from sfmc_mock.store.pages import PagePlan, page_rows

KINDS = ("Sent", "Open", "HardBounce", "SoftBounce", "OtherBounce")
EVENTS = 400
DATES = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]


def selection(kinds: tuple[str, ...], *asked: Condition) -> Selection:
    within = comparison("type", "IN", kinds)
    walks = ("EventType", "SendID", "SubscriberKey")
    index = RangeIndex("EventDate", within, walks, table="event", stored="happens_at")
    condition = all_of((within, *asked))
    return Selection(VIEW, ("EventType", "SendID", "EventDate"), condition, range_index=index)


def fill(account: Account, seed: int) -> None:
    """Add events whose dates are mostly not in the order of their numbers."""
    rng = random.Random(seed)
    events: list[EventRow] = []
    for number in range(EVENTS):
        date = DATES[min(len(DATES) - 1, max(0, number // 2 + rng.randrange(-60, 60)))]
        key = f"subscriber-{rng.randrange(20)}"
        events.append(((rng.choice(KINDS), rng.randrange(3), 1, 1, 1, key, date, date, ""), {}))
    add_events(account.db, events)


CONDITIONS = {
    "since": (comparison("EventDate", "greaterThan", (DATES[150],)),),
    "lately": (comparison("EventDate", "greaterThanOrEqual", (DATES[255],)),),
    "before": (comparison("EventDate", "lessThan", (DATES[150],)),),
    "at first": (comparison("EventDate", "lessThanOrEqual", (DATES[1],)),),
    "between": (comparison("EventDate", "between", (DATES[100], DATES[104])),),
    "from and to": (
        comparison("EventDate", "greaterThan", (DATES[50],)),
        comparison("EventDate", "lessThan", (DATES[200],)),
    ),
    "none": (comparison("EventDate", "greaterThan", ("2027",)),),
    "on days": (comparison("EventDate", "IN", tuple(DATES[90:160:7])),),
    "not on a day": (comparison("EventDate", "notEquals", (DATES[90],)),),
    "like": (comparison("EventDate", "like", ("-03-",)),),
    "of a job": (
        comparison("EventDate", "greaterThan", (DATES[100],)),
        comparison("SendID", "equals", ("1",)),
    ),
    "of a subscriber": (
        comparison("EventDate", "lessThan", (DATES[100],)),
        comparison("SubscriberKey", "equals", ("SUBSCRIBER-3",)),
    ),
    "of many conditions": (
        comparison("EventDate", "greaterThan", (DATES[100],)),
        *(comparison("SendID", "IN", (1, 2, *range(10, 70))) for _ in range(300)),
        *(comparison("SubscriberKey", "equals", ("subscriber-3",)) for _ in range(1_100)),
    ),
    "on many days": (comparison("EventDate", "IN", DATES * 4),),
    "of one or another": (
        comparison("EventDate", "greaterThan", (DATES[100],)),
        any_of((comparison("SendID", "equals", (1,)), comparison("SendID", "equals", (2,)))),
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("kinds", [KINDS[:1], KINDS[2:], KINDS])
def test_pages_of_a_range_have_the_rows_of_its_condition(
    account: Account, monkeypatch: pytest.MonkeyPatch, name: str, kinds: tuple[str, ...]
) -> None:
    monkeypatch.setattr(block_extents, "BLOCK", 8)
    monkeypatch.setattr(block_extents, "GROUP", 3)
    fill(account, seed=len(name))
    asked = selection(kinds, *CONDITIONS[name])
    expected = account.db.rows(*page_sql(asked, 0, EVENTS))

    for few, limit in ((1, 1), (1, 7), (2, 30), (50, 30), (EVENTS, 30)):
        monkeypatch.setattr(pages, "_FEW_ROWS", few)
        rows: pages.Rows = []
        while page := page_rows(account.db, asked, int(str(rows[-1][-1])) if rows else 0, limit):
            assert len(page) == limit or len(rows) + len(page) == len(expected)
            rows += page
        assert rows == expected


@pytest.mark.parametrize(("strategy", "is_by_date"), [("range", True), ("order", False)])
def test_a_road_leaves_sqlite_no_choice_of_the_index(
    account: Account, strategy: Strategy, is_by_date: bool
) -> None:
    sql, bound = page_sql(
        selection(KINDS[:1], *CONDITIONS["of a job"]), 0, 9, strategy=strategy, until=99
    )

    plan = " ".join(str(row[3]) for row in account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound))

    assert ("happens_at>?" in plan) == is_by_date
    assert ("rowid>?" in plan) != is_by_date


def test_rows_are_in_order_on_both_roads(account: Account) -> None:
    fill(account, seed=1)

    strategies: tuple[Strategy, ...] = ("order", "range")
    for strategy in strategies:
        rows = account.db.rows(
            *page_sql(selection(KINDS, *CONDITIONS["since"]), 0, 50, strategy=strategy)
        )
        assert len(rows) == 50
        assert all(one[-1] < next_[-1] for one, next_ in pairwise(rows))


def test_what_few_rows_cost_does_not_follow_from_how_many_a_page_may_hold(
    account: Account,
) -> None:
    fill(account, seed=1)
    asked = selection(KINDS, *CONDITIONS["at first"])

    def steps(limit: int) -> int:
        count = 0

        def counted() -> int:
            nonlocal count
            count += 1
            return 0

        account.db.connection.set_progress_handler(counted, 1)
        try:
            assert page_rows(account.db, asked, 0, limit)
        finally:
            account.db.connection.set_progress_handler(None, 0)
        return count

    assert steps(EVENTS) < 1.1 * steps(100)


def test_the_rows_before_those_of_a_range_are_not_read_one_by_one(account: Account) -> None:
    dates = ("2026-01-01", "2026-02-01")
    event = ("Sent", 1, 1, 1, 1, "key")
    events: list[EventRow] = [
        ((*event, date, date, ""), {}) for date in dates for _ in range(40_000)
    ]
    add_events(account.db, events)
    asked = selection(KINDS[:1], comparison("EventDate", "greaterThan", ("2026-01-15",)))
    assert [row[-1] for row in page_rows(account.db, asked, 0, 30)] == list(range(40_001, 40_031))
    steps = 0

    def counted() -> int:
        nonlocal steps
        steps += 1
        return 0

    account.db.connection.set_progress_handler(counted, 100)
    page_rows(account.db, asked, 0, 30)
    account.db.connection.set_progress_handler(None, 0)

    assert steps < 400


def fill_densely(account: Account, seed: int) -> None:
    """Add sections of events of which nearly all, about half, few or none are sent, and remove some."""
    rng = random.Random(seed)
    events: list[EventRow] = []
    for _ in range(12):
        share = rng.choice((0.0, 0.1, 0.5, 0.95, 1.0, 1.0))
        for _ in range(rng.randrange(10, 60)):
            kind = "Sent" if rng.random() < share else "Open"
            row = (kind, 1, 1, 1, 1, f"key-{len(events)}", DATES[0], DATES[0], "")
            events.append((row, {}))
    add_events(account.db, events)
    account.db.run("DELETE FROM event WHERE id % 17 = 3")


@pytest.mark.parametrize("seed", range(6))
def test_rows_that_stand_close_are_those_of_the_condition(
    account: Account, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    fill_densely(account, seed)
    condition = all_of(
        (comparison("EventType", "equals", ("Sent",)), comparison("SendID", "equals", (1,)))
    )
    asked = Selection(VIEW, ("SubscriberKey",), condition, is_table=True)
    plan, values = PagePlan(asked), condition.values
    expected = [row[0] for row in account.db.rows(*page_sql(asked, 0, 1_000))]
    issued: list[str] = []
    account.db.connection.set_trace_callback(issued.append)

    for few, many, block, room in ((1, 1, 7, 40), (5, 10, 3, 50), (2, 2, 500, 1_000), (9, 5, 9, 9)):
        monkeypatch.setattr(pages, "_FEW_ROWS", few)
        monkeypatch.setattr(pages, "_MANY_ROWS", many)
        monkeypatch.setattr(pages, "_BLOCK", block)
        found: list[str] = []
        after: int | str = 0
        with account.db.lock:
            while True:
                page = plan.page(account.db, values, after, room)
                keys = [row[0] for rows in page.blocks for row in rows]
                found += keys
                if not page.more:
                    break
                assert len(keys) == room
                after = page.after
        assert found == expected

    assert any("<=" in sql and '"SubscriberKey", "rowkey"' not in sql for sql in issued)


def test_rows_as_they_stand_are_found_without_an_index(account: Account) -> None:
    asked = replace(selection(KINDS[:1], *CONDITIONS["of a job"]), is_table=True)
    sql, bound = page_sql(asked, 0, 9, strategy="scan", until=99)

    plan = " ".join(str(row[3]) for row in account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound))

    assert "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plan


def test_few_rows_among_many_are_left_to_the_index(account: Account) -> None:
    kinds = ["Sent" if number % 20 == 0 else "Open" for number in range(12_000)]
    add_events(account.db, [((kind, 1, 1, 1, 1, "key", "2026", "2026", ""), {}) for kind in kinds])
    condition = comparison("EventType", "equals", ("Sent",))
    asked = Selection(VIEW, ("SubscriberKey",), condition, is_table=True)
    issued: list[str] = []
    account.db.connection.set_trace_callback(issued.append)

    with account.db.lock:
        page = PagePlan(asked).page(account.db, ("Sent",), 0, 2_500)
        assert sum(map(len, page.blocks)) == 600

    assert len(issued) == 1
