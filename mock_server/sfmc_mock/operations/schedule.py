"""Schedule: have an action done with each interaction at a time."""

from sfmc_mock.declarations import scheduling
from sfmc_mock.declarations.handler import Call, Handler, Outcome
from sfmc_mock.operations.batch_results import act_on_each, wrapped_answer
from sfmc_mock.operations.unused_elements import warn_of_unused_schedule
from sfmc_mock.wire.struct import Struct


def schedule(call: Call, message: Struct) -> Struct:
    """Have the action done with each interaction, and report on each; most objects have no schedule."""
    action = (message.text("Action") or "").strip()
    wrapper = message.part("Interactions")
    interactions = wrapper.values.get("Interaction") if wrapper else None
    if not action or not isinstance(interactions, list) or not interactions:
        missing = "an Action" if not action else "an Interaction"
        return wrapped_answer(
            "ScheduleResponseMsg", call, [], f"The Schedule request does not hold {missing}."
        )
    call.schedule = message.part("Schedule")
    warn_of_unused_schedule(call, scheduling.READ)

    def act(call: Call, handler: Handler, sent: Struct) -> Outcome:
        return handler.act(call, "Schedule", action, sent)

    results = act_on_each(call, "Schedule", interactions, act)
    for result in results:
        # What results hold is the schedule, not the interaction (recorded).
        result.values.pop("Object", None)
        if call.schedule is not None:
            result.values["Object"] = call.schedule
    return wrapped_answer("ScheduleResponseMsg", call, results)
