"""Actions of Perform that change the status of an object, and nothing else."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Action, Call, Outcome
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.wire.struct import Struct


def becomes(status: str, *, warning: str = "") -> Action:
    """Return an action after which the object has a status; `warning` is what the call is told."""

    def act(handler: StoredObject, call: Call, sent: Struct) -> Outcome:
        row = handler.find_or_refuse(call, sent)
        call.account.db.update(handler.table, {"status": status}, id=row["id"])
        if warning:
            call.warn(warning)
        return Outcome(f"{handler.object_type} performed", sent)

    return act
