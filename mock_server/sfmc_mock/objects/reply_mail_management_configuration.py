"""ReplyMailManagementConfiguration: the handling of replies to an account's messages."""

from __future__ import annotations

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import BY_ID, Property, sample
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# Required if the domain is redirected, in the order of their codes (documented).
_WHOLE = {
    "EmailDisplayName": (402001, "Email Reply Name"),
    "ReplySubdomain": (402002, "Reply Subdomain"),
    "EmailReplyAddress": (402004, "Email From Address"),
    "ForwardingAddress": (402006, "Forwarding Email Address"),
}
_KEYWORDS = (
    *("SupportUnsubKeyword", "SupportUnsubscribeKeyword", "SupportRemoveKeyword"),
    *("SupportOptOutKeyword", "SupportLeaveKeyword", "SupportMisspelledKeywords"),
)


class ReplyMailManagementConfigurationHandler(StoredObject):
    """A configuration. The emulator stores it; replies never arrive.

    Properties: wsdl; codes and texts of refusals: documented; its identities, the success messages, and the conditions
    of the codes: assumed.
    """

    scope = "email"
    table = "reply_mail_management"
    operations = ("Create", "Update")
    not_specified = (402008, "Reply Mail Management Business rule not enabled")
    not_found = not_specified
    example = sample(CustomerKey="replies", EmailDisplayName="Shop")
    fields = (
        *BY_ID,
        *Property.alike("EmailDisplayName", "ReplySubdomain"),
        Property(
            "EmailReplyAddress",
            forms=((is_valid_address, (402005, "Please enter valid Email Reply Address")),),
        ),
        *Property.alike("DNSRedirectComplete", "DeleteAutoReplies", default=False),
        *Property.alike("SupportUnsubscribes", default=False),
        *Property.alike(*_KEYWORDS, "SendAutoReplies", default=False),
        *Property.alike("AutoReplySubject", "AutoReplyBody"),
        Property(
            "ForwardingAddress",
            forms=((is_valid_address, (402007, "Please enter valid Forwarding Email Address")),),
        ),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        columns = {prop.name: prop.column for prop in self.kept}
        whole = {**(row or {}), **self.changes(call, sent, row)}
        values = {name: whole.get(column) for name, column in columns.items()}
        if values["DNSRedirectComplete"]:
            for name, (code, what) in _WHOLE.items():
                if not values[name]:
                    text = f"To activate Reply Mail Management {what} must be complete"
                    raise Refused(code, text)
        domain = str(values["EmailReplyAddress"] or "").rpartition("@")[2].lower()
        subdomain = str(values["ReplySubdomain"] or "").lower()
        if domain and subdomain and domain != subdomain:
            raise Refused(
                402003,
                "Email reply address subdomain value has to be same with reply subdomain value",
            )
        if values["SupportUnsubscribes"] and not any(values[name] for name in _KEYWORDS):
            raise Refused(402009, "You need to set true for at least one of the Unsubscribe terms")
