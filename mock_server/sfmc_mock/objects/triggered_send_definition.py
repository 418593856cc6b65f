"""TriggeredSendDefinition: what a triggered send sends, and its life cycle."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.definitions import (
    DefinitionChange,
    change_definition,
    create_definition,
    delete_definition,
    find_definition,
)
from sfmc_mock.account.sends import clear_queue, drain_queue
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Done, Handler, Property, echoed
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_NOT_FOUND = (17015, "Triggered Send Definition Not Found")

_COLUMNS = {
    "CustomerKey": "customer_key",
    "Name": "name",
    "Description": "description",
    "Keyword": "keyword",
    "CategoryID": "category_id",
    "FromName": "from_name",
    "FromAddress": "from_address",
    "BccEmail": "bcc_email",
    "CCEmail": "cc_email",
    "EmailSubject": "email_subject",
    "DynamicEmailSubject": "dynamic_email_subject",
    "PreHeader": "pre_header",
    "ReplyToAddress": "reply_to_address",
    "ReplyToDisplayName": "reply_to_display_name",
    "ExclusionFilter": "exclusion_filter",
    "Priority": "priority",
    "BatchInterval": "batch_interval",
    "AllowedSlots": "allowed_slots",
    "NewSlotTrigger": "new_slot_trigger",
    "SendLimit": "send_limit",
    "SendWindowOpen": "send_window_open",
    "SendWindowClose": "send_window_close",
    "IsMultipart": "is_multipart",
    "IsWrapped": "is_wrapped",
    "IsSendLogging": "is_send_logging",
    "AutoAddSubscribers": "auto_add_subscribers",
    "AutoUpdateSubscribers": "auto_update_subscribers",
    "SuppressTracking": "suppress_tracking",
    "DisableOnEmailBuildError": "disable_on_email_build_error",
}

# Columns that are texts and may not be null: nil empties them.
_NEVER_NULL = frozenset({"description", "keyword", "priority"})

# High, Medium and Low are numbers on the wire (recorded; words: documented).
_PRIORITIES = {"high": "3", "medium": "4", "low": "5"}


class TriggeredSendDefinitionHandler(Handler):
    """The definition; starting and pausing are Updates of its TriggeredSendStatus (documented)."""

    object_type = "TriggeredSendDefinition"
    view = "api_TriggeredSendDefinition"
    properties = (
        Property("Client.ID", "number", updatable=False),
        Property("CreatedDate", "date", updatable=False),
        Property("ModifiedDate", "date", updatable=False),
        Property("ObjectID", max_length=36),
        Property("CustomerKey", required=True, max_length=36),
        Property("IsPlatformObject", "flag"),
        Property("Name", required=True, max_length=100),
        Property("Description", max_length=256),
        Property("Keyword"),
        Property("CategoryID", "number"),
        Property("SendClassification.ObjectID"),
        Property("SendClassification.CustomerKey"),
        Property("SenderProfile.ObjectID"),
        Property("SenderProfile.CustomerKey"),
        Property("DeliveryProfile.ObjectID"),
        Property("DeliveryProfile.CustomerKey"),
        Property("PrivateDomain.ObjectID"),
        Property("PrivateIP.ID", "number"),
        Property("HeaderContentArea.ID", "number"),
        Property("FooterContentArea.ID", "number"),
        Property("FromName"),
        Property("FromAddress"),
        Property("SuppressTracking", "flag"),
        Property("IsSendLogging", "flag"),
        Property("TriggeredSendType"),
        Property("TriggeredSendStatus"),
        Property("Email.ID", "number"),
        Property("List.ID", "number"),
        Property("AutoAddSubscribers", "flag"),
        Property("AutoUpdateSubscribers", "flag"),
        Property("BatchInterval", "number"),
        Property("BccEmail"),
        Property("CCEmail"),
        Property("TestEmailAddr", partner=True),
        Property("EmailSubject"),
        Property("DynamicEmailSubject"),
        Property("IsMultipart", "flag"),
        Property("IsWrapped", "flag"),
        Property("AllowedSlots", "number"),
        Property("NewSlotTrigger", "number"),
        Property("SendLimit", "number"),
        Property("SendWindowOpen"),
        Property("SendWindowClose"),
        Property("Priority"),
        Property("PreHeader"),
        Property("ReplyToAddress"),
        Property("ReplyToDisplayName"),
    )

    def create(self, call: Call, sent: Struct) -> Done:
        if sent.text("ObjectID"):
            raise Refused(17012, "Triggered Send Definition Object ID Found")
        wanted = {
            **_columns(sent),
            # The classification is checked before the email (inferred from a live LastErrorCode).
            "send_classification_id": _classification(call, sent, required=True),
            "email_id": _email(call, sent, required=True),
            **_references(call, sent),
        }
        status = sent.text("TriggeredSendStatus")
        if status not in (None, "New"):
            call.warn(
                f"TriggeredSendStatus {status} is passed over on Create: a definition begins as New; "
                "start it with an Update"
            )
        row = create_definition(call.account, wanted)
        object_id = str(row["object_id"])
        echo = echoed(sent, ObjectID=object_id, CustomerKey=row["customer_key"])
        return Done("TriggeredSendDefinition created", echo, new_object_id=object_id)

    def update(self, call: Call, sent: Struct) -> Done:
        row = _find(call, sent)
        columns = _columns(sent)
        columns.pop("customer_key", None)
        classification = _classification(call, sent, required=False)
        if classification is not None:
            columns["send_classification_id"] = classification
        email = _email(call, sent, required=False)
        if email is not None:
            columns["email_id"] = email
        columns.update(_references(call, sent))
        change = DefinitionChange(
            columns, sent.text("TriggeredSendStatus"), bool(sent.flag("RefreshContent"))
        )
        changed = change_definition(call.account, row, change)
        if row["status"] != changed["status"]:
            if changed["status"] == "Active":
                drain_queue(call.account, changed)
            elif changed["status"] == "Canceled":
                clear_queue(call.account, changed)
        return Done("TriggeredSendDefinition updated", sent)

    def delete(self, call: Call, sent: Struct) -> Done:
        row = _find(call, sent)
        delete_definition(call.account, row)
        clear_queue(call.account, {**row, "status": "Deleted"})
        return Done("TriggeredSendDefinition deleted", sent)


def _find(call: Call, sent: Struct) -> Row:
    object_id, key = sent.text("ObjectID"), sent.text("CustomerKey")
    if not object_id and not key:
        raise Refused(17010, "Triggered Send Definition Object ID or Customer Key Not Found")
    row = find_definition(call.account, object_id=object_id, key=key)
    if row is None:
        raise Refused(*_NOT_FOUND)
    return row


def _columns(sent: Struct) -> dict[str, object]:
    columns: dict[str, object] = {}
    for name, column in _COLUMNS.items():
        if name in sent:
            value = sent.values[name]
            if value is None and column in _NEVER_NULL:
                value = ""
            columns[column] = int(value) if isinstance(value, bool) else value
    priority = str(columns.get("priority") or "")
    if priority.lower() in _PRIORITIES:
        columns["priority"] = _PRIORITIES[priority.lower()]
    return columns


def _references(call: Call, sent: Struct) -> dict[str, object]:
    """Return the columns of the other objects that the definition names. Raises `Refused` for unknown ones."""
    found: dict[str, object] = {}
    target = sent.part("List")
    if target is not None and (target.number("ID") or target.text("ObjectID")):
        row = _row(call, "list", target, {"ID": "id", "ObjectID": "object_id"})
        if row is None:
            raise Refused(17017, "Triggered Send Definition List Not Found")
        found["list_id"] = row["id"]
    keys = {"ObjectID": "object_id", "CustomerKey": "customer_key"}
    for name, table, refusal in _PROFILES:
        target = sent.part(name)
        if target is None or not (target.text("ObjectID") or target.text("CustomerKey")):
            continue
        row = _row(call, table, target, keys)
        if row is None:
            raise Refused(*refusal)
        found[f"{table}_id" if table != "data_extension" else "send_source_data_extension_id"] = (
            row["id"]
        )
    return found


_PROFILES = (
    ("SenderProfile", "sender_profile", (40100, "SP_Not Found")),
    ("DeliveryProfile", "delivery_profile", (24102, "SC_Delivery Profile Not Found")),
    (
        "SendSourceDataExtension",
        "data_extension",
        (180015, "Triggered Send Data Extension is missing or misconfigured"),
    ),
)


def _classification(call: Call, sent: Struct, *, required: bool) -> object:
    target = sent.part("SendClassification") or Struct("SendClassification")
    identities = {"ObjectID": "object_id", "CustomerKey": "customer_key"}
    if not required and not any(target.text(name) for name in identities):
        return None
    row = _row(call, "send_classification", target, identities)
    if row is None:
        raise Refused(17014, "Triggered Send Definition Send Classification Not Found")
    return row["id"]


def _email(call: Call, sent: Struct, *, required: bool) -> object:
    target = sent.part("Email") or Struct("Email")
    identities = {"ID": "id", "CustomerKey": "customer_key"}
    if not any(target.values.get(name) for name in identities):
        if required:
            raise Refused(17013, "Triggered Send Definition Email ID or Partner Key Not Found")
        return None
    row = _row(call, "email", target, identities)
    if row is None:
        raise Refused(17016, "Triggered Send Definition Email Not Found")
    return row["id"]


def _row(call: Call, table: str, target: Struct, identities: Mapping[str, str]) -> Row | None:
    for name, column in identities.items():
        value = target.values.get(name)
        if value:
            return call.account.db.find(table, **{column: value})
    return None
