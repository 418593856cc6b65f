"""Stopping in order: Ctrl-C and SIGTERM ask for it, and a second one does not wait."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType

# A signal may be handed to any thread of the process, and then does not wake the main one, which alone can act on it.
_LOOK_EVERY = 0.05


class Stop:
    """Notes that the process was asked to stop; from its construction on, SIGINT and SIGTERM do nothing else.

    A flag, and no `threading.Event`: its lock may be held by the very code that a signal's handler interrupts.
    """

    def __init__(self) -> None:
        self.requested = False
        self.at_once: Callable[[], object] = lambda: None
        """What a second signal does before the process ends."""
        signal.signal(signal.SIGINT, self._noted)
        signal.signal(signal.SIGTERM, self._noted)

    def wait(self, end: Callable[[], bool] = lambda: False) -> None:
        """Return when the process is asked to stop, or `end` says so."""
        while not (self.requested or end()):
            time.sleep(_LOOK_EVERY)

    def _noted(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            # What an account has acknowledged is in its file already.
            self.at_once()
            os._exit(128 + number)
        self.requested = True
