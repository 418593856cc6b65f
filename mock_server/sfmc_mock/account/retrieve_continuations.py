"""Continuations: Retrieves that have more pages, for ContinueRequest; and the number of rows of a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.clock import stored
from sfmc_mock.store.conditions import Condition, from_plain

CONTINUATION_LIFE = timedelta(minutes=30)
"""How long the next page can be asked for, on the account's clock (assumed: the service's limit was not found)."""

# Only the oldest ones are checked: checking all would make each page of a long retrieve costlier than the last.
_FORGOTTEN_AT_ONCE = 10
_FORGET_OLDEST = (
    "DELETE FROM continuation WHERE rowid IN (SELECT rowid FROM continuation ORDER BY rowid LIMIT ?) "
    "AND expires_at < ?"
)

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Continuation:
    """A retrieve that has more pages: its question, and the row after which it continues."""

    chain: str
    object_type: str
    argument: str | None
    names: tuple[str, ...]
    condition: Condition | None
    after: int | str
    limit: int
    mid: int | None = None
    """The account in which it continues, None for the caller's own."""
    then: tuple[tuple[int, object], ...] = ()
    """The accounts that follow, each with its condition as `Condition.plain` returns it."""


def page_size(server_size: int, batch_size: int | None) -> int:
    """Return the number of results of a page: the smaller of the server's size and BatchSize (documented)."""
    return min(server_size, batch_size) if batch_size and batch_size > 0 else server_size


def store_continuation(account: Account, request_id: str, continuation: Continuation) -> None:
    """Store the continuation of a retrieve under the RequestID of its last page."""
    payload = {
        "object_type": continuation.object_type,
        "argument": continuation.argument,
        "names": list(continuation.names),
        "condition": continuation.condition.plain if continuation.condition else None,
        "after": continuation.after,
        "limit": continuation.limit,
        "mid": continuation.mid,
        "then": continuation.then,
    }
    now = account.now()
    with account.db.atomic():
        account.db.run(_FORGET_OLDEST, (_FORGOTTEN_AT_ONCE, stored(now)))
        account.db.put(
            "continuation",
            {
                "request_id": request_id,
                "chain": continuation.chain,
                "payload": json.dumps(payload),
                "expires_at": stored(now + CONTINUATION_LIFE),
            },
        )


@dataclass(frozen=True, slots=True)
class StoredContinuation:
    """A stored continuation, whose condition is still JSON."""

    chain: str
    object_type: str
    argument: str | None
    payload: Mapping[str, Any]

    def parts(self) -> Iterator[tuple[int | None, Callable[[Mapping[str, str]], Continuation]]]:
        """Yield the accounts in which it continues, each with a function that returns its continuation.

        The function takes the SQL of columns that are not compared as they are stored.
        """
        said = self.payload
        yield said.get("mid"), partial(self._continuation, said["condition"], said["after"])
        for mid, condition in said.get("then", ()):
            yield mid, partial(self._continuation, condition, 0)

    def _continuation(
        self, condition: Any, after: int | str, expressions: Mapping[str, str]
    ) -> Continuation:
        return Continuation(
            chain=self.chain,
            object_type=self.object_type,
            argument=self.argument,
            names=tuple(self.payload["names"]),
            condition=from_plain(condition, expressions),
            after=after,
            limit=self.payload["limit"],
        )


def find_continuation(account: Account, request_id: str) -> StoredContinuation | None:
    """Return the retrieve that goes on from a page; None for an unknown or expired RequestID.

    Each RequestID leads to the page after its own, so that a call may be repeated. If the first one of a chain is used
    again, it leads to the newest page: some clients never use the later RequestIDs (assumed to work).
    """
    row = account.db.find("continuation", request_id=request_id)
    if row is None or row["expires_at"] < account.now_text():
        return None
    if row["chain"] == request_id:
        row = account.db.find_all("continuation", "rowid", chain=request_id)[-1]
    payload = json.loads(row["payload"])
    return StoredContinuation(row["chain"], payload["object_type"], payload["argument"], payload)
