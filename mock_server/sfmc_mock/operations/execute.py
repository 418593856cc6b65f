"""Execute: named requests; the account knows LogUnsubEvent."""

from collections.abc import Callable

from sfmc_mock.account.log_unsub_event import log_unsub_event
from sfmc_mock.declarations.handler import Call
from sfmc_mock.errors import Refused
from sfmc_mock.operations.batch_results import overall
from sfmc_mock.operations.related_accounts import NO_PERMISSION, call_on
from sfmc_mock.wire.struct import Struct, names_and_values

Act = Callable[[Call, dict[str, str]], str]


def execute(call: Call, message: Struct) -> Struct:
    """Do each request and report on each; a good result has neither OrdinalID nor ErrorCode (recorded)."""
    results = [_one(call, request) for request in message.parts("Requests")]
    return Struct(
        "ExecuteResponseMsg",
        {"OverallStatus": overall(results), "RequestID": call.request_id, "Results": results},
    )


def _one(call: Call, request: Struct) -> Struct:
    name = request.text("Name") or ""
    act = _REQUESTS.get(name)
    try:
        if act is None:
            known = ", ".join(_REQUESTS)
            call.warn(f"the emulator has no Execute '{name}': it has {known} of the service's")
            # Text and the absence of a code: seen live.
            raise Refused(0, f"Unable to find a handler for the {name} method.")
        # Those that there are change subscribers (which scope they take: assumed).
        if not call.may("list_and_subscribers_write"):
            raise Refused(0, NO_PERMISSION)
        there = call_on(call, request.values.get("Client"))
        with there.account.db.atomic():
            there.account.settle()
            message = act(there, names_and_values(request.parts("Parameters")))
    except Refused as refused:
        values: dict[str, object] = {"StatusCode": "Error", "StatusMessage": refused.message}
        if refused.error_code:
            values["ErrorCode"] = refused.error_code
        return Struct("ExecuteResponse", values)
    return Struct("ExecuteResponse", {"StatusCode": "OK", "StatusMessage": message})


def _log_unsub_event(call: Call, parameters: dict[str, str]) -> str:
    log_unsub_event(call.account, parameters)
    return "Event posted"


_REQUESTS: dict[str, Act] = {"LogUnsubEvent": _log_unsub_event}
