"""`sfmc-client flow`: the tracking flow, from a send to its events."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import click

from sfmc_client.cli.connection_options import Connect, connection_options
from sfmc_client.cli.output import console, progress
from sfmc_client.errors import NotInTime, RetrieveFailed
from sfmc_client.events import TRACKING_EVENTS, TrackingEvent
from sfmc_client.text_safety import printable
from sfmc_client.tracking import ATTRIBUTE, SEND_LOG, Recipe, Sent, TrackingFlow
from sfmc_client.waiting import Polling


@click.command(short_help="Send one email, and wait for its events.")
@click.argument("definition", metavar="DEFINITION")
@click.option("--to", metavar="ADDRESS", help="Send to this address. Real mail, on a real tenant.")
@click.option(
    "--resume",
    metavar="UNIQUE_ID",
    help="Do not send: continue with the message that has this unique id.",
)
@click.option("--subscriber-key", metavar="KEY", help="SubscriberKey. Default: the address.")
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="NAME=VALUE",
    help="Attribute of the subscriber. Can be repeated.",
)
@click.option(
    "--email-id", type=int, metavar="ID", help="Email of the definition, if that is missing."
)
@click.option(
    "--classification",
    default=Recipe().classification,
    show_default=True,
    metavar="KEY",
    help="Send classification of the definition, if that is missing.",
)
@click.option(
    "--send-log", default=SEND_LOG, show_default=True, metavar="NAME", help="Name of the send log."
)
@click.option(
    "--unique-id-attribute",
    "attribute_name",
    default=ATTRIBUTE,
    show_default=True,
    metavar="NAME",
    help="Name of the profile attribute and send-log column for the unique id.",
)
@click.option(
    "--wait-for",
    "kinds",
    multiple=True,
    type=click.Choice(list(TRACKING_EVENTS)),
    help="Wait for this event. Can be repeated.",
)
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=Polling().timeout,
    show_default=True,
    metavar="SECONDS",
    help="Time to wait for the send-log row, and for each event.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@connection_options
def flow(
    definition: str,
    to: str | None,
    resume: str | None,
    subscriber_key: str | None,
    attributes: Sequence[str],
    email_id: int | None,
    classification: str,
    send_log: str,
    attribute_name: str,
    kinds: Sequence[str],
    patience: float,
    as_json: bool,
    connect: Connect,
) -> None:
    """Send DEFINITION's email to one address, find the message in the send log, and show its events.

    Missing objects are created first: the profile attribute, the send log, the definition. The flow can be repeated,
    and resumed with --resume.

    \b
        sfmc-client flow welcome --to ada@example.com --email-id 3099626 --wait-for OpenEvent
    """
    if (to is None) == (resume is None):
        raise click.UsageError("Give --to ADDRESS to send, or --resume UNIQUE_ID, and not both.")
    given = dict(_attribute(attribute) for attribute in attributes)
    with connect() as client:
        tracking = TrackingFlow(
            client,
            recipe=Recipe(email_id=email_id, classification=classification),
            attribute=attribute_name,
            send_log=send_log,
            waiting=Polling(timeout=patience),
        )
        if to is not None:
            _say_set_up(tracking, definition)
            unique_id = tracking.trigger(
                definition, to, subscriber_key=subscriber_key, attributes=given
            )
            _say(f"sent to {to}, unique id {unique_id}")
        else:
            unique_id = resume or ""
        with progress("looking for the row of the send log"):
            sent = tracking.found(
                unique_id, definition=definition, subscriber_key=subscriber_key or to
            )
        missing = [kind for kind in kinds if not _arrives(tracking, kind, sent)]
        events = _events(tracking, sent)
    _write_json(sent, events) if as_json else _write_table(sent, events)
    if missing:
        raise NotInTime(
            f"No {', '.join(missing)} within {patience:g} s. Look again later: sfmc-client flow {definition} --resume "
            f"{unique_id}"
        )


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--attribute takes NAME=VALUE, not '{text}'.")
    return name, value


def _say(text: str) -> None:
    click.echo(text, err=True)


def _say_set_up(tracking: TrackingFlow, definition: str) -> None:
    """Run the steps before the send one by one, and print for each whether it changed anything."""
    steps: list[tuple[str, Callable[[], bool], str]] = [
        (f"profile attribute {tracking.attribute}", tracking.set_up_attribute, "made"),
        (f"send log {tracking.send_log}", tracking.set_up_send_log, "set up"),
        (f"definition {definition}", lambda: tracking.define(definition), "made"),
        (f"definition {definition}", lambda: tracking.start(definition), "started"),
    ]
    for what, step, done in steps:
        _say(f"{what}: {done if step() else 'is there' if done != 'started' else 'runs'}")


def _arrives(tracking: TrackingFlow, kind: str, sent: Sent) -> bool:
    try:
        with progress(f"waiting for {kind}"):
            tracking.wait_for(kind, sent)
    except NotInTime:
        return False
    return True


def _events(tracking: TrackingFlow, sent: Sent) -> list[TrackingEvent]:
    events: list[TrackingEvent] = []
    for kind in TRACKING_EVENTS:
        try:
            events += tracking.events(kind, sent)
        except RetrieveFailed:
            # An account may lack some kinds of event (surveys, forwards); the others are still shown.
            continue
    return sorted(events, key=lambda event: event.event_date)


def _write_table(sent: Sent, events: Sequence[TrackingEvent]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, show_header=False)
    for name, value in asdict(sent).items():
        table.add_row(name, "" if value is None else printable(str(value)))
    console().print(table)
    timeline = Table("at", "event", "details", box=box.SIMPLE)
    for event in events:
        details = ", ".join(f"{name}={value}" for name, value in _own(event).items())
        moment = event.event_date.strftime("%Y-%m-%d %H:%M:%S")
        timeline.add_row(moment, event.object_type, printable(details))
    if events:
        console().print(timeline)
    else:
        _say("No tracking events yet: the service returns them some time after they happened.")


_OF_EVERY_EVENT = frozenset(TrackingEvent.__dataclass_fields__)


def _own(event: TrackingEvent) -> dict[str, object]:
    """Return the properties specific to this kind of event, those that the client knows."""
    names = [name for name in event.__dataclass_fields__ if name not in _OF_EVERY_EVENT]
    values = {name: getattr(event, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _write_json(sent: Sent, events: Sequence[TrackingEvent]) -> None:
    shown = [
        {
            "event": event.object_type,
            "at": event.event_date.isoformat(),
            "type": event.event_type,
            **_own(event),
        }
        for event in events
    ]
    click.echo(json.dumps({**asdict(sent), "events": shown}, indent=2, ensure_ascii=False))
