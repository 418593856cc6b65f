"""SuppressionListContext: to which sends a suppression list applies."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, Reference
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_NEED_A_PART = ("SendClassification", "SenderProfile")


class SuppressionListContextHandler(StoredObject):
    """A context of a SuppressionListDefinition, which makes it. Properties, and that it is read only: documented."""

    object_type = "SuppressionListContext"
    scope = "list_and_subscribers"
    table = "suppression_list_context"
    operations = ()
    sends_depend_on_it = True
    fields = (
        *BY_OBJECT_ID,
        # Set with the definition.
        Property("Context", required=True, updatable=True),
        Property("SendClassificationType", updatable=True),
        Property("AppliesToAllSends", default=False, updatable=True),
        Reference(
            "SendClassification",
            shows=("ObjectID", "CustomerKey"),
            not_found=(24100, "SC_SendClassificationNot Found"),
            refuses_empty=True,
            protects=False,
        ),
        Reference(
            "SenderProfile",
            shows=("ObjectID", "CustomerKey"),
            not_found=(40100, "SP_Sender Profile Not Found"),
            refuses_empty=True,
            protects=False,
        ),
        Reference(
            "Definition",
            to="SuppressionListDefinition",
            shows=("ObjectID", "CustomerKey", "Name"),
            not_found=(2, "SuppressionListDefinition not found."),
            cascades=True,
            protects=False,
        ),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        # No code is documented: the general one (assumed).
        context = sent.text("Context")
        if context is None:
            raise Refused(2, "SuppressionListContext: Context is required.")
        if context in _NEED_A_PART and sent.part(context) is None:
            raise Refused(2, f"SuppressionListContext: a context {context} needs a {context}.")
        if context == "Send":
            call.warn(
                "a SuppressionListContext of the kind Send suppresses nothing in the emulator: use SendClassification, "
                "SenderProfile, BusinessUnit or Enterprise"
            )
