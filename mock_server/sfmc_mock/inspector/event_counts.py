"""Counts of events by type and time for the chart, updated with new events only."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sfmc_mock.store import event_log
from sfmc_mock.store.database import Database

_MOST_AT_ONCE = 25_000
"""The most events that one request counts; this many take about 30 ms."""

_MOST_TIMES = 5_000

# The length of a time's text down to the minute, ten minutes, hour, day and month.
_LENGTHS = (16, 15, 13, 10, 7)
_FIRST_MOMENT = "0001-01-01T00:00:00"

ByTime = Counter[tuple[str, str]]


@dataclass(slots=True)
class EventCounts:
    """The number of events of each type by the time they happened, and by the time they became visible.

    Times are rounded down to the minute, or to longer spans if there are too many different ones.
    """

    happened: ByTime = field(default_factory=Counter)
    shown: ByTime = field(default_factory=Counter)
    is_complete: bool = False
    _length: int = _LENGTHS[0]
    _until: int = 0
    _last: tuple[object, ...] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def update(self, db: Database) -> None:
        """Count new events, up to a limit per call; `is_complete` says whether all are counted."""
        with self._lock, db.lock:
            if self._until and event_log.event_at_row(db, self._until) != self._last:
                # The account was restored from a checkpoint or reset: it has other events now.
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
        """Return time, EventType and count."""
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
