"""An emulator of the Marketing Cloud SOAP API.

`MockServer` runs it in a thread; `Application` is the WSGI application for a server of your own, over `Accounts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfmc_mock.accounts import Accounts
    from sfmc_mock.app import Application
    from sfmc_mock.errors import SetupError, SfmcMockError
    from sfmc_mock.server import MockServer
    from sfmc_mock.settings import Settings

__all__ = ["Accounts", "Application", "MockServer", "Settings", "SetupError", "SfmcMockError"]

_HOMES = {
    "Accounts": "sfmc_mock.accounts",
    "Application": "sfmc_mock.app",
    "MockServer": "sfmc_mock.server",
    "Settings": "sfmc_mock.settings",
    "SetupError": "sfmc_mock.errors",
    "SfmcMockError": "sfmc_mock.errors",
}


def __getattr__(name: str) -> object:
    # A test session imports this package long before it needs a server: what is heavy waits until it is asked for.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
