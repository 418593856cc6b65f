"""LogUnsubEvent: report an unsubscribe that happened outside the service.

What the parameters mean is documented: a known JobID gives the list and batch that are missing; a ListID alone means
the newest job that sent to the subscriber; without both the subscriber becomes Unsubscribed, and no UnsubEvent is
added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sfmc_mock.account.account import Account
from sfmc_mock.account.lists import is_all_subscribers
from sfmc_mock.account.subscribers import find_subscriber
from sfmc_mock.account.tracking_events import make_happen, unsubscribe
from sfmc_mock.errors import Refused
from sfmc_mock.store import sent_messages
from sfmc_mock.store.row_types import Subscriber

DEFAULT_REASON = "Unsubscribed via Log Unsub Event Execute call"

_IDENTITIES = ("SubscriberID", "SubscriberKey", "EmailAddress")
PARAMETERS = frozenset({*_IDENTITIES, "JobID", "ListID", "BatchID", "Reason"})
"""The parameters that name the subscriber and the list."""

# More digits than any number of the service's has.
_NUMBER = re.compile(r"-?[0-9]{1,18}")

_NO_PARAMETERS = (
    "The Parameters array did not contain any values or did not contain any of the Parameters we were looking "
    "for"
)
_NO_IDENTITY = "The EmailAddress, SubscriberKey and SubscriberID parameters were not specified or they were empty"
_ADDRESS_ALONE = (
    "The SubscriberKey permission is turned on but only EmailAddress was provided. "
    "You MUST supply SubscriberKey and/or SubscriberID"
)
_NOT_FOUND = "The subscriber could not be found on the specified JobID"


def log_unsub_event(account: Account, parameters: Mapping[str, str]) -> None:
    """Unsubscribe the subscriber that the parameters name. Raises `Refused` (codes and texts: documented)."""
    given = {name: value.strip() for name, value in parameters.items() if value.strip()}
    if not PARAMETERS & given.keys():
        raise Refused(402, _NO_PARAMETERS)
    subscriber = _subscriber(account, given)
    job_id, list_id = _number(given, "JobID"), _number(given, "ListID")
    if not job_id and not list_id:
        _check_not_unsubscribed(subscriber)
        unsubscribe(account, subscriber.id, 0, master=True)
        return
    batch_id = _number(given, "BatchID")
    message = sent_messages.newest_sent(account.db, subscriber.id, job_id, list_id, batch_id)
    if message is None:
        raise Refused(400, _NOT_FOUND)
    _check_subscribed(account, subscriber, message["list_id"] or 0)
    reason = given.get("Reason", DEFAULT_REASON)
    make_happen(account, message, "unsub", account.now(), {"reason": reason})


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "0")
    if not _NUMBER.fullmatch(text):
        raise Refused(402, f"The parameter {name} is not a number: '{text}'.")
    return int(text)


def _subscriber(account: Account, given: Mapping[str, str]) -> Subscriber:
    """Return the subscriber that all given identities name."""
    if not any(name in given for name in _IDENTITIES):
        raise Refused(403, _NO_IDENTITY)
    if "SubscriberKey" not in given and "SubscriberID" not in given:
        by_address = find_subscriber(account, email=given["EmailAddress"])
        if by_address is not None and account.lacks("subscriber_key"):
            return by_address
        raise Refused(404, _ADDRESS_ALONE)
    by_id = find_subscriber(account, number=_number(given, "SubscriberID"))
    by_key = find_subscriber(account, key=given.get("SubscriberKey"))
    subscriber = by_id or by_key
    if subscriber is None:
        raise Refused(400, _NOT_FOUND)
    if "SubscriberID" in given and by_id is None:
        raise _refers_to_another(405, "SubscriberID")
    if "SubscriberKey" in given and (by_key is None or by_key.id != subscriber.id):
        raise _refers_to_another(406, "SubscriberKey")
    email = given.get("EmailAddress", subscriber.email_address)
    if email.casefold() != subscriber.email_address.casefold():
        raise _refers_to_another(407, "EmailAddress")
    return subscriber


def _refers_to_another(code: int, name: str) -> Refused:
    first, second = (other for other in _IDENTITIES if other != name)
    return Refused(
        code,
        f"You supplied {name} along with {first} and/or {second}. These values refer to different subscribers",
    )


def _check_subscribed(account: Account, subscriber: Subscriber, list_id: int) -> None:
    if is_all_subscribers(account, list_id):
        _check_not_unsubscribed(subscriber)
        return
    member = account.db.find("list_subscriber", list_id=list_id, subscriber_id=subscriber.id)
    if member is not None and member["status"] == "Unsubscribed":
        raise Refused(401, "The subscriber is already unsubscribed from the specified list")


def _check_not_unsubscribed(subscriber: Subscriber) -> None:
    if subscriber.status == "Unsubscribed":
        # Text: documented.
        raise Refused(12012, "The subscriber has already been master unsubscribed from the system")
