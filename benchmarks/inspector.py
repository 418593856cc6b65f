"""Measure the pages and the control API in an account with 1,000,000 events and 100,000 sends."""
# ruff: noqa: S608 - the statements are constants

from __future__ import annotations

import statistics
import sys
import time

from werkzeug.test import Client

from sfmc_mock.app import Application
from sfmc_mock.control.account_lookup import AccountLookup
from sfmc_mock.server_setup import open_accounts
from sfmc_mock.settings import Settings
from sfmc_mock.store.database import Database

SENDS, EVENTS_PER_SEND = 100_000, 10
REPEATS = 7
LIMIT = 0.2

SEED = """
[account]
clock = "2026-02-01T12:00:00"
[[triggered_send_definition]]
key = "welcome"
name = "Welcome mail"
email = 3099626
status = "Active"
auto_add_subscribers = true
"""

PAGES = {
    "overview": "/",
    "sends": "/sends",
    "sends, older": "/sends?before=50000",
    "sends, by recipient": "/sends?recipient=a500@mock.test",
    "sends, by outcome": "/sends?outcome=refused",
    "send": "/sends/50000",
    "message": "/sends/50001/messages/0",
    "events as data": "/data/OpenEvent",
    "events, sorted": "/data/OpenEvent?sort=EventDate&descending=1",
    "events, filtered": "/data/ClickEvent?property=SubscriberKey&operator=equals&value=a500@mock.test",
    "results": "/data/SubscriberSendResult",
    "counters": "/data/TriggeredSendSummary",
    "subscriber": "/subscriber?key=a500@mock.test",
    "journal": "/journal",
    "docs": "/docs/cli",
}
WHOLE = {
    "events, searched": "/data/ClickEvent?property=SubscriberKey&operator=like&value=nobody",
}
"""Pages that look at every event, as a Retrieve of the same does: shown without a limit."""

BESIDE = {
    "control: sends": "/_mock/sends?limit=50",
    "control: accounts": "/_mock/accounts",
    "control: explain": "/_mock/sends/50000/explain",
}


def fill(db: Database) -> None:
    """Write sends, messages and events with SQL: sending them would take minutes."""
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {SENDS})"
    time_of = "strftime('%Y-%m-%dT%H:%M:%S.000', '2026-01-01T12:00:00', '+' || (m.id * 10 + {}) || ' seconds')"
    with db.atomic():
        db.run(
            f"INSERT INTO send {numbers} SELECT i, s.definition_id, s.definition_key, s.requested_at, s.status "
            "FROM n JOIN send s ON s.id = 1"
        )
        db.run(
            "INSERT INTO message (send_id, ordinal, job_id, list_id, batch_id, repeat, subscriber_id, subscriber_key, "
            "email_address, attributes, outcome, error_code, decision, decided_at) "
            f"{numbers} SELECT i, 0, m.job_id, m.list_id, i, 0, m.subscriber_id + i % 20000, "
            "'a' || (i % 20000) || '@mock.test', 'a' || (i % 20000) || '@mock.test', m.attributes, "
            "CASE WHEN i % 50 THEN 'sent' ELSE 'refused' END, NULL, '', m.decided_at "
            "FROM n JOIN message m ON m.send_id = 1"
        )
        for number in range(EVENTS_PER_SEND):
            kind = ("Sent", "DeliveredEvent", "Open", "Click")[min(number, 3)]
            at = time_of.format(number)
            db.run(
                "INSERT INTO event (type, job_id, list_id, batch_id, subscriber_id, subscriber_key, happens_at, "
                f"visible_at, definition_object_id) SELECT '{kind}', m.job_id, m.list_id, m.batch_id, m.subscriber_id, "
                f"m.subscriber_key, {at}, {at}, e.definition_object_id FROM message m "
                "JOIN (SELECT * FROM event LIMIT 1) e WHERE m.send_id > 1"
            )


def seconds(client: Client, path: str, times: int = REPEATS) -> float:
    """Return the median duration of an answer."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        with client.get(
            path, base_url="http://localhost", headers={"Accept": "text/html"}
        ) as answer:
            answer.get_data()
            assert answer.status_code == 200, path
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def count(client: Client, path: str) -> list[str]:
    """Request a page with counters until they are complete; return the answers that were too slow."""
    name, taken, done = "counters, while they count", [], False
    while not done:
        started = time.perf_counter()
        page = client.get(path, base_url="http://localhost", headers={"Accept": "text/html"}).text
        taken.append(time.perf_counter() - started)
        done = "data-unfinished" not in page
    print(
        f"{name:26} {taken[0] * 1000:6.0f} ms, the slowest of {len(taken)} looks {max(taken) * 1000:.0f} ms, "
        f"the middle {statistics.median(taken) * 1000:.0f} ms"
    )
    return [name] if max(taken) > LIMIT else []


def main() -> int:
    """Print the times; return 1 if a page exceeds its limit."""
    settings = Settings(seed=SEED)
    accounts = open_accounts(settings)
    app = Application(accounts, settings)
    client = Client(app)
    handle = AccountLookup(accounts, app.journal, settings).find()
    handle.send("welcome", to="a500@mock.test")
    fill(handle.account.db)
    # Until the events are counted, each look at the overview counts some of them.
    counting = [seconds(client, f"/_mock/ui/{handle.mid}/") for _ in range(2)]
    print(f"{handle.account.db.count('event'):,} events, {handle.account.db.count('send'):,} sends")
    print(f"overview, while it counts  {max(counting) * 1000:6.0f} ms")
    slow = ["overview, while it counts"] if max(counting) > LIMIT else []
    while (
        "data-unfinished"
        in client.get(f"/_mock/ui/{handle.mid}/", base_url="http://localhost").text
    ):
        pass
    slow += count(client, f"/_mock/ui/{handle.mid}{PAGES['counters']}")
    for name, path in PAGES.items():
        taken = seconds(client, f"/_mock/ui/{handle.mid}{path}")
        slow += [name] if taken > LIMIT else []
        print(f"{name:26} {taken * 1000:6.0f} ms")
    for name, path in WHOLE.items():
        taken = seconds(client, f"/_mock/ui/{handle.mid}{path}")
        print(f"{name:26} {taken * 1000:6.0f} ms, looks at every event")
    for name, path in BESIDE.items():
        print(f"{name:26} {seconds(client, path) * 1000:6.0f} ms")
    accounts.close()
    if slow:
        print(f"Slower than {LIMIT * 1000:.0f} ms: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
