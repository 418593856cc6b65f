"""Find the subscriber that a request names, and read the Action of a subscription."""

from __future__ import annotations

from sfmc_mock.account.subscribers import SubscriberChange, create_subscriber, find_subscriber
from sfmc_mock.declarations.call import Call
from sfmc_mock.diagnostics import cut
from sfmc_mock.store.row_types import Subscriber
from sfmc_mock.wire.struct import Struct

NAMED_BY = ("ID", "SubscriberKey", "EmailAddress")


def named_subscriber(call: Call, sent: Struct) -> Subscriber | None:
    """Return the subscriber with the given ID, SubscriberKey or EmailAddress; the first one given counts."""
    return find_subscriber(
        call.account,
        key=sent.text("SubscriberKey"),
        number=sent.number("ID"),
        email=sent.text("EmailAddress"),
    )


def known_or_new(call: Call, sent: Struct, *, number: int | None = None) -> int:
    """Return the ID of the subscriber with the `number`, else with the key of `sent`; create one if needed."""
    key = sent.text("SubscriberKey") or sent.text("EmailAddress")
    known = find_subscriber(call.account, key=key, number=number)
    if known is not None:
        return known.id
    change = SubscriberChange(
        key=key,
        email_address=sent.text("EmailAddress"),
        attributes=call.named_values(sent.parts("Attributes")),
    )
    return create_subscriber(call.account, change)


def list_action(call: Call, text: str | None) -> str:
    """Return the Action of a subscription: create, update or delete; empty, with a warning, for any other."""
    action = (text or "").strip().lower()
    if action in ("", "create", "update", "delete"):
        return action
    call.warn(
        f"Action {cut(action, 50)} of a SubscriberList has no effect: it is none of create, update and delete"
    )
    return ""
