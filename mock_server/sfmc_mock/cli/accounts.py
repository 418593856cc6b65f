"""`sfmc-mock accounts`: list the accounts of a server, create one, or remove one."""

from __future__ import annotations

from typing import Any

import click

from sfmc_mock.cli.options import WholeNumber, on_a_server
from sfmc_mock.cli.output import print_json, print_table, time_of
from sfmc_mock.cli.running_server import Running
from sfmc_mock.terminal import printable


@click.command(short_help="List, create and remove accounts.")
@click.option(
    "--new", is_flag=True, help="Create an empty account in memory, and print its credentials."
)
@click.option(
    "--remove",
    type=WholeNumber(1),
    metavar="MID",
    help="Remove an account from the server; its file is kept.",
)
@on_a_server
def accounts(server: Running, new: bool, remove: int | None) -> None:
    """List the accounts of a server (with --mid, only that one), create one, or remove one."""
    if new and remove is not None:
        raise click.UsageError("Give --new or --remove, not both.")
    if server.mid is not None and (new or remove is not None):
        raise click.UsageError("--mid chooses the account to list: leave it out here.")
    if new:
        _show_new(server)
    elif remove is not None:
        answer = server.delete(f"/accounts/{remove}")
        server.show(answer, f"Account {remove} was removed from the server.")
    else:
        _show_all(server)


def _show_new(server: Running) -> None:
    made = server.post("/accounts")
    lines = [printable(f"{name:14} {value}") for name, value in made.items()]
    server.show(made, lambda: click.echo("\n".join(lines)))


def _show_all(server: Running) -> None:
    answer = server.get("/accounts")
    if server.mid is not None:
        # If there is no such account, the refusal lists the MIDs that exist.
        server.get("/clock", **server.for_account())
        answer = {
            "accounts": [account for account in answer["accounts"] if account["mid"] == server.mid]
        }
    if server.as_json:
        print_json(answer)
    elif not answer["accounts"]:
        click.echo("No accounts. Create one with --new.")
    else:
        print_table(
            ("MID", "Clock", "Subscribers", "Sends", "Events", "Kept in"),
            [_row(account) for account in answer["accounts"]],
            folded=("Kept in",),
            numbers=("MID", "Subscribers", "Sends", "Events"),
        )


def _row(account: dict[str, Any]) -> tuple[str, ...]:
    clock, holds = account["clock"], account["holds"]
    state = "running" if clock["running"] else "frozen"
    counts = (holds["subscriber"], holds["send"], holds["event"])
    return (
        str(account["mid"]),
        f"{time_of(clock['now'])} {state}",
        *(f"{count:,}" for count in counts),
        "memory" if account["kept_in"] == ":memory:" else str(account["kept_in"]),
    )
