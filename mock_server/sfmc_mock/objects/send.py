"""Send: an email to lists, now or later, and the counters of every job."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from zlib import crc32

from sfmc_mock.account.send_jobs import (
    change_job,
    context_of_job,
    find_send_job,
    is_open,
    make_job,
    reschedule,
    resume,
    run_job,
)
from sfmc_mock.account.send_terms import SOURCE, AudiencePart, SendTerms
from sfmc_mock.account.subscribers import join_list
from sfmc_mock.clock import parse_time, rounded
from sfmc_mock.declarations.call import Call, Outcome, echoed, task_result
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import actions_of
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import Compared
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.objects.job_counters import counter, job_counters
from sfmc_mock.objects.send_warnings import warn_of_log_variables
from sfmc_mock.objects.subscriber_identity import known_or_new
from sfmc_mock.simulator.personalization import are_strings_closed
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import SendJob
from sfmc_mock.wire.struct import Struct

_STATUS = "COALESCE(t.status, CASE WHEN d.job_id = t.id AND d.status = 'Active' THEN 'Sending' ELSE 'Complete' END)"
_BCC = "COALESCE(t.bcc_email, d.bcc_email)"
# Excludes sent messages twice, because the condition on 'sent' lets SQLite use the partial index of unsent messages.
_REFUSED = "(SELECT count(*) FROM message m WHERE m.job_id = t.id AND m.outcome = 'refused' AND m.outcome <> 'sent')"
# Personalization strings that identify the sender or let the recipient unsubscribe; one of each group is required
# (documented).
_REQUIRED = {
    "an unsubscribe link": ("unsub_center_url", "profile_center_url", "subscription_center_url"),
    "a physical mailing address": ("member_addr", "member_city", "member_postalcode"),
}


def _window_end(place: int) -> str:
    return f"NULLIF(json_extract(t.terms, '$.window[{place}]'), '')"


# The status of a send after an action.
_STATUSES = {"pause": "Paused", "cancel": "Canceled"}


def _task(number: int) -> dict[str, object]:
    return {"Task": task_result(number)}


class SendHandler(DeclaredObject):
    """A send; Retrieve also returns the jobs of definitions.

    Retrievable properties: sdk; the result of Create, that SendDate is server time, and Perform with and without an ID:
    documented; codes of refusals: documented. Assumed: which code applies to conditions without one of their own, the
    success messages, and that only waiting sends can be changed.
    """

    scope = "tracking_events"
    special_scopes: ClassVar = dict.fromkeys(
        ("Create", "Update", "Delete", "Perform"), "email_send"
    )
    reads_from = "job t LEFT JOIN triggered_send_definition d ON d.id = t.definition_id"
    newest_by = "CreatedDate"
    counts_events = True
    fields = (
        counter("ID", "t.id"),
        *Property.unset("PartnerKey", updatable=False),
        Property("CreatedDate", sql="t.started_at", updatable=False),
        Property("ModifiedDate", sql="COALESCE(t.modified_at, t.started_at)", updatable=False),
        Property("Client.ID", updatable=False),
        *Property.unset("Client.PartnerClientKey", updatable=False),
        counter("Email.ID", "t.email_id"),
        *Property.unset("Email.PartnerKey", updatable=False),
        counter("List.ID", "t.list_id"),
        Property("SendDate", sql="COALESCE(t.send_at, t.started_at)"),
        *Property.alike("FromAddress", "FromName"),
        *job_counters("t"),
        Property("Subject"),
        *Property.unset("PreviewURL", updatable=False),
        Property(
            "SentDate",
            sql="CASE WHEN t.status IS NULL THEN t.started_at ELSE t.sent_at END",
            updatable=False,
        ),
        Property("EmailName", updatable=False),
        Property("Status", sql=_STATUS, updatable=False),
        Property("IsMultipart"),
        counter("SendLimit", "NULLIF(json_extract(t.terms, '$.limit'), 0)"),
        Property("SendWindowOpen", sql=_window_end(0), updatable=False),
        Property("SendWindowClose", sql=_window_end(1), updatable=False),
        Property("IsAlwaysOn", sql="t.status IS NULL", updatable=False),
        # Sent messages are counted by their Sent events, visible or not: each message has one, and the index of the
        # messages of a job excludes sent ones.
        counter(
            "NumberTargeted",
            f"(SELECT count(*) FROM event e WHERE e.type = 'Sent' AND e.job_id = t.id) + {_REFUSED}",  # noqa: S608
        ),
        counter("NumberErrored", _REFUSED),
        counter("NumberExcluded", "counted_events(t.id, 'NotSent')"),
        Property("Additional"),
        Property("BccEmail", sql=_BCC),
        # Spelled as in the documented sample.
        Property("BCCEmail", sql=_BCC, updatable=False, partner=True),
        Property(
            "EmailSendDefinition.ObjectID", sql="t.email_send_definition_object_id", updatable=False
        ),
        Property(
            "EmailSendDefinition.CustomerKey", sql="t.email_send_definition_key", updatable=False
        ),
    )
    reads: ClassVar = {
        "": (
            *("ID", "Email", "List", "SendDate", "FromAddress", "FromName", "Subject"),
            *("IsMultipart", "Additional", "BccEmail"),
        ),
        "Email": (
            *("ID", "ObjectID", "CustomerKey", "PartnerKey", "Name", "Subject"),
            *("HTMLBody", "TextBody", "IsHTMLPaste", "CharacterSet", "EmailType"),
        ),
        "List": ("ID", "ObjectID", "CustomerKey", "PartnerKey", "ListName", "Subscribers"),
        "List.Subscribers": ("SubscriberKey", "EmailAddress", "Attributes"),
    }

    def doubts(self, call: Call, compared: Compared) -> bool:
        names = {name for name, _ in compared.comparisons}
        if compared.joint != "AND" or not names >= {"ID", "SentDate"}:
            return False
        # Seen live.
        if not call.strict:
            call.warn(
                "a filter of Send on ID and SentDate together: the live service finds nothing with it; filter on the "
                "ID alone"
            )
        return call.strict

    # Create, Update, Delete.

    def create(self, call: Call, sent: Struct) -> Outcome:
        """Send an email to lists, now or at a SendDate in the future."""
        if call.save_action(self.object_type, "Create") == "UpdateAdd" and sent.number("ID"):
            return self.update(call, sent)
        if call.account.is_closed:
            raise Refused(7010, "Send Account Status Failure")
        email = self._email(call, sent)
        self._check_email(call, email)
        # A Send cannot name a classification: it gets the built-in commercial one (assumed).
        built_in = {"customer_key": "Default Commercial"}
        classification = call.account.db.find("send_classification", **built_in) or {}
        terms = SendTerms(
            parts=tuple(self._lists(call, sent)),
            email_id=email["id"],
            send_classification_id=classification.get("id"),
            subject=sent.text("Subject") or None,
            from_name=sent.text("FromName") or None,
            from_address=sent.text("FromAddress") or None,
            is_multipart=bool(sent.flag("IsMultipart")),
        )
        send_at = _send_date(call, sent)
        job = make_job(
            call.account,
            terms,
            send_at=send_at if send_at and send_at > call.account.now() else None,
            additional=sent.text("Additional"),
            bcc_email=sent.text("BccEmail"),
        )
        warn_of_log_variables(call, context_of_job(call.account, job))
        if job.status != "Scheduled":
            call.note_send(run_job(call.account, job))
        return Outcome("Created Send.", echoed(sent, ID=job.id), job.id)

    def update(self, call: Call, sent: Struct) -> Outcome:
        """Change a waiting send."""
        call.save_action(self.object_type, "Update")
        job = self._open_job(call, sent, "Update")
        terms = SendTerms.of(json.loads(job.terms))
        said: dict[str, Any] = _texts(sent, _TERMS)
        columns = {**said, **_texts(sent, _COLUMNS)}
        if sent.part("Email") is not None:
            email = self._email(call, sent)
            said["email_id"] = email["id"]
            columns |= {"email_id": email["id"], "email_name": email["name"]}
        if sent.parts("List"):
            said["parts"] = tuple(self._lists(call, sent))
        terms = replace(terms, **said)
        change_job(call.account, job.id, **columns, terms=json.dumps(terms.plain()))
        send_at = _send_date(call, sent)
        if send_at is not None:
            reschedule(call.account, job.id, max(send_at, call.account.now()))
        return Outcome("Updated Send.", sent)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        """Delete a waiting send; it can still be retrieved."""
        job = self._open_job(call, sent, "Delete")
        change_job(call.account, job.id, status="Deleted")
        return Outcome("Send deleted", sent)

    # Perform.

    def perform(self, call: Call, sent: Struct, action: str) -> Outcome:
        """Pause, cancel or resume a send; a resumed send whose time has passed is sent now."""
        if not sent.number("ID"):
            # Without an ID the action is ignored (documented), and the described send is created (assumed).
            number = self.create(call, sent).new_id
            return Outcome("Send performed", echoed(sent, ID=number), extra=_task(number))
        job = self._open_job(call, sent, action)
        if action in _STATUSES:
            change_job(call.account, job.id, status=_STATUSES[action])
        elif job.status == "Paused":
            call.note_send(resume(call.account, job))
        return Outcome("Send performed", sent, extra=_task(job.id))

    actions: ClassVar = {"Perform": actions_of(perform, "resume", *_STATUSES)}

    # What a call names.

    def _open_job(self, call: Call, sent: Struct, action: str) -> SendJob:
        number = sent.number("ID")
        if not number:
            raise Refused(*self.not_specified)
        job = find_send_job(call.account, number)
        if job is None and not call.account.db.count("job", id=number):
            raise Refused(*self.not_found)
        if job is None or not is_open(job):
            state = job.status if job is not None else "that of a triggered send definition"
            call.warn(
                f"the send {number} is {state}: only one that is Scheduled or Paused can be changed"
            )
            error = crc32(str(number).encode())
            raise Refused(2, f"Exception occurred during [Send::{action}] ErrorID = {error}")
        return job

    def _email(self, call: Call, sent: Struct) -> Row:
        """Return the email of a send: an existing one, or a new one from the body that the send gives.

        Raises `Refused`.
        """
        part = sent.part("Email") or Struct("Email")
        db = call.account.db
        if part.number("ID"):
            row = db.find("email", id=part.number("ID"))
            if row is None:
                raise Refused(7007, "Unable to load email")
            return row
        key, partner_key = part.text("CustomerKey"), part.text("PartnerKey")
        row = db.find("email", customer_key=key) if key else None
        if row is None and partner_key:
            row = db.find("email", partner_key=partner_key)
            if row is None and not part.text("HTMLBody"):
                raise Refused(7005, f"Invalid E-mail partner key: {partner_key}")
        if row is not None:
            return row
        if not (part.text("HTMLBody") or part.text("TextBody")):
            raise Refused(7001, "An email ID, Partner Key, or body must be specified")
        try:
            made = self.others["Email"].create(call, part)
        except Refused as refused:
            raise Refused(7006, f"Email Creation Failed: {refused.message}") from None
        return db.find("email", id=made.new_id) or {}

    def _check_email(self, call: Call, email: Row) -> None:
        text = f"{email['html_body']}{email['text_body']}"
        if not are_strings_closed(text):
            raise Refused(7000, "Email failed validation: a personalization string is not closed.")
        for what, strings in _REQUIRED.items():
            if any(f"%%{name}%%" in text.lower() for name in strings):
                continue
            if call.strict:
                raise Refused(7000, f"Email failed validation: it has no {what[2:].strip()}.")
            shown = " or ".join(f"%%{name}%%" for name in strings)
            call.warn(
                f"the email '{email['name']}' lacks {what} ({shown}): the live service refuses the send with 7000"
            )

    def _lists(self, call: Call, sent: Struct) -> Iterator[AudiencePart]:
        lists = sent.parts("List")
        if not lists:
            raise Refused(7002, "A list must be specified")
        for part in lists:
            row = self._list(call, part)
            yield AudiencePart(kind=SOURCE, name=row["name"], list_id=row["id"])

    def _list(self, call: Call, part: Struct) -> Row:
        lists = stored_object(self.others, "List")
        by = (*lists.identities, "PartnerKey")
        if any(part.values.get(name) for name in by):
            row = lists.named(call.account, part, by)
            if row is None:
                raise _no_lists("List Not Found")
            return row
        if not part.parts("Subscribers"):
            raise Refused(7003, "No lists were created to send to")
        return self._new_list(call, part)

    def _new_list(self, call: Call, part: Struct) -> Row:
        """Create the list of the subscribers that the send gives. Raises `Refused`."""
        account = call.account
        name = part.text("ListName") or f"Send {account.now_text()}"
        try:
            made = self.others["List"].create(call, Struct("List", {"ListName": name}))
            members = [known_or_new(call, person) for person in part.parts("Subscribers")]
            for number in dict.fromkeys(members):
                join_list(account, number, made.new_id)
        except Refused as refused:
            raise _no_lists(refused.message) from None
        return account.db.find("list", id=made.new_id) or {}


# The elements that an Update can change, by column: in the terms of the job, and in the job itself.
_TERMS = {"subject": "Subject", "from_name": "FromName", "from_address": "FromAddress"}
_COLUMNS = {"additional": "Additional", "bcc_email": "BccEmail"}


def _texts(sent: Struct, elements: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a call gives for some elements, by column."""
    texts = {name: sent.text(element) for name, element in elements.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _no_lists(reason: str) -> Refused:
    return Refused(7004, f"Error creating/updating lists. List creations failed: {reason}")


def _send_date(call: Call, sent: Struct) -> datetime | None:
    text = sent.text("SendDate")
    try:
        return rounded(parse_time(text)) if text else None
    except (ValueError, OverflowError):
        call.warn(f"SendDate '{text}' is not a valid time: it was ignored")
        return None
