"""Checks of new and changed fields of a data extension.

Refusals carry code 310007, whose message has the detail: which cases it covers is known from a client's comments, the
texts are assumed.
"""

from __future__ import annotations

from dataclasses import replace

from sfmc_mock.account.data_extension_fields import (
    FIELD_TYPES,
    INVALID,
    CellRefused,
    Field,
    FieldChange,
    invalid,
    stored_value,
)
from sfmc_mock.errors import Refused
from sfmc_mock.store.data_extension_tables import OWN_COLUMNS

LONGEST_NAME = 128
"""The greatest length of a field's name: that of SQL Server (assumed)."""


def new_field(wanted: FieldChange, ordinal: int) -> Field:
    """Return the field that a caller wants, still without an identity. Raises `Refused`."""
    name = _checked_name(wanted.name)
    # The type is missing in documented samples: Text (assumed).
    field_type = wanted.field_type or "Text"
    if field_type not in FIELD_TYPES:
        raise invalid(f"The field {name} has an unknown FieldType: {field_type}.")
    if wanted.is_primary_key and wanted.is_required is False:
        raise invalid(f"The primary key field {name} must be required.")
    scale = (wanted.scale or 0) if field_type == "Decimal" else 0
    field = Field(
        id=0,
        object_id="",
        name=name,
        field_type=field_type,
        max_length=_checked_length(name, field_type, wanted.max_length, scale),
        scale=scale,
        default_value=wanted.default_value or "",
        is_required=bool(wanted.is_required or wanted.is_primary_key),
        is_primary_key=bool(wanted.is_primary_key),
        ordinal=ordinal,
        storage_type=wanted.storage_type or "Plain",
    )
    _check_default(field)
    return field


def changed_field(field: Field, wanted: FieldChange) -> Field:
    """Return a field with the changes that a caller wants. Raises `Refused` for a change that is not possible."""
    if wanted.field_type is not None:
        raise invalid(
            f"The FieldType of the existing field {field.name} cannot be changed; leave it out of the update."
        )
    is_primary_key = (
        field.is_primary_key if wanted.is_primary_key is None else wanted.is_primary_key
    )
    if is_primary_key and wanted.is_required is False:
        raise invalid(f"The primary key field {field.name} must be required.")
    if (wanted.is_required or is_primary_key) and not field.is_required:
        raise invalid(f"The field {field.name} allows nulls and cannot be changed to be required.")
    if wanted.scale is not None and wanted.scale != field.scale and field.column.kind == "decimal":
        raise invalid(f"The scale of the existing field {field.name} cannot be changed.")
    changed = replace(
        field,
        name=field.name if wanted.name is None else _checked_name(wanted.name),
        max_length=_longer(field, wanted.max_length),
        default_value=field.default_value if wanted.default_value is None else wanted.default_value,
        is_required=is_primary_key
        or (field.is_required if wanted.is_required is None else wanted.is_required),
        is_primary_key=is_primary_key,
        storage_type=wanted.storage_type or field.storage_type,
    )
    _check_default(changed)
    return changed


def _checked_name(name: str | None) -> str:
    bare = (name or "").strip()
    if not bare:
        raise invalid("A field has no Name.")
    if len(bare) > LONGEST_NAME:
        raise invalid(f"The field name {bare} is longer than {LONGEST_NAME} characters.")
    if bare.casefold() in (column.casefold() for column in OWN_COLUMNS):
        raise invalid(f"The field name {bare} is reserved.")
    return bare


def _checked_length(name: str, field_type: str, wanted: int | None, scale: int) -> int | None:
    described = FIELD_TYPES[field_type]
    if described.greatest is None or wanted is None:
        length = described.max_length
    else:
        length = wanted
        if not 1 <= length <= described.greatest:
            raise invalid(
                f"The MaxLength of the field {name} must be between 1 and {described.greatest}."
            )
    if field_type == "Decimal" and not 0 <= scale <= (length or 0):
        raise invalid(f"The Scale of the field {name} must be between 0 and {length}.")
    return length


def _longer(field: Field, wanted: int | None) -> int | None:
    length = _checked_length(field.name, field.field_type, wanted, field.scale)
    if wanted is None or field.max_length is None or length is None:
        return field.max_length
    if length < field.max_length:
        raise invalid(f"The MaxLength of the existing field {field.name} cannot be decreased.")
    return length


_PROCESSING = 310006


def _check_default(field: Field) -> None:
    if not field.default_value or field.defaults_to_now:
        return
    try:
        stored_value(field, field.default_value)
    except CellRefused as refused:
        # The code of addresses is documented by its name.
        code = _PROCESSING if field.field_type == "EmailAddress" else INVALID
        raise Refused(
            code, f"The DefaultValue of the field {field.name} does not fit: {refused}"
        ) from None
