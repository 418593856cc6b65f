"""Move a clock over a long time in steps, between which the account answers its other calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sfmc_mock.account.account import Account
from sfmc_mock.clock import Clock, pause, steady_time
from sfmc_mock.errors import SetupError
from sfmc_mock.limits import CLOCK_SECONDS
from sfmc_mock.store import timers

# Actions that fall due within so much of the account's time are done in one transaction. It is not measured in real
# time: the effects of an enterprise and its units on each other must not depend on the speed of a machine.
_STEP = timedelta(hours=1)
# A thread that takes the lock again at once leaves no other thread a turn.
_LONG, _TURN = 0.05, 0.001


def lead_clock(account: Account, change: Callable[[Clock], None]) -> None:
    """Change the clock of an account, in as many steps as the scheduled actions on the way need.

    The caller does not hold the account's lock. Raises `SetupError` after `CLOCK_SECONDS`; after this as after any
    other failure, the clock stays at the time that it has reached.
    """
    owner = account.enterprise or account
    with owner.clock_turn:
        wanted = replace(owner.clock)
        change(wanted)
        target, started = wanted.now(), steady_time()
        while (stop := _next_stop(owner, target)) is not None:
            began = steady_time()
            if began - started > CLOCK_SECONDS:
                raise SetupError(
                    f"The clock has got to {owner.now().isoformat(timespec='seconds')} in {CLOCK_SECONDS:g} seconds: "
                    f"much falls due on the way. Set it to {target.isoformat(timespec='seconds')} to go on, or "
                    "schedule less."
                )
            _go(owner, stop)
            if steady_time() - began > _LONG:
                pause(_TURN)

        def arrive(clock: Clock) -> None:
            clock.running, clock.shown, clock.at = wanted.running, wanted.shown, wanted.at

        owner.change_clock(arrive)


def _go(owner: Account, stop: datetime) -> None:
    owner.change_clock(lambda clock: clock.set(stop))


def _next_stop(owner: Account, target: datetime) -> datetime | None:
    """Return where the next step ends; None when the one to the target is the last."""
    with owner.db.lock:
        times = [timers.next_time(each.db) for each in (owner, *owner.units.values())]
        due = min((datetime.fromisoformat(time) for time in times if time), default=None)
        if due is None:
            return None
        stop = max(due, owner.now()) + _STEP
    return stop if stop < target else None
