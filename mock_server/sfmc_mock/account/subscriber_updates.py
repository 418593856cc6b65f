"""What a send changes of its subscribers: new ones are made, known ones updated or put on a list.

Who is not known yet is added to All Subscribers, whatever the definition says (assumed). AutoAddSubscribers also puts
them on the definition's own list, AutoUpdateSubscribers takes over address and attributes (documented).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sfmc_mock.account import attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Person
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.subscribers import fresh_ids
from sfmc_mock.simulator.addresses import parse
from sfmc_mock.store import subscribers as rows


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

    def __init__(self, account: Account, terms: SendContext, people: Sequence[Person]) -> None:
        self._account = account
        self._terms = terms
        self._adds = bool(terms.definition["auto_add_subscribers"]) and terms.has_own_list
        self._updates = bool(terms.definition["auto_update_subscribers"])
        new = {rows.folded(each.key): each.key for each in people if each.number is None}
        self._numbers = fresh_ids(account, new)
        self._entries: dict[str, _Entry] = {}
        self._members: dict[int, None] = {}

    def recall(self, person: Person) -> None:
        """Let a person know what the request has made of them before, when it names them again."""
        entry = self._entries.get(rows.folded(person.key))
        if entry is None:
            return
        person.number, person.on_record = entry.number, entry.attributes
        if not person.email_address:
            person.email_address = entry.email_address
            person.wishes = parse(entry.email_address)

    def take(self, person: Person) -> int:
        """Note what becomes of a person who was not refused; return their SubscriberID."""
        folded = rows.folded(person.key)
        entry = self._entries.get(folded)
        if person.number is None:
            person.number = self._numbers[folded]
            given = profile.kept(self._terms.attributes, person.given)
            entry = _Entry(person.key, person.number, person.email_address, given, True)
            self._entries[folded] = entry
        elif self._updates:
            entry = entry or _Entry(
                person.key, person.number, person.email_address, dict(person.on_record), False
            )
            self._entries[folded] = entry
            entry.email_address = person.email_address
            entry.attributes |= profile.kept(self._terms.attributes, person.given)
            entry.is_changed = True
        if self._adds and person.list_status is None:
            self._members[person.number] = None
        return person.number

    def write(self) -> None:
        """Write down everybody who is new, was changed, or joins the list."""
        db, now = self._account.db, self._account.now_text()
        entries = self._entries.values()
        rows.add_subscribers(
            db,
            now,
            (
                (each.number, each.key, each.email_address, json.dumps(each.attributes))
                for each in entries
                if each.is_new
            ),
        )
        if self._updates:
            rows.update_profiles(
                db,
                now,
                (
                    (each.email_address, json.dumps(each.attributes), each.number)
                    for each in entries
                    if each.is_changed and not each.is_new
                ),
            )
        if self._members:
            rows.join_list(db, now, self._terms.list_id, self._members)
