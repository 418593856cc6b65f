"""Update: change each object of the batch."""

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.errors import Refused
from sfmc_mock.operations.batch_results import (
    act_on_each,
    batch_answer,
    read_save_options,
    sent_objects,
)
from sfmc_mock.wire.struct import Struct


def update(call: Call, message: Struct) -> Struct:
    """Update each object and report on each, in the order sent."""
    call.save_actions = read_save_options(message)
    action = (message.text_at("Options.Action") or "update").strip().lower()

    def act(call: Call, handler: Handler, sent: Struct) -> Outcome:
        # Documented: an Action is one of these; their effect, after their names, and the text are assumed.
        if action == "create":
            return handler.create(call, sent)
        if action == "delete":
            return handler.delete(call, sent)
        if action != "update":
            raise Refused(
                3, f"The UpdateOptions have no Action '{action}': update, create, delete."
            )
        call.save_action(handler.object_type, "Update")
        return handler.update(call, sent)

    results = act_on_each(call, "Update", sent_objects(message, "Objects"), act)
    return batch_answer("UpdateResponse", call, results)
