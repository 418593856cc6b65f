"""Retrieves under way: pages, ContinueRequests, and the bookmarks of RetrieveAllSinceLastBatch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.clock import stored
from sfmc_mock.errors import NESTED_TOO_DEEPLY, RetrieveRefused
from sfmc_mock.store.conditions import (
    Condition,
    Selection,
    TooComplex,
    from_plain,
    page_rows,
)
from sfmc_mock.store.database import quoted

CONTINUATION_LIFE = timedelta(minutes=30)
"""How long the next page can be asked for, on the account's clock (assumed: the service's limit was not found)."""

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Continuation:
    """A retrieve that has more pages: what was asked, and the row after which it goes on."""

    chain: str
    object_type: str
    argument: str | None
    names: tuple[str, ...]
    condition: Condition | None
    after: int | str
    limit: int


def page(account: Account, selection: Selection, after: int | str, limit: int) -> tuple[Rows, bool]:
    """Return the rows of a page, rowkey last, and whether there are more. Raises `RetrieveRefused`."""
    try:
        rows = page_rows(account.db, selection, after, limit + 1)
    except TooComplex:
        raise RetrieveRefused(NESTED_TOO_DEEPLY) from None
    return rows[:limit], len(rows) > limit


def keep(account: Account, request_id: str, continuation: Continuation) -> None:
    """Remember where a retrieve goes on, under the RequestID of the page before."""
    payload = {
        "object_type": continuation.object_type,
        "argument": continuation.argument,
        "names": list(continuation.names),
        "condition": continuation.condition.plain if continuation.condition else None,
        "after": continuation.after,
        "limit": continuation.limit,
    }
    now = account.now()
    with account.db.atomic():
        account.db.run("DELETE FROM continuation WHERE expires_at < ?", (stored(now),))
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
    """A continuation whose condition is not read yet."""

    chain: str
    object_type: str
    argument: str | None
    payload: Mapping[str, Any]

    def continuation(self, expressions: Mapping[str, str]) -> Continuation:
        """Return the continuation; `expressions` is the SQL of columns that are not compared as they are stored."""
        return Continuation(
            chain=self.chain,
            object_type=self.object_type,
            argument=self.argument,
            names=tuple(self.payload["names"]),
            condition=from_plain(self.payload["condition"], expressions),
            after=self.payload["after"],
            limit=self.payload["limit"],
        )


def find(account: Account, request_id: str) -> StoredContinuation | None:
    """Return the retrieve that goes on from a page; None for an unknown or expired RequestID.

    Each RequestID leads to the page after its own, so that a call may be repeated. The first one of a chain leads, when
    it is used again, to the newest page: some clients never take up the later RequestIDs (assumed to work).
    """
    row = account.db.find("continuation", request_id=request_id)
    if row is None or str(row["expires_at"]) < account.now_text():
        return None
    if row["chain"] == request_id:
        row = account.db.find_all("continuation", "rowid", chain=request_id)[-1]
    payload = json.loads(str(row["payload"]))
    return StoredContinuation(
        str(row["chain"]), payload["object_type"], payload["argument"], payload
    )


@dataclass(frozen=True, slots=True)
class Window:
    """What a RetrieveAllSinceLastBatch looks at: what is new by its time, or by its row; both ends are included below.

    Rows tell apart what is of the same time: a clock that stands still gives everything the same.
    """

    since: str
    until: str
    since_row: int
    until_row: int


def bookmark(account: Account, question: str, highest_row: int, *, repeat: bool) -> Window:
    """Return where a RetrieveAllSinceLastBatch looks, and move its bookmark to now and the highest row there is.

    The first call of a question looks at everything; with `repeat` the last one's window is given again
    (documented: RepeatLastResult).
    """
    rows = account.db.rows(
        "SELECT since, until, since_row, until_row FROM bookmark WHERE question = ?", (question,)
    )
    last = Window(*rows[0]) if rows else None
    if last is not None and repeat:
        return last
    window = Window(
        last.until if last else "", account.now_text(), last.until_row if last else 0, highest_row
    )
    account.db.put("bookmark", {"question": question, **asdict(window)})
    return window


def highest_row(account: Account, view: str, rowkey: str) -> int:
    """Return the highest number of a row of a view, 0 when it has none."""
    sql = f"SELECT max({quoted(rowkey)}) FROM {quoted(view)}"  # noqa: S608 - names are quoted
    highest: int | None = account.db.rows(sql)[0][0]
    return highest or 0
