"""EmailSendDefinition: an email with the lists and data extensions to send it to, now or on a schedule."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.schedules import Scheduled, cancel_schedule
from sfmc_mock.account.send_audience import count_audience
from sfmc_mock.account.send_jobs import context_of_job, make_job, run_job
from sfmc_mock.account.send_terms import SendTerms
from sfmc_mock.account.send_windows import SendWindow
from sfmc_mock.clock import is_time_of_day, stored
from sfmc_mock.declarations.call import Call, Outcome, echoed, task_result
from sfmc_mock.declarations.handler import actions_of
from sfmc_mock.declarations.properties import Property, Reference, sample
from sfmc_mock.declarations.scheduling import invalid, schedule_action, schedule_of
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.stored_object import StoredObject, stored_object
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.objects.send_definition_lists import (
    AUDIENCE,
    READS,
    SendDefinitionLists,
    entries_of,
    sent_from,
)
from sfmc_mock.objects.send_warnings import (
    warn_of_exclusion_filter,
    warn_of_filter_of_send,
    warn_of_log_variables,
)
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.simulator.personalization import are_strings_closed
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_EMAIL_NAMED_BY = ("ID", "CustomerKey", "PartnerKey")
_NO_EMAIL = (42004, "ESD_Email Not Found")
_INVALID_CLOSE = (42109, "ESD_Send Window Close Invalid")


def _are_addresses(text: str) -> bool:
    """Say whether a text contains only addresses and personalization strings."""
    addresses = filter(None, re.split(r"[;,\s]+", text))
    return all("%%" in address or is_valid_address(address) for address in addresses)


_ADDRESSES = ((_are_addresses, (42107, "ESD_BCC Email Invalid")),)
_CLOSED = ((are_strings_closed, (42106, "ESD_Invalid Personalization String")),)


class EmailSendDefinitionHandler(StoredObject):
    """A definition. Perform sends it, tests it or counts its recipients; Schedule sends it on a schedule.

    Properties, success messages, and the Object and Task of Perform and Schedule: documented; the properties of
    Retrieve and the echo of Delete: recorded. Codes and texts of refusals: documented; limits of texts, and the
    conditions of codes whose name leaves them open: assumed.
    """

    acts_on: ClassVar = dict.fromkeys(("Perform", "Schedule"), ("SenderProfile",))
    scope = "email"
    special_scopes: ClassVar = {"Perform": "email_send", "Schedule": "email_send"}
    called = "customer_key"
    not_specified = (42001, "ESD_Not Specified")
    not_found = (42002, "ESD_Not Found")
    invalid_object_id = (42117, "ESD_Invalid ObjectID")
    nil_clears = True
    example = sample(
        CustomerKey="newsletter",
        Name="Newsletter",
        SendClassification={"CustomerKey": "Default Commercial"},
        Email={"CustomerKey": "send-logging-example"},
    )
    reads: ClassVar = {"": ("SendDefinitionList", "TrackingUsers"), **READS}
    without_effect: ClassVar = {
        "SuppressTracking": "events are recorded all the same, which the live service does not do",
        "DeliveryScheduledTime": "Schedule says when messages leave",
        "IsSeedListSend": "there are no seed lists",
        "TrackingUsers": "every user sees the tracking data",
    }
    fields = (
        *Property.alike("Client.ID", "CreatedDate", "ModifiedDate", updatable=False),
        Property("ObjectID", max_length=36, unique=True),
        Property.key((42100, "ESD_Customer Key Invalid")),
        Property("IsPlatformObject", sql="0"),
        Property.object_name((42101, "ESD_Name Invalid")),
        Property("Description", max_length=256, default=""),
        Property("Keyword", default=""),
        Property.folder("userinitiatedsends", invalid=(42115, "ESD_CategoryID Invalid")),
        Reference(
            "SendClassification",
            shows=("ObjectID", "CustomerKey"),
            not_found=(42003, "ESD_Send Classification Not Found"),
            required=True,
        ),
        Reference("SenderProfile", shows=("ObjectID", "CustomerKey")),
        *Property.alike("FromName", "FromAddress", forms=_CLOSED),
        Reference("DeliveryProfile", shows=("ObjectID", "CustomerKey")),
        # Always without a value; sdk: mcdev requests the first two.
        *Property.unset("DeliveryProfile.PrivateDomain", "DeliveryProfile.PrivateIP"),
        *Property.unset("PrivateDomain.ObjectID", "PrivateIP.ID"),
        *Property.alike("SuppressTracking", "IsSendLogging", default=False),
        Property("SendDefinitionList", "parts", default="[]", seed=None),
        Reference(
            "Email",
            by=_EMAIL_NAMED_BY,
            shows=("ID",),
            not_found=_NO_EMAIL,
            not_found_by={"PartnerKey": (42102, "ESD_Email Partner Key Invalid")},
            missing=(42005, "ESD_Email Not Specified"),
            required=True,
        ),
        *Property.alike("BccEmail", "AutoBccEmail", default="", forms=_ADDRESSES),
        Property(
            "TestEmailAddr",
            default="",
            forms=((_are_addresses, (42112, "ESD_Test Email Address Invalid")),),
        ),
        Property(
            "EmailSubject", limit=200, too_long=(42103, "ESD_Email Subject Invalid"), forms=_CLOSED
        ),
        Property(
            "DynamicEmailSubject",
            limit=200,
            too_long=(42104, "ESD_Dynamic Email Subject Invalid"),
            forms=_CLOSED,
        ),
        Property("IsMultipart", default=False),
        Property("IsWrapped", default=True),
        Property("SendLimit"),
        Property(
            "SendWindowOpen", forms=((is_time_of_day, (42108, "ESD_Send Window Open Invalid")),)
        ),
        Property("SendWindowClose", forms=((is_time_of_day, _INVALID_CLOSE),)),
        *Property.alike("SendWindowDelete", "DeduplicateByEmail", default=False),
        *Property.alike("ExclusionFilter", "Additional", "CCEmail", default=""),
        *Property.alike("DeliveryScheduledTime", "MessageDeliveryType"),
        Property("IsSeedListSend", default=False),
        Property("PreHeader", forms=_CLOSED),
        *Property.alike("ReplyToAddress", "ReplyToDisplayName"),
        # The email and audience of the scheduled sends, as they were when Schedule was called.
        Property.internal("scheduled_terms", default="", seed=None),
    )
    further_keys = (AUDIENCE,)

    # Create, Update, Delete.

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if "DeduplicateByEmail" in sent and sent.values["DeduplicateByEmail"] is None:
            raise Refused(42114, "ESD_Deduplicate By Email Invalid")
        email = sent.part("Email")
        if email is not None and not any(email.values.get(name) for name in _EMAIL_NAMED_BY):
            raise Refused(42006, "ESD_Email ID Or Partner Key Not Found")
        if row is None and sent.text("ExclusionFilter") and not sent.parts("SendDefinitionList"):
            # That a filter needs a list: documented.
            raise Refused(42113, "ESD_Exclusion Filter Invalid")
        ends = _window(sent, row or {})
        if any(name in sent for name in _ENDS) and SendWindow.is_empty(*ends):
            raise Refused(*_INVALID_CLOSE)
        _warn_of_terms(call, sent, ends)
        for user in sent.wrapped("TrackingUsers", "TrackingUser"):
            number = user.number("EmployeeID")
            if number is None:
                raise Refused(42111, "ESD_Tracking Users Invalid")
            if not call.account.db.count("account_user", id=number):
                raise Refused(42009, "ESD_Tracking User Not Found")

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        if "SendDefinitionList" in sent:
            owner = (row or {}).get("object_id") or sent.text("CustomerKey") or sent.text("Name")
            lists = SendDefinitionLists(call, self.others)
            changes["send_definition_list"] = lists.kept(sent, str(owner))
        if sent.flag("SendWindowDelete"):
            # SendWindowDelete removes the window (documented).
            changes |= {"send_window_open": None, "send_window_close": None}
        return changes

    def defaults(self, account: Account, sent: Struct) -> dict[str, object]:
        columns = super().defaults(account, sent)
        emails = stored_object(self.others, "Email")
        row = emails.named(account, sent.part("Email"), _EMAIL_NAMED_BY)
        return {**columns, **_subjects(row or {})}

    def delete(self, call: Call, sent: Struct) -> Outcome:
        row = self.find_or_refuse(call, sent)
        done = super().delete(call, sent)
        # The service adds the ObjectID (recorded).
        return Outcome(done.message, echoed(sent, ObjectID=row["object_id"]))

    def remove(self, call: Call, row: Row) -> None:
        cancel_schedule(call.account, self.object_type, row["object_id"])
        # The scheduled sends of a deleted definition are canceled (assumed).
        call.account.db.update(
            "job",
            {"status": "Canceled", "modified_at": call.account.now_text()},
            email_send_definition_object_id=row["object_id"],
            status="Scheduled",
        )
        super().remove(call, row)

    # Perform and Schedule.

    def send(self, call: Call, sent: Struct, action: str) -> Outcome:
        """Send to the definition's audience; the Task's ID is the SendID (documented).

        The action `test` sends to the definition's test lists and to its TestEmailAddr.
        """
        tests = action == "test"
        row = self.find_or_refuse(call, sent)
        terms = self._terms(call, row, sent, tests=tests)
        job = make_job(
            call.account,
            terms,
            is_test=int(tests),
            email_send_definition_object_id=row["object_id"],
            additional=row["additional"] or None,
            bcc_email=row["bcc_email"] or None,
        )
        context = context_of_job(call.account, job)
        warn_of_log_variables(call, context)
        warn_of_filter_of_send(call, self.object_type, context)
        send = run_job(call.account, job)
        call.note_send(send)
        if send is None:
            waiting = call.account.db.find("job", id=job.id) or {}
            opening = waiting.get("send_at")
            call.warn(f"the send window is shut: job {job.id} is sent from {opening} on")
        named = {"ObjectID": row["object_id"], "CustomerKey": row["customer_key"]}
        echo = Struct(self.object_type, {**named, "Name": row["name"]})
        instance = call.account.ids.guid("email_send_definition", "run", job.id)
        task = task_result(job.id, instance)
        return Outcome("EmailSendDefinition performed", echo, extra={"Task": task})

    def count(self, call: Call, sent: Struct) -> Outcome:
        """Count the recipients: members of lists, rows of data extensions.

        The success message, and that the Task's StatusMessage has the number: documented.
        """
        row = self.find_or_refuse(call, sent)
        number = count_audience(call.account, self._terms(call, row, sent, tests=False))
        task = Struct("TaskResult", {"StatusCode": "OK", "StatusMessage": str(number)})
        text = "Task status message holds the requested value."
        return Outcome(text, sent, extra={"Task": task})

    def later(self, call: Call, sent: Struct) -> Outcome:
        """Refuse an action that the documentation calls not yet implemented."""
        self.find_or_refuse(call, sent)
        raise Refused(42000, "ESD_Not Implemented Exception")

    def schedule(self, call: Call, sent: Struct) -> Outcome:
        """Schedule sends of the definition; the Task's ID is the SendID of the first (its place: documented)."""
        when = schedule_of(call)
        row = self.find_or_refuse(call, sent)
        if when.start < stored(call.account.now()):
            # That a send cannot be scheduled for the past: documented; text: assumed.
            raise invalid("StartDateTime lies before the current time.")
        terms = self._terms(call, row, sent, tests=False)
        kept = {"scheduled_terms": json.dumps(terms.plain())}
        call.account.db.update(self.table, kept, id=row["id"])
        for replaced in cancel_schedule(call.account, self.object_type, row["object_id"]):
            call.account.db.update(
                "job", {"status": "Canceled"}, id=replaced["prepared"], status="Scheduled"
            )
        of = Scheduled(self.object_type, row["object_id"], "start")
        planned = schedule_action(call, of, when)
        task = task_result(planned["prepared"])
        return Outcome("EmailSendDefinition scheduled", extra={"Task": task})

    actions: ClassVar = {
        "Perform": {
            **actions_of(send, "start", "test"),
            "getmaxcount": count,
            **dict.fromkeys(("stop", "pause", "restart"), later),
        },
        "Schedule": {"start": schedule},
    }

    def _terms(self, call: Call, row: Row, sent: Struct, *, tests: bool) -> SendTerms:
        """Return the email, audience and options of a send. Raises `Refused` if the definition cannot be sent."""
        email = call.account.db.find("email", id=row["email_id"])
        if email is None:
            raise Refused(*_NO_EMAIL)
        if not (email["html_body"] or email["text_body"]):
            # Code and text: documented; that they apply to an email without a body: assumed.
            call.warn(f"the email '{email['name']}' has neither HTMLBody nor TextBody")
            raise Refused(42105, "ESD_Email Invalid")
        lists = SendDefinitionLists(call, self.others)
        parts = lists.audience(row["send_definition_list"], tests=tests)
        # The SenderProfile of a Perform or Schedule replaces the definition's sender (documented).
        sender = sent.part("SenderProfile") or Struct("SenderProfile")
        terms = SendTerms(
            parts=parts,
            email_id=row["email_id"],
            send_classification_id=row["send_classification_id"],
            sender_profile_id=row["sender_profile_id"],
            subject=row["email_subject"],
            from_name=sender.text("FromName") or row["from_name"],
            from_address=sender.text("FromAddress") or row["from_address"],
            is_multipart=bool(row["is_multipart"]),
            is_send_logging=bool(row["is_send_logging"]),
            deduplicates_by_email=bool(row["deduplicate_by_email"]),
            key=row["customer_key"],
            test_address=row["test_email_addr"] if tests else "",
            # A test ignores the send window, limit and exclusion filter (assumed).
            **({} if tests else _limits(row)),
        )
        if not terms.sources and not terms.test_address:
            where = " with IsTestObject, and no TestEmailAddr" if tests else ""
            call.warn(f"the definition has no SendDefinitionList of type SourceList{where}")
            raise Refused(42110, "ESD_Send Definition List Invalid")
        return terms

    # Seed files.

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        lists = SendDefinitionLists(Call(seed.account), self.others)
        row = self.at(seed.account, number)
        try:
            kept = lists.kept(sent_from(seed, entry), row["object_id"])
        except Refused as refused:
            raise SetupError(
                f"key 'audience': {refused.message}. Name a list, or a data extension that is sendable."
            ) from None
        seed.account.db.update(self.table, {"send_definition_list": kept}, id=number)

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        email = account.db.find("email", id=columns.get("email_id")) or {}
        return super().from_entry(account, entry, {**_subjects(email), **columns})

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        return {**entry, "audience": [*entries_of(account, row["send_definition_list"], refer)]}


def _subjects(email: Mapping[str, Any]) -> dict[str, object]:
    """Return the default subjects of a definition: those of its email."""
    return dict.fromkeys(("email_subject", "dynamic_email_subject"), email.get("subject"))


def _limits(row: Row) -> dict[str, Any]:
    """Return the options of a send that restrict its time, number and recipients."""
    return {
        "window": (row["send_window_open"] or "", row["send_window_close"] or ""),
        "limit": max(row["send_limit"] or 0, 0),
        "exclusion_filter": row["exclusion_filter"] or "",
    }


_ENDS = {"SendWindowOpen": "send_window_open", "SendWindowClose": "send_window_close"}


def _window(sent: Struct, row: Mapping[str, Any]) -> list[str | None]:
    """Return the opening and closing time of the send window after the change of a definition."""
    return [sent.text(name) if name in sent else row.get(column) for name, column in _ENDS.items()]


def _warn_of_terms(call: Call, sent: Struct, ends: Sequence[str | None]) -> None:
    """Warn a call of terms of a definition that have no effect."""
    warn_of_exclusion_filter(call, sent)
    limit = sent.number("SendLimit") or 0
    if limit < 0:
        call.warn(
            f"SendLimit {limit} of an EmailSendDefinition limits nothing: give a number above 0"
        )
    elif limit and (sent.flag("SendWindowDelete") or not any(ends)):
        call.warn(
            "SendLimit of an EmailSendDefinition has no effect without a send window: it is the number of messages in "
            "one. Give SendWindowOpen or SendWindowClose"
        )
