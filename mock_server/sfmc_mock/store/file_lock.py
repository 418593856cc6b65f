"""An account's file belongs to one process at a time: a lock beside it, which tells whose it is.

The operating system holds the lock and lets go of it when the process ends, however it ends; a lock file that was left
behind keeps nobody out.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

from sfmc_mock.errors import SetupError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Behind everything that is read: Windows locks bytes against reading, too.
_LOCKED_BYTE = 1 << 30


class AccountFileLock:
    """The right of this process to use an account's file."""

    def __init__(self, account: str) -> None:
        """Take the lock. Raises `SetupError`, naming its holder, when another server has it."""
        self._account = account
        self._path = f"{os.path.realpath(account)}-lock"
        self._file = self._take()
        self.tell("")

    def _take(self) -> int:
        while True:
            file = self._open()
            if not _lock(file):
                holder = _holder(file)
                os.close(file)
                raise SetupError(f"{self._account} is in use by {holder}")
            try:
                current = os.stat(self._path)
            except FileNotFoundError:
                current = None
            if current is not None and os.path.samestat(os.fstat(file), current):
                return file
            # The holder before took its file away between our opening and locking it.
            os.close(file)

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except OSError as problem:
            raise SetupError(
                f"{self._account} cannot be opened: its folder takes no lock file ({problem.strerror}). Check that the "
                "folder exists and is writable, or use --read-only."
            ) from None

    def tell(self, address: str, holder: int | None = None) -> None:
        """Record who holds the file, for the next process that asks: this one, or `holder`, serving at an address."""
        text = json.dumps({"pid": holder or os.getpid(), "address": address}).encode()
        # Without it the next one is refused all the same, with less to read.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, text)

    def release(self) -> None:
        """Give the file back; the lock file goes away."""
        if sys.platform == "win32":
            os.close(self._file)
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        if sys.platform != "win32":
            os.close(self._file)


def _lock(file: int) -> bool:
    """Lock a file for this process, and say whether it was free."""
    try:
        if sys.platform == "win32":
            os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _holder(file: int) -> str:
    """Return who holds a file and what to do about it, from what the holder wrote down."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        found = json.loads(os.read(file, 1_000))
        pid, address = int(found["pid"]), str(found["address"])
    except (OSError, ValueError, LookupError, TypeError):
        return "another process. End that one, or use --read-only."
    if pid == os.getpid():
        return "this process already: name each file once."
    where = f" at {address}" if address else ""
    return f"another server{where} (process {pid}). Stop that one, or use --read-only."
