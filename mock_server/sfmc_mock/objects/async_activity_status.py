"""AsyncActivityStatus: how what was started by Perform goes on."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call, Handler, Property, Source
from sfmc_mock.declarations.properties import computed
from sfmc_mock.wire.pages import PageWriter, row_page_writer


class AsyncActivityStatusHandler(Handler):
    """The tasks of an account, by their TaskID.

    Results are ObjectExtensions with these properties (documented; StartTime and EndTime: sdk). The statuses are
    Queued, Complete and FatalError (sdk); what Type, ActionType and the counts say is assumed.
    """

    object_type = "AsyncActivityStatus"
    scope = "automations"
    properties = (
        *computed("", "ParentInteractionObjectID"),
        *computed("number", "ParentTaskID", "TaskID", "StepTaskID", "ClientID"),
        *computed("", "Program", "ProcessID", "StepID", "StepName", "InteractionID", "ActionType"),
        *computed("", "Type", "AsyncAction", "AsyncSubAction", "Status", "CustomerKey", "ErrorMsg"),
        *computed("", "StatusMessage"),
        *computed("number", "ProcessedCount", "TotalCount", "DuplicateCount", "ErrorCount"),
        *computed("us_date", "ScheduledTime", "StartDate", "CompletedDate", "StartTime", "EndTime"),
    )

    def source(self, call: Call, argument: str | None) -> Source:
        return Source(
            self.object_type,
            "api_AsyncActivityStatus",
            self.retrievable,
            newness="ScheduledTime",
            make_writer=_writer,
        )


def _writer(asked: list[str], properties: list[Property]) -> PageWriter:
    kinds = tuple(prop.kind for prop in properties)
    return row_page_writer(tuple(asked), kinds, "ObjectExtension", "AsyncActivityStatus")
