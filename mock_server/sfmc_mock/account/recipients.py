"""Recipients of a send: the data of the request, and of the subscriber on record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from sfmc_mock.account.account import Account
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.subscribers import record_unsubscribed
from sfmc_mock.simulator.decisions import SEND, Decision
from sfmc_mock.simulator.magic_addresses import Wishes, parse
from sfmc_mock.simulator.messages import Message
from sfmc_mock.simulator.personalization import system_strings
from sfmc_mock.store import subscribers as subscriber_rows
from sfmc_mock.store.subscribers import KnownSubscriber

_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class Owner(NamedTuple):
    """The sender of a message, as its subscriber's Owner gives it; `is_known` is false for a foreign account."""

    from_name: str
    from_address: str
    is_known: bool = True


class Recipient(NamedTuple):
    """A subscriber as a request names it."""

    key: str | None
    email_address: str | None
    attributes: Mapping[str, str] = _NO_ATTRIBUTES
    owner: Owner | None = None


@dataclass(slots=True, kw_only=True)
class Delivery(Message):
    """A message on its way from the request to its rows.

    `given` are the attributes of the request, `profile` those on record. `subscriber_id` is 0 for a new subscriber.
    `status` is that on All Subscribers, `list_status` that on the definition's own list, None when they are not on it.
    `is_in_category` says whether they have a global unsubscribe category.
    `batch_id` is 0 for a message without a place in a batch.
    """

    given: Mapping[str, str]
    wishes: Wishes | None
    name: str
    """The SubscriberKey as the store compares it."""
    send_id: int = 0
    ordinal: int = 0
    status: str = "Active"
    list_status: str | None = None
    profile: Mapping[str, str] | None = None
    is_in_category: bool = False
    decision: Decision = SEND
    owner: Owner | None = None

    @property
    def attributes(self) -> Mapping[str, str]:
        """The values for personalization: those of the request, then those of the profile."""
        return {**self.profile, **self.given} if self.profile else self.given

    def take_over(self, known: KnownSubscriber) -> None:
        """Take over the values on record."""
        self.subscriber_id, self.status = known.id, known.status
        self.profile = json.loads(known.attributes) if known.attributes != "{}" else {}
        self.is_in_category = known.global_unsubscribe_category_id is not None


def look_up(
    account: Account, context: SendContext, recipients: Sequence[Recipient]
) -> list[Delivery]:
    """Return a delivery for each recipient; without a key, the address is the key.

    New subscribers who unsubscribed from the enterprise are added to the account before.
    Raises `SetupError` for a magic address with unknown labels.
    """
    keys = []
    for recipient in recipients:
        keys.append((recipient.key or recipient.email_address or "").strip())
    if account.is_shared:
        addresses = ((recipient.email_address or "").strip() for recipient in recipients)
        record_unsubscribed(account, zip(keys, addresses, strict=True))
    known = subscriber_rows.known_subscribers(account.db, keys)
    sent_at = account.now()
    deliveries = []
    for ordinal, recipient in enumerate(recipients):
        subscriber = known.get(ordinal)
        address = (recipient.email_address or "").strip()
        if not address and subscriber is not None:
            address = subscriber.email_address
        delivery = Delivery(
            job_id=context.job_id,
            list_id=context.list_id,
            batch_id=0,
            subscriber_id=0,
            subscriber_key=keys[ordinal],
            email_address=address,
            sent_at=sent_at,
            links=context.links,
            given=recipient.attributes,
            wishes=parse(address),
            name=subscriber_rows.folded(keys[ordinal]),
            ordinal=ordinal,
            owner=recipient.owner,
        )
        if subscriber is not None:
            delivery.take_over(subscriber)
        deliveries.append(delivery)
    if context.has_own_list and known:
        numbers = [delivery.subscriber_id for delivery in deliveries if delivery.subscriber_id]
        statuses = subscriber_rows.list_statuses(account.db, context.list_id, numbers)
        for delivery in deliveries:
            delivery.list_status = statuses.get(delivery.subscriber_id)
    return deliveries


def strings_of(
    account: Account,
    context: SendContext,
    delivery: Delivery,
    *,
    email_name: str = "",
    email_id: int = 0,
    additional: str = "",
) -> dict[str, str]:
    """Return the personalization strings of a delivery, by their names in lower case."""
    return system_strings(
        subscriber_key=delivery.subscriber_key,
        email_address=delivery.email_address,
        subscriber_id=delivery.subscriber_id,
        job_id=context.job_id,
        list_id=context.list_id,
        batch_id=delivery.batch_id,
        mid=account.mid,
        email_name=email_name,
        sent_at=delivery.sent_at,
        email_id=email_id,
        list_name=context.usual.list_name,
        additional=additional,
    )
