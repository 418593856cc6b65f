"""MessageSendActivity and ReportActivity: activities that the service no longer lets anybody make."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.handler import Call, Handler, Outcome
from sfmc_mock.errors import Refused
from sfmc_mock.wire.struct import Struct


class DeprecatedActivityHandler(Handler):
    """An activity that can be performed and nothing else, and of which no account has one.

    That it can be performed and is deprecated: documented; code and text: documented, that they are these: assumed.
    """

    scope = "automations"

    def __init__(self, object_type: str, code: int) -> None:
        self.object_type = object_type
        self._code = code

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Refuse what no account has."""
        call.warn(f"{self.object_type} is deprecated: no account has one, and none can be made")
        raise Refused(self._code, "Perform_Unsupported Object Type")

    actions: ClassVar = {"Perform": {"start": start}}


DEPRECATED_ACTIVITIES = (
    DeprecatedActivityHandler("MessageSendActivity", 105),
    DeprecatedActivityHandler("ReportActivity", 106),
)
