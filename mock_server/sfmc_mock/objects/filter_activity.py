"""FilterActivity: copies the rows of a data extension that a filter selects to another data extension."""

from __future__ import annotations

import json
from typing import ClassVar

from sfmc_mock.account import data_extension_rows, data_extensions
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.filters import read_filter
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, sample
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused, RetrieveRefused, RowRefused
from sfmc_mock.store.database import Row, quoted
from sfmc_mock.wire.json_parts import part_from_json
from sfmc_mock.wire.struct import Struct

_GENERAL = (303000, "Filter Activity General Error")
_DATA_EXTENSION = 2


class FilterActivityHandler(StoredObject):
    """A filter activity; Perform `Start` runs one between data extensions.

    The echo and text of Create: recorded; codes, texts and type numbers: documented; the other messages, that the
    destination is overwritten, and which condition has which code: assumed.
    """

    scope = "automations"
    messages = Messages(
        "FilterActivity Created", "FilterActivity Updated", "FilterActivity Deleted"
    )
    not_specified = _GENERAL
    not_found = (303002, "Filter Activity Not Found")
    example = sample(CustomerKey="keep-active", Name="Keep active")
    fields = (
        *BY_OBJECT_ID,
        Property.object_name(_GENERAL, max_length=200),
        Property("Description", default=""),
        Property("FilterActivityID", sql="t.object_id"),
        *Property.alike("FilterDefinitionID", "DestinationObjectID", "DestinationTypeID"),
        *Property.alike("SourceObjectID", "SourceTypeID"),
    )

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        # The echo's ObjectID is nil (recorded).
        echo = echoed(sent, FilterActivityID=row["object_id"])
        return Outcome(self.messages.create, echo, new_object_id=row["object_id"])

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Replace the rows of the destination with the rows that the filter selects. Raises `Refused`."""
        row = self.find_or_refuse(call, sent)
        definition = call.account.db.find(
            "filter_definition", object_id=str(row["filter_definition_id"]).lower()
        )
        source = self._extension(call, row, "source")
        destination = self._extension(call, row, "destination")
        if definition is None or source is None or destination is None:
            call.warn(
                "a filter activity runs with a FilterDefinition, and between two data extensions, which "
                "SourceObjectID and DestinationObjectID name (types 2)"
            )
            raise Refused(303001, "Filter Activity Instance Not Created")
        try:
            self._copy(call, definition["data_filter"], source, destination)
        except (RetrieveRefused, RowRefused) as failed:
            call.warn(f"the filter activity cannot run: {failed}")
            raise Refused(303003, "Filter Activity Instance Did Not Run") from None
        return Outcome("FilterActivity perform called successfully", sent)

    actions: ClassVar = {"Perform": {"start": start}}

    def _extension(self, call: Call, row: Row, name: str) -> DataExtension | None:
        if row[f"{name}_type_id"] != _DATA_EXTENSION:
            return None
        return data_extensions.find(call.account, object_id=str(row[f"{name}_object_id"]))

    def _copy(
        self, call: Call, data_filter: str, source: DataExtension, destination: DataExtension
    ) -> None:
        read = self.others["DataExtensionObject"].source(call, source.customer_key)
        assert read is not None
        condition = read_filter(call, read, part_from_json(json.loads(data_filter)))
        names = [
            field.name for field in source.fields if field.name.casefold() in destination.by_key
        ]
        columns = ", ".join(map(quoted, names)) or "NULL"
        sql = f"SELECT {columns} FROM {quoted(source.table)} WHERE {condition.sql}"  # noqa: S608 - names are quoted
        rows = call.account.db.rows(sql, condition.values)
        data_extension_rows.clear(call.account, destination)
        for values in rows:
            texts = (None if value is None else str(value) for value in values)
            cells = list(zip(names, texts, strict=True))
            data_extension_rows.insert(call.account, destination, cells)
