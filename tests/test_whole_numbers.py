"""Numbers as callers write them."""

from __future__ import annotations

import pytest

from sfmc_mock.whole_numbers import whole_number


@pytest.mark.parametrize("text", ["", "²", "5¹7", "٣", "-1", "1.0", " 1", "1" * 19, "9" * 5_000])
def test_text_that_is_no_whole_number_is_none(text: str) -> None:
    assert whole_number(text) is None


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number
