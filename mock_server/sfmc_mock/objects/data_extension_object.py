"""DataExtensionObject: the rows of data extensions."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import ClassVar

from sfmc_mock.account import data_extension_rows
from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_rows import Cells
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.account.queries import data_view_hint
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import Source, unknown_properties
from sfmc_mock.errors import CellError, Refused, RetrieveRefused, RowRefused
from sfmc_mock.objects.data_extension_identity import identified
from sfmc_mock.store.data_extension_tables import CREATED, KEY, MODIFIED
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.page_writer import PageWriter
from sfmc_mock.wire.pages import row_page_writer
from sfmc_mock.wire.struct import Struct

UNKNOWN_KEY = 70003

# A Delete finds its row by `Keys` only, even if the Properties contain the primary key (seen live).
_KEYS_NOT_FOUND = (310007, "Keys Not Found")

# How the values of each type are written; dates and Booleans as in other texts of the service (assumed).
_KINDS = {"Number": "number", "Decimal": "decimal", "Boolean": "Flag", "Date": "us_date"}

_OWN = {
    KEY.casefold(): Property(KEY, "number"),
    CREATED.casefold(): Property(CREATED, "us_date"),
    MODIFIED.casefold(): Property(MODIFIED, "us_date"),
}

# The documented sample requests a column of a send log under a name that differs from the column's.
_ALIAS, _ALIASED = "subscriberid", "subid"
_ALIAS_TAKEN = "send logs have no column '{name}', but SubID: taken as that; the live service refuses the retrieve"
_MOST_SPELLINGS = 200

_RESULTS = {
    "Create": "DataExtensionCreateResult",
    "Update": "DataExtensionUpdateResult",
    "Delete": "DataExtensionDeleteResult",
}


class DataExtensionObjectHandler(Handler):
    """A row, identified by its data extension and the values of its primary key."""

    object_type = "DataExtensionObject"
    scope = "data_extensions"
    result_types = _RESULTS
    reads: ClassVar = {"": ("ObjectID", "CustomerKey", "Name", "Keys", "Properties")}

    def create(self, call: Call, sent: Struct) -> Outcome:
        action = call.save_action(self.object_type, "Create")
        keys, values = _cells(sent, "Keys", "Key"), _cells(sent, "Properties", "Property")
        with _told(_RESULTS["Create"]):
            extension = _owner(call, sent)
            if action == "UpdateAdd":
                data_extension_rows.upsert(call.account, extension, keys, values)
            else:
                data_extension_rows.insert(call.account, extension, [*keys, *values])
        return Outcome("Created DataExtensionObject", sent)

    def update(self, call: Call, sent: Struct) -> Outcome:
        action = call.save_action(self.object_type, "Update")
        keys, values = _cells(sent, "Keys", "Key"), _cells(sent, "Properties", "Property")
        write = data_extension_rows.upsert if action == "UpdateAdd" else data_extension_rows.update
        with _told(_RESULTS["Update"]):
            write(call.account, _owner(call, sent), keys, values)
        return Outcome("Updated DataExtensionObject", sent)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        keys, values = _cells(sent, "Keys", "Key"), _cells(sent, "Properties", "Property")
        with _told(_RESULTS["Delete"]):
            extension = _owner(call, sent)
            if not keys:
                raise Refused(*_KEYS_NOT_FOUND)
            data_extension_rows.delete(call.account, extension, keys, values)
        return Outcome("Deleted DataExtensionObject", sent)

    def source(self, call: Call, argument: str | None) -> Source:
        extension = rules.find_by_key_or_name(call.account, argument or "")
        if extension is None:
            if hint := data_view_hint(argument or ""):
                call.warn(hint)
            # Text: seen live.
            raise RetrieveRefused(f"Data extension does not exist: {argument or ''}")
        sources = call.account.memory.setdefault(_SOURCES, {})
        assert isinstance(sources, dict)
        # A change of a data extension makes a new `DataExtension` value.
        known: tuple[DataExtension, Source] | None = sources.get(extension.id)
        if known is None or known[0] is not extension:
            known = extension, _source_of(extension, call.strict)
            put_bounded(sources, extension.id, known, _MOST_SOURCES)
        return known[1]

    def source_version(self, call: Call) -> Hashable:
        return rules.definitions_version(call.account)

    def shared_source(self, call: Call, argument: str | None) -> Source | None:
        extension = rules.find_by_key_or_name(call.account, argument or "")
        if extension is None or not rules.is_shared(call.account, extension):
            raise RetrieveRefused(f"Data extension does not exist: {argument or ''}")
        return self.source(call, argument)

    def is_shared(self, call: Call, sent: Struct) -> bool:
        """Rows of a shared data extension can be written from each business unit (assumed: the usual permission)."""
        try:
            extension = identified(call, sent)
        except Refused:
            return False
        return extension is not None and rules.is_shared(call.account, extension)


_SOURCES = "sources of rows"
_MOST_SOURCES = 1_000


def _source_of(extension: DataExtension, strict: bool) -> Source:
    return Source(
        DataExtensionObjectHandler.object_type,
        extension.table,
        Columns(extension, strict=strict),
        rowkey=KEY,
        is_table=True,
        expressions=extension.compared,
        newness=MODIFIED,
        unknown_properties=_unknown_columns,
        refused_operators=frozenset({"like"}),
        without_results=frozenset({"*"}),
        make_writer=_writer,
    )


_property = lru_cache(maxsize=1_024)(Property)


class Columns(Mapping[str, Property]):
    """The columns of a data extension as properties; names match in any case (seen by a client).

    The service's own columns are included (sdk). A send log also has SubscriberID, unless the account is strict.
    """

    def __init__(self, extension: DataExtension, *, strict: bool) -> None:
        self._extension = extension
        self._strict = strict
        self._known: dict[str, Property] = {}

    def __getitem__(self, name: str) -> Property:
        known = self._known.get(name)
        if known is None:
            most = len(self._extension.fields) + _MOST_SPELLINGS
            known = put_bounded(self._known, name, self._named(name), most)
        return known

    def _named(self, name: str) -> Property:
        key, warning = name.casefold(), None
        if key == _ALIAS and key not in self._extension.by_key:
            if not self._extension.is_send_log or self._strict:
                raise KeyError(name)
            key, warning = _ALIASED, _ALIAS_TAKEN.format(name=name)
        field = self._extension.by_key.get(key)
        if field is None:
            return _OWN[key]
        return _property(field.name, _KINDS.get(field.field_type, "text"), warning=warning)

    def __iter__(self) -> Iterator[str]:
        yield from (field.name for field in self._extension.fields)
        yield from (prop.name for prop in _OWN.values())

    def __len__(self) -> int:
        return len(self._extension.fields) + len(_OWN)


@contextmanager
def _told(result_type: str) -> Iterator[None]:
    """Add the errors of a row to its result as KeyErrors and ValueErrors."""
    try:
        yield
    except RowRefused as refused:
        refused.extra["ErrorMessage"] = refused.details
        for name, errors in (
            ("KeyError", refused.key_errors),
            ("ValueError", refused.value_errors),
        ):
            if errors:
                told = [_error(error) for error in errors]
                refused.extra[f"{name}s"] = Struct(f"{result_type}.{name}s", {name: told})
        raise


def _error(error: CellError) -> Struct:
    values = {"Name": error.name, "ErrorCode": error.code, "ErrorMessage": error.text}
    return Struct("DataExtensionError", dict(values))


def _owner(call: Call, sent: Struct) -> DataExtension:
    """Return the data extension that the row belongs to. Raises `RowRefused`."""
    extension = identified(call, sent)
    if extension is None:
        named = sent.text("ObjectID") or sent.text("CustomerKey") or sent.text("Name")
        # Code: documented. Text: as for Retrieve.
        raise RowRefused(UNKNOWN_KEY, f"Data extension does not exist: {named}")
    return extension


def _cells(sent: Struct, wrapper: str, item: str) -> Cells:
    return [
        (item_sent.text("Name") or "", item_sent.text("Value"))
        for item_sent in sent.wrapped(wrapper, item)
    ]


def _unknown_columns(names: list[str]) -> RetrieveRefused:
    if not names:
        # That Properties are mandatory: documented; text: assumed.
        return RetrieveRefused("The retrieve of DataExtensionObject must hold Properties.")
    inherited = [name for name in names if name.partition(".")[0] in _inherited()]
    if inherited:
        return unknown_properties(DataExtensionObjectHandler.object_type)(inherited)
    return _unknown_column(names[0])


@cache
def _inherited() -> frozenset[str]:
    """The properties of every API object. Rows lack them; a Retrieve of one gets another text (seen live)."""
    return frozenset(field.name for field in catalogue().complex_types["APIObject"].wire_fields())


def _unknown_column(name: str) -> RetrieveRefused:
    # Text: seen live.
    return RetrieveRefused(f"Invalid column name '{name}'.")


def _writer(asked: list[str], properties: list[Property]) -> PageWriter:
    return row_page_writer(tuple(asked), tuple(prop.kind for prop in properties))
