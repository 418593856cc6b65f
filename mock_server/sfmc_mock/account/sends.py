"""Sends: the steps from a request to its messages, its log rows and its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sfmc_mock.account import send_data_extension
from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.account.deliveries import write_deliveries
from sfmc_mock.account.recipients import Delivery, Recipient, look_up
from sfmc_mock.account.send_context import SendContext, send_context_of
from sfmc_mock.account.send_decisions import decide_on
from sfmc_mock.account.send_queue import plan_expiry
from sfmc_mock.account.subscriber_updates import SubscriberUpdates
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.simulator.decisions import Decision
from sfmc_mock.store import sends as send_rows
from sfmc_mock.store.row_types import Definition

__all__ = ["Failure", "Recipient", "Sent", "deliver", "look_up_or_refuse", "trigger"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A subscriber whom a request refused."""

    ordinal: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a request. `accepted` counts those sent to, excluded at send time, and queued."""

    send_id: int
    accepted: int
    failures: Sequence[Failure]


def trigger(
    account: Account,
    definition: Definition,
    recipients: Sequence[Recipient],
    context: SendContext | None = None,
) -> Sent:
    """Send to each recipient, queue or refuse the message, and store the decision; `context` saves reading it again.

    Raises `Refused` (18xxx: documented) when the definition takes no sends, there are no recipients, or a magic address
    has unknown labels; nothing is stored then.
    """
    if definition.status not in ("Active", "Inactive"):
        raise _not_ready(definition.status)
    if not recipients:
        raise Refused(180007, "The Triggered Send Object must have subscribers associated with it")
    # A request has one time, also while the clock runs.
    with account.at():
        if context is None:
            context = send_context_of(account, definition)
        source = None
        if definition.send_source_data_extension_id is not None:
            source = send_data_extension.find_source(account, definition)
        with account.db.deferring(len(recipients)):
            return _trigger(account, context, source, recipients)


def _trigger(
    account: Account,
    context: SendContext,
    source: DataExtension | None,
    recipients: Sequence[Recipient],
) -> Sent:
    definition = context.definition
    deliveries = look_up_or_refuse(account, context, recipients)
    send_id = send_rows.add_send(
        account.db, definition.id, definition.customer_key, account.now_text()
    )
    refused = deliver(account, context, send_id, deliveries, source=source)
    accepted = len(deliveries) - len(refused)
    if not accepted:
        send_rows.change_status(account.db, send_id, "Refused")
    elif definition.status == "Inactive":
        send_rows.change_status(account.db, send_id, "Queued")
        plan_expiry(account, definition.id, send_id)
    return Sent(send_id, accepted, [Failure(each.ordinal, each.decision) for each in refused])


def deliver(
    account: Account,
    context: SendContext,
    send_id: int,
    deliveries: Sequence[Delivery],
    *,
    source: DataExtension | None = None,
    facts: Callable[[Delivery], Mapping[str, object]] | None = None,
) -> list[Delivery]:
    """Decide on the deliveries of a send, and write their messages and events; return the refused ones.

    `source` gets a row for each accepted one; `facts` are known facts of each, as fields of a `Candidate`.
    """
    now = account.now_text()
    updates = SubscriberUpdates(account, context, deliveries)
    refused, owned = [], []
    for delivery in deliveries:
        delivery.send_id = send_id
        updates.apply_earlier(delivery)
        more = facts(delivery) if facts is not None else None
        if source is not None:
            more = send_data_extension.row_problems(source, delivery)
        delivery.decision = decide_on(account, context, delivery, more)
        if delivery.owner is not None:
            owned.append((send_id, delivery.ordinal, *delivery.owner[:2]))
        if delivery.decision.outcome == "refuse":
            refused.append(delivery)
            continue
        updates.note(delivery)
        if source is not None:
            send_data_extension.add_row(account, source, delivery)
    updates.write(now)
    write_deliveries(account, context, deliveries, now)
    if owned:
        send_rows.add_owners(account.db, owned)
    return refused


def _not_ready(status: str) -> Refused:
    """Return the refusal by a definition that takes no sends."""
    if status == "New":
        # Code and text: documented.
        return Refused(
            18001,
            "The Triggered Send Definition is not completely configured or in a new status. "
            "Please check Triggered Send Definition configuration.",
        )
    return Refused(18002, "Triggered Send must be in an Active or Inactive status")


def look_up_or_refuse(
    account: Account, context: SendContext, recipients: Sequence[Recipient]
) -> list[Delivery]:
    """Return a delivery for each recipient. Raises `Refused` for a magic address with unknown labels."""
    try:
        return look_up(account, context, recipients)
    except SetupError as problem:
        # The emulator's own: the service has no magic addresses.
        raise Refused(2, str(problem)) from None
