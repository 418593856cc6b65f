"""ImportResultsSummary: how imports went."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import computed

_STATUSES = "CASE a.status WHEN 'Complete' THEN 'Completed' WHEN 'FatalError' THEN 'Error' ELSE 'Queued' END"


class ImportResultsSummaryHandler(DeclaredObject):
    """A start of an import, by its TaskResultID.

    Properties: wsdl, most of them recorded; the status `Completed` and `Error`, for which clients wait: sdk; `Queued`,
    the form of dates, and what ImportType says: assumed.
    """

    object_type = "ImportResultsSummary"
    scope = "automations"
    fields = (
        *computed("", "ObjectID", "Client.ID", "ImportDefinitionCustomerKey"),
        *computed("us_date", "StartDate", "EndDate"),
        *computed("", "DestinationID", "NumberSuccessful", "NumberDuplicated", "NumberRestricted"),
        *computed("", "NumberErrors", "TotalRows", "ImportType", "ImportStatus", "TaskResultID"),
    )
    newest_by = "StartDate"
    selects = (
        'SELECT a.id AS rowkey, a.instance_id AS "ObjectID", (SELECT mid FROM account_id) AS "Client.ID", '  # noqa: S608 - a constant
        'a.customer_key AS "ImportDefinitionCustomerKey", a.started_at AS "StartDate", a.completed_at AS "EndDate", '
        'NULLIF(a.destination_id, \'\') AS "DestinationID", a.processed AS "NumberSuccessful", '
        'a.duplicates AS "NumberDuplicated", a.restricted AS "NumberRestricted", a.errors AS "NumberErrors", '
        'a.total AS "TotalRows", NULLIF(a.destination_type, \'\') AS "ImportType", '
        f'{_STATUSES} AS "ImportStatus", a.id AS "TaskResultID" '
        "FROM async_activity a WHERE a.type = 'ImportDefinition'"
    )
