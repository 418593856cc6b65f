"""GlobalUnsubscribeCategory: the reasons why addresses are never sent to."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_ID, REQUIRED, Property, sample
from sfmc_mock.declarations.stored_object import StoredObject


class GlobalUnsubscribeCategoryHandler(StoredObject):
    """A category. Properties: wsdl; operations: documented; messages, texts and limits: assumed."""

    scope = "list_and_subscribers"
    operations = ("Create", "Update")
    example = sample(CustomerKey="complaints", Name="Complaints")
    fields = (
        *BY_ID,
        Property("Name", required=True, missing=REQUIRED),
        *Property.alike("IgnorableByPartners", "Ignore", default=False),
    )
