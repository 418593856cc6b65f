"""Triggered sends: from the request to the decision for each subscriber, the log row and the events.

One road for all: every subscriber of a request gets a message with its decision; those decided on also get a row of
the send log, and a SentEvent or NotSentEvent. What waits in the queue of a paused definition takes the same road when
it is started.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sfmc_mock.account import attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.behaviour import draws, engagement, lag
from sfmc_mock.account.definitions import ensure_job, list_of
from sfmc_mock.account.exclusions import Exclusions, exclusions
from sfmc_mock.account.happenings import Target, links_of, write_down
from sfmc_mock.account.rows import append_log_rows
from sfmc_mock.account.subscribers import insert_subscriber, join_list
from sfmc_mock.clock import stored
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.simulator.addresses import Wishes, parse
from sfmc_mock.simulator.decisions import (
    QUEUE_LIFETIME,
    Candidate,
    Decision,
    TooLong,
    WrongValue,
    decide,
    list_detective_blocks,
)
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.plan import Message, PlannedEvent, plan
from sfmc_mock.store import sends as rows
from sfmc_mock.store.database import Row

# How many subscribers share a batch at most (documented).
BATCH_SIZE = 500

# How long an attribute's value may be, whatever the profile says (documented); HTML__ attributes may be longer.
_LONGEST_VALUE = 2_000


@dataclass(frozen=True, slots=True)
class Recipient:
    """A subscriber as a request names it."""

    key: str | None
    email_address: str | None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A subscriber who was refused while the request was answered."""

    ordinal: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request. `accepted` counts those sent to, excluded at send time, and queued."""

    send_id: int
    accepted: int
    failures: tuple[Failure, ...]


def trigger(account: Account, definition: Row, recipients: Sequence[Recipient]) -> Sent:
    """Send, queue or refuse for each recipient, and keep the decisions.

    Raises `Refused` (18xxx: documented) when the definition takes no sends, nobody is named, or a magic address asks
    for what nobody knows; nothing is kept then.
    """
    _check_status(str(definition["status"]))
    if not recipients:
        raise Refused(180007, "The Triggered Send Object must have subscribers associated with it")
    work = _Work.begin(account, definition)
    try:
        wishes = [parse(each.email_address or "") for each in recipients]
    except SetupError as problem:
        # The emulator's own: the service has no magic addresses.
        raise Refused(2, str(problem)) from None
    send_id = account.db.insert(
        "send",
        {
            "definition_id": definition["id"],
            "definition_key": definition["customer_key"],
            "requested_at": stored(work.now),
            "status": "Accepted",
        },
    )
    failures = []
    for ordinal, recipient in enumerate(recipients):
        decision = work.take(send_id, ordinal, recipient, wishes[ordinal])
        if decision.outcome == "refuse":
            failures.append(Failure(ordinal, decision))
    work.finish()
    accepted = len(recipients) - len(failures)
    if not accepted:
        account.db.update("send", {"status": "Refused"}, id=send_id)
    elif definition["status"] == "Inactive":
        account.db.update("send", {"status": "Queued"}, id=send_id)
        account.plan_due(
            work.now + QUEUE_LIFETIME,
            "queue expiry",
            {"definition_id": definition["id"], "send_id": send_id},
        )
    return Sent(send_id, accepted, tuple(failures))


def _check_status(status: str) -> None:
    if status == "New":
        # Code and text: documented.
        raise Refused(
            18001,
            "The Triggered Send Definition is not completely configured or in a new status. "
            "Please check Triggered Send Definition configuration.",
        )
    if status not in ("Active", "Inactive"):
        raise Refused(18002, "Triggered Send must be in an Active or Inactive status")


def drain_queue(account: Account, definition: Row) -> None:
    """Send what waited for a definition that has been started, the oldest first."""
    _decide_queued(account, definition, None)


def clear_queue(account: Account, definition: Row) -> None:
    """Give up what waited for a definition that was canceled or deleted: it counts as not sent."""
    _decide_queued(account, definition, None)


def expire_queue(account: Account, at: datetime, payload: dict[str, object]) -> None:
    """Give up what waited too long for its definition to be started."""
    definition = account.db.find("triggered_send_definition", id=payload["definition_id"])
    if definition is not None:
        _decide_queued(account, definition, int(str(payload["send_id"])))


def _decide_queued(account: Account, definition: Row, send_id: int | None) -> None:
    waiting = rows.queued_messages(account.db, int(str(definition["id"])), send_id)
    if not waiting:
        return
    work = _Work.begin(account, definition)
    for message in waiting:
        recipient = Recipient(
            str(message["subscriber_key"]),
            str(message["email_address"]),
            json.loads(str(message["attributes"])),
        )
        account.db.delete("message", id=message["id"])
        work.take(
            int(str(message["send_id"])),
            int(str(message["ordinal"])),
            recipient,
            parse(recipient.email_address or ""),
            queued_at=datetime.fromisoformat(str(message["decided_at"])),
        )
    work.finish()
    for done in dict.fromkeys(message["send_id"] for message in waiting):
        account.db.update("send", {"status": "Accepted"}, id=done)


@dataclass(slots=True)
class _Delivery:
    """A message that gets its batch, log row and events when the work is finished."""

    send_id: int
    ordinal: int
    subscriber_id: int
    recipient: Recipient
    decision: Decision
    wishes: Wishes | None
    is_new: bool
    attributes: Mapping[str, str]
    batch_id: int = 0
    repeat: int = 0


@dataclass(slots=True)
class _Work:
    """The decisions of one call, and the rows that they become, written together at the end."""

    account: Account
    definition: Row
    now: datetime
    list_id: int
    is_own_list: bool
    list_name: str
    classification: str
    known: Mapping[str, profile.Attribute]
    exclusions: Exclusions
    deliveries: list[_Delivery] = field(default_factory=list)
    messages: list[tuple[object, ...]] = field(default_factory=list)
    log: list[Mapping[str, object]] = field(default_factory=list)

    @classmethod
    def begin(cls, account: Account, definition: Row) -> _Work:
        list_id = list_of(account, definition)
        found = account.db.find("list", id=list_id) or {}
        classification = account.db.find(
            "send_classification", id=definition["send_classification_id"]
        )
        return cls(
            account=account,
            definition=definition,
            now=account.now(),
            list_id=list_id,
            is_own_list=not found.get("is_all_subscribers"),
            list_name=str(found.get("name", "")),
            classification=str(classification["type"]) if classification else "Marketing",
            known=profile.by_folded_name(account),
            exclusions=exclusions(account),
        )

    def take(
        self,
        send_id: int,
        ordinal: int,
        recipient: Recipient,
        wishes: Wishes | None,
        *,
        queued_at: datetime | None = None,
    ) -> Decision:
        """Decide on a recipient, and note what follows from it."""
        key = (recipient.key or recipient.email_address or "").strip()
        row = self.account.db.find("subscriber", subscriber_key=key) if key else None
        address = (recipient.email_address or "").strip()
        if not address and row is not None:
            address = str(row["email_address"])
        recipient = Recipient(key, address, recipient.attributes)
        before = json.loads(str(row["attributes"])) if row is not None else {}
        decision = decide(self._candidate(recipient, row, before, wishes, queued_at))
        if decision.outcome == "refuse":
            self._refused(send_id, ordinal, recipient, row, decision)
            return decision
        subscriber_id = self._subscriber(recipient, row, before)
        if decision.outcome == "queue":
            self._message(
                send_id, ordinal, recipient, decision, "queued", None, None, subscriber_id
            )
            return decision
        self.deliveries.append(
            _Delivery(
                send_id,
                ordinal,
                subscriber_id,
                recipient,
                decision,
                wishes,
                row is None,
                {**before, **recipient.attributes},
            )
        )
        return decision

    def _candidate(
        self,
        recipient: Recipient,
        row: Row | None,
        before: Mapping[str, str],
        wishes: Wishes | None,
        queued_at: datetime | None,
    ) -> Candidate:
        given = recipient.attributes
        key, address = recipient.key or "", recipient.email_address or ""
        wrong = profile.misfit(self.known, given) if given else None
        long = _too_long(given, wrong)
        values = {name.casefold(): value for name, value in {**before, **given}.items()}
        return Candidate(
            subscriber_key=key,
            email_address=address,
            status=str(row["status"]) if row is not None else "Active",
            list_status=self._list_status(row),
            list_name=self.list_name,
            definition=str(self.definition["customer_key"]),
            definition_status=str(self.definition["status"]),
            classification=self.classification,
            list_detective=list_detective_blocks(address) if self.account.strict else None,
            domain_exclusion=self.exclusions.domain_exclusion(address),
            suppression_list=self.exclusions.suppression_list(address),
            missing_attributes=profile.missing(self.known, values),
            invalid_attribute=WrongValue(wrong.name, wrong.value, wrong.wanted)
            if wrong is not None and wrong.kind == "wrong"
            else None,
            long_attribute=long,
            queued_for=self.now - queued_at if queued_at is not None else None,
            wish=wishes.not_sent if wishes is not None else None,
        )

    def _list_status(self, row: Row | None) -> str:
        if row is None or not self.is_own_list:
            return "Active"
        member = self.account.db.find(
            "list_subscriber", list_id=self.list_id, subscriber_id=row["id"]
        )
        return str(member["status"]) if member is not None else "Active"

    def _subscriber(self, recipient: Recipient, row: Row | None, before: Mapping[str, str]) -> int:
        """Return the subscriber's ID; who is not known yet is added to All Subscribers (assumed).

        AutoAddSubscribers also puts them on the definition's list, AutoUpdateSubscribers takes over address and
        attributes (documented).
        """
        account, definition = self.account, self.definition
        key, address = recipient.key or "", recipient.email_address or ""
        if row is None:
            number = insert_subscriber(account, key, address, attributes=recipient.attributes)
            if definition["auto_add_subscribers"] and self.is_own_list:
                join_list(account, number, self.list_id)
            return number
        number = int(str(row["id"]))
        if definition["auto_update_subscribers"]:
            self._update_profile(number, address, recipient.attributes, before)
        if definition["auto_add_subscribers"] and self.is_own_list:
            member = account.db.count("list_subscriber", list_id=self.list_id, subscriber_id=number)
            if not member:
                join_list(account, number, self.list_id)
        return number

    def _update_profile(
        self, number: int, address: str, given: Mapping[str, str], before: Mapping[str, str]
    ) -> None:
        kept = {
            self.known[name.casefold()].name: value
            for name, value in given.items()
            if name.casefold() in self.known and not self.known[name.casefold()].is_send_time
        }
        self.account.db.update(
            "subscriber",
            {
                "email_address": address,
                "attributes": json.dumps({**before, **kept}),
                "modified_at": stored(self.now),
            },
            id=number,
        )

    def _refused(
        self,
        send_id: int,
        ordinal: int,
        recipient: Recipient,
        row: Row | None,
        decision: Decision,
    ) -> None:
        subscriber_id = int(str(row["id"])) if row is not None else None
        job_id = self.definition["job_id"]
        self._message(send_id, ordinal, recipient, decision, "refused", job_id, None, subscriber_id)
        self._log_row(recipient, recipient.attributes, job_id, None, subscriber_id, decision.code)

    def _message(
        self,
        send_id: int,
        ordinal: int,
        recipient: Recipient,
        decision: Decision,
        outcome: str,
        job_id: object,
        batch_id: int | None,
        subscriber_id: int | None,
    ) -> None:
        self.messages.append(
            (
                send_id,
                ordinal,
                job_id,
                self.list_id,
                batch_id,
                subscriber_id,
                recipient.key,
                recipient.email_address,
                json.dumps(dict(recipient.attributes)),
                outcome,
                decision.code,
                _kept_decision(decision),
                stored(self.now),
            )
        )

    def _log_row(
        self,
        recipient: Recipient,
        attributes: Mapping[str, str],
        job_id: object,
        batch_id: int | None,
        subscriber_id: int | None,
        code: int | None,
    ) -> None:
        if not self.definition["is_send_logging"]:
            return
        # Any column called like an attribute takes its value (documented).
        self.log.append(
            {
                **attributes,
                "SubscriberKey": recipient.key,
                "EmailAddress": recipient.email_address,
                "JobID": job_id,
                "ListID": self.list_id,
                "BatchID": batch_id,
                "SubID": subscriber_id,
                "TriggeredSendID": self.definition["object_id"],
                "ErrorCode": code,
            }
        )

    def finish(self) -> None:
        """Write down everything that the decisions came to."""
        events: list[tuple[Target, PlannedEvent]] = []
        if self.deliveries:
            job_id = ensure_job(self.account, self.definition)
            first = rows.begin_round(self.account.db, job_id, stored(self.now))
            self._give_batches(job_id, first)
            links = links_of(self.account, job_id)
            for delivery in self.deliveries:
                events.extend(self._deliver(delivery, job_id, links))
        rows.add_messages(self.account.db, self.messages)
        if self.log:
            append_log_rows(self.account, self.log)
        write_down(self.account, events)

    def _give_batches(self, job_id: int, first: int) -> None:
        """Give each delivery a batch of at most 500 in which its subscriber was not yet, and count their repeats."""
        earlier: dict[int, tuple[int, int]] = {}
        for index, delivery in enumerate(self.deliveries):
            number = delivery.subscriber_id
            if number not in earlier:
                known = (0, 0)
                if not delivery.is_new:
                    known = rows.earlier_batches(self.account.db, job_id, number)
                earlier[number] = known
            last, repeat = earlier[number]
            delivery.batch_id = max(first + index // BATCH_SIZE, last + 1)
            delivery.repeat = repeat
            earlier[number] = (delivery.batch_id, repeat + 1)
        highest = max(delivery.batch_id for delivery in self.deliveries)
        rows.raise_highest_batch(self.account.db, job_id, highest)

    def _deliver(
        self, delivery: _Delivery, job_id: int, links: tuple[Link, ...]
    ) -> list[tuple[Target, PlannedEvent]]:
        recipient, decision, batch_id = delivery.recipient, delivery.decision, delivery.batch_id
        outcome = "sent" if decision.outcome == "send" else "not sent"
        self._message(
            delivery.send_id,
            delivery.ordinal,
            recipient,
            decision,
            outcome,
            job_id,
            batch_id,
            delivery.subscriber_id,
        )
        self._log_row(
            recipient,
            delivery.attributes,
            job_id,
            batch_id,
            delivery.subscriber_id,
            decision.code,
        )
        target = Target(
            job_id,
            self.list_id,
            batch_id,
            delivery.subscriber_id,
            recipient.key or "",
            str(self.definition["object_id"]),
        )
        message = Message(
            job_id=job_id,
            list_id=self.list_id,
            batch_id=batch_id,
            subscriber_id=delivery.subscriber_id,
            subscriber_key=recipient.key or "",
            email_address=recipient.email_address or "",
            sent_at=self.now,
            links=links,
            repeat=delivery.repeat,
        )
        account = self.account
        planned = plan(
            message,
            engagement(account),
            lag(account),
            draws(account),
            delivery.wishes,
            sent=decision.outcome == "send",
        )
        return [(target, event) for event in planned]


def _too_long(given: Mapping[str, str], wrong: profile.Misfit | None) -> TooLong | None:
    if wrong is not None and wrong.kind == "too long":
        return TooLong(wrong.name, wrong.limit, len(wrong.value))
    for name, value in given.items():
        if len(value) > _LONGEST_VALUE and not name.startswith("HTML__"):
            return TooLong(name, _LONGEST_VALUE, len(value))
    return None


def _kept_decision(decision: Decision) -> str:
    return json.dumps(
        {
            "rule": decision.rule,
            "name": decision.name,
            "text": decision.text,
            "why": decision.why,
            "remedy": decision.remedy,
            "where": decision.where,
            "origin": decision.origin,
        }
    )
