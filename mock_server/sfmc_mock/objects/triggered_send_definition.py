"""TriggeredSendDefinition: what a triggered send sends, and its life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.triggered_send_definitions import (
    NOT_FOUND,
    DefinitionChange,
    change_definition,
    create_definition,
    delete_definition,
)
from sfmc_mock.declarations.handler import Call, Outcome, echoed
from sfmc_mock.declarations.properties import (
    KEY_LIMIT,
    FolderOf,
    Key,
    Property,
    Reference,
    internal,
    sample,
    unset,
)
from sfmc_mock.declarations.seed_entries import Entry
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.objects.triggered_send_checks import check_values, check_what_is_named
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import Definition, read_record
from sfmc_mock.wire.struct import Struct

# High, Medium and Low are numbers on the wire (recorded; words: documented).
_PRIORITIES = {"high": "3", "medium": "4", "low": "5"}

_NAME_INVALID = (17101, "Triggered Send Definition Name Invalid")

# Through which status a definition of a seed file gets to its own.
_STEPS = {
    "New": (),
    "Active": ("Active",),
    "Inactive": ("Active", "Inactive"),
    "Canceled": ("Active", "Canceled"),
}

# What is taken and does nothing here, with what to know about it.
_WITHOUT_EFFECT = {
    "ExclusionFilter": "it is not evaluated; an address with +notsent-excluded is treated as if it excluded it",
    "ExclusionListCollection": "it is not kept; put a suppression list into the seed file instead",
    "SuppressTracking": "events are recorded all the same, which the live service does not do",
    "SendLimit": "messages leave at once",
    "SendWindowOpen": "messages leave at any hour",
    "SendWindowClose": "messages leave at any hour",
    "SendWindowDelete": "messages leave at any hour",
    "IsAlwaysOn": "it is kept and shown",
    "DisableOnEmailBuildError": "no build of an email fails",
    "HeaderContentArea": "it is kept, and not put around what is sent",
    "FooterContentArea": "it is kept, and not put around what is sent",
}


class TriggeredSendDefinitionHandler(StoredObject):
    """The definition; starting and pausing are Updates of its TriggeredSendStatus (documented).

    Values of a new one: recorded. Codes and texts of what is refused of values are documented, the limits those of
    Describe or assumed.
    """

    object_type = "TriggeredSendDefinition"
    scope = "email"
    table = "triggered_send_definition"
    called = "customer_key"
    not_specified = (17010, "Triggered Send Definition Object ID or Customer Key Not Found")
    not_found = NOT_FOUND
    deleted_status = "Deleted"
    nil_clears = True
    dates_to_the_minute = True
    sends_depend_on_it = True
    example = sample(
        CustomerKey="welcome",
        Name="Welcome",
        SendClassification={"CustomerKey": "Default Commercial"},
        Email={"CustomerKey": "send-logging-example"},
    )
    reads: ClassVar = {"": ("RefreshContent", "ExclusionListCollection")}
    fields = (
        Property("Client.ID", updatable=False),
        Property("CreatedDate", updatable=False),
        Property("ModifiedDate", updatable=False),
        Property("ObjectID", max_length=36, unique=True),
        Property(
            "CustomerKey",
            required=True,
            max_length=KEY_LIMIT,
            too_long=(17100, "Triggered Send Definition Customer Key Invalid"),
        ),
        Property("IsPlatformObject", sql="0"),
        Property(
            "Name", required=True, max_length=100, missing=_NAME_INVALID, too_long=_NAME_INVALID
        ),
        Property("Description", max_length=256, default=""),
        Property(
            "Keyword",
            default="",
            too_long=(17107, "Triggered Send Definition Keyword Invalid"),
            limit=150,
        ),
        FolderOf("CategoryID", content=("triggered_send",)),
        # What a definition sends with can be deleted once the definition is.
        Reference(
            "SendClassification",
            shows=("ObjectID", "CustomerKey"),
            not_found=(17014, "Triggered Send Definition Send Classification Not Found"),
            required=True,
            seed=Key(default="Default Commercial"),
        ),
        # One that names no profiles of its own shows none (recorded): those of its classification are used.
        Reference(
            "SenderProfile",
            shows=("ObjectID", "CustomerKey"),
            not_found=(40100, "SP_Sender Profile Not Found"),
        ),
        Reference(
            "DeliveryProfile",
            shows=("ObjectID", "CustomerKey"),
            not_found=(24102, "SC_Delivery Profile Not Found"),
        ),
        unset("PrivateDomain.ObjectID"),
        unset("PrivateIP.ID"),
        Reference(
            "HeaderContentArea",
            to="ContentArea",
            by=("ID", "ObjectID", "CustomerKey"),
            shows=("ID",),
            not_found=(17018, "Triggered Send Definition Header Content Not Found"),
        ),
        Reference(
            "FooterContentArea",
            to="ContentArea",
            by=("ID", "ObjectID", "CustomerKey"),
            shows=("ID",),
            not_found=(17019, "Triggered Send Definition Footer Content Not Found"),
        ),
        Property(
            "FromName", limit=130, too_long=(17105, "Triggered Send Definition From Name Invalid")
        ),
        Property("FromAddress"),
        Property("SuppressTracking", default=False),
        Property("IsSendLogging", default=False),
        Property(
            "TriggeredSendType", column="type", default="Continuous", any_case=True, seed=None
        ),
        Property(
            "TriggeredSendStatus",
            column="status",
            default="New",
            any_case=True,
            seed=Key(choices=("New", "Active", "Inactive", "Canceled")),
        ),
        # The classification is checked before the email (inferred from a live LastErrorCode).
        Reference(
            "Email",
            by=("ID", "CustomerKey", "PartnerKey"),
            shows=("ID",),
            not_found={
                **dict.fromkeys(
                    ("ID", "CustomerKey"), (17016, "Triggered Send Definition Email Not Found")
                ),
                "PartnerKey": (17103, "Triggered Send Definition Email Partner Key Invalid"),
            },
            missing=(17013, "Triggered Send Definition Email ID or Partner Key Not Found"),
            required=True,
            seed=Key(required=True),
        ),
        Reference(
            "List",
            by=("ID", "ObjectID", "CustomerKey", "PartnerKey"),
            shows=("ID",),
            not_found={
                **dict.fromkeys(
                    ("ID", "ObjectID", "CustomerKey"),
                    (17017, "Triggered Send Definition List Not Found"),
                ),
                "PartnerKey": (17104, "Triggered Send Definition List Partner Key Invalid"),
            },
            missing=(17022, "Triggered Send Definition List Required"),
            refuses_empty=True,
        ),
        Property("AutoAddSubscribers", default=False),
        Property("AutoUpdateSubscribers", default=False),
        Property("BatchInterval", default=0),
        Property("BccEmail", needs=("bcc_email", (17201, "BCC Email Not Enabled"))),
        Property("CCEmail"),
        Property("TestEmailAddr", partner=True, column="test_email_address"),
        Property(
            "EmailSubject",
            limit=200,
            too_long=(17102, "Triggered Send Definition Email Subject Invalid"),
        ),
        Property(
            "DynamicEmailSubject",
            limit=200,
            too_long=(17110, "Triggered Send Definition Dynamic Email Subject Invalid"),
            needs=("dynamic_content", (17204, "Dynamic Content Not Enabled")),
        ),
        Property(
            "IsMultipart",
            default=False,
            needs=("multipart", (17203, "Multipart MIME Not Enabled")),
        ),
        Property("IsWrapped", default=True),
        Property("AllowedSlots", default=0),
        Property("NewSlotTrigger", default=0),
        *(
            Property(name, needs=("send_throttling", (17200, "Send Speed Governor Not Enabled")))
            for name in ("SendLimit", "SendWindowOpen", "SendWindowClose")
        ),
        Property("Priority", default="4", seed=Key(choices=("3", "4", "5"))),
        Property("PreHeader"),
        Property("ReplyToAddress"),
        Property("ReplyToDisplayName"),
        Property("ExclusionFilter", retrievable=False),
        Property("IsAlwaysOn", default=False),
        Property("SendWindowDelete", default=False),
        Property(
            "DisableOnEmailBuildError",
            default=False,
            seed=Key(kind="number", low=0, default=0),
        ),
        Reference(
            "SendSourceDataExtension",
            to="DataExtension",
            # 0 when the data extension was deleted: then nothing can be sent.
            foreign_key=False,
            not_found=(180015, "Triggered Send Data Extension is missing or misconfigured"),
            protects=False,
        ),
        # Grows with each change of what is sent; a start after a change makes a new job.
        internal("content_version", "number", default=1, seed=None),
        internal("job_id", "number", seed=None),
    )
    statements = (
        # A deleted definition stays to be read, and its key can be used again.
        "CREATE UNIQUE INDEX IF NOT EXISTS triggered_send_definition_key "
        "ON triggered_send_definition (customer_key) WHERE status <> 'Deleted'",
        "CREATE TRIGGER IF NOT EXISTS triggered_send_definition_source AFTER DELETE ON data_extension "
        "BEGIN UPDATE triggered_send_definition SET send_source_data_extension_id = 0 "
        "WHERE send_source_data_extension_id = old.id; END",
    )

    def insert(self, call: Call, sent: Struct) -> Row:
        if sent.text("ObjectID"):
            # Text: documented, spelling included.
            raise Refused(17012, "Triggered Send Definiton Object ID Found")
        row = super().insert(call, sent)
        _warn(call, sent)
        status = sent.text("TriggeredSendStatus")
        if status not in (None, "New"):
            call.warn(
                f"TriggeredSendStatus {status} is passed over on Create: a definition begins as New; "
                "start it with an Update"
            )
        return row

    def place(self, account: Account, columns: Mapping[str, object]) -> Row:
        return self.at(account, create_definition(account, columns).id)

    def modify(self, call: Call, sent: Struct, row: Row) -> None:
        self.check_values(sent, row)
        self.check(call, sent, row)
        columns = self.changes(call, sent, row)
        if sent.text("ObjectID") and sent.text("CustomerKey"):
            # Without an ObjectID, the key names the definition.
            columns["customer_key"] = sent.text("CustomerKey")
        _warn(call, sent)
        change = DefinitionChange(
            columns, sent.text("TriggeredSendStatus"), bool(sent.flag("RefreshContent"))
        )
        change_definition(call.account, read_record(Definition, row), change)

    def remove(self, call: Call, row: Row) -> None:
        delete_definition(call.account, read_record(Definition, row))

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        check_values(sent, is_new=row is None)

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        list_id = changes.get("list_id", row["list_id"] if row else None)
        check_what_is_named(call.account, changes, list_id)
        # These follow from its life.
        changes.pop("type", None)
        changes.pop("status", None)
        priority = str(changes.get("priority", "")).lower()
        if priority in _PRIORITIES:
            changes["priority"] = _PRIORITIES[priority]
        return changes

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        object_id = row["object_id"]
        echo = echoed(sent, ObjectID=object_id, CustomerKey=row["customer_key"])
        return Outcome(self.messages.create, echo, new_object_id=object_id)

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        row = super().from_entry(account, entry, {**columns, "status": "New"})
        definition = read_record(Definition, row)
        for step in _STEPS[entry["status"]]:
            definition = change_definition(account, definition, DefinitionChange({}, status=step))
        return self.at(account, definition.id)


def _warn(call: Call, sent: Struct) -> None:
    """Say what of a definition has no effect."""
    for name, more in _WITHOUT_EFFECT.items():
        if sent.values.get(name):
            call.warn(
                f"{name} of a triggered send definition has no effect in the emulator: {more}"
            )
