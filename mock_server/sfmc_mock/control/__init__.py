"""Control: the actions of a test or a person on the emulator, beside calls of the service."""

from sfmc_mock.control.account_handle import AccountHandle
from sfmc_mock.control.account_lookup import PREFIX
from sfmc_mock.control.api import ControlAPI
from sfmc_mock.control.clock_handle import ClockHandle
from sfmc_mock.control.routes import ROUTES
from sfmc_mock.control.sent_messages import SendSummary, SentMessage, TrackedEvent
from sfmc_mock.control.verification import VerificationJournal
from sfmc_mock.errors import NotThere

__all__ = [
    "PREFIX",
    "ROUTES",
    "AccountHandle",
    "ClockHandle",
    "ControlAPI",
    "NotThere",
    "SendSummary",
    "SentMessage",
    "TrackedEvent",
    "VerificationJournal",
]
