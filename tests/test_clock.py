"""The account's time: rounding, formats, and a clock that only goes forward."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sfmc_mock import clock as clock_module
from sfmc_mock.clock import Clock, parse_time, rounded, server_time, stored, utc_text
from sfmc_mock.errors import SetupError

NOON = datetime(2026, 1, 1, 12)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The machine's time, set by the test: seconds since 1970."""
    time = [1_000_000.0]
    monkeypatch.setattr(clock_module, "system_time", lambda: time[0])
    return time


# Formats of times.


@pytest.mark.parametrize(
    ("milliseconds", "kept"),
    [(0, 0), (1, 0), (2, 3), (3, 3), (4, 3), (5, 7), (8, 7), (9, 10), (998, 997), (999, 1000)],
)
def test_milliseconds_end_in_0_3_or_7(milliseconds: int, kept: int) -> None:
    moment = NOON + timedelta(milliseconds=milliseconds)

    assert rounded(moment) == NOON + timedelta(milliseconds=kept)


def test_server_time_is_six_hours_behind_utc_all_year() -> None:
    winter, summer = datetime(2026, 1, 1), datetime(2026, 7, 1)

    seconds = [(each - datetime(1970, 1, 1)).total_seconds() for each in (winter, summer)]

    assert [server_time(each) for each in seconds] == [
        winter - timedelta(hours=6),
        summer - timedelta(hours=6),
    ]


def test_utc_text_adds_what_server_time_lacks() -> None:
    assert utc_text(NOON.replace(microsecond=997_000)) == "2026-01-01T18:00:00Z"


def test_stored_times_compare_like_times() -> None:
    moments = [NOON, NOON + timedelta(milliseconds=3), NOON + timedelta(hours=-1)]

    assert sorted(map(stored, moments)) == list(map(stored, sorted(moments)))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-01T12:00:00", NOON),
        (" 2026-01-01T12:00:00 ", NOON),
        ("2026-01-01T12:00", NOON),
        ("2026-01-01", NOON.replace(hour=0)),
        ("2026-01-01T18:00:00Z", NOON),
        ("2026-01-01T12:00:00-06:00", NOON),
        ("2026-01-01T13:00:00-05:00", NOON),
        ("2026-01-02T02:00:00+08:00", NOON),
        ("2026-01-01T12:00:00.997", NOON.replace(microsecond=997_000)),
    ],
)
def test_a_time_without_a_zone_is_server_time(text: str, meant: datetime) -> None:
    assert parse_time(text) == meant


@pytest.mark.parametrize(
    "text", ["", "noon", "2026-13-01", "2026-01-01T12:00:00+0800", "9999-12-31T23:59:59-12:00"]
)
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"not a valid time|outside the years|Invalid isoformat|month must be|not written like",
    ):
        parse_time(text)


# The clock.


def test_a_running_clock_keeps_pace_with_the_machine(machine: list[float]) -> None:
    clock = Clock(True, NOON, machine[0])

    machine[0] += 90.5

    assert clock.now() == NOON + timedelta(seconds=90.5)


def test_a_frozen_clock_stands_still(machine: list[float]) -> None:
    clock = Clock(running=False, shown=NOON, at=0)

    machine[0] += 90

    assert clock.now() == NOON


def test_freezing_and_running_on_loses_the_time_between(machine: list[float]) -> None:
    clock = Clock(True, NOON, machine[0])
    machine[0] += 10
    clock.freeze()
    machine[0] += 1_000
    clock.run()

    machine[0] += 5

    assert clock.now() == NOON + timedelta(seconds=15)


@pytest.mark.parametrize("running", [True, False])
def test_advancing_keeps_a_clock_running_or_standing(machine: list[float], running: bool) -> None:
    clock = Clock(running, NOON, machine[0])
    machine[0] += 10

    clock.advance(timedelta(hours=2))

    passed = 10 if running else 0
    assert clock.now() == NOON + timedelta(hours=2, seconds=passed)
    assert clock.running is running


def test_small_steps_add_up() -> None:
    clock = Clock(running=False, shown=NOON, at=0)

    for _ in range(10):
        clock.advance(timedelta(milliseconds=1))

    assert clock.now() == NOON + timedelta(milliseconds=10)


def test_setting_a_clock_goes_to_the_very_moment() -> None:
    clock = Clock(running=False, shown=NOON, at=0)

    clock.set(NOON + timedelta(days=3))

    assert clock.now() == NOON + timedelta(days=3)


def test_a_clock_may_be_set_to_the_time_it_shows() -> None:
    clock = Clock(running=False, shown=NOON, at=0)

    clock.set(NOON)

    assert clock.now() == NOON


def test_a_clock_is_not_set_back() -> None:
    clock = Clock(running=False, shown=NOON, at=0)

    with pytest.raises(SetupError) as refused:
        clock.set(NOON - timedelta(seconds=1))

    assert str(refused.value) == (
        "A clock only goes forward: it shows 2026-01-01T12:00:00, which is after 2026-01-01T11:59:59. "
        "Reset the account, or restore a checkpoint, to go back."
    )
    assert clock.now() == NOON


def test_a_clock_is_not_advanced_by_less_than_nothing() -> None:
    with pytest.raises(SetupError, match="A clock only goes forward, not by -1 day"):
        Clock(running=False, shown=NOON, at=0).advance(timedelta(days=-1))


@pytest.mark.parametrize(
    "change",
    [
        lambda clock: clock.advance(timedelta.max),
        lambda clock: clock.set(datetime.max),
    ],
)
def test_a_clock_stays_within_the_calendar(change) -> None:
    clock = Clock(running=False, shown=NOON, at=0)

    with pytest.raises(SetupError, match="A clock goes no further than the year 9000"):
        change(clock)

    assert clock.now() == NOON


def test_a_machine_whose_clock_is_set_back_does_not_take_the_account_along(
    machine: list[float],
) -> None:
    clock = Clock(True, NOON, machine[0])

    machine[0] -= 3_600

    assert clock.now() == NOON


def test_a_running_clock_that_is_asked_often_is_as_exact_as_one_that_is_asked_once(
    machine: list[float],
) -> None:
    often, start = Clock(True, NOON, machine[0]), machine[0]

    for step in range(2_000):
        machine[0] = start + step * 0.000_777
        once = Clock(True, NOON, start)

        assert often.now() == once.now() == rounded(NOON + timedelta(seconds=machine[0] - start))
        assert often.shows().text == stored(once.now())
