"""Send jobs: the sends of an email send definition or a Send to lists and data extensions, now or later.

A job is Scheduled until its time, can be Paused and Canceled until then, and is Complete when it has been sent (words
and transitions: assumed; that a scheduled send can be paused, resumed and canceled: documented). A subscriber gets one
message of a job, also when several of its lists have them.
"""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sfmc_mock.account.account import Account
from sfmc_mock.account.jobs import add_job, list_of
from sfmc_mock.account.recipients import Delivery, Recipient
from sfmc_mock.account.schedules import Scheduled
from sfmc_mock.account.send_audience import AudienceExclusions, audience_of
from sfmc_mock.account.send_context import SendContext, context_of
from sfmc_mock.account.send_terms import AudiencePart, SendTerms
from sfmc_mock.account.send_windows import SendWindow
from sfmc_mock.account.sends import deliver, look_up_or_refuse
from sfmc_mock.clock import stored
from sfmc_mock.errors import Refused
from sfmc_mock.store import sends as send_rows
from sfmc_mock.store.row_types import Definition, SendJob, read_record
from sfmc_mock.store.subscribers import folded

JOB_DUE = "send job"
"""The scheduled action of a job whose time has come."""

_OPEN = ("Scheduled", "Paused")


def make_job(
    account: Account, terms: SendTerms, *, send_at: datetime | None = None, **columns: object
) -> SendJob:
    """Make a job, Scheduled for a time, or to be sent now."""
    parts = terms.sources or (None,)
    lists = [list_of(account, _definition(terms, part)) for part in parts]
    more = {
        "status": "Scheduled" if send_at is not None else "Sending",
        "send_at": stored(send_at or account.now()),
        "terms": json.dumps(terms.plain()),
        "email_send_definition_key": terms.key or None,
        **columns,
    }
    number = add_job(account, _definition(terms, parts[0]), lists=lists, **more)
    if send_at is not None:
        account.plan_due(send_at, JOB_DUE, {"job_id": number})
    made = find_send_job(account, number)
    assert made is not None
    return made


def find_send_job(account: Account, job_id: object) -> SendJob | None:
    """Return the job with the ID; None for one of a triggered send definition, too."""
    row = account.db.find("job", id=job_id)
    return None if row is None or row["status"] is None else read_record(SendJob, row)


def run_due_job(account: Account, payload: dict[str, object]) -> None:
    """Send a job whose time has come, unless it was paused, canceled or moved."""
    job = find_send_job(account, payload["job_id"])
    if job is None or job.status != "Scheduled" or job.send_at != account.now_text():
        return
    try:
        with account.db.atomic():
            run_job(account, job)
    except Refused:
        # Its list or data extension was deleted since.
        change_job(account, job.id, status="Canceled")


def leave_out_job(account: Account, payload: dict[str, object], said: str) -> str:
    """Cancel a job that failed in the emulator."""
    job = find_send_job(account, payload["job_id"])
    if job is None:
        return f"job {payload['job_id']}"
    change_job(account, job.id, status="Canceled")
    return f"job {job.id} of {SendTerms.of(json.loads(job.terms)).key or 'a Send'}"


def change_job(account: Account, job_id: int, **columns: object) -> None:
    """Change columns of a job."""
    account.db.update("job", {**columns, "modified_at": account.now_text()}, id=job_id)


def reschedule(account: Account, job_id: int, send_at: datetime) -> None:
    """Move a job to another time."""
    change_job(account, job_id, send_at=stored(send_at))
    account.plan_due(send_at, JOB_DUE, {"job_id": job_id})


def is_open(job: SendJob) -> bool:
    """Say whether a job waits, so that it can still be changed."""
    return job.status in _OPEN


def resume(account: Account, job: SendJob) -> int | None:
    """Resume a paused job: at its time, or now when that is past; return the send that it made."""
    change_job(account, job.id, status="Scheduled")
    send_at = datetime.fromisoformat(job.send_at)
    if send_at <= account.now():
        return run_job(account, job)
    account.plan_due(send_at, JOB_DUE, {"job_id": job.id})
    return None


def run_job(account: Account, job: SendJob) -> int | None:
    """Send a job now, or as many messages as its send window allows; the rest waits for the next window.

    Return the number of the send, None while the window is shut. Raises `Refused` when its audience was deleted.
    """
    terms = SendTerms.of(json.loads(job.terms))
    if account.db.find("email", id=terms.email_id) is None:
        # Code and text: documented.
        raise Refused(7007, "Unable to load email")
    window = SendWindow.of(*terms.window)
    if window is not None and not window.contains(account.now()):
        _wait(account, job, window)
        return None
    change_job(account, job.id, status="Sending", sent_at=job.sent_at or account.now_text())
    with account.at(account.now()):
        run = _Run(account, job, terms)
        run.send()
    change_job(account, job.id, status="Complete", duplicates=run.duplicates)
    if window is not None and run.is_cut:
        _wait(account, job, window)
    return run.send_id


def _wait(account: Account, job: SendJob, window: SendWindow) -> None:
    change_job(account, job.id, status="Scheduled")
    reschedule(account, job.id, window.next_opening(account.now()))


def context_of_job(account: Account, job: SendJob) -> SendContext:
    """Return the context of a job for the first of its sources."""
    terms = SendTerms.of(json.loads(job.terms))
    part = terms.sources[0] if terms.sources else None
    return context_of(account, _definition(terms, part, job.id))


class _Run:
    """One run of a job: pages of recipients, each decided on and written before the next is read."""

    def __init__(self, account: Account, job: SendJob, terms: SendTerms) -> None:
        self._account, self._job_id, self._terms = account, job.id, terms
        self._exclusions = AudienceExclusions.of(account, terms)
        self._addresses: set[int] = set()
        # A page of a list names each member once; more sources, and rows, may name them again.
        self._may_repeat = len(terms.sources) > 1 or any(
            source.data_extension for source in terms.sources
        )
        # With a limit: the subscribers read so far, and the number of messages that may still leave in this window.
        self._limited = terms.limit > 0 and any(terms.window)
        self._left = terms.limit
        self._read: set[int] = set()
        unsent = send_rows.unsent_keys(account.db, job.id) if self._limited and job.sent_at else ()
        self._unsent = frozenset(hash(folded(key)) for key in unsent)
        self.is_cut = False
        self._ordinal = 0
        self.duplicates = 0
        self.send_id = send_rows.add_send(account.db, 0, terms.key, account.now_text())

    def send(self) -> None:
        for part in self._terms.sources:
            context = self._context(part)
            for page in audience_of(self._account, part):
                self._send_page(context, page)
                if self.is_cut:
                    return
        if self._terms.test_address:
            address = self._terms.test_address
            self._send_page(self._context(None), [Recipient(address, address)])

    def _context(self, part: AudiencePart | None) -> SendContext:
        context = context_of(self._account, _definition(self._terms, part, self._job_id))
        # No caller waits for an answer: a recipient whom a triggered send would refuse is not sent to.
        usual = context.usual._replace(queued_for=timedelta(0))
        checks = part is None or not part.data_extension
        return replace(context, usual=usual, has_batches=False, checks_attributes=checks)

    def _send_page(self, context: SendContext, recipients: Sequence[Recipient]) -> None:
        fresh = self._without_repeats(look_up_or_refuse(self._account, context, recipients))
        if not self._limited:
            self._deliver(context, fresh)
            return
        fresh = self._not_reached(fresh)
        while fresh and self._left:
            part, fresh = fresh[: self._left], fresh[self._left :]
            self._deliver(context, part)
            self._left -= sum(delivery.decision.outcome == "send" for delivery in part)
        self.is_cut = bool(fresh)

    def _deliver(self, context: SendContext, fresh: Sequence[Delivery]) -> None:
        for delivery in fresh:
            delivery.ordinal, delivery.repeat = self._ordinal, 0
            self._ordinal += 1
        facts = self._exclusions.of_page(fresh) if self._exclusions.are_any else {}
        deliver(
            self._account,
            context,
            self.send_id,
            fresh,
            facts=(lambda delivery: facts.get(delivery.ordinal, {})) if facts else None,
        )

    def _without_repeats(self, deliveries: list[Delivery]) -> list[Delivery]:
        if self._limited:
            fresh = [delivery for delivery in deliveries if self._is_new_reader(delivery)]
        else:
            fresh = self._not_sent_to(deliveries) if self._may_repeat else deliveries
        if self._terms.deduplicates_by_email:
            fresh = [delivery for delivery in fresh if self._is_new_address(delivery.email_address)]
        self.duplicates += len(deliveries) - len(fresh)
        return fresh

    def _not_sent_to(self, deliveries: list[Delivery]) -> list[Delivery]:
        sent = self._reached(deliveries)
        seen: set[str] = set()
        fresh = []
        for delivery in deliveries:
            key = folded(delivery.subscriber_key)
            if delivery.subscriber_id in sent or (key and key in seen):
                continue
            seen.add(key)
            fresh.append(delivery)
        return fresh

    def _not_reached(self, deliveries: list[Delivery]) -> list[Delivery]:
        """Leave out the recipients that the job reached in an earlier window."""
        sent = self._reached(deliveries)
        return [
            delivery
            for delivery in deliveries
            if delivery.subscriber_id not in sent
            and hash(folded(delivery.subscriber_key)) not in self._unsent
        ]

    def _reached(self, deliveries: list[Delivery]) -> Container[int]:
        """Return the SubscriberIDs that have a message of the job."""
        numbers = [delivery.subscriber_id for delivery in deliveries if delivery.subscriber_id]
        return send_rows.last_places(self._account.db, self._job_id, numbers) if numbers else ()

    def _is_new_reader(self, delivery: Delivery) -> bool:
        mark = hash(folded(delivery.subscriber_key))
        if delivery.subscriber_key and mark in self._read:
            return False
        self._read.add(mark)
        return True

    def _is_new_address(self, address: str) -> bool:
        # Whole addresses of a million recipients would take a hundred megabytes.
        mark = hash(address.casefold())
        if not address or mark not in self._addresses:
            self._addresses.add(mark)
            return True
        return False


def _definition(
    terms: SendTerms, part: AudiencePart | None, job_id: int | None = None
) -> Definition:
    """Return the terms as a definition that sends to one of their sources."""
    return Definition(
        id=0,
        object_id="",
        customer_key=terms.key,
        status="Active",
        content_version=0,
        job_id=job_id,
        email_id=terms.email_id,
        list_id=part.list_id or None if part is not None else None,
        send_classification_id=terms.send_classification_id,
        sender_profile_id=terms.sender_profile_id,
        send_source_data_extension_id=None,
        email_subject=terms.subject,
        dynamic_email_subject=None,
        from_name=terms.from_name,
        from_address=terms.from_address,
        is_multipart=terms.is_multipart,
        is_send_logging=terms.is_send_logging,
        auto_add_subscribers=False,
        auto_update_subscribers=False,
        priority="4",
        exclusion_filter=terms.exclusion_filter,
    )


def prepare_job(account: Account, wanted: Scheduled, at: datetime) -> int:
    """Make the job of an email send definition for its next time: it can be seen, paused and canceled until then."""
    row = account.db.find("email_send_definition", object_id=wanted.object_id)
    if row is None:
        return 0
    terms = SendTerms.of(json.loads(row["scheduled_terms"]))
    return make_job(
        account,
        terms,
        send_at=at,
        email_send_definition_object_id=row["object_id"],
        additional=row["additional"],
        bcc_email=row["bcc_email"],
    ).id
