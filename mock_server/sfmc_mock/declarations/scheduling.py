"""The ScheduleDefinition of a call: the times of the scheduled action.

Codes and texts of missing elements: documented. That an hourly schedule needs no pattern: recorded.
"""

from __future__ import annotations

from datetime import datetime

from sfmc_mock.account.due_actions import STARTERS
from sfmc_mock.account.recurrence import DAYS, LONGEST_INTERVAL, Recurrence
from sfmc_mock.account.schedules import Scheduled, plan_schedule
from sfmc_mock.clock import LAST, parse_time, rounded, stored
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# What each kind of recurrence needs beside, by the pattern: element, and what is said when it is not there.
_MONTHLY = {
    "MonthlyInterval": (181, "Schedule_MonthlyRecurrence_Monthly Interval Not Specified"),
    "ScheduledDay": (182, "Schedule_MonthlyRecurrence_Scheduled Day Not Specified"),
    "ScheduledWeek": (183, "Schedule_MonthlyRecurrence_Scheduled Week Not Specified"),
    "ScheduledDayOfWeek": (184, "Schedule_MonthlyRecurrence_Scheduled Day Of Week Not Specified"),
}
_YEARLY = {
    "ScheduledDay": (191, "Schedule_YearlyRecurrence_Scheduled Day Not Specified"),
    "ScheduledDayOfWeek": (192, "Schedule_YearlyRecurrence_Scheduled Day Of Week Not Specified"),
    "ScheduledWeek": (193, "Schedule_YearlyRecurrence_Scheduled Week Not Specified"),
    "ScheduledMonth": (194, "Schedule_YearlyRecurrence_Scheduled Month Not Specified"),
}
_PATTERNS = {
    "Daily": (160, "Schedule_DailyRecurrence_Daily Recurrence Pattern Type Not Specified"),
    "Weekly": (170, "Schedule_WeeklyRecurrence_Weekly Recurrence Pattern Type Not Specified"),
    "Monthly": (180, "Schedule_MonthlyRecurrence_Monthly Recurrence Pattern Type Not Specified"),
    "Yearly": (190, "Schedule_YearlyRecurrence_Yearly Recurrence Pattern Type Not Specified"),
}
_DAY_INTERVAL = (161, "Schedule_DailyRecurrence_Day Interval Not Specified")
_NEEDED = {
    ("Daily", "Interval"): {"DayInterval": _DAY_INTERVAL},
    ("Monthly", "ByDay"): {name: _MONTHLY[name] for name in ("MonthlyInterval", "ScheduledDay")},
    ("Monthly", "ByWeek"): {name: _MONTHLY[name] for name in _MONTHLY if name != "ScheduledDay"},
    ("Yearly", "ByDay"): {name: _YEARLY[name] for name in ("ScheduledDay", "ScheduledMonth")},
    ("Yearly", "ByWeek"): {name: _YEARLY[name] for name in _YEARLY if name != "ScheduledDay"},
    ("Yearly", "ByMonth"): {"ScheduledMonth": _YEARLY["ScheduledMonth"]},
}
_INTERVALS = {
    "Minutely": "MinuteInterval",
    "Hourly": "HourInterval",
    "Daily": "DayInterval",
    "Weekly": "WeekInterval",
    "Monthly": "MonthlyInterval",
}

READ = frozenset(
    {
        *("Recurrence", "RecurrenceType", "RecurrenceRangeType"),
        *("StartDateTime", "EndDateTime", "Occurrences"),
    }
)
"""The elements of a ScheduleDefinition that have an effect."""


def invalid(reason: str) -> Refused:
    """Return the refusal of an invalid schedule (code and the beginning: documented, the reason: assumed)."""
    return Refused(140, f"Schedule_Validation Error: {reason}")


def schedule_of(call: Call) -> Recurrence:
    """Return the recurrence of the call's schedule. Raises `Refused` (140 to 194) for a missing or wrong element."""
    sent = call.schedule or Struct("ScheduleDefinition")
    range_type = sent.text("RecurrenceRangeType")
    if not range_type:
        raise Refused(150, "Schedule_Recurrence_Recurrence Range Type Not Specified")
    start = _time(sent, "StartDateTime")
    if start is None:
        raise Refused(151, "Schedule_Recurrence_Start DateTime Not Specified")
    end, occurrences = _time(sent, "EndDateTime"), sent.number("Occurrences")
    if range_type == "EndOn" and end is None:
        raise Refused(152, "Schedule_Recurrence_End DateTime Not Specified")
    if range_type == "EndAfter" and not occurrences:
        raise Refused(153, "Schedule_Recurrence_Occurrences Not Specified")
    if occurrences is not None and occurrences < 0:
        raise invalid("Occurrences is negative.")
    if end is not None and end < start:
        raise invalid("EndDateTime lies before StartDateTime.")
    ends_on = range_type == "EndOn"
    if end is not None and not ends_on:
        call.warn("EndDateTime of the Schedule has no effect beside RecurrenceRangeType EndAfter")
    return _recurrence(
        sent,
        start=stored(rounded(start)),
        end=stored(rounded(end)) if ends_on and end is not None else None,
        # Beside EndOn the number counts as well (documented in a sample that gives both; which ends it: assumed).
        occurrences=occurrences or None,
    )


def _time(sent: Struct, name: str) -> datetime | None:
    text = sent.text(name)
    try:
        moment = parse_time(text) if text else None
    except ValueError as problem:
        raise invalid(f"{name}: {problem}.") from None
    if moment is not None and moment > LAST:
        raise invalid(f"{name} lies behind the year {LAST.year}.")
    return moment


def _recurrence(
    sent: Struct, *, start: str, end: str | None, occurrences: int | None
) -> Recurrence:
    part = sent.part("Recurrence")
    given = part.type.removesuffix("Recurrence") if part is not None else ""
    kind = sent.text("RecurrenceType") or given
    if kind == "Secondly":
        raise invalid("nothing recurs by the second.")
    if given and given != kind:
        raise invalid(f"RecurrenceType is {kind}, but Recurrence a {given}Recurrence.")
    how = part or Struct(f"{kind}Recurrence")
    pattern = how.text(f"{kind}RecurrencePatternType") or ""
    if not pattern and kind in _PATTERNS:
        raise Refused(*_PATTERNS[kind])
    for name, missing in _NEEDED.get((kind, pattern), {}).items():
        if how.values.get(name) in (None, "", 0):
            raise Refused(*missing)
    interval = how.number(_INTERVALS.get(kind, "")) or 1
    if not 1 <= interval <= LONGEST_INTERVAL.get(kind, 1_000_000):
        raise invalid(f"{_INTERVALS[kind]} {interval} is out of range.")
    day = how.number("ScheduledDay") or 0
    if not 0 <= day <= 31:
        raise invalid(f"ScheduledDay {day} is not a day of a month.")
    days = tuple(name for name in DAYS if how.values.get(name) is True)
    weekday = how.text("ScheduledDayOfWeek")
    return Recurrence(
        start,
        kind,
        pattern,
        interval,
        days=(weekday,) if weekday else days,
        day=day,
        week=how.text("ScheduledWeek") or "",
        month=how.text("ScheduledMonth") or "",
        occurrences=occurrences,
        end=end,
    )


def schedule_action(call: Call, wanted: Scheduled, when: Recurrence) -> Row:
    """Schedule an action of an object and return the schedule; without a future time, a warning and a stub.

    `STARTERS` has the functions that are called at its times.
    """
    planned = plan_schedule(call.account, wanted, when, STARTERS[wanted.object_type])
    if planned is None:
        call.warn(
            f"the schedule of this {wanted.object_type} has no time to come: the last one was before "
            f"{call.account.now_text()}, the account's time. Nothing will happen"
        )
        return {"next_at": "", "prepared": 0, "id": 0}
    return planned
