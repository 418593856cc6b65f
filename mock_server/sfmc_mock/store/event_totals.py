"""How many events everybody can see already, so that counters look at those that came later only.

Events are added and never changed: those up to a row that can all be seen are counted once, and kept in memory as
totals of each job and type. The views of counters ask for these by functions of the connection, and add what came after
the row. With the clock set back, or with other content, the totals are counted anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

_FEWEST = 1_000
"""Fewer events are counted each time."""

_UNIQUE = frozenset({"Open", "Click"})
"""Types of which also the messages are counted that have one."""

_FIRST_UNSEEN = "SELECT id FROM event WHERE id > :after AND visible_at > :now ORDER BY id LIMIT 1"
_LAST = "SELECT max(id) FROM event"
_AT = "SELECT type, job_id, batch_id, subscriber_id, happens_at, visible_at FROM event WHERE id = ?"
# At first all events are counted: the index holds what is asked for.
_ALL_EVENTS = (
    "SELECT job_id, type, count(*) FROM event INDEXED BY event_job WHERE id > :after AND id <= :until "
    "GROUP BY type, job_id"
)
_EVENTS = (
    "SELECT job_id, type, count(*) FROM event NOT INDEXED WHERE id > :after AND id <= :until "
    "GROUP BY type, job_id"
)
_MESSAGES = (
    "SELECT count(DISTINCT e.batch_id * 4294967296 + e.subscriber_id) FROM event e "
    "WHERE e.type = :type AND e.job_id = :job AND e.id > :after AND e.id <= :until "
    "AND (:after = 0 OR NOT EXISTS (SELECT 1 FROM event f WHERE f.job_id = e.job_id AND f.batch_id = e.batch_id "
    "AND f.subscriber_id = e.subscriber_id AND f.type = e.type AND f.id <= :after))"
)


class EventTotals:
    """Totals of one account's events; whoever uses it holds the lock of the database."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], str]) -> None:
        """Give the connection the functions `counted_until()`, `counted_events(job, type)`, `counted_messages(…)`."""
        self._connection = connection
        self._now = now
        self.forget()
        connection.create_function("counted_until", 0, self._valid_until)
        connection.create_function("counted_events", 2, self._events_of)
        connection.create_function("counted_messages", 2, self._messages_of)

    def forget(self) -> None:
        """Count all events anew the next time."""
        self._until = 0
        self._time = ""
        self._last: object = None
        self._events: dict[tuple[int, str], int] = {}
        self._messages: dict[tuple[int, str], int] = {}

    def check(self) -> None:
        """Forget the totals if the newest event in them is gone, as after a rollback."""
        try:
            if self._until and self._event_at(self._until) != self._last:
                self.forget()
        except sqlite3.Error:
            self.forget()

    def advance(self) -> None:
        """Count the events that can be seen since the last time, up to the first that cannot."""
        run, now = self._connection.execute, self._now()
        if now < self._time:
            self.forget()
        self.check()
        newest = run(_LAST).fetchone()[0] or 0
        if newest - self._until < _FEWEST:
            return
        unseen = run(_FIRST_UNSEEN, {"after": self._until, "now": now}).fetchone()
        until = newest if unseen is None else unseen[0] - 1
        if until - self._until < _FEWEST:
            return
        self._count(self._until, until)
        self._until, self._time = until, now
        self._last = self._event_at(until)

    def _event_at(self, number: int) -> object:
        return self._connection.execute(_AT, (number,)).fetchone()

    def _count(self, after: int, until: int) -> None:
        run, between = self._connection.execute, {"after": after, "until": until}
        for job, kind, number in run(_EVENTS if after else _ALL_EVENTS, between).fetchall():
            self._events[job, kind] = self._events.get((job, kind), 0) + number
            if kind in _UNIQUE:
                asked = {**between, "job": job, "type": kind}
                messages = run(_MESSAGES, asked).fetchone()[0]
                self._messages[job, kind] = self._messages.get((job, kind), 0) + messages

    def _valid_until(self) -> int:
        return self._until if self._now() >= self._time else 0

    def _events_of(self, job: int, kind: str) -> int:
        return self._events.get((job, kind), 0) if self._now() >= self._time else 0

    def _messages_of(self, job: int, kind: str) -> int:
        return self._messages.get((job, kind), 0) if self._now() >= self._time else 0
