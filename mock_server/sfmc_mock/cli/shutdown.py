"""A clean stop on Ctrl-C and SIGTERM; a second signal ends the process at once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType

# A signal may be delivered to any thread; it then does not wake the main thread, which alone can act on it.
_LOOK_EVERY = 0.05


class Stop:
    """Notes that the process was asked to stop; once constructed, SIGINT and SIGTERM have no other effect.

    A flag instead of `threading.Event`, whose lock may be held by the code that the signal handler interrupts.
    """

    def __init__(self) -> None:
        self.requested = False
        self.at_once: Callable[[], object] = lambda: None
        """Called at a second signal, before the process ends."""
        signal.signal(signal.SIGINT, self._noted)
        signal.signal(signal.SIGTERM, self._noted)

    def wait(self, end: Callable[[], bool] = lambda: False) -> None:
        """Wait until the process is asked to stop, or until `end` returns true."""
        while not (self.requested or end()):
            time.sleep(_LOOK_EVERY)

    def _noted(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            # Acknowledged changes are already in the account's file.
            self.at_once()
            os._exit(128 + number)
        self.requested = True
