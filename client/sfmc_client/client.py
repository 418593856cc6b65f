"""The client: one method for each operation of the service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Self, TypeAlias, TypedDict, TypeVar, Unpack

from sfmc_client.answers import itself, only, page_of, results_of, row_of
from sfmc_client.auth import Auth, Call, soap_endpoint, subdomain_problem, subdomain_url
from sfmc_client.envelope import OPERATIONS, Message, Operation, read_answer
from sfmc_client.errors import ConfigurationError, NotFound, SfmcError
from sfmc_client.exchanges import Exchange, Request, Response
from sfmc_client.models import UNSET, APIObject, Scalar, Unset, Value, name_values
from sfmc_client.options import ExecuteRequest, Options, SaveOption, client
from sfmc_client.paging import Page, Retrieval
from sfmc_client.results import Result, Results
from sfmc_client.retrying import Retries
from sfmc_client.text_safety import hide_secrets
from sfmc_client.transport import HTTPTransport, Transport, url_problem

if TYPE_CHECKING:
    # Each is loaded by the first call that needs it: dataclasses take a quarter of the time of this import.
    from sfmc_client.descriptions import ObjectDefinition, SystemStatus, VersionInfo
    from sfmc_client.events import TrackingEvent
    from sfmc_client.filters import Condition

T = TypeVar("T")
Event = TypeVar("Event", bound="TrackingEvent")

Objects: TypeAlias = "APIObject | Iterable[APIObject]"
Reader: TypeAlias = "Callable[[APIObject, Exchange], T]"

# The vendor's advice for synchronous calls (documented); large retrieves may need 300.
TIMEOUT: Final = 120.0

# The elements of a RetrieveRequest and a QueryRequest, in the order of the WSDL.
_ORDER = (
    *("ClientIDs", "Query", "ObjectType", "Properties", "Filter", "ContinueRequest"),
    *("QueryAllAccounts", "RetrieveAllSinceLastBatch", "RepeatLastResult", "Options"),
)

# The properties of the result of each object of an asynchronous call.
_RESULT_ITEM = (
    *("RequestID", "ConversationID", "OrdinalID", "CorrelationID", "RequestObjectType"),
    *("StatusCode", "StatusMessage", "ErrorCode"),
)


class Writing(TypedDict, total=False):
    """Arguments of every method that writes: options of the call, and seconds in place of the client's timeout.

    `check=False` returns the results of refused objects instead of raising `OperationFailed` or `PartialFailure`.
    """

    options: Options | None
    check: bool
    timeout: float | None


class Client:
    """A client of the service at one endpoint, with one way to log in.

    Give `endpoint`, with or without `/Service.asmx`, or the tenant's `subdomain`; with neither, the token answer of
    `OAuth` gives the address. `transport` sends the calls; by default it is a new `HTTPTransport`, which `close`
    closes, while a given one stays open. `timeout` is in seconds. `retries` says when a call is sent again.
    `on_exchange` is called with each `Exchange`, in the thread that made the call. A client may be used by several
    threads at a time.

    Every operation raises `TransportError` when no usable answer was received, `SoapFault` when the service refused the
    call as a whole, and `ConfigurationError` before anything is sent when an argument is wrong.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        *,
        auth: Auth,
        subdomain: str | None = None,
        transport: Transport | None = None,
        timeout: float = TIMEOUT,
        retries: Retries | None = None,
        on_exchange: Callable[[Exchange], object] | None = None,
    ) -> None:
        problem = _problem(endpoint, subdomain, auth, timeout)
        if problem is not None:
            # A debugger, or pytest, shows the variables of this frame.
            del self, endpoint
            raise ConfigurationError(problem)
        if endpoint is not None:
            endpoint = soap_endpoint(endpoint)
        self._endpoint = endpoint if subdomain is None else subdomain_url(subdomain, "soap")
        self._auth = auth
        self._own_transport: HTTPTransport | None = None
        if transport is None:
            transport = self._own_transport = HTTPTransport()
        self._transport: Transport = transport
        self._timeout = timeout
        self._retries = retries or Retries()
        self._on_exchange = on_exchange
        self._calls = threading.local()

    @property
    def endpoint(self) -> str | None:
        """The address of the service; `None` until a token answer gives it."""
        return self._endpoint

    @property
    def last_exchange(self) -> Exchange | None:
        """The last call of this thread with its answer: the envelopes as they were sent and received."""
        return getattr(self._calls, "last", None)

    # Writing

    def create(
        self, objects: Objects, *, save_options: Sequence[SaveOption] = (), **how: Unpack[Writing]
    ) -> Results:
        """Create objects and return a result for each, in order.

        Raises `OperationFailed` if all were refused and `PartialFailure` if some were; both have the results.
        `check=False` returns them instead. Give `save_options=UPSERT` to overwrite what exists.
        """
        return self._write("Create", {"Objects": _objects(objects)}, save_options, **how)

    def update(
        self, objects: Objects, *, save_options: Sequence[SaveOption] = (), **how: Unpack[Writing]
    ) -> Results:
        """Change objects and return a result for each, in order; errors as for `create`.

        Properties that an object does not name stay as they are; `None` empties a property.
        """
        return self._write("Update", {"Objects": _objects(objects)}, save_options, **how)

    def delete(self, objects: Objects, **how: Unpack[Writing]) -> Results:
        """Delete objects and return a result for each, in order; errors as for `create`."""
        return self._write("Delete", {"Objects": _objects(objects)}, **how)

    def configure(self, action: str, configurations: Objects, **how: Unpack[Writing]) -> Results:
        """Create, Update or Delete (`action`) objects that only Configure takes, such as a PropertyDefinition.

        Returns a result for each, in order; errors as for `create`.
        """
        on: Value = {"Configuration": _objects(configurations)}
        return self._write("Configure", {"Action": action, "Configurations": on}, **how)

    def perform(self, action: str, definitions: Objects, **how: Unpack[Writing]) -> Results:
        """Perform an action (`start`, `stop` …) on definitions and return a result for each; errors as for `create`."""
        on: Value = {"Definition": _objects(definitions)}
        return self._write("Perform", {"Action": action, "Definitions": on}, **how)

    def schedule(
        self, action: str, interactions: Objects, schedule: APIObject, **how: Unpack[Writing]
    ) -> Results:
        """Schedule an action (`start` …) on interactions and return a result for each; errors as for `create`."""
        on: Value = {"Interaction": _objects(interactions)}
        content: dict[str, Value] = {"Action": action, "Schedule": schedule, "Interactions": on}
        return self._write("Schedule", content, **how)

    def execute(
        self, *requests: ExecuteRequest, check: bool = True, timeout: float | None = None
    ) -> Results:
        """Call named methods of the service and return a result for each; errors as for `create`."""
        if not requests:
            raise ConfigurationError("Execute needs at least one ExecuteRequest.")
        content = {"Requests": [_checked(ExecuteRequest, each).as_object() for each in requests]}
        return self._act("Execute", content, check, timeout)

    def log_unsub_event(
        self,
        *,
        subscriber_key: str | None = None,
        subscriber_id: int | None = None,
        email_address: str | None = None,
        job_id: int | None = None,
        list_id: int | None = None,
        batch_id: int | None = None,
        reason: str | None = None,
        client_id: int | None = None,
    ) -> Result:
        """Unsubscribe a subscriber as if by a click in a message, and return the result.

        With `job_id` the UnsubEvent belongs to that send; with neither job nor list the service adds no event, and
        unsubscribes the subscriber from everything (documented). Raises `OperationFailed` if refused.
        """
        if subscriber_id is None and not subscriber_key and not email_address:
            raise ConfigurationError(
                "No subscriber is given. Give subscriber_key=, subscriber_id= or email_address=."
            )
        given: dict[str, Scalar | None] = {
            "SubscriberID": subscriber_id,
            "SubscriberKey": subscriber_key,
            "EmailAddress": email_address,
            "JobID": job_id,
            "ListID": list_id,
            "BatchID": batch_id,
            "Reason": reason,
        }
        parameters = {name: value for name, value in given.items() if value is not None}
        request = ExecuteRequest(name="LogUnsubEvent", parameters=parameters, client_id=client_id)
        return only(self.execute(request))

    def extract(
        self,
        extract_id: str,
        parameters: Mapping[str, Scalar] | None = None,
        *,
        options: Options | None = None,
        check: bool = True,
        timeout: float | None = None,
    ) -> Results:
        """Start a data extract by the ID of its type and return its result; errors as for `create`."""
        request = APIObject(
            None,
            ID=extract_id,
            Options=_options(options),
            Parameters={"Parameter": name_values(parameters)} if parameters else UNSET,
        )
        return self._act("Extract", {"Requests": request}, check, timeout)

    # Reading

    def retrieve(
        self,
        object_type: str,
        properties: Iterable[str],
        *,
        filter: Condition | None = None,
        batch_size: int | None = None,
        client_ids: Iterable[int] = (),
        query_all_accounts: bool = False,
        since_last_batch: bool = False,
        repeat_last_result: bool = False,
        timeout: float | None = None,
    ) -> Retrieval[APIObject]:
        """Return the objects of a type that meet a condition, fetched page by page as they are iterated over.

        `properties` are names, dotted for nested objects. `client_ids` are MIDs of business units to search,
        `query_all_accounts` searches all of them. `since_last_batch` returns only objects that have changed since the
        last call with the same arguments, and `repeat_last_result` returns that answer again (documented).
        """
        content = _request(object_type, properties, filter, batch_size, client_ids)
        content["QueryAllAccounts"] = query_all_accounts or UNSET
        # These two belong to the first page; a ContinueRequest alone names the later ones.
        first = {
            "RetrieveAllSinceLastBatch": since_last_batch or UNSET,
            "RepeatLastResult": repeat_last_result or UNSET,
        }
        return self._retrieval(content, itself, object_type, filter, timeout, first=first)

    def retrieve_rows(
        self,
        data_extension: str,
        columns: Iterable[str],
        *,
        filter: Condition | None = None,
        batch_size: int | None = None,
        timeout: float | None = None,
    ) -> Retrieval[dict[str, str | None]]:
        """Return rows of a data extension, named by CustomerKey or Name, as dictionaries of text.

        Each row has every requested column, in the order given; the value is `None` where the service sent none.
        """
        names = _names(columns, "columns")
        content = _request(f"DataExtensionObject[{data_extension}]", names, filter, batch_size)
        rows = f"rows of {data_extension}"
        return self._retrieval(content, partial(row_of, names), rows, filter, timeout)

    def asynchronous_results(
        self,
        *,
        request_id: str | None = None,
        conversation_id: str | None = None,
        timeout: float | None = None,
    ) -> Retrieval[APIObject]:
        """Return a ResultItem for each object of a queued call, or of all calls of a conversation.

        `request_id` is that of the `Results` of such a call. There are none before the call is done (documented).
        """
        if (request_id is None) == (conversation_id is None):
            raise ConfigurationError("Give either request_id= or conversation_id=.")
        from sfmc_client.filters import SimpleCondition

        name = "RequestID" if conversation_id is None else "ConversationID"
        named = SimpleCondition(name, "equals", (str(request_id or conversation_id),))
        return self.retrieve("ResultItem", _RESULT_ITEM, filter=named, timeout=timeout)

    def tracking_events(
        self,
        event_class: type[Event],
        *,
        filter: Condition | None = None,
        batch_size: int | None = None,
        client_ids: Iterable[int] = (),
        timeout: float | None = None,
    ) -> Retrieval[Event]:
        """Return tracking events of one kind, such as `OpenEvent`, that meet a condition."""
        from sfmc_client.events import class_of

        event_class = class_of(event_class)
        kind = event_class.object_type
        content = _request(kind, event_class.properties, filter, batch_size, client_ids)
        return self._retrieval(content, event_class.read, kind, filter, timeout)

    def query(
        self,
        object_type: str,
        properties: Iterable[str],
        *,
        filter: Condition | None = None,
        client_ids: Iterable[int] = (),
        timeout: float | None = None,
    ) -> Retrieval[APIObject]:
        """Return the objects that Query finds, as `retrieve` does. No answer of the live service has been recorded."""
        what = {"ObjectType": object_type, "Properties": _names(properties, "properties")}
        query: Value = {"Object": what, "Filter": _filter(filter)}
        content = {"ClientIDs": _clients(client_ids), "Query": query}
        return self._retrieval(content, itself, object_type, filter, timeout, operation="Query")

    def describe(self, object_type: str, *, timeout: float | None = None) -> ObjectDefinition:
        """Return the properties of a type. Raises `NotFound` if the service does not know it."""
        descriptions = self.describe_all([object_type], timeout=timeout)
        if not descriptions:
            raise NotFound(
                f"The service has no type {object_type}. Type names are case-sensitive, as in the WSDL."
            )
        return descriptions[0]

    def describe_all(
        self, object_types: Iterable[str], *, timeout: float | None = None
    ) -> list[ObjectDefinition]:
        """Return the properties of several types; those that the service does not know are missing (sdk)."""
        asked: list[Value] = [{"ObjectType": name} for name in _names(object_types, "object_types")]
        content: dict[str, Value] = {"DescribeRequests": {"ObjectDefinitionRequest": asked}}

        from sfmc_client.descriptions import ObjectDefinition

        def read(answer: APIObject, _: Exchange) -> list[ObjectDefinition]:
            return [ObjectDefinition.read(item) for item in answer.objects("ObjectDefinition")]

        return self._call("Describe", content, read, timeout=timeout)

    def version_info(
        self, *, include_history: bool = False, timeout: float | None = None
    ) -> VersionInfo:
        """Return the version of the service."""

        from sfmc_client.descriptions import VersionInfo

        def read(answer: APIObject, _: Exchange) -> VersionInfo:
            return VersionInfo.read(answer.nested("VersionInfo") or APIObject(None))

        content: dict[str, Value] = {"IncludeVersionHistory": include_history}
        return self._call("VersionInfo", content, read, timeout=timeout)

    def get_system_status(self, *, timeout: float | None = None) -> SystemStatus:
        """Return the status of the system; an outage or maintenance is not an error here."""

        from sfmc_client.descriptions import SystemStatus

        def read(answer: APIObject, exchange: Exchange) -> SystemStatus:
            results = results_of("GetSystemStatus", answer, exchange, check=True)
            return SystemStatus.read(only(results).raw)

        content: dict[str, Value] = {"Options": _options(None)}
        return self._call("GetSystemStatus", content, read, timeout=timeout)

    # A call

    def _write(
        self,
        operation: str,
        content: Mapping[str, Value],
        save_options: Sequence[SaveOption] = (),
        *,
        options: Options | None = None,
        check: bool = True,
        timeout: float | None = None,
    ) -> Results:
        if save_options:
            saves = tuple(_checked(SaveOption, option) for option in save_options)
            options = replace(_checked(Options, options or Options()), save_options=saves)
        content = {"Options": _options(options), **content}
        return self._act(operation, content, check, timeout)

    def _act(
        self, operation: str, content: Mapping[str, Value], check: bool, timeout: float | None
    ) -> Results:
        read = partial(results_of, operation, check=check)
        return self._call(operation, content, read, timeout=timeout)

    def _retrieval(
        self,
        content: Mapping[str, Value],
        read: Callable[[APIObject], T],
        what: str,
        condition: Condition | None,
        timeout: float | None,
        *,
        first: Mapping[str, Value] | None = None,
        operation: str = "Retrieve",
    ) -> Retrieval[T]:
        first = first or {}
        shown = f"{operation} of {what}" + ("" if condition is None else f" where {condition}")

        def fetch(continue_request: str | None) -> Page[T]:
            more = first if continue_request is None else {"ContinueRequest": continue_request}
            # After a lost answer the service may already count the page as delivered (assumed: a repeated request for
            # a page was never recorded), and rows would be missing; a batch since the last one is answered only once.
            alone = continue_request is None and all(value is UNSET for value in first.values())
            asked = {**content, **more}
            return self._call(
                operation,
                {f"{operation}Request": {name: asked[name] for name in _ORDER if name in asked}},
                partial(page_of, shown, read),
                timeout=timeout,
                repeatable=alone,
            )

        return Retrieval(fetch, shown)

    def _call(
        self,
        operation: str,
        content: Mapping[str, Value],
        read: Reader[T],
        *,
        timeout: float | None,
        repeatable: bool = True,
    ) -> T:
        kind = OPERATIONS[operation]
        call = Call(
            message=Message.of(kind, APIObject(None, content)),
            endpoint=self._endpoint,
            timeout=self._timeout if timeout is None else _timeout(timeout),
            repeatable=kind.repeatable and repeatable,
        )
        try:
            response, exchange = self._exchange(call)
            return _read(response, kind, read, exchange)
        except SfmcError as error:
            error.hide(self._auth.secrets())
            raise

    def _exchange(self, call: Call) -> tuple[Response, Exchange]:
        """Carry out the flow of the login; its last request is the call."""
        flow = self._auth.flow(call)
        started = time.perf_counter()
        operation = call.message.operation.name
        try:
            request = next(flow)
            while True:
                try:
                    response = self._retries.send(self._transport, request)
                except SfmcError as error:
                    # A request for a token is not an exchange.
                    if request.shown:
                        error.exchange = self._note(operation, request, None, started)
                    raise
                try:
                    request = flow.send(response)
                except StopIteration:
                    return response, self._note(operation, request, response, started)
        finally:
            flow.close()

    def _note(
        self, operation: str, request: Request, response: Response | None, started: float
    ) -> Exchange:
        """Store the exchange, without the credentials."""
        exchange = Exchange(
            operation=operation,
            url=request.url,
            request=request.shown,
            status=None if response is None else response.status,
            response=b"" if response is None else self._without_secrets(response.body),
            seconds=time.perf_counter() - started,
        )
        self._calls.last = exchange
        if self._on_exchange is not None:
            self._on_exchange(exchange)
        return exchange

    def _without_secrets(self, body: bytes) -> bytes:
        # Bytes that are not UTF-8 stay as they are.
        text = body.decode(errors="surrogateescape")
        return hide_secrets(text, self._auth.secrets()).encode(errors="surrogateescape")

    def close(self) -> None:
        """Close the connections, unless they belong to a given transport."""
        if self._own_transport is not None:
            self._own_transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._endpoint!r}, auth={self._auth!r}, transport={self._transport!r})"


def _read(response: Response, kind: Operation, read: Reader[T], exchange: Exchange) -> T:
    """Return the content of an answer. If that raises an error, it is raised for the answer with credentials hidden."""
    for body in dict.fromkeys((response.body, exchange.response)):
        try:
            return read(read_answer(replace(response, body=body), kind, url=exchange.url), exchange)
        except SfmcError as error:
            failure = error
    failure.exchange = exchange
    raise failure


def _problem(
    endpoint: str | None, subdomain: str | None, auth: object, timeout: object
) -> str | None:
    if endpoint is not None and subdomain is not None:
        return "The client takes endpoint= or subdomain=, not both."
    if subdomain is not None and (problem := subdomain_problem(subdomain)) is not None:
        return problem
    if endpoint is not None and (problem := url_problem(endpoint)) is not None:
        return f"The endpoint {problem}"
    if not isinstance(auth, Auth):
        return "No credentials are given. Give auth=OAuth(...) or auth=UsernameToken(...)."
    return _timeout_problem(timeout)


def _timeout_problem(timeout: object) -> str | None:
    if isinstance(timeout, (int, float)) and 0 < timeout < float("inf"):
        return None
    return f"timeout={timeout!r} is not a valid timeout. Give a number of seconds above 0."


def _timeout(timeout: float) -> float:
    if (problem := _timeout_problem(timeout)) is not None:
        raise ConfigurationError(problem)
    return timeout


def _options(options: Options | None) -> APIObject:
    # Required by the WSDL, though most clients leave it out and the service does not mind (sdk).
    return _checked(Options, options or Options()).as_object()


_EXAMPLES = {
    ExecuteRequest: "ExecuteRequest(name='LogUnsubEvent', parameters={...})",
    Options: "Options(client_id=1234567)",
    SaveOption: "SaveOption('*', 'UpdateAdd'), or save_options=UPSERT",
}


def _checked(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise ConfigurationError(
            f"{value!r} is not of type {kind.__name__}. Give one such as {_EXAMPLES[kind]}."
        )
    return value


def _objects(objects: Objects) -> list[APIObject]:
    listed = [objects] if isinstance(objects, APIObject) else list(objects)
    if not listed:
        raise ConfigurationError("No objects are given. Give at least one APIObject.")
    for item in listed:
        if not isinstance(item, APIObject) or item.type_name is None:
            raise ConfigurationError(
                f"{item!r} has no type. Give an APIObject such as APIObject('Subscriber', SubscriberKey='ada')."
            )
    return listed


def _request(
    object_type: str,
    properties: Iterable[str],
    condition: Condition | None,
    batch_size: int | None,
    client_ids: Iterable[int] = (),
) -> dict[str, Value]:
    if not isinstance(object_type, str) or not object_type or object_type.endswith("[]"):
        raise ConfigurationError(
            "A Retrieve needs the name of a type, such as Subscriber, or of a data extension."
        )
    if batch_size is not None and (not isinstance(batch_size, int) or batch_size < 1):
        raise ConfigurationError(f"batch_size={batch_size!r} is not a page size. Give 1 to 2500.")
    return {
        "ObjectType": object_type,
        "Properties": _names(properties, "properties"),
        "Filter": _filter(condition),
        "ClientIDs": _clients(client_ids),
        "Options": UNSET if batch_size is None else {"BatchSize": batch_size},
    }


def _clients(mids: Iterable[int]) -> list[APIObject]:
    if not isinstance(mids, Iterable):
        raise ConfigurationError(f"client_ids must be a list of MIDs: [{mids!r}].")
    return [client(mid) for mid in mids]


def _names(names: Iterable[str], what: str) -> list[str]:
    if isinstance(names, str):
        raise ConfigurationError(f"{what} must be a list of names: [{names!r}].")
    listed = list(names)
    if not listed or not all(isinstance(name, str) and name for name in listed):
        raise ConfigurationError(
            f"{what} must have at least one name: the service returns only what is requested."
        )
    return listed


def _filter(condition: Condition | None) -> APIObject | Unset:
    if condition is None:
        return UNSET
    from sfmc_client.filters import Condition

    if not isinstance(condition, Condition):
        raise ConfigurationError(
            f"filter={condition!r} is not a condition. Give one such as P('SendID').equals(42)."
        )
    return condition.part()
