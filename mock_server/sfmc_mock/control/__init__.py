"""Control: what a test or a person does with the emulator beside calling it."""

from sfmc_mock.control.api import PREFIX, ROUTES, ControlAPI
from sfmc_mock.control.handles import AccountHandle, ClockHandle, TrackedEvent

__all__ = ["PREFIX", "ROUTES", "AccountHandle", "ClockHandle", "ControlAPI", "TrackedEvent"]
