"""Subscribers: the people of an account, their status, attributes and lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.enterprise_unsubscribes import unsubscribed_elsewhere
from sfmc_mock.account.lists import find_list
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.addresses import KEY_LIMIT, is_valid_address, list_detective_blocks
from sfmc_mock.store import subscribers as subscriber_rows
from sfmc_mock.store.row_types import Subscriber, find_record


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriberChange:
    """The changes of a subscriber that a caller wants; None leaves a value as it is."""

    key: str | None = None
    email_address: str | None = None
    status: str | None = None
    email_type: str | None = None
    attributes: Mapping[str, str] | None = None
    lists: tuple[ListChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ListChange:
    """A change of a subscription. `action` is create, update, delete or empty (create or update)."""

    list_id: int
    status: str
    action: str


def find_subscriber(
    account: Account, *, key: str | None = None, number: int | None = None, email: str | None = None
) -> Subscriber | None:
    """Return the subscriber that the ID, else the key, else the address names; the first one given decides."""
    for column, value in (("id", number), ("subscriber_key", key), ("email_address", email)):
        if value:
            return find_record(account.db, Subscriber, "subscriber", **{column: value})
    return None


def create_subscriber(account: Account, wanted: SubscriberChange) -> int:
    """Add a subscriber and return its ID. Raises `Refused` (12xxx: documented)."""
    email = (wanted.email_address or "").strip()
    key = (wanted.key or "").strip() or email
    _check_address(account, email)
    if account.lacks("subscriber_key"):
        # Then the address is the key (documented of the code).
        key = email
        if account.db.count("subscriber", email_address=email):
            raise Refused(12007, "EmailAddressAlreadyExists")
    if subscriber_rows.is_globally_unsubscribed(account.db, email):
        raise Refused(12003, "OnGlobalUnsubList")
    _check_key(key)
    if account.db.count("subscriber", subscriber_key=key):
        # Text: recorded.
        raise Refused(12014, "The subscriber is already on the list")
    is_gone = not wanted.status and unsubscribed_elsewhere(account, key) is not None
    status = wanted.status or ("Unsubscribed" if is_gone else "Active")
    if status in ("Bounced", "Deleted"):
        raise Refused(
            12016, f'Subscriber.Status: when creating a subscriber the status cannot be "{status}"'
        )
    given = dict(wanted.attributes or {})
    _check_attributes(account, given, {})
    number = insert_subscriber(
        account, key, email, attributes=given, status=status, email_type=wanted.email_type or "HTML"
    )
    _change_lists(account, number, wanted.lists)
    return number


def insert_subscriber(
    account: Account,
    key: str,
    email: str,
    *,
    attributes: Mapping[str, str],
    status: str = "Active",
    email_type: str = "HTML",
) -> int:
    """Add a subscriber without further checks, and return its ID, which its key determines."""
    number = account.subscriber_ids({key: key})[key]
    known = profile.by_folded_name(account) if attributes else {}
    now = account.now_text()
    account.db.insert(
        "subscriber",
        {
            "id": number,
            "subscriber_key": key,
            "email_address": email,
            "status": status,
            "email_type": email_type,
            "attributes": json.dumps(profile.known_values(known, attributes)),
            "created_at": now,
            "modified_at": now,
            "unsubscribed_at": now if status == "Unsubscribed" else None,
        },
    )
    return number


def record_unsubscribed(account: Account, recipients: Iterable[tuple[str, str]]) -> None:
    """Add those of the new recipients (keys and addresses) who unsubscribed from the enterprise, as unsubscribed."""
    for key, address in recipients:
        if find_subscriber(account, key=key) is not None:
            continue
        known = unsubscribed_elsewhere(account, key)
        if known is not None:
            insert_subscriber(
                account, key, address or known.email_address, attributes={}, status="Unsubscribed"
            )


def change_subscriber(account: Account, subscriber: Subscriber, wanted: SubscriberChange) -> None:
    """Change a subscriber. Raises `Refused` (12xxx: documented)."""
    changes: dict[str, object] = {}
    if wanted.email_address is not None:
        _check_address(account, wanted.email_address)
        changes["email_address"] = wanted.email_address
    if wanted.key and subscriber_rows.folded(wanted.key) != subscriber_rows.folded(
        subscriber.subscriber_key
    ):
        _check_key(wanted.key)
        if account.db.count("subscriber", subscriber_key=wanted.key):
            raise Refused(12014, "The subscriber is already on the list")
        changes["subscriber_key"] = wanted.key
    if wanted.email_type is not None:
        changes["email_type"] = wanted.email_type
    if wanted.attributes:
        before = json.loads(subscriber.attributes)
        _check_attributes(account, wanted.attributes, before)
        known = profile.by_folded_name(account)
        changes["attributes"] = json.dumps(
            {**before, **profile.known_values(known, wanted.attributes)}
        )
    if wanted.status is not None and wanted.status != subscriber.status:
        _check_status_change(account, subscriber, wanted.status)
        changes.update(_status_change(account, wanted.status))
    changes["modified_at"] = account.now_text()
    account.db.update("subscriber", changes, id=subscriber.id)
    _change_lists(account, subscriber.id, wanted.lists)


def set_status(account: Account, subscriber_id: int, status: str) -> None:
    """Change the status of a subscriber on All Subscribers; if it is the same, its date stays."""
    subscriber = find_subscriber(account, number=subscriber_id)
    if subscriber is None or subscriber.status == status:
        return
    changes = {**_status_change(account, status), "modified_at": account.now_text()}
    account.db.update("subscriber", changes, id=subscriber_id)


def _status_change(account: Account, status: str) -> dict[str, object]:
    unsubscribed = account.now_text() if status == "Unsubscribed" else None
    return {"status": status, "unsubscribed_at": unsubscribed}


def _check_status_change(account: Account, subscriber: Subscriber, status: str) -> None:
    """Raise `Refused` for a change of status that is not possible (codes: documented; for which changes: assumed)."""
    if status == "Unsubscribed" and subscriber.status == "Deleted":
        raise Refused(12008, "MasterUnsubFailed")
    if status == "Active" and subscriber_rows.is_globally_unsubscribed(
        account.db, subscriber.email_address
    ):
        raise Refused(12018, "Resubscribe Failed")


def _check_key(key: str) -> None:
    if len(key) > KEY_LIMIT:
        # Code and wording assumed.
        raise Refused(
            12010,
            f"SubscribeError: SubscriberKey has {len(key)} characters, {KEY_LIMIT} are allowed.",
        )


def _check_address(account: Account, email: str) -> None:
    if not is_valid_address(email):
        raise Refused(12000, "InvalidEmailAddress")
    if account.strict and list_detective_blocks(email):
        # Text: seen live.
        raise Refused(12002, "TriggeredSpamFilter")


def _check_attributes(
    account: Account, given: Mapping[str, str], before: Mapping[str, str]
) -> None:
    known = profile.by_folded_name(account)
    wrong = [name for name, value in given.items() if profile.misfit(known, {name: value})]
    if wrong:
        # One code for one, another for several (by their names: assumed).
        raise Refused(12011, "InvalidDPVs") if len(wrong) > 1 else Refused(12004, "InvalidDPV")
    values = {name.casefold(): value for name, value in {**before, **given}.items()}
    if profile.missing(known, values):
        raise Refused(12006, "MissingRequiredDPV")


def _change_lists(account: Account, subscriber_id: int, changes: tuple[ListChange, ...]) -> None:
    for change in changes:
        subscriber_list = find_list(account, change.list_id)
        if subscriber_list is None:
            raise Refused(13004, "Unknown List ID")
        if subscriber_list.is_all_subscribers:
            if change.action == "delete":
                # All Subscribers has every subscriber (assumed to be refused).
                raise Refused(13012, "List Cannot Be Updated: everybody is on All Subscribers.")
            set_status(account, subscriber_id, change.status)
            continue
        if subscriber_list.type == "SalesForce":
            # The members of such a list come from another system (assumed).
            raise Refused(13008, "Salesforce List Not Allowed")
        _change_membership(account, subscriber_id, change)


def _change_membership(account: Account, subscriber_id: int, change: ListChange) -> None:
    member = account.db.find("list_subscriber", list_id=change.list_id, subscriber_id=subscriber_id)
    if change.action == "delete":
        if member is None:
            raise Refused(13007, "Not On List")
        account.db.delete("list_subscriber", id=member["id"])
    elif member is None:
        if change.action == "update" and change.status == "Unsubscribed":
            # Documented for a subscriber who is unsubscribed from a list that they are not on.
            raise Refused(12009, "UnsubscribeError")
        if change.action == "update":
            raise Refused(13007, "Not On List")
        if change.status in ("Bounced", "Deleted"):
            # By analogy with 12016 (assumed).
            raise Refused(13014, "Invalid List Status")
        join_list(account, subscriber_id, change.list_id, change.status)
    elif change.action == "create":
        # Text: seen live.
        raise Refused(13006, "OnListAlready")
    else:
        set_list_status(account, subscriber_id, change.list_id, change.status)


def join_list(account: Account, subscriber_id: int, list_id: int, status: str = "Active") -> None:
    """Add a subscriber to a list."""
    now = account.now_text()
    account.db.insert(
        "list_subscriber",
        {
            "list_id": list_id,
            "subscriber_id": subscriber_id,
            "status": status,
            "created_at": now,
            "modified_at": now,
        },
    )


def set_list_status(account: Account, subscriber_id: int, list_id: int, status: str) -> None:
    """Change the status of a subscriber on a list that they are on."""
    account.db.update(
        "list_subscriber",
        {"status": status, "modified_at": account.now_text()},
        list_id=list_id,
        subscriber_id=subscriber_id,
    )
