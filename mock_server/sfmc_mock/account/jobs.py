"""Jobs: the numbers of a definition's sends in tracking (SendID, JobID), with the links of their email.

All sends of one version of a definition share a job (inferred from what users report of restarts).
"""

from __future__ import annotations

from collections.abc import Sequence

from sfmc_mock.account.account import Account
from sfmc_mock.account.lists import all_subscribers
from sfmc_mock.simulator.links import Link, links_in
from sfmc_mock.store import sends as send_rows
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import Definition, Job, find_record

# That of the documented samples.
FIRST_JOB = 10_980_375

# A link's id is unique over the account's jobs, as URLIDs are.
_FIRST_LINK = 40_001


def find_job(account: Account, job_id: int | None) -> Job | None:
    """Return the job with the number."""
    return find_record(account.db, Job, "job", id=job_id)


def job_for(account: Account, definition: Definition) -> int:
    """Return the job of the definition's present content; a new one when it has changed since the last job."""
    job = find_job(account, definition.job_id)
    if job is not None and job.content_version == definition.content_version:
        return job.id
    number = add_job(account, definition)
    account.db.update("triggered_send_definition", {"job_id": number}, id=definition.id)
    return number


def add_job(
    account: Account, definition: Definition, *, lists: Sequence[int] = (), **more: object
) -> int:
    """Add a job with the content of a definition and the links of its email, and return its number.

    `lists` are the lists that it is sent to, by default the definition's; `more` are further columns.
    """
    number = account.db.next_number("job", FIRST_JOB)
    email = account.db.find("email", id=definition.email_id) or {}
    sender = _sender(account, definition)
    classification = account.db.find("send_classification", id=definition.send_classification_id)
    now = account.now_text()
    lists = tuple(dict.fromkeys(lists)) or (list_of(account, definition),)
    account.db.insert(
        "job",
        {
            "id": number,
            "definition_id": definition.id or None,
            "definition_object_id": definition.object_id,
            "content_version": definition.content_version,
            "email_id": definition.email_id,
            "email_name": str(email.get("name", "")),
            "list_id": lists[0],
            "subject": str(definition.email_subject or email.get("subject", "")),
            "from_name": str(definition.from_name or sender.get("from_name") or ""),
            "from_address": str(definition.from_address or sender.get("from_address") or ""),
            "is_multipart": definition.is_multipart,
            "is_transactional": int((classification or {}).get("type") == "Operational"),
            "started_at": now,
            "round": 1,
            "round_at": now,
            "round_width": 0,
            "highest_batch": 0,
            **more,
        },
    )
    for list_id in lists:
        account.db.insert("job_list", {"job_id": number, "list_id": list_id})
    for link in links_in(str(email.get("html_body", ""))):
        account.db.insert(
            "link",
            {
                "job_id": number,
                "url_id": account.db.next_number("link", _FIRST_LINK),
                "url": link.url,
                "alias": link.alias,
            },
        )
    return number


def _sender(account: Account, definition: Definition) -> Row:
    profile_id: object = definition.sender_profile_id
    if profile_id is None:
        classification = account.db.find(
            "send_classification", id=definition.send_classification_id
        )
        profile_id = classification["sender_profile_id"] if classification else None
    return account.db.find("sender_profile", id=profile_id) or {}


def list_of(account: Account, definition: Definition) -> int:
    """Return the definition's list: its own, else All Subscribers (assumed)."""
    if definition.list_id is not None:
        return definition.list_id
    found = all_subscribers(account)
    return found.id if found else 0


def links_of(account: Account, job_id: int) -> tuple[Link, ...]:
    """Return the links of a job's email, with the ids that clicks report."""
    return tuple(Link(*values) for values in send_rows.links_of_job(account.db, job_id))
