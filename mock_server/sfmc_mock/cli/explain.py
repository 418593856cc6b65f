"""`sfmc-mock explain`: why a message was sent or not, and its events."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

import click

from sfmc_mock.cli.options import WholeNumber, limit_option, on_a_server
from sfmc_mock.cli.output import print_json
from sfmc_mock.cli.running_server import Running, ServerRefused
from sfmc_mock.terminal import printable_lines


@click.command(short_help="Explain why messages were sent or not.")
@click.argument("send", type=WholeNumber(1), required=False)
@click.option(
    "--subscriber", metavar="KEY", help="Only messages to this subscriber: key, address or ID."
)
@click.option(
    "--unique-id", metavar="TEXT", help="Only the message with this value in an attribute."
)
@limit_option(default=20, of="the messages")
@on_a_server
def explain(
    server: Running, send: int | None, subscriber: str | None, unique_id: str | None, limit: int
) -> None:
    """Explain messages: the decision, its reason, its rule, and the events.

    SEND is the number of a send, as `sfmc-mock sends` lists them; without it, a subscriber or a unique id, the newest
    send is explained.
    """
    if send is None and subscriber is None and unique_id is None:
        send = newest_send(server)
    answer = server.get(
        "/explain", **server.for_account(), send=send, subscriber=subscriber, unique_id=unique_id
    )
    if server.as_json:
        print_json(answer)
        return
    texts = answer["text"].split("\n\n")
    for text in texts[:limit]:
        click.echo(folded(text))
        click.echo()
    if len(texts) > limit:
        click.echo(f"… and {len(texts) - limit:,} messages more: --limit shows them.")
    if answer["note"]:
        click.echo(answer["note"])


def show_message(server: Running, message: Mapping[str, Any]) -> None:
    """Print the explanation of the message whose numbers are in an answer of the control API."""
    answer = server.get(
        f"/sends/{message['send_id']}/explain",
        **server.for_account(),
        subscriber=message["subscriber_id"],
    )
    click.echo(folded(answer["text"]))


def newest_send(server: Running) -> int:
    """Return the number of the newest send. Raises `ServerRefused` if there are no sends."""
    sends = server.get("/sends", **server.for_account(), limit=1)["sends"]
    if not sends:
        raise ServerRefused("There are no sends yet.")
    return int(sends[0]["id"])


def folded(text: str) -> str:
    """Return an explanation for printing: in a terminal, long lines are folded and indented."""
    text = printable_lines(text)
    if not sys.stdout.isatty():
        return text
    wrapper = textwrap.TextWrapper(
        max(40, shutil.get_terminal_size().columns),
        subsequent_indent=" " * 12,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(map(wrapper.fill, text.splitlines()))
