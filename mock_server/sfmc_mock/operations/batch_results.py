"""Results of a batch: one for each object sent, in order, and the overall status."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.errors import Refused
from sfmc_mock.objects import handler_for, warn_of_absence
from sfmc_mock.operations.related_accounts import NO_PERMISSION, call_for
from sfmc_mock.operations.unused_elements import warn_of_unused_elements
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.struct import Struct

Act = Callable[[Call, Handler, Struct], Outcome]


def act_on_each(call: Call, operation: str, objects: Sequence[object], act: Act) -> list[Struct]:
    """Call `act` with each object, and return a result for each in the order sent.

    A refusal rolls back the changes of its object, and does not affect the other objects (documented).
    """
    batch = _Batch(call, operation, act)
    results = [batch.result(ordinal, sent) for ordinal, sent in enumerate(objects)]
    batch.step.release()
    return results


class _Batch:
    """The objects of one call, whose results are made one after the other."""

    __slots__ = ("_act", "_call", "_operation", "_refused", "_result_type", "step")

    def __init__(self, call: Call, operation: str, act: Act) -> None:
        self._call = call
        self._operation = operation
        self._act = act
        self._result_type = f"{operation}Result"
        self.step = call.account.db.savepoint()
        # The refusals since the last accepted object: one that equals such an object is refused in the same way.
        # Without these, the smallest objects, which are nearly empty, would cost the most to answer.
        self._refused: dict[tuple[object, ...], tuple[str, Refused, bool]] = {}

    def result(self, ordinal: int, sent: object) -> Struct:
        """Return the result of an object, on which `act` was called unless it is refused before."""
        call, operation, result_type = self._call, self._operation, self._result_type
        if not isinstance(sent, Struct):
            # Text and code: documented.
            no_object = Refused(6, f"No object specified at 0-based index {ordinal}")
            return _refusal(result_type, operation, ordinal, no_object, None)
        refusal = call.refused(ordinal) if call.refused is not None else None
        if refusal is not None:
            return _refusal(result_type, operation, ordinal, refusal, sent)
        if self._refused and (alike := self._refused.get(_likeness(sent) or ())) is not None:
            result_type, refusal, echoes = alike
            return _refusal(result_type, operation, ordinal, refusal, sent if echoes else None)
        handler = handler_for(sent.type)
        if handler is None:
            refusal = _unsupported(operation, sent.type)
            return _refusal(result_type, operation, ordinal, refusal, sent)
        if handler.is_absent:
            warn_of_absence(call, handler, operation)
        if handler.elements:
            warn_of_unused_elements(call, operation, handler, sent)
        result_type = handler.result_types.get(operation, result_type)
        shown = sent if handler.results_echo else None
        try:
            # Here and not in a method of its own: a refusal passes each frame, which it also keeps.
            if not handler.allows(call, operation):
                raise Refused(0, NO_PERMISSION)
            # The usual case: the object names no other account.
            names_account = handler.of_enterprise or sent.values.get("Client") is not None
            target = call_for(call, handler, sent) if names_account else call
            if target is call:
                with self.step:
                    done = self._act(call, handler, sent)
            else:
                done = self._outcome_in(target, handler, sent)
        except Refused as refused:
            if likeness := _likeness(sent):
                alike = (result_type, refused, shown is not None)
                put_bounded(self._refused, likeness, alike, _MOST_ALIKE)
            return _refusal(result_type, operation, ordinal, refused, shown)
        self._refused.clear()
        if done.refusal is not None:
            return _refusal(result_type, operation, ordinal, done.refusal, shown)
        return _success(result_type, operation, ordinal, done, done.echo if shown else None)

    def _outcome_in(self, target: Call, handler: Handler, sent: Struct) -> Outcome:
        """Act on an object in another account of the enterprise. Raises `Refused`; nothing of it is left then."""
        # A business unit writes into the file of its enterprise, where a later refusal would take that back, too.
        self.step.release()
        with target.account.db.atomic():
            target.settle()
            return self._act(target, handler, sent)


_MOST_ALIKE = 100


def _likeness(sent: Struct) -> tuple[object, ...] | None:
    """Return a key that equal objects share, None for an object with more than one value."""
    if len(sent.values) > 1:
        return None
    for name, value in sent.values.items():
        return (sent.type, name, value) if isinstance(value, str | int) else None
    return (sent.type,)


# What an object without xsi:type is read as.
_UNTYPED = ("APIObject", "InteractionBaseObject", "InteractionDefinition")


def _unsupported(operation: str, object_type: str) -> Refused:
    """Return the refusal of an object whose type does not support the operation."""
    if object_type in _UNTYPED:
        # Text and the absence of a code: seen live, of APIObject; of the other two assumed.
        return Refused(0, f"Requested value '{object_type}' was not found.")
    if operation == "Perform":
        # Both documented with one text; which is whose is assumed.
        is_known = object_type in catalogue().complex_types
        return Refused(106 if is_known else 105, "Perform_Unsupported Object Type")
    return Refused(5, f"Cannot perform {operation} on objects of type {object_type}")


def _success(
    result_type: str, operation: str, ordinal: int, done: Outcome, echo: Struct | None
) -> Struct:
    values: dict[str, object] = {"StatusCode": "OK"}
    if done.message is not None:
        values["StatusMessage"] = done.message
    # Results of Perform and Schedule have none (recorded).
    if operation not in ("Perform", "Schedule"):
        values["OrdinalID"] = ordinal
    if operation == "Create":
        values["NewID"] = done.new_id
        if done.new_object_id is not None:
            values["NewObjectID"] = done.new_object_id
    if echo is not None:
        values["Object"] = echo
    values.update(done.extra)
    return Struct(result_type, values)


def _refusal(
    result_type: str, operation: str, ordinal: int, refused: Refused, sent: Struct | None
) -> Struct:
    # ErrorCode stands only where it is not zero (recorded).
    values: dict[str, object] = {
        "StatusCode": "Error",
        "StatusMessage": refused.message,
        "OrdinalID": ordinal,
    }
    if refused.error_code:
        values["ErrorCode"] = refused.error_code
    if operation == "Create":
        values["NewID"] = 0
    if sent is not None:
        values["Object"] = sent
    values.update(refused.extra)
    return Struct(result_type, values)


def overall(results: Sequence[Struct]) -> str:
    """Return the overall status of a batch: `OK`, `Error` when all failed, `Has Errors` when some did.

    `Has Errors` with a blank is what four clients written against the live service compare with; the documentation
    prints `HasErrors`.
    """
    failed = 0
    for result in results:
        failed += result.values["StatusCode"] != "OK"
    if not failed:
        return "OK"
    return "Error" if failed == len(results) else "Has Errors"


def batch_answer(element: str, call: Call, results: list[Struct]) -> Struct:
    """Return the answer of Create, Update or Delete."""
    return Struct(
        element,
        {"Results": results, "RequestID": call.request_id, "OverallStatus": overall(results)},
    )


def wrapped_answer(element: str, call: Call, results: list[Struct], message: str = "") -> Struct:
    """Return the answer of Configure, Perform or Schedule, whose results stand in a wrapper."""
    status = overall(results) if results else "Error"
    return Struct(
        element,
        {
            "Results": Struct(f"{element}.Results", {"Result": results}),
            "OverallStatus": status,
            "OverallStatusMessage": message,
            "RequestID": call.request_id,
        },
    )


def read_save_options(message: Struct) -> dict[str, str]:
    """Return the SaveAction by PropertyName that a message's options give."""
    options = message.part("Options")
    if options is None or not options.values:
        return {}
    return {
        option.text("PropertyName") or "*": option.text("SaveAction") or "Default"
        for option in options.wrapped("SaveOptions", "SaveOption")
    }


def sent_objects(message: Struct, name: str) -> list[object]:
    """Return the objects of a batch, None for each that was nil."""
    objects = message.values.get(name)
    return objects if isinstance(objects, list) else []
