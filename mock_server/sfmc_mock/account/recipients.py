"""Recipients of a send: the data of the request, the subscriber on record, the decision, and what the send changes.

A new subscriber is always added to All Subscribers, for any settings of the definition (assumed).
AutoAddSubscribers also adds them to the definition's own list, AutoUpdateSubscribers updates address and attributes
(documented).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.subscribers import record_unsubscribed
from sfmc_mock.account.suppression import list_with_address
from sfmc_mock.simulator.addresses import is_deliverable, is_valid_address, list_detective_blocks
from sfmc_mock.simulator.candidates import TooLong, WrongValue
from sfmc_mock.simulator.decisions import SEND, Decision, decide
from sfmc_mock.simulator.magic_addresses import Wishes, parse
from sfmc_mock.simulator.messages import Message
from sfmc_mock.simulator.personalization import system_strings
from sfmc_mock.store import subscribers as rows
from sfmc_mock.store.sends import json_text
from sfmc_mock.store.subscribers import KnownSubscriber

# The greatest length of an attribute's value, for any profile (documented); HTML__ attributes may be longer.
_LONGEST_VALUE = 2_000
_UNLIMITED = "HTML__"

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

    def recall(self, known: KnownSubscriber) -> None:
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
    known = rows.known_subscribers(account.db, keys)
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
            name=rows.folded(keys[ordinal]),
            ordinal=ordinal,
            owner=recipient.owner,
        )
        if subscriber is not None:
            delivery.recall(subscriber)
        deliveries.append(delivery)
    if context.has_own_list and known:
        numbers = [delivery.subscriber_id for delivery in deliveries if delivery.subscriber_id]
        statuses = rows.list_statuses(account.db, context.list_id, numbers)
        for delivery in deliveries:
            delivery.list_status = statuses.get(delivery.subscriber_id)
    return deliveries


def decide_on(
    account: Account,
    context: SendContext,
    delivery: Delivery,
    more: Mapping[str, object] | None = None,
) -> Decision:
    """Return whether the message is sent; `more` are facts of a `Candidate` that the caller knows."""
    facts = _facts(account, context, delivery)
    if more:
        facts.update(more)
    key, address = delivery.subscriber_key, delivery.email_address
    if not facts and context.is_active and is_deliverable(key, address):
        return SEND
    candidate = context.usual._replace(
        subscriber_key=key,
        email_address=address,
        **facts,  # type: ignore[arg-type]
    )
    return decide(candidate)


def _facts(account: Account, context: SendContext, delivery: Delivery) -> dict[str, object]:
    """Return the fields of a candidate in which the subscriber differs from the usual one."""
    facts: dict[str, object] = {}
    address = delivery.email_address
    if delivery.is_in_category and rows.is_globally_unsubscribed(account.db, address):
        facts["globally_unsubscribed"] = True
    if delivery.status != "Active":
        facts["status"] = delivery.status
    if delivery.list_status is not None and delivery.list_status != "Active":
        facts["list_status"] = delivery.list_status
    if delivery.wishes is not None and delivery.wishes.not_sent:
        facts["wish"] = delivery.wishes.not_sent
    if delivery.owner is not None:
        facts["unknown_owner"] = not delivery.owner.is_known
        sender = delivery.owner.from_address.strip()
        if sender and not is_valid_address(sender):
            facts["invalid_owner"] = sender
    if account.strict and (reason := list_detective_blocks(address)):
        facts["list_detective"] = reason
    if context.excludes:
        facts["domain_exclusion"] = context.exclusions.domain_exclusion(address)
        facts["suppression_list"] = context.exclusions.suppression_list(address)
    if context.suppression_lists and not facts.get("suppression_list"):
        facts["suppression_list"] = list_with_address(account, context.suppression_lists, address)
    if context.is_filtered_out is not None and context.is_filtered_out(
        _values(account, context, delivery)
    ):
        facts["exclusion"] = context.definition.exclusion_filter
    if delivery.given and context.checks_attributes:
        _add_misfit(facts, context, delivery.given)
    if context.requires:
        values = {name.casefold(): value for name, value in delivery.attributes.items()}
        facts["missing_attributes"] = profile.missing(context.attributes, values)
    return facts


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


def _values(account: Account, context: SendContext, delivery: Delivery) -> Mapping[str, str]:
    """Return the values of a recipient for an exclusion filter."""
    strings = strings_of(account, context, delivery)
    own = {name.lower(): value for name, value in delivery.attributes.items()}
    return {**strings, **context.defaults, **own}


def _add_misfit(facts: dict[str, object], context: SendContext, given: Mapping[str, str]) -> None:
    misfit = profile.misfit(context.attributes, given)
    if misfit is not None:
        is_wrong = isinstance(misfit, WrongValue)
        facts["invalid_attribute" if is_wrong else "long_attribute"] = misfit
    else:
        for name, value in given.items():
            if len(value) > _LONGEST_VALUE and not name.startswith(_UNLIMITED):
                facts["long_attribute"] = TooLong(name, _LONGEST_VALUE, len(value))


# What a send changes of its subscribers.


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

    def recall(self, delivery: Delivery) -> None:
        """Give a delivery the changes that an earlier one of the request made to the same subscriber."""
        entry = self._entries.get(delivery.name)
        if entry is None:
            return
        delivery.subscriber_id, delivery.profile = entry.number, entry.attributes
        if not delivery.email_address:
            delivery.email_address = entry.email_address
            delivery.wishes = parse(entry.email_address)

    def take(self, delivery: Delivery) -> None:
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
            rows.add_subscribers(db, now, new)
        if changed:
            rows.update_profiles(db, now, changed)
        if self._members:
            rows.join_list(db, now, self._context.list_id, self._members)
