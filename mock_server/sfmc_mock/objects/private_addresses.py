"""PrivateDomain, PrivateDomainSet and PrivateIP: the sending domains and IP addresses of an account."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_ID, BY_OBJECT_ID, Property
from sfmc_mock.declarations.stored_object import StoredObject


class PrivateDomainHandler(StoredObject):
    """A domain from a seed file; its key is its name (assumed). That it is read-only: documented."""

    scope = "email"
    operations = ()
    fields = BY_OBJECT_ID


class PrivateDomainSetHandler(StoredObject):
    """A set of domains from a seed file. Properties: wsdl; that it is read-only, like its domains: assumed."""

    scope = "email"
    operations = ()
    fields = BY_OBJECT_ID


class PrivateIPHandler(StoredObject):
    """An IP address from a seed file. Properties: wsdl; that it is read-only: documented."""

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
