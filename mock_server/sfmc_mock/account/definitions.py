"""Triggered send definitions: what they refer to, and their life.

New → Active → Inactive → Active …, Canceled at any time, Deleted by Delete (documented; the transitions that nothing
documents are marked below). What is sent changes with a new content version; a start after that makes a new job
(documented as the reason not to pause and restart; the exact rule is assumed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sfmc_mock.account.account import Account
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.links import links_in
from sfmc_mock.store.database import Row

FIRST_JOB = 10_980_375

# What a definition is when the caller does not say (recorded).
_DEFAULTS: dict[str, object] = {
    "description": "",
    "keyword": "",
    "status": "New",
    "type": "Continuous",
    "priority": "4",
    "batch_interval": 0,
    "allowed_slots": 0,
    "new_slot_trigger": 0,
    "is_multipart": 0,
    "is_wrapped": 1,
    "is_send_logging": 0,
    "auto_add_subscribers": 0,
    "auto_update_subscribers": 0,
    "suppress_tracking": 0,
    "disable_on_email_build_error": 0,
    "content_version": 1,
}

# Changing one of these changes what subscribers get.
_CONTENT = frozenset(
    {
        "email_id",
        "list_id",
        "send_classification_id",
        "sender_profile_id",
        "from_name",
        "from_address",
        "email_subject",
        "dynamic_email_subject",
        "pre_header",
        "is_multipart",
        "reply_to_address",
        "reply_to_display_name",
    }
)

ACTIVE_CANNOT_CHANGE = (
    "An active TriggeredSendDefinition can not be updated or have it's content refreshed"
)
"""Seen live, spelling included."""


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """What an Update asks for: columns to set, a status to go to, and whether to publish the email anew."""

    columns: Mapping[str, object]
    status: str | None = None
    refresh_content: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.columns and self.status is None and not self.refresh_content


def find_definition(
    account: Account, *, object_id: str | None = None, key: str | None = None
) -> Row | None:
    """Return the definition that the ObjectID, else the CustomerKey names; deleted ones only by ObjectID."""
    if object_id:
        return account.db.find("triggered_send_definition", object_id=object_id)
    if key:
        found = account.db.find_all("triggered_send_definition", "id", customer_key=key)
        return next((row for row in found if row["status"] != "Deleted"), None)
    return None


def find_definition_named(account: Account, name: str) -> Row | None:
    """Return the definition, not deleted, that is called so."""
    found = account.db.find_all("triggered_send_definition", "id", name=name)
    return next((row for row in found if row["status"] != "Deleted"), None)


def create_definition(account: Account, wanted: Mapping[str, object]) -> Row:
    """Create a definition in status New and return its row. Raises `Refused` (17xxx: documented)."""
    if not wanted.get("name"):
        raise Refused(17101, "Triggered Send Definition Name Invalid")
    key = str(
        wanted.get("customer_key")
        or account.made_up_key("triggered_send_definition", str(wanted["name"]))
    )
    if find_definition(account, key=key) is not None:
        # Documented for a key that is used already.
        raise Refused(1, "Name already exists")
    email = account.db.find("email", id=wanted["email_id"]) or {}
    now = account.now_text()
    row = {
        **_DEFAULTS,
        "email_subject": email.get("subject"),
        "dynamic_email_subject": email.get("subject"),
        **wanted,
        "customer_key": key,
        "object_id": account.object_id("triggered_send_definition", key),
        "created_at": now,
        "modified_at": now,
    }
    number = account.db.insert("triggered_send_definition", row)
    found = account.db.find("triggered_send_definition", id=number)
    assert found is not None
    return found


def change_definition(account: Account, row: Row, change: DefinitionChange) -> Row:
    """Change a definition, and return its row. Raises `Refused` (17xxx: documented).

    Starting it makes a job when what it sends is new; the caller then lets its queue go.
    """
    if change.is_empty:
        return row
    before = str(row["status"])
    after = change.status or before
    columns = {name: value for name, value in change.columns.items() if row.get(name) != value}
    _check_transition(before, after, bool(columns) or change.refresh_content)
    version = int(str(row["content_version"]))
    if change.refresh_content or _CONTENT & columns.keys():
        columns["content_version"] = version + 1
    columns["status"] = after
    columns["modified_at"] = account.now_text()
    account.db.update("triggered_send_definition", columns, id=row["id"])
    changed = {**row, **columns}
    if after == "Active" and before != "Active":
        changed["job_id"] = ensure_job(account, changed)
    return changed


def _check_transition(before: str, after: str, changes: bool) -> None:
    if before == "Active" and after == "Active" and changes:
        raise Refused(17003, ACTIVE_CANNOT_CHANGE)
    if before == "Deleted":
        raise Refused(17015, "Triggered Send Definition Not Found")
    # That Canceled is final, and that what never started cannot be paused, is assumed.
    if before == "Canceled" and after == "Active":
        raise Refused(17000, "Triggered Send Definition Cannot Be Activated")
    if (before == "Canceled" or before == "New") and after == "Inactive":
        raise Refused(17002, "Triggered Send Definition Cannot Be Deactivated")
    if before == "Canceled" and changes:
        raise Refused(17003, "Triggered Send Definition Cannot Be Updated")
    if after != before and after in ("New", "Moved", "Deleted"):
        raise Refused(17003, "Triggered Send Definition Cannot Be Updated")


def delete_definition(account: Account, row: Row) -> None:
    """Mark a definition as deleted; it stays retrievable by its status (inferred from a client's filters)."""
    if row["status"] == "Deleted":
        raise Refused(17015, "Triggered Send Definition Not Found")
    account.db.update(
        "triggered_send_definition",
        {"status": "Deleted", "modified_at": account.now_text()},
        id=row["id"],
    )


# Jobs.


def ensure_job(account: Account, definition: Row) -> int:
    """Return the job of what the definition sends now; a new one when that has changed since the last."""
    newest = account.db.find_all("job", "id", definition_id=definition["id"])
    if newest and newest[-1]["content_version"] == definition["content_version"]:
        return int(str(newest[-1]["id"]))
    return _new_job(account, definition)


def _new_job(account: Account, definition: Row) -> int:
    number = account.db.next_number("job", FIRST_JOB)
    email = account.db.find("email", id=definition["email_id"]) or {}
    sender = _sender(account, definition)
    now = account.now_text()
    account.db.insert(
        "job",
        {
            "id": number,
            "definition_id": definition["id"],
            "definition_object_id": definition["object_id"],
            "content_version": definition["content_version"],
            "email_id": definition["email_id"],
            "email_name": str(email.get("name", "")),
            "list_id": list_of(account, definition),
            "subject": str(definition["email_subject"] or email.get("subject", "")),
            "from_name": str(definition["from_name"] or sender.get("from_name") or ""),
            "from_address": str(definition["from_address"] or sender.get("from_address") or ""),
            "is_multipart": definition["is_multipart"],
            "started_at": now,
            "round": 1,
            "round_at": now,
            "highest_batch": 0,
        },
    )
    for link in links_in(str(email.get("html_body", ""))):
        # A link's id is unique over the account's jobs, as URLIDs are.
        url_id = account.db.next_number("link", 40_001)
        account.db.insert(
            "link", {"job_id": number, "url_id": url_id, "url": link.url, "alias": link.alias}
        )
    account.db.update("triggered_send_definition", {"job_id": number}, id=definition["id"])
    return number


def _sender(account: Account, definition: Row) -> Row:
    profile_id = definition["sender_profile_id"]
    if profile_id is None:
        classification = account.db.find(
            "send_classification", id=definition["send_classification_id"]
        )
        profile_id = classification["sender_profile_id"] if classification else None
    return account.db.find("sender_profile", id=profile_id) or {}


def list_of(account: Account, definition: Row) -> int:
    """Return the definition's list: its own, else All Subscribers (assumed)."""
    if definition["list_id"] is not None:
        return int(str(definition["list_id"]))
    found = account.db.find("list", is_all_subscribers=1)
    return int(str(found["id"])) if found else 0
