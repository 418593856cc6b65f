"""PrivateIP: the addresses that an account sends from, to be read."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_ID, Property
from sfmc_mock.declarations.stored_object import StoredObject


class PrivateIPHandler(StoredObject):
    """An address of a seed file. Properties: wsdl; that it can only be read: documented."""

    object_type = "PrivateIP"
    scope = "email"
    table = "private_ip"
    operations = ()
    identities = ("ID", "CustomerKey")
    fields = (
        *BY_ID,
        Property("Name"),
        Property("Description", default=""),
        Property("IsActive", default=True),
        Property("OrdinalID", default=0),
        Property("IPAddress", required=True),
    )
