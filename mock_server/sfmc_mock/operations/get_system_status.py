"""GetSystemStatus: the emulator is up."""

from sfmc_mock.declarations.call import Call
from sfmc_mock.operations.batch_results import wrapped_answer
from sfmc_mock.wire.struct import Struct


def get_system_status(call: Call, message: Struct) -> Struct:
    """Return the status `OK` (texts: a live client's test; form: wsdl)."""
    result = Struct(
        "SystemStatusResult",
        {"StatusCode": "OK", "StatusMessage": "System Status Retrieved", "SystemStatus": "OK"},
    )
    return wrapped_answer("SystemStatusResponseMsg", call, [result])
