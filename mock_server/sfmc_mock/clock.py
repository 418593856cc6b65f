"""The account's time. No other module of the package reads the system's time.

Times are naive `datetime`s in server time: UTC-6 all year, without daylight saving (documented; seen live). Stored and
shown with milliseconds that end in 0, 3 or 7, as SQL Server's `datetime` rounds them (recorded).
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from datetime import time as time_of_day
from math import inf
from typing import NamedTuple

from sfmc_mock.errors import SetupError

SERVER_OFFSET = timedelta(hours=-6)

_ZONED = re.compile(r"(?P<naive>[^Z+]*?)(?P<zone>Z|[+-]\d\d:\d\d)?", re.ASCII)
_TIME_OF_DAY = re.compile(
    r"(?:\d{4}-\d\d-\d\dT)?(?P<time>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)"
    r"(?P<zone>Z|[+-](?:0\d|1[0-4]):[0-5]\d)?",
    re.ASCII,
)
_US = re.compile(
    r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4})"
    r"(?: (?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?: ?(?P<half>[AP])M)?)?",
    re.ASCII | re.IGNORECASE,
)


# Far enough from the calendar's end for all times derived from an account's time: expiries, delays, other zones.
LAST = datetime(9000, 1, 1)


system_time = time.time
"""Returns the machine's time in seconds since 1970."""


def pause(seconds: float) -> None:
    """Wait for a duration of real time."""
    time.sleep(seconds)


steady_time = time.perf_counter
"""Returns seconds that only grow, for measuring durations."""


def server_time(seconds: float) -> datetime:
    """Return the server time of a moment given in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) + SERVER_OFFSET


def utc_text(moment: datetime) -> str:
    """Return a server time as UTC with whole seconds: `2021-12-29T21:27:30Z`."""
    return (moment - SERVER_OFFSET).replace(microsecond=0).isoformat() + "Z"


TICK = timedelta(milliseconds=4)
"""The smallest step after which the account shows a later time."""


def rounded(moment: datetime) -> datetime:
    """Return the moment as SQL Server's `datetime` holds it: to 1/300 s, shown in milliseconds.

    Raises `OverflowError` for the last millisecond of the calendar.
    """
    milliseconds = round(round(moment.microsecond * 3 / 10_000) * 10 / 3)
    if milliseconds < 1_000:
        return moment.replace(microsecond=milliseconds * 1_000)
    return moment.replace(microsecond=0) + timedelta(seconds=1)


def stored(moment: datetime) -> str:
    """Return the moment as the store keeps it: `2026-01-01T00:00:00.000`."""
    return moment.isoformat(timespec="milliseconds")


def parse_time_of_day(text: str) -> time_of_day:
    """Return the server time of day in a text: an `xsd:time`, or an `xsd:dateTime`, whose date is ignored.

    With `Z` it is UTC, with an offset that offset. Raises `ValueError`.
    """
    found = _TIME_OF_DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"No time of day: {text}")
    there = time_of_day.fromisoformat(found["time"])
    if not found["zone"]:
        return there
    zone = datetime.fromisoformat(f"2000-01-02T{there.isoformat()}{found['zone']}")
    return zone.astimezone(timezone(SERVER_OFFSET)).time()


def is_time_of_day(text: str) -> bool:
    """Say whether `parse_time_of_day` accepts a text, or the text is blank."""
    try:
        return not text.strip() or parse_time_of_day(text) is not None
    except ValueError:
        return False


def parse_time(text: str) -> datetime:
    """Return the server time in a text of a request.

    With `Z` it is UTC, with an offset that offset, without either server time (documented). Raises `ValueError`.
    """
    match = _ZONED.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a valid time")
    try:
        moment = datetime.fromisoformat(match["naive"])
    except ValueError:
        raise ValueError(f"'{text}' is not a valid time") from None
    if moment.tzinfo is not None:
        raise ValueError(f"'{text}' has an offset that is not written like -06:00")
    zone = match["zone"]
    if zone is None:
        return moment
    offset = timedelta()
    if zone != "Z":
        sign = -1 if zone[0] == "-" else 1
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])) * sign
    try:
        return moment - offset + SERVER_OFFSET
    except OverflowError:
        raise ValueError(f"'{text}' is outside the years 1 to 9999") from None


def parse_us_time(text: str) -> datetime:
    """Return the server time in a text of the service's own culture: `5/9/2024 12:00:00 AM`, or only the date.

    Raises `ValueError`.
    """
    match = _US.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a valid time")
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"'{text}' is not a valid time")
        hour = hour % 12 + (12 if match["half"].upper() == "P" else 0)
    day = datetime(int(match["year"]), int(match["month"]), int(match["day"]))
    return day.replace(
        hour=hour, minute=int(match["minute"] or 0), second=int(match["second"] or 0)
    )


def parse_iso_or_us_time(text: str) -> datetime:
    """Return the server time in a text of either form. Raises `ValueError`."""
    return parse_us_time(text) if _US.fullmatch(text.strip()) else parse_time(text)


_DAYS = {f"{number:02}": str(number) for number in range(1, 32)}
_HOURS = {f"{hour:02}": (str(hour % 12 or 12), "AM" if hour < 12 else "PM") for hour in range(24)}


def us_text(stored: str) -> str:
    """Return a stored time as the service's own culture writes it: `5/9/2024 12:00:00 AM` (recorded: RetainUntil)."""
    hour, half = _HOURS[stored[11:13]]
    return f"{_DAYS[stored[5:7]]}/{_DAYS[stored[8:10]]}/{stored[:4]} {hour}{stored[13:19]} {half}"


class Shown(NamedTuple):
    """The time that a clock with a setting shows from the machine's time `since` to `until`."""

    so: tuple[bool, datetime, float] | None
    moment: datetime
    text: str
    since: float
    until: float


_NOT_SHOWN = Shown(None, datetime.min, "", 0.0, 0.0)


@dataclass(slots=True)
class Clock:
    """An account's clock: it shows `shown` at the machine's time `at`, and runs on from there or stands still."""

    running: bool
    shown: datetime
    at: float
    # It is asked in each call, and shows the same for 1/300 s.
    _last: Shown = field(default=_NOT_SHOWN, init=False, repr=False, compare=False)

    @classmethod
    def started(cls) -> Clock:
        """Return a clock that runs and shows the real time."""
        now = system_time()
        return cls(True, server_time(now), now)

    def now(self) -> datetime:
        """Return the account's time, rounded as the service keeps times."""
        return self.shows().moment

    def shows(self) -> Shown:
        """Return the account's time, rounded, and as the store keeps it."""
        last, so = self._last, (self.running, self.shown, self.at)
        now = system_time()
        if last.since <= now < last.until and last.so == so:
            return last
        running, shown, at = so
        if not running:
            moment = rounded(shown)
            shows = Shown(so, moment, stored(moment), 0.0, inf)
        else:
            exact = shown + timedelta(seconds=max(now - at, 0.0))
            moment = rounded(exact)
            # Two microseconds less: a time of the system is not an exact number of them.
            left = (
                (round(exact.microsecond * 3 / 10_000) + 0.5) * 10_000 / 3 - exact.microsecond - 2
            )
            since = max(now, at)
            shows = Shown(so, moment, stored(moment), since, since + left / 1_000_000)
        self._last = shows
        return shows

    def _exact(self) -> datetime:
        # A machine's clock may be set back; an account's never goes so.
        passed = max(system_time() - self.at, 0.0) if self.running else 0.0
        return self.shown + timedelta(seconds=passed)

    def freeze(self) -> None:
        """Stop the clock at its present time."""
        self.shown, self.at, self.running = self._exact(), system_time(), False

    def run(self) -> None:
        """Run the clock from its present time, at the pace of real time."""
        self.shown, self.at, self.running = self._exact(), system_time(), True

    def advance(self, duration: timedelta) -> None:
        """Go forward by a duration. Raises `SetupError` for a negative one, and beyond the calendar."""
        if duration < timedelta():
            raise SetupError(
                f"A clock only goes forward, not by {duration}. Reset the account, or restore a checkpoint, to go back."
            )
        now = self._exact()
        _check_reachable(duration <= LAST - now)
        self.shown, self.at = now + duration, system_time()

    def set(self, moment: datetime) -> None:
        """Go forward to a moment. Raises `SetupError` when it is past, or beyond the calendar."""
        _check_reachable(moment <= LAST)
        now = self.now()
        if rounded(moment) < now:
            raise SetupError(
                f"A clock only goes forward: it shows {now.isoformat(timespec='seconds')}, which is after "
                f"{moment.isoformat(timespec='seconds')}. Reset the account, or restore a checkpoint, to go back."
            )
        self.shown, self.at = moment, system_time()


def _check_reachable(is_reachable: bool) -> None:
    if not is_reachable:
        raise SetupError(
            f"A clock goes no further than the year {LAST.year}. Say a time before that."
        )
