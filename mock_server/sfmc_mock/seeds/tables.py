"""What a seed file can say: one class for each of its tables, one field for each key.

A field without a default must be given. The metadata of a field says what else its value must be: one of `choices`, at
least `low`, a reference to an entry of another table (`refers`), or items of a class (`items`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from hashlib import blake2b
from typing import Any, ClassVar, TypeAlias

VERSION = 1
"""The version of the format that this package reads and writes."""

Reference: TypeAlias = str | int
"""Names an entry of another table: its key or name, or the number that is its `id`."""

STATUSES = ("Active", "Bounced", "Held", "Unsubscribed", "Deleted")
FIELD_TYPES = (
    "Text",
    "Number",
    "Date",
    "Boolean",
    "EmailAddress",
    "Phone",
    "Decimal",
    "Locale",
    "Base16Encrypted",
    "Base16EncryptedEmail",
)
RELATIONS = ("_SubscriberKey", "_EmailAddress")
"""With what of a subscriber a sendable data extension is related, as Retrieve reads it."""


def _key(default: Any = ..., **metadata: object) -> Any:
    """Return a field with metadata, required when it has no default."""
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class AccountTable:
    """`[account]`: who the account is and how it behaves."""

    mid: int = _key(1234567, low=1, high=2_147_483_647)
    name: str = ""
    seed: str = "sfmc-mock"
    """What all identifiers and chances are drawn from."""
    clock: str = "running"
    """`running`, a time at which it stands still, or `running from` a time; times are server time."""
    engagement: str = ""
    """Name of the engagement profile; empty leaves it to the server."""
    lag: str = ""
    """Name of the lag profile; empty leaves it to the server."""


@dataclass(frozen=True, kw_only=True)
class ApiUser:
    """`[[api_user]]`: who may call with a UsernameToken."""

    table: ClassVar[str] = "api_user"
    username: str = _key(filled=True)
    password: str = _key(filled=True)


@dataclass(frozen=True, kw_only=True)
class Package:
    """`[[package]]`: an installed package, which gets tokens for its client ID and secret."""

    table: ClassVar[str] = "package"
    client_id: str = _key(filled=True)
    client_secret: str = _key(filled=True)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """`[[folder]]`: a DataFolder; without `parent` it is the root of its content type."""

    table: ClassVar[str] = "folder"
    name: str = _key(filled=True)
    content_type: str = _key(filled=True)
    key: str | None = _key(None, filled=True)
    id: int | None = _key(None, low=1, high=2_147_483_647)
    object_id: str | None = None
    parent: str | int | None = _key(None, refers="folder")
    description: str = ""
    is_active: bool = True
    is_editable: bool = True
    allow_children: bool = True


@dataclass(frozen=True, kw_only=True)
class Member:
    """A subscriber on a list: an item of `members`."""

    subscriber: str = _key(filled=True, refers="subscriber")
    status: str = _key("Active", choices=STATUSES)


@dataclass(frozen=True, kw_only=True)
class SubscriberList:
    """`[[list]]`: a List."""

    table: ClassVar[str] = "list"
    name: str = _key(filled=True)
    key: str | None = _key(None, filled=True)
    id: int | None = _key(None, low=1, high=2_147_483_647)
    object_id: str | None = None
    folder: str | int | None = _key(None, refers="folder")
    type: str = _key("Private", choices=("Public", "Private", "SalesForce"))
    description: str = ""
    classification: str = _key(
        "ExactTargetList", choices=("ExactTargetList", "PublicationList", "SuppressionList")
    )
    is_all_subscribers: bool = False
    automated_email: str | int | None = _key(None, refers="email")
    send_classification: str | None = _key(None, refers="send_classification")
    members: tuple[Member, ...] = _key((), items=Member, short="subscriber")


@dataclass(frozen=True, kw_only=True)
class PicklistItem:
    """One value of a profile attribute that allows only some: an item of `picklist`."""

    value: str = _key(filled=True)
    label: str = ""
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class ProfileAttribute:
    """`[[profile_attribute]]`: what the account knows of its subscribers."""

    table: ClassVar[str] = "profile_attribute"
    name: str = _key(filled=True)
    id: int | None = _key(None, low=1, high=2_147_483_647)
    type: str = _key("string", choices=("string", "boolean", "double", "datetime"))
    label: str | None = None
    description: str = ""
    default_value: str = ""
    min_length: int | None = _key(None, low=0)
    max_length: int | None = _key(None, low=1)
    min_value: str | None = None
    max_value: str | None = None
    is_required: bool = False
    is_viewable: bool = True
    is_editable: bool = True
    is_send_time: bool = False
    picklist: tuple[PicklistItem, ...] = _key((), items=PicklistItem, short="value")


@dataclass(frozen=True, kw_only=True)
class Email:
    """`[[email]]`: an Email."""

    table: ClassVar[str] = "email"
    name: str = _key(filled=True)
    key: str | None = _key(None, filled=True)
    id: int | None = _key(None, low=1, high=2_147_483_647)
    folder: str | int | None = _key(None, refers="folder")
    subject: str = ""
    html_body: str = ""
    text_body: str = ""
    pre_header: str | None = None
    status: str = "New"
    email_type: str = "Normal"
    character_set: str = "utf-8"
    content_check_status: str = "Not Checked"
    is_active: bool = True
    is_html_paste: bool = True
    cloned_from_id: int | None = None
    has_dynamic_subject_line: bool = False


@dataclass(frozen=True, kw_only=True)
class SenderProfile:
    """`[[sender_profile]]`: who an email is from."""

    table: ClassVar[str] = "sender_profile"
    key: str = _key(filled=True)
    name: str = _key(filled=True)
    object_id: str | None = None
    description: str = ""
    from_name: str | None = None
    from_address: str | None = None
    use_default_rmm_rules: bool = True
    auto_forward_to_email_address: str | None = None
    auto_forward_to_name: str | None = None
    direct_forward: bool = False
    auto_forward_definition: str | None = None
    auto_reply: bool = False
    auto_reply_definition: str | None = None
    sender_header_email_address: str | None = None
    sender_header_name: str | None = None
    retention_length: int | None = None
    retention_unit: str | None = None
    reply_to_address: str | None = None
    reply_to_display_name: str | None = None
    fallback_from_address: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryProfile:
    """`[[delivery_profile]]`: the way on which an email leaves."""

    table: ClassVar[str] = "delivery_profile"
    key: str = _key(filled=True)
    name: str = _key(filled=True)
    object_id: str | None = None
    description: str = ""
    source_address_type: str = _key(
        "DefaultPrivateIPAddress", choices=("DefaultPrivateIPAddress", "CustomPrivateIPAddress")
    )
    domain_type: str = _key("DefaultDomain", choices=("DefaultDomain", "CustomDomain"))
    header_salutation_source: str = _key("Default", choices=("Default", "ContentLibrary", "None"))
    footer_salutation_source: str = _key("Default", choices=("Default", "ContentLibrary", "None"))


@dataclass(frozen=True, kw_only=True)
class SendClassification:
    """`[[send_classification]]`: Marketing (commercial) or Operational (transactional)."""

    table: ClassVar[str] = "send_classification"
    key: str = _key(filled=True)
    name: str = _key(filled=True)
    object_id: str | None = None
    description: str = ""
    type: str = _key("Marketing", choices=("Marketing", "Operational"))
    sender_profile: str = _key("Default", refers="sender_profile")
    delivery_profile: str = _key("Default", refers="delivery_profile")
    archive_email: bool = False
    honors_list_opt_outs: bool = False
    priority: str | None = _key(None, choices=("Burst", "Normal", "Low"))


@dataclass(frozen=True, kw_only=True)
class Column:
    """A field of a data extension, or of a template: an item of `fields`."""

    name: str = _key(filled=True)
    type: str = _key("Text", choices=FIELD_TYPES)
    max_length: int | None = _key(None, low=1)
    scale: int | None = _key(None, low=0)
    default_value: str = ""
    is_required: bool | None = None
    """Without saying, a primary key is required and nothing else."""
    is_primary_key: bool = False


@dataclass(frozen=True, kw_only=True)
class DataExtensionTemplate:
    """`[[data_extension_template]]`: what data extensions can be made from."""

    table: ClassVar[str] = "data_extension_template"
    key: str = _key(filled=True)
    name: str = _key(filled=True)
    object_id: str | None = None
    description: str = ""
    is_sendable: bool = False
    is_testable: bool = False
    sendable_field: str | None = None
    sendable_subscriber_field: str | None = _key(None, choices=RELATIONS)
    retention_length: int | None = None
    retention_unit: int | None = None
    row_based_retention: bool = False
    reset_retention_on_import: bool = False
    delete_at_end_of_retention: bool = False
    retain_until: str | None = None
    makes_send_log: bool = False
    """Whether sends are written to data extensions made from it."""
    fields: tuple[Column, ...] = _key((), items=Column)


@dataclass(frozen=True, kw_only=True)
class DataExtension:
    """`[[data_extension]]`: a data extension with its rows.

    What is left out comes from the template, also its fields, unless the entry has one of the same name.
    """

    table: ClassVar[str] = "data_extension"
    name: str = _key(filled=True)
    key: str | None = _key(None, filled=True)
    object_id: str | None = None
    description: str = ""
    folder: str | int | None = _key(None, refers="folder")
    template: str | None = _key(None, refers="data_extension_template")
    is_sendable: bool | None = None
    is_testable: bool | None = None
    sendable_field: str | None = None
    sendable_subscriber_field: str | None = _key(None, choices=RELATIONS)
    retention_length: int | None = None
    retention_unit: int | None = None
    row_based_retention: bool | None = None
    reset_retention_on_import: bool | None = None
    delete_at_end_of_retention: bool | None = None
    retain_until: str | None = None
    is_send_log: bool = False
    fields: tuple[Column, ...] = _key((), items=Column)
    rows: tuple[Mapping[str, str], ...] = _key((), rows=True)


@dataclass(frozen=True, kw_only=True)
class TriggeredSendDefinition:
    """`[[triggered_send_definition]]`: a definition, in the status it is to have."""

    table: ClassVar[str] = "triggered_send_definition"
    key: str = _key(filled=True)
    name: str = _key(filled=True)
    email: str | int = _key(refers="email")
    object_id: str | None = None
    status: str = _key("New", choices=("New", "Active", "Inactive", "Canceled"))
    send_classification: str = _key("Default Commercial", refers="send_classification")
    sender_profile: str | None = _key(None, refers="sender_profile")
    delivery_profile: str | None = _key(None, refers="delivery_profile")
    list: str | int | None = _key(None, refers="list")
    folder: str | int | None = _key(None, refers="folder")
    send_source_data_extension: str | None = _key(None, refers="data_extension")
    description: str = ""
    keyword: str = ""
    from_name: str | None = None
    from_address: str | None = None
    bcc_email: str | None = None
    cc_email: str | None = None
    test_email_address: str | None = None
    email_subject: str | None = None
    dynamic_email_subject: str | None = None
    pre_header: str | None = None
    reply_to_address: str | None = None
    reply_to_display_name: str | None = None
    exclusion_filter: str | None = None
    priority: str = _key("4", choices=("3", "4", "5"))
    batch_interval: int = 0
    allowed_slots: int = 0
    new_slot_trigger: int = 0
    send_limit: int | None = None
    send_window_open: str | None = None
    send_window_close: str | None = None
    is_multipart: bool = False
    is_wrapped: bool = True
    is_send_logging: bool = False
    auto_add_subscribers: bool = False
    auto_update_subscribers: bool = False
    suppress_tracking: bool = False
    disable_on_email_build_error: int = _key(0, low=0)


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A list that a subscriber is on: an item of `lists`."""

    list: str | int = _key(refers="list")
    status: str = _key("Active", choices=STATUSES)


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """`[[subscriber]]`: a person; everybody is on All Subscribers, where `status` is theirs."""

    table: ClassVar[str] = "subscriber"
    email: str = _key(filled=True)
    key: str | None = _key(None, filled=True)
    """The SubscriberKey; the address without one."""
    id: int | None = _key(None, low=100_000_000, high=2_147_483_647)
    status: str = _key("Active", choices=STATUSES)
    email_type: str = _key("HTML", choices=("HTML", "Text"))
    partner_key: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[Subscription, ...] = _key((), items=Subscription, short="list")


@dataclass(frozen=True, kw_only=True)
class DomainExclusion:
    """`[[domain_exclusion]]`: domains that are never sent to."""

    table: ClassVar[str] = "domain_exclusion"
    name: str = _key(filled=True)
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SuppressionList:
    """`[[suppression_list]]`: addresses that are never sent to."""

    table: ClassVar[str] = "suppression_list"
    name: str = _key(filled=True)
    addresses: tuple[str, ...] = ()


Entry: TypeAlias = (
    ApiUser
    | Package
    | Folder
    | SubscriberList
    | ProfileAttribute
    | Email
    | SenderProfile
    | DeliveryProfile
    | SendClassification
    | DataExtensionTemplate
    | DataExtension
    | TriggeredSendDefinition
    | Subscriber
    | DomainExclusion
    | SuppressionList
)


@dataclass(frozen=True, kw_only=True)
class Seed:
    """What an account starts from; every reference in it leads somewhere."""

    name: str = "seed"
    """What the seed is called in messages: its file."""
    account: AccountTable = field(default_factory=AccountTable)
    api_user: tuple[ApiUser, ...] = ()
    package: tuple[Package, ...] = ()
    folder: tuple[Folder, ...] = ()
    list: tuple[SubscriberList, ...] = ()
    profile_attribute: tuple[ProfileAttribute, ...] = ()
    email: tuple[Email, ...] = ()
    sender_profile: tuple[SenderProfile, ...] = ()
    delivery_profile: tuple[DeliveryProfile, ...] = ()
    send_classification: tuple[SendClassification, ...] = ()
    data_extension_template: tuple[DataExtensionTemplate, ...] = ()
    data_extension: tuple[DataExtension, ...] = ()
    triggered_send_definition: tuple[TriggeredSendDefinition, ...] = ()
    subscriber: tuple[Subscriber, ...] = ()
    domain_exclusion: tuple[DomainExclusion, ...] = ()
    suppression_list: tuple[SuppressionList, ...] = ()
    engagement: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Engagement profiles of the account's own, by name, as `[engagement.NAME]` gives them."""

    @cached_property
    def fingerprint(self) -> str:
        """A text that is the same for seeds that say the same."""
        said = [getattr(self, each.name) for each in fields(self) if each.name != "name"]
        return blake2b(repr(said).encode(), digest_size=16).hexdigest()


TABLES: dict[str, type[Entry]] = {
    each.table: each
    for each in (
        ApiUser,
        Package,
        Folder,
        SubscriberList,
        ProfileAttribute,
        Email,
        SenderProfile,
        DeliveryProfile,
        SendClassification,
        DataExtensionTemplate,
        DataExtension,
        TriggeredSendDefinition,
        Subscriber,
        DomainExclusion,
        SuppressionList,
    )
}
"""The tables of which a seed file can have many entries, in the order in which they are written."""


def identities(entry: Entry) -> tuple[Reference, ...]:
    """Return what names the entry: its id, its key, else its name (texts in lower case)."""
    number = getattr(entry, "id", None)
    match entry:
        case ApiUser():
            text: str | None = entry.username
        case Package():
            text = entry.client_id
        case Subscriber():
            text = entry.key or entry.email
        case ProfileAttribute() | DomainExclusion() | SuppressionList():
            text = entry.name
        case _:
            text = entry.key or entry.name
    found: list[Reference] = [] if number is None else [number]
    return (*found, text.casefold()) if text else tuple(found)
