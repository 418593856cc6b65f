"""Durations as users write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.durations import DurationUnreadable, format_duration, later, parse_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        (" 2H 30M ", timedelta(hours=2, minutes=30)),
        ("1.5h", timedelta(minutes=90)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(days=7)),
        ("0s", timedelta(0)),
        ("PT2H", timedelta(hours=2)),
        ("pt0.5s", timedelta(milliseconds=500)),
        ("P1DT12H", timedelta(hours=36)),
        ("P2W", timedelta(days=14)),
    ],
)
def test_a_duration_is_read_in_both_notations(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("90", "90 lacks its unit"),
        ("2h90", "90 lacks its unit"),
        ("2x", "numbers with units"),
        ("soon", "numbers with units"),
        ("-2h", "no sign"),
        ("2h2h", "gives h twice"),
        ("P1M", "months and years"),
        ("P1Y2D", "months and years"),
        ("P", "of the form"),
        ("PT", "of the form"),
        ("P1DT", "of the form"),
        ("999999999999999w", "longer than the calendar"),
        ("٣h", "numbers with units"),
    ],
)
def test_an_invalid_duration_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(DurationUnreadable, match=reason) as refusal:
        parse_duration(text)

    assert isinstance(refusal.value, SetupError)
    assert "Write it like" in str(refusal.value)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        span = parse_duration(text)
    except DurationUnreadable:
        return

    assert span >= timedelta(0)


@given(st.integers(min_value=0, max_value=10**12))
def test_a_duration_is_read_as_it_was_written(milliseconds: int) -> None:
    span = timedelta(seconds=milliseconds // 1_000)

    assert parse_duration(format_duration(span)) == span


def test_events_beyond_the_calendar_happen_at_its_end() -> None:
    assert later(datetime(9999, 12, 31), timedelta(days=3)) == datetime.max
