"""The actions of Perform: activities, whose work is a task that AsyncActivityStatus shows, and changes of a status."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.activities import Counts, start_activity
from sfmc_mock.declarations.call import Call, Outcome, task_result
from sfmc_mock.declarations.handler import Action
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class Activity(StoredObject):
    """An API object whose work is done later, when the account's clock reaches its time."""

    performed: ClassVar[str] = "{type} performed"
    """The text of the result of a start; it may contain the `{type}` and the `{number}` of the task."""

    def run(self, account: Account, task: Row) -> Counts:
        """Do the work of a task: each activity overrides this. Raises `ActivityFailed`."""
        raise NotImplementedError

    def to_start(self, call: Call, sent: Struct) -> Row:
        """Return the row of the activity that a call starts. Raises `Refused`."""
        return self.find_or_refuse(call, sent)

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Queue the work; its Task is found by AsyncActivityStatus (form of the result: recorded of a query)."""
        row = self.to_start(call, sent)
        number, instance = start_activity(call.account, self.object_type, row)
        echo = Struct(self.object_type, {"ObjectID": row["object_id"]})
        text = self.performed.format(type=self.object_type, number=number)
        return Outcome(text, echo, extra={"Task": task_result(number, instance)})

    actions: ClassVar = {"Perform": {"start": start}}


def becomes(status: str, *, warning: str = "") -> Action:
    """Return an action that sets the status of an object, and adds `warning` to the call."""

    def act(handler: StoredObject, call: Call, sent: Struct) -> Outcome:
        row = handler.find_or_refuse(call, sent)
        call.account.db.update(handler.table, {"status": status}, id=row["id"])
        if warning:
            call.warn(warning)
        return Outcome(f"{handler.object_type} performed", sent)

    return act
