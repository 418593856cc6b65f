"""Schedule: accepted schedules, and their results."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import struct

from sfmc_mock.account.due_actions import STARTERS
from sfmc_mock.account.schedules import Scheduled, Starter
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.scheduling import schedule_action, schedule_of
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write

HOURLY = {
    "RecurrenceType": "Hourly",
    "RecurrenceRangeType": "EndAfter",
    "StartDateTime": "2026-01-02T09:00:00",
    "Occurrences": 5,
}


def _start(handler: Handler, call: Call, sent: Struct) -> Outcome:
    of = Scheduled("Group", "an-id", "start")
    planned = schedule_action(call, of, schedule_of(call))
    return Outcome("Scheduled.", extra={"Task": Struct("TaskResult", {"ID": planned["next_at"]})})


@pytest.fixture
def call(call: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """A call on an account with an object type that can be scheduled."""
    handler = Handler()
    handler.object_type = "Group"
    monkeypatch.setattr(Handler, "actions", {"Schedule": {"start": _start}})
    monkeypatch.setitem(HANDLERS, "Group", handler)
    monkeypatch.setitem(STARTERS, "Group", Starter(lambda account, of: None))
    return call


def scheduled(call: Call, sent: dict[str, Any] | None, action: str = "start") -> Struct:
    """Return the whole answer to a Schedule of one object."""
    values: dict[str, Any] = {
        "Action": action,
        "Interactions": Struct(
            "ScheduleRequestMsg.Interactions", {"Interaction": [Struct("Group")]}
        ),
    }
    if sent is not None:
        values["Schedule"] = struct("ScheduleDefinition", sent)
    call.warnings.clear()
    return OPERATIONS["Schedule"](call, Struct("ScheduleRequestMsg", values))


def result(answer: Struct) -> Struct:
    (found,) = answer.wrapped("Results", "Result")
    return found


def test_the_result_holds_the_schedule_and_the_task(call: Call) -> None:
    found = result(scheduled(call, HOURLY))

    assert write(found, "Result") == (
        "<Result><StatusCode>OK</StatusCode><StatusMessage>Scheduled.</StatusMessage>"
        '<Object><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" />'
        "<RecurrenceType>Hourly</RecurrenceType><RecurrenceRangeType>EndAfter</RecurrenceRangeType>"
        "<StartDateTime>2026-01-02T09:00:00</StartDateTime><Occurrences>5</Occurrences></Object>"
        "<Task><ID>2026-01-02T09:00:00.000</ID></Task></Result>"
    )


def pattern(kind: str, **how: Any) -> dict[str, Any]:
    """Return a recurring schedule of a kind; its pattern type is `pattern`."""
    recurrence = {"xsi:type": f"{kind}Recurrence", **how}
    if "pattern" in recurrence:
        recurrence[f"{kind}RecurrencePatternType"] = recurrence.pop("pattern")
    return {**HOURLY, "RecurrenceType": kind, "Recurrence": recurrence}


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in {**HOURLY, **more}.items() if name not in names}


@pytest.mark.parametrize(
    ("sent", "code", "text"),
    [
        (without("RecurrenceRangeType"), 150, "Schedule_Recurrence_Recurrence Range Type"),
        (None, 150, "Schedule_Recurrence_Recurrence Range Type"),
        (without("StartDateTime"), 151, "Schedule_Recurrence_Start DateTime"),
        (without(RecurrenceRangeType="EndOn"), 152, "Schedule_Recurrence_End DateTime"),
        (without("Occurrences"), 153, "Schedule_Recurrence_Occurrences"),
        (pattern("Daily"), 160, "Schedule_DailyRecurrence_Daily Recurrence Pattern Type"),
        (without(RecurrenceType="Daily"), 160, "Schedule_DailyRecurrence_Daily"),
        (pattern("Daily", pattern="Interval"), 161, "Schedule_DailyRecurrence_Day Interval"),
        (pattern("Weekly", Monday=True), 170, "Schedule_WeeklyRecurrence_Weekly Recurrence"),
        (pattern("Monthly", ScheduledDay=1), 180, "Schedule_MonthlyRecurrence_Monthly Recurrence"),
        (
            pattern("Monthly", pattern="ByDay", ScheduledDay=1),
            181,
            "Schedule_MonthlyRecurrence_Monthly Interval",
        ),
        (
            pattern("Monthly", pattern="ByDay", MonthlyInterval=1),
            182,
            "Schedule_MonthlyRecurrence_Scheduled Day",
        ),
        (
            pattern("Monthly", pattern="ByWeek", MonthlyInterval=1),
            183,
            "Schedule_MonthlyRecurrence_Scheduled Week",
        ),
        (
            pattern("Monthly", pattern="ByWeek", MonthlyInterval=1, ScheduledWeek="last"),
            184,
            "Schedule_MonthlyRecurrence_Scheduled Day Of Week",
        ),
        (pattern("Yearly"), 190, "Schedule_YearlyRecurrence_Yearly Recurrence Pattern Type"),
        (
            pattern("Yearly", pattern="ByDay", ScheduledMonth="May"),
            191,
            "Schedule_YearlyRecurrence_Scheduled Day",
        ),
        (
            pattern("Yearly", pattern="ByWeek", ScheduledMonth="May", ScheduledWeek="first"),
            192,
            "Schedule_YearlyRecurrence_Scheduled Day Of Week",
        ),
        (
            pattern("Yearly", pattern="ByWeek", ScheduledMonth="May", ScheduledDayOfWeek="Monday"),
            193,
            "Schedule_YearlyRecurrence_Scheduled Week",
        ),
        (
            pattern("Yearly", pattern="ByDay", ScheduledDay=1),
            194,
            "Schedule_YearlyRecurrence_Scheduled Month",
        ),
    ],
)
def test_an_incomplete_schedule_is_refused(
    call: Call, sent: dict[str, Any] | None, code: int, text: str
) -> None:
    found = result(scheduled(call, sent))

    assert found.number("ErrorCode") == code
    assert (found.text("StatusMessage") or "").startswith(text)
    assert (found.text("StatusMessage") or "").endswith(" Not Specified")
    assert call.account.db.count("schedule") == 0


@pytest.mark.parametrize(
    "sent",
    [
        without(RecurrenceType="Secondly"),
        {**pattern("Daily", pattern="Interval", DayInterval=1), "RecurrenceType": "Weekly"},
        pattern("Daily", pattern="Interval", DayInterval=-1),
        pattern("Monthly", pattern="ByDay", MonthlyInterval=1, ScheduledDay=32),
        pattern("Monthly", pattern="ByDay", MonthlyInterval=100_000, ScheduledDay=1),
        without(Occurrences=-1),
        without(StartDateTime="0001-01-01T00:00:00+14:00"),
        without(RecurrenceRangeType="EndOn", EndDateTime="2026-01-01T00:00:00"),
        without(StartDateTime="9999-12-31T23:59:59"),
        without(RecurrenceRangeType="EndOn", EndDateTime="9999-12-31T23:59:59.999"),
    ],
)
def test_an_invalid_schedule_is_refused(call: Call, sent: dict[str, Any]) -> None:
    found = result(scheduled(call, sent))

    assert found.number("ErrorCode") == 140
    assert (found.text("StatusMessage") or "").startswith("Schedule_Validation Error: ")


@pytest.mark.parametrize("moment", ["2026-02-30T09:00:00", "2026-01-02T25:00:00", "soon"])
def test_a_malformed_date_is_refused_in_the_emulators_words(call: Call, moment: str) -> None:
    found = result(scheduled(call, without(StartDateTime=moment)))

    assert (found.number("ErrorCode"), found.text("StatusMessage")) == (
        140,
        f"Schedule_Validation Error: StartDateTime: '{moment}' is not a valid time.",
    )


def test_a_schedule_without_a_time_to_come_is_taken_with_a_warning(call: Call) -> None:
    found = result(scheduled(call, without("RecurrenceType", StartDateTime="2019-11-07T11:00:00")))

    assert found.text("StatusCode") == "OK"
    (warning,) = call.warnings
    assert "no time to come" in warning


def test_elements_of_a_schedule_without_effect_are_warnings(call: Call) -> None:
    scheduled(call, {**HOURLY, "Description": "by the hour", "TimeZone": {"Name": "UTC"}})

    assert [each.split()[0] for each in call.warnings] == ["Description", "TimeZone"]


@pytest.mark.parametrize(("action", "missing"), [("", "an Action"), ("start", "an Interaction")])
def test_a_request_that_is_not_whole_says_so(call: Call, action: str, missing: str) -> None:
    message = Struct("ScheduleRequestMsg", {"Action": action})

    answer = OPERATIONS["Schedule"](call, message)

    assert answer.text("OverallStatusMessage") == (f"The Schedule request does not hold {missing}.")
