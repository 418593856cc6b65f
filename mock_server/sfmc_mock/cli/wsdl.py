"""`sfmc-mock wsdl`: the service's WSDL, for code generators."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sfmc_mock.app import ENDPOINT, FAULT_SCHEMA_PATH


@click.command()
@click.option(
    "--endpoint",
    default=f"http://127.0.0.1:8025{ENDPOINT}",
    show_default=True,
    help="Address of the service that the WSDL names.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, instead of stdout.",
)
def wsdl(endpoint: str, output: Path | None) -> None:
    """Print the WSDL of the service: 13 operations and all their types."""
    from sfmc_mock.wire import wsdl as schema

    base = endpoint[: -len(ENDPOINT)] if endpoint.lower().endswith(ENDPOINT.lower()) else endpoint
    document = schema.wsdl(endpoint, base.rstrip("/") + FAULT_SCHEMA_PATH)
    if output is None:
        sys.stdout.buffer.write(document)
        return
    try:
        output.write_bytes(document)
    except OSError as problem:
        raise click.ClickException(f"{output} cannot be written: {problem.strerror}.") from None
