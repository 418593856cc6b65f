"""`sfmc-mock sends`: what was sent, and what became of it."""

from __future__ import annotations

from typing import Any

import click

from sfmc_mock.cli.options import on_a_server
from sfmc_mock.cli.output import print_json, print_table, safe, time_of
from sfmc_mock.cli.running import Running

_COLOURS = {"sent": "green", "queued": "yellow", "not_sent": "red", "refused": "red"}


@click.command()
@click.option("--definition", metavar="KEY", help="Only sends of this definition.")
@click.option("--subscriber", metavar="KEY", help="Only sends to this subscriber: key or address.")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="The newest of them."
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
            ("!Send", "!Time", "Definition", "To", "!Became", "!JobID"),
            [_row(each) for each in found["sends"]],
            numbers="Send",
        )


def _row(send: dict[str, Any]) -> tuple[str, ...]:
    more = send["messages"] - 1
    to = safe(send["to"] or "nobody") + (f" and {more:,} more" if more > 0 else "")
    jobs = ", ".join(str(each) for each in send["job_ids"])
    return (str(send["id"]), time_of(send["at"]), safe(send["definition"]), to, _became(send), jobs)


def _became(send: dict[str, Any]) -> str:
    counts = {name: send[name] for name in _COLOURS if send[name]}
    shown = []
    for name, count in counts.items():
        said = name.replace("_", " ")
        number = f"{count:,} " if send["messages"] > 1 else ""
        shown.append(f"[{_COLOURS[name]}]{number}{said}[/]")
    return ", ".join(shown)
