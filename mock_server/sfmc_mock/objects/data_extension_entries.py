"""Data extensions and their templates in seed files, with fields and rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sfmc_mock.account import (
    Account,
    data_extension_rows,
    data_extension_templates,
    data_extensions,
)
from sfmc_mock.account.data_extension_fields import FIELD_TYPES, Field, FieldChange
from sfmc_mock.account.data_extension_templates import Template
from sfmc_mock.account.data_extensions import (
    SENDABLE_SUBSCRIBER_FIELDS,
    DataExtension,
    DataExtensionChange,
)
from sfmc_mock.declarations.properties import Key, Property
from sfmc_mock.declarations.seed_entries import Entry
from sfmc_mock.errors import Refused
from sfmc_mock.store.data_extension_tables import KEY
from sfmc_mock.store.database import Row

RELATIONS = tuple(SENDABLE_SUBSCRIBER_FIELDS.values())
"""The SendableSubscriberField values that Retrieve returns."""

FIELD_KEYS = (
    Key("name", required=True, filled=True),
    Key("type", default="Text", choices=tuple(FIELD_TYPES)),
    Key("max_length", "number", low=1),
    Key("scale", "number", low=0),
    Key("default_value", default=""),
    # By default, a primary key is required and other fields are not.
    Key("is_required", "flag"),
    Key("is_primary_key", "flag", default=False),
)


def retention_properties(**more: Any) -> tuple[Property, ...]:
    """Return the retention properties of data extensions and of their templates."""
    return (
        Property("DataRetentionPeriodLength", "number", column="retention_length", **more),
        Property("DataRetentionPeriodUnitOfMeasure", "number", column="retention_unit", **more),
        Property("RowBasedRetention", "flag", default=False, **more),
        *(
            Property(name, "flag", column=column, default=False, **more)
            for name, column in (
                ("ResetRetentionPeriodOnImport", "reset_retention_on_import"),
                ("DeleteAtEndOfRetentionPeriod", "delete_at_end_of_retention"),
            )
        ),
    )


# The names that `sfmc_mock.account.data_extensions` expects, by the names that Retrieve returns.
_WRITTEN = {read: written for written, read in SENDABLE_SUBSCRIBER_FIELDS.items()}


def add_entry(account: Account, entry: Entry, columns: Mapping[str, object]) -> DataExtension:
    """Create the data extension of a seed file's entry, with its rows. Raises `Refused` if it is not valid."""
    names = (*data_extension_templates.COPIED, "name", "description")
    said: dict[str, Any] = {name: entry[name] for name in names}
    said["sendable_subscriber_field"] = _WRITTEN.get(entry["sendable_subscriber_field"] or "")
    said["category_id"] = columns.get("category_id")
    wanted = DataExtensionChange(
        **said,
        customer_key=entry["key"],
        fields=tuple(_field_change(field) for field in entry["fields"]),
    )
    template, object_id = _template(account, columns.get("template_id")), entry["object_id"]
    if template is None:
        is_send_log = entry["is_send_log"]
        made = data_extensions.create(account, wanted, object_id=object_id, is_send_log=is_send_log)
    else:
        own = {field["name"].casefold() for field in entry["fields"]}
        left = tuple(
            field for field in template.defaults.fields if (field.name or "").casefold() not in own
        )
        template = replace(template, defaults=replace(template.defaults, fields=left))
        made = data_extension_templates.create_from(account, template, wanted, object_id=object_id)
    for number, row in enumerate(entry["rows"], start=1):
        try:
            data_extension_rows.insert(account, made, list(row.items()))
        except Refused as refused:
            reason = getattr(refused, "details", "") or refused.message
            raise Refused(refused.error_code, f"row {number}: {reason}") from None
    return made


def _template(account: Account, number: object) -> Template | None:
    row = account.db.find("data_extension_template", id=number) or {}
    key = str(row.get("customer_key", ""))
    return data_extension_templates.find_template(account, customer_key=key)


def _field_change(said: Mapping[str, Any]) -> FieldChange:
    columns = {key.name: said[key.name] for key in FIELD_KEYS}
    default_value = columns.pop("default_value") or None
    return FieldChange(field_type=columns.pop("type"), default_value=default_value, **columns)


def written_entry(account: Account, row: Row, entry: Entry) -> Entry:
    """Return the seed file's entry of a data extension, with its fields and rows."""
    extension = data_extensions.find(account, object_id=row["object_id"])
    assert extension is not None
    return {
        **entry,
        "template": entry["template"] if _has_fields_of_template(account, extension) else None,
        "fields": [_written_field(field) for field in extension.fields],
        "rows": list(_written_rows(account, extension)),
    }


def _has_fields_of_template(account: Account, extension: DataExtension) -> bool:
    """Say whether the data extension still has all fields of its template.

    If not, its entry must not name the template, which would add the deleted fields again.
    """
    template = _template(account, extension.template_id)
    return template is not None and all(
        (field.name or "").casefold() in extension.by_key for field in template.defaults.fields
    )


def _written_field(field: Field) -> dict[str, object]:
    return {
        "name": field.name,
        "type": field.field_type,
        "max_length": field.max_length,
        "scale": field.scale or None,
        "default_value": field.default_value,
        "is_required": field.is_required,
        "is_primary_key": field.is_primary_key,
    }


def _written_rows(account: Account, extension: DataExtension) -> Iterator[dict[str, str]]:
    for row in account.db.find_all(extension.table, KEY):
        yield {
            field.name: _text(field, row[field.name])
            for field in extension.fields
            if row[field.name] is not None or field.default_value
        }


def _text(field: Field, value: object) -> str:
    if value is None:
        return ""
    return str(bool(value)) if field.field_type == "Boolean" else str(value)
