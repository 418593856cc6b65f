"""The clock in the control API and in Python: it only goes forward, is stored, and is safe during calls."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.control import Control

from sfmc_mock.control import AccountHandle
from sfmc_mock.errors import SetupError

NOON = datetime(2026, 1, 1, 12)


def test_the_clock_shows_server_time_utc_and_whether_it_runs(control: Control) -> None:
    reply = control.get("/clock")

    assert reply.body == {
        "now": "2026-01-01T12:00:00.000",
        "utc": "2026-01-01T18:00:00Z",
        "running": False,
    }


@pytest.mark.parametrize(
    ("change", "now"),
    [
        ({"advance": "2h30m"}, "2026-01-01T14:30:00.000"),
        ({"advance": "PT2H"}, "2026-01-01T14:00:00.000"),
        ({"set": "2026-01-02"}, "2026-01-02T00:00:00.000"),
        ({"set": "2026-01-01T19:00:00Z"}, "2026-01-01T13:00:00.000"),
        ({"set": "2026-01-01T20:00:00+01:00"}, "2026-01-01T13:00:00.000"),
    ],
)
def test_the_clock_goes_forward(control: Control, change: dict[str, str], now: str) -> None:
    reply = control.post("/clock", change)

    assert reply.body["now"] == now
    assert control.get("/clock").body["now"] == now


def test_a_clock_that_was_let_run_runs_until_it_is_frozen(control: Control) -> None:
    running = control.post("/clock", {"run": True}).body["running"]
    frozen = control.post("/clock", {"freeze": True}).body["running"]

    assert (running, frozen) == (True, False)


def test_a_refused_change_says_how_to_go_back(control: Control) -> None:
    reply = control.post("/clock", {"set": "2025-01-01"})

    assert "only goes forward" in reply.error
    assert "Reset the account, or restore a checkpoint" in reply.error


def test_events_show_when_the_clock_has_come_to_them(control: Control) -> None:
    control.send("ada+open+after-2h@mock.test")

    before = control.get("/events").body["events"]
    control.post("/clock", {"advance": "2h"})
    after = control.get("/events").body["events"]

    assert "Open" not in [each["type"] for each in before]
    assert after[-1]["type"] == "Open"
    assert after[-1]["at"] == "2026-01-01T14:00:00.000"


def test_a_token_expires_on_the_accounts_clock(control: Control) -> None:
    token = control.token()

    control.post("/clock", {"advance": "21m"})

    assert control.soap_with_token(token) == 500


@pytest.mark.parametrize(
    ("duration", "parts"),
    [
        ("1d2h", {}),
        (timedelta(hours=26), {}),
        (None, {"days": 1, "hours": 2}),
        ("1d", {"hours": 2}),
    ],
)
def test_python_advances_by_a_text_a_timedelta_or_parts(
    handle: AccountHandle, duration: str | timedelta | None, parts: dict[str, float]
) -> None:
    now = handle.clock.advance(duration, **parts)

    assert now == NOON + timedelta(hours=26)


def test_python_sets_the_clock_to_a_time_with_a_zone(handle: AccountHandle) -> None:
    now = handle.clock.set(datetime(2026, 1, 1, 19, tzinfo=UTC))

    assert now == datetime(2026, 1, 1, 13)


@pytest.mark.parametrize(
    "change",
    [
        lambda clock: clock.advance(),
        lambda clock: clock.advance(dayz=1),
        lambda clock: clock.advance(days=-1),
        lambda clock: clock.advance(days=10**12),
        lambda clock: clock.advance(timedelta.max),
        lambda clock: clock.set(datetime.max),
        lambda clock: clock.set(datetime(2025, 1, 1)),
        lambda clock: clock.set(datetime.min.replace(tzinfo=UTC)),
    ],
    ids=["nothing", "no part", "back", "huge", "longest", "last", "past", "first"],
)
def test_python_is_refused_what_a_clock_cannot_do(handle: AccountHandle, change) -> None:
    with pytest.raises(SetupError):
        change(handle.clock)

    assert handle.clock.now == NOON


def test_a_clock_shows_itself(handle: AccountHandle) -> None:
    assert repr(handle.clock) == "<clock 2026-01-01 12:00:00, frozen>"


def test_the_clock_can_be_changed_while_calls_are_under_way(control: Control) -> None:
    begin = threading.Barrier(4)

    def advance() -> None:
        begin.wait()
        for _ in range(20):
            control.post("/clock", {"advance": "1h"})

    def send(name: str) -> None:
        begin.wait()
        for number in range(20):
            control.send(f"{name}{number}+open+after-1h@mock.test")

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(advance), *(threads.submit(send, each) for each in "abc")]:
            done.result()

    control.post("/clock", {"advance": "1h"})
    events = control.get("/events").body["events"]
    sent = {each["subscriber_key"]: each["at"] for each in events if each["type"] == "Sent"}
    opened = {each["subscriber_key"]: each["at"] for each in events if each["type"] == "Open"}
    assert len(sent) == 60
    assert {key: hour_later(at) for key, at in sent.items()} == opened


def hour_later(text: str) -> str:
    return (datetime.fromisoformat(text) + timedelta(hours=1)).isoformat(timespec="milliseconds")


def test_a_clock_that_is_on_its_way_for_too_long_says_how_to_go_on(
    control: Control, handle: AccountHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfmc_mock.account.clock_steps.CLOCK_SECONDS", -1.0)
    effect = {"definition_id": 0, "send_id": 0}
    handle.account.plan_due(NOON + timedelta(hours=1), "queue expiry", effect)

    reply = control.post("/clock", {"advance": "30h"})

    assert reply.status == 400
    assert "Set it to 2026-01-02T18:00:00 to go on" in reply.error
