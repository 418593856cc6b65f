"""Times in the service's US format."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.clock import parse_iso_or_us_time, parse_time, parse_us_time, stored, us_text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2024-05-09T00:00:00.000", "5/9/2024 12:00:00 AM"),
        ("2024-12-31T12:00:00.000", "12/31/2024 12:00:00 PM"),
        ("2024-10-01T23:59:59.997", "10/1/2024 11:59:59 PM"),
    ],
)
def test_a_time_is_written_with_twelve_hours(moment: str, text: str) -> None:
    assert us_text(moment) == text


@given(st.datetimes(datetime(1000, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_written_times_are_read_again(moment: datetime) -> None:
    assert parse_us_time(us_text(stored(moment))) == moment


@pytest.mark.parametrize("text", ["5/9/2024", " 5/9/2024 0:00 ", "05/09/2024 00:00:00"])
def test_a_time_may_be_written_shorter(text: str) -> None:
    assert parse_us_time(text) == datetime(2024, 5, 9)


@pytest.mark.parametrize(
    "text", ["", "13/1/2024", "2/30/2024", "1/1/2024 13:00 PM", "1/1/2024 24:00", "1/1/24"]
)
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a valid time|must be in|out of range|month"):
        parse_us_time(text)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2024-01-01T00:00:00-0600"]
)
def test_times_beyond_the_calendar_or_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"outside the years|offset"):
        parse_time(text)


@pytest.mark.parametrize(
    "text", ["2024-05-09", "2024-05-09 00:00", " 5/9/2024", "5/9/2024 12:00 AM"]
)
def test_a_time_is_read_in_either_form(text: str) -> None:
    assert parse_iso_or_us_time(text) == datetime(2024, 5, 9)


@pytest.mark.parametrize("text", ["", "9.5.2024", "13/40/2024", "2024-13-01", "5/9/2024 13:00 PM"])
def test_a_text_that_is_no_time_in_either_form_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"not a valid time|must be in|out of range|month|Invalid isoformat"
    ):
        parse_iso_or_us_time(text)
