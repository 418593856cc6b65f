"""Bookmarks of RetrieveAllSinceLastBatch: how far earlier calls with the same question have read."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sfmc_mock.account.account import Account
from sfmc_mock.store.conditions import Condition, all_of, any_of, comparison
from sfmc_mock.store.database import quoted


@dataclass(frozen=True, slots=True)
class Window:
    """What a RetrieveAllSinceLastBatch looks at: what is new by its time, or by its row; both ends are included below.

    Rows tell apart what is of the same time: a clock that stands still gives everything the same.
    """

    since: str
    until: str
    since_row: int
    until_row: int

    def condition(self, newness: str, rowkey: str) -> Condition:
        """Return what is new of rows whose columns these are."""
        is_new = any_of(
            (
                comparison(newness, "greaterThan", (self.since,)),
                comparison(rowkey, "greaterThan", (self.since_row,)),
            )
        )
        return all_of(
            (
                comparison(newness, "lessThanOrEqual", (self.until,)),
                comparison(rowkey, "lessThanOrEqual", (self.until_row,)),
                is_new,
            )
        )


def move_bookmark(account: Account, question: str, highest_row: int, *, repeat: bool) -> Window:
    """Return the window of a RetrieveAllSinceLastBatch, and move its bookmark to the present time and the highest row.

    The window of the first call has no beginning; `repeat` returns the last call's window again
    (documented: RepeatLastResult).
    """
    last = last_window(account, question)
    if last is not None and repeat:
        return last
    window = Window(
        last.until if last else "", account.now_text(), last.until_row if last else 0, highest_row
    )
    account.db.put("bookmark", {"question": question, **asdict(window)})
    return window


def last_window(account: Account, question: str) -> Window | None:
    """Return the window of the last call with a question, None when there was none."""
    rows = account.db.rows(
        "SELECT since, until, since_row, until_row FROM bookmark WHERE question = ?", (question,)
    )
    return Window(*rows[0]) if rows else None


def highest_row(account: Account, view: str, rowkey: str) -> int:
    """Return the highest number of a row of a view, 0 when it has none."""
    sql = f"SELECT max({quoted(rowkey)}) FROM {quoted(view)}"  # noqa: S608 - names are quoted
    highest: int | None = account.db.rows(sql)[0][0]
    return highest or 0
