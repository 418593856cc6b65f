"""`sfmc-mock settings`: show and change the settings of an account."""

from __future__ import annotations

import click

from sfmc_mock.cli.options import COMPLETIONS, on_a_server
from sfmc_mock.cli.running_server import Running
from sfmc_mock.terminal import printable

_WORDS = {"page_size": "page size"}


@click.command(short_help="Show the settings of an account, or change them.")
@click.option(
    "--engagement",
    metavar="NAME",
    shell_complete=COMPLETIONS["engagement"],
    help="How subscribers behave: quiet, typical, or a profile of the seed file.",
)
@click.option(
    "--lag",
    metavar="NAME",
    shell_complete=COMPLETIONS["lag"],
    help="When events show: instant, realistic, worst.",
)
@on_a_server
def settings(server: Running, engagement: str | None, lag: str | None) -> None:
    """Show the settings of an account, or choose other profiles of engagement and lag.

    Profiles apply to messages that are sent from now on. Mode and page size are set when the server starts.
    """
    changes = {"engagement": engagement, "lag": lag}
    given = {name: value for name, value in changes.items() if value is not None}
    if given:
        answer = server.post("/settings", given, **server.for_account())
    else:
        answer = server.get("/settings", **server.for_account())
    shown = {**answer, "mode": "strict" if answer["strict"] else "default"}
    del shown["strict"]
    lines = [f"{_WORDS.get(name, name):12} {printable(str(shown[name]))}" for name in shown]
    server.show(answer, lambda: click.echo("\n".join(lines)))
