"""`sfmc-client status`: check that the service answers and accepts the credentials."""

from __future__ import annotations

import json

import click

from sfmc_client.cli.connection_options import Connect, connection_options


@click.command(short_help="Check the service and the credentials.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@connection_options
def status(as_json: bool, connect: Connect) -> int:
    """Show the status and version of the service; the call also checks the credentials.

    Exit code 1 if the service is out of order.
    """
    with connect() as client:
        status = client.get_system_status()
        version = client.version_info()
        exchange = client.last_exchange
    facts = {
        "endpoint": "" if exchange is None else exchange.url,
        "status": status.status,
        "message": status.message,
        "version": version.version,
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        for name, value in facts.items():
            if value:
                click.echo(f"{name:9} {value}")
    return 0 if status.ok else 1
