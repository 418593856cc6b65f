"""SendDefinitionList: the lists that an email send definition sends to or excludes, in calls and seed files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sfmc_mock.account import Account
from sfmc_mock.account.data_extensions import DataExtension, find, find_by_id
from sfmc_mock.account.send_audience import subscriber_columns
from sfmc_mock.account.send_terms import DOMAINS, EXCLUSION, OPT_OUT, SOURCE, AudiencePart
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.filters import read_filter
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Key, Property
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.source import Source
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused, RetrieveRefused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.json_parts import part_as_json, part_from_json
from sfmc_mock.wire.struct import Struct

# Codes and texts: documented; the conditions of codes whose name leaves them open: assumed.
_NO_LIST = (42007, "ESD_List Not Found")
_NO_DATA_EXTENSION = (42008, "ESD_Custom Object Not Found")
_INVALID = (42110, "ESD_Send Definition List Invalid")

READS = {
    "SendDefinitionList": (
        *("List", "SendDefinitionListType", "CustomObjectID", "DataSourceTypeID", "ObjectID"),
        *("FilterDefinition", "IsTestObject", "SalesForceObjectID", "Name", "CustomerKey"),
    ),
    "SendDefinitionList.List": ("ID", "ObjectID", "CustomerKey"),
}
"""The elements of a SendDefinitionList that the emulator uses or stores."""

AUDIENCE = Key(
    "audience",
    form="items",
    short="list",
    items=(
        Key("list", refers="list", numbered=True),
        Key("data_extension", refers="data_extension"),
        Key("type", default=SOURCE, choices=(SOURCE, EXCLUSION, DOMAINS, OPT_OUT)),
        Key("is_test", kind="flag", default=False),
    ),
)
"""The key of a seed file for the lists and data extensions that a definition sends to or excludes."""


class SendDefinitionLists:
    """The lists of a definition, as calls give them and as they are stored. Raises `Refused` (42xxx)."""

    def __init__(self, call: Call, handlers: Mapping[str, Handler]) -> None:
        self._call, self._handlers = call, handlers

    def kept(self, sent: Struct, owner: str) -> str:
        """Return the JSON of a definition's lists for its column; `owner` seeds the ObjectIDs of the lists."""
        given = sent.values.get("SendDefinitionList")
        lists = given if isinstance(given, list) else [given]
        if any(part is None for part in lists):
            raise Refused(42116, "ESD_Null Value")
        parts = [part for part in lists if isinstance(part, Struct)]
        return json.dumps([self._kept(part, owner, place) for place, part in enumerate(parts)])

    def _kept(self, sent: Struct, owner: str, place: int) -> dict[str, object]:
        source = _source_type(sent)
        kind = sent.text("SendDefinitionListType") or (
            source if source in (DOMAINS, OPT_OUT) else SOURCE
        )
        if source.startswith("SalesForce"):
            self._call.warn(
                f"a SendDefinitionList of {source} needs a Salesforce account: none is here"
            )
            raise Refused(42000, "ESD_Not Implemented Exception")
        row, extension = self._list(sent), self._extension(sent)
        if row is None and extension is None:
            raise Refused(*_INVALID)
        if kind == SOURCE and extension is not None and not extension.is_sendable:
            self._call.warn("a data extension that is sent to must be sendable")
            raise Refused(*_INVALID)
        values: dict[str, object] = {
            "ObjectID": self._call.account.ids.guid("send_definition_list", owner, place),
            "CustomerKey": sent.text("CustomerKey"),
            "List": Struct("List", {"ID": row["id"]}) if row is not None else None,
            "SendDefinitionListType": kind,
            "CustomObjectID": extension.object_id if extension is not None else None,
            "DataSourceTypeID": source,
            "FilterDefinition": self._filter(sent) if source == "FilterDefinition" else None,
            "IsTestObject": bool(sent.flag("IsTestObject")),
            "SalesForceObjectID": sent.text("SalesForceObjectID") or "",
            # Empty by default, not the name of the list or data extension (recorded).
            "Name": sent.text("Name") or "",
        }
        given = {element: value for element, value in values.items() if value is not None}
        return part_as_json(Struct("SendDefinitionList", given))

    def _list(self, sent: Struct) -> Row | None:
        part = sent.part("List")
        if part is None:
            return None
        row = stored_object(self._handlers, "List").named(self._call.account, part)
        if row is None:
            raise Refused(*_NO_LIST)
        return row

    def _extension(self, sent: Struct) -> DataExtension | None:
        object_id = sent.text("CustomObjectID")
        if not object_id:
            return self._filtered(sent)
        extension = find(self._call.account, object_id=object_id)
        if extension is None:
            raise Refused(*_NO_DATA_EXTENSION)
        return extension

    def _filter_row(self, sent: Struct) -> Row | None:
        filters = stored_object(self._handlers, "FilterDefinition")
        return filters.named(self._call.account, sent.part("FilterDefinition"))

    def _filtered(self, sent: Struct) -> DataExtension | None:
        """Return the data extension that the list's filter selects from."""
        row = self._filter_row(sent)
        return None if row is None else find_by_id(self._call.account, row["data_source_id"])

    def _filter(self, sent: Struct) -> Struct:
        row = self._filter_row(sent)
        if row is None:
            raise Refused(*_INVALID)
        return Struct("FilterDefinition", {"ObjectID": row["object_id"]})

    def audience(self, kept: str, *, tests: bool) -> tuple[AudiencePart, ...]:
        """Return the audience of a send, or of a test: its sources are the test lists only."""
        parts = [part_from_json(part) for part in json.loads(kept)]
        return tuple(
            self._part(part)
            for part in parts
            if part.text("SendDefinitionListType") != SOURCE
            or bool(part.flag("IsTestObject")) is tests
        )

    def _part(self, part: Struct) -> AudiencePart:
        account = self._call.account
        number = (part.part("List") or Struct("List")).number("ID") or 0
        object_id = part.text("CustomObjectID") or ""
        if number and not account.db.count("list", id=number):
            raise Refused(*_NO_LIST)
        extension = find(account, object_id=object_id) if object_id else None
        if object_id and extension is None:
            raise Refused(*_NO_DATA_EXTENSION)
        return AudiencePart(
            kind=part.text("SendDefinitionListType") or SOURCE,
            name=part.text("Name") or self._name(number, extension),
            list_id=number,
            data_extension=object_id,
            condition=self._condition(part, extension),
        )

    def _name(self, list_id: int, extension: DataExtension | None) -> str:
        if extension is not None:
            return extension.name
        row = self._call.account.db.find("list", id=list_id)
        return str(row["name"]) if row is not None else ""

    def _condition(self, part: Struct, extension: DataExtension | None) -> Any:
        if part.part("FilterDefinition") is None:
            return None
        row = self._filter_row(part)
        if row is None:
            raise Refused(*_INVALID)
        try:
            source = self._filtered_source(extension)
            return read_filter(
                self._call, source, part_from_json(json.loads(row["data_filter"]))
            ).plain
        except RetrieveRefused as failed:
            self._call.warn(f"the filter of the SendDefinitionList cannot be applied: {failed}")
            raise Refused(*_INVALID) from None

    def _filtered_source(self, extension: DataExtension | None) -> Source:
        if extension is not None:
            rows = self._handlers["DataExtensionObject"].source(self._call, extension.customer_key)
            assert rows is not None
            return rows
        columns = subscriber_columns(self._call.account)
        return Source(
            "Subscriber",
            "subscriber",
            {name: Property(name, kind) for name, (_, kind) in columns.items()},
            expressions={name: sql for name, (sql, _) in columns.items()},
        )


def _source_type(sent: Struct) -> str:
    """Return the DataSourceTypeID; the default depends on what the list refers to (assumed)."""
    return sent.text("DataSourceTypeID") or (
        "CustomObject" if sent.text("CustomObjectID") else "List"
    )


def sent_from(seed: Loading, entry: Entry) -> Struct:
    """Return the lists of a seed file's entry in the form that a call sends."""
    parts = []
    for entry_list in entry["audience"]:
        kind, is_test = entry_list["type"], entry_list["is_test"]
        values: dict[str, object] = {"SendDefinitionListType": kind, "IsTestObject": is_test}
        if entry_list["list"] is not None:
            values["List"] = Struct("List", {"ID": seed.number("list", entry_list["list"])})
        if entry_list["data_extension"] is not None:
            number = seed.number("data_extension", entry_list["data_extension"])
            extension = find_by_id(seed.account, number)
            values["CustomObjectID"] = extension.object_id if extension is not None else ""
        parts.append(Struct("SendDefinitionList", values))
    return Struct("EmailSendDefinition", {"SendDefinitionList": parts})


def entries_of(account: Account, kept: str, refer: Refer) -> Iterator[Entry]:
    """Yield the entries of a seed file for the lists of a definition; `kept` is the JSON of its column."""
    for plain in json.loads(kept):
        part = part_from_json(plain)
        extension = find(account, object_id=part.text("CustomObjectID") or "-")
        number = (part.part("List") or Struct("List")).number("ID")
        yield {
            "list": number and refer("list", number),
            "data_extension": extension and refer("data_extension", extension.id),
            "type": part.text("SendDefinitionListType"),
            "is_test": bool(part.flag("IsTestObject")),
        }
