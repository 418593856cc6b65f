"""The thirteen operations of the service, generic over API objects."""

from __future__ import annotations

from collections.abc import Callable

from sfmc_mock.declarations.call import Call
from sfmc_mock.operations.actions import configure, perform, schedule
from sfmc_mock.operations.asynchronous import queued
from sfmc_mock.operations.create import create
from sfmc_mock.operations.delete import delete
from sfmc_mock.operations.describe import describe
from sfmc_mock.operations.execute import execute
from sfmc_mock.operations.extract import extract
from sfmc_mock.operations.get_system_status import get_system_status
from sfmc_mock.operations.query import query
from sfmc_mock.operations.related_accounts import in_account
from sfmc_mock.operations.retrieve import retrieve
from sfmc_mock.operations.update import update
from sfmc_mock.operations.version_info import version_info
from sfmc_mock.wire.struct import Struct

OPERATIONS: dict[str, Callable[[Call, Struct], Struct]] = {
    "Configure": configure,
    "Create": create,
    "Delete": delete,
    "Describe": describe,
    "Execute": execute,
    "Extract": extract,
    "GetSystemStatus": get_system_status,
    "Perform": perform,
    "Query": query,
    "Retrieve": retrieve,
    "Schedule": schedule,
    "Update": update,
    "VersionInfo": version_info,
}
"""The operations by name; each takes the call and the message, and returns the answering message."""


def operation_of(name: str, message: Struct) -> Callable[[Call, Struct], Struct]:
    """Return the function for a call: the operation, in another account or at a later time if the options say so."""
    options = message.values.get("Options")
    if not isinstance(options, Struct) or not options.values:
        return OPERATIONS[name]
    run = queued(name, options) or OPERATIONS[name]
    client = options.values.get("Client")
    return run if client is None else in_account(run, client)
