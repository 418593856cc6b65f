"""PrivateIP: the addresses that an account sends from, to be read."""

from __future__ import annotations

from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.stored_object import StoredObject


class PrivateIPHandler(StoredObject):
    """An address of a seed file. Properties: wsdl; that it can only be read: documented."""

    object_type = "PrivateIP"
    scope = "email"
    table = "private_ip"
    operations = ()
    identities = ("ID", "CustomerKey")
    fields = (
        Property("ID", updatable=False),
        Property("CustomerKey", updatable=False),
        Property("Client.ID", updatable=False),
        Property("CreatedDate", updatable=False),
        Property("ModifiedDate", updatable=False),
        Property("Name", updatable=False),
        Property("Description", updatable=False, default=""),
        Property("IsActive", updatable=False, default=True),
        Property("OrdinalID", updatable=False, default=0),
        Property("IPAddress", updatable=False, required=True),
    )
