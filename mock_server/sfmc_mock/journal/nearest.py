"""Find the candidates closest to an expectation, and describe the differences in words.

Candidates are plain mappings: exchanges, or sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


@dataclass(frozen=True, slots=True)
class Near:
    """A candidate: its label, its differences from the expectation, and its nearness from 0 to 1."""

    label: str
    differences: tuple[str, ...]
    score: float

    def __str__(self) -> str:
        return f"{self.label}: {'; '.join(self.differences)}" if self.differences else self.label


def nearest(
    expected: Mapping[str, object],
    candidates: Iterable[tuple[str, Mapping[str, object]]],
    *,
    limit: int = 3,
    words: Mapping[str, str] | None = None,
) -> list[Near]:
    """Return the closest candidates, the nearest first; of equally near ones the later first.

    A candidate is a label and its values. Only the names of the expectation are compared: a mapping within it
    (attributes) part by part, a tuple or list as "one of these is enough". `words` gives the words for names in a
    difference, where these are not the names themselves.

    >>> sends = [("send 1", {"definition": "welcome-2"}), ("send 2", {"definition": "receipt"})]
    >>> print(nearest({"definition": "welcome"}, sends)[0])
    send 1: definition is 'welcome-2', not 'welcome'
    """
    compare = _Comparison(words or {})
    compared = [compare.near(label, expected, candidate) for label, candidate in candidates]
    compared.reverse()
    return sorted(compared, key=lambda near: -near.score)[:limit]


def differences(
    expected: Mapping[str, object],
    candidate: Mapping[str, object],
    *,
    words: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return a phrase for each name in which the candidate differs from the expectation."""
    return _Comparison(words or {}).near("", expected, candidate).differences


class _Comparison:
    """Compares many candidates with one expectation, and caches how similar two texts are."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._alike: dict[tuple[str, str], float] = {}

    def near(
        self, label: str, expected: Mapping[str, object], candidate: Mapping[str, object]
    ) -> Near:
        phrases: list[str] = []
        scores = [
            self._compare(self._words.get(name, name), value, candidate.get(name), phrases)
            for name, value in expected.items()
        ]
        return Near(label, tuple(phrases), sum(scores) / len(scores) if scores else 1.0)

    def _compare(self, name: str, expected: object, got: object, phrases: list[str]) -> float:
        """Return the nearness of two values from 0 to 1; add a phrase if they differ."""
        if isinstance(expected, Mapping):
            return self._compare_parts(name, expected, got, phrases)
        if isinstance(got, (tuple, list)) and not isinstance(expected, (tuple, list)):
            if expected in got:
                return 1.0
            phrases.append(_phrase(name, expected, got))
            return max((self._likeness(expected, one) for one in got), default=0.0)
        if expected == got:
            return 1.0
        phrases.append(_phrase(name, expected, got))
        return self._likeness(expected, got)

    def _compare_parts(
        self, name: str, expected: Mapping[Any, object], got: object, phrases: list[str]
    ) -> float:
        known = got if isinstance(got, Mapping) else {}
        scores = [
            self._compare(f"{name} {part}", value, known.get(part), phrases)
            for part, value in expected.items()
        ]
        return sum(scores) / len(scores) if scores else 1.0

    def _likeness(self, expected: object, got: object) -> float:
        if got is None:
            return 0.0
        pair = str(expected).lower(), str(got).lower()
        if pair not in self._alike:
            # Never quite 1: nearly the same is still not the same.
            self._alike[pair] = 0.9 * SequenceMatcher(None, *pair).ratio()
        return self._alike[pair]


def _phrase(name: str, expected: object, got: object) -> str:
    if got is None or got == () or got == []:
        return f"it has no {name} {expected!r}"
    if isinstance(got, (tuple, list)):
        return f"{name} is {', '.join(map(repr, got))}, not {expected!r}"
    return f"{name} is {got!r}, not {expected!r}"
