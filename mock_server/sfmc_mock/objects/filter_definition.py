"""FilterDefinition: rules that select rows of a data extension, or subscribers."""

from __future__ import annotations

import json
from typing import ClassVar

from sfmc_mock.account import data_extensions, profile_attributes
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Key, Property, Reference, sample
from sfmc_mock.declarations.seed_entries import Entry, Loading
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.limits import MAX_DEPTH
from sfmc_mock.store.database import Row
from sfmc_mock.wire.json_parts import part_as_json, part_from_json
from sfmc_mock.wire.struct import Struct

_INVALID = (373009, "The DataFilter that was provided is invalid")
_ONLY_TEXTS = {"like", "contains", "beginsWith", "endsWith", "notContains", "existsInString"}


class FilterDefinitionHandler(StoredObject):
    """A filter. Without a data extension as its DataSource it selects subscribers.

    Codes and texts of refusals: documented; success messages, limits, and the properties that a filter of subscribers
    can name: assumed.
    """

    scope = "list_and_subscribers"
    not_specified = (373006, "Either object ID or customer key is required to perform an update")
    not_found = (373007, "Filter definition was not found using either the ID or the name")
    key_taken = (
        373005,
        "Filter definition customer key already exists. Please specify a unique customer key",
    )
    example = sample(
        CustomerKey="active",
        Name="Active",
        DataFilter={
            "xsi:type": "SimpleFilterPart",
            "Property": "Status",
            "SimpleOperator": "equals",
            "Value": ["Active"],
        },
    )
    reads: ClassVar = {"": ("DataFilter", "DataSource")}
    fields = (
        *BY_OBJECT_ID,
        Property(
            "Name",
            required=True,
            max_length=100,
            missing=(373003, "Filter definition name is required for Create calls"),
            taken=(373004, "Filter definition name already exists. Please specify a unique name"),
        ),
        Property("Description", default=""),
        Property("DataFilter", "data_filter", required=True, seed=Key(kind="text", required=True)),
        Reference(
            "DataSource",
            to="DataExtension",
            not_found=(373002, "The data extension specified as DataSource was not found"),
            missing=(
                373001,
                "Either object ID or customer key is required for the DataSource if the DataSource is a data "
                "extension",
            ),
            refuses_empty=True,
            protects=False,
            by=("ObjectID", "CustomerKey"),
        ),
        Property.folder("filterdefinition"),
    )

    def insert(self, call: Call, sent: Struct) -> Row:
        if sent.text("ObjectID"):
            text = "Filter definition create calls cannot specify the ObjectID property"
            raise Refused(373000, text)
        return super().insert(call, sent)

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is None and sent.part("DataFilter") is None:
            raise Refused(373008, "DataFilter is required for Create calls")

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        source = sent.part("DataSource")
        if source is not None and source.type not in ("DataExtension", "APIObject"):
            # The data source is a list, or another object with subscribers.
            values = {name: sent.values[name] for name in sent if name != "DataSource"}
            sent = Struct(sent.type, values)
        part = sent.part("DataFilter")
        changes = super().changes(call, sent, row)
        if part is not None:
            number = {**(row or {}), **changes}.get("data_source_id")
            _Check(call, number).part(part, 1)
            changes["data_filter"] = json.dumps(part_as_json(part))
        return changes

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        row = self.at(seed.account, number)
        try:
            part = part_from_json(json.loads(row["data_filter"]))
            _Check(Call(seed.account), row["data_source_id"]).part(part, 1)
        except (Refused, ValueError, TypeError, AttributeError, LookupError) as failed:
            raise SetupError(
                f"key 'data_filter': {failed}. Write the filter as an export does."
            ) from None


class _Check:
    """Checks a filter against the properties of its source."""

    def __init__(self, call: Call, data_extension: int | None) -> None:
        extension = data_extensions.find_by_id(call.account, data_extension)
        if extension is not None:
            self._names = {name: field.field_type for name, field in extension.by_key.items()}
            return
        own = ("subscriberkey", "emailaddress", "status", "id", "createddate", "unsubscribeddate")
        known = profile_attributes.by_folded_name(call.account)
        self._names = dict.fromkeys((*own, *known), "Text")

    def part(self, part: Struct, level: int) -> None:
        """Raise `Refused` for a filter part that is not valid."""
        if level > MAX_DEPTH:
            raise Refused(*_INVALID)
        if part.type == "SimpleFilterPart":
            self._simple(part)
        elif part.type == "ComplexFilterPart":
            operands = [part.part("LeftOperand"), part.part("RightOperand")]
            if None in operands or not part.text("LogicalOperator"):
                raise Refused(*_INVALID)
            for operand in (*operands, *part.wrapped("AdditionalOperands", "Operand")):
                assert operand is not None
                self.part(operand, level + 1)
        else:
            raise Refused(
                373012,
                "Invalid filter part. Only filter parts of ComplexFilterPart and SimpleFilterPart are allowed for "
                "filter definitions",
            )

    def _simple(self, part: Struct) -> None:
        name, operator = part.text("Property") or "", part.text("SimpleOperator") or ""
        kind = self._names.get(name.casefold())
        if kind is None:
            raise Refused(373011, f"The property provided could not be found: {name}")
        if operator in _ONLY_TEXTS and kind in ("Number", "Decimal", "Boolean", "Date"):
            text = f"The type for {name} does not allow the operation specified: {operator}"
            raise Refused(373010, text)
        has_values = bool(part.values.get("Value") or part.values.get("DateValue"))
        if not operator or (not has_values and operator not in ("isNull", "isNotNull")):
            raise Refused(*_INVALID)
