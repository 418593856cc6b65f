"""Explanations of messages: the decision, its rule and the events, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sfmc_mock.account.account import Account
from sfmc_mock.errors import SetupError
from sfmc_mock.json_records import json_of
from sfmc_mock.simulator.candidates import Candidate
from sfmc_mock.simulator.decisions import decide
from sfmc_mock.simulator.durations import format_duration
from sfmc_mock.simulator.event_sentences import event_sentence
from sfmc_mock.simulator.messages import EVENT_TYPES, Kind, PlannedEvent
from sfmc_mock.simulator.send_rules import QUEUE_LIFETIME
from sfmc_mock.store import event_log, sent_messages
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import MessageRow, read_record

_KINDS: dict[str, Kind] = {event_type: kind for kind, event_type in EVENT_TYPES.items()}

_TIME = "%Y-%m-%d %H:%M:%S"

_SAID = {
    "sent": "Sent",
    "not sent": "Not sent",
    "refused": "Refused in the answer",
    "queued": "Queued",
}


@dataclass(frozen=True, slots=True)
class HappenedEvent:
    """An event of a message: its EventType, its two times, and a sentence about it."""

    type: str
    happens_at: datetime
    visible_at: datetime
    visible: bool
    sentence: str

    def as_json(self) -> dict[str, object]:
        return json_of(self)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision on a message: its reason, its rule, what would change it, and the events of the message.

    `outcome` is sent, not sent, refused or queued. `code` and `name` are the service's; None and empty when it has
    none. `rule` names the emulator's rule that blocked the message; empty when no rule did.
    """

    send_id: int
    ordinal: int
    definition: str
    definition_status: str
    subscriber_key: str
    email_address: str
    subscriber_id: int | None
    job_id: int | None
    batch_id: int | None
    list_id: int | None
    attributes: Mapping[str, str]
    outcome: str
    code: int | None
    name: str
    rule: str
    why: str
    remedy: str
    where: str
    origin: str
    decided_at: datetime
    now: datetime
    events: tuple[HappenedEvent, ...]

    @property
    def verdict(self) -> str:
        """The outcome with its code, as in `Not sent, code 2 (Held).`"""
        said = _SAID[self.outcome]
        return f"{said}, code {self.code} ({self.name})." if self.code else f"{said}."

    def __str__(self) -> str:
        to = self.email_address or self.subscriber_key or "nobody"
        lines = [
            f"Send {self.send_id}, '{self.definition}' → {to}: {self.verdict}",
            f"  {self.why}",
        ]
        if self.rule:
            lines.append(f"  rule      {self.rule} ({self.origin})")
        if self.where:
            lines.append(f"  seen as   {self.where}")
        if self.remedy and self.outcome != "sent":
            lines.append(f"  change    {self.remedy}")
        numbers = {
            "JobID": self.job_id,
            "BatchID": self.batch_id,
            "SubscriberID": self.subscriber_id,
        }
        known = [f"{name} {number}" for name, number in numbers.items() if number is not None]
        if known:
            lines.append(f"  numbers   {', '.join(known)}")
        lines += [f"  it        {event.sentence}" for event in self.events]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """Return the explanation as JSON; its events in the order in which they happen."""
        return json_of(self)


def explain(
    account: Account,
    *,
    send_id: int | None = None,
    subscriber: str | int | None = None,
    unique_id: str | None = None,
) -> list[Explanation]:
    """Explain the messages of a send, to a subscriber (key, address or ID), or sent with a unique id; newest first.

    Raises `SetupError` when there are none; its text names messages that exist.
    """
    with account.db.lock:
        account.settle()
        messages = sent_messages.messages(
            account.db, send_id=send_id, subscriber=subscriber, unique_id=unique_id
        )
        if not messages:
            raise SetupError(_nothing(account, send_id, subscriber, unique_id))
        return [_explanation(account, message) for message in messages]


def _nothing(
    account: Account, send_id: int | None, subscriber: str | int | None, unique_id: str | None
) -> str:
    wanted = [
        f"send {send_id}" if send_id is not None else "",
        f"subscriber '{subscriber}'" if subscriber is not None else "",
        f"unique id '{unique_id}'" if unique_id is not None else "",
    ]
    asked = " and ".join(filter(None, wanted)) or "anything"
    waiting = account.db.count("async_request", status="Queued")
    later = (
        f" {waiting:,} asynchronous {'requests wait' if waiting > 1 else 'request waits'}: see `sfmc-mock queue`."
        if waiting
        else ""
    )
    newest = sent_messages.sends(account.db, limit=3)
    if not newest:
        return f"There is no message for {asked}: nothing was sent yet in account {account.mid}.{later}"
    known = ", ".join(
        f"send {row['id']} ('{row['definition_key']}' → {row['first_address']})" for row in newest
    )
    return f"There is no message for {asked}. The newest sends are: {known}.{later}"


def _explanation(account: Account, message: MessageRow) -> Explanation:
    decision = _decision(message)
    now = account.now()
    definition = account.db.find("triggered_send_definition", id=message["definition_id"]) or {}
    decided_at = datetime.fromisoformat(message["decided_at"])
    why = decision["why"]
    if message["outcome"] == "queued":
        expires = decided_at + QUEUE_LIFETIME
        left = format_duration(max(expires - now, timedelta()))
        why += (
            f" The message waits since {decided_at:{_TIME}}, and expires after {expires:{_TIME}}, in {left}; "
            f"the clock stands at {now:{_TIME}}."
        )
    return read_record(
        Explanation,
        {**decision, **message},
        definition=message["definition_key"],
        definition_status=definition.get("status", ""),
        subscriber_key=message["subscriber_key"] or "",
        email_address=message["email_address"] or "",
        attributes=json.loads(message["attributes"]),
        code=message["error_code"],
        why=why,
        decided_at=decided_at,
        now=now,
        events=tuple(_event(row, now) for row in event_log.events_of(account.db, message)),
    )


def _decision(message: MessageRow) -> dict[str, Any]:
    """Return a stored decision; the usual one is not stored, because it follows from the address."""
    if message["decision"]:
        return cast(dict[str, Any], json.loads(message["decision"]))
    usual = Candidate(message["subscriber_key"] or "", message["email_address"] or "")
    return decide(usual)._asdict()


def _event(row: Row, now: datetime) -> HappenedEvent:
    happens_at = datetime.fromisoformat(row["happens_at"])
    visible_at = datetime.fromisoformat(row["visible_at"])
    planned = PlannedEvent(_KINDS[row["type"]], happens_at, visible_at, event_log.details_of(row))
    return HappenedEvent(
        row["type"], happens_at, visible_at, visible_at <= now, event_sentence(planned, now)
    )
