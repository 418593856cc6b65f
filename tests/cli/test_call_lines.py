"""Calls as lines: cut to the width, with warnings written once."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from sfmc_mock.cli.call_lines import CallLines, facts_of, facts_of_json
from sfmc_mock.cli.output import width_of
from sfmc_mock.journal import Exchange

LONG_FILTER = "Key equals a-key-that-is-longer-than-any-terminal-is-wide-" + "x" * 150


def sent(**fields: Any) -> Exchange:
    known: dict[str, Any] = {
        "operation": "Create",
        "object_types": ("TriggeredSend",),
        "at": datetime(2026, 1, 1, 12, 0, 1),
        "summary": "welcome → ada@mock.test",
        "overall_status": "OK",
        "duration_ms": 3.2,
    }
    return Exchange(**known | fields)


def lines(*calls: Exchange, width: int | None = None, colour: bool = False) -> list[str]:
    written = CallLines(width=width, colour=colour)
    return [line for call in calls for line in written.lines(facts_of(call))]


@pytest.mark.parametrize("width", [None, 80, 120])
def test_time_and_status_come_first(width: int | None) -> None:
    assert lines(sent(), width=width) == [
        "12:00:01  OK              3 ms  Create TriggeredSend    welcome → ada@mock.test"
    ]


ODD_CALLS = [
    sent(),
    sent(operation="", method="GET", target="/" + "long" * 50, summary="", duration_ms=123_456),
    sent(
        operation="Retrieve", object_types=(f"DataExtensionObject[{'x' * 80}]",), summary="y" * 80
    ),
    sent(overall_status="Has Errors", summary="日本語のとても長いアドレス" * 5),
    sent(overall_status="", http_status=500, error="no such word " * 30),
    sent(overall_status="MoreDataAvailable", warnings=("no-blank-in-it" * 20,)),
    sent(at=datetime.min, object_types=(), summary=""),
]


@pytest.mark.parametrize("width", [40, 69, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    written = lines(*ODD_CALLS, width=width)

    assert [line for line in written if width_of(line) > width] == []


def test_a_line_in_a_pipe_has_the_whole_filter() -> None:
    call = sent(operation="Retrieve", object_types=("Subscriber",), summary=LONG_FILTER)

    (line,) = lines(call)

    assert line.endswith(f"Retrieve Subscriber     {LONG_FILTER}")


def test_of_rows_the_name_of_the_data_extension_stays_where_room_is_short() -> None:
    call = sent(
        operation="Retrieve", object_types=("DataExtensionObject[Orders]",), summary=LONG_FILTER
    )

    (short,) = lines(call, width=80)
    (long,) = lines(call, width=300)

    assert "Retrieve [Orders]       Key equals a-key-that" in short
    assert "Retrieve DataExtensionObject[Orders]  Key equals" in long


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"overall_status": "MoreDataAvailable"}, "OK, more"),
        ({"overall_status": "Has Errors"}, "Has Errors"),
        ({"overall_status": "Error: no"}, "Error"),
        ({"overall_status": "", "http_status": 500}, "Fault"),
        ({"overall_status": "", "http_status": 400}, "HTTP 400"),
        (
            {
                "operation": "",
                "target": "/v2",
                "object_types": (),
                "overall_status": "no",
                "http_status": 401,
            },
            "HTTP 401",
        ),
        ({"operation": "", "target": "/", "object_types": (), "overall_status": ""}, "OK"),
    ],
)
def test_the_status_is_a_word_or_two(fields: dict[str, Any], status: str) -> None:
    call = sent(**fields)

    assert facts_of(call).status == status
    assert facts_of_json(call.as_json()) == facts_of(call)


def test_reasons_follow_on_lines_of_their_own_and_are_said_once() -> None:
    call = sent(overall_status="Error: No such key.", error="No such key.")
    other = sent(overall_status="", http_status=500, error="Login Failed")

    assert lines(call, call, other)[1:] == [
        "          ! No such key.",
        lines(call)[0],
        "          ! No such key.",
        lines(other)[0],
        "          ! Login Failed",
    ]


def test_a_warning_is_written_once_and_counted() -> None:
    written = CallLines()
    call = facts_of(sent(warnings=("The live service would refuse this.",)))

    shown = [line for _ in range(3) for line in written.lines(call)]

    assert [line[10:21] for line in shown] == ["OK        !", "! The live ", *["OK        !"] * 2]
    assert list(written.counts()) == [
        "          ! came 3 times: The live service would refuse this."
    ]


def test_warnings_of_other_values_are_counted_with_the_first() -> None:
    written = CallLines()
    calls = [
        facts_of(
            sent(warnings=(f"{field} holds 'it's {value}', which is not a date: taken as it is",))
        )
        for value in range(3)
        for field in ("DateValue", "EndDate")
    ]

    shown = [line for call in calls for line in written.lines(call)]

    assert [line.strip() for line in shown if "!" in line[:11]] == [
        "! DateValue holds 'it's 0', which is not a date: taken as it is",
        "! EndDate holds 'it's 0', which is not a date: taken as it is",
    ]
    assert list(written.counts()) == [
        "          ! came 3 times: DateValue holds 'it's 0', which is not a date: taken as it is",
        "          ! came 3 times: EndDate holds 'it's 0', which is not a date: taken as it is",
    ]


def test_colours_change_nothing_but_colour() -> None:
    coloured = lines(*ODD_CALLS, width=80, colour=True)

    assert "\x1b[32mOK" in coloured[0]
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == lines(*ODD_CALLS, width=80)


def test_a_warning_is_written_once_after_many_others() -> None:
    written = CallLines()
    often = facts_of(sent(warnings=("often",)))
    for _ in range(3):
        written.lines(often)
    for number in range(1_500):
        written.lines(facts_of(sent(warnings=(f"warning {number}",))))

    late = facts_of(sent(warnings=("late",)))
    assert [len(written.lines(late)) for _ in range(3)] == [2, 1, 1]
    assert [len(written.lines(often)) for _ in range(2)] == [1, 1]
    assert [line.strip() for line in written.counts()] == [
        "! came 5 times: often",
        "! came 3 times: late",
    ]


@pytest.mark.parametrize("width", [None, 80])
@pytest.mark.parametrize("field", ["summary", "error", "overall_status", "warnings"])
def test_control_characters_and_directions_do_not_reach_the_terminal(
    field: str, width: int | None
) -> None:
    text = "E: a\x1b[2Jb\nc\u202ed"

    shown = "".join(lines(sent(**{field: (text,) if field == "warnings" else text}), width=width))

    assert not set("\x1b\n\u202e") & set(shown)
    assert r"a\x1b[2Jb\nc\u202ed" in shown


def test_no_secret_is_in_a_line() -> None:
    call = sent(operation="", target="/v2/token?client_secret=hush", summary="")

    assert "hush" not in lines(call)[0]
