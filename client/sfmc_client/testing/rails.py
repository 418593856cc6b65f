"""Rails for a real tenant: every call passes them on its way to the transport, and there is no other way.

What only reads goes through. What writes is looked at: in which account, to whom, how often, what it would take away.
What the rails do not know stays here. A refusal says what to change; nothing has left the process then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from sfmc_client.answers import results_in
from sfmc_client.client import Client
from sfmc_client.envelope import OPERATIONS, PARTNER, SOAP_11, Operation, read_answer
from sfmc_client.errors import ConfigurationError, SfmcError, TransportError
from sfmc_client.exchanges import Request, Response
from sfmc_client.filters import P
from sfmc_client.models import APIObject
from sfmc_client.results import Result
from sfmc_client.testing.configuration import RailSettings
from sfmc_client.testing.ledger import Ledger, Made, identities_of
from sfmc_client.transport import Transport

Send = Callable[[Request], Response]

_READS = frozenset({"Retrieve", "Describe", "VersionInfo", "GetSystemStatus", "Query"})

_WRITES = frozenset({"Create", "Update", "Delete", "Configure"})
_VERBS = frozenset({"Create", "Update", "Delete"})

# What may be made and changed: setting it up sends nothing to anybody.
_HARMLESS = frozenset(
    {
        "ContentArea",
        "DataExtension",
        "DataExtensionObject",
        "DataFolder",
        "DeliveryProfile",
        "Email",
        "List",
        "PropertyDefinition",
        "SendClassification",
        "SenderProfile",
        "Subscriber",
        "TriggeredSendDefinition",
    }
)

# Properties of a definition that make the service write to somebody else as well.
_COPIES = ("BccEmail", "CCEmail", "TestEmailAddr")

_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")


class RailsRefused(ConfigurationError):
    """The rails kept a call back; nothing has left the process."""


class DryRun(BaseException):
    """A dry run has come to a send: what comes after depends on what the service would have answered.

    No `Exception`, so that the program under test does not take it for one of its own.
    """


def is_allowed(address: str, patterns: Iterable[str]) -> bool:
    """Whether an address is one of those listed, or fits a pattern; upper and lower case are the same.

    >>> is_allowed("Ada@qa.example.com", ["*@qa.example.com"]), is_allowed("ada@example.com", ["*@qa.example.com"])
    (True, False)
    >>> is_allowed("eve@evil.test,ada@qa.example.com", ["*@qa.example.com"])
    False
    """
    if not _ADDRESS.fullmatch(address):
        return False
    return any(fnmatchcase(address.lower(), pattern.lower()) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call on its way, read from its envelope."""

    operation: Operation
    content: APIObject

    @property
    def objects(self) -> list[APIObject]:
        """The objects that it writes."""
        found = self.content.objects("Objects")
        return found or self.content.objects("Configurations.Configuration")

    @property
    def verb(self) -> str:
        """Create, Update or Delete, also where Configure does it; else the operation itself."""
        if self.operation.name == "Configure":
            return (self.content.text("Action") or "").capitalize()
        return self.operation.name


class Rails:
    """The rails of a run, in the account with this MID. `path` is the file to which refusals refer.

    With `dry_run` nothing is written at all: calls that would write are noted and answered as if they had been done,
    and the first send ends the test with `DryRun`.
    """

    def __init__(
        self,
        settings: RailSettings,
        *,
        mid: int,
        path: Path,
        ledger: Ledger,
        dry_run: bool = False,
    ) -> None:
        self.settings = settings
        self.mid = mid
        self.path = path
        self.ledger = ledger
        self.dry_run = dry_run
        self._is_confirmed = False
        # What a dry run would have made by now.
        self._pretended: list[Made] = []

    def around(self, transport: Transport) -> Transport:
        """Return a transport that carries only what the rails let through; it gives nobody the one inside."""
        carry, send = self._carry, transport.send

        class Railed:
            """A transport with rails."""

            def send(self, request: Request) -> Response:
                return carry(request, send)

            def __repr__(self) -> str:
                return "<transport with rails>"

        return Railed()

    def check_account(self, client: Client) -> None:
        """Ask the service which account answers, and let writing calls pass from now on if it is the right one.

        Raises `RailsRefused` if it is another one.
        """
        # An account's own folders name the account (recorded); shared ones may name its parent.
        folders = client.retrieve(
            "DataFolder", ["ID", "Client.ID"], filter=P("ContentType").equals("dataextension")
        )
        page = next(folders.pages())
        found = {folder.integer("Client.ID") for folder in page}
        if found != {self.mid}:
            known = ", ".join(str(each) for each in sorted(each for each in found if each))
            self._refuse(
                f"the account that answers is {known or 'one that does not say its MID'}, and mid in [tenant] is "
                f"{self.mid}. Correct one of the two"
            )
        self._is_confirmed = True

    def _carry(self, request: Request, send: Send) -> Response:
        call = self._read(request)
        if call is None or call.operation.name in _READS:
            return send(request)
        self._check(call)
        if any(each.type_name == "TriggeredSend" for each in call.objects):
            return self._carry_sends(call, request, send)
        if self.dry_run:
            return self._pretend(call)
        response = self._sent(call, request, send)
        self._note(call, response)
        return response

    def _read(self, request: Request) -> _Call | None:
        """What a request is about; `None` if it asks for a token. Raises `RailsRefused` if that cannot be told."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "soapaction" not in headers and _asks_for_token(request.body):
            return None
        operation = OPERATIONS.get(headers.get("soapaction", "").strip('"'))
        if operation is not None:
            # The message is read as if it were an answer with the message's name.
            asked = Operation(operation.name, operation.message, operation.message)
            response = Response(status=200, headers={}, body=request.body)
            try:
                return _Call(operation, read_answer(response, asked, url=request.url))
            except SfmcError:
                pass
        self._refuse("what the request asks for cannot be read, so it cannot be checked")

    # What is looked at.

    def _check(self, call: _Call) -> None:
        if not self._is_confirmed:
            self._refuse("it is not known yet which account answers; the fixture sfmc asks it")
        name = call.operation.name
        if name == "Execute":
            return self._check_execute(call)
        if name not in _WRITES or call.verb not in _VERBS:
            self._refuse(f"{name} may do anything to anybody. Do it in the tenant itself")
        self._check_options(call)
        for each in call.objects:
            self._check_account_of(each)
            if each.type_name == "DataExtensionObject":
                self._check_row(each)
            elif call.verb == "Delete":
                self._check_delete(each)
            elif each.type_name == "TriggeredSend":
                self._check_send(call, each)
            elif each.type_name in _HARMLESS:
                self._check_object(call, each)
            else:
                self._refuse(
                    f"what {call.verb} of a {each.type_name} sets off is not known to them. Do it in the tenant itself"
                )

    def _check_execute(self, call: _Call) -> None:
        for each in call.content.objects("Requests"):
            people = each.pairs("Parameters")
            named = [people[name] for name in ("SubscriberKey", "EmailAddress") if people.get(name)]
            if each.text("Name") != "LogUnsubEvent" or not named:
                self._refuse(
                    f"Execute {each.text('Name')} may do anything to anybody; only LogUnsubEvent of a SubscriberKey or "
                    "EmailAddress on the list passes"
                )
            for person in named:
                self._check_person(person or "", "is not on the list of recipients")

    def _check_options(self, call: _Call) -> None:
        options = call.content.nested("Options") or APIObject(None)
        self._check_account_of(options)
        if options.text("RequestType") == "Asynchronous":
            self._refuse(
                "of an asynchronous call it is not known what it made. Leave out request_type"
            )
        actions = [each.text("SaveAction") for each in options.objects("SaveOptions.SaveOption")]
        if "delete" in (options.text("Action") or "").lower() or "Delete" in actions:
            self._refuse("a save option that deletes may take away what the run did not make")

    def _check_account_of(self, item: APIObject) -> None:
        for name in ("Client.ID", "Client.ClientID"):
            named = item.text(name)
            if named is not None and named != str(self.mid):
                self._refuse(f"it is for the account {named}, and mid in [tenant] is {self.mid}")

    def _check_delete(self, item: APIObject) -> None:
        if not self._is_own(item):
            self._refuse(f"{_named(item)} is to be deleted, and was not made by this run")

    def _check_row(self, item: APIObject) -> None:
        extension = APIObject("DataExtension", _identities(item))
        if not self._is_own(extension):
            self._refuse(
                f"rows of {_named(extension)}, which this run did not make, could not be told from its own any more"
            )

    def _check_send(self, call: _Call, item: APIObject) -> None:
        if call.operation.name != "Create":
            self._refuse(f"{call.verb} of a TriggeredSend is not known to them")
        if not item.objects("Subscribers"):
            self._refuse("a TriggeredSend without Subscribers does not say to whom it goes")
        for subscriber in item.objects("Subscribers"):
            address = subscriber.text("EmailAddress") or ""
            self._check_person(address, "is not on the list of recipients")
            key = subscriber.text("SubscriberKey") or address
            # The service may write to the address that it knows of the key, whoever that is.
            self._check_person(
                key, "is the SubscriberKey of the recipient, and not on the list itself"
            )

    def _check_person(self, person: str, problem: str) -> None:
        if is_allowed(person, self.settings.recipients) or self._made_subscriber(person):
            return
        self._refuse(f"{person!r} {problem}. Add it, or its domain, to recipients in [rails]")

    def _made_subscriber(self, key: str) -> bool:
        return any(
            each.type_name == "Subscriber" and each.identities.get("SubscriberKey") == key
            for each in self.ledger.remaining
        )

    def _check_object(self, call: _Call, item: APIObject) -> None:
        if item.type_name == "Subscriber":
            self._check_subscriber(call, item)
        elif item.type_name == "TriggeredSendDefinition":
            self._check_definition(item)
        elif item.type_name == "List" and item.get("AutomatedEmail") is not None:
            self._refuse("a List with an AutomatedEmail writes to whoever is put on it")

    def _check_subscriber(self, call: _Call, item: APIObject) -> None:
        address, key = item.text("EmailAddress"), item.text("SubscriberKey")
        if address:
            self._check_person(address, "is not on the list of recipients")
        if call.verb == "Create" and address and call.content.get("Options.SaveOptions") is None:
            # A new key may be anything; that it is new is for the service to say.
            return
        self._check_person(key or address or "", "is not on the list of recipients")

    def _check_definition(self, item: APIObject) -> None:
        for name in _COPIES:
            for address in re.split(r"[;,\s]+", item.text(name) or ""):
                if address:
                    self._check_person(address, f"would get copies ({name})")
        if item.text("TriggeredSendStatus") == "Active" and not (
            self._is_own(item) or item.text("CustomerKey") in self.settings.start
        ):
            self._refuse(
                f"starting {_named(item)}, which this run did not make, could release what waits in its queue. Start "
                "it in the tenant, or list its CustomerKey under start in [rails]"
            )

    def _is_own(self, item: APIObject) -> bool:
        named = _identities(item)
        return any(
            each.type_name == item.type_name and each.is_named_by(named)
            for each in (*self.ledger.remaining, *self._pretended)
        )

    # What is done and noted.

    def _carry_sends(self, call: _Call, request: Request, send: Send) -> Response:
        sends = [each for each in call.objects if each.type_name == "TriggeredSend"]
        if len(sends) != len(call.objects):
            self._refuse("sends and other objects in one call. Make two calls of it")
        people = [
            subscriber.text("EmailAddress") or ""
            for each in sends
            for subscriber in each.objects("Subscribers")
        ]
        if not self.ledger.reserve(len(people), self.settings.max_sends):
            self._refuse(
                f"with it the run would send more than {self.settings.max_sends} messages ({self.ledger.sends} are "
                "sent). Raise max_sends in [rails] if so many are meant"
            )
        if self.dry_run:
            key = sends[0].text("TriggeredSendDefinition.CustomerKey") or "a definition"
            self.ledger.would(f"send {key} to {', '.join(people)}")
            raise DryRun(f"would send {key} to {', '.join(people)}")
        response = send(request)
        self.ledger.sent(len(people))
        return response

    def _pretend(self, call: _Call) -> Response:
        for each in call.objects:
            self.ledger.would(f"{call.verb.lower()} {_named(each)}")
            if call.verb == "Create":
                self._pretended.append(Made(each.type_name or "", "", _identities(each)))
        return _as_if_done(call)

    def _sent(self, call: _Call, request: Request, send: Send) -> Response:
        try:
            return send(request)
        except TransportError as error:
            if error.sent and call.verb == "Create":
                for each in call.objects:
                    self.ledger.left(f"{_named(each)}, perhaps: the answer to its Create was lost")
            raise

    def _note(self, call: _Call, response: Response) -> None:
        """Write down what the service says it has made or removed."""
        try:
            answer = read_answer(response, call.operation, url="")
        except SfmcError:
            # The caller gets to see it, and nothing was made.
            return
        results = results_in(call.operation.name, answer)
        for each, result in zip(call.objects, map(Result.read, results), strict=False):
            if not result.ok:
                continue
            if call.verb == "Delete":
                self._note_removed(each)
            elif call.verb == "Create":
                self._note_made(call, each, result)
            elif call.verb == "Update" and not self._is_own(each):
                self._note_fields(each)

    def _note_made(self, call: _Call, item: APIObject, result: Result) -> None:
        if item.type_name == "DataExtensionObject":
            # Rows go with their data extension.
            return
        if call.content.get("Options.SaveOptions") is not None:
            # The answer does not tell whether it was there before: then it must not be deleted.
            self.ledger.left(f"{_named(item)}, if it is new: its Create had a save option")
            return
        self.ledger.made(Made(item.type_name or "", call.operation.name, _all(item, result)))

    def _note_fields(self, item: APIObject) -> None:
        """Note columns that came to a data extension which was there before: it stays, and they with it."""
        names = [field.text("Name") or "?" for field in item.objects("Fields.Field")]
        if names:
            self.ledger.left(f"in {_named(item)}, which was there before: {', '.join(names)}")

    def _note_removed(self, item: APIObject) -> None:
        for each in self.ledger.remaining:
            if each.type_name == item.type_name and each.is_named_by(_identities(item)):
                self.ledger.removed(each)

    def _refuse(self, why: str) -> NoReturn:
        raise RailsRefused(f"Refused by the rails, nothing was sent: {why} ({self.path}).")


def clean_up(client: Client, ledger: Ledger) -> list[tuple[Made, str]]:
    """Remove everything that the run made, the latest first; return what could not be removed, and why."""
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
    """What to name an object by when it is to go: the identity that its type takes."""
    order = ("CustomerKey", "SubscriberKey", "ObjectID", "ID", "Name", "EmailAddress")
    found = [name for name in order if name in made.identities]
    return {found[0]: made.identities[found[0]]} if found else {}


def _identities(item: APIObject) -> dict[str, str]:
    return identities_of(dict(item.items()))


def _all(item: APIObject, result: Result) -> dict[str, str]:
    """Everything that a new object can be named by: as sent, as echoed, and as numbered."""
    echoed = {} if result.object is None else _identities(result.object)
    numbered = {
        "ID": None if result.new_id is None else str(result.new_id),
        "ObjectID": result.new_object_id,
    }
    return {**echoed, **_identities(item), **identities_of(numbered)}


def _asks_for_token(body: bytes) -> bool:
    try:
        found = json.loads(body)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("grant_type") == "client_credentials"


def _named(item: APIObject) -> str:
    return str(Made(item.type_name or "an object", "", _identities(item)))


def _as_if_done(call: _Call) -> Response:
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
