"""Random numbers keyed by their purpose, never drawn in sequence.

A draw belongs to its key (this seed, this job, this subscriber, this purpose): neither the order of the calls nor the
number of threads can change it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeVar

Choice = TypeVar("Choice")

_STEP = 2.0**-53
_NORMAL = NormalDist()


class KeyedRandom:
    """Random numbers for one seed.

    Two draws with the same key are the same number; draws with different keys are independent, also where the keys
    differ only in their boundaries (`"ab", "c"` and `"a", "bc"`) or types (`1` and `"1"`).
    """

    __slots__ = ("_prefix",)

    def __init__(self, seed: str) -> None:
        self._prefix = _encoded((seed,))

    def scope(self, *key: str | int) -> KeyedRandom:
        """Return draws whose keys all begin with `key`: `scope(a).unit(b)` is `unit(a, b)`."""
        scoped = KeyedRandom.__new__(KeyedRandom)
        scoped._prefix = self._prefix + _encoded(key)
        return scoped

    def unit(self, *key: str | int) -> float:
        """Return a number of [0, 1)."""
        digest = blake2b(self._prefix + _encoded(key), digest_size=8).digest()
        return (int.from_bytes(digest, "big") >> 11) * _STEP

    def below(self, rate: float, *key: str | int) -> bool:
        """Return True with the probability `rate` (0 never, 1 always)."""
        return rate > 0.0 and self.unit(*key) < rate

    def pick(self, weights: Mapping[Choice, float], *key: str | int) -> Choice:
        """Return one of the choices, each as often as its share of the weights.

        Raises `ValueError` when no choice has any weight.
        """
        total = sum(weights.values())
        mark = self.unit(*key) * total
        picked = None
        for choice, weight in weights.items():
            if weight > 0.0:
                picked = choice
                mark -= weight
                if mark < 0.0:
                    return choice
        if picked is None:
            raise ValueError("no choice has any weight")
        return picked


def exponential(unit: float, mean: float) -> float:
    """Return the value below which `unit` of an exponential distribution lies."""
    return -mean * math.log1p(-unit)


def lognormal(unit: float, median: float, spread: float) -> float:
    """Return the value below which `unit` of a lognormal distribution lies; `spread` is the sigma of its logarithm."""
    return median * math.exp(spread * _NORMAL.inv_cdf(unit or _STEP))


def lognormal_share(value: float, median: float, spread: float) -> float:
    """Return the share of a lognormal distribution that lies below `value`."""
    return _NORMAL.cdf(math.log(value / median) / spread)


def quantile(unit: float, points: Sequence[tuple[float, float]]) -> float:
    """Return the value at `unit` of a distribution given by (share, value) points, straight lines between them.

    >>> quantile(0.25, [(0.0, 0.0), (0.5, 10.0), (1.0, 100.0)])
    5.0
    """
    share, value = points[0]
    for next_share, next_value in points[1:]:
        if unit < next_share:
            return value + (unit - share) / (next_share - share) * (next_value - value)
        share, value = next_share, next_value
    return value


def _encoded(key: tuple[str | int, ...]) -> bytes:
    # Lengths first, so that no two keys share an encoding. Not repr(): its escapes vary with Python's version.
    encoded = b""
    for part in key:
        if isinstance(part, str):
            text = part.encode("utf-8", "surrogatepass")
            encoded += b"s%d:%b" % (len(text), text)
        else:
            encoded += b"i%d;" % part
    return encoded
