"""The tracking events of one message: what happens after it was sent, and when a Retrieve shows it.

A message is sent, then bounces or is delivered, perhaps at a later try; a delivered one may be opened, an opened one
clicked, forwarded, answered or unsubscribed from. An address that asks for an outcome gets exactly that; else the
engagement profile decides, with draws that belong to the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, NamedTuple

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.addresses import BOUNCES, Wishes
from sfmc_mock.simulator.durations import later
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.profiles import REPEATS_LIMIT, EngagementProfile, LagProfile

Kind = Literal[
    "Sent",
    "NotSent",
    "Delivered",
    "Open",
    "Click",
    "HardBounce",
    "SoftBounce",
    "OtherBounce",
    "Unsubscribe",
    "ForwardedEmail",
    "ForwardedEmailOptIn",
    "Survey",
]
Details = Mapping[str, str | int | bool]

OBJECT_TYPES: dict[Kind, str] = {
    "Sent": "SentEvent",
    "NotSent": "NotSentEvent",
    "Delivered": "DeliveredEvent",
    "Open": "OpenEvent",
    "Click": "ClickEvent",
    "HardBounce": "BounceEvent",
    "SoftBounce": "BounceEvent",
    "OtherBounce": "BounceEvent",
    "Unsubscribe": "UnsubEvent",
    "ForwardedEmail": "ForwardedEmailEvent",
    "ForwardedEmailOptIn": "ForwardedEmailOptInEvent",
    "Survey": "SurveyEvent",
}
"""The API object that shows each kind."""

EVENT_TYPES: dict[Kind, str] = {
    kind: "DeliveredEvent" if kind == "Delivered" else kind for kind in OBJECT_TYPES
}
"""The EventType of each kind (wsdl)."""


def event_types_named(name: str) -> tuple[str, ...]:
    """Return the EventTypes that a name means, in any case: one of them, an API object, or the word before its `Event`.

    Raises `SetupError` with the nearest name.
    """
    known: dict[str, tuple[str, ...]] = {}
    for kind, object_type in OBJECT_TYPES.items():
        for word in (object_type, object_type.removesuffix("Event")):
            known[word.lower()] = (*known.get(word.lower(), ()), EVENT_TYPES[kind])
    for event_type in EVENT_TYPES.values():
        known.setdefault(event_type.lower(), (event_type,))
    found = known.get(name.lower())
    if found is None:
        near = get_close_matches(name.lower(), known, n=1)
        names = list(dict.fromkeys(OBJECT_TYPES.values()))
        spelled = {each.lower(): each for each in (*names, *EVENT_TYPES.values())}
        hint = (
            f"Did you mean {spelled.get(near[0], near[0])}?"
            if near
            else f"Known: {', '.join(names)}."
        )
        raise SetupError(f"There is no tracking event '{name}'. {hint}")
    return found


@dataclass(kw_only=True, slots=True)
class Message:
    """One message to one subscriber, as it was sent.

    `repeat` counts the messages that this job sent to the same subscriber before. It and the SubscriberKey, not the
    numbers that calls get in the order in which they come, say which draws belong to the message; without it BatchID
    does. `error_code` says why a message was not sent.
    """

    job_id: int
    list_id: int
    batch_id: int
    subscriber_id: int
    subscriber_key: str
    email_address: str
    sent_at: datetime
    links: tuple[Link, ...] = ()
    repeat: int | None = None
    error_code: int | None = None


class PlannedEvent(NamedTuple):
    """A tracking event of a message: its kind, when it happens, when a Retrieve begins to show it, what else it has.

    `details` has, of a Click, `url`, `url_id` and `alias`; of a bounce, `smtp_code`, `smtp_reason`,
    `bounce_category`, `bounce_category_id`, `bounce_subcategory`, `bounce_subcategory_id` and `bounce_type`; of an
    Unsubscribe, `is_master_unsubscribed`, `list_id` and `reason`; of a ForwardedEmailOptIn,
    `opt_in_key`; of a Survey, `question` and `answer`. The other kinds have none.
    """

    kind: Kind
    happens_at: datetime
    visible_at: datetime
    details: Details


_NONE: Details = {}
_NO_LINK = Link(0, "")
_QUESTION = "How useful was this message?"
_ANSWERS = {"Very": 3.0, "Somewhat": 2.0, "Not at all": 1.0}


def _event(kind: Kind, at: datetime, details: Details = _NONE) -> PlannedEvent:
    """Return an event that is visible at once."""
    return PlannedEvent(kind, at, at, details)


def plan(
    message: Message,
    profile: EngagementProfile,
    lag: LagProfile,
    draws: KeyedRandom,
    wishes: Wishes | None = None,
    *,
    sent: bool = True,
) -> tuple[PlannedEvent, ...]:
    """Return the tracking events of a message, in the order in which they happen.

    A message that is not `sent` when its time comes, `message.sent_at`, has its NotSent and nothing else.
    The same values give the same events. Events of the same moment stand in the order of their causes. What a magic
    address wishes (`addresses.parse`) goes before the profile.
    """
    if wishes is None and sent and profile.is_quiet and lag.is_instant:
        return _quiet_events(message.sent_at)
    events = (
        _events(message, profile, draws, wishes) if sent else [_event("NotSent", message.sent_at)]
    )
    events.sort(key=_moment)
    if wishes is not None and wishes.lag is not None:
        return _visible_after(events, wishes.lag)
    if lag.is_instant:
        return tuple(events)
    return _visible(message, events, lag, _draws_of(message, draws))


@lru_cache(maxsize=8)
def _quiet_events(sent_at: datetime) -> tuple[PlannedEvent, ...]:
    """Return the events of every message that is sent at a time and to which nothing happens."""
    return _event("Sent", sent_at), _event("Delivered", sent_at)


def _events(
    message: Message, profile: EngagementProfile, draws: KeyedRandom, wishes: Wishes | None
) -> list[PlannedEvent]:
    if wishes is not None and wishes.decides:
        return _wished(message, wishes)
    if profile.is_quiet:
        return list(_quiet_events(message.sent_at))
    events = _drawn(message, profile, _draws_of(message, draws))
    return _moved(events, wishes.after) if wishes is not None and wishes.after else events


def manual_events(
    kind: str,
    message: Message,
    at: datetime,
    lag: LagProfile,
    draws: KeyedRandom,
    *,
    opened: bool = False,
    details: Details | None = None,
    visible_after: timedelta | None = None,
) -> tuple[PlannedEvent, ...]:
    """Return the events that somebody makes happen to a message: the one of `kind`, and what it implies.

    `kind` is a kind of this module, an API object (`OpenEvent`) or a label of a magic address (`masterunsub`,
    `blockbounce`). A click brings an open with it unless the message is `opened` already. `details` replace those
    that the event would have; for a click, `url` or `url_id` picks the link. The lag is drawn, or is `visible_after`.
    Raises `SetupError` for a kind, a detail or a link that does not exist, and for a time before the send.
    """
    wanted = _manual_kind(kind)
    if at < message.sent_at:
        raise SetupError(
            f"{kind} at {at}: the message was sent at {message.sent_at}, and nothing happens to it before. "
            f"Give a later time."
        )
    events = [_event("Open", at)] if wanted == "click" and not opened else []
    manual_kind, proposed = _manual(wanted, message, at, details or {})
    events.append(_event(manual_kind, at, _replaced(kind, proposed, details or {})))
    if visible_after is not None:
        return _visible_after(events, visible_after)
    own_draws = _draws_of(message, draws).scope("manual", at.isoformat())
    return _visible(message, events, lag, own_draws)


def _draws_of(message: Message, draws: KeyedRandom) -> KeyedRandom:
    if message.repeat is None:
        return draws.scope(message.job_id, message.subscriber_key, "batch", message.batch_id)
    return draws.scope(message.job_id, message.subscriber_key, "repeat", message.repeat)


def _moment(event: PlannedEvent) -> datetime:
    return event.happens_at


def _visible(
    message: Message, events: list[PlannedEvent], lag: LagProfile, draws: KeyedRandom
) -> tuple[PlannedEvent, ...]:
    """Return the events with the times at which they become visible."""
    if lag.is_instant:
        return tuple(events)
    lagging = []
    for number, event in enumerate(events):
        kind, at = event.kind, event.happens_at
        visible_at = later(at, lag.lag(kind, draws.unit("lag", kind, number)))
        if kind.endswith("Bounce"):
            # Bounces show within 72 hours of the send (documented), also those that happen at the end of them.
            visible_at = max(at, min(visible_at, later(message.sent_at, bounces.RETRIED_FOR)))
        lagging.append(event._replace(visible_at=visible_at))
    return tuple(lagging)


def _visible_after(events: list[PlannedEvent], lag: timedelta) -> tuple[PlannedEvent, ...]:
    return tuple([event._replace(visible_at=later(event.happens_at, lag)) for event in events])


def _moved(events: list[PlannedEvent], after: timedelta) -> list[PlannedEvent]:
    return [
        event
        if event.kind == "Sent"
        else _event(event.kind, later(event.happens_at, after), event.details)
        for event in events
    ]


def _wished(message: Message, wishes: Wishes) -> list[PlannedEvent]:
    sent_at = message.sent_at
    after = wishes.after
    at = sent_at if after is None else later(sent_at, after)
    events: list[PlannedEvent] = [_event("Sent", sent_at)]
    if wishes.bounce is not None:
        events.append(_bounced(message, bounces.BY_KIND[wishes.bounce][0], at))
        return events
    if wishes.delivery == "deferred" and after is None:
        at = later(sent_at, bounces.RETRY_EVERY)
    events.append(_event("Delivered", at))
    if wishes.opens or wishes.clicks:
        events.append(_event("Open", at))
    if wishes.clicks:
        events.append(_event("Click", at, _click(message.links[0] if message.links else _NO_LINK)))
    if wishes.forwards:
        events.append(_event("ForwardedEmail", at))
    if wishes.opts_in:
        events.append(_event("ForwardedEmailOptIn", at, _opt_in(message)))
    if wishes.answers:
        events.append(_event("Survey", at, _answer("Very")))
    if wishes.unsubscribes is not None:
        events.append(_event("Unsubscribe", at, _unsubscribe(message, wishes.unsubscribes)))
    return events


def _drawn(message: Message, profile: EngagementProfile, draws: KeyedRandom) -> list[PlannedEvent]:
    sent_at = message.sent_at
    events: list[PlannedEvent] = [_event("Sent", sent_at)]
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
    events.append(_event("Delivered", delivered_at))
    if draws.below(profile.open, "open"):
        opened_at = later(delivered_at, profile.open_delay.at(draws.unit("open after")))
        events.append(_event("Open", opened_at))
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
    return _bounced(message, bounce, later(message.sent_at, delay))


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
        events.append(_event("Open", at))
    if message.links and draws.below(profile.click, "click"):
        _add_clicks(events, message, profile, draws, opened_at)
    if draws.below(profile.forward, "forward"):
        at = later(opened_at, profile.reaction_delay.at(draws.unit("forward after")))
        events.append(_event("ForwardedEmail", at))
        if draws.below(profile.opt_in, "opt in"):
            at = later(at, profile.open_delay.at(draws.unit("opt in after")))
            events.append(_event("ForwardedEmailOptIn", at, _opt_in(message)))
    if draws.below(profile.survey, "survey"):
        at = later(opened_at, profile.reaction_delay.at(draws.unit("survey after")))
        events.append(_event("Survey", at, _answer(draws.pick(_ANSWERS, "answer"))))
    way = _way_out(draws.unit("unsubscribe"), profile)
    if way is not None:
        at = later(opened_at, profile.reaction_delay.at(draws.unit("unsubscribe after")))
        events.append(_event("Unsubscribe", at, _unsubscribe(message, way)))


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
        events.append(_event("Click", at, _click(link)))


def _way_out(
    unit: float, profile: EngagementProfile
) -> Literal["list", "master", "complaint"] | None:
    if (unit := unit - profile.unsubscribe) < 0.0:
        return "list"
    if (unit := unit - profile.master_unsubscribe) < 0.0:
        return "master"
    return "complaint" if unit - profile.complaint < 0.0 else None


def _bounced(message: Message, bounce: bounces.Bounce, at: datetime) -> PlannedEvent:
    category = bounce.category
    return _event(
        category.event_type,
        at,
        {
            "smtp_code": bounce.smtp_code,
            "smtp_reason": bounce.reason(message.email_address),
            "bounce_category": category.text,
            "bounce_category_id": category.number,
            "bounce_subcategory": bounce.subcategory,
            "bounce_subcategory_id": bounce.subcategory_id,
            "bounce_type": bounces.bounce_type(at - message.sent_at),
        },
    )


def _click(link: Link) -> Details:
    return {"url": link.url, "url_id": link.url_id, "alias": link.alias}


def _opt_in(message: Message) -> Details:
    return {"opt_in_key": f"friend-of-{message.subscriber_key}"[:254]}


def _answer(answer: str) -> Details:
    return {"question": _QUESTION, "answer": answer}


def _unsubscribe(message: Message, way: Literal["list", "master", "complaint"]) -> Details:
    return {
        "is_master_unsubscribed": way != "list",
        "list_id": message.list_id,
        "reason": "complaint" if way == "complaint" else "unsubscribed",
    }


_BOUNCE_WORDS: dict[str, bounces.Kind] = {
    **BOUNCES,
    "otherbounce": "technical",
}
_MANUAL = {
    **{word: word for word in _BOUNCE_WORDS},
    **dict.fromkeys(("delivered", "deliveredevent"), "delivered"),
    **dict.fromkeys(("open", "openevent"), "open"),
    **dict.fromkeys(("click", "clickevent"), "click"),
    **dict.fromkeys(("unsub", "unsubscribe", "unsubevent"), "unsub"),
    "masterunsub": "masterunsub",
    "complaint": "complaint",
    **dict.fromkeys(("forward", "forwardedemail", "forwardedemailevent"), "forward"),
    **dict.fromkeys(("optin", "forwardedemailoptin", "forwardedemailoptinevent"), "optin"),
    **dict.fromkeys(("survey", "surveyevent"), "survey"),
}
_SHOWN = (
    "delivered, open, click, unsub, masterunsub, complaint, forward, optin, survey, "
    "hardbounce, softbounce, blockbounce, technicalbounce, unknownbounce"
)


def _manual_kind(kind: str) -> str:
    wanted = _MANUAL.get(kind.lower())
    if wanted is not None:
        return wanted
    if kind.lower().removesuffix("event") in ("sent", "notsent"):
        raise SetupError(f"{kind} cannot be made to happen: it comes of a send. Trigger one.")
    near = get_close_matches(kind.lower(), _MANUAL, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {_SHOWN}."
    raise SetupError(f"There is no tracking event '{kind}' to make happen. {hint}")


def _manual(wanted: str, message: Message, at: datetime, details: Details) -> tuple[Kind, Details]:
    if wanted in _BOUNCE_WORDS:
        event = _bounced(message, bounces.BY_KIND[_BOUNCE_WORDS[wanted]][0], at)
        return event.kind, event.details
    if wanted == "click":
        return "Click", _click(_chosen_link(message, details))
    if wanted == "forward":
        return "ForwardedEmail", _NONE
    if wanted == "optin":
        return "ForwardedEmailOptIn", _opt_in(message)
    if wanted == "survey":
        return "Survey", _answer("Very")
    if wanted == "unsub":
        return "Unsubscribe", _unsubscribe(message, "list")
    if wanted == "masterunsub":
        return "Unsubscribe", _unsubscribe(message, "master")
    if wanted == "complaint":
        return "Unsubscribe", _unsubscribe(message, "complaint")
    return ("Open" if wanted == "open" else "Delivered"), _NONE


def _chosen_link(message: Message, details: Details) -> Link:
    links = message.links
    if "url_id" not in details and "url" not in details:
        return links[0] if links else _NO_LINK
    for link in links:
        if (
            details.get("url_id", link.url_id) == link.url_id
            and details.get("url", link.url) == link.url
        ):
            return link
    asked = " and ".join(
        f"{name} {details[name]!r}" for name in ("url_id", "url") if name in details
    )
    known = ", ".join(f"{link.url_id} {link.url}" for link in links[:10])
    raise SetupError(
        f"The email has no link with {asked}. "
        + (f"Its links: {known}." if links else "It has no links at all: put one into its HTML.")
    )


def _replaced(kind: str, proposed: Details, given: Details) -> Details:
    for name, value in given.items():
        if name not in proposed:
            takes = f"takes {', '.join(proposed)}" if proposed else "takes no details"
            raise SetupError(f"{kind} has no detail {name!r}; it {takes}.")
        if type(value) is not type(proposed[name]):
            wanted = _TYPE_WORDS[type(proposed[name])]
            raise SetupError(f"{kind}: {name} is {value!r}; give {wanted}.")
    return {**proposed, **given}


_TYPE_WORDS: dict[type, str] = {str: "a text", int: "a number", bool: "true or false"}
