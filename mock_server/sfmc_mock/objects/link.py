"""Link: the links of sent emails, and how often they were clicked."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property


class LinkHandler(DeclaredObject):
    """A link of a job, with the counts that LinkSend has. Properties: wsdl; that it can be read only: documented."""

    object_type = "Link"
    scope = "tracking_events"
    reads_from = '"api_LinkSend" t'
    rowkey = "t.rowkey"
    fields = (
        Property("ID"),
        Property("Client.ID", sql='t."Client.ID"'),
        *(
            Property(name, sql=f't."Link.{name}"')
            for name in ("LastClicked", "Alias", "TotalClicks", "UniqueClicks", "URL")
        ),
        Property("IDLong", "number", sql="t.id"),
    )
