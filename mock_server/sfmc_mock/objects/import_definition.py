"""ImportDefinition: files of the FTP folder that are read into a data extension or a list."""

from __future__ import annotations

import json
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.activities import Counts
from sfmc_mock.account.delimited_text import encoding_of
from sfmc_mock.account.ftp_folder import OWN_LOCATION
from sfmc_mock.account.imports import run_import
from sfmc_mock.declarations.activity import Activity
from sfmc_mock.declarations.handler import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, Reference, Refusal, sample
from sfmc_mock.declarations.seed_entries import Loading
from sfmc_mock.declarations.stored_object import Messages
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_INVALID: Refusal = (43060, "ImportDefinition Validation Error")
_NO_DESTINATION: Refusal = (43020, "ImportDefinition Object Not Supported")
_DESTINATIONS = ("DataExtension", "List")
_TARGET = (
    "COALESCE((SELECT {0} FROM data_extension WHERE id = t.data_extension_id), "
    "(SELECT {0} FROM list WHERE id = t.list_id))"
)
# Taken and kept, without effect here: property, and why.
_WITHOUT_EFFECT = {
    "Notification": "no mail is sent; ImportResultsSummary tells how an import went",
    "MaxFileAge": "files of any age are read",
    "MaxFileAgeScheduleOffset": "files of any age are read",
    "MaxImportFrequency": "imports run as often as they are started",
    "Filter": "all rows of the file are read",
}


class ImportDefinitionHandler(Activity):
    """An import. Perform with `Start` runs it; `ImportResultsSummary` tells how it went.

    Properties: wsdl; codes, their texts, update types and mappings: documented; the texts of success: recorded; which
    condition has which code, limits, and that a name must be free: assumed.
    """

    object_type = "ImportDefinition"
    scope = "automations"
    table = "import_definition"
    messages = Messages(
        "ImportDefinition created.", "ImportDefinition updated", "ImportDefinition deleted"
    )
    not_specified = (43000, "ImportDefinition Customer Key Not Specified")
    not_found = (43010, "ImportDefinition Not Found")
    key_taken = (43030, "ImportDefinition Exists")
    performed = "ImportDefinition performed AsyncID:{number}"
    called = "name"
    example = sample(
        CustomerKey="people",
        Name="People",
        DestinationObject={"xsi:type": "DataExtension", "CustomerKey": "target"},
        FieldMappingType="InferFromColumnHeadings",
        FileSpec="people.csv",
        FileType="CSV",
        UpdateType="AddAndUpdate",
    )
    reads: ClassVar = {"": ("DestinationObject",)}
    fields = (
        *BY_OBJECT_ID,
        Property(
            "Name",
            required=True,
            unique=False,
            max_length=200,
            missing=_INVALID,
            too_long=_INVALID,
        ),
        Property("Description", default=""),
        Property("AllowErrors", default=True),
        Property("DestinationObject.ID", "number", sql="t.list_id"),
        Property("DestinationObject.ObjectID", sql=_TARGET.format("object_id")),
        Property("DestinationObject.CustomerKey", sql=_TARGET.format("customer_key")),
        Reference(
            "DestinationObject",
            to="DataExtension",
            by=("ObjectID", "CustomerKey"),
            column="data_extension_id",
            not_found=_INVALID,
            # The import fails when it runs without one.
            protects=False,
            foreign_key=False,
        ),
        Reference(
            "DestinationObject",
            to="List",
            by=("ID", "ObjectID", "CustomerKey"),
            column="list_id",
            not_found=_INVALID,
            protects=False,
            foreign_key=False,
        ),
        Property("FieldMappingType", default="InferFromColumnHeadings", wrong=_INVALID),
        Property("FieldMaps", "part"),
        Property("FileSpec", required=True, missing=_INVALID),
        Property("FileType", default="CSV", wrong=_INVALID),
        Property("Notification", "part"),
        Property("RetrieveFileTransferLocation", "part"),
        Property("SubscriberImportType", wrong=_INVALID),
        Property("UpdateType", default="AddAndUpdate", wrong=_INVALID),
        Property("MaxFileAge"),
        Property("MaxFileAgeScheduleOffset"),
        Property("MaxImportFrequency"),
        Property("Delimiter"),
        Property("HeaderLines"),
        Property("ControlColumn"),
        Property("ControlColumnDefaultAction", wrong=_INVALID),
        Property("ControlColumnActions", "part"),
        Property("EndOfLineRepresentation"),
        Property("NullRepresentation"),
        Property("StandardQuotedStrings", default=True),
        Property("Filter"),
        Property("DateFormattingLocale", "part"),
        Property("DeleteFile", default=False),
        Property("EncodingCodePage"),
    )

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        if "data_extension_id" in changes:
            changes["list_id"] = None
        elif "list_id" in changes:
            changes["data_extension_id"] = None
        return changes

    def _referred(
        self, call: Call, sent: Struct, row: Row | None, reference: Reference
    ) -> dict[str, object]:
        part = sent.part("DestinationObject")
        if part is None or _destination_type(part) != reference.to:
            return {}
        return super()._referred(call, sent, row, reference)

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        part = sent.part("DestinationObject")
        if part is not None and _destination_type(part) not in _DESTINATIONS:
            call.warn(
                f"an import goes into a DataExtension or a List, not into a {part.type}: say so in the xsi:type of "
                "DestinationObject"
            )
            raise Refused(*_NO_DESTINATION)
        self._check_name(call, sent, row)
        columns = {**self.defaults(call.account, sent), **(row or {})}
        reason = _wrong({**columns, **self.changes(call, sent, row)})
        if reason:
            call.warn(f"the import cannot run, and the service says no more than that: {reason}")
            raise Refused(*_INVALID)
        if sent.text("SubscriberImportType") == "SMS":
            call.warn(
                "an import of the emulator takes no mobile numbers: its subscribers have addresses"
            )
        location = sent.part("RetrieveFileTransferLocation")
        key = location.text("CustomerKey") if location is not None else None
        if key and key != OWN_LOCATION:
            call.warn(
                f"the emulator has no file location {key}: the import reads from the account's FTP folder, which is "
                f"called {OWN_LOCATION}"
            )
        for name, why in _WITHOUT_EFFECT.items():
            if sent.values.get(name) not in (None, "", 0):
                call.warn(f"{name} of an ImportDefinition has no effect in the emulator: {why}")

    def _check_name(self, call: Call, sent: Struct, row: Row | None) -> None:
        other = call.account.db.find(self.table, name=sent.text("Name") or "")
        if other is None or (row is not None and other["id"] == row["id"]):
            return
        if sent.text("CustomerKey") == other["customer_key"] and row is None:
            raise Refused(*self.key_taken)
        call.warn(f"another ImportDefinition has the name '{other['name']}'")
        if row is None:
            raise Refused(43040, "ImportDefinition Insert Error")
        raise Refused(43050, "ImportDefinition Update Error")

    def run(self, account: Account, task: Row) -> Counts:
        return run_import(account, task)

    def finish_entries(self, seed: Loading) -> None:
        for entry in seed.of(self.table):
            number = seed.number(self.table, entry["key"] or entry["name"])
            reason = _wrong(self.at(seed.account, number))
            if reason:
                raise SetupError(f"{seed.where(self.table, entry)}: {reason}.")


def _destination_type(part: Struct) -> str:
    """Return what a destination is; without a type, a number is that of a list, and a key that of a data extension."""
    if part.type != "APIObject":
        return part.type
    return "List" if part.values.get("ID") else "DataExtension"


def _wrong(columns: Row) -> str:
    """Return why an import cannot run, empty when it can."""
    if columns.get("data_extension_id") is None and columns.get("list_id") is None:
        return "it has no destination: give a DestinationObject"
    delimiter = columns.get("delimiter")
    if columns["file_type"] == "Other" and not delimiter:
        return "FileType Other needs a Delimiter"
    if delimiter and (len(str(delimiter)) != 1 or str(delimiter) in '\r\n"\0'):
        return "the Delimiter must be one character"
    lines = columns.get("header_lines")
    if lines is not None and not 0 <= int(str(lines)) <= 1_000:
        return "HeaderLines must be 0 or more"
    if columns["update_type"] == "ColumnBased" and not columns.get("control_column"):
        return "UpdateType ColumnBased needs a ControlColumn"
    return _wrong_part(columns) or _wrong_encoding(columns)


def _wrong_part(columns: Row) -> str:
    parts: dict[str, dict[str, list[dict[str, object]]]] = {}
    for name in ("field_maps", "control_column_actions", "date_formatting_locale"):
        try:
            parts[name] = json.loads(str(columns.get(name) or "{}"))
            dict(parts[name])
        except (ValueError, TypeError):
            return f"{name} is no JSON object such as an export writes"
    maps = parts["field_maps"].get("FieldMap") or []
    if columns["field_mapping_type"] == "ManualMap" and not maps:
        return "FieldMappingType ManualMap needs FieldMaps"
    if any(not field_map.get("DestinationName") for field_map in maps):
        return "a FieldMap has no DestinationName"
    return ""


def _wrong_encoding(columns: Row) -> str:
    page = columns.get("encoding_code_page")
    try:
        encoding_of(None if page is None else int(str(page)))
    except LookupError:
        return f"EncodingCodePage {page} is none that is known"
    return ""
