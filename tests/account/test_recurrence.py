"""The times of recurring schedules."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

import pytest

from sfmc_mock.account.recurrence import Recurrence

THURSDAY = "2026-01-01T09:30:00"


def times(count: int, start: str = THURSDAY, **how: Any) -> list[str]:
    """The first times of a schedule."""
    schedule, found = Recurrence(start, **how), []
    moment: datetime | None = datetime.fromisoformat(start)
    for runs in range(count):
        assert moment is not None
        moment = schedule.next_after(moment, runs)
        if moment is None:
            break
        found.append(f"{moment:%m-%d %H:%M}")
        moment = moment.replace(second=30)
    return found


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, ["01-01 09:30"]),
        ({"kind": "Minutely", "interval": 20}, ["01-01 09:30", "01-01 09:50", "01-01 10:10"]),
        ({"kind": "Hourly"}, ["01-01 09:30", "01-01 10:30", "01-01 11:30"]),
        ({"kind": "Daily", "interval": 2}, ["01-01 09:30", "01-03 09:30", "01-05 09:30"]),
        (
            {"kind": "Daily", "pattern": "EveryWeekDay"},
            ["01-01 09:30", "01-02 09:30", "01-05 09:30"],
        ),
        (
            {"kind": "Weekly", "interval": 2, "days": ("Monday", "Thursday")},
            ["01-01 09:30", "01-12 09:30", "01-15 09:30"],
        ),
        ({"kind": "Weekly"}, ["01-01 09:30", "01-08 09:30", "01-15 09:30"]),
        ({"kind": "Monthly", "pattern": "ByDay", "day": 31}, ["01-31", "02-28", "03-31"]),
        (
            {"kind": "Monthly", "pattern": "ByWeek", "week": "second", "days": ("Tuesday",)},
            ["01-13", "02-10", "03-10"],
        ),
        (
            {"kind": "Monthly", "pattern": "ByWeek", "week": "last", "days": ("Friday",)},
            ["01-30", "02-27", "03-27"],
        ),
        (
            {"kind": "Yearly", "pattern": "ByDay", "day": 29, "month": "February"},
            ["02-28", "02-28", "02-29"],
        ),
        (
            {
                "kind": "Yearly",
                "pattern": "ByWeek",
                "week": "first",
                "days": ("Monday",),
                "month": "May",
            },
            ["05-04", "05-03", "05-01"],
        ),
        ({"kind": "Hourly", "occurrences": 2}, ["01-01 09:30", "01-01 10:30"]),
        ({"kind": "Daily", "end": "2026-01-02T09:30:00"}, ["01-01 09:30", "01-02 09:30"]),
        ({"kind": "Monthly", "pattern": "ByDay", "day": 1, "interval": 2}, ["01-01", "03-01"]),
    ],
)
def test_the_first_times_of_a_schedule(how: dict[str, Any], expected: list[str]) -> None:
    start = "2026-01-01T00:00:00" if len(expected[0]) == 5 else THURSDAY
    count = 3 if len(expected) != 2 or {"occurrences", "end"} & how.keys() else 2

    found = times(count, start, **how)

    assert [each[: len(expected[0])] for each in found] == expected


def test_a_schedule_that_began_long_ago_goes_on_where_it_is() -> None:
    found = Recurrence("2019-11-07T11:26:19", "Hourly").next_after(
        datetime(2021, 12, 30, 15, 53, 54)
    )

    assert found == datetime(2021, 12, 30, 16, 26, 19)


def test_too_rare_recurrences_end_in_bounded_time() -> None:
    seldom = Recurrence("2026-01-01T00:00:00", "Yearly", "ByDay", day=31, month="Smarch")

    assert seldom.next_after(datetime(2026, 1, 1)) is None


def test_a_schedule_is_kept_as_json_and_read_again() -> None:
    whole = Recurrence(THURSDAY, "Weekly", "ByDay", 2, days=("Monday",), occurrences=3)

    assert Recurrence.of(whole.plain()) == whole
    assert list(islice(whole.days, 1)) == ["Monday"]
