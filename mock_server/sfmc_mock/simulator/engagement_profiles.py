"""Engagement profiles (the behaviour of readers) and lag profiles (the delay until the service shows events).

The rates of `TYPICAL` and the tails of the lag profiles are assumed. That bounces take up to 72 hours to be seen, and
that a message is retried for up to 72 hours, is documented.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from difflib import get_close_matches
from typing import Literal, get_args

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.bounces import RETRIED_FOR
from sfmc_mock.simulator.durations import DurationUnreadable, parse_duration
from sfmc_mock.simulator.keyed_random import exponential, lognormal, lognormal_share, quantile
from sfmc_mock.terminal import as_written

Distribution = Literal["fixed", "uniform", "exponential", "lognormal"]

# The greatest number of opens, and of clicks, of one message.
REPEATS_LIMIT = 20

# Where the tail of a delay ends, in seconds: what takes longer does not fit a calendar.
_A_CENTURY = 100 * 365.25 * 86_400


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay: always `typical` (fixed), 0 to twice that (uniform), or around it with a long tail.

    `typical` is the mean of an exponential, the median of a lognormal distribution, whose logarithm has the standard
    deviation `spread`. No delay is longer than `at_most`: the distribution is truncated there.
    """

    typical: timedelta
    distribution: Distribution = "fixed"
    spread: float = 1.0
    at_most: timedelta | None = None
    _share: float = field(init=False, repr=False, compare=False, default=1.0)

    def __post_init__(self) -> None:
        if self.at_most is not None:
            object.__setattr__(self, "_share", self._share_below(self.at_most.total_seconds()))

    def at(self, unit: float) -> timedelta:
        """Return the delay at `unit` (0 to 1) of the distribution, in whole milliseconds."""
        typical = self.typical.total_seconds()
        unit *= self._share
        if typical == 0.0:
            seconds = 0.0
        elif self.distribution == "exponential":
            seconds = exponential(unit, typical)
        elif self.distribution == "lognormal":
            seconds = lognormal(unit, typical, self.spread)
        elif self.distribution == "uniform":
            seconds = 2 * typical * unit
        else:
            seconds = typical
        return timedelta(milliseconds=int(min(seconds, _A_CENTURY) * 1_000))

    def _share_below(self, seconds: float) -> float:
        typical = self.typical.total_seconds()
        if typical == 0.0 or self.distribution == "fixed":
            return 1.0
        if self.distribution == "exponential":
            return -math.expm1(-seconds / typical)
        if self.distribution == "lognormal":
            return lognormal_share(seconds, typical, self.spread)
        return min(1.0, seconds / (2 * typical))


_AT_ONCE = Delay(timedelta(0))


@dataclass(frozen=True, kw_only=True, slots=True)
class EngagementProfile:
    """The behaviour of readers, as rates from 0 (none) to 1 (all readers), and its delays.

    The bounces and `deferred` are shares of the messages sent; opens are shares of those delivered; clicks,
    unsubscribes, forwards and survey answers are shares of those opened. The defaults are those of a profile in which
    messages are sent and delivered, and nothing else happens.
    """

    name: str
    hard_bounce: float = 0.0
    """The share of addresses that always bounce."""
    soft_bounce: float = 0.0
    """The share of addresses in a month whose messages are retried, then bounce."""
    block_bounce: float = 0.0
    technical_bounce: float = 0.0
    deferred: float = 0.0
    """The share of messages that are delivered at a later try."""
    open: float = 0.0
    further_opens: float = 0.0
    """The probability of one more open after each."""
    click: float = 0.0
    further_clicks: float = 0.0
    """The probability of one more click after each."""
    unsubscribe: float = 0.0
    """The rate of unsubscribes from the list."""
    master_unsubscribe: float = 0.0
    """The rate of unsubscribes from All Subscribers."""
    complaint: float = 0.0
    """The rate of spam reports, which unsubscribe from All Subscribers."""
    forward: float = 0.0
    opt_in: float = 0.0
    """The share of forwarded messages whose new reader opts in."""
    survey: float = 0.0
    sleep: float = 0.0
    """The share of opens in the reader's night that are moved to the morning."""
    delivery_delay: Delay = _AT_ONCE
    bounce_delay: Delay = _AT_ONCE
    soft_bounce_delay: Delay = Delay(RETRIED_FOR)
    """The time until a message that is retried bounces; rounded up to the next try, 72 hours at most."""
    retry_delay: Delay = _AT_ONCE
    """The time until a deferred message is delivered; rounded up to the next try (one every 15 minutes)."""
    open_delay: Delay = _AT_ONCE
    further_open_delay: Delay = _AT_ONCE
    reaction_delay: Delay = _AT_ONCE
    """The time from an open to a click, an unsubscribe, a forward, an answer."""
    is_quiet: bool = field(init=False, repr=False, compare=False, default=False)
    """Whether all messages are delivered at once, without any further events."""

    def __post_init__(self) -> None:
        rates = (self.hard_bounce, self.soft_bounce, self.block_bounce, self.technical_bounce)
        can_happen = any(rates) or bool(self.deferred or self.open)
        is_quiet = not can_happen and self.delivery_delay == _AT_ONCE
        object.__setattr__(self, "is_quiet", is_quiet)


_RATES = tuple(field.name for field in fields(EngagementProfile) if field.type == "float")
_DELAYS = tuple(field.name for field in fields(EngagementProfile) if field.type == "Delay")
_FATES = ("hard_bounce", "soft_bounce", "block_bounce", "technical_bounce", "deferred")
_LEAVINGS = ("unsubscribe", "master_unsubscribe", "complaint")

QUIET = EngagementProfile(name="quiet")

TYPICAL = EngagementProfile(
    name="typical",
    hard_bounce=0.008,
    soft_bounce=0.006,
    block_bounce=0.003,
    technical_bounce=0.002,
    deferred=0.02,
    open=0.42,
    further_opens=0.3,
    click=0.18,
    further_clicks=0.2,
    unsubscribe=0.004,
    master_unsubscribe=0.001,
    complaint=0.0005,
    forward=0.003,
    opt_in=0.2,
    sleep=0.9,
    delivery_delay=Delay(timedelta(seconds=4), "exponential", at_most=timedelta(minutes=2)),
    bounce_delay=Delay(timedelta(minutes=3), "exponential", at_most=timedelta(hours=1)),
    soft_bounce_delay=Delay(timedelta(hours=24), "exponential", at_most=RETRIED_FOR),
    retry_delay=Delay(timedelta(hours=1), "exponential", at_most=timedelta(hours=24)),
    open_delay=Delay(timedelta(minutes=90), "lognormal", 1.8, timedelta(days=14)),
    further_open_delay=Delay(timedelta(hours=2), "lognormal", 1.2, timedelta(hours=12)),
    reaction_delay=Delay(timedelta(seconds=45), "lognormal", 1.0, timedelta(hours=1)),
)

PROFILES: dict[str, EngagementProfile] = {profile.name: profile for profile in (QUIET, TYPICAL)}


@dataclass(frozen=True, slots=True)
class LagProfile:
    """How long after an event a Retrieve shows it, as (share, seconds) points with straight lines between."""

    name: str
    events: Sequence[tuple[float, float]] = ()
    bounces: Sequence[tuple[float, float]] = ()

    @property
    def is_instant(self) -> bool:
        return not self.events

    def lag(self, kind: str, unit: float) -> timedelta:
        """Return the lag of an event of that kind (`Open`, `HardBounce` …) at `unit` (0 to 1) of its distribution."""
        points = self.bounces if kind.endswith("Bounce") else self.events
        return timedelta(milliseconds=int(quantile(unit, points) * 1_000)) if points else _NO_LAG


_NO_LAG = timedelta(0)
_MINUTE, _HOUR = 60.0, 3_600.0
_MOSTLY_SOON = ((0.0, 1.0), (0.84, _MINUTE), (0.96, 15 * _MINUTE), (0.99, _HOUR))

INSTANT = LagProfile("instant")
REALISTIC = LagProfile(
    "realistic",
    events=(*_MOSTLY_SOON, (1.0, 4 * _HOUR)),
    bounces=(*_MOSTLY_SOON, (1.0, 72 * _HOUR)),
)
WORST = LagProfile(
    "worst", events=((0.0, _HOUR), (1.0, 4 * _HOUR)), bounces=((0.0, 24 * _HOUR), (1.0, 72 * _HOUR))
)

LAGS: dict[str, LagProfile] = {lag.name: lag for lag in (INSTANT, REALISTIC, WORST)}


def profile_named(
    name: str, own: Mapping[str, EngagementProfile] | None = None
) -> EngagementProfile:
    """Return the engagement profile with a name: one of `own`, else a built-in one.

    Raises `SetupError` naming the nearest when there is none.
    """
    known = {**PROFILES, **(own or {})}
    return known[_known(name, known, "engagement profile")]


def lag_named(name: str) -> LagProfile:
    """Return the lag profile of that name; raises `SetupError` naming the nearest when there is none."""
    return LAGS[_known(name, LAGS, "lag profile")]


def profile_from_table(name: str, table: object) -> EngagementProfile:
    """Return the profile that a table of a seed file describes.

    Rates are numbers from 0 to 1. A delay is a duration (`"2h"`), or a table with `distribution` (fixed, uniform,
    exponential, lognormal), `typical`, and for some `spread` and `at_most`. `like` names the built-in profile for
    values that the table leaves out, by default `quiet`. Raises `SetupError`, which says what to change.
    """
    where = f"engagement profile {name!r}"
    if not isinstance(table, Mapping):
        raise SetupError(f"{where} is {as_written(table)}. Make it a table of rates and delays.")
    base = QUIET
    changes: dict[str, object] = {"name": name}
    for key, value in table.items():
        known = _known(key, ("like", *_RATES, *_DELAYS), "key", where)
        if known == "like":
            base = PROFILES[_known(value, PROFILES, "built-in profile", f"{where}, key 'like'")]
        elif known in _RATES:
            changes[known] = _rate(value, f"{where}, key {key!r}")
        else:
            changes[known] = _delay(value, f"{where}, key {key!r}")
    profile = replace(base, **changes)  # type: ignore[arg-type]
    for together in (_FATES, _LEAVINGS):
        _check_sum(profile, together, where)
    return profile


def _rate(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SetupError(
            f"{where}: {as_written(value)} is not a valid rate. Give a number from 0 (never) to 1 (always)."
        )
    if not 0.0 <= value <= 1.0:
        percent = f" Did you mean {value / 100:g}?" if 1.0 < value <= 100.0 else ""
        raise SetupError(
            f"{where}: {value} is not a valid rate. A rate lies between 0 and 1.{percent}"
        )
    return float(value)


def _check_sum(profile: EngagementProfile, together: Sequence[str], where: str) -> None:
    total = math.fsum(getattr(profile, rate) for rate in together)
    if total > 1.0 + 1e-9:
        shown = " + ".join(f"{rate} {getattr(profile, rate):g}" for rate in together)
        raise SetupError(
            f"{where}: {shown} make {total:g}, but only one of these happens to a message. "
            f"Lower them to a sum of 1 or less."
        )


def _delay(value: object, where: str) -> Delay:
    if not isinstance(value, Mapping):
        return Delay(_duration(value, where))
    given = {_known(key, _DELAY_KEYS, "key", where): part for key, part in value.items()}
    if "typical" not in given:
        raise SetupError(
            f"{where}: the key 'typical' is missing. Give the usual delay, like \"2h\"."
        )
    distribution = given.get("distribution", "fixed")
    kind = _known(distribution, get_args(Distribution), "distribution", where)
    limit = given.get("at_most")
    at_most = None if limit is None else _duration(limit, f"{where}, at_most")
    if at_most is not None and at_most <= timedelta(0):
        raise SetupError(
            f"{where}: at_most must be longer than nothing. Leave it out for no limit."
        )
    delay = Delay(
        _duration(given["typical"], f"{where}, typical"),
        kind,  # type: ignore[arg-type]
        _spread(given.get("spread", 1.0), where),
        at_most,
    )
    if at_most is not None and at_most < delay.typical:
        raise SetupError(f"{where}: at_most {limit} is below the typical delay. Raise it.")
    return delay


_DELAY_KEYS = ("distribution", "typical", "spread", "at_most")


def _duration(value: object, where: str) -> timedelta:
    if not isinstance(value, str):
        raise SetupError(
            f'{where}: {as_written(value)} is not a valid duration. Write it in quotes with its unit, like "90s".'
        )
    try:
        return parse_duration(value)
    except DurationUnreadable as unreadable:
        raise SetupError(f"{where}: {unreadable}") from None


def _spread(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 < value <= 5.0:
        raise SetupError(
            f"{where}: spread {as_written(value)} is not a number above 0 and up to 5. The default is 1."
        )
    return float(value)


def _known(
    name: object, known: Mapping[str, object] | Sequence[str], what: str, where: str = ""
) -> str:
    if isinstance(name, str) and name in known:
        return name
    near = get_close_matches(str(name), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "Known: " + ", ".join(known) + "."
    raise SetupError(f"{where + ': ' if where else ''}there is no {what} {name!r}. {hint}")
