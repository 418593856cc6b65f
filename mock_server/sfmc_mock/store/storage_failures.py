"""Errors of the disk and of damaged files: how they are recognized, and the sentences that say what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from json import JSONDecodeError

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store.connection import AccountConnection, execute

LARGEST_CHECKED = 64 * 1024 * 1024
"""Files up to so many bytes are checked for damage after an error; that takes less than half a second."""

SIGNS_OF_DAMAGE = (
    sqlite3.Error,
    ValueError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
)
"""What code runs into where an index finds a row that its table has lost, and the like."""

_ADVICE = {
    sqlite3.SQLITE_BUSY: "is locked by another program. End that one, or wait until it is done.",
    sqlite3.SQLITE_LOCKED: "is locked by another program. End that one, or wait until it is done.",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Make room there; nothing was changed.",
    sqlite3.SQLITE_READONLY: "cannot be written. Check the permissions of the file and its folder.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Check that it and its folder exist, and their permissions.",
    sqlite3.SQLITE_IOERR: "cannot be read or written ({reason}). Check the disk.",
    sqlite3.SQLITE_CORRUPT: "is damaged ({reason}). Put a copy of it in its place.",
    sqlite3.SQLITE_NOTADB: "is damaged ({reason}). Put a copy of it in its place.",
    sqlite3.SQLITE_PROTOCOL: "is locked by another program. End that one, or wait until it is done.",
}


def one_line(problem: Exception) -> str:
    """Return the text of an error, which may quote any text, as a part of a sentence."""
    return " ".join(str(problem).split())[:200]


# How SQLite and Python say that something kept is not what was written: a name of the schema, a JSON text, a time. What
# callers send is read by code that answers for it itself.
_TEXTS_OF_DAMAGE = (
    "no such table",
    "no such column",
    "no such function",
    "has no column",
    "malformed JSON",
    "Invalid isoformat",
)


def storage_failure(path: str, problem: Exception) -> StorageFailed | None:
    """Return one sentence about the file for an error of the disk or the file; None for an error of the statement."""
    code = getattr(problem, "sqlite_errorcode", None)
    if is_damage(problem):
        code = sqlite3.SQLITE_CORRUPT
    if code is None or (code & 0xFF) not in _ADVICE:
        return None
    return StorageFailed(f"{path} {_ADVICE[code & 0xFF].format(reason=one_line(problem))}")


def is_disk_error(problem: Exception) -> bool:
    """Say whether an error of the system tells of the disk, or of too many open files."""
    return isinstance(problem, OSError) and problem.errno in _ERRORS_OF_DISKS


_ERRORS_OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE)


def is_damage(problem: Exception) -> bool:
    """Say whether an error shows that an account's file is damaged."""
    if isinstance(problem, UnicodeDecodeError | JSONDecodeError):
        return True
    text = str(problem)
    # An error of SQLite may quote a text that is none.
    return "decode to UTF-8" in text or (
        isinstance(problem, sqlite3.OperationalError | ValueError)
        and any(each in text for each in _TEXTS_OF_DAMAGE)
    )


def damage_of(connection: AccountConnection, path: str) -> StorageFailed | None:
    """Return the damage of a file; None if it is undamaged, or too large to be checked."""
    try:
        if os.path.getsize(path) > LARGEST_CHECKED:
            return None
        found = execute(connection, "PRAGMA integrity_check(1)").fetchone()[0]
    except (OSError, sqlite3.Error) as problem:
        return storage_failure(path, problem)
    if found == "ok":
        return None
    reason = " ".join(str(found).split())[:200]
    return StorageFailed(f"{path} {_ADVICE[sqlite3.SQLITE_CORRUPT].format(reason=reason)}")
