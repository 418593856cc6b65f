"""Create: make each object of the batch."""

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.operations.batch_results import (
    act_on_each,
    batch_answer,
    read_save_options,
    sent_objects,
)
from sfmc_mock.wire.struct import Struct


def create(call: Call, message: Struct) -> Struct:
    """Create each object and report on each, in the order sent."""
    call.save_actions = read_save_options(message)

    def act(call: Call, handler: Handler, sent: Struct) -> Outcome:
        if call.save_actions:
            call.save_action(handler.object_type, "Create")
        return handler.create(call, sent)

    results = act_on_each(call, "Create", sent_objects(message, "Objects"), act)
    return batch_answer("CreateResponse", call, results)
