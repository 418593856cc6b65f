"""Numbers that no two processes of a server give twice."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from pathlib import Path

_FORM = struct.Struct("=Q")


class SharedNumbers:
    """Counts from 1 on in a file that all processes of a server have open.

    One thread at a time: the lock is the process's.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, mmap.PAGESIZE)
        self._memory = mmap.mmap(self._file, mmap.PAGESIZE)

    def next(self) -> int:
        """Return the next number."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            (last,) = _FORM.unpack_from(self._memory)
            _FORM.pack_into(self._memory, 0, last + 1)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        return int(last) + 1

    def close(self) -> None:
        self._memory.close()
        os.close(self._file)
