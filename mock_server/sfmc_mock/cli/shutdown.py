"""Stopping in order: Ctrl-C and SIGTERM ask for it, and a second one does not wait."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType

# A signal may be handed to any thread of the process, and then does not wake the main one, which alone can act on it.
_LOOK_EVERY = 0.05


class Stop:
    """Notes that the process was asked to stop; from its construction on, SIGINT and SIGTERM do nothing else.

    A flag, and no `threading.Event`: its lock may be held by the very code that a signal's handler interrupts.
    """

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGINT, self._noted)
        signal.signal(signal.SIGTERM, self._noted)

    def wait(self) -> None:
        """Return when the process is asked to stop."""
        while not self.requested:
            time.sleep(_LOOK_EVERY)

    def _noted(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            # What an account has acknowledged is in its file already.
            os._exit(128 + number)
        self.requested = True
