"""Describe tracking events in sentences."""

from __future__ import annotations

from datetime import datetime

from sfmc_mock.simulator.messages import Kind, PlannedEvent

_DEEDS: dict[Kind, tuple[str, str]] = {
    "Sent": ("is sent", "was sent"),
    "NotSent": ("is not sent", "was not sent"),
    "Delivered": ("is delivered", "was delivered"),
    "Open": ("is opened", "was opened"),
    "Click": ("is clicked", "was clicked"),
    "HardBounce": ("bounces", "bounced"),
    "SoftBounce": ("bounces", "bounced"),
    "OtherBounce": ("bounces", "bounced"),
    "Unsubscribe": ("is unsubscribed from", "was unsubscribed from"),
    "ForwardedEmail": ("is forwarded", "was forwarded"),
    "ForwardedEmailOptIn": ("brings an opt-in", "brought an opt-in"),
    "Survey": ("gets a survey answer", "got a survey answer"),
}


def event_sentence(event: PlannedEvent, now: datetime) -> str:
    """Return a sentence with the event, its time and the time from which it is visible, seen from the account's `now`.

    Details that the event lacks are left out.
    """
    future, past = _DEEDS[event.kind]
    deed = future if event.happens_at > now else past
    seen = "visible since" if event.visible_at <= now else "visible from"
    sentence = (
        f"{deed} at {_shown(event.happens_at)}{_more(event)}, {seen} {_shown(event.visible_at)}"
    )
    if event.visible_at > now:
        sentence += f"; the clock stands at {_shown(now)}"
    return sentence


def _more(event: PlannedEvent) -> str:
    details = event.details
    said: list[object] = []
    if event.kind == "Click":
        said = [details.get("url") or "a link that the email does not have"]
    elif event.kind.endswith("Bounce"):
        said = [details.get("bounce_category"), details.get("smtp_reason")]
    elif event.kind == "Unsubscribe":
        master = details.get("is_master_unsubscribed")
        said = ["All Subscribers" if master else "the list", details.get("reason")]
    known = ": ".join(str(part) for part in said if part)
    return f" ({known})" if known else ""


def _shown(at: datetime) -> str:
    return at.isoformat(" ", "milliseconds" if at.microsecond else "seconds")
