"""Data extensions: their definitions, with the rules for making, changing and deleting them and their fields.

Errors in a definition have code 310007, which the service uses for all of them; texts are assumed, unless stated
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_field_changes import changed_field, new_field
from sfmc_mock.account.data_extension_fields import INVALID, Field, FieldChange, invalid
from sfmc_mock.account.data_extension_lookup import DataExtension as DataExtension
from sfmc_mock.account.data_extension_lookup import definitions_version as definitions_version
from sfmc_mock.account.data_extension_lookup import find as find
from sfmc_mock.account.data_extension_lookup import find_by_id as find_by_id
from sfmc_mock.account.data_extension_lookup import find_by_key_or_name as find_by_key_or_name
from sfmc_mock.account.data_extension_lookup import forget_definitions, load
from sfmc_mock.account.data_extension_lookup import has_rows as has_rows
from sfmc_mock.account.data_extension_lookup import is_shared as is_shared
from sfmc_mock.account.data_extension_lookup import send_log as send_log
from sfmc_mock.account.data_extension_lookup import shared_keys as shared_keys
from sfmc_mock.account.data_extension_storage import (
    change_fields,
    columns_of,
    index_primary_key,
    insert_field,
    make_table,
)
from sfmc_mock.account.folders import folder_of, root_folder
from sfmc_mock.clock import parse_iso_or_us_time, stored, us_text
from sfmc_mock.errors import Refused
from sfmc_mock.store import data_extension_tables

SENDABLE_SUBSCRIBER_FIELDS = {
    "subscriber key": "_SubscriberKey",
    "email address": "_EmailAddress",
    "subscriber id": "_SubscriberID",
}
"""How the subscriber's side of a send relationship is written, in lower case, and how it reads then.

Recorded; Subscriber ID: seen live as written, as read assumed.
"""

# Written without the blank on a page of the vendor.
_WITHOUT_BLANK = {words.replace(" ", ""): words for words in SENDABLE_SUBSCRIBER_FIELDS}

RETENTION_UNITS = {"Days": 3, "Weeks": 4, "Months": 5, "Years": 6}
"""Numbers of DataRetentionPeriodUnitOfMeasure (a client's table)."""

MOST_FIELDS = 1_000
"""The greatest number of fields of a data extension (assumed: twice as many would not fit into a SQLite table)."""

FOLDERS = (
    "dataextension",
    "shared_dataextension",
    "salesforcedataextension",
    "shared_salesforcedataextension",
    "synchronizeddataextension",
)
"""The kinds of content of the folders that hold data extensions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataExtensionChange:
    """The properties of a data extension that a caller gives; None where one is not given."""

    customer_key: str | None = None
    name: str | None = None
    description: str | None = None
    category_id: int | None = None
    is_sendable: bool | None = None
    is_testable: bool | None = None
    sendable_field: str | None = None
    sendable_subscriber_field: str | None = None
    retention_length: int | None = None
    retention_unit: int | None = None
    row_based_retention: bool | None = None
    reset_retention_on_import: bool | None = None
    delete_at_end_of_retention: bool | None = None
    retain_until: str | None = None
    fields: tuple[FieldChange, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """The given properties other than fields, by the names of the attributes."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        del values["fields"]
        return {name: value for name, value in values.items() if value is not None}


# Making, changing, deleting.


def create(
    account: Account,
    wanted: DataExtensionChange,
    *,
    object_id: str | None = None,
    template_id: int | None = None,
    is_send_log: bool = False,
) -> DataExtension:
    """Create a data extension with some fields, on request as the account's send log. Raises `Refused`.

    Without `object_id` and CustomerKey it gets new ones.
    """
    name = (wanted.name or "").strip()
    if not name:
        raise invalid("A data extension must have a Name.")
    if not wanted.fields:
        raise invalid(f"The data extension {name} must have at least one field.")
    if is_send_log and send_log(account) is not None:
        # That an account has but one is documented.
        raise invalid("The account already has a send log; delete it to make another one.")
    now = account.now_text()
    with account.db.atomic():
        key = (wanted.customer_key or "").strip() or account.generate_key("data_extension", name)
        root = root_folder(account, "dataextension")
        blank = DataExtension(
            object_id=object_id or account.object_id("data_extension", key),
            customer_key=key,
            name=name,
            category_id=None if root is None else root["id"],
            template_id=template_id,
            is_send_log=is_send_log,
            fields=tuple(new_field(field, at) for at, field in enumerate(wanted.fields)),
        )
        made = _changed(account, blank, wanted)
        number = account.db.insert(
            "data_extension", {**columns_of(made), "created_at": now, "modified_at": now}
        )
        made = replace(made, id=number)
        for field in made.fields:
            insert_field(account, made, field)
        make_table(account, made)
        forget_definitions(account)
    return load(account, number)


def change(
    account: Account, extension: DataExtension, wanted: DataExtensionChange
) -> DataExtension:
    """Change a data extension, and add and change fields of it; return the changed one. Raises `Refused`.

    A field that names an existing column is a change of that one, with or without its ObjectID (without: assumed).
    """
    with account.db.atomic():
        changed = replace(extension, fields=_with_fields(extension, wanted.fields))
        if wanted.fields:
            _check_rows_fit(account, extension, changed)
        changed = _changed(account, _follow_renames(extension, changed), wanted)
        now = account.now_text()
        account.db.update(
            "data_extension", {**columns_of(changed), "modified_at": now}, id=changed.id
        )
        change_fields(account, extension, changed)
        forget_definitions(account)
    return load(account, extension.id)


def delete(account: Account, extension: DataExtension) -> None:
    """Delete a data extension with its fields and rows."""
    with account.db.atomic():
        account.db.delete("data_extension", id=extension.id)
        data_extension_tables.drop_table(account.db, extension.table)
        forget_definitions(account)


def delete_fields(account: Account, extension: DataExtension, object_ids: Iterable[str]) -> None:
    """Delete fields of a data extension, with their values. Raises `Refused`."""
    wanted = {object_id.lower() for object_id in object_ids}
    known = {field.object_id.lower(): field for field in extension.fields}
    for unknown in sorted(wanted - known.keys()):
        # By its name the code for what is to be deleted and is not there; that it is said of fields is assumed.
        raise _no_such_field(extension, unknown, 310002)
    gone = [known[object_id] for object_id in sorted(wanted)]
    if len(gone) == len(extension.fields):
        raise invalid(f"The data extension {extension.name} must keep at least one field.")
    for field in gone:
        if field.name == extension.sendable_field:
            raise invalid(
                f"The field {field.name} is used in the send relationship of {extension.name}."
            )
        if field.is_primary_key and has_rows(account, extension):
            raise invalid(
                f"The primary key field {field.name} cannot be deleted while there is data."
            )
    with account.db.atomic():
        for field in gone:
            account.db.delete("data_extension_field", id=field.id)
            data_extension_tables.drop_column(account.db, extension.table, field.name)
        left = tuple(field for field in extension.fields if field not in gone)
        if any(field.is_primary_key for field in gone):
            index_primary_key(account, replace(extension, fields=left))
        account.db.update("data_extension", {"modified_at": account.now_text()}, id=extension.id)
        forget_definitions(account)


# What is asked of a definition.


def _changed(
    account: Account, extension: DataExtension, wanted: DataExtensionChange
) -> DataExtension:
    """Return the data extension with the properties that a caller wants. Raises `Refused`."""
    said = wanted.given
    for name in ("customer_key", "name"):
        said[name] = str(said.get(name) or "").strip() or getattr(extension, name)
    if said.get("retention_unit") == 0:
        # A recorded template has it so where it says nothing about retention.
        said["retention_unit"] = None
    if "retain_until" in said:
        said["retain_until"] = _retain_until(said["retain_until"])
    if "sendable_subscriber_field" in said:
        said["sendable_subscriber_field"] = _subscriber_field(said["sendable_subscriber_field"])
    changed = _check_sendable(replace(extension, **said))
    _check_names(changed.fields)
    if len(changed.fields) > MOST_FIELDS:
        raise invalid(f"A data extension cannot have more than {MOST_FIELDS} fields.")
    if changed.retention_unit not in (None, *RETENTION_UNITS.values()):
        raise invalid(
            "DataRetentionPeriodUnitOfMeasure must be 3 (days), 4 (weeks), 5 (months) or 6 (years)."
        )
    if "category_id" in said and folder_of(account, changed.category_id, FOLDERS) is None:
        raise invalid(f"The CategoryID {changed.category_id} is not a folder for data extensions.")
    _check_free(account, changed)
    return changed


def _check_names(given: Iterable[Field]) -> None:
    keys: set[str] = set()
    for field in given:
        if field.key in keys:
            raise invalid(f"There is more than one field named {field.name}.")
        keys.add(field.key)


def _check_sendable(extension: DataExtension) -> DataExtension:
    """Return the data extension with its send relationship, which must be whole if it is sendable."""
    if not extension.is_sendable:
        return replace(extension, sendable_field=None, sendable_subscriber_field=None)
    related = extension.by_key.get((extension.sendable_field or "").strip().casefold())
    if related is None:
        raise invalid(
            f"The SendableDataExtensionField of {extension.name} must be one of its fields: "
            f"{extension.sendable_field or 'none is given'}."
        )
    if extension.sendable_subscriber_field is None:
        raise invalid(f"The SendableSubscriberField of {extension.name} is missing.")
    return replace(extension, sendable_field=related.name)


def _subscriber_field(written: str) -> str:
    said = written.strip().lower()
    relation = SENDABLE_SUBSCRIBER_FIELDS.get(_WITHOUT_BLANK.get(said, said))
    if relation is None:
        # That the forms in which it is read are refused was seen by a client.
        raise invalid(
            "The SendableSubscriberField must be written as Subscriber Key, Subscriber ID or Email Address, not "
            f"{written}."
        )
    return relation


def _retain_until(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return us_text(stored(parse_iso_or_us_time(text)))
    except ValueError:
        raise invalid(f"RetainUntil is not a date: {text}.") from None


def _check_free(account: Account, wanted: DataExtension) -> None:
    for column, value in (("name", wanted.name), ("customer_key", wanted.customer_key)):
        other = find(account, **{column: value})
        if other is not None and other.id != wanted.id:
            kind = "named" if column == "name" else "with the CustomerKey"
            # Text, for names: seen live.
            raise invalid(f"A data extension {kind} {value} already exists.")


def _with_fields(extension: DataExtension, wanted: Iterable[FieldChange]) -> tuple[Field, ...]:
    """Return the fields after the change: changed ones in their places, new ones (with id 0) at the end."""
    ids = {field.object_id.lower(): field.id for field in extension.fields}
    kept = {field.id: field for field in extension.fields}
    added: list[Field] = []
    following = max((field.ordinal for field in extension.fields), default=-1) + 1
    for said in wanted:
        number = ids.get((said.object_id or "").lower())
        if said.object_id and number is None:
            raise _no_such_field(extension, said.object_id)
        if number is None:
            same_name = extension.by_key.get((said.name or "").strip().casefold())
            if same_name is None:
                added.append(new_field(said, following + len(added)))
                continue
            number, said = same_name.id, replace(said, name=None)
        kept[number] = changed_field(kept[number], said)
    return (*kept.values(), *added)


def _no_such_field(extension: DataExtension, object_id: str, code: int = INVALID) -> Refused:
    return Refused(
        code, f"The data extension {extension.name} has no field with the ObjectID {object_id}."
    )


def _check_rows_fit(account: Account, extension: DataExtension, changed: DataExtension) -> None:
    """Refuse changes of fields that are not possible while there are rows (which cases: a client's comments)."""
    if not has_rows(account, extension):
        return
    before = {field.id: field for field in extension.fields}
    for field in changed.fields:
        if field.is_primary_key != (field.id in before and before[field.id].is_primary_key):
            raise invalid(f"The primary key cannot be changed while there is data: {field.name}.")
        if not field.id and field.must_be_given:
            raise invalid(
                f"The new field {field.name} must be nullable or have a DefaultValue while there is data."
            )


def _follow_renames(extension: DataExtension, changed: DataExtension) -> DataExtension:
    """Return the data extension with its send relationship on the same field, which may be renamed."""
    names = {
        before.name: after.name
        for before, after in zip(extension.fields, changed.fields, strict=False)
    }
    return replace(changed, sendable_field=names.get(extension.sendable_field or ""))
