"""Automation, AutomationInstance, Program and FileTrigger: activities that run in steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.messages import (
    XSI,
    act_on,
    as_element,
    fields,
    only_result,
    results,
    retrieve,
    rows,
    shape,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import make_list, make_subscriber

from sfmc_mock.account import Account
from sfmc_mock.account.simulation_settings import choose_lag
from sfmc_mock.account.subscribers import join_list
from sfmc_mock.control.files_handle import FilesHandle
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import SetupError
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

READY, RUNNING, PAUSED, STOPPED, SCHEDULED, AWAITING = "2", "3", "4", "5", "6", "7"
KEY = {"IsPrimaryKey": True, "IsRequired": True}


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with an import into People and a query from there into Adults."""
    for name in ("People", "Adults"):
        columns: list[dict[str, Any]] = [
            {"Name": "Key", "FieldType": "Text", "MaxLength": 20, **KEY},
            {"Name": "Age", "FieldType": "Number"},
        ]
        made = struct("DataExtension", CustomerKey=name, Name=name, Fields={"Field": columns})
        assert status(write_objects(call, "Create", made))[0] == "OK"
    activities = (
        struct(
            "ImportDefinition",
            CustomerKey="read",
            Name="Read",
            DestinationObject={"xsi:type": "DataExtension", "CustomerKey": "People"},
            FileSpec="people.csv",
        ),
        struct(
            "QueryDefinition",
            CustomerKey="adults",
            Name="Choose adults",
            QueryText="SELECT [Key], Age FROM People WHERE Age > 17",
            DataExtensionTarget={"CustomerKey": "Adults"},
            TargetUpdateType="Overwrite",
        ),
    )
    for each in activities:
        assert status(write_objects(call, "Create", each))[0] == "OK", list(call.warnings)
    call.account.files.write("import/people.csv", b"Key,Age\nada,36\nbob,5\n")
    return call


def activity(type_name: str, key: str, **more: Any) -> dict[str, Any]:
    return {"ActivityObject": {"xsi:type": type_name, "CustomerKey": key}, **more}


READ, CHOOSE = activity("ImportDefinition", "read"), activity("QueryDefinition", "adults")


def automation(*steps: list[dict[str, Any]], **more: Any) -> Struct:
    tasks = [{"Activities": {"Activity": each}} for each in steps]
    given = {"AutomationTasks": {"AutomationTask": tasks}} if tasks else {}
    return struct("Automation", {"CustomerKey": "a", "Name": "A", **given, **more})


def create(call: Call, *steps: list[dict[str, Any]], **more: Any) -> str:
    answer = write_objects(call, "Create", automation(*(steps or ([READ], [CHOOSE])), **more))
    assert status(answer) == ("OK", None, 0), (status(answer), list(call.warnings))
    return only_result(answer).text("NewObjectID") or ""


def act(
    call: Call, operation: str, action: str, schedule: dict[str, Any] | None = None, **named: str
) -> Struct:
    wanted = struct("Automation", named or {"CustomerKey": "a"})
    return act_on(call, operation, action, wanted, schedule=schedule)


def result(answer: Struct) -> tuple[str | None, str | None, int]:
    wrapper = answer.part("Results")
    assert wrapper is not None
    (found,) = wrapper.parts("Result")
    return found.text("StatusCode"), found.text("StatusMessage"), found.number("ErrorCode") or 0


PERFORMED = ("OK", "Performed Activity", 0)


def start(call: Call) -> None:
    assert result(act(call, "Perform", "start")) == PERFORMED, list(call.warnings)
    call.account.settle()


def advance(call: Call, **span: float) -> None:
    call.account.change_clock(lambda clock: clock.advance(timedelta(**span)))


def state(call: Call) -> str:
    (found,) = fields(retrieve(call, "Automation", ["Status"]))
    return found["Status"]


def runs(call: Call, *names: str) -> list[dict[str, str]]:
    return fields(retrieve(call, "AutomationInstance", names or ("Status", "StatusMessage")))


def adults(call: Call) -> list[str]:
    return [each["Key"] for each in rows(retrieve(call, "DataExtensionObject[Adults]", ["Key"]))]


COMPLETED = {"Status": READY, "StatusMessage": "Completed"}


def test_steps_run_in_order(call: Call) -> None:
    create(call)

    start(call)

    assert adults(call) == ["ada"]
    assert state(call) == READY
    assert runs(call) == [COMPLETED]
    found = rows(retrieve(call, "AsyncActivityStatus", ["Type", "StepName", "Status"]))
    found.sort(key=lambda each: each["StepName"])
    assert found == [
        {"Type": "ImportDefinition", "StepName": "1", "Status": "Complete"},
        {"Type": "QueryDefinition", "StepName": "2", "Status": "Complete"},
    ]


def test_each_step_takes_its_time_in_an_account_that_lags(call: Call) -> None:
    choose_lag(call.account, "realistic")
    create(call)
    start(call)
    assert (state(call), runs(call, "Status")) == (RUNNING, [{"Status": RUNNING}])

    advance(call, seconds=30)
    assert (state(call), adults(call)) == (RUNNING, [])
    advance(call, seconds=30)

    assert (state(call), adults(call)) == (READY, ["ada"])
    (found,) = runs(call, "StartTime", "CompletedTime", "AutomationID", "Name")
    assert (found["StartTime"], found["CompletedTime"], found["Name"]) == (
        "2026-01-01T12:00:00",
        "2026-01-01T12:01:00",
        "A",
    )


def test_no_step_runs_behind_one_that_failed(call: Call) -> None:
    call.account.files.remove("import/people.csv")
    create(call)

    start(call)

    (found,) = runs(call)
    assert found["Status"] == "-1"
    assert found["StatusMessage"].startswith("Step 1, Read: There is no file import/people.csv")
    assert state(call) == "-1"
    assert len(rows(retrieve(call, "AsyncActivityStatus", ["Type"]))) == 1


def test_activities_of_one_step_run_together_and_all_must_be_done(call: Call) -> None:
    create(call, [READ, CHOOSE], [CHOOSE])

    start(call)

    assert (adults(call), runs(call)) == (["ada"], [COMPLETED])


def test_an_activity_that_was_deleted_ends_the_run(call: Call) -> None:
    create(call)
    write_objects(call, "Delete", struct("QueryDefinition", CustomerKey="adults"))

    start(call)

    assert runs(call) == [
        {"Status": "-1", "StatusMessage": "Step 2: the QueryDefinition was deleted."}
    ]


def test_a_filter_activity_can_be_a_step(call: Call) -> None:
    condition = {
        "xsi:type": "SimpleFilterPart",
        "Property": "Age",
        "SimpleOperator": "greaterThan",
        "Value": ["17"],
    }
    source = {"xsi:type": "DataExtension", "CustomerKey": "People"}
    write_objects(
        call,
        "Create",
        struct(
            "FilterDefinition", CustomerKey="f", Name="F", DataFilter=condition, DataSource=source
        ),
    )
    (chooses_adults,) = call.account.db.find_all("filter_definition")
    people, chosen = (
        str((call.account.db.find("data_extension", customer_key=key) or {})["object_id"])
        for key in ("People", "Adults")
    )
    filters = struct(
        "FilterActivity",
        CustomerKey="fa",
        Name="FA",
        FilterDefinitionID=chooses_adults["object_id"],
        SourceObjectID=people,
        SourceTypeID=2,
        DestinationObjectID=chosen,
        DestinationTypeID=2,
    )
    assert status(write_objects(call, "Create", filters))[0] == "OK"
    create(call, [READ], [activity("FilterActivity", "fa")])

    start(call)

    assert (adults(call), runs(call)) == (["ada"], [COMPLETED])


def test_an_email_send_definition_can_be_a_step(call: Call) -> None:
    number = make_list(call.account, "News")
    join_list(call.account, make_subscriber(call.account, "ada", "ada@mock.test"), number)
    definition = struct(
        "EmailSendDefinition",
        CustomerKey="news",
        Name="News",
        SendClassification={"CustomerKey": "Default Commercial"},
        Email={"CustomerKey": "send-logging-example"},
        SendDefinitionList=[
            {
                "List": {"ID": number},
                "SendDefinitionListType": "SourceList",
                "DataSourceTypeID": "List",
            }
        ],
    )
    assert status(write_objects(call, "Create", definition))[0] == "OK"
    create(call, [READ], [activity("EmailSendDefinition", "news")])

    start(call)

    assert runs(call) == [COMPLETED]
    sent = fields(retrieve(call, "SentEvent", ["SubscriberKey"]))
    assert [each["SubscriberKey"] for each in sent] == ["ada"]


def test_a_send_that_is_refused_ends_the_run(call: Call) -> None:
    definition = struct(
        "EmailSendDefinition",
        CustomerKey="news",
        Name="News",
        SendClassification={"CustomerKey": "Default Commercial"},
        Email={"CustomerKey": "send-logging-example"},
    )
    assert status(write_objects(call, "Create", definition))[0] == "OK"
    create(call, [activity("EmailSendDefinition", "news")])

    start(call)

    (found,) = runs(call)
    assert found["Status"] == "-1"
    assert found["StatusMessage"].startswith("Step 1, News: 42")


def test_a_number_that_no_field_holds_ends_the_run(call: Call) -> None:
    text = "SELECT [Key], POWER(10, 400) AS Age FROM People"
    change = struct("QueryDefinition", CustomerKey="adults", QueryText=text)
    assert status(write_objects(call, "Update", change))[0] == "OK"
    create(call)

    start(call)

    (found,) = runs(call)
    assert found["Status"] == "-1"
    assert "Arithmetic overflow error" in found["StatusMessage"]


def test_the_number_of_a_task_is_not_looked_for_among_all_earlier_ones(call: Call) -> None:
    create(call, [CHOOSE])
    start(call)
    drawn: list[tuple[object, ...]] = []
    digest = call.account.ids._digest
    call.account.ids._digest = lambda size, purpose: drawn.append(purpose) or digest(size, purpose)  # type: ignore[method-assign, func-returns-value]

    for _ in range(4):
        start(call)

    assert len([each for each in drawn if each[0] == "async_activity" and len(each) == 3]) == 4


# Stop, schedule, pause.


def test_a_run_is_stopped_before_its_next_activity(call: Call) -> None:
    choose_lag(call.account, "realistic")
    create(call)
    start(call)

    assert result(act(call, "Perform", "stop")) == PERFORMED
    advance(call, hours=1)

    assert (state(call), adults(call)) == (STOPPED, [])
    assert runs(call) == [{"Status": STOPPED, "StatusMessage": "Stopped"}]


def test_no_step_begins_while_a_run_is_paused(call: Call) -> None:
    choose_lag(call.account, "realistic")
    create(call)
    assert result(act(call, "Perform", "pause"))[2] == 355002
    start(call)

    assert result(act(call, "Perform", "pause")) == PERFORMED
    advance(call, hours=1)
    assert (state(call), runs(call, "Status")) == (PAUSED, [{"Status": PAUSED}])
    assert result(act(call, "Perform", "start"))[2] == 355002
    assert len(rows(retrieve(call, "AsyncActivityStatus", ["Type"]))) == 1

    assert result(act(call, "Perform", "resume")) == PERFORMED
    advance(call, seconds=30)
    assert (state(call), adults(call)) == (READY, ["ada"])
    assert result(act(call, "Perform", "resume"))[2] == 355002


def test_a_paused_run_can_be_resumed_before_its_step_is_done_or_stopped(call: Call) -> None:
    choose_lag(call.account, "realistic")
    create(call)
    start(call)
    act(call, "Perform", "pause")
    act(call, "Perform", "resume")
    act(call, "Perform", "pause")

    assert result(act(call, "Perform", "stop")) == PERFORMED
    advance(call, hours=1)

    assert (state(call), adults(call)) == (STOPPED, [])


def test_an_automation_runs_by_its_schedule_until_it_is_paused(call: Call) -> None:
    create(call)
    hourly = {
        "Recurrence": {
            "xsi:type": "HourlyRecurrence",
            "HourInterval": 1,
            "HourlyRecurrencePatternType": "Interval",
        },
        "RecurrenceType": "Hourly",
        "RecurrenceRangeType": "EndAfter",
        "StartDateTime": "2026-01-01T13:00:00",
        "Occurrences": 5,
    }

    assert result(act(call, "Schedule", "start", hourly)) == ("OK", "Program scheduled.", 0)
    assert state(call) == SCHEDULED
    advance(call, hours=2)
    assert (len(runs(call)), state(call)) == (2, SCHEDULED)
    assert result(act(call, "Schedule", "pause"))[0] == "OK"
    advance(call, hours=10)

    assert (len(runs(call)), state(call)) == (2, PAUSED)


def test_a_schedule_that_is_over_leaves_the_automation_ready(call: Call) -> None:
    create(call)
    once = {
        "RecurrenceType": "Hourly",
        "RecurrenceRangeType": "EndAfter",
        "StartDateTime": "2026-01-01T13:00:00",
        "Occurrences": 1,
    }
    act(call, "Schedule", "start", once)

    advance(call, hours=3)

    assert (len(runs(call)), state(call)) == (1, READY)


def test_the_answer_to_a_schedule_has_an_empty_task(call: Call) -> None:
    create(call)
    once = {
        "RecurrenceType": "Hourly",
        "RecurrenceRangeType": "EndAfter",
        "StartDateTime": "2026-01-01T13:00:00.142-06:00",
        "Occurrences": 5,
    }

    answer = as_element(act(call, "Schedule", "start", once))

    path = "ScheduleResponseMsg/Results/Result"
    found = [each.removeprefix(path) for each in shape(answer) if each.startswith(path + "/")]
    assert found == [
        *("/StatusCode", "/StatusMessage", "/Object", "/Object/PartnerKey=nil"),
        *("/Object/ObjectID=nil", "/Object/RecurrenceType", "/Object/RecurrenceRangeType"),
        *("/Object/StartDateTime", "/Object/Occurrences", "/Task=empty"),
    ]


# File triggers.


def test_a_file_that_fits_a_trigger_starts_the_automation(call: Call) -> None:
    write_objects(
        call,
        "Update",
        struct("ImportDefinition", CustomerKey="read", FileSpec="%%FILENAME_FROM_TRIGGER%%"),
    )
    object_id = create(call, AutomationType="triggered")
    trigger = struct(
        "FileTrigger",
        CustomerKey="t",
        Name="T",
        FileName="new-*.csv",
        FileTriggerProgramID=object_id.upper(),
        IsActive=True,
    )
    assert status(write_objects(call, "Create", trigger))[0] == "OK"
    assert state(call) == AWAITING
    files = FilesHandle(call.account)

    files.put("import/other.csv", "Key,Age\ncy,40\n")
    assert runs(call) == []
    files.put("import/New-1.csv", "Key,Age\ndee,41\n")
    call.account.settle()

    assert (adults(call), runs(call)) == (["dee"], [COMPLETED])
    (found,) = fields(retrieve(call, "FileTrigger", ["Status", "StatusMessage", "LastPullDate"]))
    assert found == {
        "Status": "Complete",
        "StatusMessage": "Started for import/New-1.csv.",
        "LastPullDate": "2026-01-01T12:00:00",
    }


def test_a_trigger_does_nothing_while_it_is_not_active_or_its_automation_runs(call: Call) -> None:
    choose_lag(call.account, "realistic")
    object_id = create(call)
    trigger = {
        "CustomerKey": "t",
        "Name": "T",
        "FileName": "*.csv",
        "FileTriggerProgramID": object_id,
    }
    write_objects(call, "Create", struct("FileTrigger", trigger, IsActive=False))
    files = FilesHandle(call.account)

    files.put("import/1.csv", "")
    assert runs(call) == []
    write_objects(call, "Update", struct("FileTrigger", CustomerKey="t", IsActive=True))
    files.put("import/2.csv", "")
    files.put("import/3.csv", "")

    assert len(runs(call)) == 1
    (found,) = fields(retrieve(call, "FileTrigger", ["Status"]))
    assert found["Status"] == "Skipped"


def test_perform_looks_for_the_newest_file(call: Call) -> None:
    object_id = create(call)
    trigger = {
        "CustomerKey": "t",
        "Name": "T",
        "FileName": "p*.csv",
        "FileTriggerProgramID": object_id,
    }
    write_objects(call, "Create", struct("FileTrigger", trigger, IsActive=False))
    write_objects(call, "Create", struct("FileTrigger", trigger, CustomerKey="u", FileName="no"))
    message = struct("PerformRequestMsg", Action="start")
    wanted = [struct("FileTrigger", CustomerKey=key) for key in ("t", "u")]
    message.values["Definitions"] = Struct("PerformRequestMsg.Definitions", {"Definition": wanted})

    answer = OPERATIONS["Perform"](call, message)
    call.account.settle()

    assert answer.text("OverallStatus") == "Has Errors"
    assert (adults(call), runs(call)) == (["ada"], [COMPLETED])


# On the wire.


def test_a_new_automation_is_answered_as_recorded(call: Call) -> None:
    answer = write_objects(call, "Create", automation([READ]))

    found = shape(as_element(answer))
    path = "CreateResponse/Results/"
    assert [each.removeprefix(path) for each in found if each.startswith(path)] == [
        *("StatusCode", "OrdinalID", "NewID", "NewObjectID", "Object"),
        *("Object/PartnerKey=nil", "Object/ObjectID=nil"),
    ]


def test_a_deleted_automation_is_answered_as_recorded(call: Call) -> None:
    object_id = create(call)

    answer = as_element(write_objects(call, "Delete", struct("Automation", ObjectID=object_id)))

    path = "DeleteResponse/Results/"
    assert [each.removeprefix(path) for each in shape(answer) if each.startswith(path)] == [
        *("StatusCode", "StatusMessage", "OrdinalID", "Object", "Object/PartnerKey=nil"),
        *("Object/ObjectID", "Object/CustomerKey", "Object/IsPlatformObject", "Object/Name=empty"),
        *("Object/Description=empty", "Object/IsActive"),
    ]


def test_tasks_are_retrieved_with_what_they_run(call: Call) -> None:
    create(call, [activity("ImportDefinition", "read", Name="First")], [CHOOSE], Description="x")

    (found,) = fields(
        retrieve(call, "Automation", ["Name", "AutomationTasks", "ProgramID", "AutomationType"])
    )

    place = "AutomationTasks.AutomationTask."
    assert (found["Name"], found["AutomationType"]) == ("A", "scheduled")
    assert found["ObjectID"] == (call.account.db.find("automation", name="A") or {})["object_id"]
    # Of both tasks the last one is left of the flat names.
    assert found[f"{place}Sequence"] == "2"
    assert found[f"{place}Activities.Activity.Definition.CustomerKey"] == "adults"
    assert found[f"{place}Activities.Activity.Name"] == "Choose adults"


def test_an_automation_is_found_as_a_program(call: Call) -> None:
    object_id = create(call)

    answer = retrieve(call, "Program", ["ObjectID", "Name"], simple("Name", "equals", "a"))

    assert fields(answer) == [{"ObjectID": object_id, "Name": "A"}]
    assert [each.get(f"{{{XSI}}}type") for each in results(answer)] == ["Program"]


# Runs.


def instance(call: Call, operation: str, **values: Any) -> tuple[str | None, str | None, int]:
    return status(write_objects(call, operation, struct("AutomationInstance", values)))


def test_a_run_is_begun_and_stopped_as_an_object(call: Call) -> None:
    choose_lag(call.account, "realistic")
    object_id = create(call)

    assert instance(call, "Create", AutomationID=object_id.upper()) == ("OK", None, 0)
    (run,) = runs(call, "ObjectID", "Status")
    assert instance(call, "Create", CustomerKey="a")[2] == 355002
    assert instance(call, "Update", ObjectID=run["ObjectID"], Status=5) == ("OK", None, 0)
    assert runs(call, "Status") == [{"Status": STOPPED}]
    assert instance(call, "Update", ObjectID=run["ObjectID"], Status=5)[2] == 355002

    assert act_on_run(call, "Perform", "start", ObjectID=run["ObjectID"]) == PERFORMED
    second = runs(call, "ObjectID")[1]["ObjectID"]
    assert act_on_run(call, "Perform", "stop", ObjectID=second) == PERFORMED
    assert act_on_run(call, "Schedule", "start", ObjectID=second)[2] == 150


def act_on_run(
    call: Call, operation: str, action: str, **named: str
) -> tuple[str | None, str | None, int]:
    outer, inner = (
        ("Definitions", "Definition") if operation == "Perform" else ("Interactions", "Interaction")
    )
    message = struct(f"{operation}RequestMsg", Action=action)
    wanted = [struct("AutomationInstance", named)]
    message.values[outer] = Struct(f"{operation}RequestMsg.{outer}", {inner: wanted})
    return result(OPERATIONS[operation](call, message))


def test_a_missing_run_is_refused(call: Call) -> None:
    create(call)

    assert instance(call, "Create", CustomerKey="none")[1:] == ("Program Not Found", 355006)
    assert instance(call, "Create")[1:] == ("Program ObjectID Required", 355000)
    assert instance(call, "Update", ObjectID="none")[1:] == ("Program Not Found", 355006)
    assert instance(call, "Update", CustomerKey="a")[1:] == ("Program ObjectID Required", 355000)


# What is refused.


@pytest.mark.parametrize(
    ("steps", "warned"),
    [
        ([[activity("QueryDefinition", "none")]], "there is no QueryDefinition with"),
        ([[activity("ReportActivity", "r")]], "cannot run a ReportActivity"),
        ([[{"Name": "nothing"}]], "there is no"),
    ],
)
def test_an_activity_that_cannot_run_is_refused(
    call: Call, steps: list[list[dict[str, Any]]], warned: str
) -> None:
    answer = write_objects(call, "Create", automation(*steps))

    assert status(answer) == ("Error", "Program Creation Error", 355003)
    assert warned in call.warnings[-1]


def test_an_activity_is_found_by_the_object_id_alone(call: Call) -> None:
    row = call.account.db.find("import_definition", customer_key="read")
    assert row is not None
    create(call, [{"ObjectID": str(row["object_id"])}])

    start(call)

    assert runs(call) == [COMPLETED]


def test_invalid_actions_with_an_automation_are_refused(call: Call) -> None:
    choose_lag(call.account, "realistic")
    assert result(act(call, "Perform", "start")) == ("Error", "Program Not Found", 355006)
    assert result(act(call, "Perform", "start", ObjectID="x"))[1:] == (
        "Program Invalid ObjectID",
        355001,
    )
    assert result(act(call, "Perform", "start", Name="A"))[1:] == (
        "Program ObjectID Required",
        355000,
    )
    write_objects(call, "Create", automation())
    empty = result(act(call, "Perform", "start"))
    assert empty[1:] == ("Program Activity Perform", 355002)
    assert "has no activities" in call.warnings[-1]
    write_objects(call, "Update", automation([READ]))
    idle = result(act(call, "Perform", "stop"))
    assert idle[1:] == ("Program Activity Perform", 355002)
    start(call)

    again = result(act(call, "Perform", "start"))
    deleted = write_objects(call, "Delete", struct("Automation", CustomerKey="a"))

    assert again[1:] == ("Program Activity Perform", 355002)
    assert status(deleted) == ("Error", "Program Delete Error", 355005)


def test_a_schedule_without_its_range_is_refused(call: Call) -> None:
    create(call)

    assert result(act(call, "Schedule", "start"))[2] == 150


# Seeds.


def test_an_automation_comes_back_from_an_export(call: Call) -> None:
    create(call, [READ, CHOOSE], [CHOOSE])

    copy = Account(Database(), due_actions=DUE_ACTIONS, files=call.account.files)
    load(copy, parse_seed(dump(call.account)))
    again = Call(copy)

    asked = ["Name", "AutomationType"]
    assert fields(retrieve(again, "Automation", asked)) == fields(
        retrieve(call, "Automation", asked)
    )
    copy_row, row = (each.account.db.find("automation", name="A") for each in (again, call))
    assert copy_row is not None
    assert row is not None
    assert copy_row["steps"] == row["steps"]
    start(again)
    assert adults(again) == ["ada"]
    copy.db.close()


def test_a_seed_whose_automation_runs_nothing_that_is_there_is_refused() -> None:
    seed = '[[automation]]\nkey = "a"\nname = "A"\nsteps = [{ type = "QueryDefinition", key = "no" }]\n'

    with pytest.raises(SetupError, match=r"\(a\), key 'steps': there is no QueryDefinition"):
        load(Account(Database()), parse_seed(seed))
