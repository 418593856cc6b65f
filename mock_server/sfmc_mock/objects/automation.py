"""Automation: activities that run in steps when the automation is started, scheduled, or triggered by a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.automations import (
    PAUSED,
    READY,
    STATUS,
    is_running,
    pause_automation,
    resume_automation,
    start_automation,
    stop_automation,
)
from sfmc_mock.account.schedules import Scheduled, cancel_schedule
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Action
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, sample
from sfmc_mock.declarations.scheduling import schedule_action, schedule_of
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.seed_keys import Key
from sfmc_mock.declarations.source import WriterMaker
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused, SetupError, with_article
from sfmc_mock.store.database import Row
from sfmc_mock.wire.json_parts import part_as_json
from sfmc_mock.wire.page_writer import PageWriter
from sfmc_mock.wire.pages import Cell, page_writer
from sfmc_mock.wire.struct import Struct

_NOT_PERFORMED = (355002, "Program Activity Perform")
_NOT_CREATED = (355003, "Program Creation Error")

_STEPS = Key(
    "steps",
    form="items",
    items=(
        Key("step", "number", default=1, low=1, high=1_000),
        Key("type", required=True, filled=True),
        Key("key", required=True, filled=True),
    ),
)


def _turns(turn: Callable[[Account, Row], bool], refusal: str) -> Action:
    """Return an action that stops, pauses or resumes the run of an automation.

    `refusal` completes the warning for an automation whose state does not allow that.
    """

    def act(handler: StoredObject, call: Call, sent: Struct) -> Outcome:
        row = handler.find_or_refuse(call, sent)
        if not turn(call.account, row):
            call.warn(f"the automation '{row['name']}' {refusal}")
            raise Refused(*_NOT_PERFORMED)
        return Outcome("Performed Activity", sent)

    return act


def _written_as(object_type: str) -> WriterMaker:
    """Return a writer of results of the class Automation whose `xsi:type` is `object_type`."""

    def writer(asked: list[str], properties: list[Property]) -> PageWriter:
        # A property requested as ProgramID is returned as ObjectID (recorded).
        cells = (
            Cell("ObjectID" if prop.name == "ProgramID" else prop.name, prop.kind, prop.partner)
            for prop in properties
        )
        return page_writer("Automation", tuple(cells), object_type)

    return staticmethod(writer)


class AutomationHandler(StoredObject):
    """An automation; results and error codes call it a program.

    Properties, and results of Create, Delete, Perform and Schedule: recorded; codes and texts: documented; which
    condition has which code, the numbers of statuses, and the effects of pause and stop: assumed.
    """

    scope = "automations"
    tells_task = False
    written_by = _written_as("Automation")
    # Results of Create have no StatusMessage (recorded).
    messages = Messages(None, None, "Program deleted")
    not_specified = (355000, "Program ObjectID Required")
    not_found = (355006, "Program Not Found")
    invalid_object_id = (355001, "Program Invalid ObjectID")
    example = sample(CustomerKey="nightly", Name="Nightly", AutomationType="scheduled")
    reads: ClassVar = {"": ("AutomationTasks",)}
    further_keys = (_STEPS,)
    fields = (
        *BY_OBJECT_ID,
        Property("ProgramID", sql="t.object_id"),
        Property("ObjectState", sql="''"),
        Property(
            "Name",
            required=True,
            unique=False,
            missing=_NOT_CREATED,
            too_long=_NOT_CREATED,
            limit=200,
        ),
        *Property.alike("Description", "Keyword", default=""),
        Property("IsActive", default=True),
        *Property.alike(
            "AutomationTasks", "AutomationSource", "Notifications", kind="part", seed=None
        ),
        Property("AutomationType", default="scheduled"),
        Property("CategoryID"),
        Property("Status", sql=STATUS, updatable=False),
        Property("LastRunTime", seed=None, updatable=False),
        Property("LastRunInstanceID", seed=None, updatable=False),
        Property(
            "ScheduledTime",
            sql="(SELECT s.next_at FROM schedule s WHERE s.object_type = 'Automation' AND s.object_id = t.object_id)",
            updatable=False,
        ),
        Property("LastSaveDate", sql="t.modified_at", updatable=False),
        Property.internal("steps", default="[]", seed=None),
        Property.internal("status", "number", default=READY, seed=None),
    )

    # Create, Update, Delete.

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        if "AutomationTasks" in sent:
            changes |= self._tasks(call, sent, row)
        return changes

    def _tasks(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        """Return the columns for the tasks of an automation, as sent by a call. Raises `Refused`."""
        key = (row or {}).get("customer_key") or sent.text("CustomerKey")
        owner = str(key or sent.text("Name"))
        sent_tasks = _in_sequence(sent.wrapped("AutomationTasks", "AutomationTask"))
        read = [self._task(call, task, owner, number) for number, task in enumerate(sent_tasks, 1)]
        tasks, steps = [task for task, _ in read], [step for _, step in read if step]
        kept = Struct("Automation.AutomationTasks", {"AutomationTask": tasks})
        return {
            "automation_tasks": json.dumps(part_as_json(kept)) if tasks else None,
            "steps": json.dumps(steps),
        }

    def _task(
        self, call: Call, sent: Struct, owner: str, number: int
    ) -> tuple[Struct, list[dict[str, Any]]]:
        """Return a task as results show it, and the activities that it runs as entries of `steps`. Raises `Refused`."""
        guid = call.account.ids.guid
        activities: list[Struct] = []
        step: list[dict[str, Any]] = []
        for place, activity in enumerate(_in_sequence(sent.wrapped("Activities", "Activity")), 1):
            handler, row = self._activity(call, activity)
            step.append(
                {"type": handler.object_type, "table": handler.table, "object_id": row["object_id"]}
            )
            definition = {name: row[column] for name, column in _DEFINITION.items()}
            values = {
                "ObjectID": guid("automation_activity", owner, number, place),
                "Name": activity.text("Name") or str(row[handler.called]),
                "Definition": Struct(handler.object_type, definition),
                "Sequence": place,
            }
            activities.append(Struct("AutomationActivity", values))
        values = {
            "ObjectID": guid("automation_task", owner, number),
            "Name": sent.text("Name") or f"Step {number}",
            "Sequence": number,
            "Activities": Struct("AutomationTask.Activities", {"Activity": activities}),
        }
        return Struct("AutomationTask", values), step

    def _activity(self, call: Call, activity: Struct) -> tuple[StoredObject, Row]:
        """Return the handler and the row of the object that an activity runs. Raises `Refused`."""
        named = activity.part("ActivityObject") or activity.part("Definition") or activity
        known = self._runnable
        if named.type in known:
            handlers = [known[named.type]]
        elif named.type in _OF_ANY_TYPE:
            handlers = list(known.values())
        else:
            call.warn(
                f"an automation of the emulator cannot run {with_article(named.type)}: it runs {', '.join(known)}"
            )
            raise Refused(*_NOT_CREATED)
        given = {name: named.values[name] for name in _IDENTITIES if named.values.get(name)}
        for handler in handlers:
            row = handler.find(call, Struct(handler.object_type, given))
            if row is not None:
                return handler, row
        call.warn(
            f"there is no {' or '.join(handler.object_type for handler in handlers)} with "
            f"{given}: an activity names what it runs by the ObjectID or CustomerKey of its ActivityObject"
        )
        raise Refused(*_NOT_CREATED)

    @cached_property
    def _runnable(self) -> dict[str, StoredObject]:
        """The handlers of the object types that an activity can run, by type."""
        stored = (other for other in self.others.values() if isinstance(other, StoredObject))
        return {
            other.object_type: other for other in stored if other is not self and _is_started(other)
        }

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        # The echo contains neither the sent properties nor the ObjectID (recorded).
        echo = Struct(self.object_type)
        return Outcome(self.messages.create, echo, new_object_id=row["object_id"])

    def delete(self, call: Call, sent: Struct) -> Outcome:
        row = self.find_or_refuse(call, sent)
        if is_running(call.account, row):
            call.warn(f"the automation '{row['name']}' runs: stop it first")
            raise Refused(355005, "Program Delete Error")
        done = super().delete(call, sent)
        # The properties of the echo: recorded.
        echo = {"IsPlatformObject": False, "Name": "", "Description": "", "IsActive": True}
        named = {"ObjectID": row["object_id"], "CustomerKey": row["customer_key"]}
        return Outcome(done.message, Struct(self.object_type, {**named, **echo}))

    def remove(self, call: Call, row: Row) -> None:
        cancel_schedule(call.account, self.object_type, row["object_id"])
        call.account.db.delete("automation_instance", automation_id=row["id"])
        super().remove(call, row)

    # Perform and Schedule.

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Start a run now; the result has no Task (recorded)."""
        row = self.find_or_refuse(call, sent)
        self._check_runs(call, row)
        if is_running(call.account, row):
            call.warn(f"the automation '{row['name']}' runs already")
            raise Refused(*_NOT_PERFORMED)
        start_automation(call.account, row)
        return Outcome("Performed Activity", sent)

    def schedule(self, call: Call, sent: Struct) -> Outcome:
        """Schedule runs (text and the empty Task: recorded)."""
        row = self.find_or_refuse(call, sent)
        when = schedule_of(call)
        self._check_runs(call, row)
        schedule_action(call, Scheduled(self.object_type, row["object_id"], "start"), when)
        if row["status"] == PAUSED:
            call.account.db.update(self.table, {"status": READY}, id=row["id"])
        return Outcome("Program scheduled.", extra={"Task": Struct("TaskResult")})

    def unschedule(self, call: Call, sent: Struct) -> Outcome:
        """Remove the schedule."""
        row = self.find_or_refuse(call, sent)
        if not cancel_schedule(call.account, self.object_type, row["object_id"]):
            call.warn(f"the automation '{row['name']}' has no schedule")
        if not is_running(call.account, row):
            call.account.db.update(self.table, {"status": PAUSED}, id=row["id"])
        return Outcome("Program scheduled.", extra={"Task": Struct("TaskResult")})

    actions: ClassVar = {
        "Perform": {
            "start": start,
            "stop": _turns(stop_automation, "does not run: there is nothing to stop"),
            # Lets the current activities finish (assumed).
            "pause": _turns(pause_automation, "does not run: there is nothing to pause"),
            "resume": _turns(resume_automation, "is not paused: there is nothing to resume"),
        },
        "Schedule": {"start": schedule, "pause": unschedule, "stop": unschedule},
    }

    def _check_runs(self, call: Call, row: Row) -> None:
        if row["steps"] == "[]":
            call.warn(f"the automation '{row['name']}' has no activities: give it AutomationTasks")
            raise Refused(*_NOT_PERFORMED)

    # Seed files.

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        call = Call(seed.account)
        try:
            columns = self._tasks(call, _sent_from(entry), self.at(seed.account, number))
        except Refused:
            raise SetupError(f"key 'steps': {call.warnings[-1]}.") from None
        seed.account.db.update(self.table, columns, id=number)

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        steps = [
            {"step": number, "type": activity["type"], "key": definition["customer_key"]}
            for number, step in enumerate(json.loads(row["steps"]), 1)
            for activity in step
            if (definition := account.db.find(activity["table"], object_id=activity["object_id"]))
        ]
        return {**entry, "steps": [step for step in steps if step["key"]]}


# The base classes that an ActivityObject can be sent as, without naming its own class.
_OF_ANY_TYPE = (
    *("APIObject", "AutomationActivity", "InteractionBaseObject", "InteractionDefinition"),
)
_IDENTITIES = ("ObjectID", "CustomerKey")
_DEFINITION = {"ObjectID": "object_id", "CustomerKey": "customer_key", "Name": "name"}


def _is_started(handler: StoredObject) -> bool:
    """Say whether Perform can start objects of this type, identified by ObjectID."""
    return (
        "start" in handler.actions.get("Perform", {})
        and {"object_id", "customer_key", "name"} <= handler.columns
    )


def _in_sequence(parts: list[Struct]) -> list[Struct]:
    """Return the parts sorted by Sequence; those without one come first, in the order sent."""
    return sorted(parts, key=lambda part: part.number("Sequence") or 0)


def _sent_from(entry: Entry) -> Struct:
    """Return the automation of a seed file's entry in the form that a Create sends."""
    activities: dict[int, list[Struct]] = {}
    for step in entry["steps"]:
        named = Struct(step["type"], {"CustomerKey": step["key"]})
        activity = Struct("AutomationActivity", {"ActivityObject": named})
        activities.setdefault(step["step"], []).append(activity)
    holders = [
        Struct("AutomationTask.Activities", {"Activity": activities[step]})
        for step in sorted(activities)
    ]
    tasks = [Struct("AutomationTask", {"Activities": holder}) for holder in holders]
    part = Struct("Automation.AutomationTasks", {"AutomationTask": tasks})
    return Struct("Automation", {"CustomerKey": entry["key"], "AutomationTasks": part})


class ProgramHandler(DeclaredObject):
    """An automation, read-only. ObjectID, Name and CustomerKey: recorded; the other properties: assumed."""

    scope = "automations"
    reads_from = "automation t"
    written_by = _written_as("Program")
    fields = (
        *Property.alike("ObjectID", "CustomerKey", "Name", "Description"),
        Property("Client.ID", "number"),
        Property("CreatedDate", "date"),
        Property("ModifiedDate", "date"),
        Property("Status", "number", sql=STATUS),
    )
