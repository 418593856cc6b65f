"""Answers that arrive badly: cut off in the middle, or in drops."""

from __future__ import annotations

from collections.abc import Iterator

from sfmc_mock.chaos.engine import Plan
from sfmc_mock.clock import pause
from sfmc_mock.http import HangUp

_DROPS = 20
_DRIP_SECONDS = 2.0


def spoilt(body: bytes, plan: Plan) -> bytes | Iterator[bytes]:
    """Return the body of an answer as the rules let it arrive. Raises `HangUp` where it does not arrive at all."""
    if plan.lose == "answer":
        raise HangUp
    if plan.connection == "truncate":
        return _truncated(body)
    if plan.connection == "drip":
        return _dripping(body, plan.delay or _DRIP_SECONDS)
    return body


def _truncated(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise HangUp


def _dripping(body: bytes, seconds: float) -> Iterator[bytes]:
    size = max(1, -(-len(body) // _DROPS))
    for start in range(0, len(body), size):
        if start:
            pause(seconds / _DROPS)
        yield body[start : start + size]
