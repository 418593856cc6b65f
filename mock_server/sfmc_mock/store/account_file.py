"""The file of an account before it is opened for writing: checking its name, creating it, checking its content.

Nothing here changes a file that exists: a start that is refused leaves it as it was.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from sfmc_mock.errors import SetupError
from sfmc_mock.store import migrations
from sfmc_mock.store.schema_seal import is_broken
from sfmc_mock.store.storage_failures import LARGEST_CHECKED, one_line, storage_failure

# "SFMC" in the header of the file: how a file is recognised as an account.
APPLICATION_ID = 0x53464D43

_MAGIC = b"SQLite format 3\x00"

# Where the header of a SQLite file says how to write and read it, and what stands there without a write-ahead log.
_JOURNAL_FORMATS = slice(18, 20)
_NO_WRITE_AHEAD_LOG = b"\x01\x01"


def check_name(path: str) -> None:
    """Raise `SetupError` for a name that an account's file cannot have."""
    if not path.strip():
        raise SetupError("The name of an account's file is empty. Name a file, or :memory:.")
    if "\x00" in path:
        raise SetupError(f"{path!r} cannot be the name of a file: it holds a NUL. Name another.")
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        if not os.path.isdir(os.path.dirname(os.path.realpath(path))):
            raise SetupError(
                f"{path} cannot be opened: its folder does not exist. Make the folder, or name a file in another one."
            ) from None
        return
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SetupError(f"{path} cannot be opened: {reason}. Name another file.") from None
    if stat.S_ISDIR(mode):
        raise SetupError(
            f"{path} is a folder. Name a file in it: {os.path.join(path, 'account.db')}."
        )
    if not stat.S_ISREG(mode):
        raise SetupError(f"{path} is a device or a pipe, no file. Name a file.")


def make(path: str) -> bool:
    """Create an empty file that only its owner can read, and return True; False where a file exists, which stays."""
    try:
        # Where a link leads to nothing, it is made there.
        os.close(os.open(os.path.realpath(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not os.access(path, os.W_OK):
            raise SetupError(
                f"{path} cannot be written. Check the permissions of the file and its folder, or use --read-only."
            ) from None
        return False
    except OSError as problem:
        raise SetupError(
            f"{path} cannot be made ({problem.strerror}). Check that its folder is writable and its disk not full."
        ) from None
    return True


def unmake(path: str) -> None:
    """Remove a file that `make` created and no account uses, with the files that SQLite put beside it."""
    for suffix in ("-wal", "-shm", "-journal", ""):
        with suppress(FileNotFoundError):
            os.unlink(os.path.realpath(path) + suffix)


def inspect(path: str) -> bool:
    """Check a file, and return True; False where an interrupted transaction must be undone before it can be read.

    Raises `SetupError` for a file that is damaged, is not an account, or comes from a newer version.
    """
    try:
        with open(path, "rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as problem:
        raise _unreadable(path, problem) from None
    if magic not in (b"", _MAGIC):
        raise SetupError(
            f"{path} cannot be used as an account: it is not an SQLite database. Name a file made by sfmc-mock, a new "
            "file, or :memory:."
        )
    if os.path.exists(f"{path}-journal"):
        return False
    try:
        with closing(_reader(path)) as connection:
            check_content(connection, path)
    except sqlite3.Error as problem:
        raise refusal(path, problem) from None
    return True


def _unreadable(path: str, problem: OSError) -> SetupError:
    return SetupError(f"{path} cannot be read ({problem.strerror}). Check its permissions.")


def check_content(connection: sqlite3.Connection, path: str) -> None:
    """Raise `SetupError` for a database that is damaged, is not an account, or comes from a newer version."""
    verdict = "ok"
    if os.path.getsize(path) <= LARGEST_CHECKED:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise SetupError(
            f"{path} is damaged ({' '.join(verdict.split())}). Put a copy of it in its place."
        )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise SetupError(
            f"{path} is a SQLite database, but no account of sfmc-mock. Name another file."
        )
    if migrations.TABLE not in tables:
        return
    applied = {name for (name,) in connection.execute(f"SELECT name FROM {migrations.TABLE}")}  # noqa: S608 - a constant
    newer = applied - migrations.scripts().keys()
    if newer:
        raise SetupError(
            f"{path} was written by a newer version of sfmc-mock ({min(map(str, newer))}). Use that version, or name "
            "another file."
        )
    if applied and is_broken(connection):
        raise SetupError(
            f"{path} is damaged (the text of its tables and views is another one than was written). Put a copy of it "
            "in its place."
        )


def refusal(path: str, problem: Exception) -> SetupError:
    """Return the error for a file that SQLite cannot open."""
    failure = storage_failure(path, problem)
    if failure is not None:
        return SetupError(str(failure))
    return SetupError(
        f"{path} cannot be used as an account: {one_line(problem)}. Name a file made by sfmc-mock, a new "
        "file, or :memory:."
    )


def read_copy(path: str) -> bytes:
    """Return the content of a file, for a database in memory; another process may be writing to the file.

    Raises `SetupError` for a file that is not an account.
    """
    if not os.path.exists(path):
        raise SetupError(f"There is no {path} to read. Name a file that holds an account.")
    try:
        with suppress(sqlite3.OperationalError):
            return _content(path)
        # Where its log cannot be read in place, as in a folder that is read-only, a copy of both can be.
        with tempfile.TemporaryDirectory(prefix="sfmc-mock-") as folder:
            copy = os.path.join(folder, "account.db")
            shutil.copyfile(path, copy)
            if os.path.exists(f"{path}-wal"):
                shutil.copyfile(f"{path}-wal", f"{copy}-wal")
            return _content(copy)
    except OSError as problem:
        raise _unreadable(path, problem) from None
    except sqlite3.Error as problem:
        raise refusal(path, problem) from None


def _content(path: str) -> bytes:
    with closing(_reader(path)) as connection:
        check_content(connection, path)
        return without_log(connection.serialize())


def without_log(content: bytes) -> bytes:
    """Return a database with a header that asks for no write-ahead log, which a database in memory cannot have."""
    if content[_JOURNAL_FORMATS] == _NO_WRITE_AHEAD_LOG:
        # Nearly always, of business units with each call: a copy takes as long as the rest of it.
        return content
    changed = bytearray(content)
    changed[_JOURNAL_FORMATS] = _NO_WRITE_AHEAD_LOG
    return bytes(changed)


def _reader(path: str) -> sqlite3.Connection:
    """Return a connection that cannot write, and that creates no files beside a file without a log."""
    mode = "mode=ro" if os.path.exists(f"{path}-wal") else "mode=ro&immutable=1"
    uri = f"{Path(path).absolute().as_uri()}?{mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=2)
    # What SQLite says of damage quotes it.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection
