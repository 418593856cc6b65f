"""Attacks that run as long as they may: briefly in every test run, an hour with `make torture`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Torture:
    """The duration of a test."""

    seconds: float

    def rounds(self, least: int, most: int | None = None) -> Iterator[int]:
        """Yield numbers: as many as there have to be, then more while there is time, up to `most`.

        The number is to be the seed of whatever the round draws: a failure in round 7 comes again in round 7.
        """
        end = time.monotonic() + self.seconds
        number = 0
        while number < least or time.monotonic() < end:
            if most is not None and number >= most:
                return
            yield number
            number += 1


@pytest.fixture
def torture(request: pytest.FixtureRequest) -> Torture:
    """The test's share of `--torture-seconds`."""
    here = Path(__file__).parent
    sharing = [each for each in request.session.items if here in each.path.parents]
    return Torture(request.config.getoption("--torture-seconds") / max(1, len(sharing)))
