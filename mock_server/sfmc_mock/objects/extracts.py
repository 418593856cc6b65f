"""ExtractDefinition, ExtractDescription and DataExtractActivity: exports of an account's data to files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts, definition_of
from sfmc_mock.account.extracts import KINDS, ExtractKind, kind_named, write_extract
from sfmc_mock.declarations.activity import Activity
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.declared_object import DeclaredObject, rows_of
from sfmc_mock.declarations.properties import BY_OBJECT_ID, REQUIRED, Property, sample
from sfmc_mock.declarations.seed_entries import Entry, Refer
from sfmc_mock.declarations.seed_keys import Key
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


def _parameters(kind: ExtractKind) -> str:
    parameters = [
        {
            "type": "ExtractParameterDescription",
            "Name": parameter.name,
            "DataType": parameter.kind,
            "DefaultValue": parameter.default,
            "IsOptional": not parameter.required,
            "DropDownList": "|".join(parameter.choices),
        }
        for parameter in kind.parameters
    ]
    return json.dumps({"type": "ExtractDescription.Parameters", "Parameter": parameters})


class ExtractDescriptionHandler(DeclaredObject):
    """An extract; its ObjectID is the ID that Extract takes. Properties: wsdl; that it can be retrieved: assumed."""

    scope = "automations"
    reads_from = rows_of(
        "object_id, name, parameters",
        (f"'{kind.id}', '{kind.name}', '{_parameters(kind)}'" for kind in KINDS),
    )
    fields = (
        Property("ObjectID"),
        Property("CustomerKey", sql="t.object_id"),
        *Property.alike("Client.ID", "Name"),
        Property("PackageKey", sql="t.object_id"),
        Property("Parameters", "part"),
    )


_UNKNOWN = (31001, "Extract Unknown ID")


class ExtractDefinitionHandler(Activity):
    """Stored parameter values for an extract; its PackageKey is the extract's ID.

    Extract takes such a definition; Perform `Start` writes the file. Properties: wsdl; codes and texts: documented for
    ExtractRequest; that PackageKey holds the ID, and the success messages: assumed.
    """

    scope = "automations"
    not_specified = (31000, "Extract Invalid ID")
    not_found = _UNKNOWN
    example = sample(
        CustomerKey="all-people",
        Name="All people",
        PackageKey="bb94a04d-9632-4623-be47-daabc3f588a6",
    )
    reads: ClassVar = {"": ("Values",)}
    further_keys = (Key("parameters", form="table"),)
    fields = (
        *BY_OBJECT_ID,
        Property("Name", unique=False, required=True, missing=_UNKNOWN),
        Property("ConfigurationPage"),
        Property("PackageKey", required=True, missing=_UNKNOWN, seed=Key("extract", required=True)),
        Property("Values", "part", column="parameter_values", seed=None),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        key = sent.text("PackageKey")
        if key and kind_named(key) is None:
            call.warn(f"there is no extract {key}: a Retrieve of ExtractDescription has them")
            raise Refused(*_UNKNOWN)

    def run(self, account: Account, task: Row) -> Counts:
        definition = definition_of(account, self.table, task)
        kind = kind_named(definition["package_key"])
        if kind is None:
            raise ActivityFailed(f"There is no extract {definition['package_key']}.")
        return write_extract(account, kind, values_of(definition))

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        values = [
            {"type": "APIProperty", "Name": name, "Value": value}
            for name, value in entry["parameters"].items()
        ]
        kept = json.dumps({"type": "ExtractDefinition.Values", "Value": values}) if values else None
        return super().from_entry(account, entry, {**columns, "parameter_values": kept})

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        return {**entry, "parameters": values_of(row)}


def values_of(row: Row) -> dict[str, str]:
    """Return the parameter values of a definition, by parameter name."""
    kept = json.loads(row["parameter_values"] or "{}")
    return {
        str(value.get("Name") or ""): str(value.get("Value") or "")
        for value in kept.get("Value", ())
    }


class DataExtractActivityHandler(Activity):
    """An activity whose extract and parameters come from a seed file: its class has no properties for them (wsdl).

    Messages and codes: assumed.
    """

    scope = "automations"
    example = sample(CustomerKey="write-people", Name="Write people")
    fields = (
        *BY_OBJECT_ID,
        Property("Name", unique=False, required=True, missing=REQUIRED),
        Property("Description", default=""),
        Property("Keyword"),
        Property.internal("extract", seed=Key(choices=tuple(kind.name for kind in KINDS))),
        Property.internal("parameters", default="{}", seed=Key(form="table")),
    )

    def run(self, account: Account, task: Row) -> Counts:
        definition = definition_of(account, self.table, task)
        kind = kind_named(definition["extract"] or "")
        if kind is None:
            raise ActivityFailed("The activity has no extract: one that a seed file makes has it.")
        return write_extract(account, kind, json.loads(definition["parameters"]))
