"""What a send changes of its subscribers.

A new subscriber is always added to All Subscribers, for any settings of the definition (assumed).
AutoAddSubscribers also adds them to the definition's own list, AutoUpdateSubscribers updates address and attributes
(documented).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.simulator.magic_addresses import parse
from sfmc_mock.store import subscribers as subscriber_rows
from sfmc_mock.store.sends import json_text


@dataclass(slots=True)
class _Entry:
    """The record of a subscriber after the request."""

    key: str
    number: int
    email_address: str
    attributes: dict[str, str]
    is_new: bool
    is_changed: bool = False


class SubscriberUpdates:
    """The subscribers of one request, taken in its order, and written together.

    New ones are added, known ones updated or put on a list.
    """

    def __init__(
        self, account: Account, context: SendContext, deliveries: Sequence[Delivery]
    ) -> None:
        self._account = account
        self._context = context
        self._adds = bool(context.definition.auto_add_subscribers) and context.has_own_list
        self._updates = bool(context.definition.auto_update_subscribers)
        new: dict[str, str] = {}
        for delivery in deliveries:
            if not delivery.subscriber_id:
                new[delivery.name] = delivery.subscriber_key
        self._numbers = account.subscriber_ids(new) if new else {}
        self._entries: dict[str, _Entry] = {}
        self._members: dict[int, None] = {}

    def apply_earlier(self, delivery: Delivery) -> None:
        """Give a delivery the changes that an earlier one of the request made to the same subscriber."""
        entry = self._entries.get(delivery.name)
        if entry is None:
            return
        delivery.subscriber_id, delivery.profile = entry.number, entry.attributes
        if not delivery.email_address:
            delivery.email_address = entry.email_address
            delivery.wishes = parse(entry.email_address)

    def note(self, delivery: Delivery) -> None:
        """Note the changes that a delivery makes, and give a new subscriber an ID."""
        if not delivery.subscriber_id:
            number = delivery.subscriber_id = self._numbers[delivery.name]
            kept = profile.known_values(self._context.attributes, delivery.given)
            self._entries[delivery.name] = _Entry(
                delivery.subscriber_key, number, delivery.email_address, kept, is_new=True
            )
        elif self._updates:
            self._update(delivery)
        if self._adds and delivery.list_status is None:
            self._members[delivery.subscriber_id] = None

    def _update(self, delivery: Delivery) -> None:
        entry = self._entries.get(delivery.name)
        if entry is None:
            entry = self._entries[delivery.name] = _Entry(
                delivery.subscriber_key,
                delivery.subscriber_id,
                delivery.email_address,
                dict(delivery.profile or {}),
                is_new=False,
            )
        entry.email_address = delivery.email_address
        entry.attributes |= profile.known_values(self._context.attributes, delivery.given)
        entry.is_changed = True

    def write(self, now: str) -> None:
        """Write new and changed subscribers, and those that join the list."""
        db = self._account.db
        new, changed = [], []
        for entry in self._entries.values():
            attributes = json_text(entry.attributes)
            if entry.is_new:
                new.append((entry.number, entry.key, entry.email_address, attributes))
            elif entry.is_changed:
                changed.append((entry.key, entry.email_address, attributes, entry.number))
        if new:
            subscriber_rows.add_subscribers(db, now, new)
        if changed:
            subscriber_rows.update_profiles(db, now, changed)
        if self._members:
            subscriber_rows.join_list(db, now, self._context.list_id, self._members)
