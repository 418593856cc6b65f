"""AsyncActivityStatus: the status of activities that Perform started."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject, as_name_value_rows
from sfmc_mock.declarations.properties import Property


class AsyncActivityStatusHandler(DeclaredObject):
    """The tasks of an account, identified by TaskID.

    Results are ObjectExtensions with these properties (documented; StartTime and EndTime: sdk). Statuses: Queued,
    Complete and FatalError (sdk). The values of Type, ActionType and the counts: assumed.
    """

    scope = "automations"
    reads_from = "async_activity t"
    newest_by = "ScheduledTime"
    written_by = as_name_value_rows("ObjectExtension", "AsyncActivityStatus")
    fields = (
        Property("ParentInteractionObjectID", sql="t.object_id"),
        *Property.unset("ParentTaskID", kind="number"),
        Property("TaskID", "number", sql="t.id"),
        *Property.unset("StepTaskID", kind="number"),
        Property("ClientID", "number", sql="(SELECT mid FROM account_id)"),
        Property("Program", sql="t.name"),
        *Property.unset("ProcessID", "StepID"),
        Property("StepName", sql="CAST(NULLIF(t.step, 0) AS TEXT)"),
        Property("InteractionID", sql="t.instance_id"),
        Property("ActionType", sql="t.action"),
        Property("Type"),
        *Property.unset("AsyncAction", "AsyncSubAction"),
        *Property.alike("Status", "CustomerKey"),
        Property("ErrorMsg", sql="t.error"),
        Property("StatusMessage", sql="COALESCE(t.error, t.status)"),
        Property("ProcessedCount", "number", sql="t.processed"),
        Property("TotalCount", "number", sql="t.total"),
        Property("DuplicateCount", "number", sql="t.duplicates"),
        Property("ErrorCount", "number", sql="t.errors"),
        Property("ScheduledTime", "us_date", sql="t.created_at"),
        Property("StartDate", "us_date", sql="t.started_at"),
        Property("CompletedDate", "us_date", sql="t.completed_at"),
        Property("StartTime", "us_date", sql="t.started_at"),
        Property("EndTime", "us_date", sql="t.completed_at"),
    )
