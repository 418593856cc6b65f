"""Schedule: have an action done with each interaction at a time."""

from sfmc_mock.declarations.handler import Call, Handler, Outcome
from sfmc_mock.operations.results import act_on_each, wrapped_answer
from sfmc_mock.wire.struct import Struct


def schedule(call: Call, message: Struct) -> Struct:
    """Do the action with each interaction and report on each; most objects have no schedule (documented code 140)."""
    action = message.text("Action") or ""
    wrapper = message.part("Interactions")
    interactions = wrapper.values.get("Interaction") if wrapper else None
    if not isinstance(interactions, list) or not interactions:
        return wrapped_answer(
            "ScheduleResponseMsg", call, [], "The Schedule request does not hold an Interaction."
        )

    def act(handler: Handler, sent: Struct) -> Outcome:
        return handler.act(call, "Schedule", action, sent)

    results = act_on_each(call, "Schedule", interactions, act)
    for result in results:
        # The schema puts a ScheduleDefinition there; what was sent is none.
        result.values.pop("Object", None)
    return wrapped_answer("ScheduleResponseMsg", call, results)
