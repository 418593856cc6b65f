"""Triggered send definitions: their references and their life cycle.

New → Active → Inactive → Active …, Canceled at any time, Deleted by Delete (documented; undocumented transitions are
marked below). The sent content changes with a new content version; a start after that makes a new job (documented as
the reason not to pause and restart; the exact rule is assumed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sfmc_mock.account.account import Account
from sfmc_mock.account.jobs import job_for
from sfmc_mock.account.send_queue import clear_queue, drain_queue
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.errors import Refused
from sfmc_mock.store.row_types import Definition, find_record, read_record

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

NOT_FOUND = (17015, "Triggered Send Definition Not Found")

ACTIVE_CANNOT_CHANGE = (
    "An active TriggeredSendDefinition can not be updated or have it's content refreshed"
)
"""Seen live, spelling included."""


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """The changes of an Update: columns to set, the next status, and whether to publish the email again."""

    columns: Mapping[str, object]
    status: str | None = None
    refresh_content: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.columns and self.status is None and not self.refresh_content


def find_definition(
    account: Account, *, object_id: str | None = None, key: str | None = None
) -> Definition | None:
    """Return the definition that the ObjectID, else the CustomerKey names; deleted ones only by ObjectID."""
    if object_id:
        # .NET prints ids in either case.
        return _find(account, "object_id", object_id.lower())
    return _find(account, "customer_key", key) if key else None


def find_definition_named(account: Account, name: str) -> Definition | None:
    """Return the first definition with a name that is not deleted."""
    return _find(account, "name", name)


_MOST_KNOWN = 1_000


def _find(account: Account, column: str, value: str) -> Definition | None:
    known = account.cached("definitions")
    definition: Definition | None = known.get((column, value))
    if definition is None:
        rows = account.db.find_all("triggered_send_definition", "id", **{column: value})
        rows = [row for row in rows if column == "object_id" or row["status"] != "Deleted"]
        if rows:
            # Keys and names are compared in any case: there are many spellings of one.
            definition = read_record(Definition, rows[0])
            put_bounded(known, (column, value), definition, _MOST_KNOWN)
    return definition


def create_definition(account: Account, wanted: Mapping[str, object]) -> Definition:
    """Create a definition from its columns and return it. Raises `Refused` (17xxx: documented)."""
    if not str(wanted.get("name") or "").strip():
        raise Refused(17101, "Triggered Send Definition Name Invalid")
    key = str(
        wanted.get("customer_key")
        or account.generate_key("triggered_send_definition", str(wanted["name"]))
    )
    _check_free(account, key)
    email = account.db.find("email", id=wanted["email_id"]) or {}
    now = account.now_text()
    row = {
        "email_subject": email.get("subject"),
        "dynamic_email_subject": email.get("subject"),
        **wanted,
        "customer_key": key,
        "object_id": wanted.get("object_id") or account.object_id("triggered_send_definition", key),
        "created_at": now,
        "modified_at": now,
    }
    number = account.db.insert("triggered_send_definition", row)
    return _definition(account, number)


def _check_free(account: Account, key: str) -> None:
    if find_definition(account, key=key) is not None:
        # Documented for a key that is used already.
        raise Refused(1, "Name already exists")


def _definition(account: Account, number: int) -> Definition:
    definition = find_record(account.db, Definition, "triggered_send_definition", id=number)
    assert definition is not None
    return definition


def change_definition(
    account: Account, definition: Definition, change: DefinitionChange
) -> Definition:
    """Change a definition, and return the changed one. Raises `Refused` (17xxx: documented).

    Starting it makes a job when its content is new, and sends its queue; canceling it drops the queue.
    """
    if change.is_empty:
        return definition
    before = definition.status
    after = change.status or before
    row = account.db.find("triggered_send_definition", id=definition.id) or {}
    columns = {name: value for name, value in change.columns.items() if row.get(name) != value}
    columns |= _subjects_of_email(account, definition, columns)
    _check_transition(before, after)
    if after == "Canceled" != before and _answers_for_somebody(account, definition):
        # What keeps a definition from being canceled is assumed.
        raise Refused(17001, "Triggered Send Definition Cannot Be Canceled")
    if columns or change.refresh_content:
        _check_changeable(before, after, change.refresh_content)
    key = columns.get("customer_key")
    if key is not None and str(key).casefold() != definition.customer_key.casefold():
        _check_free(account, str(key))
    if change.refresh_content or _CONTENT & columns.keys():
        columns["content_version"] = definition.content_version + 1
    columns["status"] = after
    columns["modified_at"] = account.now_text()
    account.db.update("triggered_send_definition", columns, id=definition.id)
    changed = _definition(account, definition.id)
    if before != "Active" and after == "Active":
        job_for(account, changed)
        drain_queue(account, _definition(account, definition.id))
    elif before != "Canceled" and after == "Canceled":
        clear_queue(account, changed)
    return _definition(account, definition.id)


def _subjects_of_email(
    account: Account, definition: Definition, columns: Mapping[str, object]
) -> dict[str, object]:
    """Return the subjects of a new email, where the definition has those of the earlier email (assumed)."""
    if "email_id" not in columns:
        return {}
    before = account.db.find("email", id=definition.email_id) or {}
    after = account.db.find("email", id=columns["email_id"]) or {}
    return {
        name: after.get("subject")
        for name in ("email_subject", "dynamic_email_subject")
        if name not in columns and getattr(definition, name) == before.get("subject")
    }


# The status changes that are refused, with the code. Documented are the codes, and that a definition begins as New, is
# started, paused and started again; that Canceled is final, and that a New definition cannot be paused, is assumed.
_IMPOSSIBLE = {
    ("Canceled", "Active"): (17000, "Triggered Send Definition Cannot Be Activated"),
    ("Canceled", "Inactive"): (17002, "Triggered Send Definition Cannot Be Deactivated"),
    ("New", "Inactive"): (17002, "Triggered Send Definition Cannot Be Deactivated"),
}
_NEVER = {
    "New": (17003, "Triggered Send Definition Cannot Be Updated"),
    "Moved": (17003, "Triggered Send Definition Cannot Be Updated"),
    # Delete does that.
    "Deleted": (17004, "Triggered Send Definition Cannot Be Deleted"),
}


def _check_transition(before: str, after: str) -> None:
    if before == "Deleted":
        raise Refused(*NOT_FOUND)
    if before == after:
        return
    refusal = _IMPOSSIBLE.get((before, after)) or _NEVER.get(after)
    if refusal is not None:
        raise Refused(*refusal)


def _answers_for_somebody(account: Account, definition: Definition) -> bool:
    """Say whether a sender profile answers or forwards with a definition."""
    columns = ("auto_reply_definition", "auto_forward_definition")
    return any(
        account.db.count("sender_profile", **{column: definition.object_id}) for column in columns
    )


def _check_changeable(before: str, after: str, refresh: bool) -> None:
    if before == after == "Active":
        raise Refused(17003, ACTIVE_CANNOT_CHANGE)
    if before == "Canceled":
        if refresh:
            raise Refused(17005, "Triggered Send Definition Content Cannot Be Refreshed")
        raise Refused(17003, "Triggered Send Definition Cannot Be Updated")


def delete_definition(account: Account, definition: Definition) -> None:
    """Mark a definition as deleted, and drop its queue; it stays retrievable (inferred from a client's filter).

    Raises `Refused` (17015) when it is deleted already.
    """
    if definition.status == "Deleted":
        raise Refused(*NOT_FOUND)
    account.db.update(
        "triggered_send_definition",
        {"status": "Deleted", "modified_at": account.now_text()},
        id=definition.id,
    )
    clear_queue(account, _definition(account, definition.id))
