"""Execute: the named requests that the documentation lists, and LogUnsubEvent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sfmc_mock.account.log_unsub_event import PARAMETERS, log_unsub_event
from sfmc_mock.declarations.call import Call
from sfmc_mock.diagnostics import cut
from sfmc_mock.errors import Refused
from sfmc_mock.operations.batch_results import batch_answer
from sfmc_mock.operations.related_accounts import NO_PERMISSION, call_on
from sfmc_mock.store.transactions import Savepoint
from sfmc_mock.wire.struct import Struct

Act = Callable[[Call, dict[str, str]], tuple[str, list[Struct]]]


@dataclass(frozen=True, slots=True)
class _Request:
    """A named request: its function, and the scope that it needs (which one: assumed)."""

    act: Act
    scope: str
    parameters: frozenset[str] = frozenset()


def execute(call: Call, message: Struct) -> Struct:
    """Do each request and report on each; a good result has neither OrdinalID nor ErrorCode (recorded)."""
    step = call.account.db.savepoint()
    results = [_one(call, request, step) for request in message.parts("Requests")]
    step.release()
    return batch_answer("ExecuteResponseMsg", call, results)


def _one(call: Call, request: Struct, step: Savepoint) -> Struct:
    name = request.text("Name") or ""
    known_request = _REQUESTS.get(name)
    try:
        if known_request is None:
            known = ", ".join(_REQUESTS)
            call.warn(f"the emulator has no Execute '{name}': it has {known} of the service's")
            # Text and the absence of a code: seen live.
            raise Refused(0, f"Unable to find a handler for the {name} method.")
        if not call.may(known_request.scope):
            raise Refused(0, NO_PERMISSION)
        there = call_on(call, request.values.get("Client"))
        parameters = call.named_values(request.parts("Parameters"))
        for unknown in sorted(parameters.keys() - known_request.parameters):
            del parameters[unknown]
            call.warn(
                f"the parameter {cut(unknown, 50)} of {name} has no effect: it has "
                f"{', '.join(sorted(known_request.parameters)) or 'none'}"
            )
        if there is call:
            with step:
                message, properties = known_request.act(call, parameters)
        else:
            step.release()
            with there.account.db.atomic():
                there.settle()
                message, properties = known_request.act(there, parameters)
    except Refused as refused:
        values: dict[str, object] = {"StatusCode": "Error", "StatusMessage": refused.message}
        if refused.error_code:
            values["ErrorCode"] = refused.error_code
        return Struct("ExecuteResponse", values)
    done: dict[str, object] = {"StatusCode": "OK", "StatusMessage": message}
    return Struct("ExecuteResponse", done | ({"Results": properties} if properties else {}))


def _log_unsub_event(call: Call, parameters: dict[str, str]) -> tuple[str, list[Struct]]:
    log_unsub_event(call.account, parameters)
    return "Event posted", []


def _folder_hierarchy(call: Call, parameters: dict[str, str]) -> tuple[str, list[Struct]]:
    """Return the folders for emails: ID, ParentID (0 of a root) and Name of each (documented; as pairs: assumed)."""
    properties = [
        Struct("APIProperty", {"Name": name, "Value": str(folder[column])})
        for folder in call.account.db.find_all("folder", "id")
        if folder["content_type"].lower() in ("email", "shared_email")
        for name, column in (("ID", "id"), ("ParentID", "parent_id"), ("Name", "name"))
    ]
    return "OK", properties


_REQUESTS: Mapping[str, _Request] = {
    "GetFolderHierarchy": _Request(_folder_hierarchy, "email_read"),
    "LogUnsubEvent": _Request(_log_unsub_event, "list_and_subscribers_write", PARAMETERS),
    # Deprecated (documented): it is LogUnsubEvent from everything; the text of its success is assumed.
    "MasterUnsub": _Request(
        _log_unsub_event,
        "list_and_subscribers_write",
        frozenset({"SubscriberID", "SubscriberKey", "EmailAddress"}),
    ),
}
