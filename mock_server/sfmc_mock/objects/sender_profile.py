"""SenderProfile: the sender of an email."""

from __future__ import annotations

from typing import Any, ClassVar

from sfmc_mock.declarations.properties import Key, Property, Reference, sample, snake
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.simulator.addresses import is_valid_address

_ADDRESS_LIMIT = 100

_REPLY_RULES = (
    "reply_mail_management",
    (40200, "SP_Reply Mail Management Business Rule Not Found"),
)
_SENDER_HEADER = (
    "sender_header",
    (40206, "SP_SENDER_HEADER Business Rule Not Found"),
)


def _empty(name: str, **more: Any) -> Property:
    """Return a property whose default is an empty text instead of nil."""
    column = snake(name)
    return Property(name, column=column, sql=f"COALESCE(t.{column}, '')", **more)


def _triggered_send(name: str, column: str) -> Reference:
    return Reference(
        name,
        to="TriggeredSendDefinition",
        shows=("ObjectID",),
        column=column,
        stores="object_id",
        # Text: spelled as documented.
        not_found=(40203, "SP_AutoReplay Triggered Send Not Found"),
        refuses_empty=True,
        protects=False,
    )


def _may_be_address(text: str) -> bool:
    """Say whether a text is an address, or contains personalization strings.

    The limit does not apply to texts with such strings (documented).
    """
    text = text.strip()
    return not text or "%%" in text or (len(text) <= _ADDRESS_LIMIT and is_valid_address(text))


class SenderProfileHandler(StoredObject):
    """A sender profile.

    Retrievable properties: recorded, those without a value sdk; length limits of names and addresses: documented; codes
    and their names: documented (they imply that from name and from address are required).
    """

    scope = "email"
    called = "customer_key"
    not_specified = (40000, "SP_Sender Profile Not Specified")
    not_found = (40100, "SP_Sender Profile Not Found")
    dates_to_the_minute = True
    example = sample(
        CustomerKey="shop", Name="Shop", FromName="The Shop", FromAddress="shop@mock.test"
    )
    refused_parts: ClassVar = {
        "ReplyManagementRuleSet": (40207, "SP_RMManagement Rule Set Not Found")
    }
    fields = (
        *Property.alike("ObjectID", "Client.ID", "Client.CreatedBy", "Client.ModifiedBy"),
        *Property.alike("CreatedDate", "ModifiedDate"),
        Property.key((40103, "SP_Customer Key Invalid")),
        Property.object_name((40104, "SP_Name Invalid")),
        Property("Description", default=""),
        Property(
            "FromName",
            required=True,
            max_length=130,
            missing=(40101, "SP_From Name Not Specified"),
            too_long=(40105, "SP_From Name Invalid"),
        ),
        Property(
            "FromAddress",
            required=True,
            max_length=_ADDRESS_LIMIT,
            missing=(40102, "SP_From Address Not Specified"),
            forms=((_may_be_address, (40106, "SP_From Address Invalid")),),
        ),
        Property("UseDefaultRMMRules", default=True),
        # Empty texts by default (recorded for a profile `Default`).
        _empty(
            "AutoForwardToEmailAddress",
            max_length=_ADDRESS_LIMIT,
            needs=_REPLY_RULES,
            forms=((_may_be_address, (40201, "SP_AutoForward Email Address Invalid")),),
        ),
        _empty(
            "AutoForwardToName",
            max_length=100,
            too_long=(40202, "SP_AutoForward From Name Invalid"),
        ),
        Property("DirectForward", default=False, needs=_REPLY_RULES),
        _triggered_send("AutoForwardTriggeredSend", "auto_forward_definition"),
        Property("AutoReply", default=False, needs=_REPLY_RULES),
        _triggered_send("AutoReplyTriggeredSend", "auto_reply_definition"),
        _empty(
            "SenderHeaderEmailAddress",
            max_length=_ADDRESS_LIMIT,
            needs=_SENDER_HEADER,
            forms=((_may_be_address, (40204, "SP_Sender Header Email Address Invalid")),),
        ),
        _empty(
            "SenderHeaderName",
            max_length=100,
            too_long=(40205, "Sender Header From Name Invalid"),
            needs=_SENDER_HEADER,
        ),
        Property("DataRetentionPeriodLength", column="retention_length"),
        Property("DataRetentionPeriodUnitOfMeasure", column="retention_unit", seed=Key(choices=())),
        *Property.unset("ReplyManagementRuleSet.ObjectID"),
        # Not a property of the class; sdk: mcdev requests it.
        *Property.unset("RMMRuleCollection.ObjectID"),
        *Property.alike("ReplyToAddress", "ReplyToDisplayName"),
        _empty("FallbackFromAddress"),
    )
