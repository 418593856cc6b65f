"""Send windows: the hours of the day, in server time, in which a job sends (their meaning: documented).

A window with one end reaches to midnight; one that closes before it opens goes over midnight (assumed).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from sfmc_mock.clock import parse_time_of_day

_DAY = timedelta(days=1)


class SendWindow(NamedTuple):
    """The hours of a day in which messages leave."""

    opens: time
    closes: time

    @classmethod
    def of(cls, opens: str, closes: str) -> SendWindow | None:
        """Return the window with the given ends, None without any. Raises `ValueError`."""
        if not opens and not closes:
            return None
        return cls(parse_time_of_day(opens or "00:00"), parse_time_of_day(closes or "00:00"))

    @classmethod
    def is_empty(cls, opens: str | None, closes: str | None) -> bool:
        """Say whether a window closes when it opens; the ends are valid."""
        window = cls.of(opens, closes) if opens and closes else None
        return window is not None and window.opens == window.closes

    def contains(self, moment: datetime) -> bool:
        """Say whether messages leave at a moment."""
        at = moment.time()
        if self.opens < self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes

    def next_opening(self, moment: datetime) -> datetime:
        """Return when the window opens next, after a moment."""
        opening = datetime.combine(moment.date(), self.opens)
        return opening if opening > moment else opening + _DAY
