"""TriggeredSend: the request to send a definition's email to subscribers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sfmc_mock.account.recipients import Owner, Recipient
from sfmc_mock.account.send_context import SendContext, send_context_of, unknown_attributes
from sfmc_mock.account.send_queue import change_waiting, take_back
from sfmc_mock.account.sends import Failure, trigger
from sfmc_mock.account.setup import has_old_schema
from sfmc_mock.account.triggered_send_definitions import find_definition, find_definition_named
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.errors import Refused
from sfmc_mock.objects.send_warnings import (
    warn_of_filter_of_send,
    warn_of_list_detective,
    warn_of_log_variables,
)
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.store.row_types import Definition
from sfmc_mock.wire.struct import Struct

# Text, with its two spaces: seen live.
_NOBODY = "Unable to queue Triggered Send request.  There are no valid subscribers."


# Alternative text of the code: documented.
_NOTHING_WAITS = (
    180008,
    "Triggered Send request was not queued. There are no valid subscribers.",
)


class TriggeredSendHandler(Handler):
    """Messages to subscribers with a triggered send definition: Create sends them.

    Update changes and Delete removes messages that are queued because their definition is paused. That both operations
    exist: documented; their effect, and that the subscribers identify the messages: assumed. That a message can be
    deleted from the queue follows from a documented code (37).
    """

    object_type = "TriggeredSend"
    scope = "email"
    special_scopes: ClassVar = dict.fromkeys(("Create", "Update", "Delete"), "email_send")
    result_types: ClassVar = {"Create": "TriggeredSendCreateResult"}
    # A failed result shows SubscriberFailures and no Object (client-side dumps).
    results_echo = False
    reads: ClassVar = {
        "": ("TriggeredSendDefinition", "Subscribers", "Attributes"),
        "TriggeredSendDefinition": ("ObjectID", "CustomerKey"),
        "Subscribers": ("SubscriberKey", "EmailAddress", "Attributes", "Owner"),
        "Subscribers.Owner": ("FromName", "FromAddress", "Client"),
    }

    def create(self, call: Call, sent: Struct) -> Outcome:
        if not sent.values:
            raise Refused(18000, "Triggered Send Object not found")
        context = _context(call, sent)
        subscribers = sent.parts("Subscribers")
        recipients = _recipients(call, sent, subscribers)
        _warn_of_unknown_attributes(call, context, recipients)
        result = trigger(call.account, context.definition, recipients, context)
        call.sends.append(result.send_id)
        if context.further_columns:
            warn_of_log_variables(call, context)
        if context.definition.exclusion_filter:
            warn_of_filter_of_send(call, "TriggeredSendDefinition", context)
        if not call.account.strict:
            warn_of_list_detective(call, [recipient.email_address for recipient in recipients])
        extra: dict[str, object] = {}
        if result.failures:
            with_number = not has_old_schema(call.account)
            extra["SubscriberFailures"] = [
                _failure(subscribers[failure.ordinal], failure, with_number=with_number)
                for failure in result.failures
            ]
        done = Outcome("Created TriggeredSend", extra=extra)
        if not result.accepted:
            done.refusal = Refused(180008, _NOBODY, extra)
        return done

    def update(self, call: Call, sent: Struct) -> Outcome:
        """Change address and attributes of queued messages to the given subscribers."""
        context = _context(call, sent)
        recipients = _recipients(call, sent, sent.parts("Subscribers"))
        _warn_of_unknown_attributes(call, context, recipients)
        if not change_waiting(call.account, context.definition, recipients):
            raise Refused(*_NOTHING_WAITS)
        return Outcome("Updated TriggeredSend")

    def delete(self, call: Call, sent: Struct) -> Outcome:
        """Remove queued messages to the given subscribers, or all queued messages if none is given."""
        definition = _context(call, sent).definition
        keys = [
            (recipient.key or recipient.email_address or "").strip()
            for recipient in _recipients(call, sent, sent.parts("Subscribers"))
        ]
        if not take_back(call.account, definition, keys):
            raise Refused(*_NOTHING_WAITS)
        return Outcome("Deleted TriggeredSend")

    def check_queued(self, call: Call, operation: str, sent: Struct) -> None:
        """Refuse, on arrival, an asynchronous Create without a known definition or a valid address (documented)."""
        if operation != "Create":
            return
        _context(call, sent)
        addresses = (subscriber.text("EmailAddress") for subscriber in sent.parts("Subscribers"))
        # The address is optional if the account knows the subscriber by the key.
        if not any(address is None or is_valid_address(address) for address in addresses):
            raise Refused(180008, _NOBODY)

    def about(self, sent: Struct) -> str:
        """Return the definition and the first recipient, as text for the journal."""
        definition = sent.part("TriggeredSendDefinition") or sent
        subscribers = sent.parts("Subscribers")
        first = subscribers[0] if subscribers else sent
        to = first.text("EmailAddress") or first.text("SubscriberKey") or "nobody"
        more = f" and {len(subscribers) - 1} more" if len(subscribers) > 1 else ""
        key = definition.text("CustomerKey") or definition.text("ObjectID") or "?"
        return f"{key} → {to}{more}"


_MOST_SPELLINGS = 1_000


def _context(call: Call, sent: Struct) -> SendContext:
    """Return the send context of the definition that the send names. Raises `Refused` (18002: documented)."""
    named = sent.part("TriggeredSendDefinition") or Struct("TriggeredSendDefinition")
    spelling = object_id, key = named.text("ObjectID"), named.text("CustomerKey")
    known = call.account.cached("contexts of triggered sends")
    context: SendContext | None = known.get(spelling)
    if context is None:
        definition = _definition(call, object_id, key)
        context = send_context_of(call.account, definition)
        # Not cached if found by name: each such call gets the warning.
        if object_id or (key or "").casefold() == definition.customer_key.casefold():
            put_bounded(known, spelling, context, _MOST_SPELLINGS)
    return context


def _recipients(call: Call, sent: Struct, subscribers: Sequence[Struct]) -> list[Recipient]:
    """Return the recipients; those without attributes get the attributes of the send itself (assumed)."""
    shared = call.named_values(sent.parts("Attributes")) if "Attributes" in sent.values else None
    recipients = []
    for subscriber in subscribers:
        given = call.named_values(subscriber.parts("Attributes"))
        owner = subscriber.part("Owner")
        recipients.append(
            Recipient(
                subscriber.text("SubscriberKey"),
                subscriber.text("EmailAddress"),
                {**shared, **given} if shared else given,
                _owner(call, owner) if owner is not None else None,
            )
        )
    return recipients


def _owner(call: Call, owner: Struct) -> Owner | None:
    """Return the sender of the messages to a subscriber, or None if the send gives none."""
    if not owner.values:
        return None
    client = owner.part("Client") or Struct("ClientID")
    mid = client.number("ID") or client.number("ClientID")
    account = call.account
    is_known = mid in (None, 0, account.mid) or account.related(mid or 0) is not None
    return Owner(owner.text("FromName") or "", owner.text("FromAddress") or "", is_known)


def _warn_of_unknown_attributes(
    call: Call, context: SendContext, recipients: Sequence[Recipient]
) -> None:
    """Warn a call of attributes that the account does not have: the service ignores them (documented)."""
    known = context.attributes
    unknown: set[str] = set()
    for recipient in recipients:
        for name in recipient.attributes:
            if name.casefold() not in known:
                unknown.add(name)
    if not unknown:
        return
    unknown = unknown_attributes(call.account, context, unknown)
    done = (
        "it was ignored" if call.strict else "it was taken all the same, for columns of that name"
    )
    for name in sorted(unknown):
        call.warn(
            f"the account has no profile attribute '{name}': {done}; the live service ignores it, and a column of that "
            "name stays empty. Create it with Configure"
        )


def _failure(subscriber: Struct, failure: Failure, *, with_number: bool) -> Struct:
    decision = failure.decision
    # Only the identities, as in client-side dumps.
    shown = Struct(
        "Subscriber",
        {
            name: subscriber.values[name]
            for name in ("EmailAddress", "SubscriberKey")
            if name in subscriber
        },
    )
    values: dict[str, object] = {
        "Subscriber": shown,
        "ErrorCode": "TriggeredSendSubscriberProcessingError",
        "ErrorDescription": decision.text,
        "Ordinal": failure.ordinal,
    }
    if decision.code is not None and with_number:
        values["ErrorCodeID"] = decision.code
    return Struct("SubscriberResult", values)


def _definition(call: Call, object_id: str | None, key: str | None) -> Definition:
    """Return the definition with an ObjectID or a CustomerKey. Raises `Refused` (18002: documented)."""
    if not object_id and not key:
        # Text: seen live.
        raise Refused(
            18002,
            "The Triggered Send Object must contain the Triggered Send ID or the Customer Key",
        )
    definition = find_definition(call.account, object_id=object_id, key=key)
    if definition is not None:
        if object_id and key and key.casefold() != definition.customer_key.casefold():
            raise Refused(18002, "Triggered Send Definition ID/Customer Key don't match")
        return definition
    if object_id:
        raise Refused(18002, "Triggered Send Definition ID is invalid")
    assert key is not None
    definition = None if call.strict else find_definition_named(call.account, key)
    if definition is None:
        raise Refused(18002, "Invalid Customer Key")
    call.warn(
        f"no triggered send definition has the key '{key}'; the one of that name "
        f"(key '{definition.customer_key}') was taken: the live service answers 18002"
    )
    return definition
