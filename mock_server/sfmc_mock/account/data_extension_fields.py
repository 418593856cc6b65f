"""Fields of data extensions: their types, the values of their columns, and the properties that a caller can set.

Numbers and Booleans are held as integers (0 and 1), dates as ISO texts in server time, decimals as their digits with
the field's scale, everything else as the text itself. Which values a type takes is documented roughly; the bounds are
those of SQL Server, behind which the service stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias

from sfmc_mock.account.account import Account
from sfmc_mock.clock import parse_iso_or_us_time, rounded, stored, us_text
from sfmc_mock.errors import Refused, StorageFailed
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.store.data_extension_tables import Column, Kind

INVALID = 310007
"""The service's general code for errors in the definition of a data extension (documented)."""


def invalid(text: str) -> Refused:
    """Return the refusal of an invalid definition."""
    return Refused(INVALID, text)


NOW = frozenset({"getdate()", "now()"})
"""Defaults of a Date field that mean the time at which a row is made (seen in accounts), in lower case."""

INVALID_VALUE, NULL, TOO_LONG = 70000, 70001, 70002
"""Codes of a value that is refused (documented): wrong in general, missing, longer than its field."""

FIRST_DATE = datetime(1753, 1, 1)

StoredValue: TypeAlias = str | int | None
"""A value of a column."""


class CellRefused(ValueError):
    """A text is not valid for a column; `code` is one of the 70000s."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type: how its values are held, the MaxLength of a new field, and the greatest one, None where it is fixed.

    `read` makes a value of a text that is not blank, or raises `CellRefused`; without it every text is one. `show`
    gives a value as a Retrieve does.
    """

    kind: Kind
    max_length: int | None = None
    greatest: int | None = None
    read: Callable[[Field, str], str | int] | None = None
    show: Callable[[Any], str] = str


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
    def type(self) -> FieldType:
        known = FIELD_TYPES.get(self.field_type)
        if known is None:
            raise StorageFailed(
                f"The account's file is damaged: the field {self.name!r} has the type {self.field_type!r}. "
                "Put a copy of the file in its place."
            )
        return known

    @cached_property
    def column(self) -> Column:
        return Column(self.name, self.type.kind)

    @property
    def limits_text(self) -> bool:
        """Whether MaxLength is a number of characters."""
        return self.column.kind == "text"

    @property
    def must_be_given(self) -> bool:
        """Whether no new row can be without a value."""
        return self.is_required and not self.default_value

    @property
    def defaults_to_now(self) -> bool:
        return self.field_type == "Date" and self.default_value.lower() in NOW


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """The properties of a field that a caller gives; None where one is not given."""

    object_id: str | None = None
    name: str | None = None
    field_type: str | None = None
    max_length: int | None = None
    scale: int | None = None
    default_value: str | None = None
    is_required: bool | None = None
    is_primary_key: bool | None = None
    storage_type: str | None = None


# Values.

_INT = range(-(2**31), 2**31)
_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?=\.?\d)(?P<whole>\d*)(?:\.(?P<fraction>\d*))?", re.ASCII)
_PHONE = re.compile(r"\+?[\d ().x/-]*", re.ASCII | re.IGNORECASE)
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.ASCII | re.IGNORECASE)
_FLAGS = {"true": 1, "1": 1, "yes": 1, "y": 1, "false": 0, "0": 0, "no": 0, "n": 0}


def _refused(field: Field, kind: str, reason: str) -> CellRefused:
    # The form was seen on the REST twin of this call for addresses and phones (`is not a valid email address. Parse
    # error [InvalidEmailAddress]`); the reasons for the other types are those of imports (documented).
    return CellRefused(
        INVALID_VALUE,
        f"The value for column [{field.name}] is not a valid {kind}. Parse error [{reason}]",
    )


def _number(field: Field, text: str) -> int:
    if not _NUMBER.fullmatch(text) or len(text) > 20 or int(text) not in _INT:
        raise _refused(field, "number", "InvalidNumber")
    return int(text)


def _decimal(field: Field, text: str) -> str:
    number = _DECIMAL.fullmatch(text)
    scale = field.scale or 0
    if number is None:
        raise _refused(field, "decimal", "InvalidDecimalPrecision")
    if len((number["fraction"] or "").rstrip("0")) > scale:
        raise _refused(field, "decimal", "InvalidDecimalScale")
    if len(number["whole"].lstrip("0")) > (field.max_length or 0) - scale:
        raise _refused(field, "decimal", "InvalidDecimalPrecision")
    digits = f"{Decimal(text):.{scale}f}"
    return digits.lstrip("-") if not Decimal(digits) else digits


def _flag(field: Field, text: str) -> int:
    flag = _FLAGS.get(text.lower())
    if flag is None:
        raise _refused(field, "boolean", "InvalidBoolean")
    return flag


def _date(field: Field, text: str) -> str:
    try:
        moment = rounded(parse_iso_or_us_time(text))
    except (ValueError, OverflowError):
        raise _refused(field, "date", "InvalidDate") from None
    if moment < FIRST_DATE:
        raise _refused(field, "date", "InvalidDate")
    return stored(moment)


def _email_address(field: Field, text: str) -> str:
    if not is_valid_address(text):
        raise _refused(field, "email address", "InvalidEmailAddress")
    return text


def _phone(field: Field, text: str) -> str:
    # How many digits the service asks for is not known (assumed: those of a local number).
    if not _PHONE.fullmatch(text) or sum(map(str.isdigit, text)) < 7:
        raise _refused(field, "phone number", "InvalidPhone")
    return text


def _locale(field: Field, text: str) -> str:
    if not _LOCALE.fullmatch(text):
        raise _refused(field, "locale", "InvalidLocale")
    return text


# Lengths: 254, and none for Number, Date and Boolean, are recorded; 18 and 4000 are the vendor's pages' or common
# knowledge; 50 for Text, Phone's and Locale's are assumed.
FIELD_TYPES = {
    "Text": FieldType("text", 50, 4_000),
    "Number": FieldType("integer", read=_number),
    "Date": FieldType("date", read=_date, show=us_text),
    "Boolean": FieldType("integer", read=_flag, show=lambda value: str(bool(value))),
    "EmailAddress": FieldType("text", 254, read=_email_address),
    "Phone": FieldType("text", 50, read=_phone),
    "Decimal": FieldType("decimal", 18, 38, read=_decimal),
    "Locale": FieldType("text", 5, read=_locale),
    "Base16Encrypted": FieldType("text", 50, 4_000),
    "Base16EncryptedEmail": FieldType("text", 254),
}


def stored_value(field: Field, text: str | None) -> StoredValue:
    """Return the column's value for a text; an empty text is not a value, except in fields of type Text.

    Raises `CellRefused`.
    """
    read = field.type.read
    if text is None or (read is not None and not text.strip()):
        if field.is_required:
            raise CellRefused(NULL, f"The value for column [{field.name}] cannot be null.")
        return None
    if read is not None:
        value = read(field, text.strip())
        if not isinstance(value, str):
            return value
        text = value
    if field.limits_text and len(text) > (field.max_length or 0):
        # Text: seen live on the REST twin of this call.
        raise CellRefused(
            TOO_LONG, f"The value for column [{field.name}] exceeds the column's maximum length."
        )
    return text


def default_of(account: Account, field: Field) -> StoredValue:
    """Return the column's value for a new row that does not give the field."""
    if field.defaults_to_now:
        return account.now_text()
    return stored_value(field, field.default_value) if field.default_value else None


def lenient_reader(field: Field) -> Callable[[object], StoredValue]:
    """Return a function that takes any value, as the send log must: it cuts long texts, and drops unfit values.

    What the service does with such values is not known (assumed).
    """
    if field.limits_text:
        length = field.max_length
        return lambda value: str(value)[:length]
    if field.field_type == "Number":
        return lambda value: (
            value if type(value) is int and value in _INT else _or_nothing(field, value)
        )
    return lambda value: _or_nothing(field, value)


def _or_nothing(field: Field, value: object) -> StoredValue:
    assert field.type.read is not None
    try:
        return field.type.read(field, str(value).strip())
    except CellRefused:
        return None


def shown_by(field: Field) -> Callable[[Any], str]:
    """Return a function that shows values of a field, except NULL, as a Retrieve does."""
    return field.type.show


def shown_row(fields: Sequence[Field], row: Iterable[Any]) -> dict[str, str]:
    """Return the values of a row by the names of their fields, as a Retrieve shows them; a NULL is left out."""
    values = zip(fields, row, strict=True)
    return {field.name: shown_by(field)(value) for field, value in values if value is not None}
