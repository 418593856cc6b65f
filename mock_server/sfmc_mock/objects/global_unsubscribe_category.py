"""GlobalUnsubscribeCategory: why addresses are never sent to."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_ID, Property, Refusal, sample
from sfmc_mock.declarations.stored_object import Messages, StoredObject

# No code of its own is documented: the general one (assumed).
_NOT_FOUND: Refusal = (2, "GlobalUnsubscribeCategory not found.")


class GlobalUnsubscribeCategoryHandler(StoredObject):
    """A category. Properties: wsdl; operations: documented; messages, texts and limits: assumed."""

    object_type = "GlobalUnsubscribeCategory"
    scope = "list_and_subscribers"
    table = "global_unsubscribe_category"
    operations = ("Create", "Update")
    identities = ("ID", "CustomerKey")
    messages = Messages("GlobalUnsubscribeCategory created", "GlobalUnsubscribeCategory updated")
    not_specified = (2, "GlobalUnsubscribeCategory: ID or CustomerKey is required.")
    not_found = _NOT_FOUND
    called = "name"
    example = sample(CustomerKey="complaints", Name="Complaints")
    fields = (
        *BY_ID,
        Property(
            "Name", required=True, missing=(2, "GlobalUnsubscribeCategory: Name is required.")
        ),
        Property("IgnorableByPartners", default=False),
        Property("Ignore", default=False),
    )
