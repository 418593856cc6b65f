"""`sfmc-mock queue`: asynchronous requests, and their results."""

from __future__ import annotations

from typing import Any

import click

from sfmc_mock.cli.options import limit_option, on_a_server
from sfmc_mock.cli.output import Cell, print_json, print_table, time_of
from sfmc_mock.cli.running_server import Running

_COLOURS = {"Queued": "yellow", "Complete": "green", "Error": "red"}


@click.command(short_help="List the asynchronous requests of an account.")
@limit_option()
@on_a_server
def queue(server: Running, limit: int) -> None:
    """List the asynchronous requests of an account, with their times and results.

    A request is processed when the account's clock reaches its time; `sfmc-mock clock advance` moves the clock.
    """
    answer = server.get("/queue", **server.for_account(), limit=limit)
    if server.as_json:
        print_json(answer)
    elif not answer["requests"]:
        click.echo("No asynchronous requests; calls with RequestType Asynchronous make some.")
    else:
        print_table(
            ("Due", "Request", "About", "Status", "Result"),
            [_row(request) for request in answer["requests"]],
            folded=("About", "Result"),
        )


def _row(request: dict[str, Any]) -> tuple[Cell, ...]:
    conversation = request["conversation_id"]
    part = f" {request['sequence_code']}" if request["sequence_code"] else ""
    about = f"{request['operation']} {request['summary']}"
    about += f" ({conversation}{part})" if conversation else ""
    code = f"{request['error_code']} " if request["error_code"] else ""
    said = [f"{code}{request['status_message'] or ''}".strip(), *request["warnings"]]
    return (
        time_of(request["completed_at"] or request["due_at"]),
        request["request_id"],
        about,
        (request["status"], _COLOURS.get(request["status"], "")),
        "; ".join(text for text in said if text),
    )
