"""`sfmc-mock reset`, `checkpoint`, `restore`, `export` and `import`: the whole content of an account."""

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
    server.show(answer, f"Account {answer['mid']} was reset to its seed: {_holdings(answer)}.")


@click.command(short_help="Store the state of an account as a checkpoint.")
@click.argument("name", default=_DEFAULT, metavar="[NAME]")
@on_a_server
def checkpoint(server: Running, name: str) -> None:
    """Store the state of an account under NAME (default: checkpoint), until the server stops.

    A checkpoint of that name is replaced. `sfmc-mock restore` returns to it.
    """
    answer = server.post("/checkpoint", {"name": name}, **server.for_account())
    known = ", ".join(answer["checkpoints"])
    text = f"Stored the account as checkpoint {name}. Checkpoints: {known}."
    if answer["dropped"]:
        text += f" Dropped: {', '.join(answer['dropped'])}."
    server.show(answer, text)


@click.command(short_help="Restore an account to a checkpoint.")
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
        # In a terminal, control characters are escaped; a file gets the text unchanged.
        click.echo(printable_lines(text) if sys.stdout.isatty() else text, nl=False)


@click.command("import", short_help="Replace the content of an account with a seed file.")
@click.argument("file", metavar="FILE", shell_complete=complete_files)
@on_a_server
def import_(server: Running, file: str) -> None:
    """Replace the content of an account with that of a seed file; FILE may be - for stdin.

    The account keeps its MID, credentials and tokens. A later reset returns to this seed.
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
