"""Caches that are emptied when they are full."""

from __future__ import annotations

from sfmc_mock.bounded_cache import put_bounded


def test_a_full_cache_is_emptied_for_another_item() -> None:
    cache: dict[str, int] = {}

    put = [put_bounded(cache, name, place, 2) for place, name in enumerate("abc")]

    assert put == [0, 1, 2]
    assert cache == {"c": 2}


def test_a_full_cache_keeps_its_items_when_one_of_them_changes() -> None:
    cache = {"a": 1, "b": 2}

    put_bounded(cache, "a", 3, 2)

    assert cache == {"a": 3, "b": 2}
