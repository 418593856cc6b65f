"""Import rows of files into a list: subscribers are added, changed and put on it, a thousand at a time.

Columns are Email Address, Subscriber Key, Status, Email Type, and profile attributes by their names. Without a key the
address is the key (documented for accounts without keys of their own; assumed for all imports).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts
from sfmc_mock.account.enterprise_unsubscribes import unsubscribed_elsewhere
from sfmc_mock.account.import_sources import ImportedFiles, ImportPlan, ImportRow, RowErrors
from sfmc_mock.account.subscribers import set_list_status, set_status
from sfmc_mock.simulator.addresses import KEY_LIMIT, is_valid_address
from sfmc_mock.store import subscribers as subscriber_rows
from sfmc_mock.store.database import Row

_BATCH = 1_000
_ADDRESS, _KEY, _STATUS, _EMAIL_TYPE = ("Email Address", "Subscriber Key", "Status", "Email Type")
_OWN = {
    name.replace(" ", "").casefold(): name for name in (_ADDRESS, _KEY, _STATUS, _EMAIL_TYPE)
} | {"email": _ADDRESS, "emailtypepreference": _EMAIL_TYPE}
_OWN_NAMES = frozenset(_OWN.values())
_STATUSES = {"active", "unsubscribed", "held", "bounced"}
_EMAIL_TYPES = {"html": "HTML", "text": "Text", "h": "HTML", "t": "Text"}


@dataclass(slots=True)
class _Person:
    """A row of the files, as a subscriber."""

    where: str
    actions: str
    key: str
    email: str
    status: str
    email_type: str
    attributes: dict[str, str]


class ListImport:
    """One import into a list; `files` are those that it reads. Raises `ActivityFailed`."""

    def __init__(self, account: Account, wanted: Row, plan: ImportPlan, errors: RowErrors) -> None:
        self._account = account
        self._overwrites = plan.update_type == "Overwrite"
        self._everybody = bool(wanted["is_all_subscribers"])
        self._list_id = wanted["id"]
        self._attributes = profile.by_folded_name(account)
        names = [attribute.name for attribute in self._attributes.values()]
        self.files = ImportedFiles(account, plan, errors, self._known, [_ADDRESS, _KEY, *names])
        if not {_ADDRESS, _KEY} & set(self.files.columns):
            raise ActivityFailed(f"The file has no column for {_ADDRESS} or {_KEY}.")
        self._seen: set[int] = set()
        self._done = self._duplicates = 0

    def _known(self, name: str) -> str | None:
        """Return the standard spelling of a column's name, None for an unknown column."""
        own = _OWN.get(name.replace(" ", "").replace("_", "").casefold())
        attribute = self._attributes.get(name.casefold())
        return own or (attribute.name if attribute is not None else None)

    def run(self) -> Counts:
        """Import the subscribers, and return the counts."""
        if self._overwrites and not self._everybody:
            self._account.db.delete("list_subscriber", list_id=self._list_id)
        people = self._people()
        while batch := list(islice(people, _BATCH)):
            self._take(batch)
        return self.files.counts(self._done, self._duplicates)

    def _people(self) -> Iterator[_Person]:
        for row in self.files.rows():
            if not row.actions:
                continue
            person = self._person(row)
            reason = self._wrong(person)
            if reason:
                self.files.refuse(row.where, reason)
                continue
            # Eight bytes tell keys apart; the keys themselves would fill the memory.
            digest = hash(subscriber_rows.folded(person.key))
            if digest in self._seen:
                self._duplicates += 1
                continue
            self._seen.add(digest)
            yield person

    def _person(self, row: ImportRow) -> _Person:
        given = dict(zip(self.files.columns, row.texts, strict=True))
        own = {name: (given.pop(name, None) or "").strip() for name in _OWN_NAMES}
        return _Person(
            row.where,
            "au" if self._overwrites else row.actions,
            own[_KEY] or own[_ADDRESS],
            own[_ADDRESS],
            own[_STATUS].capitalize(),
            own[_EMAIL_TYPE],
            {name: text for name, text in given.items() if text is not None},
        )

    def _wrong(self, person: _Person) -> str:
        """Return why a row is not imported, empty when it is; texts are assumed."""
        if not person.key:
            return f"The row has neither {_ADDRESS} nor {_KEY}."
        if person.email and not is_valid_address(person.email):
            return f"The value for column [{_ADDRESS}] is not a valid email address."
        if len(person.key) > KEY_LIMIT:
            return f"The value for column [{_KEY}] has more than {KEY_LIMIT} characters."
        if person.status and person.status.lower() not in _STATUSES:
            return f"The value for column [{_STATUS}] is not a valid status: {person.status}."
        if person.email_type and person.email_type.lower() not in _EMAIL_TYPES:
            return f"The value for column [{_EMAIL_TYPE}] is neither HTML nor Text."
        misfit = profile.misfit(self._attributes, person.attributes)
        return "" if misfit is None else f"The value for column [{misfit.name}] does not fit."

    # A batch.

    def _take(self, batch: list[_Person]) -> None:
        known = subscriber_rows.known_subscribers(
            self._account.db, [person.key for person in batch]
        )
        new = self._added([person for at, person in enumerate(batch) if at not in known])
        met = [(batch[at], subscriber) for at, subscriber in sorted(known.items())]
        changed = [(person, before) for person, before in met if "u" in person.actions]
        self._change(changed)
        self._leave([before.id for person, before in met if "d" in person.actions])
        members = {**new, **{before.id: person for person, before in changed}}
        self._done += len(members)
        self._join(members)

    def _added(self, people: list[_Person]) -> dict[int, _Person]:
        """Add those whose row may add, and return them by their IDs."""
        wanted = [person for person in people if "a" in person.actions]
        for person in wanted:
            if not person.email:
                self.files.refuse(person.where, f"The value for column [{_ADDRESS}] is missing.")
        by_key = {subscriber_rows.folded(person.key): person for person in wanted if person.email}
        numbers = self._account.subscriber_ids({key: person.key for key, person in by_key.items()})
        added = {numbers[key]: person for key, person in by_key.items()}
        subscriber_rows.add_subscribers(
            self._account.db,
            self._account.now_text(),
            (
                (number, person.key, person.email, self._kept({}, person.attributes))
                for number, person in added.items()
            ),
        )
        for number, person in added.items():
            if unsubscribed_elsewhere(self._account, person.key):
                set_status(self._account, number, "Unsubscribed")
        self._set_more(added)
        return added

    def _change(self, changed: list[tuple[_Person, subscriber_rows.KnownSubscriber]]) -> None:
        subscriber_rows.update_profiles(
            self._account.db,
            self._account.now_text(),
            (
                (
                    person.key,
                    person.email or before.email_address,
                    self._kept(json.loads(before.attributes), person.attributes),
                    before.id,
                )
                for person, before in changed
            ),
        )
        self._set_more({before.id: person for person, before in changed})

    def _set_more(self, people: Mapping[int, _Person]) -> None:
        """Give subscribers the status and email type that their rows say."""
        for number, person in people.items():
            if person.status and self._everybody:
                set_status(self._account, number, person.status)
            if person.email_type:
                kind = _EMAIL_TYPES[person.email_type.lower()]
                self._account.db.update("subscriber", {"email_type": kind}, id=number)

    def _join(self, people: Mapping[int, _Person]) -> None:
        if self._everybody:
            return
        subscriber_rows.join_list(self._account.db, self._account.now_text(), self._list_id, people)
        for number, person in people.items():
            if person.status:
                set_list_status(self._account, number, self._list_id, person.status)

    def _leave(self, numbers: list[int]) -> None:
        self._done += len(numbers)
        for number in numbers:
            self._account.db.delete("list_subscriber", list_id=self._list_id, subscriber_id=number)

    def _kept(self, before: Mapping[str, str], given: Mapping[str, str]) -> str:
        return json.dumps({**before, **profile.known_values(self._attributes, given)})
