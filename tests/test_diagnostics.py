"""Data stored about calls is bounded, and notes what was left out."""

from __future__ import annotations

import gc
import sys
import weakref

from sfmc_mock.diagnostics import MAX_PROBLEMS, MAX_WARNING, MAX_WARNINGS, CallWarnings, Problems
from sfmc_mock.journal import Exchange, Journal
from sfmc_mock.simulator import magic_addresses


class Large:
    """A large object that a failing call holds."""


def fail(held: Large) -> None:
    raise ZeroDivisionError("by zero") from KeyError("before")


def caught() -> tuple[BaseException, weakref.ref[Large]]:
    held = Large()
    try:
        fail(held)
    except ZeroDivisionError as problem:
        return problem, weakref.ref(held)
    raise AssertionError


def test_a_problem_keeps_nothing_of_the_call_alive_and_still_shows_its_lines() -> None:
    problems = Problems()
    problem, held = caught()

    problems.keep(problem)
    gc.collect()

    assert held() is None
    assert "in fail" in problem.__notes__[0]
    assert "KeyError: 'before'" in problem.__notes__[0]


def test_a_problem_that_is_kept_while_it_is_handled_keeps_nothing_alive_either() -> None:
    problems = Problems()

    def handle() -> weakref.ref[Large]:
        held = Large()
        try:
            fail(held)
        except ZeroDivisionError as problem:
            problems.keep(problem)
        return weakref.ref(held)

    reference = handle()
    gc.collect()

    assert reference() is None


def test_only_the_last_problems_are_kept_and_the_others_counted() -> None:
    problems = Problems()

    for _ in range(MAX_PROBLEMS + 5):
        problems.keep(ValueError())

    assert (len(problems), problems.dropped) == (MAX_PROBLEMS, 5)


def test_warnings_are_kept_once_and_up_to_a_number() -> None:
    warnings = CallWarnings()

    for number in range(MAX_WARNINGS + 7):
        warnings.append(f"no attribute a{number}")
        warnings.append("no attribute a0")

    assert len(warnings) == MAX_WARNINGS + 1
    assert warnings[-1] == "7 more warnings of this call are not kept"


def test_a_long_warning_is_cut_and_says_so() -> None:
    warnings = CallWarnings()

    warnings.append("x" * (MAX_WARNING + 5))

    assert warnings == ["x" * MAX_WARNING + "… (5 more characters)"]


HUGE = "x" * 9_000_000


def test_the_size_of_an_exchange_is_bounded() -> None:
    exchange = Exchange(
        operation=HUGE,
        object_types=(HUGE,) * 2_000,
        caller=HUGE,
        summary=HUGE,
        overall_status=f"Error: {HUGE}",
        error=HUGE,
        target=f"/{HUGE}",
        headers=tuple((f"X-{number}", "y" * 1_000) for number in range(2_000)),
        request=HUGE.encode(),
        answer=HUGE.encode(),
    )

    held = sum(
        sys.getsizeof(each)
        for each in (exchange.operation, exchange.summary, exchange.error, exchange.target)
    )
    assert held < 20_000
    assert exchange.weight < 1_000_000
    assert exchange.object_types[-1] == "… (1,950 more)"
    assert exchange.headers["(cut here)"].endswith("headers are not kept")


def test_the_journal_counts_every_text_and_drops_by_size() -> None:
    journal = Journal(max_bytes=1_000_000)

    for _ in range(300):
        journal.record(Exchange(summary="s" * 2_000, error="e" * 2_000))

    assert journal.dropped
    assert len(journal) * 16_000 <= 1_000_000


def test_no_long_text_is_kept_by_the_cache_of_addresses() -> None:
    before = magic_addresses._parse_kept.cache_info().currsize

    for number in range(3):
        magic_addresses.parse("a" * 1_000 + f"{number}@mock.test")

    assert magic_addresses._parse_kept.cache_info().currsize == before
