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


class ExtractDescriptionHandler(DeclaredObject):
    """An extract; Extract takes its ObjectID as the ID. Properties: wsdl; that it can be retrieved: assumed."""

    object_type = "ExtractDescription"
    scope = "automations"
    fields = (
        Property("ObjectID", updatable=False),
        Property("CustomerKey", updatable=False),
        Property("Client.ID", updatable=False),
        Property("Name", updatable=False),
        Property("PackageKey", updatable=False),
        Property("Parameters", "part", updatable=False),
    )
    selects = " UNION ALL ".join(
        f"SELECT {number} AS rowkey, '{kind.id}' AS \"ObjectID\", '{kind.id}' AS \"CustomerKey\", "  # noqa: S608 - constants
        f'(SELECT mid FROM account_id) AS "Client.ID", \'{kind.name}\' AS "Name", \'{kind.id}\' AS "PackageKey", '
        f"'{_parameters(kind)}' AS \"Parameters\""
        for number, kind in enumerate(KINDS, 1)
    )
