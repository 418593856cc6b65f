"""Recurrence: the times of a schedule, in server time.

Kinds and patterns of recurrence: wsdl. A day that a month has not is its last one, a schedule that says no interval has
one of 1, and weeks are counted from the Sunday before the start (assumed).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKS = ("first", "second", "third", "fourth", "last")

LONGEST_INTERVAL = {"Daily": 14_000, "Weekly": 2_000, "Monthly": 480}
"""A schedule whose next time is further away than this counts as ended."""

_UNITS = {"Minutely": timedelta(minutes=1), "Hourly": timedelta(hours=1)}
_FURTHEST_DAYS = 15_000


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A schedule: its first time, how it recurs, and how it ends.

    `kind` is Minutely, Hourly, Daily, Weekly, Monthly, Yearly, or empty for something that happens once. `pattern` is
    the wire's: Interval, EveryWeekDay, ByDay, ByWeek or ByMonth. `day` is one of a month, `week` one of `WEEKS`,
    `days` are names of weekdays. It ends after `occurrences`, or at `end`.
    """

    start: str
    kind: str = ""
    pattern: str = ""
    interval: int = 1
    days: tuple[str, ...] = ()
    day: int = 0
    week: str = ""
    month: str = ""
    occurrences: int | None = None
    end: str | None = None

    def plain(self) -> dict[str, Any]:
        """Return the recurrence as values of JSON."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Recurrence:
        """Return the recurrence from values that `plain` returned."""
        return cls(**{**plain, "days": tuple(plain["days"])})

    def next_after(self, moment: datetime, runs: int = 0) -> datetime | None:
        """Return the first time at or behind a moment, None when there is none; `runs` is how often it happened."""
        if self.occurrences is not None and runs >= self.occurrences:
            return None
        start = datetime.fromisoformat(self.start)
        following = self._at_or_after(start, max(start, moment))
        if following is None or (
            self.end is not None and following > datetime.fromisoformat(self.end)
        ):
            return None
        return following

    def _at_or_after(self, start: datetime, moment: datetime) -> datetime | None:
        if not self.kind:
            return start if moment <= start else None
        unit = _UNITS.get(self.kind)
        if unit is not None:
            step = unit * self.interval
            return start + -(-(moment - start) // step) * step
        day = moment.date() if moment.time() <= start.time() else moment.date() + timedelta(1)
        for _ in range(_FURTHEST_DAYS):
            if self._is_on(day, start.date()):
                return datetime.combine(day, start.time())
            day += timedelta(1)
        return None

    def _is_on(self, day: date, start: date) -> bool:
        match self.kind:
            case "Daily" if self.pattern == "EveryWeekDay":
                return day.weekday() < 5
            case "Daily":
                return (day - start).days % self.interval == 0
            case "Weekly":
                weeks = (_sunday(day) - _sunday(start)).days // 7
                days = self.days or (DAYS[start.weekday()],)
                return weeks % self.interval == 0 and DAYS[day.weekday()] in days
            case "Monthly":
                months = (day.year - start.year) * 12 + day.month - start.month
                return months % self.interval == 0 and self._is_day_of_month(day, start)
            case _:
                return MONTHS[day.month - 1] == self.month and self._is_day_of_month(day, start)

    def _is_day_of_month(self, day: date, start: date) -> bool:
        last = monthrange(day.year, day.month)[1]
        if self.pattern != "ByWeek":
            return day.day == min(self.day or start.day, last)
        if DAYS[day.weekday()] not in self.days:
            return False
        return day.day + 7 > last if self.week == "last" else WEEKS[(day.day - 1) // 7] == self.week


def _sunday(day: date) -> date:
    return day - timedelta((day.weekday() + 1) % 7)
