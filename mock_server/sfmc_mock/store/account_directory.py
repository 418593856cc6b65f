"""The directory of a server with several processes: which process has which account, and the names of its callers.

It is one SQLite file that all processes read and write. It is made anew at each start of the server, so that a crash
of the machine may damage it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

MID = "MID"
USER = "user name"
CLIENT = "client ID"
LIMIT = "limit"
_TOKEN = "token"

_MOST_TOKENS = 200_000

_TABLES = """
CREATE TABLE IF NOT EXISTS account (mid INTEGER PRIMARY KEY, worker INTEGER NOT NULL, place INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS name (
    kind TEXT NOT NULL, name TEXT NOT NULL, mid INTEGER NOT NULL, PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claimed (mid INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS token (id INTEGER PRIMARY KEY, token BLOB NOT NULL UNIQUE, mid INTEGER NOT NULL);
"""


class Taken(NamedTuple):
    """A name that another account has; of the kind `LIMIT`, the number of accounts that there are already."""

    kind: str
    name: str
    mid: int


class Directory:
    """The directory, as one worker process uses it. Safe to use from many threads.

    The entries of a worker stay when its process dies: callers wait for its successor, and are not told that they are
    unknown.
    """

    def __init__(self, path: str | Path, worker: int) -> None:
        self.worker = worker
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def enter(
        self, mid: int, place: int, names: Mapping[str, Iterable[str]], *, most: int | None = None
    ) -> Taken | None:
        """Enter an account of this worker with the names that find it, or return what another account has already.

        Accounts are listed in the order of their places. With `most`, it is entered only where fewer accounts are.
        """
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            if most is not None:
                (count,) = self._column("SELECT count(*) FROM account")
                if count >= most:
                    return Taken(LIMIT, str(count), mid)
            if self._worker_of_account(mid) not in (None, self.worker):
                return Taken(MID, str(mid), mid)
            self._connection.execute("DELETE FROM name WHERE mid = ?", (mid,))
            for kind, its_names in names.items():
                for name in its_names:
                    owner = self._mid_of(kind, name)
                    if owner is not None:
                        self._connection.rollback()
                        return Taken(kind, name, owner)
                    self._connection.execute("INSERT INTO name VALUES (?, ?, ?)", (kind, name, mid))
            self._connection.execute(
                "INSERT OR REPLACE INTO account VALUES (?, ?, ?)", (mid, self.worker, place)
            )
        return None

    def claim_mid(self, first: int) -> int:
        """Reserve and return a MID, `first` or a greater one, that no account has."""
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            (highest,) = self._column("SELECT coalesce(max(mid), 0) FROM claimed")
            mid = max(first, highest + 1)
            while self._worker_of_account(mid) is not None:
                mid += 1
            self._connection.execute("INSERT INTO claimed VALUES (?)", (mid,))
            self._connection.execute("DELETE FROM claimed WHERE mid < ?", (mid,))
        return mid

    def enter_token(self, token: str, mid: int) -> None:
        """Enter a token that an account gave out; beyond a limit, the oldest tokens are removed."""
        with self._lock, self._connection:
            cursor = self._connection.execute(
                "INSERT OR REPLACE INTO token (token, mid) VALUES (?, ?)", (_digest(token), mid)
            )
            oldest = (cursor.lastrowid or 0) - _MOST_TOKENS
            self._connection.execute("DELETE FROM token WHERE id <= ?", (oldest,))

    def leave(self, mid: int) -> None:
        """Remove an account of this worker."""
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            if self._worker_of_account(mid) == self.worker:
                for table in ("account", "name", "token"):
                    self._connection.execute(f"DELETE FROM {table} WHERE mid = ?", (mid,))  # noqa: S608

    def keep_only(self, mids: Iterable[int]) -> list[int]:
        """Remove all other accounts of this worker, and return their MIDs: accounts in memory die with a process."""
        kept = set(mids)
        with self._lock:
            own = self._column("SELECT mid FROM account WHERE worker = ? ORDER BY mid", self.worker)
        gone = [mid for mid in own if mid not in kept]
        for mid in gone:
            self.leave(mid)
        return gone

    def worker_of(self, kind: str, name: str) -> int | None:
        """Return the worker whose account has the MID, user name or client ID."""
        with self._lock:
            mid = int(name) if kind == MID else self._mid_of(kind, name)
            return None if mid is None else self._worker_of_account(mid)

    def worker_of_token(self, token: str) -> int | None:
        """Return the worker whose account gave the token out."""
        query = "SELECT worker FROM token JOIN account USING (mid) WHERE token = ?"
        with self._lock:
            return next(iter(self._column(query, _digest(token))), None)

    def mids(self) -> list[int]:
        """Return the MIDs of all accounts of the server, in order."""
        with self._lock:
            return self._column("SELECT mid FROM account ORDER BY place, mid")

    def emptiest(self, workers: int) -> int:
        """Return the worker that has the fewest accounts, the last of several."""
        with self._lock:
            busy = self._column("SELECT worker FROM account")
        return min(range(workers), key=lambda worker: (busy.count(worker), -worker))

    def _mid_of(self, kind: str, name: str) -> int | None:
        query = "SELECT mid FROM name WHERE kind = ? AND name = ?"
        return next(iter(self._column(query, kind, name)), None)

    def _worker_of_account(self, mid: int) -> int | None:
        if mid.bit_length() > 63:
            return None
        return next(iter(self._column("SELECT worker FROM account WHERE mid = ?", mid)), None)

    def _column(self, query: str, *values: object) -> list[int]:
        with closing(self._connection.execute(query, values)) as rows:
            return [int(row[0]) for row in rows]


def _digest(token: str) -> bytes:
    # No secret is written to a disk that did not hold it before.
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
