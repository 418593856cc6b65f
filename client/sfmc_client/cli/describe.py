"""`sfmc-client describe`: the properties of an API object."""

from __future__ import annotations

import click

from sfmc_client.cli.connection_options import Connect, connection_options
from sfmc_client.cli.name_suggestions import suggesting
from sfmc_client.cli.output import Format, Row, format_options
from sfmc_client.descriptions import PropertyDefinition

_COLUMNS = ("Name", "DataType", "Retrievable", "Updatable", "Required", "MaxLength")

# A terminal of 80 columns has no room for longer column titles.
_NARROW = {
    "Name": "Name",
    "DataType": "DataType",
    "Retrieve": "Retrievable",
    "Update": "Updatable",
    "Required": "Required",
}


@click.command(short_help="Show the properties of a type.")
@click.argument("object_type", metavar="TYPE")
@format_options
@connection_options
def describe(object_type: str, connect: Connect, format: Format) -> None:
    """Show the properties of TYPE, such as Subscriber or TriggeredSendDefinition.

    Type names are case-sensitive, as in the WSDL.
    """
    with connect() as client, suggesting(object_type, (), tuple):
        description = client.describe(object_type)
    rows = [_row(prop) for prop in (*description.properties, *description.extended_properties)]
    if format.is_for_people:
        format.write(tuple(_NARROW), [_narrow(row) for row in rows], title=description.object_type)
    else:
        format.write(_COLUMNS, rows, title=description.object_type)


def _row(definition: PropertyDefinition) -> dict[str, str | None]:
    return {
        "Name": definition.name,
        "DataType": definition.data_type,
        "Retrievable": _shown(definition.is_retrievable),
        "Updatable": _shown(definition.is_updatable),
        "Required": _shown(definition.is_required),
        "MaxLength": None if definition.max_length is None else str(definition.max_length),
    }


def _narrow(row: Row) -> dict[str, str | None]:
    narrow = {head: row[name] for head, name in _NARROW.items()}
    if row["MaxLength"] is not None:
        narrow["DataType"] = f"{row['DataType']}({row['MaxLength']})"
    return narrow


def _shown(flag: bool | None) -> str | None:
    return None if flag is None else "yes" if flag else "no"
