"""`sfmc-mock wsdl`: print the service's WSDL, for code generators."""

from __future__ import annotations

import sys

import click

from sfmc_mock.cli.local_files import write_file
from sfmc_mock.cli.options import output_option


@click.command(short_help="Print the WSDL of the service.")
@click.option(
    "--endpoint",
    default="http://127.0.0.1:8025/Service.asmx",
    show_default=True,
    help="Address of the service in the WSDL.",
)
@output_option
def wsdl(endpoint: str, output: str | None) -> None:
    """Print the WSDL of the service: its 13 operations and all their types."""
    # Imports spyne, which takes most of the time of this command.
    from sfmc_mock.app import ENDPOINT, FAULT_SCHEMA_PATH
    from sfmc_mock.wire import wsdl as schema

    base = endpoint[: -len(ENDPOINT)] if endpoint.lower().endswith(ENDPOINT.lower()) else endpoint
    document = schema.wsdl(endpoint, base.rstrip("/") + FAULT_SCHEMA_PATH)
    if output is None:
        sys.stdout.buffer.write(document)
        return
    write_file(output, document)
