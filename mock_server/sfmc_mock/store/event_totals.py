"""The number of visible events of a job: counted once, and then only events that are new or newly visible.

Events are added and never changed. Their rows are taken in blocks, of which each keeps the next time at which one of
its events begins to show: blocks in which nothing has changed are not looked at. Totals are in memory, and the views
of counters ask for them by functions of the connection.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator

from sfmc_mock.clock import steady_time
from sfmc_mock.errors import StorageFailed

_BLOCK = 4_096
"""Rows that are looked at together; so many take about a millisecond."""

_AT_ONCE = 2 * _BLOCK
"""Rows that are counted between two looks at the time."""

_MANY_NEW = 8
"""Where more than this share of all rows is new, all rows are counted anew, which is several times faster."""

_LAST = "SELECT COALESCE(max(id), 0) FROM event"
_AT = "SELECT type, job_id, batch_id, subscriber_id, happens_at, visible_at FROM event WHERE id = ?"

# What shows now, and did not when it was counted before: at a time, up to a row. Messages are those of which no event
# was counted before, or further up.
_NEW = """
SELECT e.job_id, e.type, count(*), count(DISTINCT CASE WHEN e.type IN ('Open', 'Click') {is_first}
  THEN e.batch_id * 4294967296 + e.subscriber_id END)
FROM event e {index}
WHERE e.id BETWEEN :first AND :last AND e.visible_at <= :now AND (e.visible_at > :time OR e.id > :row)
GROUP BY e.type, e.job_id
"""
_ADDED = _NEW.format(
    index="NOT INDEXED",
    is_first="""AND NOT EXISTS (
      SELECT 1 FROM event f
      WHERE f.job_id = e.job_id AND f.batch_id = e.batch_id AND f.subscriber_id = e.subscriber_id AND f.type = e.type
      AND ((f.id <= :row AND f.visible_at <= :time) OR (f.id < :first AND f.visible_at <= :now)))""",
)
# Where messages are counted by what `_MESSAGES` returns.
_WITHOUT_MESSAGES = _NEW.format(index="NOT INDEXED", is_first="AND FALSE")
_MESSAGES = """
SELECT job_id, type, batch_id * 4294967296 + subscriber_id FROM event NOT INDEXED
WHERE id BETWEEN :first AND :last AND type IN ('Open', 'Click')
AND visible_at <= :now AND (visible_at > :time OR id > :row)
"""
# With the index all events need no sorting.
_ALL = _NEW.format(index="INDEXED BY event_job", is_first="")
_NEXT_TIME = (
    "SELECT min(visible_at) FROM event WHERE id BETWEEN :first AND :last AND visible_at > :now"
)

Key = tuple[int, str]


class EventTotals:
    """Totals of one account's events by job and type. The caller of each method holds the lock of the database.

    The SQL functions `counted_events(job, type)` and `counted_messages(job, type)` return the totals of the last
    `update`: events, and (of opens and clicks) messages with an event.
    """

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], str]) -> None:
        """Begin without totals; `now` returns the account's time as the store keeps times."""
        self._connection = connection
        self._now = now
        self._events: Counter[Key] = Counter()
        self._messages: Counter[Key] = Counter()
        self.forget()
        connection.create_function("counted_events", 2, lambda *key: self._events[key])
        connection.create_function("counted_messages", 2, lambda *key: self._messages[key])

    def forget(self) -> None:
        """Count all events anew the next time."""
        self._events.clear()
        self._messages.clear()
        self._next_times: dict[int, str] = {}
        self._row, self._time = 0, ""
        # Messages of opens and clicks while all events are counted in steps: to look for earlier events is slower.
        self._seen: dict[Key, set[int]] | None = {}
        self._last: object = None

    def check(self) -> None:
        """Forget the totals if the newest event in them is gone, as after a rollback."""
        try:
            if self._row and self._event_at(self._row) != self._last:
                self.forget()
        except (sqlite3.Error, StorageFailed):
            self.forget()

    def update(self, seconds: float | None = None) -> bool:
        """Count events that are new or newly visible since the last time; return whether all were counted.

        With `seconds` the counting stops after about so long, and the next call goes on.
        """
        now = self._now()
        if now < self._time:
            self.forget()
        self.check()
        newest: int = self._connection.execute(_LAST).fetchone()[0]
        if seconds is not None:
            return self._update_in_steps(now, newest, steady_time() + seconds)
        if (newest - self._row) * _MANY_NEW > newest:
            self.forget()
        self._seen = None
        self._go_on(now, newest, whole=True)
        return True

    def _update_in_steps(self, now: str, newest: int, end: float) -> bool:
        if self._seen is None:
            changed = sum(last + 1 - first for first, last in self._changed(now, newest))
            if changed * 2 > newest:
                self.forget()
        # All steps of a first count are as of one time, lest its blocks be looked at again and again.
        at = now if self._seen is None or not self._time else self._time
        while True:
            self._go_on(at, min(newest, self._row + _AT_ONCE), whole=False)
            if self._row == newest:
                self._seen = None
                return True
            if steady_time() >= end:
                return False

    def _go_on(self, now: str, newest: int, *, whole: bool) -> None:
        for first, last in self._changed(now, newest):
            is_all = whole and first == 0 and self._row == 0
            self._count(_ALL if is_all else _ADDED, first, min(last, newest), now)
        self._row, self._time, self._last = newest, now, self._event_at(newest)

    def _changed(self, now: str, newest: int) -> Iterator[tuple[int, int]]:
        """Yield the first and last row of each range of rows to count, in order; neighbouring blocks are one range."""
        blocks = sorted(block for block, time in self._next_times.items() if time <= now)
        if newest > self._row:
            new = range((self._row + 1) // _BLOCK, newest // _BLOCK + 1)
            blocks = sorted({*blocks, *new})
        first = last = None
        for block in blocks:
            if first is not None and last is not None and block != last + 1:
                yield first * _BLOCK, (last + 1) * _BLOCK - 1
                first = None
            first, last = block if first is None else first, block
        if first is not None and last is not None:
            yield first * _BLOCK, (last + 1) * _BLOCK - 1

    def _count(self, sql: str, first: int, last: int, now: str) -> None:
        run = self._connection.execute
        between = {"first": first, "last": last, "now": now, "time": self._time, "row": self._row}
        if self._seen is not None:
            sql = _WITHOUT_MESSAGES
            for job, kind, message in run(_MESSAGES, between).fetchall():
                self._seen.setdefault((job, kind), set()).add(message)
            for key, messages_seen in self._seen.items():
                self._messages[key] = len(messages_seen)
        for job, kind, events, messages in run(sql, between).fetchall():
            self._events[job, kind] += events
            self._messages[job, kind] += messages
        for block in range(first // _BLOCK, last // _BLOCK + 1):
            start = block * _BLOCK
            asked = {"first": start, "last": start + _BLOCK - 1, "now": now}
            next_time = run(_NEXT_TIME, asked).fetchone()[0]
            self._next_times.pop(block, None)
            if next_time is not None:
                self._next_times[block] = next_time

    def _event_at(self, number: int) -> object:
        return self._connection.execute(_AT, (number,)).fetchone()
