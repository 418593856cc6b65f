"""The tracking flow: from a send that the send log records to the events of exactly that message.

1. `set_up_attribute`   a profile attribute, `UniqueID`
2. `set_up_send_log`    the send log, with a column of that name, which the service fills at each send
3. `define`, `start`    a triggered send definition that is logged, and running
4. `trigger`            a send to one subscriber, with a fresh unique id
5. `find_log_row`       JobID, BatchID and SubscriberID of the message, by its unique id
6. `events`, `wait_for` its events

`send` does 1 to 5. Each step first checks what exists and creates only what is missing. It also accepts the service's
answer that an object exists already. So several programs at a time can repeat the flow, and resume it at any step.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar, overload

from sfmc_client.client import Client
from sfmc_client.errors import ConfigurationError, FlowBlocked, RetrieveFailed, TransportError
from sfmc_client.events import (
    BounceEvent,
    ClickEvent,
    DeliveredEvent,
    ForwardedEmailEvent,
    ForwardedEmailOptInEvent,
    LogRow,
    NotSentEvent,
    OpenEvent,
    SentEvent,
    SurveyEvent,
    TrackingEvent,
    UnsubEvent,
    class_of,
)
from sfmc_client.filters import P
from sfmc_client.models import APIObject, Scalar, name_values
from sfmc_client.paging import Retrieval
from sfmc_client.results import OperationFailed
from sfmc_client.waiting import LOG_ROW, Awaited, Polling, Waiting

Event = TypeVar("Event", bound=TrackingEvent)
EventKind: TypeAlias = "type[TrackingEvent] | str"

ATTRIBUTE: Final = "UniqueID"
SEND_LOG: Final = "SendLog"
"""Name of the send log, and of the service's template for it (documented)."""

# The built-in classification that every account has (recorded); transactional messages ignore opt-outs.
_CLASSIFICATION = "Default Transactional"

# The length that the documented sample gives the column.
_LONGEST_ID = 200

# Property Definition Name Already Exists (documented).
_ATTRIBUTE_EXISTS = 67006
# The definition is not completely configured, or New; it is unknown, Canceled or Deleted (documented).
_DEFINITION_UNUSABLE = frozenset({18001, 18002})

# The columns of the service's template beside the unique id, and two that accounts have in addition (recorded; seen).
_TEMPLATE_COLUMNS = ("JobID", "BatchID", "SubID", "ListID", "TriggeredSendID", "ErrorCode")
_LOG_COLUMNS = (*_TEMPLATE_COLUMNS, "SubscriberID", "SubscriberKey")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """The content of a missing definition: the ID of an email, the CustomerKey of a classification."""

    email_id: int | None = None
    classification: str = _CLASSIFICATION


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A message that was sent to the service, with the numbers of its events.

    `job_id` is the SendID of the events. `error_code` is `None`, or the service's reason for not sending the message
    (documented: 1 Unsubscribed, 2 Held …); such a message has a NotSentEvent.
    """

    definition: str
    unique_id: str
    subscriber_key: str
    job_id: int
    batch_id: int
    subscriber_id: int
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class _Log:
    """The send log of the account: its CustomerKey, and the columns to ask for."""

    key: str
    columns: tuple[str, ...]


class WaitsForEvents(ABC):
    """The base of flows and targets that wait for events of a message."""

    @overload
    def wait_for(self, kind: type[Event], sent: Sent, *, timeout: float | None = None) -> Event: ...
    @overload
    def wait_for(
        self, kind: Literal["BounceEvent"], sent: Sent, *, timeout: float | None = None
    ) -> BounceEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["ClickEvent"], sent: Sent, *, timeout: float | None = None
    ) -> ClickEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["DeliveredEvent"], sent: Sent, *, timeout: float | None = None
    ) -> DeliveredEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["ForwardedEmailEvent"], sent: Sent, *, timeout: float | None = None
    ) -> ForwardedEmailEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["ForwardedEmailOptInEvent"], sent: Sent, *, timeout: float | None = None
    ) -> ForwardedEmailOptInEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["NotSentEvent"], sent: Sent, *, timeout: float | None = None
    ) -> NotSentEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["OpenEvent"], sent: Sent, *, timeout: float | None = None
    ) -> OpenEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["SentEvent"], sent: Sent, *, timeout: float | None = None
    ) -> SentEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["SurveyEvent"], sent: Sent, *, timeout: float | None = None
    ) -> SurveyEvent: ...
    @overload
    def wait_for(
        self, kind: Literal["UnsubEvent"], sent: Sent, *, timeout: float | None = None
    ) -> UnsubEvent: ...
    @overload
    def wait_for(self, kind: str, sent: Sent, *, timeout: float | None = None) -> TrackingEvent: ...
    def wait_for(self, kind: EventKind, sent: Sent, *, timeout: float | None = None) -> Any:
        """Return the first event of one kind of a message, as soon as the service shows it. Raises `NotInTime`.

        `timeout` is in seconds of the service's time; without one it is that of the flow's `waiting`.
        """
        # In a test that fails here, pytest shows the test.
        __tracebackhide__ = True
        return self._wait_for(kind, sent, timeout)

    @abstractmethod
    def _wait_for(self, kind: EventKind, sent: Sent, timeout: float | None) -> TrackingEvent:
        """Wait for an event."""


class TrackingFlow(WaitsForEvents):
    """The tracking flow in one account.

    `recipe` is the content of missing definitions, `recipes` that of definitions by key. `waiting` is the way to wait
    for rows and events (default: `Polling()`). Safe to use from several threads.

    Its methods raise the errors of the client, and `FlowBlocked` when a step is not possible in the account's state.
    """

    def __init__(
        self,
        client: Client,
        *,
        recipe: Recipe | None = None,
        recipes: Mapping[str, Recipe] | None = None,
        attribute: str = ATTRIBUTE,
        send_log: str = SEND_LOG,
        waiting: Waiting | None = None,
    ) -> None:
        self.client = client
        self.attribute = attribute
        self.send_log = send_log
        self.waiting = Polling() if waiting is None else waiting
        self._recipe = recipe or Recipe()
        self._recipes = dict(recipes or {})
        self._log: _Log | None = None
        self._is_set_up = False
        self._started: set[str] = set()
        self._lock = threading.Lock()

    # 1 to 3: setting up.

    def set_up_attribute(self) -> bool:
        """Create the profile attribute of the unique id if it is missing; return whether it was."""
        wanted = APIObject("PropertyDefinition", Name=self.attribute, PropertyType="string")
        try:
            self.client.configure("Create", wanted)
        except OperationFailed as failure:
            if failure.results and failure.results[0].error_code == _ATTRIBUTE_EXISTS:
                return False
            raise
        return True

    def set_up_send_log(self) -> bool:
        """Create the send log from the service's template, or its missing column; return whether any was missing."""
        key = self._log_key()
        if key is None:
            if self._make_log():
                return True
            # Another program has just created it, maybe for a unique id of another name.
            key = self._log_key() or self.send_log
        if self._has_column(key):
            return False
        log = APIObject("DataExtension", CustomerKey=key, Fields={"Field": [self._column()]})
        return _done(self.client.update, log, unless=lambda: self._has_column(key))

    def _make_log(self) -> bool:
        template = self.client.retrieve(
            "DataExtensionTemplate", ["ObjectID", "Name"], filter=P("Name").equals(SEND_LOG)
        ).first()
        if template is None:
            raise FlowBlocked(
                f"The account has no data extension template {SEND_LOG}, so no send log can be created. Have "
                "send logging enabled for the account."
            )
        log = APIObject(
            "DataExtension",
            CustomerKey=self.send_log,
            Name=self.send_log,
            Template={"ObjectID": template.text("ObjectID")},
            Fields={"Field": [self._column()]},
        )
        return _done(self.client.create, log, unless=lambda: self._log_key() is not None)

    def _column(self) -> dict[str, Scalar]:
        return {"Name": self.attribute, "FieldType": "Text", "MaxLength": _LONGEST_ID}

    def _log_key(self) -> str | None:
        """The CustomerKey of the send log, which the service generates if it is not given (recorded)."""
        is_the_log = P("CustomerKey").equals(self.send_log) | P("Name").equals(self.send_log)
        logs = self.client.retrieve("DataExtension", ["CustomerKey", "Name"], filter=is_the_log)
        keys = [log.text("CustomerKey") for log in logs]
        # The name of one may be the key of another.
        return self.send_log if self.send_log in keys else next(iter(keys), None)

    def _has_column(self, key: str) -> bool:
        names = {column.casefold() for column in self._columns_of(key)}
        return self.attribute.casefold() in names

    def _columns_of(self, key: str) -> list[str]:
        of_the_log = P("DataExtension.CustomerKey").equals(key)
        fields = self.client.retrieve("DataExtensionField", ["Name"], filter=of_the_log)
        return [field.text("Name") or "" for field in fields]

    def define(
        self, definition: str, *, email_id: int | None = None, classification: str | None = None
    ) -> bool:
        """Create a triggered send definition with logged sends if it is missing; return whether it was.

        An existing one, by CustomerKey, keeps its email and classification; unless it is running, its sends are logged
        from now on. Raises `ConfigurationError` if it is missing and no email is given for it, and `FlowBlocked` if it
        is running and its sends are not logged.
        """
        status = self._status(definition)
        if status is None:
            if self._make_definition(definition, email_id, classification):
                return True
            # Another program has just created it, maybe one whose sends are not logged.
            status = self._status(definition)
        if status == "Active" or not self._turn_on_logging(definition):
            self._check_logging(definition)
        return False

    def _turn_on_logging(self, definition: str) -> bool:
        """Return false if another program has just started the definition: an active one cannot be changed."""
        logged = APIObject("TriggeredSendDefinition", CustomerKey=definition, IsSendLogging=True)
        return _done(
            self.client.update, logged, unless=lambda: self._status(definition) == "Active"
        )

    def _check_logging(self, definition: str) -> None:
        """Raise `FlowBlocked` for a definition whose messages could not be found in the send log."""
        logging = self.client.retrieve(
            "TriggeredSendDefinition",
            ["CustomerKey", "IsSendLogging"],
            filter=P("CustomerKey").equals(definition),
        )
        try:
            unlogged = any(each.boolean("IsSendLogging") is False for each in logging)
        except RetrieveFailed:
            # Some clients of the service leave this property out (sdk): it may not be retrievable everywhere.
            return
        if unlogged:
            raise FlowBlocked(
                f"The triggered send definition {definition} is running, but its sends are not logged (IsSendLogging "
                "is false), so a message cannot be found after it is sent. Pause the definition: the flow then turns "
                "logging on and starts it. In a seed file of the emulator, write is_send_logging = true."
            )

    def _make_definition(
        self, definition: str, email_id: int | None, classification: str | None
    ) -> bool:
        recipe = self._recipes.get(definition, self._recipe)
        email = recipe.email_id if email_id is None else email_id
        if email is None:
            raise ConfigurationError(
                f"The triggered send definition {definition} does not exist, and no email is given to create it with. "
                "Give email_id= or a recipe, or create the definition in the account."
            )
        wanted = APIObject(
            "TriggeredSendDefinition",
            CustomerKey=definition,
            Name=definition,
            SendClassification={"CustomerKey": classification or recipe.classification},
            IsSendLogging=True,
            Email={"ID": email},
        )
        return _done(
            self.client.create, wanted, unless=lambda: self._status(definition) is not None
        )

    def start(self, definition: str) -> bool:
        """Start a definition; return whether it was not running."""
        if self._status(definition) == "Active":
            return False
        self._start(definition)
        return True

    def _start(self, definition: str) -> None:
        active = APIObject(
            "TriggeredSendDefinition", CustomerKey=definition, TriggeredSendStatus="Active"
        )
        _done(self.client.update, active, unless=lambda: self._status(definition) == "Active")

    def _status(self, definition: str) -> str | None:
        """Return New, Active or Inactive; `None` for a missing or deleted definition.

        Raises `FlowBlocked` for a definition that cannot be started any more.
        """
        # A filter on the status itself does not work in the live service (sdk), and deleted ones are answered, too.
        definitions = self.client.retrieve(
            "TriggeredSendDefinition",
            ["CustomerKey", "TriggeredSendStatus"],
            filter=P("CustomerKey").equals(definition),
        )
        statuses = [definition.text("TriggeredSendStatus") for definition in definitions]
        usable = [status for status in statuses if status in {"New", "Active", "Inactive"}]
        if usable:
            return usable[0]
        if any(status in {"Canceled", "Moved"} for status in statuses):
            raise FlowBlocked(
                f"The triggered send definition {definition} is archived ({statuses[0]}), and cannot be started again. "
                "Use another key."
            )
        return None

    def set_up(
        self, definition: str, *, email_id: int | None = None, classification: str | None = None
    ) -> None:
        """Do the steps 1 to 3, each once for this object."""
        with self._lock:
            if not self._is_set_up:
                self.set_up_attribute()
                self.set_up_send_log()
                self._is_set_up = True
            if definition not in self._started:
                if self.define(definition, email_id=email_id, classification=classification):
                    # A new definition has the status New.
                    self._start(definition)
                else:
                    self.start(definition)
                self._started.add(definition)

    # 4 and 5: the send, and its row in the log.

    def trigger(
        self,
        definition: str,
        to: str,
        *,
        subscriber_key: str | None = None,
        attributes: Mapping[str, Scalar | None] | None = None,
        unique_id: str | None = None,
    ) -> str:
        """Send a definition's email to one address and return the unique id of the message.

        `subscriber_key` is the address itself if left out. `attributes` are profile attributes and other values of the
        email. Raises `OperationFailed` if the service refuses the subscriber. If an error leaves open whether the
        message was sent, it has a note with the unique id for `find_log_row`.
        """
        attributes = dict(attributes or {})
        if self.attribute in attributes:
            raise ConfigurationError(
                f"The flow sets the attribute {self.attribute} itself, to find the message. Give unique_id= instead."
            )
        if unique_id is None:
            from uuid import uuid4

            unique_id = str(uuid4())
        send = APIObject(
            "TriggeredSend",
            TriggeredSendDefinition={"CustomerKey": definition},
            Subscribers=[
                {
                    "EmailAddress": to,
                    "SubscriberKey": to if subscriber_key is None else subscriber_key,
                    "Attributes": name_values({**attributes, self.attribute: unique_id}),
                }
            ],
        )
        try:
            self.client.create(send)
        except TransportError as error:
            if error.sent:
                error.add_note(
                    f"The message may have been sent. Its unique id is {unique_id}: check with find_log_row()."
                )
            raise
        return unique_id

    def find_log_row(self, unique_id: str) -> LogRow | None:
        """Return the row of the send log with this unique id, or `None` if there is none (yet)."""
        log = self._known_log()
        row = self.client.retrieve_rows(
            log.key, log.columns, filter=P(self.attribute).equals(unique_id)
        ).first()
        if row is None:
            return None
        return LogRow.read({**row, "UniqueID": row[self.attribute]})

    def _known_log(self) -> _Log:
        # Read once: another thread may call `forget`.
        log = self._log
        if log is None:
            key = self._log_key()
            if key is None:
                raise FlowBlocked(
                    f"The account has no data extension {self.send_log}. Create it with set_up_send_log()."
                )
            there = {name.casefold() for name in self._columns_of(key) or _TEMPLATE_COLUMNS}
            columns = [name for name in _LOG_COLUMNS if name.casefold() in there]
            self._log = log = _Log(key, (self.attribute, *columns))
        return log

    def wait_for_log_row(self, unique_id: str, *, timeout: float | None = None) -> LogRow:
        """Wait for the row of the send log with this unique id, and return it. Raises `NotInTime`."""
        return self.waiting.until(
            lambda: self.find_log_row(unique_id),
            Awaited(what=LOG_ROW, unique_id=unique_id),
            timeout=timeout,
        )

    def found(
        self,
        unique_id: str,
        *,
        definition: str = "",
        subscriber_key: str | None = None,
        timeout: float | None = None,
    ) -> Sent:
        """Wait for the row of the send log with this unique id, and return the message.

        A program that ended after `trigger` resumes here. Without `subscriber_key` it is looked up. Raises
        `NotInTime`, and `FlowBlocked` if the service refused the message before it had numbers.
        """
        row = self.wait_for_log_row(unique_id, timeout=timeout)
        if row.job_id is None or row.batch_id is None or row.subscriber_id is None:
            reason = "" if row.error_code is None else f", with the error code {row.error_code}"
            raise FlowBlocked(
                f"The message with the unique id {unique_id} was refused{reason}: it has no JobID, BatchID or "
                "SubscriberID, and no events."
            )
        key = subscriber_key or row.subscriber_key or self._subscriber_key(row.subscriber_id)
        return Sent(
            definition=definition,
            unique_id=unique_id,
            subscriber_key=key,
            job_id=row.job_id,
            batch_id=row.batch_id,
            subscriber_id=row.subscriber_id,
            error_code=row.error_code,
        )

    def _subscriber_key(self, subscriber_id: int) -> str:
        subscriber = self.client.retrieve(
            "Subscriber", ["SubscriberKey"], filter=P("ID").equals(subscriber_id)
        ).one()
        return subscriber.text("SubscriberKey") or ""

    def send(
        self,
        definition: str,
        to: str,
        *,
        subscriber_key: str | None = None,
        attributes: Mapping[str, Scalar | None] | None = None,
        email_id: int | None = None,
        classification: str | None = None,
        timeout: float | None = None,
    ) -> Sent:
        """Send a definition's email to one address and return the message from the send log.

        Missing objects are set up; `email_id` and `classification` are the content of a missing definition. Arguments
        and errors are those of `set_up`, `trigger` and `found`.
        """
        was_known = definition in self._started
        self.set_up(definition, email_id=email_id, classification=classification)
        try:
            unique_id = self.trigger(
                definition, to, subscriber_key=subscriber_key, attributes=attributes
            )
        except OperationFailed as failure:
            if not (was_known and _is_definition_unusable(failure)):
                raise
            # The definition existed, and was deleted or reset since. Nothing was sent, so start again.
            self.forget()
            self.set_up(definition, email_id=email_id, classification=classification)
            unique_id = self.trigger(
                definition, to, subscriber_key=subscriber_key, attributes=attributes
            )
        return self.found(
            unique_id, definition=definition, subscriber_key=subscriber_key or to, timeout=timeout
        )

    def forget(self) -> None:
        """Forget the known state of the account, so that the next `set_up` checks it again."""
        with self._lock:
            self._is_set_up = False
            self._started.clear()
            self._log = None

    # 6: events.

    @overload
    def events(self, kind: type[Event], sent: Sent) -> Retrieval[Event]: ...
    @overload
    def events(self, kind: str, sent: Sent) -> Retrieval[TrackingEvent]: ...
    def events(self, kind: type[TrackingEvent] | str, sent: Sent) -> Any:
        """Return the tracking events of one kind, such as `OpenEvent` or `"OpenEvent"`, of a message."""
        event_class = class_of(kind)
        # SubscriberID is not a property of events other than SentEvent (recorded); SubscriberKey is one of all.
        of_the_message = (
            P("SendID").equals(sent.job_id)
            & P("BatchID").equals(sent.batch_id)
            & P("SubscriberKey").equals(sent.subscriber_key)
        )
        return self.client.tracking_events(event_class, filter=of_the_message)

    def _wait_for(self, kind: EventKind, sent: Sent, timeout: float | None) -> TrackingEvent:
        # In a test that fails here, pytest shows the test.
        __tracebackhide__ = True
        event_class = class_of(kind)
        events = self.events(event_class, sent)
        return self.waiting.until(
            events.first,
            Awaited(what=event_class.object_type, unique_id=sent.unique_id),
            timeout=timeout,
        )

    def __repr__(self) -> str:
        return f"TrackingFlow({self.client!r}, send_log={self.send_log!r})"


def _done(
    call: Callable[[APIObject], object], wanted: APIObject, *, unless: Callable[[], bool]
) -> bool:
    """Make a call and return true; false if it is refused because another program was faster."""
    try:
        call(wanted)
    except OperationFailed:
        if not unless():
            raise
        return False
    return True


def _is_definition_unusable(failure: OperationFailed) -> bool:
    return all(result.error_code in _DEFINITION_UNUSABLE for result in failure.results)
