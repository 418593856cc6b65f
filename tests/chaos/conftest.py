"""Delays that last as long as a test says, on a machine of any speed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

# What waits for an event waits no longer, so that a test fails where it hangs.
_LONGEST = 60


class Delays:
    """The delays of chaos rules: none of them ends before `end`."""

    def __init__(self) -> None:
        self._begun, self._over = threading.Event(), threading.Event()

    def wait(self, seconds: float) -> None:
        """Wait in the place of the server, which would wait for some seconds."""
        self._begun.set()
        self._over.wait(_LONGEST)

    def begin(self) -> None:
        """Return when a call is delayed."""
        assert self._begun.wait(_LONGEST)

    def end(self) -> None:
        """End all of them."""
        self._over.set()


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> Iterator[Delays]:
    """The delays of all servers of this process."""
    made = Delays()
    monkeypatch.setattr("sfmc_mock.chaos.engine.pause", made.wait)
    yield made
    made.end()
