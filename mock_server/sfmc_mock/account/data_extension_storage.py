"""Store data extensions: the rows of their definitions and fields, and the tables of their rows."""

from __future__ import annotations

from dataclasses import fields

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_fields import Field, default_of
from sfmc_mock.account.data_extension_lookup import DataExtension
from sfmc_mock.store import data_extension_tables

# Columns by which the flow finds rows of a send log, and texts in it that are not filtered by.
_FLOW = ("jobid", "batchid", "subid")
_NOT_INDEXED = frozenset({"triggeredsendid", "subscriberkey", "emailaddress"})


def columns_of(record: DataExtension | Field) -> dict[str, object]:
    """Return the columns of a definition or a field, without its number."""
    names = (field.name for field in fields(record) if field.name not in ("id", "fields"))
    return {name: getattr(record, name) for name in names}


def _field_columns(owner: DataExtension, field: Field) -> dict[str, object]:
    # Form: recorded.
    return {**columns_of(field), "customer_key": f"[{owner.customer_key}].[{field.name}]"}


def insert_field(account: Account, owner: DataExtension, field: Field) -> None:
    """Add the row of a field."""
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


def make_table(account: Account, made: DataExtension) -> None:
    """Make the table of the rows, with its indexes."""
    data_extension_tables.create_table(
        account.db, made.table, [field.column for field in made.fields]
    )
    index_primary_key(account, made)
    if not made.is_send_log:
        return
    if all(name in made.by_key for name in _FLOW):
        columns = [made.by_key[name].column for name in _FLOW]
        data_extension_tables.create_index(account.db, f"{made.table}_flow", made.table, columns)
    for field in made.fields:
        _index_text(account, made, field)


def index_primary_key(account: Account, extension: DataExtension) -> None:
    """Make the index of the primary key anew."""
    name = f"{extension.table}_key"
    data_extension_tables.drop_index(account.db, name)
    if extension.primary_key:
        columns = [field.column for field in extension.primary_key]
        data_extension_tables.create_index(account.db, name, extension.table, columns, unique=True)


def _index_text(account: Account, extension: DataExtension, field: Field) -> None:
    """Index a column that was added to the send log: the flow finds its sends by it."""
    if field.limits_text and field.key not in _NOT_INDEXED:
        name = f"{extension.table}_field_{field.ordinal}"
        data_extension_tables.create_index(account.db, name, extension.table, [field.column])


def change_fields(account: Account, extension: DataExtension, changed: DataExtension) -> None:
    """Update the rows of the fields and the columns of the table after a change of a data extension."""
    before = {field.id: field for field in extension.fields}
    old = [field for field in changed.fields if field.id]
    new_names = {
        before[field.id].name: field.name for field in old if before[field.id].name != field.name
    }
    if new_names:
        data_extension_tables.rename_columns(account.db, extension.table, new_names)
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
        index_primary_key(account, changed)


def _add_field(account: Account, owner: DataExtension, field: Field) -> None:
    insert_field(account, owner, field)
    data_extension_tables.add_column(account.db, owner.table, field.column)
    if field.is_required and field.default_value:
        # What rows that exist already get is not known (assumed).
        value = default_of(account, field)
        data_extension_tables.fill_column(account.db, owner.table, field.name, value)
    if owner.is_send_log:
        _index_text(account, owner, field)
