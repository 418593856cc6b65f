"""Triggered sends: a request is decided on, subscriber by subscriber, and everything that follows is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfmc_mock.account import send_data_extension
from sfmc_mock.account.account import Account
from sfmc_mock.account.deliveries import Outbox
from sfmc_mock.account.queue import plan_expiry
from sfmc_mock.account.recipients import Person, Recipient, candidate_of, look_up
from sfmc_mock.account.send_context import SendContext, send_context_of
from sfmc_mock.account.subscriber_updates import SubscriberUpdates
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.simulator.decisions import Decision, decide
from sfmc_mock.store import sends as rows
from sfmc_mock.store.database import Row

__all__ = ["Failure", "Recipient", "Sent", "trigger"]


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
    # A request has one time, also while the clock runs.
    with account.at(account.now()):
        return _trigger(account, definition, recipients)


def _trigger(account: Account, definition: Row, recipients: Sequence[Recipient]) -> Sent:
    terms = send_context_of(account, definition)
    source = send_data_extension.source_of(account, definition)
    people = _people(account, terms, recipients)
    send_id = rows.add_send(
        account.db, definition["id"], definition["customer_key"], account.now_text()
    )
    enrolment = SubscriberUpdates(account, terms, people)
    outbox = Outbox(account, terms)
    failures = []
    for ordinal, person in enumerate(people):
        enrolment.recall(person)
        candidate = candidate_of(account, terms, person)
        if source is not None:
            candidate = send_data_extension.checked(source, person, candidate)
        decision = decide(candidate)
        outbox.put(send_id, ordinal, person, decision)
        if decision.outcome == "refuse":
            failures.append(Failure(ordinal, decision))
            continue
        enrolment.take(person)
        if source is not None:
            send_data_extension.keep(account, source, person)
    enrolment.write()
    outbox.write()
    accepted = len(people) - len(failures)
    if not accepted:
        account.db.update("send", {"status": "Refused"}, id=send_id)
    elif definition["status"] == "Inactive":
        account.db.update("send", {"status": "Queued"}, id=send_id)
        plan_expiry(account, definition, send_id)
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


def _people(account: Account, terms: SendContext, recipients: Sequence[Recipient]) -> list[Person]:
    try:
        return look_up(account, terms, recipients)
    except SetupError as problem:
        # The emulator's own: the service has no magic addresses.
        raise Refused(2, str(problem)) from None
