"""Email: what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from sfmc_mock.account.dependents import definitions_using
from sfmc_mock.account.folders import EMAIL_CONTENT, folder_of, root_folder
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Outcome, Property, Source, echoed
from sfmc_mock.objects.table import KEY_LIMIT, Refusal, TableHandler, in_use
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# Where a subject makes its own text; nothing documents how the service finds out (assumed).
_SCRIPT = ("%%[", "%%=")


class EmailHandler(TableHandler):
    """An email; its PartnerKey is an empty text instead of nil (recorded).

    Retrievable properties: sdk and recorded; values of a new one: recorded; codes and names of what is refused:
    documented.
    """

    object_type = "Email"
    view = "api_Email"
    table = "email"
    properties = (
        Property("ID", "number"),
        Property("PartnerKey"),
        Property("CreatedDate", "date"),
        Property("ModifiedDate", "date"),
        Property("Client.ID", "number"),
        Property("Client.PartnerClientKey"),
        Property("CustomerKey", max_length=KEY_LIMIT),
        Property("Name", required=True),
        Property("Folder", updatable=False),
        Property("CategoryID", "number"),
        Property("HTMLBody"),
        Property("TextBody"),
        Property("ContentAreas"),
        Property("Subject"),
        Property("IsActive", "flag"),
        Property("IsHTMLPaste", "flag"),
        Property("ClonedFromID", "number"),
        Property("Status"),
        Property("EmailType"),
        Property("CharacterSet"),
        Property("HasDynamicSubjectLine", "flag"),
        Property("ContentCheckStatus"),
        Property("PreHeader"),
        *(Property(f"__AdditionalEmailAttribute{number}") for number in range(1, 6)),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "Name": "name",
        "CategoryID": "category_id",
        "HTMLBody": "html_body",
        "TextBody": "text_body",
        "Subject": "subject",
        "PreHeader": "pre_header",
        "Status": "status",
        "EmailType": "email_type",
        "CharacterSet": "character_set",
        "ContentCheckStatus": "content_check_status",
        "IsActive": "is_active",
        "IsHTMLPaste": "is_html_paste",
        "ClonedFromID": "cloned_from_id",
        "HasDynamicSubjectLine": "has_dynamic_subject_line",
    }
    identities: ClassVar[Mapping[str, str]] = {"ID": "id", "CustomerKey": "customer_key"}
    messages: ClassVar[Mapping[str, str]] = {
        "Create": "Created Email.",
        "Update": "Updated Email.",
        "Delete": "Email deleted",
    }
    not_specified = (4003, "Email ID Not Specified")
    not_found = (4001, "Email Does Not Exist")
    missing: ClassVar[Mapping[str, Refusal]] = {"Name": (4004, "Email Invalid: Name is required.")}
    too_long: ClassVar[Mapping[str, Refusal]] = {
        "CustomerKey": (4004, "Email Invalid: CustomerKey is too long.")
    }
    has_object_id = False
    is_numbered = True

    def source(self, call: Call, argument: str | None) -> Source | None:
        found = super().source(call, argument)
        assert found is not None
        return replace(found, shown=(Property("PartnerKey"),))

    def create(self, call: Call, sent: Struct) -> Outcome:
        return _with_empty_partner_key(super().create(call, sent))

    def update(self, call: Call, sent: Struct) -> Outcome:
        return _with_empty_partner_key(super().update(call, sent))

    def delete(self, call: Call, sent: Struct) -> Outcome:
        return _with_empty_partner_key(super().delete(call, sent))

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        root = root_folder(call.account, "email")
        return {
            "html_body": "",
            "text_body": "",
            "subject": "",
            "status": "New",
            "email_type": "Normal",
            "character_set": "utf-8",
            "content_check_status": "Not Checked",
            "is_active": 1,
            "is_html_paste": 1,
            "has_dynamic_subject_line": 0,
            "category_id": None if root is None else root["id"],
        }

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        category = sent.number("CategoryID")
        if category is not None and folder_of(call.account, category, EMAIL_CONTENT) is None:
            raise Refused(4002, "Email Category ID Invalid")
        if sent.parts("ContentAreas"):
            call.warn("ContentAreas of an Email are not kept: put their content into HTMLBody")

    def changes(self, call: Call, sent: Struct) -> dict[str, object]:
        changes = super().changes(call, sent)
        if "Subject" in sent and "HasDynamicSubjectLine" not in sent:
            subject = sent.text("Subject") or ""
            changes["has_dynamic_subject_line"] = int(any(mark in subject for mark in _SCRIPT))
        return changes

    def check_unused(self, call: Call, row: Row) -> None:
        users = definitions_using(call.account, "email_id", row["id"])
        if users:
            shown = [f"TriggeredSendDefinition '{each}'" for each in users]
            raise in_use("Delete", f"Email '{row['name']}'", shown)


def _with_empty_partner_key(done: Outcome) -> Outcome:
    assert done.echo is not None
    if done.echo.text("PartnerKey") is None:
        done.echo = echoed(done.echo, PartnerKey="")
    return done
