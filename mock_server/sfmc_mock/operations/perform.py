"""Perform: do an action with each definition of the batch."""

from sfmc_mock.declarations.handler import Call, Handler, Outcome, task_result
from sfmc_mock.operations.batch_results import act_on_each, wrapped_answer
from sfmc_mock.wire.struct import Struct


def perform(call: Call, message: Struct) -> Struct:
    """Do the action with each definition and report on each; the action is compared without case (seen live)."""
    action = (message.text("Action") or "").strip()
    wrapper = message.part("Definitions")
    definitions = wrapper.values.get("Definition") if wrapper else None
    if not action or not isinstance(definitions, list) or not definitions:
        missing = "an Action" if not action else "a Definition"
        return wrapped_answer(
            "PerformResponseMsg", call, [], f"The Perform request does not hold {missing}."
        )

    def act(call: Call, handler: Handler, sent: Struct) -> Outcome:
        done = handler.act(call, "Perform", action, sent)
        if handler.tells_task:
            # The schema demands it; of what is done at once it says no more (assumed).
            done.extra.setdefault("Task", task_result())
        return done

    results = act_on_each(call, "Perform", definitions, act)
    return wrapped_answer("PerformResponseMsg", call, results)
