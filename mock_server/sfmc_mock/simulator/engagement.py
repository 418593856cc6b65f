"""What readers and their mail servers do with a message, as the rates and delays of an engagement profile say."""

from __future__ import annotations

from datetime import datetime

from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.durations import later
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.messages import (
    ANSWERS,
    Message,
    PlannedEvent,
    Way,
    answer_details,
    bounced,
    click_details,
    event_at,
    opt_in_details,
    unsubscribe_details,
)
from sfmc_mock.simulator.profiles import REPEATS_LIMIT, EngagementProfile


def drawn_events(
    message: Message, profile: EngagementProfile, draws: KeyedRandom
) -> list[PlannedEvent]:
    """Return what a profile brings about of a message that is sent, by draws that belong to the message."""
    sent_at = message.sent_at
    events: list[PlannedEvent] = [event_at("Sent", sent_at)]
    fate = draws.unit("fate")
    fate -= profile.deferred
    if fate < 0.0:
        tries = 1 + profile.retry_delay.at(draws.unit("retry")) // bounces.RETRY_EVERY
        delivered_at = later(sent_at, min(tries * bounces.RETRY_EVERY, _LAST_TRY))
    else:
        kind = _bounce_kind(fate, profile)
        if kind is not None:
            events.append(_drawn_bounce(message, kind, profile, draws))
            return events
        delivered_at = later(sent_at, profile.delivery_delay.at(draws.unit("delivery")))
    events.append(event_at("Delivered", delivered_at))
    if draws.below(profile.open, "open"):
        opened_at = later(delivered_at, profile.open_delay.at(draws.unit("open after")))
        events.append(event_at("Open", opened_at))
        _add_reactions(events, message, profile, draws, opened_at)
    return events


_LAST_TRY = bounces.RETRIED_FOR - bounces.RETRY_EVERY


def _bounce_kind(fate: float, profile: EngagementProfile) -> bounces.Kind | None:
    if (fate := fate - profile.hard_bounce) < 0.0:
        return "hard"
    if (fate := fate - profile.soft_bounce) < 0.0:
        return "soft"
    if (fate := fate - profile.block_bounce) < 0.0:
        return "block"
    return "technical" if fate - profile.technical_bounce < 0.0 else None


def _drawn_bounce(
    message: Message, kind: bounces.Kind, profile: EngagementProfile, draws: KeyedRandom
) -> PlannedEvent:
    bounce = draws.pick({each: each.weight for each in bounces.BY_KIND[kind]}, "bounce")
    delay = bounces.RETRIED_FOR
    if kind != "soft":
        delay = min(delay, profile.bounce_delay.at(draws.unit("bounce after")))
    return bounced(message, bounce, later(message.sent_at, delay))


def _add_reactions(
    events: list[PlannedEvent],
    message: Message,
    profile: EngagementProfile,
    draws: KeyedRandom,
    opened_at: datetime,
) -> None:
    at = opened_at
    for number in range(1, REPEATS_LIMIT):
        if not draws.below(profile.further_opens, "open", number):
            break
        at = later(at, profile.further_open_delay.at(draws.unit("open after", number)))
        events.append(event_at("Open", at))
    if message.links and draws.below(profile.click, "click"):
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
    # Links to the unsubscribe page and the like are there to be clicked by those who leave.
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
