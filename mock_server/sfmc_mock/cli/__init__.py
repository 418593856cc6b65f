"""The command line: a thin client of the server and its control API."""

from __future__ import annotations

import sys

import click

from sfmc_mock.cli.demo import demo
from sfmc_mock.cli.serve import serve
from sfmc_mock.cli.wsdl import wsdl
from sfmc_mock.errors import SfmcMockError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sfmc-mock")
def cli() -> None:
    """An emulator of the Marketing Cloud SOAP API, offline and stateful.

    Begin with `sfmc-mock demo`, then run `sfmc-mock serve` and point your code at it.
    """


cli.add_command(demo)
cli.add_command(serve)
cli.add_command(wsdl)


def main() -> None:
    """Run the command line; what was asked wrongly is one sentence on stderr and exit code 2."""
    try:
        cli(standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except SfmcMockError as problem:
        click.echo(f"sfmc-mock: {problem}", err=True)
        sys.exit(2)
