"""When a commit is on disk: group commit for the write-ahead log of an account's file.

SQLite writes a commit to the log without waiting for the disk. Before an answer leaves, its thread waits until the log
was flushed after its commit; one flush serves all threads that wait, and calls go on meanwhile.
"""

from __future__ import annotations

import os
import sys
import threading
from enum import StrEnum

from sfmc_mock.errors import SetupError, StorageFailed

if sys.platform == "darwin":
    import fcntl


class Durability(StrEnum):
    """What an acknowledged call survives."""

    NONE = "none"
    """The end of the process; a power cut may damage the file."""

    PROCESS = "process"
    """The end of the process at any moment; a power cut may lose the last calls, but damages nothing."""

    POWER = "power"
    """A power cut, too."""


def durability_named(name: str) -> Durability:
    """Return a durability by its name. Raises `SetupError` for an unknown one."""
    try:
        return Durability(name)
    except ValueError:
        raise SetupError(
            f"There is no durability '{name}'. Choose power, process or none."
        ) from None


SYNCHRONOUS = {Durability.NONE: "OFF", Durability.PROCESS: "NORMAL", Durability.POWER: "NORMAL"}
"""SQLite's setting. NORMAL flushes around checkpoints; flushing commits is `GroupCommit`'s part."""


WITHOUT_LOG = {Durability.NONE: "OFF", Durability.PROCESS: "FULL", Durability.POWER: "EXTRA"}
"""The same where a file cannot have a write-ahead log: less than FULL could damage it, EXTRA flushes its folder."""


class GroupCommit:
    """Flushes a write-ahead log for all threads that wait for their commits.

    `committed` is the number of the newest commit, kept by the thread that holds the lock of the database.
    """

    def __init__(self, log: str) -> None:
        self.committed = 0
        self.failure: str | None = None
        """Why the log cannot be flushed any more."""
        self._log = log
        self._file: int | None = None
        self._flushed = 0
        self._flushing = False
        self._turn = threading.Condition()

    def wait(self, number: int) -> None:
        """Return when the commit of that number is on disk.

        Raises `StorageFailed` when the disk refuses: nobody knows then what it has of the commits that wait, so that
        none of them, and no later one, is acknowledged.
        """
        if self._flushed >= number:
            return
        with self._turn:
            while self._flushing and self._flushed < number:
                self._turn.wait()
            if self._flushed >= number:
                return
            if self.failure is not None:
                raise StorageFailed(self.failure)
            self._flushing = True
        self._lead()

    def _lead(self) -> None:
        """Flush what is committed by now, for everybody."""
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
            # Whatever ended it, such as Ctrl-C: another one that waits takes over.
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
    """Return when the names of a folder's files are on disk: that one was made, that another is gone."""
    if sys.platform == "win32":
        # There a folder cannot be opened; the file system keeps names in a log of its own.
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def flush_file(file: int) -> None:
    """Return when everything that was written to a file is on disk, by whichever descriptor it was written."""
    if sys.platform == "darwin":
        # There fsync() leaves data in the cache of the drive.
        fcntl.fcntl(file, fcntl.F_FULLFSYNC)
    elif hasattr(os, "fdatasync"):
        os.fdatasync(file)
    else:
        os.fsync(file)
