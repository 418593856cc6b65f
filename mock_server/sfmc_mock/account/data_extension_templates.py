"""Data extension templates: fields and settings that a new data extension copies."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extensions import (
    SENDABLE_SUBSCRIBER_FIELDS,
    DataExtension,
    DataExtensionChange,
    create,
)
from sfmc_mock.store.database import Row

DOCUMENTED_TEMPLATE = "c3af0d64-1867-de11-8767-001e0bcf2c98"
"""The ObjectID that a documented sample calls the same for all accounts; in fact each has its own (seen)."""

# What the documented template gives beside the fields of a send log, and the send relationship it makes: those of the
# template that really bears the name in the sample (recorded, but for the types and lengths of the fields).
_DOCUMENTED_FIELDS = (
    FieldChange(name="SubscriberKey", field_type="Text", max_length=254),
    FieldChange(name="EmailAddress", field_type="EmailAddress"),
)
_DOCUMENTED_RELATION: dict[str, Any] = {
    "is_sendable": True,
    "sendable_field": "SubscriberKey",
    "sendable_subscriber_field": "Subscriber Key",
}

_OF_ITS_OWN = ("customer_key", "name", "description", "category_id", "fields")
COPIED = tuple(field.name for field in fields(DataExtensionChange) if field.name not in _OF_ITS_OWN)
"""Attributes of a DataExtensionChange that come from the template where the caller does not give them."""

_FLAGS = frozenset(field.name for field in fields(DataExtension) if field.default is False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """The values of a data extension that the caller does not give, and whether sends are logged to it."""

    id: int
    defaults: DataExtensionChange
    makes_send_log: bool


def find_template(account: Account, **identity: str) -> Template | None:
    """Return the template whose `object_id`, `customer_key` or `name` is the given one.

    Unless the account is strict, the documented sample's ObjectID means the account's own template for send logs, with
    the fields SubscriberKey and EmailAddress beside those of the log.
    """
    ((column, value),) = identity.items()
    value = value.strip()
    if column == "object_id":
        value = value.lower()
    is_documented = value == DOCUMENTED_TEMPLATE
    if is_documented and account.strict:
        return None
    wanted = {"makes_send_log": 1} if is_documented else {column: value}
    row = account.db.find("data_extension_template", **wanted)
    if row is None:
        return None
    template = _template(row)
    return _as_documented(template) if is_documented else template


def create_from(
    account: Account,
    template: Template,
    wanted: DataExtensionChange,
    *,
    object_id: str | None = None,
) -> DataExtension:
    """Make a data extension with the fields of the template, and then those wanted. Raises `Refused`."""
    own = (*template.defaults.fields, *wanted.fields)
    return create(
        account,
        replace(template.defaults, **wanted.given, fields=own),
        object_id=object_id,
        template_id=template.id,
        is_send_log=template.makes_send_log,
    )


def _template(row: Row) -> Template:
    known = {field.name for field in fields(FieldChange)}
    own = tuple(
        FieldChange(**{name: value for name, value in said_of_field.items() if name in known})
        for said_of_field in json.loads(row["fields"])
    )
    said: dict[str, Any] = {
        name: bool(row[name]) if name in _FLAGS else row[name]
        for name in COPIED
        if row[name] is not None
    }
    for written, read in SENDABLE_SUBSCRIBER_FIELDS.items():
        if said.get("sendable_subscriber_field") == read:
            said["sendable_subscriber_field"] = written
    return Template(
        id=row["id"],
        defaults=DataExtensionChange(**said, fields=own),
        makes_send_log=bool(row["makes_send_log"]),
    )


def _as_documented(template: Template) -> Template:
    own = template.defaults.fields
    names = {(field.name or "").casefold() for field in own}
    more = (field for field in _DOCUMENTED_FIELDS if (field.name or "").casefold() not in names)
    defaults = replace(template.defaults, fields=(*own, *more), **_DOCUMENTED_RELATION)
    return replace(template, defaults=defaults)
