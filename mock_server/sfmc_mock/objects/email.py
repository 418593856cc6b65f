"""Email: the subject and body of messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, Reference, sample
from sfmc_mock.declarations.seed_entries import Entry
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.store.database import Row
from sfmc_mock.wire.json_parts import part_as_json
from sfmc_mock.wire.struct import Struct

# A subject with a script is dynamic; how the service detects that is not documented (assumed).
_SCRIPT = ("%%[", "%%=")


class EmailHandler(StoredObject):
    """An email. Its PartnerKey is an empty text instead of nil (recorded).

    Retrievable properties: sdk and recorded; default values: recorded; codes and their names: documented.
    """

    scope = "email"
    messages = Messages("Created Email.", "Updated Email.", "Email deleted")
    not_specified = (4003, "Email ID Not Specified")
    not_found = (4001, "Email Does Not Exist")
    always_shown = ("PartnerKey",)
    always_echoed: ClassVar = {"PartnerKey": ""}
    example = sample(CustomerKey="welcome", Name="Welcome")
    without_effect: ClassVar = {
        "ContentAreas": "they are kept and shown; put their content into HTMLBody"
    }
    fields = (
        Property("ID"),
        Property("PartnerKey", column="partner_key", sql="COALESCE(t.partner_key, '')"),
        *Property.alike("CreatedDate", "ModifiedDate", "Client.ID"),
        *Property.unset("Client.PartnerClientKey"),
        Property.key((4004, "Email Invalid: CustomerKey is too long.")),
        Property("Name", required=True, missing=(4004, "Email Invalid: Name is required.")),
        Property(
            "Folder", updatable=False, sql="(SELECT name FROM folder WHERE id = t.category_id)"
        ),
        Property.folder("email", "shared_email", invalid=(4002, "Email Category ID Invalid")),
        *Property.alike("HTMLBody", "TextBody", default=""),
        # Stored as JSON, as sent (what Retrieve returns of each: recorded).
        Property("ContentAreas", "parts"),
        Property("Subject", default=""),
        *Property.alike("IsActive", "IsHTMLPaste", default=True),
        Property("ClonedFromID"),
        Property("Status", default="New"),
        Property("EmailType", default="Normal"),
        Property("CharacterSet", default="utf-8"),
        Property("HasDynamicSubjectLine", default=False),
        Property("ContentCheckStatus", default="Not Checked"),
        Property("PreHeader", default=""),
        *Property.unset(*(f"__AdditionalEmailAttribute{number}" for number in range(1, 6))),
    )

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        if "Subject" in sent and "HasDynamicSubjectLine" not in sent:
            subject = sent.text("Subject") or ""
            changes["has_dynamic_subject_line"] = int(any(mark in subject for mark in _SCRIPT))
        if areas := sent.parts("ContentAreas"):
            kept = [{"element": "ContentAreas", **part_as_json(area)} for area in areas]
            changes["content_areas"] = json.dumps(kept)
        return changes

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        number = entry["id"] or self.fresh_number(account, entry["key"] or entry["name"])
        return super().from_entry(account, entry, {**columns, "id": number})


class SendAdditionalAttributeHandler(StoredObject):
    """An additional attribute of an email, from a seed file; callers can change and delete it.

    Properties: wsdl; operations: documented, without Create; the rest: assumed.
    """

    scope = "email"
    operations = ("Update", "Delete")
    fields = (
        *BY_OBJECT_ID,
        Reference("Email", shows=("ID",), protects=False),
        Property("Name", required=True),
        Property("Value", default=""),
    )
