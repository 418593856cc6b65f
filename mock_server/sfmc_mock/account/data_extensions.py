"""Data extensions: their definitions, with the rules for making, changing and deleting them and their fields.

Refusals carry code 310007, the service's for everything that is wrong with a definition; the wordings are assumed,
unless said otherwise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_field_changes import changed_field, new_field
from sfmc_mock.account.data_extension_fields import (
    FIELD_COLUMNS,
    INVALID,
    Field,
    FieldChange,
    by_key,
)
from sfmc_mock.account.data_extension_values import Held, held
from sfmc_mock.account.folders import folder_of, root_folder, shared_folders
from sfmc_mock.clock import parse_iso_or_us_time, stored, us_text
from sfmc_mock.errors import Refused
from sfmc_mock.store import row_table
from sfmc_mock.store.row_types import read_record

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
"""How many fields a data extension can have (assumed: twice as many would not fit into a table of SQLite)."""

_FOLDERS = frozenset(
    {
        "dataextension",
        "shared_dataextension",
        "salesforcedataextension",
        "shared_salesforcedataextension",
        "synchronizeddataextension",
    }
)

# Columns by which the flow finds rows of a send log, and texts in it that nobody filters by.
_FLOW = ("jobid", "batchid", "subid")
_NOT_INDEXED = frozenset({"triggeredsendid", "subscriberkey", "emailaddress"})


@dataclass(frozen=True, kw_only=True)
class DataExtension:
    """A data extension with its fields, in the order of their making."""

    id: int = 0
    object_id: str
    customer_key: str
    name: str
    description: str = ""
    category_id: int | None = None
    is_sendable: bool = False
    is_testable: bool = False
    sendable_field: str | None = None
    sendable_subscriber_field: str | None = None
    template_id: int | None = None
    retention_length: int | None = None
    retention_unit: int | None = None
    row_based_retention: bool = False
    reset_retention_on_import: bool = False
    delete_at_end_of_retention: bool = False
    retain_until: str = ""
    is_send_log: bool = False
    fields: tuple[Field, ...] = ()

    @property
    def table(self) -> str:
        """The table that holds its rows."""
        return f"rows_{self.id}"

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """The fields by their names in folded case."""
        return {field.key: field for field in self.fields}

    @cached_property
    def compared(self) -> Mapping[str, str]:
        """The SQL by which columns are compared that are not compared as they are."""
        columns = [field.column for field in self.fields]
        return {
            column.name: column.compared for column in columns if column.kind in ("text", "decimal")
        }

    @cached_property
    def primary_key(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.is_primary_key)


@dataclass(frozen=True, kw_only=True, slots=True)
class DataExtensionChange:
    """What a caller says about a data extension; None where nothing is said."""

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


# Finding.


def find(account: Account, **identity: str) -> DataExtension | None:
    """Return the data extension whose `object_id`, `customer_key` or `name` is the given one."""
    ((column, value),) = identity.items()
    value = value.strip()
    with account.db.lock:
        known = _known(account)
        if (column, value) not in known.named:
            rows = account.db.rows(
                f"SELECT id FROM data_extension WHERE {column} = ?",  # noqa: S608 - a column of the code's
                (value.lower() if column == "object_id" else value,),
            )
            if not rows:
                return None
            # Names are compared in any case: there are many spellings of one.
            if len(known.named) >= _MOST_NAMES:
                known.named.clear()
            known.named[column, value] = _load_known(account, known, rows[0][0])
        return known.named[column, value]


def find_by_key_or_name(account: Account, text: str) -> DataExtension | None:
    """Return the data extension with that CustomerKey, else the one with that Name."""
    return find(account, customer_key=text) or find(account, name=text)


def find_by_id(account: Account, number: int | None) -> DataExtension | None:
    """Return the data extension with that number in the account's tables."""
    with account.db.lock:
        if number is None or not account.db.count("data_extension", id=number):
            return None
        return _load(account, number)


def is_shared(account: Account, extension: DataExtension) -> bool:
    """Say whether the business units of an account share one of its data extensions."""
    return extension.category_id in shared_folders(account)


def shared_keys(account: Account) -> list[str]:
    """Return the CustomerKeys of the data extensions that the business units of an account share."""
    folders = shared_folders(account)
    rows = account.db.find_all("data_extension", "id")
    return [row["customer_key"] for row in rows if row["category_id"] in folders]


def send_log(account: Account) -> DataExtension | None:
    """Return the data extension that sends are logged to."""
    with account.db.lock:
        known = _known(account)
        if not known.send_log_read:
            rows = account.db.rows("SELECT id FROM data_extension WHERE is_send_log = 1")
            known.send_log = _load(account, rows[0][0]) if rows else None
            known.send_log_read = True
        return known.send_log


def has_rows(account: Account, extension: DataExtension) -> bool:
    """Say whether the data extension holds anything."""
    return row_table.has_rows(account.db, extension.table)


# Making, changing, deleting.


def create(
    account: Account,
    wanted: DataExtensionChange,
    *,
    object_id: str | None = None,
    template_id: int | None = None,
    is_send_log: bool = False,
) -> DataExtension:
    """Make a data extension with the fields wanted, as the account's send log if it is to be that.

    Without `object_id` and CustomerKey it gets fresh ones. Raises `Refused`.
    """
    name = (wanted.name or "").strip()
    if not name:
        raise Refused(INVALID, "A data extension must have a Name.")
    if not wanted.fields:
        raise Refused(INVALID, f"The data extension {name} must have at least one field.")
    if is_send_log and send_log(account) is not None:
        # That an account has but one is documented.
        raise Refused(INVALID, "The account already has a send log; delete it to make another one.")
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
        number = _insert(account, made)
        made = replace(made, id=number)
        for field in made.fields:
            _insert_field(account, made, field)
        _make_table(account, made)
        _forget(account)
    return _load(account, number)


def change(
    account: Account, extension: DataExtension, wanted: DataExtensionChange
) -> DataExtension:
    """Change a data extension, and add and change fields of it; return it as it is then. Raises `Refused`.

    A field that names an existing column is a change of that one, with or without its ObjectID (without: assumed).
    """
    with account.db.atomic():
        changed = replace(extension, fields=_with_fields(extension, wanted.fields))
        if wanted.fields:
            _check_rows_fit(account, extension, changed)
        changed = _changed(account, _follow_renames(extension, changed), wanted)
        now = account.now_text()
        account.db.update(
            "data_extension", {**_columns(changed), "modified_at": now}, id=changed.id
        )
        _change_fields(account, extension, changed)
        _forget(account)
    return _load(account, extension.id)


def delete(account: Account, extension: DataExtension) -> None:
    """Delete a data extension with its fields and rows."""
    with account.db.atomic():
        account.db.delete("data_extension", id=extension.id)
        row_table.drop_table(account.db, extension.table)
        _forget(account)


def delete_fields(account: Account, extension: DataExtension, object_ids: Iterable[str]) -> None:
    """Delete fields of a data extension, with what is in their columns. Raises `Refused`."""
    wanted = {object_id.lower() for object_id in object_ids}
    known = {field.object_id.lower(): field for field in extension.fields}
    for unknown in sorted(wanted - known.keys()):
        raise _no_such_field(extension, unknown)
    gone = [known[object_id] for object_id in sorted(wanted)]
    if len(gone) == len(extension.fields):
        raise Refused(INVALID, f"The data extension {extension.name} must keep at least one field.")
    for field in gone:
        if field.name == extension.sendable_field:
            raise Refused(
                INVALID,
                f"The field {field.name} is used in the send relationship of {extension.name}.",
            )
        if field.is_primary_key and has_rows(account, extension):
            raise Refused(
                INVALID,
                f"The primary key field {field.name} cannot be deleted while there is data.",
            )
    with account.db.atomic():
        for field in gone:
            account.db.delete("data_extension_field", id=field.id)
            row_table.drop_column(account.db, extension.table, field.name)
        left = tuple(field for field in extension.fields if field not in gone)
        if any(field.is_primary_key for field in gone):
            _index_primary_key(account, replace(extension, fields=left))
        account.db.update("data_extension", {"modified_at": account.now_text()}, id=extension.id)
        _forget(account)


# What is asked of a definition.


def _changed(
    account: Account, extension: DataExtension, wanted: DataExtensionChange
) -> DataExtension:
    """Return the data extension with the properties that a caller wants. Raises `Refused`."""
    said: dict[str, Any] = {
        field.name: value
        for field in fields(wanted)
        if field.name != "fields" and (value := getattr(wanted, field.name)) is not None
    }
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
    by_key(changed.fields)
    if len(changed.fields) > MOST_FIELDS:
        raise Refused(INVALID, f"A data extension cannot have more than {MOST_FIELDS} fields.")
    if changed.retention_unit not in (None, *RETENTION_UNITS.values()):
        raise Refused(
            INVALID,
            "DataRetentionPeriodUnitOfMeasure must be 3 (days), 4 (weeks), 5 (months) or 6 (years).",
        )
    if "category_id" in said and folder_of(account, changed.category_id, _FOLDERS) is None:
        raise Refused(
            INVALID, f"The CategoryID {changed.category_id} is no folder for data extensions."
        )
    _check_free(account, changed)
    return changed


def _check_sendable(extension: DataExtension) -> DataExtension:
    """Return the data extension with its send relationship, which must be whole if it is sendable."""
    if not extension.is_sendable:
        return replace(extension, sendable_field=None, sendable_subscriber_field=None)
    related = extension.by_key.get((extension.sendable_field or "").strip().casefold())
    if related is None:
        raise Refused(
            INVALID,
            f"The SendableDataExtensionField of {extension.name} must be one of its fields: "
            f"{extension.sendable_field or 'none is given'}.",
        )
    if extension.sendable_subscriber_field is None:
        raise Refused(INVALID, f"The SendableSubscriberField of {extension.name} is missing.")
    return replace(extension, sendable_field=related.name)


def _subscriber_field(written: str) -> str:
    said = written.strip().lower()
    relation = SENDABLE_SUBSCRIBER_FIELDS.get(_WITHOUT_BLANK.get(said, said))
    if relation is None:
        # That the forms in which it is read are refused was seen by a client.
        raise Refused(
            INVALID,
            "The SendableSubscriberField must be written as Subscriber Key, Subscriber ID or Email Address, not "
            f"{written}.",
        )
    return relation


def _retain_until(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return us_text(stored(parse_iso_or_us_time(text)))
    except ValueError:
        raise Refused(INVALID, f"RetainUntil is no date: {text}.") from None


def _check_free(account: Account, wanted: DataExtension) -> None:
    for column, value in (("name", wanted.name), ("customer_key", wanted.customer_key)):
        other = find(account, **{column: value})
        if other is not None and other.id != wanted.id:
            kind = "named" if column == "name" else "with the CustomerKey"
            # Text, for names: seen live.
            raise Refused(INVALID, f"A data extension {kind} {value} already exists.")


def _with_fields(extension: DataExtension, wanted: Iterable[FieldChange]) -> tuple[Field, ...]:
    """Return the fields as they are to be: changed ones in their places, new ones (with id 0) at the end."""
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


def _no_such_field(extension: DataExtension, object_id: str) -> Refused:
    return Refused(
        INVALID, f"The data extension {extension.name} has no field with the ObjectID {object_id}."
    )


def _check_rows_fit(account: Account, extension: DataExtension, changed: DataExtension) -> None:
    """Refuse what cannot be asked of fields while there are rows (which cases: a client's comments)."""
    if not has_rows(account, extension):
        return
    before = {field.id: field for field in extension.fields}
    for field in changed.fields:
        if field.is_primary_key != (field.id in before and before[field.id].is_primary_key):
            raise Refused(
                INVALID, f"The primary key cannot be changed while there is data: {field.name}."
            )
        if not field.id and field.is_required and not field.default_value:
            raise Refused(
                INVALID,
                f"The new field {field.name} must be nullable or have a DefaultValue while there is data.",
            )


def _follow_renames(extension: DataExtension, changed: DataExtension) -> DataExtension:
    """Return the data extension with the send relationship on the field that it was on."""
    names = {
        before.name: after.name
        for before, after in zip(extension.fields, changed.fields, strict=False)
    }
    return replace(changed, sendable_field=names.get(extension.sendable_field or ""))


# How it is kept.


def _columns(extension: DataExtension) -> dict[str, object]:
    kept = {field.name: getattr(extension, field.name) for field in fields(extension)}
    del kept["id"], kept["fields"]
    return _without_flags(kept)


def _field_columns(owner: DataExtension, field: Field) -> dict[str, object]:
    kept = {name: getattr(field, name) for name in FIELD_COLUMNS}
    # Form: recorded.
    kept["customer_key"] = f"[{owner.customer_key}].[{field.name}]"
    return _without_flags(kept)


def _without_flags(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: int(value) if isinstance(value, bool) else value for name, value in values.items()
    }


def _insert(account: Account, made: DataExtension) -> int:
    now = account.now_text()
    return account.db.insert(
        "data_extension", {**_columns(made), "created_at": now, "modified_at": now}
    )


def _insert_field(account: Account, owner: DataExtension, field: Field) -> None:
    now = account.now_text()
    object_id = account.object_id("data_extension_field", owner.object_id, field.name)
    account.db.insert(
        "data_extension_field",
        {
            **_field_columns(owner, field),
            "object_id": object_id,
            "data_extension_id": owner.id,
            "created_at": now,
            "modified_at": now,
        },
    )


def _make_table(account: Account, made: DataExtension) -> None:
    row_table.create_table(account.db, made.table, [field.column for field in made.fields])
    _index_primary_key(account, made)
    if not made.is_send_log:
        return
    if all(name in made.by_key for name in _FLOW):
        columns = [made.by_key[name].column for name in _FLOW]
        row_table.create_index(account.db, f"{made.table}_flow", made.table, columns)
    for field in made.fields:
        _index_text(account, made, field)


def _index_primary_key(account: Account, extension: DataExtension) -> None:
    name = f"{extension.table}_key"
    row_table.drop_index(account.db, name)
    if extension.primary_key:
        columns = [field.column for field in extension.primary_key]
        row_table.create_index(account.db, name, extension.table, columns, unique=True)


def _index_text(account: Account, extension: DataExtension, field: Field) -> None:
    """Index a column that was added to the send log: the flow finds its sends by it."""
    if field.limits_text and field.key not in _NOT_INDEXED:
        name = f"{extension.table}_field_{field.ordinal}"
        row_table.create_index(account.db, name, extension.table, [field.column])


def _change_fields(account: Account, extension: DataExtension, changed: DataExtension) -> None:
    before = {field.id: field for field in extension.fields}
    old = [field for field in changed.fields if field.id]
    new_names = {
        before[field.id].name: field.name for field in old if before[field.id].name != field.name
    }
    if new_names:
        row_table.rename_columns(account.db, extension.table, new_names)
        # Two fields may swap names, and no two may have the same at any time.
        for field in old:
            account.db.update("data_extension_field", {"name": f"\x01{field.id}"}, id=field.id)
    now = account.now_text()
    for field in old:
        modified = {"modified_at": now} if field != before[field.id] else {}
        columns = {**_field_columns(changed, field), **modified}
        account.db.update("data_extension_field", columns, id=field.id)
    for field in changed.fields:
        if not field.id:
            _add_field(account, changed, field)
    keys = {field.id for field in changed.primary_key}
    if keys != {field.id for field in extension.primary_key}:
        _index_primary_key(account, changed)


def _add_field(account: Account, owner: DataExtension, field: Field) -> None:
    _insert_field(account, owner, field)
    row_table.add_column(account.db, owner.table, field.column)
    if field.is_required and field.default_value:
        # What rows that exist already get is not known (assumed).
        value = default_of(account, field)
        row_table.fill_column(account.db, owner.table, field.name, value)
    if owner.is_send_log:
        _index_text(account, owner, field)


def default_of(account: Account, field: Field) -> Held:
    """Return what a field's column holds when a row says nothing about it."""
    if field.defaults_to_now:
        return account.now_text()
    return held(field, field.default_value) if field.default_value else None


# What is kept in memory.


@dataclass(slots=True)
class _Known:
    """Definitions as they were read last; `version` is that of the database at that time."""

    version: int = -1
    highest: int = 0
    loaded: dict[int, DataExtension] = dataclasses.field(default_factory=dict)
    named: dict[tuple[str, str], DataExtension] = dataclasses.field(default_factory=dict)
    send_log: DataExtension | None = None
    send_log_read: bool = False


_MOST_NAMES = 1_000
_MEMORY = "data extensions"
_VERSION = "data_extension_version"


def _known(account: Account) -> _Known:
    known = account.memory.setdefault(_MEMORY, _Known())
    assert isinstance(known, _Known)
    version = _version(account)
    if version != known.version:
        known.version = version
        known.loaded.clear()
        known.named.clear()
        known.send_log, known.send_log_read = None, False
    return known


def _version(account: Account) -> int:
    rows = account.db.rows("SELECT value FROM counter WHERE name = ?", (_VERSION,))
    return rows[0][0] if rows else 0


def _forget(account: Account) -> None:
    """Note in the database that definitions changed."""
    known = _known(account)
    # A version that was rolled back must not come again: what was read under it would be taken for the new one.
    known.highest = max(known.highest, known.version) + 1
    account.db.put("counter", {"name": _VERSION, "value": known.highest})


def _load(account: Account, number: int) -> DataExtension:
    # Under the lock nobody changes definitions between the look at their version and the reading of them.
    with account.db.lock:
        return _load_known(account, _known(account), number)


def _load_known(account: Account, known: _Known, number: int) -> DataExtension:
    if number not in known.loaded:
        known.loaded[number] = _read(account, number)
    return known.loaded[number]


def _read(account: Account, number: int) -> DataExtension:
    row = account.db.find("data_extension", id=number)
    assert row is not None
    rows = account.db.find_all("data_extension_field", "id", data_extension_id=number)
    own = tuple(read_record(Field, row) for row in rows)
    return read_record(DataExtension, row, fields=own)
