"""Templates and data extensions of a seed, into an account and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from sfmc_mock.account import data_extensions as account_extensions
from sfmc_mock.account import rows as account_rows
from sfmc_mock.account import templates
from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extensions import SENDABLE_SUBSCRIBER_FIELDS, DataExtensionChange
from sfmc_mock.account.fields import Field, FieldChange
from sfmc_mock.errors import Refused
from sfmc_mock.seeds.tables import (
    Column,
    DataExtension,
    DataExtensionTemplate,
    Reference,
)
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_table import KEY

_FLAGS = ("is_", "row_based_", "reset_", "delete_", "makes_")

# How the account's functions take what reads `_SubscriberKey` afterwards.
_WRITTEN = {read: written for written, read in SENDABLE_SUBSCRIBER_FIELDS.items()}

_KEPT = {each.name for each in fields(DataExtensionChange)} & {
    each.name for each in fields(DataExtension)
}


def insert_template(account: Account, template: DataExtensionTemplate) -> int:
    """Add a template and return its number."""
    now = account.now_text()
    columns = {
        name: int(value) if isinstance(value, bool) else value
        for name, value in vars(template).items()
        if name not in ("key", "fields", "object_id")
    }
    return account.db.insert(
        "data_extension_template",
        {
            **columns,
            "customer_key": template.key,
            "object_id": template.object_id
            or account.object_id("data_extension_template", template.key),
            "fields": json.dumps([_template_field(each) for each in template.fields]),
            "created_at": now,
            "modified_at": now,
        },
    )


def template_of(row: Row) -> DataExtensionTemplate:
    """Return a template's row as an entry of a seed."""
    columns: dict[str, Any] = {
        name: bool(value) if name.startswith(_FLAGS) else value
        for name, value in row.items()
        if name not in ("id", "customer_key", "fields", "created_at", "modified_at")
    }
    found = json.loads(str(row["fields"]))
    return DataExtensionTemplate(
        key=str(row["customer_key"]),
        fields=tuple(Column(type=each.pop("field_type"), **each) for each in found),
        **columns,
    )


def _template_field(field: Column) -> dict[str, object]:
    kept = {
        name: value for name, value in vars(field).items() if name != "type" and value is not None
    }
    return {**kept, "field_type": field.type}


def insert_data_extension(
    account: Account, entry: DataExtension, category_id: int | None, template_key: str | None
) -> int:
    """Make a data extension with its rows, and return its number. Raises `Refused` for what it cannot be."""
    said = {name: getattr(entry, name) for name in _KEPT if name != "fields"}
    said["sendable_subscriber_field"] = _WRITTEN.get(entry.sendable_subscriber_field or "")
    wanted = DataExtensionChange(
        **said,
        customer_key=entry.key,
        category_id=category_id,
        fields=tuple(_field_change(each) for each in entry.fields),
    )
    template = templates.find_template(account, customer_key=template_key or "")
    if template is None:
        made = account_extensions.create(
            account, wanted, object_id=entry.object_id, is_send_log=entry.is_send_log
        )
    else:
        own = {each.name.casefold() for each in entry.fields}
        left = tuple(
            each for each in template.defaults.fields if (each.name or "").casefold() not in own
        )
        template = replace(template, defaults=replace(template.defaults, fields=left))
        made = templates.create_from(account, template, wanted, object_id=entry.object_id)
    _insert_rows(account, made, entry)
    return made.id


def _field_change(field: Column) -> FieldChange:
    return FieldChange(
        name=field.name,
        field_type=field.type,
        max_length=field.max_length,
        scale=field.scale,
        default_value=field.default_value or None,
        is_required=field.is_required,
        is_primary_key=field.is_primary_key,
    )


def data_extension_of(
    account: Account, row: Row, folder: Reference | None, template: DataExtensionTemplate | None
) -> DataExtension:
    """Return a data extension's row as an entry of a seed, with the rows that it holds."""
    found = account_extensions.find(account, object_id=str(row["object_id"]))
    assert found is not None
    names = {each.name.casefold() for each in found.fields}
    # A field of the template's that was deleted would come back with it.
    whole = template is not None and all(each.name.casefold() in names for each in template.fields)
    said: dict[str, Any] = {name: getattr(found, name) for name in _KEPT if name != "fields"}
    return DataExtension(
        **said,
        key=found.customer_key,
        object_id=found.object_id,
        folder=folder,
        template=template.key if template is not None and whole else None,
        is_send_log=found.is_send_log,
        fields=tuple(_column(each) for each in found.fields),
        rows=tuple(_rows(account, found)),
    )


def _column(field: Field) -> Column:
    return Column(
        name=field.name,
        type=field.field_type,
        max_length=field.max_length,
        scale=field.scale or None,
        default_value=field.default_value,
        is_required=field.is_required,
        is_primary_key=field.is_primary_key,
    )


def _insert_rows(
    account: Account, made: account_extensions.DataExtension, entry: DataExtension
) -> None:
    for number, row in enumerate(entry.rows, start=1):
        try:
            account_rows.insert(account, made, list(row.items()))
        except Refused as refused:
            reason = getattr(refused, "details", "") or refused.message
            raise Refused(refused.error_code, f"row {number}: {reason}") from None


def _rows(account: Account, found: account_extensions.DataExtension) -> Iterable[dict[str, str]]:
    for row in account.db.find_all(found.table, KEY):
        yield {
            each.name: _text(each, row[each.name])
            for each in found.fields
            if row[each.name] is not None or each.default_value
        }


def _text(field: Field, value: object) -> str:
    if value is None:
        return ""
    return str(bool(value)) if field.field_type == "Boolean" else str(value)
