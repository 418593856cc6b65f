"""An account for sends: a definition, a send log, requests, and functions that return the results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from sfmc_mock.account import Account, profile_attributes
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extension_rows import log_plan
from sfmc_mock.account.data_extensions import DataExtensionChange, create, send_log
from sfmc_mock.account.explanations import Explanation, explain
from sfmc_mock.account.send_log_rows import OF_MESSAGE, LogRows
from sfmc_mock.account.sends import Recipient, Sent, trigger
from sfmc_mock.account.subscribers import (
    SubscriberChange,
    create_subscriber,
    find_subscriber,
    set_status,
)
from sfmc_mock.account.tracking_events import make_happen
from sfmc_mock.account.triggered_send_definitions import (
    DefinitionChange,
    change_definition,
    create_definition,
    find_definition,
)
from sfmc_mock.store import sent_messages
from sfmc_mock.store.database import Row
from sfmc_mock.store.event_log import visible_events
from sfmc_mock.store.row_types import Definition, MessageRow, Subscriber

COMMERCIAL, TRANSACTIONAL = "Default Commercial", "Default Transactional"


def make_attribute(account: Account, name: str, **columns: object) -> None:
    """Give the account a profile attribute."""
    profile_attributes.create_attribute(account, {"name": name, **columns})


def make_log(account: Account, *columns: str) -> None:
    """Give the account a send log with some additional text columns."""
    own = [FieldChange(name=name, max_length=200) for name in columns]
    numbers = [
        FieldChange(name=name, field_type="Number")
        for name in ("JobID", "ListID", "BatchID", "SubID", "ErrorCode")
    ]
    texts = [
        FieldChange(name=name, max_length=254)
        for name in ("TriggeredSendID", "SubscriberKey", "EmailAddress")
    ]
    wanted = DataExtensionChange(name="SendLog", fields=(*numbers, *texts, *own))
    create(account, wanted, is_send_log=True)


def add_log_rows(account: Account, rows: Iterable[Mapping[str, object]]) -> None:
    """Add rows to the send log; values are given by column names in any case."""
    plan = log_plan(account)
    assert plan is not None
    folded = [{name.casefold(): value for name, value in row.items()} for row in rows]
    log = LogRows(plan, {}, ())
    usual, own = log.usual(account.now_text()), (None,) * len(OF_MESSAGE)
    account.db.add(log.insert, [log.row(usual, row, {}, own) for row in folded])


def make_list(account: Account, name: str, **columns: object) -> int:
    """Create a list and return its ID."""
    now = account.now_text()
    row = {
        "object_id": account.object_id("list", name),
        "customer_key": name,
        "name": name,
        "type": "Public",
        "description": "",
        "classification": "ExactTargetList",
        "is_all_subscribers": 0,
        "created_at": now,
        "modified_at": now,
    }
    return account.db.insert("list", {**row, **columns})


def make_subscriber(account: Account, key: str, email: str | None = None, **said: Any) -> int:
    """Create a subscriber and return the ID; the default address is made from the key."""
    change = SubscriberChange(key=key, email_address=email or f"{key}@mail.example", **said)
    return create_subscriber(account, change)


def make_definition(
    account: Account,
    key: str = "welcome",
    *,
    status: str = "Active",
    classification: str = COMMERCIAL,
    **columns: object,
) -> Definition:
    """Create a definition with send logging, in a reachable status, and return it."""
    email = account.db.find("email") or {}
    found = account.db.find("send_classification", customer_key=classification) or {}
    wanted = {
        "customer_key": key,
        "name": key,
        "email_id": email["id"],
        "send_classification_id": found["id"],
        "is_send_logging": 1,
    }
    definition = create_definition(account, {**wanted, **columns})
    for step in {"Active": ["Active"], "Inactive": ["Active", "Inactive"]}.get(status, []):
        definition = change_definition(account, definition, DefinitionChange({}, status=step))
    return definition


def change(
    account: Account,
    key: str = "welcome",
    *,
    status: str | None = None,
    refresh: bool = False,
    **columns: object,
) -> Definition:
    """Change a definition like an Update, and return it."""
    definition = find_definition(account, key=key)
    assert definition is not None
    with account.db.atomic():
        return change_definition(account, definition, DefinitionChange(columns, status, refresh))


def send(
    account: Account,
    *to: str | Recipient,
    key: str = "welcome",
    attributes: Mapping[str, str] | None = None,
) -> Sent:
    """Trigger a definition for recipients; a text names one by address or SubscriberKey."""
    definition = find_definition(account, key=key)
    assert definition is not None
    recipients = [
        each
        if isinstance(each, Recipient)
        else Recipient(each, each if "@" in each else None, dict(attributes or {}))
        for each in to
    ]
    with account.db.atomic():
        account.settle()
        return trigger(account, definition, recipients)


def happen(
    account: Account, kind: str, sent: Sent, *, after: timedelta = timedelta(), **details: Any
) -> None:
    """Add an event to the only message of a send."""
    with account.db.atomic():
        account.settle()
        (message,) = sent_messages.messages(account.db, send_id=sent.send_id)
        make_happen(account, message, kind, account.now() + after, details)


class _TakenBack(Exception):
    pass


@contextmanager
def taken_back(account: Account) -> Iterator[None]:
    """Run a function in a transaction that fails at its end."""
    with suppress(_TakenBack), account.db.atomic():
        yield
        raise _TakenBack


def advance(account: Account, **span: float) -> None:
    """Advance the clock."""
    account.change_clock(lambda clock: clock.advance(timedelta(**span)))


def messages(account: Account, sent: Sent | None = None) -> list[MessageRow]:
    """Return the messages, of one send or of all, in the order of the requests."""
    found = sent_messages.messages(
        account.db, send_id=sent.send_id if sent else None, limit=1_000_000
    )
    return sorted(found, key=lambda row: (row["send_id"], row["ordinal"]))


def outcomes(account: Account) -> list[tuple[object, object]]:
    """Return outcome and code of every message, in the order of the requests."""
    return [(row["outcome"], row["error_code"]) for row in messages(account)]


def events(account: Account, subscriber: str | None = None) -> list[Row]:
    """Return the visible events, in the order in which they happened."""
    return visible_events(account.db, subscriber=subscriber, until=account.now_text())


def event_types(account: Account, subscriber: str | None = None) -> list[object]:
    """Return the EventTypes of the visible events, in the order in which they happened."""
    return [row["type"] for row in events(account, subscriber)]


def log_rows(account: Account, *columns: str) -> list[Any]:
    """Return the rows of the send log: whole, as tuples of columns, or the values of one column."""
    log = send_log(account)
    assert log is not None
    rows = account.db.find_all(log.table)
    if not columns:
        return rows
    if len(columns) == 1:
        return [row[columns[0]] for row in rows]
    return [tuple(row[name] for name in columns) for row in rows]


def subscriber_of(account: Account, key: str) -> Subscriber:
    """Return the subscriber with the key, who must exist."""
    subscriber = find_subscriber(account, key=key)
    assert subscriber is not None
    return subscriber


def status_of(account: Account, key: str) -> str | None:
    """Return a subscriber's status on All Subscribers."""
    subscriber = find_subscriber(account, key=key)
    return subscriber.status if subscriber else None


def give_status(account: Account, key: str, status: str) -> None:
    """Set a subscriber's status on All Subscribers."""
    set_status(account, subscriber_of(account, key).id, status)


def profile_of(account: Account, key: str) -> object:
    """Return the stored attributes of a subscriber."""
    row = account.db.find("subscriber", subscriber_key=key)
    return json.loads(str(row["attributes"])) if row else None


def explained(account: Account, sent: Sent) -> Explanation:
    """Return the explanation of the only message of a send."""
    (found,) = explain(account, send_id=sent.send_id)
    return found


def column(rows: Sequence[Mapping[str, object]], name: str) -> list[object]:
    """Return one column of rows."""
    return [row[name] for row in rows]
