"""Settings of the simulation: engagement profile, lag profile and random numbers of an account."""

from __future__ import annotations

import json
from functools import lru_cache

from sfmc_mock.account.account import Account
from sfmc_mock.account.identifiers import DEFAULT_SEED
from sfmc_mock.simulator.engagement_profiles import (
    EngagementProfile,
    LagProfile,
    lag_named,
    profile_from_table,
    profile_named,
)
from sfmc_mock.simulator.keyed_random import KeyedRandom

ENGAGEMENT = "engagement"
LAG = "lag"
PROFILES = "engagement_profiles"
"""Settings of the account: the names of its profiles, and its own engagement profiles as JSON."""


def keyed_random_of(account: Account) -> KeyedRandom:
    """Return the account's random numbers, which its seed determines."""
    return _keyed_random(account.setting("seed", DEFAULT_SEED))


def engagement(account: Account) -> EngagementProfile:
    """Return the engagement profile that the account's subscribers follow."""
    return profile_named(account.setting(ENGAGEMENT, "quiet"), own_profiles(account))


def lag(account: Account) -> LagProfile:
    """Return the lag profile of the account's events."""
    return lag_named(account.setting(LAG, "instant"))


def own_profiles(account: Account) -> dict[str, EngagementProfile]:
    """Return the engagement profiles that the account defines itself."""
    return _own_profiles(account.setting(PROFILES, "{}"))


def choose_engagement(account: Account, name: str) -> None:
    """Choose the engagement profile of the account's subscribers. Raises `SetupError` for an unknown one."""
    account.change_setting(ENGAGEMENT, profile_named(name, own_profiles(account)).name)


def choose_lag(account: Account, name: str) -> None:
    """Choose the lag profile of the account's events. Raises `SetupError` for an unknown one."""
    account.change_setting(LAG, lag_named(name).name)


_keyed_random = lru_cache(maxsize=64)(KeyedRandom)


@lru_cache(maxsize=64)
def _own_profiles(text: str) -> dict[str, EngagementProfile]:
    return {name: profile_from_table(name, table) for name, table in json.loads(text).items()}
