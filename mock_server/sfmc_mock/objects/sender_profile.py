"""SenderProfile: who an email is from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account.definitions import find_definition
from sfmc_mock.account.dependents import classifications_using, definitions_using
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Property
from sfmc_mock.objects.table import KEY_LIMIT, Refusal, TableHandler, in_use
from sfmc_mock.simulator.decisions import is_valid_address
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_NAME_LIMIT = 100
_FROM_NAME_LIMIT = 130
_ADDRESS_LIMIT = 100

# Addresses by their property; a personalization string or script in one is not looked at (documented for its length).
_ADDRESSES: dict[str, Refusal] = {
    "FromAddress": (40106, "SP_From Address Invalid"),
    "AutoForwardToEmailAddress": (40201, "SP_AutoForward Email Address Invalid"),
    "SenderHeaderEmailAddress": (40204, "SP_Sender Header Email Address Invalid"),
}
_DEFINITIONS = {
    "AutoForwardTriggeredSend": "auto_forward_definition",
    "AutoReplyTriggeredSend": "auto_reply_definition",
}


class SenderProfileHandler(TableHandler):
    """A sender profile.

    Retrievable properties: recorded; lengths of names and addresses: documented; codes and names of what is refused:
    documented (that a profile needs a from name and address follows from them).
    """

    object_type = "SenderProfile"
    view = "api_SenderProfile"
    table = "sender_profile"
    properties = (
        Property("ObjectID"),
        Property("Client.ID", "number"),
        Property("Client.CreatedBy", "number"),
        Property("Client.ModifiedBy", "number"),
        Property("CreatedDate", "date"),
        Property("ModifiedDate", "date"),
        Property("CustomerKey", max_length=KEY_LIMIT),
        Property("Name", required=True, max_length=_NAME_LIMIT),
        Property("Description"),
        Property("FromName", required=True, max_length=_FROM_NAME_LIMIT),
        Property("FromAddress", required=True, max_length=_ADDRESS_LIMIT),
        Property("UseDefaultRMMRules", "flag"),
        Property("AutoForwardToEmailAddress", max_length=_ADDRESS_LIMIT),
        Property("AutoForwardToName", max_length=_NAME_LIMIT),
        Property("DirectForward", "flag"),
        Property("AutoForwardTriggeredSend.ObjectID"),
        Property("AutoReply", "flag"),
        Property("AutoReplyTriggeredSend.ObjectID"),
        Property("SenderHeaderEmailAddress", max_length=_ADDRESS_LIMIT),
        Property("SenderHeaderName", max_length=_NAME_LIMIT),
        Property("DataRetentionPeriodLength", "number"),
        Property("DataRetentionPeriodUnitOfMeasure"),
        Property("ReplyManagementRuleSet.ObjectID"),
        # Not in the class; asked for, it brings nothing (recorded).
        Property("RMMRuleCollection.ObjectID"),
        Property("ReplyToAddress"),
        Property("ReplyToDisplayName"),
        Property("FallbackFromAddress"),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "Name": "name",
        "Description": "description",
        "FromName": "from_name",
        "FromAddress": "from_address",
        "UseDefaultRMMRules": "use_default_rmm_rules",
        "AutoForwardToEmailAddress": "auto_forward_to_email_address",
        "AutoForwardToName": "auto_forward_to_name",
        "DirectForward": "direct_forward",
        "AutoReply": "auto_reply",
        "SenderHeaderEmailAddress": "sender_header_email_address",
        "SenderHeaderName": "sender_header_name",
        "DataRetentionPeriodLength": "retention_length",
        "DataRetentionPeriodUnitOfMeasure": "retention_unit",
        "ReplyToAddress": "reply_to_address",
        "ReplyToDisplayName": "reply_to_display_name",
        "FallbackFromAddress": "fallback_from_address",
    }
    identities: ClassVar[Mapping[str, str]] = {
        "ObjectID": "object_id",
        "CustomerKey": "customer_key",
    }
    messages: ClassVar[Mapping[str, str]] = {
        "Create": "SenderProfile created",
        "Update": "SenderProfile updated",
        "Delete": "SenderProfile deleted",
    }
    not_specified = (40000, "SP_Sender Profile Not Specified")
    not_found = (40100, "SP_Sender Profile Not Found")
    missing: ClassVar[Mapping[str, Refusal]] = {
        "Name": (40104, "SP_Name Invalid"),
        "FromName": (40101, "SP_From Name Not Specified"),
        "FromAddress": (40102, "SP_From Address Not Specified"),
    }
    too_long: ClassVar[Mapping[str, Refusal]] = {
        "CustomerKey": (40103, "SP_Customer Key Invalid"),
        "Name": (40104, "SP_Name Invalid"),
        "FromName": (40105, "SP_From Name Invalid"),
        "AutoForwardToName": (40202, "SP_AutoForward From Name Invalid"),
        "SenderHeaderName": (40205, "Sender Header From Name Invalid"),
    }

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        return {
            "description": "",
            "use_default_rmm_rules": 1,
            "direct_forward": 0,
            "auto_reply": 0,
        }

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        for name, refusal in _ADDRESSES.items():
            address = (sent.text(name) or "").strip()
            if address and not _may_be_address(address):
                raise Refused(*refusal)
        if sent.part("ReplyManagementRuleSet") is not None:
            # The account has none.
            raise Refused(40207, "SP_RMManagement Rule Set Not Found")
        self._definitions(call, sent)

    def changes(self, call: Call, sent: Struct) -> dict[str, object]:
        return {**super().changes(call, sent), **self._definitions(call, sent)}

    def _definitions(self, call: Call, sent: Struct) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, column in _DEFINITIONS.items():
            part = sent.part(name)
            if part is None:
                continue
            definition = find_definition(
                call.account, object_id=part.text("ObjectID"), key=part.text("CustomerKey")
            )
            if definition is None:
                # Spelling: documented.
                raise Refused(40203, "SP_AutoReplay Triggered Send Not Found")
            found[column] = definition["object_id"]
        return found

    def check_unused(self, call: Call, row: Row) -> None:
        column = "sender_profile_id"
        users = [
            f"SendClassification '{each}'"
            for each in classifications_using(call.account, column, row["id"])
        ] + [
            f"TriggeredSendDefinition '{each}'"
            for each in definitions_using(call.account, column, row["id"])
        ]
        if users:
            raise in_use("Delete", f"SenderProfile '{row['customer_key']}'", users)


def _may_be_address(text: str) -> bool:
    return "%%" in text or (len(text) <= _ADDRESS_LIMIT and is_valid_address(text))
