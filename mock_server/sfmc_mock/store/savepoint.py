"""Steps of a transaction, each of which is kept as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from sfmc_mock.store.connection import AccountConnection


class Savepoint:
    """Undoes what a block wrote that raises; to be entered again and again within one transaction.

    A block that was undone leaves the savepoint for the next one, so that a batch of refusals costs one statement each.
    """

    def __init__(
        self, connection: AccountConnection, on_undone: Callable[[], object] = lambda: None
    ) -> None:
        self._connection = connection
        self._on_undone = on_undone
        self._is_set = False

    def __enter__(self) -> None:
        if not self._is_set:
            self._connection.control("SAVEPOINT step")
            self._is_set = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.release()
            return
        self._on_undone()
        # SQLite may have rolled back on its own; a second ROLLBACK would mask the cause.
        if self._connection.in_transaction:
            self._connection.control("ROLLBACK TO step")
        else:
            self._is_set = False

    def release(self) -> None:
        """Keep what the blocks wrote since, and end the savepoint."""
        if self._is_set and self._connection.in_transaction:
            self._connection.control("RELEASE step")
        self._is_set = False
