"""The numbers of calls, which the processes of a server assign without asking each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from sfmc_mock.workers.call_numbers import SharedCallNumbers

Numbers = Callable[[int, int], SharedCallNumbers]


@pytest.fixture
def numbers_of(tmp_path: Path) -> Iterator[Numbers]:
    """Open the numbers of one server for a worker, given the number of workers."""
    with ExitStack() as opened:
        yield lambda worker, workers: opened.enter_context(
            closing(SharedCallNumbers(tmp_path / "numbers", worker, workers))
        )


def test_each_number_is_greater_than_all_earlier_ones_of_any_worker(numbers_of: Numbers) -> None:
    workers = [numbers_of(worker, 3) for worker in range(3)]

    found = [workers[worker].next() for worker in (0, 0, 2, 1, 1, 0, 2, 2, 0)]

    assert found == sorted(set(found))
    assert found[0] >= 1
    assert found[-1] < 3 * len(found) + 3


def test_processes_that_look_at_the_same_time_give_different_ones(numbers_of: Numbers) -> None:
    first, second = numbers_of(0, 2), numbers_of(1, 2)
    for _ in range(10):
        first.next()

    assert second.next() % 2 != first.next() % 2


def test_a_successor_goes_on_where_the_worker_ended(numbers_of: Numbers) -> None:
    before = [numbers_of(1, 2).next() for _ in range(3)]

    assert numbers_of(1, 2).next() > before[-1]
