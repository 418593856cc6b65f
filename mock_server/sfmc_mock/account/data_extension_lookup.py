"""Find data extensions by key, name or number; they are kept in memory until definitions change."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_fields import Field
from sfmc_mock.account.folders import shared_folders
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.store import data_extension_tables
from sfmc_mock.store.row_types import read_record
from sfmc_mock.store.sends import DEFINITIONS


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
            extension = _load_known(account, known, rows[0][0])
            put_bounded(known.named, (column, value), extension, _MOST_NAMES)
        return known.named[column, value]


def find_by_key_or_name(account: Account, text: str) -> DataExtension | None:
    """Return the data extension with that CustomerKey, else the one with that Name."""
    return find(account, customer_key=text) or find(account, name=text)


def find_by_id(account: Account, number: int | None) -> DataExtension | None:
    """Return the data extension with that number in the account's tables."""
    with account.db.lock:
        if number is None or not account.db.count("data_extension", id=number):
            return None
        return load(account, number)


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
    kept = account.memory.get(_MEMORY)
    if (
        isinstance(kept, _Known)
        and kept.send_log_read
        and kept.version == definitions_version(account)
    ):
        return kept.send_log
    with account.db.lock:
        known = _known(account)
        if not known.send_log_read:
            rows = account.db.rows("SELECT id FROM data_extension WHERE is_send_log = 1")
            known.send_log = load(account, rows[0][0]) if rows else None
            known.send_log_read = True
        return known.send_log


def has_rows(account: Account, extension: DataExtension) -> bool:
    """Say whether the data extension holds anything."""
    return data_extension_tables.has_rows(account.db, extension.table)


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
_MOST_LOADED = 2_000
_MEMORY = "data extensions"


def _known(account: Account) -> _Known:
    known = account.memory.get(_MEMORY)
    if not isinstance(known, _Known):
        known = account.memory[_MEMORY] = _Known()
    version = definitions_version(account)
    if version != known.version:
        known.version = version
        known.loaded.clear()
        known.named.clear()
        known.send_log, known.send_log_read = None, False
    return known


def definitions_version(account: Account) -> int:
    """Return a number that differs after each change of a definition."""
    return account.db.counter(DEFINITIONS)


def forget_definitions(account: Account) -> None:
    """Note in the database that definitions changed."""
    known = _known(account)
    # A version that was rolled back must not be used again: definitions read under it would pass for new ones.
    known.highest = max(known.highest, known.version) + 1
    account.db.put("counter", {"name": DEFINITIONS, "value": known.highest})


def load(account: Account, number: int) -> DataExtension:
    """Return the data extension with the number, which must exist."""
    # Under the lock no thread changes definitions between reading their version and reading them.
    with account.db.lock:
        return _load_known(account, _known(account), number)


def _load_known(account: Account, known: _Known, number: int) -> DataExtension:
    extension = known.loaded.get(number)
    if extension is None:
        extension = _read(account, number)
        if len(known.loaded) >= _MOST_LOADED:
            # Under its names there is no other value than under its number.
            known.loaded.clear()
            known.named.clear()
        known.loaded[number] = extension
    return extension


def _read(account: Account, number: int) -> DataExtension:
    row = account.db.find("data_extension", id=number)
    assert row is not None
    rows = account.db.find_all("data_extension_field", "id", data_extension_id=number)
    own = tuple(read_record(Field, row) for row in rows)
    return read_record(DataExtension, row, fields=own)
