"""PrivateDomain, PrivateDomainSet and PrivateIP: where an account sends from."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_ID, BY_OBJECT_ID, Property
from sfmc_mock.declarations.stored_object import StoredObject


class PrivateDomainHandler(StoredObject):
    """A domain of a seed file; its key is its name (assumed). That it can only be read: documented."""

    scope = "email"
    operations = ()
    fields = BY_OBJECT_ID


class PrivateDomainSetHandler(StoredObject):
    """A set of domains of a seed file. Properties: wsdl; that it can only be read, like its domains: assumed."""

    scope = "email"
    operations = ()
    fields = BY_OBJECT_ID


class PrivateIPHandler(StoredObject):
    """An address of a seed file. Properties: wsdl; that it can only be read: documented."""

    scope = "email"
    operations = ()
    fields = (
        *BY_ID,
        Property("Name"),
        Property("Description", default=""),
        Property("IsActive", default=True),
        Property("OrdinalID", default=0),
        Property("IPAddress", required=True),
    )
