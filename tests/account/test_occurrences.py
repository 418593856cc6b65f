"""Counting requests that repeat, without storing them."""

from __future__ import annotations

from hashlib import blake2b

import pytest

from sfmc_mock.account.identifiers import Occurrences


def digest(number: int) -> bytes:
    return blake2b(b"%d" % number, digest_size=16).digest()


def test_each_is_counted() -> None:
    counted = Occurrences()

    turns = [counted.count(digest(number)) for number in (1, 2, 1, 1, 3, 2, 1)]

    assert turns == [0, 0, 1, 2, 0, 1, 3]


def test_thousands_are_distinguished() -> None:
    counted = Occurrences()

    turns = {turn: {counted.count(digest(number)) for number in range(20_000)} for turn in (0, 1)}

    assert turns == {0: {0}, 1: {1}}


def test_beyond_the_bound_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Occurrences, "MOST", 10)
    counted = Occurrences()
    for number in range(11):
        counted.count(digest(number))

    assert [counted.count(digest(number)) for number in (0, 10)] == [0, 1]
