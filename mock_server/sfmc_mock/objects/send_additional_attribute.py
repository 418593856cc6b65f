"""SendAdditionalAttribute: further values of an email by name."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, Reference
from sfmc_mock.declarations.stored_object import StoredObject


class SendAdditionalAttributeHandler(StoredObject):
    """A value of an email, from a seed file, which callers change and delete.

    Properties: wsdl; operations: documented, no Create among them; the rest: assumed.
    """

    object_type = "SendAdditionalAttribute"
    scope = "email"
    table = "send_additional_attribute"
    operations = ("Update", "Delete")
    fields = (
        *BY_OBJECT_ID,
        Reference(
            "Email",
            by=("ID", "CustomerKey"),
            shows=("ID",),
            not_found=(4001, "Email Does Not Exist"),
            protects=False,
        ),
        Property("Name", required=True),
        Property("Value", default=""),
    )
