"""`sfmc-client describe`: the properties of an API object."""

from __future__ import annotations

import click

from sfmc_client.cli.connecting import Connect, connection_options
from sfmc_client.cli.output import Format, format_options
from sfmc_client.descriptions import PropertyDefinition

_COLUMNS = ("Name", "DataType", "Retrievable", "Updatable", "Required", "MaxLength")


@click.command()
@click.argument("object_type", metavar="TYPE")
@format_options
@connection_options
def describe(object_type: str, connect: Connect, format: Format) -> None:
    """Show the properties of TYPE, such as Subscriber or TriggeredSendDefinition.

    Types are spelled as in the WSDL, upper and lower case.
    """
    with connect() as client:
        found = client.describe(object_type)
    rows = [_row(each) for each in (*found.properties, *found.extended_properties)]
    format.write(_COLUMNS, rows, title=found.object_type)


def _row(definition: PropertyDefinition) -> dict[str, str | None]:
    return {
        "Name": definition.name,
        "DataType": definition.data_type,
        "Retrievable": _shown(definition.is_retrievable),
        "Updatable": _shown(definition.is_updatable),
        "Required": _shown(definition.is_required),
        "MaxLength": None if definition.max_length is None else str(definition.max_length),
    }


def _shown(flag: bool | None) -> str | None:
    return None if flag is None else "yes" if flag else "no"
