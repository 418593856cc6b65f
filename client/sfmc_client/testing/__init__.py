"""The test harness: fixtures for pytest, the two targets, rails.

>>> from sfmc_client.testing import MockSettings
>>> MockSettings(strict=True).lag
'instant'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# Named twice, a name is offered to type checkers too (PEP 484).
# ruff: isort: skip_file
if TYPE_CHECKING:
    from sfmc_client.testing.default_paths import default_configuration as default_configuration
    from sfmc_client.testing.emulators import Emulator as Emulator, MockSettings as MockSettings
    from sfmc_client.testing.mock_account import (
        Credentials as Credentials,
        EmulatorError as EmulatorError,
        EmulatorFailed as EmulatorFailed,
        Explanation as Explanation,
        MockAccount as MockAccount,
        MockClock as MockClock,
    )
    from sfmc_client.testing.rails import RailsRefused as RailsRefused
    from sfmc_client.testing.recipients import ROLES as ROLES
    from sfmc_client.testing.targets import (
        MockTarget as MockTarget,
        RealTarget as RealTarget,
        Target as Target,
    )

# pytest loads this package in every run of every project that has it installed: a module is imported only when one of
# its names is used.
_HOMES = {
    "mock_account": "Credentials EmulatorError EmulatorFailed Explanation MockAccount MockClock",
    "emulators": "Emulator MockSettings",
    "targets": "MockTarget RealTarget Target",
    "recipients": "ROLES",
    "rails": "RailsRefused",
    "default_paths": "default_configuration",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value
