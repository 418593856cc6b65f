"""Caches of limited size, for values that can be worked out again."""

from __future__ import annotations

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def put_bounded(cache: dict[Key, Value], key: Key, value: Value, most: int) -> Value:
    """Put a value into a cache of at most `most` items, and return it; a full cache is emptied before.

    Emptying costs each user one more look-up; to know the oldest item would cost something at every use. A function,
    not a class of dictionary: Python reads those of its own faster.
    """
    if len(cache) >= most and key not in cache:
        cache.clear()
    cache[key] = value
    return value
