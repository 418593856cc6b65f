"""Manual events: events that a test or a person triggers for a message, by the name of the event or of a label."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.engagement_profiles import LagProfile
from sfmc_mock.simulator.event_plan import visible
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.magic_addresses import BOUNCES
from sfmc_mock.simulator.messages import (
    NO_DETAILS,
    OBJECT_TYPES,
    Details,
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


def manual_events(
    kind: str,
    message: Message,
    at: datetime,
    lag: LagProfile,
    draws: KeyedRandom,
    *,
    opened: bool = False,
    details: Details | None = None,
    not_before: datetime = datetime.min,
) -> tuple[PlannedEvent, ...]:
    """Return the events for a manual event of a message: the one of `kind`, and those that it implies.

    `kind` is a kind of this module, an API object (`OpenEvent`) or a label of a magic address (`masterunsub`,
    `blockbounce`). A click implies an open unless the message is `opened` already. `details` replace the default
    details of the event; for a click, `url` or `url_id` picks the link. Nothing is visible before `not_before`.
    Raises `SetupError` for a kind, a detail or a link that does not exist, and for a time before the send.
    """
    wanted = _manual_kind(kind)
    if at < message.sent_at:
        raise SetupError(
            f"{kind} at {at}: the message was sent at {message.sent_at}, and nothing happens to it before. "
            f"Give a later time."
        )
    events = [event_at("Open", at)] if wanted == "click" and not opened else []
    manual_kind, proposed = _manual(wanted, message, at, details or {})
    events.append(event_at(manual_kind, at, _replaced(kind, proposed, details or {})))
    own_draws = draws_of(message, draws).scope("manual", at.isoformat())
    return visible(message, events, lag, own_draws, not_before)


_Proposed = Callable[[Message, Details], Details]
_EVENTS: dict[str, tuple[Kind, _Proposed]] = {
    "delivered": ("Delivered", lambda message, given: NO_DETAILS),
    "open": ("Open", lambda message, given: NO_DETAILS),
    "click": ("Click", lambda message, given: click_details(_chosen_link(message, given))),
    "unsub": ("Unsubscribe", lambda message, given: unsubscribe_details(message, "list")),
    "masterunsub": ("Unsubscribe", lambda message, given: unsubscribe_details(message, "master")),
    "complaint": ("Unsubscribe", lambda message, given: unsubscribe_details(message, "complaint")),
    "forward": ("ForwardedEmail", lambda message, given: NO_DETAILS),
    "optin": ("ForwardedEmailOptIn", lambda message, given: opt_in_details(message)),
    "survey": ("Survey", lambda message, given: answer_details("Very")),
}
KINDS = (*_EVENTS, *BOUNCES)
"""The kinds of manual events, by the names that error messages suggest."""

# Other names of the same kinds; of several with one kind or API object the first.
_LABELS = {
    word: label
    for label, (kind, _) in reversed(_EVENTS.items())
    for word in (label, kind.lower(), OBJECT_TYPES[kind].lower())
} | {**{label: label for label in BOUNCES}, "otherbounce": "technicalbounce"}


def _manual_kind(kind: str) -> str:
    wanted = _LABELS.get(kind.lower())
    if wanted is not None:
        return wanted
    if kind.lower().removesuffix("event") in ("sent", "notsent"):
        raise SetupError(f"{kind} cannot be made to happen: it comes of a send. Trigger one.")
    near = get_close_matches(kind.lower(), _LABELS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(KINDS)}."
    raise SetupError(f"There is no tracking event '{kind}' to make happen. {hint}")


def _manual(wanted: str, message: Message, at: datetime, given: Details) -> tuple[Kind, Details]:
    if wanted in BOUNCES:
        event = bounced(message, bounces.BY_KIND[BOUNCES[wanted]][0], at)
        return event.kind, event.details
    kind, proposed = _EVENTS[wanted]
    return kind, proposed(message, given)


def _chosen_link(message: Message, details: Details) -> Link:
    links = message.links
    if "url_id" not in details and "url" not in details:
        if links:
            return links[0]
        raise SetupError(
            "The email has no links to click. Put a link into its HTML, and send again."
        )
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
