"""ExtractDescription: the extracts that an account can make, and their parameters."""

from __future__ import annotations

import json

from sfmc_mock.account.extract_kinds import KINDS, ExtractKind
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property


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


def _rows() -> str:
    """Return the extracts as what a view reads."""
    rows = ", ".join(
        f"({number}, '{kind.id}', '{kind.name}', '{_parameters(kind)}')"
        for number, kind in enumerate(KINDS, 1)
    )
    columns = "id, object_id, name, parameters"
    return f"(WITH known ({columns}) AS (VALUES {rows}) SELECT * FROM known) t"  # noqa: S608 - constants


class ExtractDescriptionHandler(DeclaredObject):
    """An extract; Extract takes its ObjectID as the ID. Properties: wsdl; that it can be retrieved: assumed."""

    object_type = "ExtractDescription"
    scope = "automations"
    reads_from = _rows()
    fields = (
        Property("ObjectID"),
        Property("CustomerKey", sql="t.object_id"),
        Property("Client.ID"),
        Property("Name"),
        Property("PackageKey", sql="t.object_id"),
        Property("Parameters", "part"),
    )
