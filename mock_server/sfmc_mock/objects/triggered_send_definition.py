"""TriggeredSendDefinition: what a triggered send sends, and its life cycle."""

from __future__ import annotations

from sfmc_mock.account.definitions import (
    NOT_FOUND,
    DefinitionChange,
    change_definition,
    create_definition,
    delete_definition,
    find_definition,
)
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Handler, Outcome, Property, echoed
from sfmc_mock.objects.table import KEY_LIMIT, Refusal, referred
from sfmc_mock.simulator.decisions import is_valid_address
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

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

# Columns that always hold something: nil empties a text, and leaves the others as they are.
_EMPTIED = frozenset({"description", "keyword"})
_NEVER_NULL = frozenset(
    {
        "name",
        "priority",
        "batch_interval",
        "allowed_slots",
        "new_slot_trigger",
        "is_multipart",
        "is_wrapped",
        "is_send_logging",
        "auto_add_subscribers",
        "auto_update_subscribers",
        "suppress_tracking",
        "disable_on_email_build_error",
    }
)

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

    def create(self, call: Call, sent: Struct) -> Outcome:
        if sent.text("ObjectID"):
            # Text: documented, spelling included.
            raise Refused(17012, "Triggered Send Definiton Object ID Found")
        _check_values(sent)
        wanted = {
            **_columns(sent),
            # The classification is checked before the email (inferred from a live LastErrorCode).
            "send_classification_id": _classification(call, sent, required=True),
            "email_id": _email(call, sent, required=True),
            **_references(call, sent),
        }
        _warn(call, sent)
        status = sent.text("TriggeredSendStatus")
        if status not in (None, "New"):
            call.warn(
                f"TriggeredSendStatus {status} is passed over on Create: a definition begins as New; "
                "start it with an Update"
            )
        row = create_definition(call.account, wanted)
        object_id = str(row["object_id"])
        echo = echoed(sent, ObjectID=object_id, CustomerKey=row["customer_key"])
        return Outcome("TriggeredSendDefinition created", echo, new_object_id=object_id)

    def update(self, call: Call, sent: Struct) -> Outcome:
        row = _find(call, sent)
        _check_values(sent)
        columns = {**_columns(sent), **_references(call, sent)}
        if not sent.text("ObjectID") or not sent.text("CustomerKey"):
            # The key names the definition, or none was given: it stays as it is.
            columns.pop("customer_key", None)
        classification = _classification(call, sent, required=False)
        if classification is not None:
            columns["send_classification_id"] = classification
        email = _email(call, sent, required=False)
        if email is not None:
            columns["email_id"] = email
        _warn(call, sent)
        change = DefinitionChange(
            columns, sent.text("TriggeredSendStatus"), bool(sent.flag("RefreshContent"))
        )
        change_definition(call.account, row, change)
        return Outcome("TriggeredSendDefinition updated", sent)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        delete_definition(call.account, _find(call, sent))
        return Outcome("TriggeredSendDefinition deleted", sent)


def _find(call: Call, sent: Struct) -> Row:
    object_id, key = sent.text("ObjectID"), sent.text("CustomerKey")
    if not object_id and not key:
        raise Refused(17010, "Triggered Send Definition Object ID or Customer Key Not Found")
    row = find_definition(call.account, object_id=object_id, key=key)
    if row is None:
        raise Refused(*NOT_FOUND)
    return row


# What is refused of values: codes and texts are documented, the limits those of Describe or assumed.
_TOO_LONG: dict[str, tuple[int, Refusal]] = {
    "CustomerKey": (KEY_LIMIT, (17100, "Triggered Send Definition Customer Key Invalid")),
    "Name": (100, (17101, "Triggered Send Definition Name Invalid")),
    "EmailSubject": (200, (17102, "Triggered Send Definition Email Subject Invalid")),
    "FromName": (130, (17105, "Triggered Send Definition From Name Invalid")),
    "Keyword": (150, (17107, "Triggered Send Definition Keyword Invalid")),
    "DynamicEmailSubject": (
        200,
        (17110, "Triggered Send Definition Dynamic Email Subject Invalid"),
    ),
}
_ADDRESSES: dict[str, Refusal] = {
    "FromAddress": (17106, "Triggered Send Definition From Address Invalid"),
    "BccEmail": (17108, "Triggered Send Definition BCC Email Invalid"),
}


def _check_values(sent: Struct) -> None:
    """Refuse values that a definition cannot have. Raises `Refused`."""
    for name, (limit, refusal) in _TOO_LONG.items():
        if len(sent.text(name) or "") > limit:
            raise Refused(*refusal)
    if "Name" in sent and not (sent.text("Name") or "").strip():
        raise Refused(*_TOO_LONG["Name"][1])
    for name, refusal in _ADDRESSES.items():
        address = (sent.text(name) or "").strip()
        # An address may be put together at send time.
        if address and "%%" not in address and not is_valid_address(address):
            raise Refused(*refusal)


# What is taken and does nothing here, with what to know about it.
_WITHOUT_EFFECT = {
    "ExclusionFilter": "it is not evaluated; an address with +notsent-excluded is treated as if it excluded it",
    "ExclusionListCollection": "it is not kept; put a suppression list into the seed file instead",
    "SuppressTracking": "events are recorded all the same, which the live service does not do",
    "SendLimit": "messages leave at once",
    "SendWindowOpen": "messages leave at any hour",
    "SendWindowClose": "messages leave at any hour",
}


def _warn(call: Call, sent: Struct) -> None:
    """Say what of a definition has no effect."""
    for name, more in _WITHOUT_EFFECT.items():
        if sent.values.get(name):
            call.warn(
                f"{name} of a triggered send definition has no effect in the emulator: {more}"
            )


def _columns(sent: Struct) -> dict[str, object]:
    columns: dict[str, object] = {}
    for name, column in _COLUMNS.items():
        if name not in sent:
            continue
        value = sent.values[name]
        if value is None and column in _NEVER_NULL:
            continue
        if value is None and column in _EMPTIED:
            value = ""
        columns[column] = int(value) if isinstance(value, bool) else value
    priority = str(columns.get("priority") or "")
    if priority.lower() in _PRIORITIES:
        columns["priority"] = _PRIORITIES[priority.lower()]
    return columns


def _references(call: Call, sent: Struct) -> dict[str, object]:
    """Return the columns of the other objects that the definition names. Raises `Refused` for unknown ones."""
    found: dict[str, object] = {}
    for name, (table, by, column, refusal) in _REFERENCES.items():
        part = sent.part(name)
        if part is None or not any(part.values.get(each) for each in by):
            continue
        row = referred(call, part, table, by=by)
        if row is None:
            raise Refused(*refusal)
        found[column] = row["id"]
    for name, refusal in _CONTENT_AREAS.items():
        part = sent.part(name)
        if part is not None and any(part.values.get(each) for each in ("ID", *_KEYS)):
            # The emulator has no content areas, so none is ever found.
            raise Refused(*refusal)
    return found


_KEYS = ("ObjectID", "CustomerKey")
_REFERENCES: dict[str, tuple[str, tuple[str, ...], str, Refusal]] = {
    "List": (
        "list",
        ("ID", *_KEYS),
        "list_id",
        (17017, "Triggered Send Definition List Not Found"),
    ),
    "SenderProfile": (
        "sender_profile",
        _KEYS,
        "sender_profile_id",
        (40100, "SP_Sender Profile Not Found"),
    ),
    "DeliveryProfile": (
        "delivery_profile",
        _KEYS,
        "delivery_profile_id",
        (24102, "SC_Delivery Profile Not Found"),
    ),
    "SendSourceDataExtension": (
        "data_extension",
        _KEYS,
        "send_source_data_extension_id",
        (180015, "Triggered Send Data Extension is missing or misconfigured"),
    ),
}
_CONTENT_AREAS: dict[str, Refusal] = {
    "HeaderContentArea": (17018, "Triggered Send Definition Header Content Not Found"),
    "FooterContentArea": (17019, "Triggered Send Definition Footer Content Not Found"),
}


def _classification(call: Call, sent: Struct, *, required: bool) -> object:
    part = sent.part("SendClassification") or Struct("SendClassification")
    if not required and not any(part.text(name) for name in _KEYS):
        return None
    row = referred(call, part, "send_classification")
    if row is None:
        raise Refused(17014, "Triggered Send Definition Send Classification Not Found")
    return row["id"]


def _email(call: Call, sent: Struct, *, required: bool) -> object:
    part = sent.part("Email") or Struct("Email")
    identities = ("ID", "CustomerKey")
    if not any(part.values.get(name) for name in identities):
        if required:
            raise Refused(17013, "Triggered Send Definition Email ID or Partner Key Not Found")
        return None
    row = referred(call, part, "email", by=identities)
    if row is None:
        raise Refused(17016, "Triggered Send Definition Email Not Found")
    return row["id"]
