"""Simulate readers and their mail servers, with the rates and delays of an engagement profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.durations import later
from sfmc_mock.simulator.engagement_profiles import REPEATS_LIMIT, EngagementProfile
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.messages import (
    ANSWERS,
    Message,
    PlannedEvent,
    Way,
    answer_details,
    bounced,
    click_details,
    draws_of,
    event_at,
    opt_in_details,
    unsubscribe_details,
)


@dataclass(frozen=True, slots=True)
class _Chances:
    """The random draws of one message: its own, those of its reader, and those of its mailbox."""

    own: KeyedRandom
    reader: KeyedRandom
    mailbox: KeyedRandom


def drawn_events(
    message: Message, profile: EngagementProfile, draws: KeyedRandom
) -> list[PlannedEvent]:
    """Return the events of a sent message by a profile."""
    sent_at = message.sent_at
    chances = _Chances(
        draws_of(message, draws),
        draws.scope("reader", message.subscriber_key.lower()),
        draws.scope("mailbox", message.email_address.lower()),
    )
    sent = event_at("Sent", sent_at)
    kind = _fate(message, profile, chances)
    if kind is not None and kind != "deferred":
        return [sent, _drawn_bounce(message, kind, profile, chances)]
    if kind == "deferred":
        delay = _next_try(profile.retry_delay.at(chances.own.unit("retry")), _LAST_TRY)
    else:
        delay = profile.delivery_delay.at(chances.own.unit("delivery"))
    delivered_at = later(sent_at, delay)
    events = [sent, event_at("Delivered", delivered_at)]
    if _does(profile.open, "open", chances):
        opened_at = later(delivered_at, profile.open_delay.at(chances.own.unit("open after")))
        opened_at = _when_awake(opened_at, profile, chances, 0)
        events.append(event_at("Open", opened_at))
        _add_reactions(events, message, profile, chances, opened_at)
    return events


_LAST_TRY = bounces.RETRIED_FOR - bounces.RETRY_EVERY


def _next_try(delay: timedelta, last: timedelta) -> timedelta:
    """Return the delay until the next try, up to the last one."""
    return min((1 + delay // bounces.RETRY_EVERY) * bounces.RETRY_EVERY, last)


def _fate(
    message: Message, profile: EngagementProfile, chances: _Chances
) -> bounces.Kind | Literal["deferred"] | None:
    """Return how a message fails, None when it is delivered at once.

    A dead address stays dead, and a mailbox that takes no mail for now does so for a month (assumed); so the rates hold
    for addresses. The other fates are the message's own.
    """
    sticky = profile.hard_bounce + profile.soft_bounce
    if sticky > 0.0:
        if chances.mailbox.below(profile.hard_bounce, "dead"):
            return "hard"
        left = 1.0 - profile.hard_bounce
        month = f"{message.sent_at:%Y-%m}"
        if left > 0.0 and chances.mailbox.below(profile.soft_bounce / left, "full", month):
            return "soft"
    fate = chances.own.unit("fate") * (1.0 - sticky)
    if (fate := fate - profile.deferred) < 0.0:
        return "deferred"
    if (fate := fate - profile.block_bounce) < 0.0:
        return "block"
    return "technical" if fate - profile.technical_bounce < 0.0 else None


def _drawn_bounce(
    message: Message, kind: bounces.Kind, profile: EngagementProfile, chances: _Chances
) -> PlannedEvent:
    own = chances.own
    # A mail server gives the same answer about the same mailbox.
    answers = chances.mailbox if kind in ("hard", "soft") else own
    bounce = answers.pick({bounce: bounce.weight for bounce in bounces.BY_KIND[kind]}, "bounce")
    if kind == "soft":
        delay = profile.soft_bounce_delay.at(own.unit("bounce after"))
        delay = _next_try(delay, bounces.RETRIED_FOR)
    else:
        delay = min(bounces.RETRIED_FOR, profile.bounce_delay.at(own.unit("bounce after")))
    return bounced(message, bounce, later(message.sent_at, delay))


# Of so many readers, each always does a thing or never does it; the others do it now and then (assumed).
_SETTLED = 0.6


def _does(rate: float, what: str, chances: _Chances) -> bool:
    """Say whether the reader does something that readers do at a rate; the habits of a reader stay the same."""
    if chances.reader.below(_SETTLED, "settled", what):
        return chances.reader.below(rate, "always", what)
    return chances.own.below(rate, what)


# Hours between the server's time and that of readers: four zones of North America, and Western and Central Europe
# (assumed).
_ZONES = {-2: 3.0, -1: 1.0, 0: 4.0, 1: 6.0, 6: 2.0, 7: 3.0}
_NIGHT_BEGINS, _NIGHT_ENDS = 23, 6
_MORNING = timedelta(hours=3)


def _when_awake(
    at: datetime, profile: EngagementProfile, chances: _Chances, number: int
) -> datetime:
    """Return the time at which a reader opens a message: a time in the night is mostly moved to the morning."""
    if profile.sleep <= 0.0:
        return at
    zone = chances.reader.pick(_ZONES, "zone")
    hour = (at.hour + zone) % 24
    if _NIGHT_ENDS <= hour < _NIGHT_BEGINS or not chances.own.below(
        profile.sleep, "asleep", number
    ):
        return at
    passed = timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    until_morning = timedelta(hours=(_NIGHT_ENDS - hour) % 24) - passed
    morning = chances.own.unit("morning", number) * _MORNING
    return later(at, until_morning + timedelta(milliseconds=morning // timedelta(milliseconds=1)))


def _add_reactions(
    events: list[PlannedEvent],
    message: Message,
    profile: EngagementProfile,
    chances: _Chances,
    opened_at: datetime,
) -> None:
    draws = chances.own
    at = opened_at
    for number in range(1, REPEATS_LIMIT):
        if not draws.below(profile.further_opens, "open", number):
            break
        at = later(at, profile.further_open_delay.at(draws.unit("open after", number)))
        at = _when_awake(at, profile, chances, number)
        events.append(event_at("Open", at))
    if message.links and _does(profile.click, "click", chances):
        _add_clicks(events, message, profile, draws, opened_at)
    if draws.below(profile.forward, "forward"):
        at = later(opened_at, profile.reaction_delay.at(draws.unit("forward after")))
        events.append(event_at("ForwardedEmail", at))
        if draws.below(profile.opt_in, "opt in"):
            at = later(at, profile.open_delay.at(draws.unit("opt in after")))
            events.append(event_at("ForwardedEmailOptIn", at, opt_in_details(message)))
    if draws.below(profile.survey, "survey"):
        at = later(opened_at, profile.reaction_delay.at(draws.unit("survey after")))
        events.append(event_at("Survey", at, answer_details(draws.pick(ANSWERS, "answer"))))
    way = _way_out(draws.unit("unsubscribe"), profile)
    if way is not None:
        at = later(opened_at, profile.reaction_delay.at(draws.unit("unsubscribe after")))
        events.append(event_at("Unsubscribe", at, unsubscribe_details(message, way)))


def _add_clicks(
    events: list[PlannedEvent],
    message: Message,
    profile: EngagementProfile,
    draws: KeyedRandom,
    opened_at: datetime,
) -> None:
    # Only readers who unsubscribe click links to the unsubscribe page and the like.
    links = [link for link in message.links if not link.is_personal] or message.links
    at = opened_at
    for number in range(REPEATS_LIMIT):
        if number and not draws.below(profile.further_clicks, "click", number):
            break
        at = later(at, profile.reaction_delay.at(draws.unit("click after", number)))
        link = links[int(draws.unit("link", number) * len(links))]
        events.append(event_at("Click", at, click_details(link)))


def _way_out(unit: float, profile: EngagementProfile) -> Way | None:
    if (unit := unit - profile.unsubscribe) < 0.0:
        return "list"
    if (unit := unit - profile.master_unsubscribe) < 0.0:
        return "master"
    return "complaint" if unit - profile.complaint < 0.0 else None
