"""Fields of data extensions, their types, and what a caller can say about them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sfmc_mock.errors import Refused, StorageFailed
from sfmc_mock.store.row_table import Column, Kind

INVALID = 310007
"""The service's code for everything that is wrong with a definition (documented as a catch-all)."""


def invalid(text: str) -> Refused:
    """Return the refusal of a definition that cannot be."""
    return Refused(INVALID, text)


NOW = frozenset({"getdate()", "now()"})
"""Defaults of a Date field that mean the time at which a row is made (seen in accounts), in lower case."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type: how its values are held, the MaxLength of a new field, and the greatest one, None where it is fixed."""

    kind: Kind
    max_length: int | None = None
    greatest: int | None = None


# Lengths: 254, and none for Number, Date and Boolean, are recorded; 18 and 4000 are the vendor's pages' or common
# knowledge; 50 for Text, Phone's and Locale's are assumed.
FIELD_TYPES = {
    "Text": FieldType("text", 50, 4_000),
    "Number": FieldType("integer"),
    "Date": FieldType("date"),
    "Boolean": FieldType("integer"),
    "EmailAddress": FieldType("text", 254),
    "Phone": FieldType("text", 50),
    "Decimal": FieldType("decimal", 18, 38),
    "Locale": FieldType("text", 5),
    "Base16Encrypted": FieldType("text", 50, 4_000),
    "Base16EncryptedEmail": FieldType("text", 254),
}


@dataclass(frozen=True)
class Field:
    """A field of a data extension; `scale` is 0 but for decimals, `default_value` empty without one."""

    id: int
    object_id: str
    name: str
    field_type: str
    max_length: int | None
    scale: int
    default_value: str
    is_required: bool
    is_primary_key: bool
    ordinal: int
    storage_type: str

    @cached_property
    def key(self) -> str:
        """The name as names are compared."""
        return self.name.casefold()

    @cached_property
    def column(self) -> Column:
        known = FIELD_TYPES.get(self.field_type)
        if known is None:
            raise StorageFailed(
                f"The account's file is damaged: the field {self.name!r} has the type {self.field_type!r}. "
                "Put a copy of the file in its place."
            )
        return Column(self.name, known.kind)

    @property
    def limits_text(self) -> bool:
        """Whether MaxLength is a number of characters."""
        return self.column.kind == "text"

    @property
    def defaults_to_now(self) -> bool:
        return self.field_type == "Date" and self.default_value.lower() in NOW


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """What a caller says about a field; None where nothing is said."""

    object_id: str | None = None
    name: str | None = None
    field_type: str | None = None
    max_length: int | None = None
    scale: int | None = None
    default_value: str | None = None
    is_required: bool | None = None
    is_primary_key: bool | None = None
    storage_type: str | None = None
