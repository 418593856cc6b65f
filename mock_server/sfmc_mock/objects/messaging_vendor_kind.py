"""MessagingVendorKind: the kind of messages that a vendor delivers."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, sample
from sfmc_mock.declarations.stored_object import StoredObject


class MessagingVendorKindHandler(StoredObject):
    """A vendor with a kind. Properties: wsdl; operations: documented; refusals: assumed."""

    called = "vendor"
    example = sample(CustomerKey="acme", Vendor="Acme", Kind="SMS")
    fields = (
        *BY_OBJECT_ID,
        Property("Vendor", required=True, missing=(2, "MessagingVendorKind: Vendor is required.")),
        Property("Kind"),
        *Property.alike("IsUsernameRequired", "IsPasswordRequired", default=False),
        *Property.alike("IsProfileRequired", default=False),
    )
