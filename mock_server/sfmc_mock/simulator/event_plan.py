"""Plan the tracking events of one message, each with its time and the time from which a Retrieve shows it.

A message is sent, then bounces or is delivered, perhaps at a later try; a delivered one may be opened, an opened one
clicked, forwarded, answered or unsubscribed from. An address that asks for an outcome gets exactly this outcome;
otherwise the engagement profile decides, with random draws that belong to the message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.durations import later
from sfmc_mock.simulator.engagement import drawn_events
from sfmc_mock.simulator.engagement_profiles import EngagementProfile, LagProfile
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.magic_addresses import Wishes
from sfmc_mock.simulator.messages import (
    NO_LINK,
    Kind,
    Message,
    PlannedEvent,
    answer_details,
    bounced,
    click_details,
    draws_of,
    event_at,
    opt_in_details,
    unsubscribe_details,
)


def plan(
    message: Message,
    profile: EngagementProfile,
    lag: LagProfile,
    draws: KeyedRandom,
    wishes: Wishes | None = None,
    *,
    sent: bool = True,
    pace: float = 1.0,
) -> tuple[PlannedEvent, ...]:
    """Return the tracking events of a message, in the order in which they happen.

    A message that is not `sent` at its time, `message.sent_at`, has only a NotSent event. The same values give the same
    events. Events of the same moment are in the order of their causes. The wishes of a magic address
    (`magic_addresses.parse`) replace the profile. The SentEvent becomes visible after `pace` times its lag.
    """
    if wishes is None and sent and profile.is_quiet and lag.is_instant:
        return _uneventful(message.sent_at)
    events = (
        _events(message, profile, draws, wishes) if sent else [event_at("NotSent", message.sent_at)]
    )
    events.sort(key=_moment)
    if wishes is not None and wishes.lag is not None:
        return visible_after(events, wishes.lag)
    if lag.is_instant:
        return tuple(events)
    return visible(message, events, lag, draws_of(message, draws), pace=pace)


UNEVENTFUL: tuple[Kind, ...] = ("Sent", "Delivered")
"""The events of a message that is only sent and delivered, both at once."""


@lru_cache(maxsize=8)
def _uneventful(sent_at: datetime) -> tuple[PlannedEvent, ...]:
    """Return the events of every message of a time that is only sent and delivered."""
    return tuple(event_at(kind, sent_at) for kind in UNEVENTFUL)


def _events(
    message: Message, profile: EngagementProfile, draws: KeyedRandom, wishes: Wishes | None
) -> list[PlannedEvent]:
    if wishes is not None and wishes.decides:
        return _wished(message, wishes)
    if profile.is_quiet:
        return list(_uneventful(message.sent_at))
    events = drawn_events(message, profile, draws)
    return _moved(events, wishes.after) if wishes is not None and wishes.after else events


def _moment(event: PlannedEvent) -> datetime:
    return event.happens_at


def visible(
    message: Message,
    events: list[PlannedEvent],
    lag: LagProfile,
    draws: KeyedRandom,
    not_before: datetime = datetime.min,
    pace: float = 1.0,
) -> tuple[PlannedEvent, ...]:
    """Return the events with the times at which they become visible: no earlier than the SentEvent, or `not_before`."""
    lagging = []
    for number, event in enumerate(events):
        kind, at = event.kind, event.happens_at
        wait = lag.lag(kind, draws.unit("lag", kind, number))
        visible_at = later(at, wait * pace if kind in ("Sent", "NotSent") else wait)
        if kind.endswith("Bounce"):
            # Bounces show within 72 hours of the send (documented), also those that happen at the end of them.
            visible_at = max(at, min(visible_at, later(message.sent_at, bounces.RETRIED_FOR)))
        visible_at = max(visible_at, not_before)
        if kind == "Sent":
            not_before = visible_at
        lagging.append(event._replace(visible_at=visible_at))
    return tuple(lagging)


def visible_after(events: list[PlannedEvent], lag: timedelta) -> tuple[PlannedEvent, ...]:
    """Return the events, each visible as long after it happens."""
    return tuple([event._replace(visible_at=later(event.happens_at, lag)) for event in events])


def _moved(events: list[PlannedEvent], after: timedelta) -> list[PlannedEvent]:
    return [
        event
        if event.kind == "Sent"
        else event_at(event.kind, later(event.happens_at, after), event.details)
        for event in events
    ]


def _wished(message: Message, wishes: Wishes) -> list[PlannedEvent]:
    sent_at = message.sent_at
    after = wishes.after
    at = sent_at if after is None else later(sent_at, after)
    events: list[PlannedEvent] = [event_at("Sent", sent_at)]
    if wishes.bounce is not None:
        events.append(bounced(message, bounces.BY_KIND[wishes.bounce][0], at))
        return events
    if wishes.delivery == "deferred" and after is None:
        at = later(sent_at, bounces.RETRY_EVERY)
    events.append(event_at("Delivered", at))
    if wishes.opens or wishes.clicks:
        events.append(event_at("Open", at))
    if wishes.clicks:
        events.append(
            event_at("Click", at, click_details(message.links[0] if message.links else NO_LINK))
        )
    if wishes.forwards:
        events.append(event_at("ForwardedEmail", at))
    if wishes.opts_in:
        events.append(event_at("ForwardedEmailOptIn", at, opt_in_details(message)))
    if wishes.answers:
        events.append(event_at("Survey", at, answer_details("Very")))
    if wishes.unsubscribes is not None:
        events.append(
            event_at("Unsubscribe", at, unsubscribe_details(message, wishes.unsubscribes))
        )
    return events
