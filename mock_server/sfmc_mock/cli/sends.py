"""`sfmc-mock sends` and `send`: list sends with their outcomes, and send."""

from __future__ import annotations

from typing import Any

import click

from sfmc_mock.cli.explain import show_message
from sfmc_mock.cli.options import limit_option, named_values, on_a_server
from sfmc_mock.cli.output import Cell, print_json, print_table, time_of
from sfmc_mock.cli.running_server import Running

_OUTCOMES = {"sent": "green", "queued": "yellow", "not_sent": "red", "refused": "red"}
_EVENTS = {
    "DeliveredEvent": "delivered",
    "Open": "opened",
    "Click": "clicked",
    "HardBounce": "bounced",
    "SoftBounce": "bounced",
    "OtherBounce": "bounced",
    "Unsubscribe": "unsubscribed",
    "ForwardedEmail": "forwarded",
    "ForwardedEmailOptIn": "led to an opt-in",
    "Survey": "answered a survey",
}
_BAD = frozenset({"bounced", "unsubscribed"})


@click.command()
@click.option("--definition", metavar="KEY", help="Only sends of this definition.")
@click.option("--subscriber", metavar="KEY", help="Only sends to this subscriber (key or address).")
@limit_option()
@on_a_server
def sends(server: Running, definition: str | None, subscriber: str | None, limit: int) -> None:
    """List the newest sends of an account with their outcomes.

    Only visible events are counted; `sfmc-mock explain` also shows those to come.
    """
    answer = server.get(
        "/sends", **server.for_account(), definition=definition, subscriber=subscriber, limit=limit
    )
    if server.as_json:
        print_json(answer)
    elif not answer["sends"]:
        asked_for = definition is not None or subscriber is not None
        click.echo(
            "No such sends." if asked_for else "No sends yet. Make one with `sfmc-mock send`."
        )
    else:
        print_table(
            ("Send", "Time", "Definition", "To", "Became", "JobID"),
            [_row(send) for send in answer["sends"]],
            folded=("Definition", "To", "Became"),
            numbers=("Send",),
        )


@click.command(short_help="Trigger a definition for one subscriber.")
@click.argument("definition", metavar="DEFINITION")
@click.argument("address", metavar="ADDRESS")
@click.option("--key", metavar="KEY", help="SubscriberKey. Default: the address.")
@click.option(
    "--attribute",
    "attributes",
    metavar="NAME=VALUE",
    multiple=True,
    help="An attribute of the message. Can be repeated.",
)
@on_a_server
def send(
    server: Running, definition: str, address: str, key: str | None, attributes: tuple[str, ...]
) -> None:
    """Trigger DEFINITION (key or name) for one subscriber, and explain the message.

    The effects are those of a SOAP call: subscriber, send-log row and events.
    """
    answer = server.post(
        "/sends",
        {
            "definition": definition,
            "to": address if key is None else {"key": key, "email": address},
            "attributes": named_values("--attribute", attributes),
        },
        **server.for_account(),
    )
    server.show(answer, lambda: show_message(server, answer))


def _row(send: dict[str, Any]) -> tuple[Cell, ...]:
    more = send["messages"] - 1
    to = str(send["to"] or "nobody") + (f" and {more:,} more" if more > 0 else "")
    jobs = ", ".join(str(number) for number in send["job_ids"])
    return (str(send["id"]), time_of(send["at"]), str(send["definition"]), to, _became(send), jobs)


def _became(send: dict[str, Any]) -> Cell:
    """Return the outcomes of a send, in the colour of the worst."""
    counts = {name.replace("_", " "): send[name] for name in _OUTCOMES if send[name]}
    for event_type, word in _EVENTS.items():
        if send["events"].get(event_type):
            counts[word] = counts.get(word, 0) + send["events"][event_type]
    words = list(counts)
    if send["messages"] > 1:
        words = [f"{count:,} {word}" for word, count in counts.items()]
    if send["events_to_come"]:
        words.append("more to come")
    colours = [_OUTCOMES[name] for name in _OUTCOMES if send[name]]
    colour = "red" if _BAD & counts.keys() else colours[-1] if colours else ""
    return ", ".join(words), colour
