"""Counters from totals equal those from counting every event, whatever the clock and the account did."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from sfmc_mock.account import Account
from sfmc_mock.accounts import Accounts
from sfmc_mock.clock import Clock
from sfmc_mock.store import event_totals

TYPES = ("Sent", "Open", "Open", "Click", "Click", "HardBounce", "Unsubscribe", "NotSent")
SUMMARY = "api_TriggeredSendSummary"
COUNT = "SELECT count({0}) FROM visible_event WHERE type = '{1}' AND job_id = j.id"
EACH, MESSAGES = "*", "DISTINCT job_id || '.' || batch_id || '.' || subscriber_id"
# The events that the counters of jobs count: each event, or each message once.
OF_JOBS = {
    "api_SendSummary": {"TotalSent": (EACH, "Sent"), "NonTransactional": (EACH, "Sent")},
    "api_Send": {
        "HardBounces": (EACH, "HardBounce"),
        "SoftBounces": (EACH, "SoftBounce"),
        "OtherBounces": (EACH, "OtherBounce"),
        "ForwardedEmails": (EACH, "ForwardedEmail"),
        "UniqueClicks": (MESSAGES, "Click"),
        "UniqueOpens": (MESSAGES, "Open"),
        "NumberSent": (EACH, "Sent"),
        "NumberDelivered": (EACH, "DeliveredEvent"),
        "Unsubscribes": (EACH, "Unsubscribe"),
        "NumberExcluded": (EACH, "NotSent"),
    },
}

OF_DEFINITION = "job_id IN (SELECT id FROM job WHERE definition_id = d.id)"
OPTED_OUT, UNDELIVERABLE = "1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020", "2, 1030"
OF_DEFINITIONS = {
    "Sent": (EACH, "type = 'Sent'"),
    "NotSentDueToOptOut": (EACH, f"type = 'NotSent' AND error_code IN ({OPTED_OUT})"),
    "NotSentDueToUndeliverable": (EACH, f"type = 'NotSent' AND error_code IN ({UNDELIVERABLE})"),
    "Bounces": (EACH, "type IN ('HardBounce', 'SoftBounce', 'OtherBounce')"),
    "Opens": (EACH, "type = 'Open'"),
    "Clicks": (EACH, "type = 'Click'"),
    "UniqueOpens": (MESSAGES, "type = 'Open'"),
    "UniqueClicks": (MESSAGES, "type = 'Click'"),
    "OptOuts": (EACH, "type = 'Unsubscribe'"),
    "SurveyResponses": (EACH, "type = 'Survey'"),
    "FTAFRequests": (EACH, "type = 'ForwardedEmail'"),
    "FTAFEmailsSent": (EACH, "type = 'ForwardedEmail'"),
    "FTAFOptIns": (EACH, "type = 'ForwardedEmailOptIn'"),
    "NotSentDueToError": (
        EACH,
        f"type = 'NotSent' AND error_code NOT IN ({OPTED_OUT}, {UNDELIVERABLE})",
    ),
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr(event_totals, "_BLOCK", 4)
    accounts = Accounts()
    account = accounts.fresh()
    for number in (1, 2, 3):
        row = {"id": number, "object_id": f"object {number}", "customer_key": f"key {number}"}
        account.db.insert("triggered_send_definition", {**row, "name": f"name {number}"})
    for number in range(1, 6):
        add_job(account, number, definition=number % 3 + 1)
    yield account
    accounts.close()


def totals(account: Account) -> list[object]:
    names = ", ".join(OF_DEFINITIONS)
    found: list[object] = [account.db.rows(f"SELECT {names} FROM {SUMMARY} ORDER BY rowkey")]  # noqa: S608
    for view, counters in OF_JOBS.items():
        names = ", ".join(counters)
        found.append(account.db.rows(f"SELECT {names} FROM {view} ORDER BY rowkey"))  # noqa: S608
    return found


def counted(account: Account) -> list[object]:
    counts = ", ".join(
        f"(SELECT count({what}) FROM visible_event WHERE {condition} AND {OF_DEFINITION})"  # noqa: S608
        for what, condition in OF_DEFINITIONS.values()
    )
    sql = f"SELECT {counts} FROM triggered_send_definition d ORDER BY id"  # noqa: S608
    found: list[object] = [account.db.rows(sql)]
    for counters in OF_JOBS.values():
        counts = ", ".join(f"({COUNT.format(*counter)})" for counter in counters.values())
        found.append(account.db.rows(f"SELECT {counts} FROM job j ORDER BY id"))  # noqa: S608
    return found


def add_job(account: Account, number: int, *, definition: int) -> None:
    columns = account.db.rows('SELECT name, type FROM pragma_table_info("job")')
    row: dict[str, object] = {name: 0 if kind == "INTEGER" else "" for name, kind in columns}
    account.db.insert("job", {**row, "id": number, "definition_id": definition})


def add_events(account: Account, draw: random.Random, count: int) -> None:
    for _ in range(count):
        kind = draw.choice(TYPES)
        shows = account.now() + timedelta(hours=draw.choice((-3, -2, -1, 0, 0, 1, 5)))
        account.db.insert(
            "event",
            {
                "type": kind,
                "job_id": draw.randint(1, 5),
                "list_id": 1,
                "batch_id": draw.randint(1, 4),
                "subscriber_id": draw.randint(1, 4),
                "subscriber_key": "a",
                "happens_at": "2026-01-01T00:00:00.000",
                "visible_at": shows.isoformat(timespec="milliseconds"),
                "definition_object_id": "a",
                "error_code": draw.choice((1, 2, 24)) if kind == "NotSent" else None,
            },
        )


def set_clock(account: Account, hours: int) -> None:
    def change(clock: Clock) -> None:
        clock.set(account.now() + timedelta(hours=hours))

    account.change_clock(change)


@pytest.mark.parametrize("seed", range(8))
def test_totals_change_no_counter(account: Account, seed: int) -> None:
    draw = random.Random(seed)
    account.change_clock(lambda clock: clock.freeze())
    for _ in range(25):
        match draw.randrange(5):
            case 0 | 1:
                add_events(account, draw, draw.randint(1, 12))
            case 2:
                set_clock(account, draw.randint(0, 3))
            case 3:
                account.count_events()
            case _:
                with suppress(ZeroDivisionError), account.db.atomic():
                    add_events(account, draw, 6)
                    account.count_events()
                    raise ZeroDivisionError

        account.count_events()
        assert totals(account) == counted(account)
        # Scheduled actions run at their own time.
        with account.at(account.now() - timedelta(hours=draw.randint(0, 3))):
            account.count_events()
            assert totals(account) == counted(account)


def test_totals_of_other_content_are_forgotten(account: Account) -> None:
    draw = random.Random(1)
    before = account.db.content()
    add_events(account, draw, 40)
    account.count_events()

    account.db.replace_content(before)
    add_events(account, random.Random(2), 50)
    account.count_events()

    assert totals(account) == counted(account)


def test_counted_rows_are_not_looked_at_again(account: Account) -> None:
    account.change_clock(lambda clock: clock.freeze())
    add_events(account, random.Random(1), 60)
    account.count_events()
    before = totals(account)[:2]

    # Events do not change; changing one shows whether all are counted again.
    account.db.run("UPDATE event SET type = 'Sent' WHERE id BETWEEN 8 AND 15")
    account.count_events()

    assert totals(account)[:2] == before
    assert counted(account)[:2] != before


@pytest.mark.parametrize("seed", range(8))
def test_counting_in_steps_changes_no_counter(
    account: Account, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_totals, "_AT_ONCE", 5)
    draw = random.Random(seed)
    account.change_clock(lambda clock: clock.freeze())
    for _ in range(12):
        add_events(account, draw, draw.randint(1, 40))
        set_clock(account, draw.randint(0, 2))
        for _ in range(draw.randint(0, 3)):
            account.count_events(0)
        with suppress(ZeroDivisionError), account.db.atomic():
            add_events(account, draw, 6)
            account.count_events(0)
            raise ZeroDivisionError
        if draw.random() < 0.5:
            account.count_events()
        else:
            while not account.count_events(0):
                pass
        assert totals(account) == counted(account)


def test_a_step_ends_when_its_time_is_over(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_totals, "_AT_ONCE", 8)
    add_events(account, random.Random(1), 30)

    assert [account.count_events(0) for _ in range(5)] == [False, False, False, True, True]
