"""When a commit is on disk: group commit for the write-ahead log of an account's file.

SQLite writes a commit to the log without waiting for the disk. Before an answer leaves, its thread waits until the log
was flushed after its commit; one flush serves all threads that wait, and calls go on meanwhile.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from enum import StrEnum

from sfmc_mock.errors import SetupError, StorageFailed

if sys.platform == "darwin":
    import fcntl


class Durability(StrEnum):
    """The failures that an acknowledged call survives."""

    NONE = "none"
    """The end of the process. A power cut may damage the file."""

    PROCESS = "process"
    """The end of the process at any moment. A power cut may lose the last calls, but does not damage the file."""

    POWER = "power"
    """The end of the process, and a power cut."""


def durability_named(name: str) -> Durability:
    """Return a durability by its name. Raises `SetupError` for an unknown one."""
    try:
        return Durability(name)
    except ValueError:
        raise SetupError(
            f"There is no durability '{name}'. Choose power, process or none."
        ) from None


SYNCHRONOUS = {Durability.NONE: "OFF", Durability.PROCESS: "NORMAL", Durability.POWER: "NORMAL"}
"""SQLite's setting. NORMAL flushes around checkpoints; `GroupCommit` flushes commits."""


WITHOUT_LOG = {Durability.NONE: "OFF", Durability.PROCESS: "FULL", Durability.POWER: "EXTRA"}
"""The same where a file cannot have a write-ahead log: less than FULL could damage it, EXTRA flushes its folder."""


_STALLED = 1.0
"""Seconds after which a thread that waits for a commit checks whether another thread is about to make it."""

_MOST_LOST = 100


class GroupCommit:
    """Flushes a write-ahead log for all threads that wait for their commits.

    `committed` is the number of the newest commit, kept by the thread that holds the lock of the database.
    """

    def __init__(self, log: str, end_left_round: Callable[[], None]) -> None:
        self.committed = 0
        self.failure: str | None = None
        """The reason why the log cannot be flushed any more."""
        self._log = log
        self._end_left_round = end_left_round
        self._lost: dict[int, str] = {}
        self._file: int | None = None
        self._flushed = 0
        self._flushing = False
        self._turn = threading.Condition()

    def is_flushed(self, number: int) -> bool:
        """Say whether the commit with a number is on disk already."""
        return self._flushed >= number and number not in self._lost

    def wait(self, number: int) -> None:
        """Wait until the commit with a number is on disk; it may be that of a round which is still open.

        Raises `StorageFailed` when the disk refuses. It is unknown then which of the waiting commits are on disk, so
        that neither these nor later ones are acknowledged.
        """
        if self._flushed < number and self._is_leader(number):
            self._lead()
        lost = self._lost.get(number)
        if lost is not None:
            raise StorageFailed(lost)

    def _is_leader(self, number: int) -> bool:
        """Wait for the flush of a commit; return True when the calling thread has to flush it."""
        with self._turn:
            while self._flushed < number and (self._flushing or self.committed < number):
                # The thread that commits also flushes; the time limit is for a thread that was interrupted before.
                if not self._turn.wait(_STALLED) and self.committed < number:
                    self._turn.release()
                    try:
                        self._end_left_round()
                    finally:
                        self._turn.acquire()
            if self._flushed >= number:
                return False
            if self.failure is not None:
                raise StorageFailed(self.failure)
            self._flushing = True
            return True

    def lose(self, reason: str) -> None:
        """Count the next commit, and tell the threads that wait for it that it was lost."""
        with self._turn:
            self._lost[self.committed + 1] = reason
            if len(self._lost) > _MOST_LOST:
                del self._lost[next(iter(self._lost))]
            # Threads that come later wait for another one.
            self.committed += 2
            self._turn.notify_all()

    def _lead(self) -> None:
        """Flush all commits so far, for all waiting threads."""
        flushed, upto = self._flushed, self.committed
        try:
            self._flush()
            flushed = upto
        except OSError as problem:
            self.failure = (
                f"{self._log} cannot be flushed to disk ({problem.strerror}). What was acknowledged before is safe; "
                "check the disk and restart the server."
            )
            raise StorageFailed(self.failure) from None
        finally:
            # If it was interrupted, as by Ctrl-C, another waiting thread takes over.
            with self._turn:
                self._flushing, self._flushed = False, flushed
                self._turn.notify_all()

    def _flush(self) -> None:
        if self._file is None:
            self._file = os.open(self._log, os.O_RDWR | getattr(os, "O_BINARY", 0))
        flush_file(self._file)

    def close(self) -> None:
        """Close the log."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def flush_folder(folder: str) -> None:
    """Flush the entries of a folder, so that created files exist and removed files are gone after a power cut."""
    if sys.platform == "win32":
        # There a folder cannot be opened; the file system keeps names in a log of its own.
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def flush_file(file: int) -> None:
    """Flush everything that was written to a file, through any descriptor."""
    if sys.platform == "darwin":
        # There fsync() leaves data in the cache of the drive.
        fcntl.fcntl(file, fcntl.F_FULLFSYNC)
    elif hasattr(os, "fdatasync"):
        os.fdatasync(file)
    else:
        os.fsync(file)
