"""The lock of an account's file, which one process at a time may use: a lock file beside it that names the process.

The operating system holds the lock, and releases it when the process ends, in any way; a lock file that was left behind
locks nothing.
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
        """Record in the lock file who holds it: this process or `holder`, and the address that it serves."""
        text = json.dumps({"pid": holder or os.getpid(), "address": address}).encode()
        # Without it the next one is refused all the same, with less to read.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, text)

    def release(self) -> None:
        """Release the lock, and remove the lock file."""
        if sys.platform == "win32":
            os.close(self._file)
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        if sys.platform != "win32":
            os.close(self._file)


def _lock(file: int) -> bool:
    """Lock a file for this process; return False where another process has locked it."""
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
    """Return which process holds a file and what the user can do, from the text that the holder recorded."""
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
