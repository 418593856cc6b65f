"""ImportResultsSummary: how imports went."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property

_STATUSES = "CASE t.status WHEN 'Complete' THEN 'Completed' WHEN 'FatalError' THEN 'Error' ELSE 'Queued' END"


class ImportResultsSummaryHandler(DeclaredObject):
    """A start of an import, by its TaskResultID.

    Properties: wsdl, most of them recorded; the status `Completed` and `Error`, for which clients wait: sdk; `Queued`,
    the form of dates, and what ImportType says: assumed.
    """

    object_type = "ImportResultsSummary"
    scope = "automations"
    reads_from = "async_activity t WHERE t.type = 'ImportDefinition'"
    newest_by = "StartDate"
    fields = (
        Property("ObjectID", sql="t.instance_id"),
        Property("Client.ID"),
        Property("ImportDefinitionCustomerKey", sql="t.customer_key"),
        Property("StartDate", "us_date", sql="t.started_at"),
        Property("EndDate", "us_date", sql="t.completed_at"),
        Property("DestinationID", sql="NULLIF(t.destination_id, '')"),
        Property("NumberSuccessful", sql="t.processed"),
        Property("NumberDuplicated", sql="t.duplicates"),
        Property("NumberRestricted", sql="t.restricted"),
        Property("NumberErrors", sql="t.errors"),
        Property("TotalRows", sql="t.total"),
        Property("ImportType", sql="NULLIF(t.destination_type, '')"),
        Property("ImportStatus", sql=_STATUSES),
        Property("TaskResultID", sql="t.id"),
    )
