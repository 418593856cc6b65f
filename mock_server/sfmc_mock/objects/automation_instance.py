"""AutomationInstance: the runs of automations."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.automations import PAUSED, RUNNING, STOPPED_STATUS, stop_automation
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class AutomationInstanceHandler(DeclaredObject):
    """A run of an automation.

    Create starts a run of the automation AutomationID; Perform `stop`, or an Update to the status Stopped, stops one.
    Properties: wsdl; operations, codes and texts: documented; effects of the operations: assumed.
    """

    scope = "automations"
    tells_task = False
    reads: ClassVar = {"": ("AutomationID", "ObjectID", "CustomerKey", "Status")}
    reads_from = "automation_instance t JOIN automation a ON a.id = t.automation_id"
    newest_by = "StatusLastUpdate"
    fields = (
        *Property.alike("ObjectID", "Client.ID", updatable=False),
        Property("CustomerKey", sql="a.customer_key", updatable=False),
        Property("Name", sql="a.name", updatable=False),
        Property("AutomationID", sql="a.object_id", updatable=False),
        Property("Status"),
        Property("StatusMessage", sql="NULLIF(t.status_message, '')", updatable=False),
        Property("StatusLastUpdate", sql="t.changed_at", updatable=False),
        Property("StartTime", sql="t.started_at", updatable=False),
        Property("CompletedTime", sql="t.completed_at", updatable=False),
    )

    def create(self, call: Call, sent: Struct) -> Outcome:
        action = call.save_action(self.object_type, "Create")
        automation = self._automation(call, sent)
        if action != "UpdateAdd" or self._running(call, automation) is None:
            self._act(call, "Perform", "start", automation)
        run = self._running(call, automation) or {}
        return Outcome(None, Struct(self.object_type), new_object_id=run.get("object_id"))

    def update(self, call: Call, sent: Struct) -> Outcome:
        call.save_action(self.object_type, "Update")
        run = self._run(call, sent)
        if sent.number("Status") == STOPPED_STATUS:
            self._stop(call, run)
        else:
            call.warn("an Update of a run changes its Status alone, and that to 5, Stopped")
        return Outcome(None, sent)

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Start another run of the automation that the run belongs to."""
        self._act(call, "Perform", "start", self._automation(call, sent))
        return Outcome("Performed Activity", sent)

    def stop(self, call: Call, sent: Struct) -> Outcome:
        """Stop a run."""
        self._stop(call, self._run(call, sent))
        return Outcome("Performed Activity", sent)

    def schedule(self, call: Call, sent: Struct) -> Outcome:
        """Schedule runs of the automation."""
        return self._act(call, "Schedule", "start", self._automation(call, sent))

    actions: ClassVar = {"Perform": {"start": start, "stop": stop}, "Schedule": {"start": schedule}}

    def _act(self, call: Call, operation: str, action: str, automation: Row) -> Outcome:
        named = Struct("Automation", {"ObjectID": automation["object_id"]})
        return self.others["Automation"].act(call, operation, action, named)

    def _stop(self, call: Call, run: Row) -> None:
        automation = call.account.db.find("automation", id=run["automation_id"])
        if run["status"] not in (RUNNING, PAUSED) or automation is None:
            call.warn("the run is over: there is nothing to stop")
            raise Refused(355002, "Program Activity Perform")
        stop_automation(call.account, automation)

    def _automation(self, call: Call, sent: Struct) -> Row:
        """Return the automation that AutomationID, CustomerKey or the run itself names. Raises `Refused`."""
        automations = stored_object(self.others, "Automation")
        object_id, key = sent.text("AutomationID"), sent.text("CustomerKey")
        if not object_id and not key:
            return automations.at(call.account, self._run(call, sent)["automation_id"])
        named = Struct("Automation", {"ObjectID": object_id, "CustomerKey": key})
        return automations.find_or_refuse(call, named)

    def _run(self, call: Call, sent: Struct) -> Row:
        object_id = sent.text("ObjectID")
        if not object_id:
            raise Refused(355000, "Program ObjectID Required")
        row = call.account.db.find("automation_instance", object_id=object_id.lower())
        if row is None:
            raise Refused(355006, "Program Not Found")
        return row

    def _running(self, call: Call, automation: Row) -> Row | None:
        return call.account.db.find(
            "automation_instance", automation_id=automation["id"], status=RUNNING
        )
