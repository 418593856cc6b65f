"""Everything for tests: fixtures for pytest, the two targets, rails.

>>> from sfmc_client.testing import MockSettings
>>> MockSettings(strict=True).lag
'instant'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfmc_client.testing.default_paths import default_configuration
    from sfmc_client.testing.emulators import Emulator, MockSettings
    from sfmc_client.testing.mock_account import (
        Credentials,
        EmulatorError,
        EmulatorFailed,
        Explanation,
        MockAccount,
        MockClock,
    )
    from sfmc_client.testing.rails import RailsRefused
    from sfmc_client.testing.recipients import ROLES
    from sfmc_client.testing.targets import MockTarget, RealTarget, Target

# pytest loads this package in every run of every project that has it installed: a module is imported when a name of it
# is asked for.
_HOMES = {
    "Credentials": "mock_account",
    "Emulator": "emulators",
    "EmulatorError": "mock_account",
    "EmulatorFailed": "mock_account",
    "Explanation": "mock_account",
    "MockAccount": "mock_account",
    "MockClock": "mock_account",
    "MockSettings": "emulators",
    "MockTarget": "targets",
    "ROLES": "recipients",
    "RailsRefused": "rails",
    "RealTarget": "targets",
    "Target": "targets",
    "default_configuration": "default_paths",
}

__all__ = [
    "ROLES",
    "Credentials",
    "Emulator",
    "EmulatorError",
    "EmulatorFailed",
    "Explanation",
    "MockAccount",
    "MockClock",
    "MockSettings",
    "MockTarget",
    "RailsRefused",
    "RealTarget",
    "Target",
    "default_configuration",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
