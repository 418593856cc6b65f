"""An account's clock, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sfmc_mock.account import Account
from sfmc_mock.account.clock_steps import lead_clock
from sfmc_mock.clock import LAST, SERVER_OFFSET, Clock, parse_time, stored, utc_text
from sfmc_mock.errors import SetupError
from sfmc_mock.operations.callbacks import wait_for_callbacks
from sfmc_mock.simulator.durations import parse_duration
from sfmc_mock.store import timers
from sfmc_mock.store.event_log import next_time


class ClockHandle:
    """An account's clock: running or frozen, and forward only. Times are naive, in server time (UTC-6)."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"<clock {self.now.isoformat(' ')}, {'running' if self.running else 'frozen'}>"

    @property
    def now(self) -> datetime:
        # Under the lock: another thread may be changing it.
        with self._account.db.lock:
            return self._account.now()

    @property
    def running(self) -> bool:
        return self._account.clock.running

    def advance(self, duration: str | timedelta | None = None, **parts: float) -> datetime:
        """Go forward by a duration (`"2h30m"`, a timedelta, or `days=7`) and return the time.

        Scheduled actions on the way are done in order; other calls are answered meanwhile. Raises `SetupError` for a
        negative or unreadable duration, and when it takes longer than `limits.CLOCK_SECONDS`: call it again then.
        """
        if duration is None and not parts:
            raise SetupError("Say how far to advance the clock: a duration like 2h30m, or days=7.")
        span = span_of(duration, parts)

        def forward(clock: Clock) -> None:
            if span > LAST - clock.now():
                raise SetupError(f"The clock goes up to {LAST:%Y-%m-%d}: {span} is too far.")
            clock.advance(span)

        return self._change(forward)

    def set(self, moment: str | datetime) -> datetime:
        """Go forward to a time, given in server time unless it names a zone. Raises `SetupError` for a past one."""
        wanted = moment_of(moment)
        if wanted > LAST:
            raise SetupError(f"The clock goes up to {LAST:%Y-%m-%d}: {wanted} is too far.")
        return self._change(lambda clock: clock.set(wanted))

    def freeze(self) -> datetime:
        """Stop the clock at its present time."""
        return self._change(lambda clock: clock.freeze())

    def run(self) -> datetime:
        """Run the clock at the pace of real time."""
        return self._change(lambda clock: clock.run())

    def next(self) -> datetime | None:
        """Return the next time at which something happens or becomes visible in a Retrieve, None without any."""
        account = self._account
        with account.db.lock:
            account.settle()
            times = [next_time(account.db, account.now_text()), timers.next_time(account.db)]
        return min((datetime.fromisoformat(time) for time in times if time), default=None)

    def skip_to_next(self) -> datetime:
        """Go forward to the next time at which something happens or becomes visible; without any, `SetupError`."""
        with (self._account.enterprise or self._account).clock_turn:
            moment = self.next()
            if moment is None:
                raise SetupError(
                    "Nothing is to come: no event, and nothing that the account has to do."
                )
            now = self._changed(lambda clock: clock.set(moment))
        wait_for_callbacks(self._account)
        return now

    def as_json(self) -> dict[str, object]:
        with self._account.db.lock:
            now, running = self._account.now(), self._account.clock.running
        return {"now": stored(now), "utc": utc_text(now), "running": running}

    def _change(self, change: Callable[[Clock], None]) -> datetime:
        now = self._changed(change)
        # What fell due may be posted to the test itself: it is there when this returns.
        wait_for_callbacks(self._account)
        return now

    def _changed(self, change: Callable[[Clock], None]) -> datetime:
        lead_clock(self._account, change)
        return self.now


_PARTS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


def span_of(
    duration: str | timedelta | None, parts: Mapping[str, float] | None = None
) -> timedelta:
    """Return a duration given as a text, a timedelta, or parts of one. Raises `SetupError`."""
    for name in parts or {}:
        if name not in _PARTS:
            raise SetupError(f"A duration has no {name}. Its parts are {', '.join(_PARTS)}.")
    try:
        span = timedelta(**parts or {})
        if isinstance(duration, timedelta):
            return span + duration
        return span if duration is None else span + parse_duration(duration)
    except OverflowError:
        raise SetupError("The duration is longer than the calendar. Give a shorter one.") from None


def moment_of(moment: str | datetime) -> datetime:
    """Return a time in server time. Raises `SetupError` for a text that is none."""
    try:
        if isinstance(moment, str):
            return parse_time(moment)
        if moment.tzinfo is None:
            return moment
        return moment.astimezone(UTC).replace(tzinfo=None) + SERVER_OFFSET
    except (ValueError, OverflowError):
        raise SetupError(
            f"'{moment}' is not a valid time. Write it as 2026-01-31T13:45:00 (server time, UTC-6), or with a zone: "
            "2026-01-31T19:45:00Z."
        ) from None


def later(moment: datetime, span: timedelta) -> datetime:
    """Return the time a while after another. Raises `SetupError` where the calendar ends."""
    if span > LAST - moment:
        raise SetupError(f"The calendar goes up to {LAST:%Y-%m-%d}: {span} is too far.")
    return moment + span
