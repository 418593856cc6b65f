"""Asynchronous requests on the wire: their Options, their answers, and doing them later.

Create, Update, Delete and Perform can be asynchronous (documented). The answer is one result for the whole request
(assumed), with `Queued`, the RequestID and the ConversationID (documented).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from sfmc_mock.account import Account
from sfmc_mock.account.account import DueAction
from sfmc_mock.account.asynchronous import (
    CONVERSATION_END,
    FAILED,
    REQUEST_RUN,
    ItemResult,
    Request,
    Result,
    end_conversation,
    enqueue,
    run_queued,
)
from sfmc_mock.clock import parse_time
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import Refused
from sfmc_mock.objects import about_object, handler_for
from sfmc_mock.operations.actions import perform
from sfmc_mock.operations.batch_results import batch_answer, wrapped_answer
from sfmc_mock.operations.callbacks import check_addresses, detail_xml, plan_callbacks
from sfmc_mock.operations.create import create
from sfmc_mock.operations.delete import delete
from sfmc_mock.operations.related_accounts import NO_PERMISSION
from sfmc_mock.operations.update import update
from sfmc_mock.store.database import Row
from sfmc_mock.wire.json_parts import part_as_json, part_from_json
from sfmc_mock.wire.struct import Struct

Operation = Callable[[Call, Struct], Struct]

_OPERATIONS: Mapping[str, Operation] = {
    "Create": create,
    "Delete": delete,
    "Perform": perform,
    "Update": update,
}
_PARTS_OF_A_CONVERSATION = ("ConversationID", "SequenceCode", "CallsInConversation")
# Text and code: documented.
_NOT_ASYNCHRONOUS = (209, "Options.RequestType is required to be set to RequestType.Asynchronous")


def queued(operation: str, options: Struct) -> Operation | None:
    """Return the function that queues a message whose options ask for asynchronous processing, None for any other."""
    if options.text("RequestType") != "Asynchronous":
        if operation not in _OPERATIONS or not any(
            options.values.get(name) not in (None, "") for name in _PARTS_OF_A_CONVERSATION
        ):
            return None
        return lambda call, _: _answer(call, operation, Refused(*_NOT_ASYNCHRONOUS))
    if operation in _OPERATIONS:
        return lambda call, message: _queue(call, operation, message, options)
    if operation in ("Configure", "Schedule"):
        return lambda call, _: _unsupported(call, operation)
    return None


def _unsupported(call: Call, operation: str) -> Struct:
    """Return the answer of an operation that cannot wait (documented; the empty results are assumed)."""
    answer = wrapped_answer(f"{operation}ResponseMsg", call, [])
    answer.values["OverallStatus"] = "UnsupportedAsyncOperation"
    call.warn(
        f"{operation} cannot be asynchronous: nothing was done. Leave RequestType out, or use Create, Update, Delete "
        "or Perform"
    )
    return answer


def _queue(call: Call, operation: str, message: Struct, options: Struct) -> Struct:
    conversation = options.text("ConversationID") or None
    try:
        refusal = call.refused(0) if call.refused is not None else None
        if refusal is not None:
            raise refusal
        check_addresses(call, options)
        objects = _objects(operation, message)
        for sent_object in objects:
            handler = handler_for(sent_object.type)
            if handler is not None and not handler.allows(call, operation):
                raise Refused(0, NO_PERMISSION)
            if handler is not None:
                handler.check_queued(call, operation, sent_object)
        enqueue(
            call.account,
            Request(
                request_id=call.request_id,
                operation=operation,
                summary=_summary(objects),
                caller=call.caller,
                scopes=None if call.scopes is None else " ".join(sorted(call.scopes)),
                message=json.dumps(part_as_json(message)),
                responses=json.dumps(
                    [part_as_json(response) for response in options.parts("SendResponseTo")]
                ),
                priority=options.text("QueuePriority") or "Medium",
                conversation_id=conversation,
                sequence_code=options.number("SequenceCode"),
                calls_in_conversation=options.number("CallsInConversation"),
                scheduled_at=_moment(options, "ScheduledTime"),
                expires_at=_moment(options, "RequestExpirationTime"),
            ),
        )
    except Refused as refused:
        return _answer(call, operation, refused, conversation)
    return _answer(call, operation, None, conversation)


def _answer(
    call: Call, operation: str, refused: Refused | None, conversation: str | None = None
) -> Struct:
    values: dict[str, object] = {
        "StatusCode": "Error" if refused else "OK",
        "StatusMessage": refused.message if refused else "Queued",
        "OrdinalID": 0,
    }
    if refused and refused.error_code:
        values["ErrorCode"] = refused.error_code
    values["RequestID"] = call.request_id
    if conversation is not None:
        values["ConversationID"] = conversation
    if refused:
        values.update(refused.extra)
    result = Struct(f"{operation}Result", values)
    if operation == "Perform":
        return wrapped_answer("PerformResponseMsg", call, [result])
    return batch_answer(f"{operation}Response", call, [result])


def _objects(operation: str, message: Struct) -> list[Struct]:
    if operation == "Perform":
        return message.wrapped("Definitions", "Definition")
    return message.parts("Objects")


def _summary(objects: list[Struct]) -> str:
    if not objects:
        return "nothing"
    more = f" and {len(objects) - 1} more" if len(objects) > 1 else ""
    return f"{objects[0].type} {about_object(objects[0])}{more}".strip()


def _moment(options: Struct, name: str) -> datetime | None:
    text = options.text(name)
    return parse_time(text) if text else None


# Later.


def _run_due(account: Account, payload: dict[str, object]) -> None:
    plan_callbacks(account, run_queued(account, payload, _do))


def _end_due(account: Account, payload: dict[str, object]) -> None:
    plan_callbacks(account, end_conversation(account, payload))


def _leave_out_requests(account: Account, payload: dict[str, object], said: str) -> str:
    failed = Result.failure(FAILED, [said])
    done = run_queued(account, payload, lambda account, row: failed)
    plan_callbacks(account, done)
    return ", ".join(f"{row['operation']} {row['summary']}" for row in done)


def _conversation_of(account: Account, payload: dict[str, object], said: str) -> str:
    return str(payload["conversation"])


DUE_REQUESTS: Mapping[str, DueAction] = {
    REQUEST_RUN: DueAction(_run_due, _leave_out_requests),
    CONVERSATION_END: DueAction(_end_due, _conversation_of),
}
"""The handler of the scheduled action of queued requests."""


def _do(account: Account, row: Row) -> Result:
    message = part_from_json(json.loads(row["message"]))
    operation = row["operation"]
    scopes = row["scopes"]
    call = Call(
        account,
        caller=row["caller"],
        request_id=row["request_id"],
        scopes=None if scopes is None else frozenset(str(scopes).split()),
    )
    # It names an object in the results, and nothing in the account (documented).
    sent = [
        (sent_object, sent_object.values.pop("CorrelationID", None))
        for sent_object in _objects(operation, message)
    ]
    try:
        with account.db.atomic():
            answer = _OPERATIONS[operation](call, message)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as problem:
        # A request that fails must not stop the later actions of the account.
        call.warn(f"the emulator failed: {type(problem).__name__}: {problem}")
        account.problems.keep(problem)
        return Result.failure(FAILED, call.warnings)
    return _result(call, operation, answer, sent)


def _result(
    call: Call, operation: str, answer: Struct, sent: list[tuple[Struct, object]]
) -> Result:
    results = answer.parts("Results")
    if operation == "Perform":
        results = [result for wrapper in results for result in wrapper.parts("Result")]
    # A batch whose message was refused as a whole has fewer results.
    items = [
        _item(ordinal, about, name, result)
        for ordinal, ((about, name), result) in enumerate(zip(sent, results, strict=False))
    ]
    first = next((item for item in items if item.status_code != "OK"), items[0] if items else None)
    return Result(
        overall_status=answer.text("OverallStatus") or "",
        status_message=(first.status_message if first else "") or "",
        error_code=first.error_code if first else None,
        detail_xml=detail_xml(results),
        warnings=call.warnings,
        sends=call.sends,
        items=items,
    )


def _item(ordinal: int, sent: Struct, correlation: object, result: Struct) -> ItemResult:
    return ItemResult(
        ordinal,
        sent.type,
        None if correlation is None else str(correlation),
        result.text("StatusCode") or "",
        result.text("StatusMessage"),
        result.number("ErrorCode"),
    )
