"""Data extensions: their definitions, with the rules for making, changing and deleting them and their fields.

Refusals carry code 310007, the service's for everything that is wrong with a definition; the wordings are assumed,
unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
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
from sfmc_mock.account.folders import folder_of, root_folder
from sfmc_mock.clock import parse_time, parse_us_time, stored, us_text
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
_WITHOUT_BLANK = {each.replace(" ", ""): each for each in SENDABLE_SUBSCRIBER_FIELDS}

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
        return {each.key: each for each in self.fields}

    @cached_property
    def compared(self) -> Mapping[str, str]:
        """The SQL by which columns are compared that are not compared as they are."""
        columns = [each.column for each in self.fields]
        return {each.name: each.compared for each in columns if each.kind in ("text", "decimal")}

    @cached_property
    def primary_key(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.is_primary_key)


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
            found = account.db.rows(
                f"SELECT id FROM data_extension WHERE {column} = ?",  # noqa: S608 - a column of the code's
                (value.lower() if column == "object_id" else value,),
            )
            if not found:
                return None
            # Names are compared in any case: there are many spellings of one.
            if len(known.named) >= _MOST_NAMES:
                known.named.clear()
            known.named[column, value] = _load_known(account, known, found[0][0])
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


def send_log(account: Account) -> DataExtension | None:
    """Return the data extension that sends are logged to."""
    with account.db.lock:
        known = _known(account)
        if not known.send_log_read:
            found = account.db.rows("SELECT id FROM data_extension WHERE is_send_log = 1")
            known.send_log = _load(account, found[0][0]) if found else None
            known.send_log_read = True
        return known.send_log


def has_rows(account: Account, found: DataExtension) -> bool:
    """Say whether the data extension holds anything."""
    return row_table.has_rows(account.db, found.table)


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
            fields=tuple(new_field(each, at) for at, each in enumerate(wanted.fields)),
        )
        made = _changed(account, blank, wanted)
        number = _insert(account, made)
        made = replace(made, id=number)
        for each in made.fields:
            _insert_field(account, made, each)
        _make_table(account, made)
        _forget(account)
    return _load(account, number)


def change(account: Account, found: DataExtension, wanted: DataExtensionChange) -> DataExtension:
    """Change a data extension, and add and change fields of it; return it as it is then. Raises `Refused`.

    A field that names an existing column is a change of that one, with or without its ObjectID (without: assumed).
    """
    with account.db.atomic():
        changed = replace(found, fields=_with_fields(found, wanted.fields))
        if wanted.fields:
            _check_rows_fit(account, found, changed)
        changed = _changed(account, _follow_renames(found, changed), wanted)
        now = account.now_text()
        account.db.update(
            "data_extension", {**_columns(changed), "modified_at": now}, id=changed.id
        )
        _change_fields(account, found, changed)
        _forget(account)
    return _load(account, found.id)


def delete(account: Account, found: DataExtension) -> None:
    """Delete a data extension with its fields and rows."""
    with account.db.atomic():
        account.db.delete("data_extension", id=found.id)
        row_table.drop_table(account.db, found.table)
        _forget(account)


def delete_fields(account: Account, found: DataExtension, object_ids: Iterable[str]) -> None:
    """Delete fields of a data extension, with what is in their columns. Raises `Refused`."""
    wanted = {each.lower() for each in object_ids}
    known = {each.object_id.lower(): each for each in found.fields}
    for unknown in sorted(wanted - known.keys()):
        raise _no_such_field(found, unknown)
    gone = [known[each] for each in sorted(wanted)]
    if len(gone) == len(found.fields):
        raise Refused(INVALID, f"The data extension {found.name} must keep at least one field.")
    for each in gone:
        if each.name == found.sendable_field:
            raise Refused(
                INVALID, f"The field {each.name} is used in the send relationship of {found.name}."
            )
        if each.is_primary_key and has_rows(account, found):
            raise Refused(
                INVALID, f"The primary key field {each.name} cannot be deleted while there is data."
            )
    with account.db.atomic():
        for each in gone:
            account.db.delete("data_extension_field", id=each.id)
            row_table.drop_column(account.db, found.table, each.name)
        left = tuple(each for each in found.fields if each not in gone)
        if any(each.is_primary_key for each in gone):
            _index_primary_key(account, replace(found, fields=left))
        account.db.update("data_extension", {"modified_at": account.now_text()}, id=found.id)
        _forget(account)


# What is asked of a definition.


def _changed(account: Account, found: DataExtension, wanted: DataExtensionChange) -> DataExtension:
    """Return the data extension with the properties that a caller wants. Raises `Refused`."""
    said: dict[str, Any] = {
        each.name: value
        for each in fields(wanted)
        if each.name != "fields" and (value := getattr(wanted, each.name)) is not None
    }
    for name in ("customer_key", "name"):
        said[name] = str(said.get(name) or "").strip() or getattr(found, name)
    if said.get("retention_unit") == 0:
        # A recorded template has it so where it says nothing about retention.
        said["retention_unit"] = None
    if "retain_until" in said:
        said["retain_until"] = _retain_until(said["retain_until"])
    if "sendable_subscriber_field" in said:
        said["sendable_subscriber_field"] = _subscriber_field(said["sendable_subscriber_field"])
    changed = _check_sendable(replace(found, **said))
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


def _check_sendable(found: DataExtension) -> DataExtension:
    """Return the data extension with its send relationship, which must be whole if it is sendable."""
    if not found.is_sendable:
        return replace(found, sendable_field=None, sendable_subscriber_field=None)
    related = found.by_key.get((found.sendable_field or "").strip().casefold())
    if related is None:
        raise Refused(
            INVALID,
            f"The SendableDataExtensionField of {found.name} must be one of its fields: "
            f"{found.sendable_field or 'none is given'}.",
        )
    if found.sendable_subscriber_field is None:
        raise Refused(INVALID, f"The SendableSubscriberField of {found.name} is missing.")
    return replace(found, sendable_field=related.name)


def _subscriber_field(written: str) -> str:
    said = written.strip().lower()
    found = SENDABLE_SUBSCRIBER_FIELDS.get(_WITHOUT_BLANK.get(said, said))
    if found is None:
        # That the forms in which it is read are refused was seen by a client.
        raise Refused(
            INVALID,
            "The SendableSubscriberField must be written as Subscriber Key, Subscriber ID or Email Address, not "
            f"{written}.",
        )
    return found


def _retain_until(text: str) -> str:
    if not text.strip():
        return ""
    for parse in (parse_us_time, parse_time):
        try:
            return us_text(stored(parse(text)))
        except ValueError:
            continue
    raise Refused(INVALID, f"RetainUntil is no date: {text}.")


def _check_free(account: Account, wanted: DataExtension) -> None:
    for column, value in (("name", wanted.name), ("customer_key", wanted.customer_key)):
        other = find(account, **{column: value})
        if other is not None and other.id != wanted.id:
            kind = "named" if column == "name" else "with the CustomerKey"
            # Text, for names: seen live.
            raise Refused(INVALID, f"A data extension {kind} {value} already exists.")


def _with_fields(found: DataExtension, wanted: Iterable[FieldChange]) -> tuple[Field, ...]:
    """Return the fields as they are to be: changed ones in their places, new ones (with id 0) at the end."""
    ids = {each.object_id.lower(): each.id for each in found.fields}
    kept = {each.id: each for each in found.fields}
    added: list[Field] = []
    following = max((each.ordinal for each in found.fields), default=-1) + 1
    for said in wanted:
        number = ids.get((said.object_id or "").lower())
        if said.object_id and number is None:
            raise _no_such_field(found, said.object_id)
        if number is None:
            same_name = found.by_key.get((said.name or "").strip().casefold())
            if same_name is None:
                added.append(new_field(said, following + len(added)))
                continue
            number, said = same_name.id, replace(said, name=None)
        kept[number] = changed_field(kept[number], said)
    return (*kept.values(), *added)


def _no_such_field(found: DataExtension, object_id: str) -> Refused:
    return Refused(
        INVALID, f"The data extension {found.name} has no field with the ObjectID {object_id}."
    )


def _check_rows_fit(account: Account, found: DataExtension, changed: DataExtension) -> None:
    """Refuse what cannot be asked of fields while there are rows (which cases: a client's comments)."""
    if not has_rows(account, found):
        return
    before = {each.id: each for each in found.fields}
    for each in changed.fields:
        if each.is_primary_key != (each.id in before and before[each.id].is_primary_key):
            raise Refused(
                INVALID, f"The primary key cannot be changed while there is data: {each.name}."
            )
        if not each.id and each.is_required and not each.default_value:
            raise Refused(
                INVALID,
                f"The new field {each.name} must be nullable or have a DefaultValue while there is data.",
            )


def _follow_renames(found: DataExtension, changed: DataExtension) -> DataExtension:
    """Return the data extension with the send relationship on the field that it was on."""
    names = {
        before.name: after.name for before, after in zip(found.fields, changed.fields, strict=False)
    }
    return replace(changed, sendable_field=names.get(found.sendable_field or ""))


# How it is kept.


def _columns(found: DataExtension) -> dict[str, object]:
    kept = {each.name: getattr(found, each.name) for each in fields(found)}
    del kept["id"], kept["fields"]
    return _without_flags(kept)


def _field_columns(owner: DataExtension, each: Field) -> dict[str, object]:
    kept = {name: getattr(each, name) for name in FIELD_COLUMNS}
    # Form: recorded.
    kept["customer_key"] = f"[{owner.customer_key}].[{each.name}]"
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


def _insert_field(account: Account, owner: DataExtension, each: Field) -> None:
    now = account.now_text()
    object_id = account.object_id("data_extension_field", owner.object_id, each.name)
    account.db.insert(
        "data_extension_field",
        {
            **_field_columns(owner, each),
            "object_id": object_id,
            "data_extension_id": owner.id,
            "created_at": now,
            "modified_at": now,
        },
    )


def _make_table(account: Account, made: DataExtension) -> None:
    row_table.create_table(account.db, made.table, [each.column for each in made.fields])
    _index_primary_key(account, made)
    if not made.is_send_log:
        return
    if all(name in made.by_key for name in _FLOW):
        columns = [made.by_key[name].column for name in _FLOW]
        row_table.create_index(account.db, f"{made.table}_flow", made.table, columns)
    for each in made.fields:
        _index_text(account, made, each)


def _index_primary_key(account: Account, found: DataExtension) -> None:
    name = f"{found.table}_key"
    row_table.drop_index(account.db, name)
    if found.primary_key:
        columns = [each.column for each in found.primary_key]
        row_table.create_index(account.db, name, found.table, columns, unique=True)


def _index_text(account: Account, found: DataExtension, each: Field) -> None:
    """Index a column that was added to the send log: the flow finds its sends by it."""
    if each.limits_text and each.key not in _NOT_INDEXED:
        name = f"{found.table}_field_{each.ordinal}"
        row_table.create_index(account.db, name, found.table, [each.column])


def _change_fields(account: Account, found: DataExtension, changed: DataExtension) -> None:
    before = {each.id: each for each in found.fields}
    old = [each for each in changed.fields if each.id]
    new_names = {
        before[each.id].name: each.name for each in old if before[each.id].name != each.name
    }
    if new_names:
        row_table.rename_columns(account.db, found.table, new_names)
        # Two fields may swap names, and no two may have the same at any time.
        for each in old:
            account.db.update("data_extension_field", {"name": f"\x01{each.id}"}, id=each.id)
    now = account.now_text()
    for each in old:
        modified = {"modified_at": now} if each != before[each.id] else {}
        columns = {**_field_columns(changed, each), **modified}
        account.db.update("data_extension_field", columns, id=each.id)
    for each in changed.fields:
        if not each.id:
            _add_field(account, changed, each)
    keys = {each.id for each in changed.primary_key}
    if keys != {each.id for each in found.primary_key}:
        _index_primary_key(account, changed)


def _add_field(account: Account, owner: DataExtension, each: Field) -> None:
    _insert_field(account, owner, each)
    row_table.add_column(account.db, owner.table, each.column)
    if each.is_required and each.default_value:
        # What rows that exist already get is not known (assumed).
        value = default_of(account, each)
        row_table.fill_column(account.db, owner.table, each.name, value)
    if owner.is_send_log:
        _index_text(account, owner, each)


def default_of(account: Account, each: Field) -> Held:
    """Return what a field's column holds when a row says nothing about it."""
    if each.defaults_to_now:
        return account.now_text()
    return held(each, each.default_value) if each.default_value else None


# What is kept in memory.


@dataclass(slots=True)
class _Known:
    """Definitions as they were read last; `version` is that of the database at that time."""

    version: int = -1
    highest: int = 0
    loaded: dict[int, DataExtension] = field(default_factory=dict)
    named: dict[tuple[str, str], DataExtension] = field(default_factory=dict)
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
    found = account.db.rows("SELECT value FROM counter WHERE name = ?", (_VERSION,))
    return found[0][0] if found else 0


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
