"""TriggeredSendDefinition: the content of triggered sends, and the life cycle of the definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.lists import is_all_subscribers
from sfmc_mock.account.send_windows import SendWindow
from sfmc_mock.account.triggered_send_definitions import (
    NOT_FOUND,
    DefinitionChange,
    change_definition,
    create_definition,
    delete_definition,
)
from sfmc_mock.clock import is_time_of_day
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.properties import Key, Property, Reference, Refusal, sample
from sfmc_mock.declarations.seed_entries import Entry
from sfmc_mock.declarations.source import Compared
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.objects.send_warnings import warn_of_exclusion_filter
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.simulator.personalization import are_strings_closed
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import Definition, read_record
from sfmc_mock.wire.struct import Struct

# High, Medium and Low are numbers on the wire (recorded; words: documented).
_PRIORITIES = {"high": "3", "medium": "4", "low": "5"}
_SOURCE_TEMPLATE = "TriggeredSendDataExtension"

# The updates of status that a definition of a seed file goes through to reach its own.
_STEPS = {
    "New": (),
    "Active": ("Active",),
    "Inactive": ("Active", "Inactive"),
    "Canceled": ("Active", "Canceled"),
}
_NO_NIL: dict[str, Refusal] = {
    "TriggeredSendType": (17011, "Triggered Send Type Not Found"),
    **dict.fromkeys(
        ("AutoAddSubscribers", "AutoUpdateSubscribers"),
        (17023, "Triggered Send Definition Auto Add or Auto Update Not Found"),
    ),
}
_WINDOW = ("SendWindowOpen", "SendWindowClose", "SendWindowDelete")
_CONTENT_AREAS = {
    "HeaderContentArea": (17018, "Triggered Send Definition Header Content Not Found"),
    "FooterContentArea": (17019, "Triggered Send Definition Footer Content Not Found"),
}
_INVALID_CLOSE = (17114, "Triggered Send Definition Send Window Close Invalid")
_THROTTLING = ("send_throttling", (17200, "Send Speed Governor Not Enabled"))
_CLOSED = ((are_strings_closed, (17112, "Invalid Personalization String")),)


def _is_not_blank(text: str) -> bool:
    return not text.isspace()


def _may_be_address(text: str) -> bool:
    """Say whether a text is empty, an address, or contains personalization strings."""
    return not text.strip() or "%%" in text or is_valid_address(text.strip())


class TriggeredSendDefinitionHandler(StoredObject):
    """A triggered send definition. Updates of its TriggeredSendStatus start and pause it (documented).

    Default values: recorded. Codes and texts of refused values: documented; the limits: those of Describe, or assumed.
    """

    scope = "email"
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
    reads: ClassVar = {"": ("RefreshContent",)}
    without_effect: ClassVar = {
        "ExclusionListCollection": "it is not kept; put a suppression list into the seed file instead",
        "SuppressTracking": "events are recorded all the same, which the live service does not do",
        "SendLimit": "messages leave at once",
        **dict.fromkeys(_WINDOW, "messages leave at any hour"),
        "IsAlwaysOn": "it is kept and shown",
        "DisableOnEmailBuildError": "no build of an email fails",
        **dict.fromkeys(_CONTENT_AREAS, "it is stored, and not added to messages"),
    }
    fields = (
        *Property.alike("Client.ID", "CreatedDate", "ModifiedDate", updatable=False),
        Property("ObjectID", max_length=36, unique=True),
        Property.key((17100, "Triggered Send Definition Customer Key Invalid"), required=True),
        Property("IsPlatformObject", sql="0"),
        Property.object_name((17101, "Triggered Send Definition Name Invalid")),
        Property("Description", max_length=256, default=""),
        Property(
            "Keyword",
            default="",
            too_long=(17107, "Triggered Send Definition Keyword Invalid"),
            limit=150,
        ),
        Property.folder("triggered_send"),
        # A deleted definition does not protect what it refers to from deletion.
        Reference(
            "SendClassification",
            shows=("ObjectID", "CustomerKey"),
            not_found=(17014, "Triggered Send Definition Send Classification Not Found"),
            required=True,
            seed=Key(default="Default Commercial"),
        ),
        # Retrieve returns the profiles that the definition itself names (recorded); without any, sends use those of its
        # classification.
        Reference("SenderProfile", shows=("ObjectID", "CustomerKey")),
        Reference(
            "DeliveryProfile",
            shows=("ObjectID", "CustomerKey"),
            not_found=(24102, "SC_Delivery Profile Not Found"),
        ),
        *Property.unset("PrivateDomain.ObjectID", "PrivateIP.ID"),
        *(
            Reference(name, to="ContentArea", shows=("ID",), not_found=not_found)
            for name, not_found in _CONTENT_AREAS.items()
        ),
        Property(
            "FromName",
            limit=130,
            too_long=(17105, "Triggered Send Definition From Name Invalid"),
            forms=(
                (_is_not_blank, (17020, "Triggered Send Definition From Name Not Found")),
                *_CLOSED,
            ),
        ),
        Property(
            "FromAddress",
            forms=(
                (_is_not_blank, (17021, "Triggered Send Definition From Address Not Found")),
                *_CLOSED,
                (_may_be_address, (17106, "Triggered Send Definition From Address Invalid")),
            ),
        ),
        *Property.alike("SuppressTracking", "IsSendLogging", default=False),
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
        # Checked before the email (inferred from a live LastErrorCode).
        Reference(
            "Email",
            by=("ID", "CustomerKey", "PartnerKey"),
            shows=("ID",),
            not_found=(17016, "Triggered Send Definition Email Not Found"),
            not_found_by={
                "PartnerKey": (17103, "Triggered Send Definition Email Partner Key Invalid")
            },
            missing=(17013, "Triggered Send Definition Email ID or Partner Key Not Found"),
            required=True,
            seed=Key(required=True),
        ),
        Reference(
            "List",
            by=("ID", "ObjectID", "CustomerKey", "PartnerKey"),
            shows=("ID",),
            not_found=(17017, "Triggered Send Definition List Not Found"),
            not_found_by={
                "PartnerKey": (17104, "Triggered Send Definition List Partner Key Invalid")
            },
            missing=(17022, "Triggered Send Definition List Required"),
            refuses_empty=True,
        ),
        *Property.alike("AutoAddSubscribers", "AutoUpdateSubscribers", default=False),
        Property("BatchInterval", default=0),
        Property(
            "BccEmail",
            needs=("bcc_email", (17201, "BCC Email Not Enabled")),
            forms=((_may_be_address, (17108, "Triggered Send Definition BCC Email Invalid")),),
        ),
        Property("CCEmail"),
        Property("TestEmailAddr", partner=True, column="test_email_address"),
        Property(
            "EmailSubject",
            limit=200,
            too_long=(17102, "Triggered Send Definition Email Subject Invalid"),
            forms=_CLOSED,
        ),
        Property(
            "DynamicEmailSubject",
            limit=200,
            too_long=(17110, "Triggered Send Definition Dynamic Email Subject Invalid"),
            forms=_CLOSED,
            needs=("dynamic_content", (17204, "Dynamic Content Not Enabled")),
        ),
        Property(
            "IsMultipart", default=False, needs=("multipart", (17203, "Multipart MIME Not Enabled"))
        ),
        Property("IsWrapped", default=True),
        *Property.alike("AllowedSlots", "NewSlotTrigger", default=0),
        Property("SendLimit", needs=_THROTTLING),
        Property(
            "SendWindowOpen",
            needs=_THROTTLING,
            forms=(
                (is_time_of_day, (17113, "Triggered Send Definition Send Window Open Invalid")),
            ),
        ),
        Property("SendWindowClose", needs=_THROTTLING, forms=((is_time_of_day, _INVALID_CLOSE),)),
        Property("Priority", default="4", seed=Key(choices=("3", "4", "5"))),
        Property("PreHeader", forms=_CLOSED),
        *Property.alike("ReplyToAddress", "ReplyToDisplayName"),
        Property("ExclusionFilter", retrievable=False),
        *Property.alike("IsAlwaysOn", "SendWindowDelete", default=False),
        Property(
            "DisableOnEmailBuildError", default=False, seed=Key(kind="number", low=0, default=0)
        ),
        Reference(
            "SendSourceDataExtension",
            to="DataExtension",
            by=("ObjectID", "CustomerKey"),
            # 0 if the data extension was deleted: then sends are refused.
            foreign_key=False,
            not_found=(180015, "Triggered Send Data Extension is missing or misconfigured"),
            protects=False,
        ),
        # Counts changes of the content; a start after a change makes a new job.
        Property.internal("content_version", "number", default=1, seed=None),
        Property.internal("job_id", "number", seed=None),
    )
    statements = (
        # A deleted definition can still be retrieved, and its key can be used again.
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
        status = sent.text("TriggeredSendStatus")
        if status not in (None, "New"):
            call.warn(
                f"TriggeredSendStatus {status} is ignored on Create: a definition begins as New; "
                "start it with an Update"
            )
        return row

    def place(self, account: Account, columns: Mapping[str, object]) -> Row:
        return self.at(account, create_definition(account, columns).id)

    def modify(self, call: Call, sent: Struct, row: Row) -> None:
        self.check_values(call.account, sent, row)
        self.check(call, sent, row)
        columns = self.changes(call, sent, row)
        if sent.text("ObjectID") and sent.text("CustomerKey"):
            # Without an ObjectID, the key names the definition.
            columns["customer_key"] = sent.text("CustomerKey")
        refreshes = bool(sent.flag("RefreshContent"))
        change = DefinitionChange(columns, sent.text("TriggeredSendStatus"), refreshes)
        change_definition(call.account, read_record(Definition, row), change)

    def doubts(self, call: Call, compared: Compared) -> bool:
        if ("TriggeredSendStatus", "equals") in compared.comparisons:
            # What the live service returns is not known (sdk).
            call.warn(
                "TriggeredSendStatus equals: a client of the live service does not find its definitions with it; use "
                "IN with two values or more"
            )
        return False

    def remove(self, call: Call, row: Row) -> None:
        delete_definition(call.account, read_record(Definition, row))

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        for name, refusal in _NO_NIL.items() if row is None else ():
            if name in sent and sent.values[name] is None:
                raise Refused(*refusal)
        warn_of_exclusion_filter(call, sent)
        if SendWindow.is_empty(sent.text("SendWindowOpen"), sent.text("SendWindowClose")):
            raise Refused(*_INVALID_CLOSE)

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        list_id = changes.get("list_id", row["list_id"] if row else None)
        _check_what_is_named(call.account, changes, list_id)
        if "send_source_data_extension_id" in changes:
            _warn_of_source(call, changes["send_source_data_extension_id"])
        if sent.flag("SendWindowDelete"):
            # SendWindowDelete removes the window (documented).
            changes |= {"send_window_open": None, "send_window_close": None}
        # Only `change_definition` changes the status.
        changes.pop("status", None)
        if str(changes.get("type", "Continuous")).lower() != "continuous":
            call.warn(
                f"TriggeredSendType {changes['type']} is kept and shown, and has no effect in the emulator: messages "
                "leave when they are triggered"
            )
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


def _warn_of_source(call: Call, number: object) -> None:
    """Warn a call of a SendSourceDataExtension that the live service would call misconfigured (documented)."""
    source = call.account.db.find("data_extension", id=number)
    template = source and call.account.db.find("data_extension_template", id=source["template_id"])
    if source and (not template or template["name"] != _SOURCE_TEMPLATE):
        call.warn(
            f"the SendSourceDataExtension '{source['customer_key']}' was not made from the template "
            f"{_SOURCE_TEMPLATE}, which the live service asks for"
        )


def _check_what_is_named(account: Account, columns: Mapping[str, object], list_id: object) -> None:
    """Raise `Refused` for a reference that the definition cannot send with."""
    email = account.db.find("email", id=columns.get("email_id"))
    if email is not None and not email["is_active"]:
        raise Refused(17111, "Triggered Send Definition Email Invalid")
    profile = account.db.find("delivery_profile", id=columns.get("delivery_profile_id")) or {}
    for end, code in (("header", 17024), ("footer", 17025)):
        from_library = profile.get(f"{end}_salutation_source") == "ContentLibrary"
        if from_library and profile[f"{end}_content_area_id"] is None:
            text = f"Triggered Send Definition Delivery Profile {end.title()} Content Not Found"
            raise Refused(code, text)
    to_everybody = list_id is None or is_all_subscribers(account, int(str(list_id)))
    if to_everybody and account.lacks("all_subscribers_access"):
        raise Refused(17205, "All Subscribers Access Not Enabled")
