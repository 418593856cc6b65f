"""AutomationInstance: the runs of automations."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property


class AutomationInstanceHandler(DeclaredObject):
    """A run. Properties: wsdl; that it can be retrieved, and what its status says: assumed."""

    object_type = "AutomationInstance"
    scope = "automations"
    fields = tuple(
        Property(name, updatable=False)
        for name in (
            *("ObjectID", "Client.ID", "CustomerKey", "Name", "AutomationID", "Status"),
            *("StatusMessage", "StatusLastUpdate", "StartTime", "CompletedTime"),
        )
    )
    selects = (
        'SELECT i.id AS rowkey, i.object_id AS "ObjectID", (SELECT mid FROM account_id) AS "Client.ID", '
        'a.customer_key AS "CustomerKey", a.name AS "Name", a.object_id AS "AutomationID", i.status AS "Status", '
        'NULLIF(i.status_message, \'\') AS "StatusMessage", i.changed_at AS "StatusLastUpdate", '
        'i.started_at AS "StartTime", i.completed_at AS "CompletedTime" '
        "FROM automation_instance i JOIN automation a ON a.id = i.automation_id"
    )
