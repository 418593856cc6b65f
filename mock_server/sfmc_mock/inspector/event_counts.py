"""Events counted by type and time, for the chart: counted once, and then only what is new."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sfmc_mock.store import event_log
from sfmc_mock.store.database import Database

_MOST_AT_ONCE = 25_000
"""Events that one request counts at most: so many take about 30 ms."""

_MOST_TIMES = 5_000

# Minute, ten minutes, hour, day, month: so many characters of a time.
_LENGTHS = (16, 15, 13, 10, 7)
_FIRST_MOMENT = "0001-01-01T00:00:00"

ByTime = Counter[tuple[str, str]]


@dataclass(slots=True)
class EventCounts:
    """How many events of each type happened, and began to show, at which time.

    Times are kept to the minute, and more coarsely where they are many.
    """

    happened: ByTime = field(default_factory=Counter)
    shown: ByTime = field(default_factory=Counter)
    is_complete: bool = False
    _length: int = _LENGTHS[0]
    _until: int = 0
    _last: tuple[object, ...] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def update(self, db: Database) -> None:
        """Count the events that are new since the last time; `is_complete` says whether that is all of them."""
        with self._lock, db.lock:
            if self._until and event_log.event_at_row(db, self._until) != self._last:
                # The account was put back: it has other events now.
                self._forget()
            newest = event_log.last_row(db)
            until = min(newest, self._until + _MOST_AT_ONCE)
            for event_type, happened, shown, number in event_log.count_by_time(
                db, self._until, until, self._length
            ):
                self.happened[event_type, happened] += number
                self.shown[event_type, shown] += number
            self.is_complete = until == newest
            self._until = until
            self._last = event_log.event_at_row(db, until)
            self._keep_few()

    def points(self, counts: ByTime) -> list[tuple[datetime, str, int]]:
        """Return time, EventType and number of what was counted."""
        with self._lock:
            counted = list(counts.items())
        return [
            (datetime.fromisoformat(time + _FIRST_MOMENT[len(time) :]), event_type, number)
            for (event_type, time), number in counted
        ]

    def _forget(self) -> None:
        self.happened.clear()
        self.shown.clear()
        self._until, self._last, self._length = 0, None, _LENGTHS[0]

    def _keep_few(self) -> None:
        for length in _LENGTHS:
            if max(len(self.happened), len(self.shown)) <= _MOST_TIMES:
                return
            if length < self._length:
                self._length = length
                self.happened = _cut(self.happened, length)
                self.shown = _cut(self.shown, length)


def _cut(counts: ByTime, length: int) -> ByTime:
    by_time: ByTime = Counter()
    for (event_type, time), number in counts.items():
        by_time[event_type, time[:length]] += number
    return by_time
