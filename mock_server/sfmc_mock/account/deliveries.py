"""From decisions to rows: messages with their batches, the send log, and what happens to what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sfmc_mock.account.account import Account
from sfmc_mock.account.batches import Place, give_places
from sfmc_mock.account.events import Target, write_down
from sfmc_mock.account.recipients import Person
from sfmc_mock.account.rows import append_log_rows
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.simulator.decisions import Decision
from sfmc_mock.simulator.plan import Message, PlannedEvent, plan
from sfmc_mock.store import sends as rows

_OUTCOMES = {"send": "sent", "exclude": "not sent", "refuse": "refused", "queue": "queued"}


@dataclass(frozen=True, slots=True)
class _Post:
    """A decision on one subscriber of a send, by their place in it."""

    send_id: int
    ordinal: int
    person: Person
    decision: Decision


@dataclass(slots=True)
class Outbox:
    """Collects the decisions of a request, or of a queue, and writes down together what they come to."""

    account: Account
    terms: SendContext
    posts: list[_Post] = field(default_factory=list)

    def put(self, send_id: int, ordinal: int, person: Person, decision: Decision) -> None:
        """Take a decision in."""
        self.posts.append(_Post(send_id, ordinal, person, decision))

    def write(self) -> None:
        """Write a message for each decision; those that were taken for good get a log row, and what happens to them."""
        leaving = [each for each in self.posts if each.decision.outcome in ("send", "exclude")]
        places: list[Place] = []
        if leaving:
            numbers = [each.person.number or 0 for each in leaving]
            places = give_places(self.account, self.terms.job_id, numbers)
        now = self.account.now_text()
        logs = bool(self.terms.definition["is_send_logging"])
        messages, log = [], []
        placed = iter(places)
        for post in self.posts:
            place = next(placed) if post.decision.outcome in ("send", "exclude") else None
            messages.append(self._message(post, place, now))
            if logs and post.decision.outcome != "queue":
                log.append(self._log_row(post, place))
        rows.add_messages(self.account.db, messages)
        if log:
            append_log_rows(self.account, log)
        if leaving:
            self._write_events(leaving, places)

    def _message(self, post: _Post, place: Place | None, now: str) -> tuple[object, ...]:
        person, decision = post.person, post.decision
        return (
            post.send_id,
            post.ordinal,
            None if decision.outcome == "queue" else self.terms.job_id or None,
            self.terms.list_id,
            None if place is None else place.batch_id,
            None if place is None else place.repeat,
            person.number,
            person.key,
            person.email_address,
            json.dumps(person.given) if person.given else "{}",
            _OUTCOMES[decision.outcome],
            decision.code,
            _kept(person, decision),
            now,
        )

    def _log_row(self, post: _Post, place: Place | None) -> Mapping[str, object]:
        person = post.person
        # Any column called like an attribute takes its value (documented).
        return {
            **self.terms.defaults,
            **person.attributes,
            "SubscriberKey": person.key,
            "EmailAddress": person.email_address,
            "JobID": self.terms.job_id or None,
            "ListID": self.terms.list_id,
            "BatchID": None if place is None else place.batch_id,
            "SubID": person.number,
            "TriggeredSendID": self.terms.object_id,
            "ErrorCode": post.decision.code,
        }

    def _write_events(self, leaving: list[_Post], places: list[Place]) -> None:
        terms, now = self.terms, self.account.now()
        events: list[tuple[Target, PlannedEvent]] = []
        for post, place in zip(leaving, places, strict=True):
            person = post.person
            message = Message(
                job_id=terms.job_id,
                list_id=terms.list_id,
                batch_id=place.batch_id,
                subscriber_id=person.number or 0,
                subscriber_key=person.key,
                email_address=person.email_address,
                sent_at=now,
                links=terms.links,
                repeat=place.repeat,
            )
            target = Target.of(message, terms.object_id, post.decision.code)
            sent = post.decision.outcome == "send"
            planned = plan(
                message, terms.engagement, terms.lag, terms.draws, person.wishes, sent=sent
            )
            events += [(target, event) for event in planned]
        write_down(self.account, events)


def _kept(person: Person, decision: Decision) -> str:
    """Return the decision as JSON; nothing for the usual one, which follows from the address."""
    if not decision.rule and person.status == "Active" and person.list_status in (None, "Active"):
        return ""
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
