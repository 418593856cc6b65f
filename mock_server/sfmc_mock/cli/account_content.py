"""`sfmc-mock reset`, `checkpoint`, `restore`, `export` and `import`: what an account holds, as a whole."""

from __future__ import annotations

import sys
from typing import Any

import click

from sfmc_mock.cli.local_files import content_of, write_file
from sfmc_mock.cli.options import complete_files, on_a_server, output_option
from sfmc_mock.cli.output import print_json, time_of
from sfmc_mock.cli.running_server import Running
from sfmc_mock.terminal import printable_lines

_DEFAULT = "checkpoint"


@click.command()
@on_a_server
def reset(server: Running) -> None:
    """Reset an account to the state of its seed.

    Its MID, credentials and tokens stay; its sends, events, clock and journal do not.
    """
    answer = server.post("/reset", **server.for_account())
    server.show(answer, f"Account {answer['mid']} is as its seed made it: {_holdings(answer)}.")


@click.command(short_help="Store the state of an account, to return to it.")
@click.argument("name", default=_DEFAULT, metavar="[NAME]")
@on_a_server
def checkpoint(server: Running, name: str) -> None:
    """Store the state of an account under NAME (default: checkpoint), until the server stops.

    An earlier one of that name is replaced. `sfmc-mock restore` goes back to it.
    """
    answer = server.post("/checkpoint", {"name": name}, **server.for_account())
    known = ", ".join(answer["checkpoints"])
    text = f"The account is remembered as {name}. There are: {known}."
    if answer["dropped"]:
        text += f" No longer kept: {', '.join(answer['dropped'])}."
    server.show(answer, text)


@click.command(short_help="Return an account to its state at a checkpoint.")
@click.argument("name", default=_DEFAULT, metavar="[NAME]")
@on_a_server
def restore(server: Running, name: str) -> None:
    """Return an account to its state at the checkpoint NAME (default: checkpoint), its clock included.

    Its credentials and tokens stay; its calls are removed from the journal.
    """
    answer = server.post("/restore", {"name": name}, **server.for_account())
    now = time_of(answer["clock"]["now"])
    server.show(answer, f"The account is as it was at {name}; its clock shows {now}.")


@click.command(short_help="Print an account as a seed file.")
@output_option
@on_a_server
def export(server: Running, output: str | None) -> None:
    """Print an account as a seed file (TOML), its credentials included.

    It has all objects of the account, but no sends, events and tokens. With --json, the same text is the field `seed`.
    """
    text = server.get("/export", **server.for_account())
    if output is not None:
        write_file(output, text.encode())
    elif server.as_json:
        print_json({"seed": text})
    else:
        # A file gets what the account holds, a terminal nothing that it would obey.
        click.echo(printable_lines(text) if sys.stdout.isatty() else text, nl=False)


@click.command("import", short_help="Replace the content of an account by a seed file.")
@click.argument("file", metavar="FILE", shell_complete=complete_files)
@on_a_server
def import_(server: Running, file: str) -> None:
    """Replace the content of an account by that of a seed file; FILE may be - for stdin.

    The account keeps its MID, credentials and tokens. From now on, a reset returns to this seed.
    """
    document = content_of(file, "The seed file ")
    answer = server.post("/import", document, **server.for_account())
    server.show(answer, f"Account {answer['mid']} is as {file} says: {_holdings(answer)}.")


def _holdings(account: dict[str, Any]) -> str:
    holds = account["holds"]
    named = {
        "subscriber": "subscribers",
        "triggered_send_definition": "definitions",
        "data_extension": "data extensions",
    }
    return ", ".join(f"{holds[table]:,} {word}" for table, word in named.items())
