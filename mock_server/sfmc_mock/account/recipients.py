"""Whom a send goes to: what the request says of them, and what the account knows that speaks against it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sfmc_mock.account import attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.simulator.addresses import Wishes, parse
from sfmc_mock.simulator.decisions import Candidate, TooLong, WrongValue, list_detective_blocks
from sfmc_mock.store import subscribers as rows
from sfmc_mock.store.subscribers import KnownSubscriber

# How long an attribute's value may be, whatever the profile says (documented); HTML__ attributes may be longer.
_LONGEST_VALUE = 2_000
_UNLIMITED = "HTML__"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A subscriber as a request names it."""

    key: str | None
    email_address: str | None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    """A recipient with what the account knows of them.

    `given` are the attributes of the request, `on_record` those of the profile. `number` is the SubscriberID, None of
    somebody new; `status` is that on All Subscribers, `list_status` that on the definition's own list.
    """

    key: str
    email_address: str
    given: Mapping[str, str]
    wishes: Wishes | None
    number: int | None = None
    status: str = "Active"
    list_status: str | None = None
    on_record: Mapping[str, str] = field(default_factory=dict)

    @property
    def attributes(self) -> Mapping[str, str]:
        """What personalisation knows of them: what was given goes before what is on record."""
        return {**self.on_record, **self.given} if self.on_record else self.given

    def learn(self, known: KnownSubscriber) -> None:
        """Take over what is on record."""
        self.number, self.status = known.id, known.status
        self.on_record = json.loads(known.attributes)


def look_up(account: Account, terms: SendContext, recipients: Sequence[Recipient]) -> list[Person]:
    """Return the recipients with what is known of them; who has no key goes by their address.

    Raises `SetupError` for a magic address that asks for what nobody knows.
    """
    keys = [(each.key or each.email_address or "").strip() for each in recipients]
    known = rows.known_subscribers(account.db, keys)
    people = []
    for index, (key, recipient) in enumerate(zip(keys, recipients, strict=True)):
        on_record = known.get(index)
        address = (recipient.email_address or "").strip()
        if not address and on_record is not None:
            address = on_record.email_address
        person = Person(key, address, recipient.attributes, parse(address))
        if on_record is not None:
            person.learn(on_record)
        people.append(person)
    if terms.has_own_list:
        numbers = [each.number for each in people if each.number is not None]
        statuses = rows.list_statuses(account.db, terms.list_id, numbers)
        for each in people:
            each.list_status = statuses.get(each.number or 0)
    return people


def candidate_of(
    account: Account, terms: SendContext, person: Person, waited: timedelta | None = None
) -> Candidate:
    """Return what speaks for and against sending to a person; `waited` is how long they were in the queue."""
    address = person.email_address
    facts: dict[str, object] = {"subscriber_key": person.key, "email_address": address}
    if person.status != "Active":
        facts["status"] = person.status
    if person.list_status is not None:
        facts["list_status"] = person.list_status
    if person.wishes is not None and person.wishes.not_sent:
        facts["wish"] = person.wishes.not_sent
    if waited is not None:
        facts["queued_for"] = waited
    if account.strict:
        facts["list_detective"] = list_detective_blocks(address)
    if terms.exclusions.are_any:
        facts["domain_exclusion"] = terms.exclusions.domain_exclusion(address)
        facts["suppression_list"] = terms.exclusions.suppression_list(address)
    if person.given:
        _add_misfits(facts, terms, person.given)
    if terms.requires:
        values = {name.casefold(): value for name, value in person.attributes.items()}
        facts["missing_attributes"] = profile.missing(terms.attributes, values)
    return terms.usual._replace(**facts)  # type: ignore[arg-type]


def _add_misfits(facts: dict[str, object], terms: SendContext, given: Mapping[str, str]) -> None:
    wrong = profile.misfit(terms.attributes, given)
    if wrong is not None and wrong.kind == "wrong":
        facts["invalid_attribute"] = WrongValue(wrong.name, wrong.value, wrong.wanted)
    elif wrong is not None:
        facts["long_attribute"] = TooLong(wrong.name, wrong.limit, len(wrong.value))
    else:
        for name, value in given.items():
            if len(value) > _LONGEST_VALUE and not name.startswith(_UNLIMITED):
                facts["long_attribute"] = TooLong(name, _LONGEST_VALUE, len(value))
