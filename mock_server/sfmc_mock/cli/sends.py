"""`sfmc-mock sends`: what was sent, and what became of it."""

from __future__ import annotations

from typing import Any

import click

from sfmc_mock.cli.options import WholeNumber, on_a_server
from sfmc_mock.cli.output import Cell, print_json, print_table, time_of
from sfmc_mock.cli.running_server import Running

_COLOURS = {"sent": "green", "queued": "yellow", "not_sent": "red", "refused": "red"}


@click.command()
@click.option("--definition", metavar="KEY", help="Only sends of this definition.")
@click.option("--subscriber", metavar="KEY", help="Only sends to this subscriber: key or address.")
@click.option(
    "--limit",
    type=WholeNumber(1),
    metavar="N",
    default=50,
    show_default=True,
    help="The newest of them.",
)
@on_a_server
def sends(server: Running, definition: str | None, subscriber: str | None, limit: int) -> None:
    """List the sends of an account, the newest first."""
    found = server.get(
        "/sends",
        **server.for_account(),
        definition=definition,
        subscriber=subscriber,
        limit=limit,
    )
    if server.as_json:
        print_json(found)
    elif not found["sends"]:
        click.echo("No sends.")
    else:
        print_table(
            ("Send", "Time", "Definition", "To", "Became", "JobID"),
            [_row(each) for each in found["sends"]],
            folded=("Definition", "To", "Became"),
            numbers=("Send",),
        )


def _row(send: dict[str, Any]) -> tuple[Cell, ...]:
    more = send["messages"] - 1
    to = str(send["to"] or "nobody") + (f" and {more:,} more" if more > 0 else "")
    jobs = ", ".join(str(each) for each in send["job_ids"])
    return (str(send["id"]), time_of(send["at"]), str(send["definition"]), to, _became(send), jobs)


def _became(send: dict[str, Any]) -> Cell:
    """Return what became of a send's messages, in the colour of the worst of it."""
    counts = {name: send[name] for name in _COLOURS if send[name]}
    words = [name.replace("_", " ") for name in counts]
    if send["messages"] > 1:
        words = [f"{count:,} {word}" for count, word in zip(counts.values(), words, strict=True)]
    return ", ".join(words), _COLOURS[list(counts)[-1]] if counts else ""
