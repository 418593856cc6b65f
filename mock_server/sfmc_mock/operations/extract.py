"""Extract: the emulator writes no extract files; the answer says so."""

from sfmc_mock.declarations.handler import Call
from sfmc_mock.wire.struct import Struct


def extract(call: Call, message: Struct) -> Struct:
    """Refuse each extract in a result of its own (wording assumed)."""
    requests = message.parts("Requests")
    call.warn("the service has Extract, the emulator has not: it writes no files")
    results = [
        Struct(
            "ExtractResult",
            {
                "StatusCode": "Error",
                "StatusMessage": "The Extract method is not supported for this account.",
                "OrdinalID": ordinal,
                "ErrorCode": 5,
            },
        )
        for ordinal, _ in enumerate(requests)
    ]
    return Struct(
        "ExtractResponseMsg",
        {
            "OverallStatus": "Error",
            "RequestID": call.request_id,
            "Results": Struct("ExtractResponseMsg.Results", {"ExtractResult": results}),
        },
    )
