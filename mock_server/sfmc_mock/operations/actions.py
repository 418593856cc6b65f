"""Configure, Perform and Schedule: do an action with each object of a wrapper, and report on each."""

from __future__ import annotations

from sfmc_mock.declarations import scheduling
from sfmc_mock.declarations.call import Call, Outcome, task_result
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.errors import with_article
from sfmc_mock.operations.batch_results import act_on_each, sent_objects, wrapped_answer
from sfmc_mock.operations.unused_elements import warn_of_unused_schedule
from sfmc_mock.wire.struct import Struct


def configure(call: Call, message: Struct) -> Struct:
    """Create, update or delete the account's profile attributes (PropertyDefinition).

    The action is compared without case: SDKs send `create`, the documentation `Create`. A message without an action
    or without configurations (FuelSDK-Python nests both one level too deep) gets an overall error (assumed).
    """
    return _act_on_all(call, message, "Configure", "Configuration")


def perform(call: Call, message: Struct) -> Struct:
    """Do the action with each definition; it is compared without case (seen live)."""
    return _act_on_all(call, message, "Perform", "Definition")


def schedule(call: Call, message: Struct) -> Struct:
    """Schedule the action for each interaction; most objects have no schedule."""
    call.schedule = message.part("Schedule")
    if not _missing(message, "Interaction"):
        warn_of_unused_schedule(call, scheduling.READ)
    answer = _act_on_all(call, message, "Schedule", "Interaction")
    for result in answer.wrapped("Results", "Result"):
        # Results contain the schedule, not the interaction (recorded).
        result.values.pop("Object", None)
        if call.schedule is not None:
            result.values["Object"] = call.schedule
    return answer


def _act_on_all(call: Call, message: Struct, operation: str, item: str) -> Struct:
    """Do the action with each `item` of the wrapper, whose name is that of the item with an s."""

    action = _action(message)

    def act(call: Call, handler: Handler, sent: Struct) -> Outcome:
        done = handler.act(call, operation, action, sent)
        if operation == "Perform" and handler.tells_task:
            # The schema requires a Task; for an action that is done at once it is empty (assumed).
            done.extra.setdefault("Task", task_result())
        return done

    missing = _missing(message, item)
    return wrapped_answer(
        f"{operation}ResponseMsg",
        call,
        [] if missing else act_on_each(call, operation, _objects(message, item), act),
        f"The {operation} request does not hold {missing}." if missing else "",
    )


def _action(message: Struct) -> str:
    return (message.text("Action") or "").strip()


def _objects(message: Struct, item: str) -> list[object]:
    wrapper = message.part(f"{item}s")
    return [] if wrapper is None else sent_objects(wrapper, item)


def _missing(message: Struct, item: str) -> str:
    if not _action(message):
        return "an Action"
    return "" if _objects(message, item) else with_article(item)
