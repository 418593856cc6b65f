"""Changes of subscribers by a send: new ones are added, known ones updated or put on a list.

A subscriber who is not known yet is added to All Subscribers, whatever the definition says (assumed).
AutoAddSubscribers also puts them on the definition's own list, AutoUpdateSubscribers takes over address and attributes
(documented).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.subscribers import fresh_ids
from sfmc_mock.simulator.magic_addresses import parse
from sfmc_mock.store import subscribers as rows
from sfmc_mock.store.sends import json_text


@dataclass(slots=True)
class _Entry:
    """A subscriber as they will be on record after the request."""

    key: str
    number: int
    email_address: str
    attributes: dict[str, str]
    is_new: bool
    is_changed: bool = False


class SubscriberUpdates:
    """The subscribers of one request, taken in its order, and written together."""

    def __init__(
        self, account: Account, context: SendContext, deliveries: Sequence[Delivery]
    ) -> None:
        self._account = account
        self._context = context
        self._adds = bool(context.definition.auto_add_subscribers) and context.has_own_list
        self._updates = bool(context.definition.auto_update_subscribers)
        new = {
            rows.folded(delivery.subscriber_key): delivery.subscriber_key
            for delivery in deliveries
            if not delivery.subscriber_id
        }
        self._numbers = fresh_ids(account, new)
        self._entries: dict[str, _Entry] = {}
        self._members: dict[int, None] = {}

    def recall(self, delivery: Delivery) -> None:
        """Give a delivery what an earlier one of the request has made of the same subscriber."""
        entry = self._entries.get(rows.folded(delivery.subscriber_key))
        if entry is None:
            return
        delivery.subscriber_id, delivery.profile = entry.number, entry.attributes
        if not delivery.email_address:
            delivery.email_address = entry.email_address
            delivery.wishes = parse(entry.email_address)

    def take(self, delivery: Delivery) -> None:
        """Note the changes that a delivery makes, and give a new subscriber an ID."""
        if not delivery.subscriber_id:
            folded = rows.folded(delivery.subscriber_key)
            number = delivery.subscriber_id = self._numbers[folded]
            kept = profile.kept(self._context.attributes, delivery.given)
            self._entries[folded] = _Entry(
                delivery.subscriber_key, number, delivery.email_address, kept, is_new=True
            )
        elif self._updates:
            self._update(delivery)
        if self._adds and delivery.list_status is None:
            self._members[delivery.subscriber_id] = None

    def _update(self, delivery: Delivery) -> None:
        folded = rows.folded(delivery.subscriber_key)
        entry = self._entries.get(folded)
        if entry is None:
            entry = self._entries[folded] = _Entry(
                delivery.subscriber_key,
                delivery.subscriber_id,
                delivery.email_address,
                dict(delivery.profile or {}),
                is_new=False,
            )
        entry.email_address = delivery.email_address
        entry.attributes |= profile.kept(self._context.attributes, delivery.given)
        entry.is_changed = True

    def write(self) -> None:
        """Write the subscribers who are new, changed, or join the list."""
        db, now = self._account.db, self._account.now_text()
        entries = self._entries.values()
        new = [
            (entry.number, entry.key, entry.email_address, json_text(entry.attributes))
            for entry in entries
            if entry.is_new
        ]
        if new:
            rows.add_subscribers(db, now, new)
        if self._updates:
            changed = [
                (entry.key, entry.email_address, json_text(entry.attributes), entry.number)
                for entry in entries
                if entry.is_changed and not entry.is_new
            ]
            rows.update_profiles(db, now, changed)
        if self._members:
            rows.join_list(db, now, self._context.list_id, self._members)
