"""Setup of a new account: identity, clock, exclusions and behaviour of subscribers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sfmc_mock.account.account import DEFAULT_MID, Account
from sfmc_mock.account.identifiers import DEFAULT_SEED
from sfmc_mock.account.send_exclusions import DOMAIN_EXCLUSIONS, SUPPRESSION_LISTS
from sfmc_mock.account.simulation_settings import PROFILES
from sfmc_mock.clock import Clock, parse_time
from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.engagement_profiles import lag_named, profile_from_table, profile_named

# Settings with the names of the setup's attributes, and their defaults.
_SETTINGS = {
    "seed": DEFAULT_SEED,
    **dict.fromkeys(("name", "engagement", "lag", "schema", "lacks"), ""),
}
_OLD = "old"
_RUNNING = "running"
_RUNNING_FROM = "running from "

EXCLUDED = {
    "domain_exclusion": (DOMAIN_EXCLUSIONS, "domains"),
    "suppression_list": (SUPPRESSION_LISTS, "addresses"),
}
"""The settings with addresses that are never sent to, and the key of a list in each."""


FEATURES = {
    "all_subscribers_access": "triggered sends to All Subscribers",
    "bcc_email": "copies of sends to an address",
    "dynamic_content": "subjects that are put together at send time",
    "multipart": "emails in both HTML and text",
    "reply_mail_management": "rules for replies",
    "send_throttling": "limits and hours of sends",
    "sender_header": "a Sender header of its own",
    "sms": "mobile numbers of subscribers",
    "subscriber_key": "a key of a subscriber's own beside the address",
}
"""The features that the service switches on for each account: their names here, and what each is."""


@dataclass(frozen=True, kw_only=True)
class AccountSetup:
    """The identity and behaviour of an account."""

    mid: int = DEFAULT_MID
    name: str = ""
    seed: str = DEFAULT_SEED
    """The seed of all identifiers and random numbers."""
    clock: str = _RUNNING
    """`running`, a time at which the clock stands still, or `running from` a time; times are server time."""
    engagement: str = ""
    """Name of the engagement profile; empty leaves it to the server."""
    lag: str = ""
    """Name of the lag profile; empty leaves it to the server."""
    schema: str = ""
    """`old` leaves out of answers what the vendor's older WSDLs lack; empty is the newest."""
    lacks: str = ""
    """The names of features that the account lacks, separated by commas."""

    def check(self, where: str, profiles: Mapping[str, Mapping[str, object]]) -> None:
        """Raise `SetupError` for an invalid clock or an unknown profile; `profiles` are the account's own."""
        try:
            _read_clock(self.clock)
        except ValueError:
            raise SetupError(
                f"{where}, [account], key 'clock': {self.clock!r} is not a valid clock. Write \"running\", a time like "
                '2026-01-01T12:00:00 at which it stands still, or "running from 2026-01-01T12:00:00".'
            ) from None
        if self.schema not in ("", _OLD):
            raise SetupError(
                f"{where}, [account], key 'schema': {self.schema!r} is not a valid schema. Write \"{_OLD}\" for "
                "clients that are built on the vendor's older WSDL, or leave the key out."
            )
        for name in filter(None, map(str.strip, self.lacks.split(","))):
            if name not in FEATURES:
                raise SetupError(
                    f"{where}, [account], key 'lacks': {name!r} is not a feature. Name some of: "
                    f"{', '.join(FEATURES)}."
                )
        try:
            own = {name: profile_from_table(name, table) for name, table in profiles.items()}
            if self.engagement:
                profile_named(self.engagement, own)
            if self.lag:
                lag_named(self.lag)
        except SetupError as problem:
            raise SetupError(f"{where}: {problem}") from None


def set_up(
    account: Account,
    setup: AccountSetup,
    profiles: Mapping[str, Mapping[str, object]],
    excluded: Mapping[str, Mapping[str, object]],
) -> None:
    """Set up a new account; `excluded` are the lists of each of `EXCLUDED` by their names."""
    tables = {PROFILES: profiles, **{EXCLUDED[name][0]: excluded[name] for name in EXCLUDED}}
    settings = {
        "mid": str(setup.mid),
        **{name: getattr(setup, name) for name in _SETTINGS},
        **{name: json.dumps(table) for name, table in tables.items() if table},
    }
    for name, value in settings.items():
        if value:
            account.change_setting(name, value)
    account.forget_memory()
    running, moment = _read_clock(setup.clock)
    if moment is not None:

        def change(clock: Clock) -> None:
            clock.shown, clock.at, clock.running = moment, Clock.started().at, running

        account.change_clock(change)


def setup_of(account: Account) -> AccountSetup:
    """Return the setup of an account."""
    settings = {name: account.setting(name, default) for name, default in _SETTINGS.items()}
    return AccountSetup(mid=account.mid, clock=_clock_of(account), **settings)


def profiles_of(account: Account) -> dict[str, Any]:
    """Return the account's own engagement profiles, as they were given."""
    return cast(dict[str, Any], json.loads(account.setting(PROFILES, "{}")))


def excluded_of(account: Account, name: str) -> dict[str, Any]:
    """Return the lists of one of `EXCLUDED` by their names."""
    return cast(dict[str, Any], json.loads(account.setting(EXCLUDED[name][0], "{}")))


def has_old_schema(account: Account) -> bool:
    """Say whether answers leave out what the vendor's older WSDLs lack."""
    return account.setting("schema") == _OLD


def _read_clock(text: str) -> tuple[bool, datetime | None]:
    """Return whether the clock runs, and its first time; None for the real time. Raises `ValueError`."""
    wanted = text.strip()
    if wanted == _RUNNING:
        return True, None
    if wanted.startswith(_RUNNING_FROM):
        return True, parse_time(wanted.removeprefix(_RUNNING_FROM))
    return False, parse_time(wanted)


def _clock_of(account: Account) -> str:
    if not account.clock.running:
        return account.now().isoformat()
    # A clock that was never set shows the real time, wherever it is loaded.
    was_set = account.db.count("clock", id=1) > 0
    return f"{_RUNNING_FROM}{account.now().isoformat()}" if was_set else _RUNNING
