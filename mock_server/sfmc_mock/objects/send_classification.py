"""SendClassification: commercial or transactional, from whom and on which way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account.dependents import definitions_using
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Property
from sfmc_mock.objects.table import KEY_LIMIT, Refusal, TableHandler, in_use, referred
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_PROFILES = {
    "SenderProfile": ("sender_profile", (24101, "SC_Sender Profile Not Found")),
    "DeliveryProfile": ("delivery_profile", (24102, "SC_Delivery Profile Not Found")),
}


class SendClassificationHandler(TableHandler):
    """A send classification; Operational is transactional, Marketing commercial.

    Retrievable properties: recorded; codes and names of what is refused: documented.
    """

    object_type = "SendClassification"
    view = "api_SendClassification"
    table = "send_classification"
    properties = (
        Property("ObjectID"),
        Property("Client.ID", "number"),
        Property("CreatedDate", "date"),
        Property("ModifiedDate", "date"),
        Property("CustomerKey", max_length=KEY_LIMIT),
        Property("SendClassificationType"),
        Property("Name", required=True, max_length=100),
        Property("Description"),
        Property("SenderProfile.CustomerKey"),
        Property("SenderProfile.ObjectID"),
        Property("DeliveryProfile.CustomerKey"),
        Property("DeliveryProfile.ObjectID"),
        Property("ArchiveEmail", "flag"),
        Property("HonorPublicationListOptOutsForTransactionalSends", "flag", retrievable=False),
        Property("SendPriority", retrievable=False),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "SendClassificationType": "type",
        "Name": "name",
        "Description": "description",
        "ArchiveEmail": "archive_email",
        "HonorPublicationListOptOutsForTransactionalSends": "honors_list_opt_outs",
        "SendPriority": "priority",
    }
    identities: ClassVar[Mapping[str, str]] = {
        "ObjectID": "object_id",
        "CustomerKey": "customer_key",
    }
    messages: ClassVar[Mapping[str, str]] = {
        "Create": "SendClassification created",
        "Update": "SendClassification updated",
        "Delete": "SendClassification deleted",
    }
    not_specified = (24000, "SC_SendClassification Not Specified")
    not_found = (24100, "SC_SendClassificationNot Found")
    missing: ClassVar[Mapping[str, Refusal]] = {"Name": (24104, "SC_Name Invalid")}
    too_long: ClassVar[Mapping[str, Refusal]] = {
        "CustomerKey": (24103, "SC_Customer Key Invalid"),
        "Name": (24104, "SC_Name Invalid"),
    }

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        # The type of one that does not say is assumed: the one that honours opt-outs.
        return {
            "description": "",
            "type": "Marketing",
            "archive_email": 0,
            "honors_list_opt_outs": 0,
        }

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        for name, (table, refusal) in _PROFILES.items():
            is_asked = row is None or name in sent
            if is_asked and referred(call, sent.part(name), table) is None:
                raise Refused(*refusal)
        if sent.text("SendPriority") == "Burst":
            raise Refused(24105, "SC_Burst Sending Not Configured")

    def changes(self, call: Call, sent: Struct) -> dict[str, object]:
        changes = super().changes(call, sent)
        for name, (table, _) in _PROFILES.items():
            found = referred(call, sent.part(name), table)
            if found is not None:
                changes[f"{table}_id"] = found["id"]
        return changes

    def check_unused(self, call: Call, row: Row) -> None:
        users = definitions_using(call.account, "send_classification_id", row["id"])
        if users:
            shown = [f"TriggeredSendDefinition '{each}'" for each in users]
            raise in_use("Delete", f"SendClassification '{row['customer_key']}'", shown)
