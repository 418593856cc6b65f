"""Link: the links of sent emails, and how often they were clicked."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property


class LinkHandler(DeclaredObject):
    """A link of a job, with the counts that LinkSend has. Properties: wsdl; that it can be read only: documented."""

    object_type = "Link"
    scope = "tracking_events"
    fields = (
        Property("ID", updatable=False),
        Property("Client.ID", updatable=False),
        Property("LastClicked", updatable=False),
        Property("Alias", updatable=False),
        Property("TotalClicks", updatable=False),
        Property("UniqueClicks", updatable=False),
        Property("URL", updatable=False),
        Property("IDLong", "number", updatable=False),
    )
    selects = (
        'SELECT rowkey, "ID", "Client.ID", "Link.LastClicked" AS "LastClicked", "Link.Alias" AS "Alias", '
        '"Link.TotalClicks" AS "TotalClicks", "Link.UniqueClicks" AS "UniqueClicks", "Link.URL" AS "URL", '
        '"ID" AS "IDLong" FROM "api_LinkSend"'
    )
