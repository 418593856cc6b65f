"""Safety checks for a real tenant ("rails"): every call passes them before it reaches the transport.

Calls that only read pass. Calls that write are checked: their account, their recipients, their number, and the objects
that they would change or delete. Unknown calls are refused. A refusal says what to change; nothing was sent then.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NoReturn

from sfmc_client.answers import results_in
from sfmc_client.client import Client
from sfmc_client.envelope import PARTNER, SOAP_11, read_answer
from sfmc_client.errors import ConfigurationError, SfmcError, TransportError
from sfmc_client.exchanges import Request, Response
from sfmc_client.filters import P
from sfmc_client.models import APIObject
from sfmc_client.results import Result
from sfmc_client.testing.configuration import RailSettings
from sfmc_client.testing.outgoing_requests import (
    OutgoingCall,
    Unreadable,
    nested_objects,
    read_call,
)
from sfmc_client.testing.recipients import is_allowed
from sfmc_client.testing.run_ledger import Ledger, Made, identities_of
from sfmc_client.transport import Transport

Send = Callable[[Request], Response]

_READS = frozenset({"Retrieve", "Describe", "VersionInfo", "GetSystemStatus", "Query"})

# The elements of a message that are checked, by operation; a call with any other element is refused.
_MESSAGES = {
    "Create": {"Options", "Objects"},
    "Update": {"Options", "Objects"},
    "Delete": {"Options", "Objects"},
    "Configure": {"Options", "Action", "Configurations"},
}
_VERBS = frozenset({"Create", "Update", "Delete"})

_OPTIONS = {"Client", "RequestType", "SaveOptions", "Priority", "QueuePriority", "ConversationID"}
_SAVE_ACTIONS = {"AddOnly", "Default", "Nothing", "UpdateAdd", "UpdateOnly"}

# Seconds between two looks at the ledger for another process's answer, and seconds that a process takes to record one.
_LOOK_AGAIN = 0.05
_TO_NOTE = 5.0

# Objects that may be created, and changed if the run created them: setting them up sends no message.
_HARMLESS = frozenset(
    {
        *("ContentArea", "DataExtension", "DataExtensionObject", "DataFolder", "DeliveryProfile"),
        *("Email", "List", "PropertyDefinition", "SendClassification", "SenderProfile"),
        *("Subscriber", "TriggeredSendDefinition"),
    }
)

# Properties that the service sets, and that a new object must not have.
_NUMBERS = ("ObjectID", "ID", "PartnerKey")
# Properties that name one object; a profile attribute has only its name.
_UNIQUE = (*_NUMBERS, "CustomerKey", "SubscriberKey")

# Properties that make the service write to further addresses.
_COPIES = ("BccEmail", "CCEmail", "TestEmailAddr", "AutoForwardToEmailAddress")
# Properties of a definition to which its sends add members or rows.
_FILLED = {"List": "List", "SendSourceDataExtension": "DataExtension"}

_SEND = {"Attributes", "Client", "Subscribers", "TriggeredSendDefinition"}
_RECIPIENT = {"Attributes", "EmailAddress", "EmailTypePreference", "Owner", "SubscriberKey"}
_SUBSCRIBER = {
    *_RECIPIENT,
    *("Client", "GlobalUnsubscribeCategory", "Lists", "Locale", "Status", "UnsubscribedDate"),
    *_NUMBERS,
}
# Attributes by which a subscriber could be named once more.
_NAMING_ATTRIBUTES = {"emailaddress", "emailaddr", "subscriberkey", "subscriberid"}
_UNSUBSCRIBE = {"SubscriberKey", "EmailAddress", "JobID", "ListID", "BatchID", "Reason"}


class RailsRefused(ConfigurationError):
    """The rails refused a call; nothing was sent."""


class DryRun(BaseException):
    """A dry run has reached a send; the rest of the test would depend on the service's answer.

    It is not an `Exception`, so that the program under test does not catch it.
    """


class Rails:
    """The rails of a run, in the account with this MID. `path` is the configuration file, which refusals name.

    With `dry_run` no call that writes is sent: it is recorded, and answered as if it had succeeded. The first send ends
    the test with `DryRun`.
    """

    def __init__(
        self, settings: RailSettings, *, mid: int, path: Path, ledger: Ledger, dry_run: bool = False
    ) -> None:
        self.settings = settings
        self.mid = mid
        self.path = path
        self.ledger = ledger
        self.dry_run = dry_run
        self._is_confirmed = False
        # The objects that a dry run would have made so far.
        self._pretended: list[Made] = []

    def around(self, transport: Transport) -> Transport:
        """Return a transport that sends only calls that pass the rails; it does not expose the given transport."""
        carry, send = self._carry, transport.send

        class Railed:
            """A transport with rails."""

            def send(self, request: Request) -> Response:
                return carry(request, send)

            def __repr__(self) -> str:
                return "<transport with rails>"

        return Railed()

    def check_account(self, client: Client) -> None:
        """Ask the service for its account, and allow calls that write from now on if it is the right one.

        Raises `RailsRefused` if it is another one.
        """
        # An account's own folders name the account (recorded); shared ones may name its parent.
        folders = client.retrieve(
            "DataFolder", ["ID", "Client.ID"], filter=P("ContentType").equals("dataextension")
        )
        page = next(folders.pages())
        mids = {folder.integer("Client.ID") for folder in page}
        if mids != {self.mid}:
            known = ", ".join(str(mid) for mid in sorted(mid for mid in mids if mid))
            self._refuse(
                f"the credentials belong to account {known or '(MID unknown)'}, but mid in [tenant] is {self.mid}. "
                "Correct mid or the credentials"
            )
        self._is_confirmed = True

    def _carry(self, request: Request, send: Send) -> Response:
        call = self._read(request)
        if call is None or call.operation.name in _READS:
            return send(request)
        self._check(call)
        if any(written.type_name == "TriggeredSend" for written in call.objects):
            return self._carry_sends(call, request, send)
        if self.dry_run:
            return self._pretend(call)
        with self._announced(call, request):
            response = self._sent(call, request, send)
            self._note(call, response)
        return response

    def _read(self, request: Request) -> OutgoingCall | None:
        """Return the call of a request; `None` for a request for a token. Raises `RailsRefused` if it is unclear."""
        try:
            return read_call(request)
        except Unreadable as problem:
            why = str(problem)
        self._refuse(f"the request cannot be checked: {why}")

    # Checks.

    def _check(self, call: OutgoingCall) -> None:
        if not self._is_confirmed:
            self._refuse(
                "the MID of the account was not checked yet. Use the fixture sfmc, which checks it"
            )
        self._check_accounts(call.content)
        name = call.operation.name
        if name == "Execute":
            return self._check_execute(call)
        if name not in _MESSAGES or call.verb not in _VERBS:
            self._refuse(
                f"{name} may send to people who are not in recipients. Do it in the tenant itself, outside the tests"
            )
        self._check_known(f"a {name}", call.content, _MESSAGES[name])
        self._check_options(call)
        for item in call.objects:
            if item.nested("PartnerProperties") is not None:
                self._refuse(
                    "PartnerProperties may set any property. Give each property by its own name"
                )
            if item.type_name == "DataExtensionObject":
                self._check_row(item)
            elif call.verb == "Delete":
                self._check_delete(item)
            elif item.type_name == "TriggeredSend":
                self._check_send(call, item)
            elif item.type_name == "Subscriber":
                self._check_subscriber(call, item)
            elif item.type_name in _HARMLESS:
                self._check_object(call, item)
            else:
                self._refuse(
                    f"{call.verb} of a {item.type_name} is not supported: it might send to anyone. Do it in the tenant "
                    "itself, outside the tests"
                )

    def _check_known(self, what: str, item: APIObject, known: set[str]) -> None:
        for name in item:
            if name not in known:
                self._refuse(
                    f"{name} in {what} is not supported. Leave it out. Supported are "
                    + ", ".join(sorted(known))
                )

    def _check_accounts(self, content: APIObject) -> None:
        """Refuse a call that names another account, at any depth."""
        for name, item in [("", content), *nested_objects(content)]:
            if name == "Client":
                self._check_account(item)
            elif isinstance(item.get("Client"), str) or "ClientIDs" in item:
                self._refuse(
                    "the call names an account in an unsupported way. Write Client={'ID': MID}"
                )

    def _check_account(self, named: APIObject) -> None:
        for name, value in named.items():
            if value is None:
                continue
            if name not in {"ID", "ClientID"}:
                self._refuse(
                    f"the call names an account by Client.{name}. Name it by Client.ID, the MID"
                )
            if value != str(self.mid):
                self._refuse(
                    f"the call is for the account {value}, but mid in [tenant] is {self.mid}"
                )

    def _check_execute(self, call: OutgoingCall) -> None:
        self._check_known("an Execute", call.content, {"Requests"})
        for request in call.content.objects("Requests"):
            self._check_known("an Execute", request, {"Client", "Name", "Parameters"})
            parameters = [
                (item.text("Name") or "", item.text("Value") or "")
                for item in request.objects("Parameters")
            ]
            names = [name for name, _ in parameters]
            people = [
                value for name, value in parameters if name in ("SubscriberKey", "EmailAddress")
            ]
            if request.text("Name") != "LogUnsubEvent" or not any(people):
                self._refuse(
                    f"Execute {request.text('Name')} is not supported. Only LogUnsubEvent is, with a "
                    "SubscriberKey or EmailAddress on the list of recipients"
                )
            if len(names) != len(set(names)) or not _UNSUBSCRIBE.issuperset(names):
                self._refuse(
                    f"LogUnsubEvent takes only these parameters, each once: {', '.join(sorted(_UNSUBSCRIBE))}"
                )
            for person in people:
                self._check_person(person, "is not on the list of recipients")

    def _check_options(self, call: OutgoingCall) -> None:
        options = call.content.nested("Options") or APIObject(None)
        if options.text("RequestType") == "Asynchronous":
            self._refuse(
                "the answer to an asynchronous call does not say what it made. Leave out request_type"
            )
        if "delete" in (options.text("Action") or "").lower() or "Delete" in call.save_actions:
            self._refuse(
                "a save option that deletes may remove objects that this run did not make. Leave it out"
            )
        self._check_known("the options", options, _OPTIONS)
        for action in call.save_actions:
            if action not in _SAVE_ACTIONS:
                self._refuse(
                    f"the SaveAction {action!r} is not supported. Supported are {', '.join(sorted(_SAVE_ACTIONS))}"
                )

    def _check_delete(self, item: APIObject) -> None:
        if not self._is_own(item):
            self._refuse(
                f"{_named(item)} is to be deleted, and was not made by this run. Delete it in the tenant"
            )

    def _check_row(self, item: APIObject) -> None:
        extension = APIObject("DataExtension", _identities(item))
        if not self._is_own(extension):
            self._refuse(
                f"{_named(extension)} was not made by this run, so its rows could not be told from those of the run. "
                "Use a data extension that the run makes"
            )

    def _check_send(self, call: OutgoingCall, item: APIObject) -> None:
        if call.operation.name != "Create":
            self._refuse(f"{call.verb} of a TriggeredSend is not supported. Use Create")
        if not item.objects("Subscribers"):
            self._refuse(
                "the TriggeredSend has no Subscribers, so its recipients cannot be checked. Name them"
            )
        self._check_known("a TriggeredSend", item, _SEND)
        definition = item.nested("TriggeredSendDefinition") or APIObject(None)
        if _numbers(definition) and not self._is_own_part(definition, "TriggeredSendDefinition"):
            self._refuse(
                f"the definition is named by {_numbers(definition)[0]} and was not made by this run. Name it by its "
                "CustomerKey"
            )
        for subscriber in item.objects("Subscribers"):
            self._check_known("a recipient", subscriber, _RECIPIENT)
            self._check_recipient(subscriber)

    def _check_recipient(self, subscriber: APIObject) -> None:
        address = subscriber.text("EmailAddress") or ""
        self._check_person(address, "is not on the list of recipients")
        key = subscriber.text("SubscriberKey") or address
        # The service may write to the stored address of the key, which is unknown here.
        self._check_person(
            key, "is the SubscriberKey of the recipient, and is not on the list of recipients"
        )
        self._check_attributes(subscriber)

    def _check_attributes(self, subscriber: APIObject) -> None:
        for attribute in subscriber.objects("Attributes"):
            name = attribute.text("Name") or ""
            if re.sub(r"[\W_]", "", name).lower() in _NAMING_ATTRIBUTES:
                self._check_person(
                    attribute.text("Value") or "",
                    f"is in the attribute {name}, and is not on the list of recipients",
                )

    def _check_person(self, person: str, problem: str) -> None:
        if is_allowed(person, self.settings.recipients):
            return
        if person and self._is_own(APIObject("Subscriber", SubscriberKey=person)):
            return
        self._refuse(f"{person!r} {problem}. Add it, or its domain, to recipients in [rails]")

    def _check_subscriber(self, call: OutgoingCall, item: APIObject) -> None:
        self._check_known("a Subscriber", item, _SUBSCRIBER)
        if _numbers(item) and not self._is_own(item):
            self._refuse(
                f"the subscriber is named by {_numbers(item)[0]} and was not made by this run. Name it by SubscriberKey"
            )
        for part in item.objects("Lists"):
            self._check_filled("a Subscriber", "Lists", "List", part)
        self._check_attributes(item)
        address, key = item.text("EmailAddress"), item.text("SubscriberKey")
        if address:
            self._check_person(address, "is not on the list of recipients")
        if call.verb == "Create" and address and not _may_change(call):
            # A new key may be any: the service refuses one that exists.
            return
        person = key or address or ""
        if not (is_allowed(person, self.settings.recipients) or self._is_own(item)):
            self._check_person(person, "is not on the list of recipients")

    def _check_object(self, call: OutgoingCall, item: APIObject) -> None:
        kind = item.type_name or ""
        if kind == "List" and (item.get("AutomatedEmail") is not None or "Subscribers" in item):
            self._refuse(
                "a List with an AutomatedEmail or Subscribers sends to the subscribers that are added to it. Leave "
                "both out"
            )
        for name in _COPIES:
            for address in _addresses(item, name):
                self._check_person(address, f"would get copies ({name})")
        for name, part_kind in _FILLED.items():
            if kind == "TriggeredSendDefinition" and (part := item.nested(name)) is not None:
                self._check_filled(_named(item), name, part_kind, part)
        if _may_change(call):
            self._check_change(item)
        elif _numbers(item):
            self._refuse(
                f"the service sets {_numbers(item)[0]} of {_named(item)} itself. Leave it out"
            )
        elif item.text("TriggeredSendStatus") not in (None, "New"):
            self._refuse(
                f"{_named(item)} must be created with the status New. Start it by an Update"
            )

    def _check_filled(self, owner: str, name: str, kind: str, part: APIObject) -> None:
        if not (self._may_be_changed(part) or self._is_own_part(part, kind)):
            self._refuse(
                f"{owner} would add to {_named(APIObject(kind, _identities(part)))} ({name}), which this run did not "
                f"make. Leave out {name}, or list its CustomerKey under change in [rails]"
            )

    def _check_change(self, item: APIObject) -> None:
        if self._may_be_changed(item) or self._is_own(item):
            return
        if not _only_starts(item):
            self._refuse(
                f"{_named(item)} is to be changed, and was not made by this run. Change it in the tenant, or list its "
                "CustomerKey under change in [rails]"
            )
        if item.text("CustomerKey") not in self.settings.start:
            self._refuse(
                f"starting {_named(item)}, which this run did not make, could send messages that wait in its queue. "
                "Start it in the tenant, or list its CustomerKey under start in [rails]"
            )

    def _may_be_changed(self, item: APIObject) -> bool:
        return not _numbers(item) and item.text("CustomerKey") in self.settings.change

    def _is_own_part(self, part: APIObject, kind: str) -> bool:
        return self._is_own(APIObject(kind, _identities(part)))

    def _is_own(self, item: APIObject) -> bool:
        """Return whether the run made an object. Waits for processes of the run that are creating it, perhaps.

        The service shows a new object to all before it answers its Create.
        """
        names = _unique_names(item)
        # Creates that begin from now on are not of an object that the caller has seen.
        making = self.ledger.making_now(item.type_name, names)
        while True:
            if any(_is_named(made, item) for made in (*self.ledger.remaining, *self._pretended)):
                return True
            if not making:
                return False
            time.sleep(_LOOK_AGAIN)
            # Read before the objects, so that one that is recorded in between is found.
            making &= self.ledger.making_now(item.type_name, names)

    # Sending and recording.

    def _carry_sends(self, call: OutgoingCall, request: Request, send: Send) -> Response:
        sends = [written for written in call.objects if written.type_name == "TriggeredSend"]
        if len(sends) != len(call.objects):
            self._refuse("the call has TriggeredSends and other objects. Make two calls")
        people = [
            subscriber.text("EmailAddress") or ""
            for send in sends
            for subscriber in send.objects("Subscribers")
        ]
        if not self.ledger.reserve(len(people), self.settings.max_sends):
            self._refuse(
                f"the run would send more than {self.settings.max_sends} messages ({self.ledger.sends} were sent "
                "already). To allow more, raise max_sends in [rails]"
            )
        if self.dry_run:
            key = sends[0].text("TriggeredSendDefinition.CustomerKey") or "a definition"
            self.ledger.plan(f"send {key} to {', '.join(people)}")
            raise DryRun(f"would send {key} to {', '.join(people)}")
        response = send(request)
        self.ledger.sent(len(people))
        return response

    def _pretend(self, call: OutgoingCall) -> Response:
        for written in call.objects:
            self.ledger.plan(f"{call.verb.lower()} {_named(written)}")
            if call.verb == "Create":
                self._pretended.append(Made(written.type_name or "", "", _identities(written)))
        return _as_if_done(call)

    def _announced(self, call: OutgoingCall, request: Request) -> AbstractContextManager[None]:
        """Announce the objects that a Create will make, except rows, which are deleted with their data extension."""
        new = [item for item in call.objects if item.type_name != "DataExtensionObject"]
        if call.verb != "Create" or not new:
            return nullcontext()
        return self.ledger.making(
            [Made(item.type_name or "", call.operation.name, _identities(item)) for item in new],
            seconds=request.timeout + _TO_NOTE,
        )

    def _sent(self, call: OutgoingCall, request: Request, send: Send) -> Response:
        try:
            return send(request)
        except BaseException as error:
            # Also what stops a test from outside: a signal, a time limit.
            if call.verb == "Create" and not (isinstance(error, TransportError) and not error.sent):
                for written in call.objects:
                    self.ledger.left(
                        f"{_named(written)} may exist: the answer to its Create was lost"
                    )
            raise

    def _note(self, call: OutgoingCall, response: Response) -> None:
        """Record the objects that the service made or removed by its answer."""
        try:
            answer = read_answer(response, call.operation, url="")
        except SfmcError:
            # The caller gets the same error, and nothing was made.
            return
        results = results_in(call.operation.name, answer)
        for written, result in zip(call.objects, map(Result.read, results), strict=False):
            if not result.ok:
                continue
            if call.verb == "Delete":
                self._note_removed(written)
            elif call.verb == "Create":
                self._note_made(call, written, result)
            elif call.verb == "Update" and not self._is_own(written):
                self._note_fields(written)

    def _note_made(self, call: OutgoingCall, item: APIObject, result: Result) -> None:
        if item.type_name == "DataExtensionObject":
            # Rows are deleted with their data extension.
            return
        if call.content.get("Options.SaveOptions") is not None:
            # The answer does not say whether the object existed before: if it did, it must not be deleted.
            self.ledger.left(f"{_named(item)} may be new: its Create had a save option")
            return
        self.ledger.made(Made(item.type_name or "", call.operation.name, _all(item, result)))

    def _note_fields(self, item: APIObject) -> None:
        """Record columns that were added to an existing data extension: they are not removed."""
        names = [field.text("Name") or "?" for field in item.objects("Fields.Field")]
        if names:
            self.ledger.left(f"columns of {_named(item)}, which existed before: {', '.join(names)}")

    def _note_removed(self, item: APIObject) -> None:
        for made in self.ledger.remaining:
            if _is_named(made, item):
                self.ledger.removed(made)

    def _refuse(self, why: str) -> NoReturn:
        raise RailsRefused(f"Refused by the rails, nothing was sent: {why} ({self.path}).")


def clean_up(client: Client, ledger: Ledger) -> list[tuple[Made, str]]:
    """Remove all objects that the run made, the latest first; return those that could not be removed, with reasons."""
    failed: list[tuple[Made, str]] = []
    for made in ledger.remaining:
        try:
            _remove(client, made)
        except SfmcError as error:
            failed.append((made, str(error)))
    return failed


def _remove(client: Client, made: Made) -> None:
    item = APIObject(made.type_name, _name_for_delete(made))
    if made.operation == "Configure":
        client.configure("Delete", item)
    else:
        client.delete(item)


def _name_for_delete(made: Made) -> dict[str, str]:
    """Return the identity by which a Delete of the type names an object."""
    order = ("CustomerKey", "SubscriberKey", "ObjectID", "ID", "Name", "EmailAddress")
    names = [name for name in order if name in made.identities]
    return {names[0]: made.identities[names[0]]} if names else {}


def _identities(item: APIObject) -> dict[str, str]:
    return identities_of(dict(item.items()))


def _numbers(item: APIObject) -> list[str]:
    """Return the numbers given by the service that name an object."""
    return [name for name in _NUMBERS if item.text(name)]


def _is_named(made: Made, item: APIObject) -> bool:
    """Whether the run made an object: all its identities agree, and at least one of them is unique."""
    return made.type_name == item.type_name and made.is_named_by(_unique_names(item))


def _unique_names(item: APIObject) -> dict[str, str]:
    unique = (*_UNIQUE, "Name") if item.type_name == "PropertyDefinition" else _UNIQUE
    return {name: value for name in unique if (value := item.text(name))}


def _only_starts(item: APIObject) -> bool:
    """Whether an Update only starts a definition, named by its key, and logs its sends."""
    started = {"TriggeredSendStatus": "active", "IsSendLogging": "true"}
    values = {name: (item.text(name) or "").lower() for name in item if name != "CustomerKey"}
    return item.type_name == "TriggeredSendDefinition" and all(
        started.get(name) == value for name, value in values.items()
    )


def _may_change(call: OutgoingCall) -> bool:
    """Whether a call may change existing objects, also by an option of Create."""
    return call.verb == "Update" or any(action.startswith("Update") for action in call.save_actions)


def _addresses(item: APIObject, name: str) -> list[str]:
    texts = [text for text in item.values_of(name) if isinstance(text, str)]
    return [address for text in texts for address in re.split(r"[;,\s]+", text) if address]


def _all(item: APIObject, result: Result) -> dict[str, str]:
    """Return all identities of a new object: those echoed, sent, and given by the service."""
    echoed = {} if result.object is None else _identities(result.object)
    numbered = {
        "ID": None if result.new_id is None else str(result.new_id),
        "ObjectID": result.new_object_id,
    }
    return {**echoed, **_identities(item), **identities_of(numbered)}


def _named(item: APIObject) -> str:
    return str(Made(item.type_name or "an object", "", _identities(item)))


def _as_if_done(call: OutgoingCall) -> Response:
    result = "<StatusCode>OK</StatusCode><StatusMessage>dry run</StatusMessage>"
    if call.operation.name == "Configure":
        inside = "".join(f"<Result>{result}</Result>" for _ in call.objects)
        results = f"<Results>{inside}</Results>"
    else:
        results = "".join(f"<Results>{result}</Results>" for _ in call.objects)
    body = (
        f'<soap:Envelope xmlns:soap="{SOAP_11}"><soap:Body><{call.operation.answer} xmlns="{PARTNER}">'
        f"{results}<OverallStatus>OK</OverallStatus></{call.operation.answer}></soap:Body></soap:Envelope>"
    )
    return Response(status=200, headers={"content-type": "text/xml"}, body=body.encode())
