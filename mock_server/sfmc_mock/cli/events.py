"""`sfmc-mock events` and `event add`: list tracking events, and add them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click

from sfmc_mock.cli.explain import newest_send, show_message
from sfmc_mock.cli.groups import SuggestingGroup
from sfmc_mock.cli.options import (
    WholeNumber,
    complete_from,
    limit_option,
    named_values,
    on_a_server,
)
from sfmc_mock.cli.output import Cell, print_json, print_table, time_of
from sfmc_mock.cli.running_server import Running
from sfmc_mock.cli.streams import say

_WIDE = 110

_COLOURS = {"NotSent": "red", "Unsubscribe": "red"}


def _object_types() -> Iterable[str]:
    from sfmc_mock.simulator.messages import OBJECT_TYPES

    return dict.fromkeys(OBJECT_TYPES.values())


def _kinds() -> Iterable[str]:
    from sfmc_mock.simulator.manual_events import KINDS

    return KINDS


@click.command(short_help="List the tracking events of an account.")
@click.option("--subscriber", metavar="KEY", help="Only events of this subscriber (key).")
@click.option("--send", type=WholeNumber(1), metavar="N", help="Only events of this send.")
@click.option(
    "--type",
    "event_type",
    metavar="TYPE",
    shell_complete=complete_from(_object_types),
    help="Only events of this EventType or API object, such as Open or BounceEvent.",
)
@limit_option(10_000)
@on_a_server
def events(
    server: Running, subscriber: str | None, send: int | None, event_type: str | None, limit: int
) -> None:
    """List the tracking events that a Retrieve returns now, newest last.

    `sfmc-mock explain` also shows events that are not visible yet.
    """
    answer = server.get(
        "/events",
        **server.for_account(),
        subscriber=subscriber,
        type=event_type,
        send=send,
        newest="true",
        limit=limit,
    )
    if server.as_json:
        print_json(answer)
        return
    if not answer["events"]:
        click.echo("No visible events; `sfmc-mock explain` shows those to come.")
        return
    # In a narrow terminal, SubscriberKey, JobID and the like are left out in favour of the event.
    is_wide = not sys.stdout.isatty() or shutil.get_terminal_size().columns >= _WIDE
    columns = ("Time", "Event", "Subscriber", "Details", "JobID", "BatchID")
    print_table(
        columns if is_wide else columns[:-2],
        [_row(event) if is_wide else _row(event)[:-2] for event in answer["events"]],
        folded=("Subscriber", "Details"),
        numbers=("JobID", "BatchID"),
    )
    if answer["note"]:
        say(f"These are the newest {limit:,}. There are more: use --limit, --type or --subscriber.")


def _row(event: Mapping[str, Any]) -> tuple[Cell, ...]:
    kind = str(event["type"])
    colour = "red" if kind.endswith("Bounce") else _COLOURS.get(kind, "green")
    return (
        time_of(event["at"]),
        (kind, colour),
        str(event["subscriber_key"]),
        _details(event),
        str(event["job_id"]),
        str(event["batch_id"]),
    )


def _details(event: Mapping[str, Any]) -> str:
    details = dict(event.get("details", {}))
    names = ("bounce_category", "smtp_reason", "question", "answer", "opt_in_subscriber_key")
    texts = [event.get("url"), *map(details.get, names), details.get("reason")]
    return ": ".join(str(text) for text in texts if text)


@click.group(cls=SuggestingGroup, short_help="Add a tracking event.")
def event() -> None:
    """Add tracking events."""


@event.command("add", short_help="Add an event to a message of a send.")
@click.argument("kind", metavar="KIND", shell_complete=complete_from(_kinds))
@click.argument("send", type=WholeNumber(1), required=False, metavar="[SEND]")
@click.option(
    "--subscriber", metavar="KEY", help="Recipient (key); required if the send went to several."
)
@click.option("--after", metavar="DURATION", help="Time from now: 90s, 2h30m, 3d.")
@click.option("--at", metavar="TIME", help="Time: 2026-01-31T13:45 (server time, UTC-6).")
@click.option(
    "--detail",
    "details",
    metavar="NAME=VALUE",
    multiple=True,
    help="Detail of the event: url=… of a click, smtp_reason=… of a bounce. Can be repeated.",
)
@on_a_server
def add(
    server: Running,
    kind: str,
    send: int | None,
    subscriber: str | None,
    after: str | None,
    at: str | None,
    details: tuple[str, ...],
) -> None:
    """Add an event of KIND to a message of SEND, by default of the newest send.

    KIND is delivered, open, click, unsub, masterunsub, complaint, forward, optin, survey, hardbounce, softbounce,
    blockbounce, technicalbounce or unknownbounce. It happens now, --after a duration, or --at a time.
    """
    if after is not None and at is not None:
        raise click.UsageError("Give --after or --at, not both.")
    fields = {
        "kind": kind,
        "send": send if send is not None else newest_send(server),
        "subscriber": subscriber,
        "after": after,
        "at": at,
        "details": named_values("--detail", details) or None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    answer = server.post("/events", given, **server.for_account())
    server.show(answer, lambda: show_message(server, answer))
