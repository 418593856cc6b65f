"""Prerequisites of a recording: objects that existed before it, created on the emulator when needed.

Only objects that a successful call names, and that no earlier call created or found. Further ones can be given in a
seed file beside the recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sfmc_client.envelope import XSI
from sfmc_client.filters import P
from sfmc_client.models import UNSET, APIObject, Value
from sfmc_client.tracking import SEND_LOG
from sfmc_conformance.comparison import Bindings
from sfmc_conformance.messages import first_text, leaf_text, local_name, soap_or_none
from sfmc_conformance.references import REFERENCE, is_reference
from sfmc_conformance.transcripts import RecordedExchange

if TYPE_CHECKING:
    from lxml import etree

    from sfmc_conformance.replay_emulator import ReplayEmulator

# Has a link, so that clicks can be replayed.
_PAGE = '<p><a href="https://www.example.com/page">Link</a></p>'
_ROWS = "DataExtensionObject["
_LOG_COLUMNS = frozenset({"JobID", "ListID", "BatchID", "SubID", "SubscriberID", "TriggeredSendID"})


class Prerequisites:
    """Creates the objects that a recording needs, in an emulator; `made` lists them."""

    def __init__(self, emulator: ReplayEmulator, bindings: Bindings) -> None:
        self._emulator = emulator
        self._bindings = bindings
        self._known: set[str] = set()
        self.made: list[str] = []

    def before(self, exchange: RecordedExchange) -> bool:
        """Create what the recorded call needs to succeed; return whether the emulator already has its result."""
        request, answer = soap_or_none(exchange.request.body), soap_or_none(exchange.response.body)
        if request is None or answer is None or exchange.request.kind != "xml":
            return False
        codes = {(element.text or "") for element in answer.iter("{*}StatusCode")}
        if _is_done_already(answer) and codes == {"Error"}:
            return True
        overall = first_text(answer, "OverallStatus")
        if exchange.status == 200 and "Error" not in codes and not overall.startswith("Error"):
            for element in request.iter("{*}*"):
                need = _NEEDS.get((local_name(element), _around(element)))
                if need is not None and not self._is_given(key := _named_by(element)):
                    need(self, key, element)
        self._known.update(_mentioned(request))
        return False

    def after(self, exchange: RecordedExchange) -> None:
        """Note the objects that an answer mentions."""
        answer = soap_or_none(exchange.response.body)
        if answer is not None:
            self._known.update(_mentioned(answer))

    # Methods for each type of object.

    def _email(self, reference: str, _: etree._Element) -> None:
        email = APIObject("Email", Name=f"Email {reference}", Subject="Subject", HTMLBody=_PAGE)
        self._bind(reference, email, "an email")

    def _list(self, reference: str, _: etree._Element) -> None:
        self._bind(reference, APIObject("List", ListName=f"List {reference}"), "a list")

    def _classification(self, key: str, _: etree._Element) -> None:
        profile = {"CustomerKey": "Default"}
        self._make(
            f"the send classification {key}",
            "SendClassification",
            key,
            SenderProfile=profile,
            DeliveryProfile=profile,
            SendClassificationType="Marketing",
        )

    def _definition(self, key: str, _: etree._Element) -> None:
        """Create an active triggered send definition, which the recording sends with or changes."""
        create, kind = self._emulator.client.create, "TriggeredSendDefinition"
        email = create(
            APIObject("Email", Name=f"Email of {key}", Subject="Subject", HTMLBody=_PAGE),
            check=False,
        )
        self._make(
            f"the triggered send definition {key}",
            kind,
            key,
            Email={"ID": str(email[0].new_id)},
            SendClassification={"CustomerKey": "Default Commercial"},
            IsSendLogging=True,
        )
        active = APIObject(kind, CustomerKey=key, TriggeredSendStatus="Active")
        self._emulator.client.update(active, check=False)

    def _rows(self, key: str, element: etree._Element) -> None:
        """Create the data extension of rows that the recording reads or writes, with the columns that it names."""
        scope = element.getparent()
        columns = [] if scope is None else list(dict.fromkeys(_columns(scope)))
        if key == SEND_LOG or _LOG_COLUMNS & set(columns):
            self._send_log(key, element, [name for name in columns if name not in _LOG_COLUMNS])
            return
        fields: list[Value] = [
            {"Name": self._bindings.fill(name), "FieldType": "Text", "MaxLength": 4000}
            for name in columns or ["Text"]
        ]
        self._make(f"the data extension {key}", "DataExtension", key, Fields={"Field": fields})

    def _send_log(self, key: str, _: etree._Element, columns: Sequence[str] = ()) -> None:
        fields = [{"Name": self._bindings.fill(name), "FieldType": "Text"} for name in columns]
        template = self._emulator.client.retrieve(
            "DataExtensionTemplate", ["ObjectID"], filter=P("Name").equals(SEND_LOG)
        ).first()
        self._make(
            f"the send log {key}",
            "DataExtension",
            key,
            Fields={"Field": fields} if fields else UNSET,
            Template={"ObjectID": str(template and template.get("ObjectID"))},
        )

    def _folder(self, reference: str, element: etree._Element) -> None:
        """Bind a folder that the recording puts something into: the first folder for that content type."""
        thing = element.getparent()
        if thing is not None and local_name(thing) == "ParentFolder":
            thing = thing.getparent()
        if thing is None:
            return
        kind = str(thing.get(f"{{{XSI}}}type") or "").rpartition(":")[2]
        content = first_text(thing, "ContentType") or _CONTENT_TYPES.get(kind, "")
        folders = self._emulator.client.retrieve(
            "DataFolder", ["ID", "ParentFolder.ID"], filter=P("ContentType").equals(content)
        )
        for folder in folders:
            if folder.get("ParentFolder.ID") == "0":
                self._bindings.bind(reference, str(folder["ID"]))
                return

    # Creation.

    def _is_given(self, value: str) -> bool:
        """Whether a value needs no preparation: it occurred before, or every account has it."""
        if value in self._known or not value:
            return True
        self._known.add(value)
        return not is_reference(value) and value != SEND_LOG

    def _make(self, what: str, kind: str, key: str, **properties: Value) -> None:
        item = APIObject(kind, properties, CustomerKey=key, Name=key)
        if self._emulator.client.create(item, check=False)[0].ok:
            self.made.append(what)

    def _bind(self, reference: str, item: APIObject, what: str) -> None:
        result = self._emulator.client.create(item, check=False)[0]
        if result.ok and result.new_id:
            self._bindings.bind(reference, str(result.new_id))
            self.made.append(f"{what} for {reference}")


# The folders of each type of object (recorded).
_CONTENT_TYPES = {
    "DataExtension": "dataextension",
    "Email": "email",
    "List": "list",
    "TriggeredSendDefinition": "triggered_send",
}

_Need = Callable[[Prerequisites, str, "etree._Element"], None]

# By element name and context: the element's name, or the operation and the type of its object.
_NEEDS: dict[tuple[str, str], _Need] = {
    ("ID", "Email"): Prerequisites._email,
    ("ID", "List"): Prerequisites._list,
    ("ID", "Lists"): Prerequisites._list,
    ("ID", "ParentFolder"): Prerequisites._folder,
    ("CategoryID", "Create DataExtension"): Prerequisites._folder,
    ("CategoryID", "Create Email"): Prerequisites._folder,
    ("CategoryID", "Create TriggeredSendDefinition"): Prerequisites._folder,
    ("Category", "Create List"): Prerequisites._folder,
    ("CustomerKey", "SendClassification"): Prerequisites._classification,
    ("CustomerKey", "TriggeredSendDefinition"): Prerequisites._definition,
    ("CustomerKey", "Update TriggeredSendDefinition"): Prerequisites._definition,
    ("CustomerKey", "Update DataExtension"): Prerequisites._send_log,
    ("CustomerKey", "Create DataExtensionObject"): Prerequisites._rows,
    ("CustomerKey", "Update DataExtensionObject"): Prerequisites._rows,
    ("CustomerKey", "Delete DataExtensionObject"): Prerequisites._rows,
    ("ObjectType", "RetrieveRequest"): Prerequisites._rows,
}


def _named_by(element: etree._Element) -> str:
    """Return the name by which an element refers to an object; a type only refers to one for rows."""
    text = leaf_text(element)
    if local_name(element) != "ObjectType":
        return text
    return text.removeprefix(_ROWS).removesuffix("]") if text.startswith(_ROWS) else ""


def _around(element: etree._Element) -> str:
    parent = element.getparent()
    if parent is None or local_name(parent) != "Objects":
        return "" if parent is None else local_name(parent)
    message = parent.getparent()
    operation = "" if message is None else local_name(message).removesuffix("Request")
    return f"{operation} {str(parent.get(f'{{{XSI}}}type')).rpartition(':')[2]}"


def _columns(scope: etree._Element) -> Iterator[str]:
    """Return the columns that a Retrieve, or an object with rows, names."""
    for element in scope.iter("{*}Properties", "{*}Property", "{*}Name"):
        if not len(element) and leaf_text(element):
            yield leaf_text(element)


def _is_done_already(answer: etree._Element) -> bool:
    return any("already" in leaf_text(element) for element in answer.iter("{*}StatusMessage"))


def _mentioned(root: etree._Element) -> Iterator[str]:
    """Return what a message mentions: all references, and the keys and names of objects."""
    for element in root.iter("{*}*"):
        text = leaf_text(element)
        yield from REFERENCE.findall(text)
        if local_name(element) in {"CustomerKey", "Name"}:
            yield text
