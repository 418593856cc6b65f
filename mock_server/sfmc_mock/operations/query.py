"""Query: answered like a Retrieve. The service does not document it further; one object type is answered (assumed)."""

from sfmc_mock.declarations.call import Call
from sfmc_mock.operations.retrieve import answer
from sfmc_mock.wire.struct import Struct


def query(call: Call, message: Struct) -> Struct:
    """Answer a query of one object type like the Retrieve of the same properties and filter."""
    request = message.part("QueryRequest") or Struct("QueryRequest")
    asked = request.part("Query") or Struct("Query")
    subject = asked.part("Object") or Struct("QueryObject")
    values: dict[str, object] = {
        "ObjectType": subject.text("ObjectType") or "",
        "Properties": subject.texts("Properties"),
    }
    for name in ("ClientIDs", "ContinueRequest", "QueryAllAccounts", "RetrieveAllSinceLastBatch"):
        if name in request:
            values[name] = request.values[name]
    if asked.part("Filter") is not None:
        values["Filter"] = asked.part("Filter")
    return answer(call, "QueryResponseMsg", Struct("RetrieveRequest", values))
