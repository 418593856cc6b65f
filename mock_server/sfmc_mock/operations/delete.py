"""Delete: remove each object of the batch."""

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.operations.batch_results import act_on_each, batch_answer, sent_objects
from sfmc_mock.wire.struct import Struct


def delete(call: Call, message: Struct) -> Struct:
    """Delete each object and report on each, in the order sent."""

    def act(call: Call, handler: Handler, sent: Struct) -> Outcome:
        return handler.delete(call, sent)

    results = act_on_each(call, "Delete", sent_objects(message, "Objects"), act)
    return batch_answer("DeleteResponse", call, results)
