"""Every documented error code that can occur in an account, and the page that lists them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.error_codes.calls import Case
from tests.error_codes.elsewhere import ASSUMED, ELSEWHERE, NOT_GIVEN
from tests.error_codes.every_case import CASES

from sfmc_mock.declarations.call import Call

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "error-codes.md"


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.code))
def test_a_call_that_meets_the_condition_gets_the_code(call: Call, case: Case) -> None:
    assert case.provoke(call) == case.code


@pytest.mark.parametrize("path", ELSEWHERE)
def test_tests_in_other_files_name_their_codes(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    ranges = [
        range(int(low), int(high)) for low, high in re.findall(r"range\((\d+), (\d+)\)", text)
    ]

    for code in ELSEWHERE[path]:
        assert re.search(rf"\b{code}\b", text) or any(code in each for each in ranges), code


def test_a_code_is_listed_once_as_given_or_not() -> None:
    elsewhere = [code for codes in ELSEWHERE.values() for code in codes]
    own = [case.code for case in CASES]

    assert len(elsewhere) == len(set(elsewhere))
    assert len(own) == len(set(own))
    assert not {*elsewhere, *own} & NOT_GIVEN.keys()


def test_the_page_counts_the_codes_that_are_given() -> None:
    counts = re.findall(r"Of (\d+) documented codes, (\d+) are given", PAGE.read_text("utf-8"))
    (core, core_given), (further, further_given) = [map(int, count) for count in counts]

    assert (core, further) == (335, 336)
    assert core_given >= 300
    assert further_given >= 185


def test_the_page_marks_codes_whose_condition_is_assumed() -> None:
    assumed = re.findall(r"^\| (\d+) \|.*\| assumed \|", PAGE.read_text("utf-8"), re.MULTILINE)

    assert set(map(str, ASSUMED)) <= set(assumed)
