"""Numbers of calls, unique across the processes of a server."""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path


class SharedCallNumbers:
    """Numbers from 1 on, each greater than all earlier ones; some are skipped.

    Each worker reads the last numbers of all workers from a shared file and only uses its own numbers: those whose
    remainder, divided by the number of workers, is the worker's number. A lock between processes would also work, but a
    thread would hold it while waiting for Python's interpreter lock. Not thread-safe: callers within a process must
    serialize.
    """

    def __init__(self, path: Path, worker: int, workers: int) -> None:
        self._worker, self._workers = worker, workers
        self._all = struct.Struct(f"={workers}Q")
        self._one = struct.Struct("=Q")
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(file, mmap.PAGESIZE)
            self._memory = mmap.mmap(file, mmap.PAGESIZE)
        finally:
            os.close(file)

    def next(self) -> int:
        """Return the next number."""
        least = max(self._all.unpack_from(self._memory)) + 1
        number = int(least + (self._worker - least) % self._workers)
        self._one.pack_into(self._memory, self._worker * self._one.size, number)
        return number

    def close(self) -> None:
        self._memory.close()
