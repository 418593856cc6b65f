"""`sfmc-mock clock`: show and change the time of an account."""

from __future__ import annotations

import click

from sfmc_mock.cli.options import on_a_server
from sfmc_mock.cli.output import time_of
from sfmc_mock.cli.running_server import Running

_WITH_VALUE = {
    "advance": "a duration: clock advance 2h30m",
    "set": "a time: clock set 2026-01-31T13:45",
}


@click.command()
@click.argument("change", type=click.Choice(["advance", "set", "freeze", "run"]), required=False)
@click.argument("value", nargs=-1)
@on_a_server
def clock(server: Running, change: str | None, value: tuple[str, ...]) -> None:
    """Show the clock of an account, or change it.

    \b
    clock                        show the time
    clock advance 2h30m          forward by a duration: 90s, 30m, 3d, 1w
    clock set 2026-01-31T13:45   forward to a time (server time, UTC-6)
    clock freeze                 stop the clock
    clock run                    start the clock

    Scheduled actions up to the new time are performed. Only `reset`, `restore` and `import` can
    turn a clock back.
    """
    account = server.for_account()
    if change is None:
        answer = server.get("/clock", **account)
    else:
        answer = server.post("/clock", {change: _value(change, value)}, **account)
    state = "running" if answer["running"] else "frozen"
    now = f"{time_of(answer['now'])} (server time, UTC-6)"
    server.show(answer, f"{now}, {answer['utc']}, {state}")


def _value(change: str, value: tuple[str, ...]) -> str | bool:
    if change in _WITH_VALUE:
        if not value:
            raise click.UsageError(f"Give {_WITH_VALUE[change]}")
        return " ".join(value)
    if value:
        raise click.UsageError(f"`clock {change}` takes no value: leave out {' '.join(value)}.")
    return True
