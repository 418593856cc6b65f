"""Schedule: no API object of the emulator can be scheduled yet; each interaction is refused as documented."""

from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Handler, Outcome
from sfmc_mock.operations.results import each, wrapped_answer
from sfmc_mock.wire.struct import Struct


def schedule(call: Call, message: Struct) -> Struct:
    """Refuse each interaction: the service does so for types that have no schedule (documented code 140)."""
    wrapper = message.part("Interactions")
    interactions = wrapper.values.get("Interaction") if wrapper else None
    if not isinstance(interactions, list) or not interactions:
        return wrapped_answer(
            "ScheduleResponseMsg",
            call,
            [],
            "The Schedule request does not hold an Interaction.",
        )

    def act(handler: Handler, sent: Struct) -> Outcome:
        raise Refused(140, f"The Schedule method is not supported for the {sent.type} object")

    results = each(call, "Schedule", interactions, act)
    for result in results:
        # The schema puts a ScheduleDefinition there; what was sent is none.
        result.values.pop("Object", None)
    return wrapped_answer("ScheduleResponseMsg", call, results)
