"""`sfmc-mock checkpoint` and `restore`: an account as it was."""

from __future__ import annotations

import click

from sfmc_mock.cli.options import on_a_server
from sfmc_mock.cli.output import time_of
from sfmc_mock.cli.running_server import Running

_DEFAULT = "checkpoint"


@click.command(short_help="Remember an account as it is, to go back to.")
@click.argument("name", default=_DEFAULT, metavar="[NAME]")
@on_a_server
def checkpoint(server: Running, name: str) -> None:
    """Remember an account as it is, under NAME (default: checkpoint), until the server stops.

    An earlier one of that name is replaced. `sfmc-mock restore` goes back to it.
    """
    answer = server.post("/checkpoint", {"name": name}, **server.for_account())
    known = ", ".join(answer["checkpoints"])
    text = f"The account is remembered as {name}. There are: {known}."
    if answer["dropped"]:
        text += f" No longer kept: {', '.join(answer['dropped'])}."
    server.show(answer, text)


@click.command(short_help="Make an account what it was at a checkpoint.")
@click.argument("name", default=_DEFAULT, metavar="[NAME]")
@on_a_server
def restore(server: Running, name: str) -> None:
    """Make an account what it was at the checkpoint NAME (default: checkpoint), its clock included.

    Its credentials and tokens stay; its calls are forgotten.
    """
    answer = server.post("/restore", {"name": name}, **server.for_account())
    now = time_of(answer["clock"]["now"])
    server.show(answer, f"The account is as it was at {name}; its clock shows {now}.")
