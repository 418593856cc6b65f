"""The behaviour of readers, and the delay of events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.engagement_profiles import (
    INSTANT,
    LAGS,
    PROFILES,
    QUIET,
    REALISTIC,
    TYPICAL,
    WORST,
    Delay,
    EngagementProfile,
    LagProfile,
    lag_named,
    profile_from_table,
    profile_named,
)

HOUR = timedelta(hours=1)


def test_an_empty_table_is_a_quiet_profile() -> None:
    profile = profile_from_table("mine", {})

    assert profile.name == "mine"
    assert profile.is_quiet


def test_a_table_gives_rates_and_delays() -> None:
    profile = profile_from_table(
        "mine",
        {
            "open": 0.5,
            "click": 1,
            "open_delay": "2h",
            "reaction_delay": {
                "distribution": "lognormal",
                "typical": "1m",
                "spread": 0.5,
                "at_most": "1h",
            },
        },
    )

    assert (profile.open, profile.click) == (0.5, 1.0)
    assert profile.open_delay == Delay(2 * HOUR)
    assert profile.reaction_delay == Delay(timedelta(minutes=1), "lognormal", 0.5, HOUR)


def test_a_table_may_build_on_a_built_in_profile() -> None:
    profile = profile_from_table("mine", {"like": "typical", "open": 0.9})

    assert profile.open == 0.9
    assert profile.hard_bounce == TYPICAL.hard_bounce


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"opne": 0.5}, "engagement profile 'mine': there is no key 'opne'. Did you mean open?"),
        ({"name": "other"}, "there is no key 'name'"),
        (
            {"open": 1.5},
            "key 'open': 1.5 is not a valid rate. A rate lies between 0 and 1. Did you mean 0.015?",
        ),
        ({"open": 42}, "Did you mean 0.42?"),
        ({"open": -0.1}, "A rate lies between 0 and 1."),
        ({"open": float("nan")}, "A rate lies between 0 and 1."),
        ({"open": "often"}, "'often' is not a valid rate. Give a number"),
        ({"open": True}, "true is not a valid rate"),
        (
            {"hard_bounce": 0.6, "soft_bounce": 0.5},
            "hard_bounce 0.6 + soft_bounce 0.5 + block_bounce 0 + technical_bounce 0 + deferred 0 make 1.1",
        ),
        ({"unsubscribe": 0.9, "complaint": 0.2}, "make 1.1"),
        ({"like": "typical", "hard_bounce": 0.99}, "only one of these happens to a message"),
        ({"like": "tipical"}, "there is no built-in profile 'tipical'. Did you mean typical?"),
        ({"like": 3}, "there is no built-in profile 3"),
        ({"open_delay": 90}, "90 is not a valid duration. Write it in quotes with its unit"),
        ({"open_delay": "2 hours"}, "key 'open_delay': '2 hours' is not a valid duration"),
        ({"open_delay": {"spread": 1}}, "the key 'typical' is missing"),
        (
            {"open_delay": {"typical": "2h", "sprad": 1}},
            "there is no key 'sprad'. Did you mean spread?",
        ),
        (
            {"open_delay": {"typical": "2h", "distribution": "log-normal"}},
            "there is no distribution 'log-normal'. Did you mean lognormal?",
        ),
        ({"open_delay": {"typical": "2h", "spread": 0}}, "spread 0 is not a number above 0"),
        ({"open_delay": {"typical": "2h", "spread": "wide"}}, "spread 'wide' is not a number"),
        (
            {"open_delay": {"typical": "2h", "at_most": "1h"}},
            "at_most 1h is below the typical delay",
        ),
        ({"open_delay": {"typical": "0s", "at_most": "0s"}}, "at_most must be longer than nothing"),
        (0.5, "engagement profile 'mine' is 0.5. Make it a table"),
    ],
)
def test_a_broken_table_is_refused_with_what_to_change(table: object, text: str) -> None:
    with pytest.raises(SetupError) as refusal:
        profile_from_table("mine", table)

    assert text in str(refusal.value)


def test_rates_that_add_up_to_one_are_taken() -> None:
    profile = profile_from_table("mine", dict.fromkeys(BOUNCES, 0.1) | {"deferred": 0.6})

    assert profile.deferred == 0.6


BOUNCES = ("hard_bounce", "soft_bounce", "block_bounce", "technical_bounce")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_built_in_profiles_are_found_by_name(profile: EngagementProfile) -> None:
    assert profile_named(profile.name) is profile


def test_own_profiles_are_found_before_built_in_ones() -> None:
    own = EngagementProfile(name="typical", open=1.0)

    assert profile_named("typical", {"typical": own}) is own


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(SetupError, match=r"no engagement profile 'typcal'\. Did you mean typical"):
        profile_named("typcal")


def test_an_unknown_lag_profile_names_the_known_ones() -> None:
    with pytest.raises(SetupError, match="Known: instant, realistic, worst"):
        lag_named("xxxx")


@pytest.mark.parametrize("lag", LAGS.values(), ids=LAGS)
def test_lag_profiles_are_found_by_name(lag: LagProfile) -> None:
    assert lag_named(lag.name) is lag


@pytest.mark.parametrize("delay_field", ["delivery_delay", "open_delay", "reaction_delay"])
def test_the_typical_reader_is_within_limits(delay_field: str) -> None:
    delay: Delay = getattr(TYPICAL, delay_field)

    assert delay.at_most is not None
    assert timedelta(0) <= delay.at(0.0) <= delay.at(0.5) <= delay.at(1 - 2**-53) <= delay.at_most


@pytest.mark.parametrize(
    ("delay", "middle"),
    [
        (Delay(HOUR), HOUR),
        (Delay(HOUR, "uniform"), HOUR),
        (Delay(HOUR, "lognormal"), HOUR),
        (Delay(HOUR, "exponential"), timedelta(milliseconds=2_495_329)),
        (Delay(timedelta(0), "lognormal"), timedelta(0)),
    ],
)
def test_half_of_the_readers_have_acted_by_the_median(delay: Delay, middle: timedelta) -> None:
    assert delay.at(0.5) == middle


@pytest.mark.parametrize("distribution", ["uniform", "exponential", "lognormal"])
def test_a_limit_leaves_the_tail_out(distribution: str) -> None:
    """Draws do not accumulate at the limit: the value a tenth below the end is clearly smaller."""
    delay = Delay(HOUR, distribution, at_most=timedelta(hours=1.5))  # type: ignore[arg-type]

    assert delay.at(0.9) < timedelta(hours=1.45)
    assert delay.at(1.0) == pytest.approx(timedelta(hours=1.5), abs=timedelta(seconds=1))


@pytest.mark.parametrize(
    ("share", "span"),
    [(0.84, timedelta(minutes=1)), (0.96, timedelta(minutes=15)), (0.99, timedelta(hours=1))],
)
@pytest.mark.parametrize("kind", ["Open", "HardBounce"])
def test_the_realistic_lag_keeps_its_percentiles(kind: str, share: float, span: timedelta) -> None:
    assert REALISTIC.lag(kind, share) == span


@pytest.mark.parametrize(
    ("lag", "kind", "longest"),
    [
        (REALISTIC, "SoftBounce", timedelta(hours=72)),
        (REALISTIC, "Open", timedelta(hours=4)),
        (WORST, "OtherBounce", timedelta(hours=72)),
        (INSTANT, "HardBounce", timedelta(0)),
    ],
)
def test_the_longest_lag(lag: LagProfile, kind: str, longest: timedelta) -> None:
    assert lag.lag(kind, 1.0) == longest


def test_the_worst_lag_shows_nothing_within_the_hour() -> None:
    assert WORST.lag("Sent", 0.0) == HOUR


def test_quiet_is_the_only_quiet_built_in_profile() -> None:
    assert [profile for profile in PROFILES.values() if profile.is_quiet] == [QUIET]
