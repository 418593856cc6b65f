"""Messages and their tracking events: the values that the rest of this package works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Literal, NamedTuple

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link

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
Way = Literal["list", "master", "complaint"]
"""The ways in which a subscriber unsubscribes."""

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
    event_types = known.get(name.lower())
    if event_types is None:
        near = get_close_matches(name.lower(), known, n=1)
        names = list(dict.fromkeys(OBJECT_TYPES.values()))
        spelled = {name.lower(): name for name in (*names, *EVENT_TYPES.values())}
        hint = (
            f"Did you mean {spelled.get(near[0], near[0])}?"
            if near
            else f"Known: {', '.join(names)}."
        )
        raise SetupError(f"There is no tracking event '{name}'. {hint}")
    return event_types


@dataclass(kw_only=True, slots=True)
class Message:
    """One message to one subscriber, as it was sent.

    `repeat` counts the messages that this job sent to the same subscriber before. `repeat` (or BatchID, where it is
    None) and the SubscriberKey identify the random draws of the message, because they do not depend on the order of
    calls. `error_code` says why a message was not sent.
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
    """A tracking event of a message: its kind, its time, the time from which a Retrieve shows it, and its details.

    `details` has, of a Click, `url`, `url_id` and `alias`; of a bounce, `smtp_code`, `smtp_reason`,
    `bounce_category`, `bounce_category_id`, `bounce_subcategory`, `bounce_subcategory_id` and `bounce_type`; of an
    Unsubscribe, `is_master_unsubscribed`, `list_id` and `reason`; of a ForwardedEmailOptIn,
    `opt_in_key`; of a Survey, `question` and `answer`. The other kinds have none.
    """

    kind: Kind
    happens_at: datetime
    visible_at: datetime
    details: Details


NO_DETAILS: Details = {}
NO_LINK = Link(0, "")
"""The link for clicks in an email without links."""

ANSWERS = {"Very": 3.0, "Somewhat": 2.0, "Not at all": 1.0}
"""The answers of a survey with their weights."""

_QUESTION = "How useful was this message?"


def event_at(kind: Kind, at: datetime, details: Details = NO_DETAILS) -> PlannedEvent:
    """Return an event that is visible at once."""
    return PlannedEvent(kind, at, at, details)


def draws_of(message: Message, draws: KeyedRandom) -> KeyedRandom:
    """Return the draws that belong to a message."""
    if message.repeat is None:
        return draws.scope(message.job_id, message.subscriber_key, "batch", message.batch_id)
    return draws.scope(message.job_id, message.subscriber_key, "repeat", message.repeat)


def bounced(message: Message, bounce: bounces.Bounce, at: datetime) -> PlannedEvent:
    """Return the bounce of a message at a time."""
    category = bounce.category
    return event_at(
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


def click_details(link: Link) -> Details:
    """Return the details of a click."""
    return {"url": link.url, "url_id": link.url_id, "alias": link.alias}


def opt_in_details(message: Message) -> Details:
    """Return the details of the opt-in of a person to whom the message was forwarded."""
    return {"opt_in_key": f"friend-of-{message.subscriber_key}"[:254]}


def answer_details(answer: str) -> Details:
    """Return the details of a survey answer."""
    return {"question": _QUESTION, "answer": answer}


def unsubscribe_details(message: Message, way: Way) -> Details:
    """Return the details of an unsubscribe."""
    return {
        "is_master_unsubscribed": way != "list",
        "list_id": message.list_id,
        "reason": "complaint" if way == "complaint" else "unsubscribed",
    }
