"""Accounts with many subscribers and events: the SQLite steps of calls, and the statements that scan tables."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.sending import advance, make_list, messages, send
from tests.support.soap_app import SoapApp

from sfmc_mock.account.recipients import Recipient
from sfmc_mock.accounts import Accounts
from sfmc_mock.seeds import parse_seed
from sfmc_mock.settings import Settings
from sfmc_mock.store import read_only_query

PAGE = 50
EVENTS_EACH = 10

SEED = """
[account]
clock = 2026-01-01T12:00:00
engagement = "quiet"
[[profile_attribute]]
name = "UniqueID"
[[data_extension]]
name = "SendLog"
template = "SendLog"
fields = [{name = "UniqueID", max_length = 200}]
[[data_extension]]
name = "People"
fields = [{name = "Key", max_length = 50, is_primary_key = true}]
rows = [{Key = "late-1"}, {Key = "late-2"}, {Key = "late-3"}]
[[data_extension]]
name = "Result"
fields = [{name = "Key", max_length = 50}]
[[triggered_send_definition]]
key = "many"
name = "many"
email = 3099626
status = "Active"
is_send_logging = true
[[triggered_send_definition]]
key = "few"
name = "few"
email = 3099626
status = "Active"
is_send_logging = true
"""
# But for DISTINCT, GROUP BY and LEFT JOIN with _ListSubscribers, of which SQLite reads both halves before it joins.
JOINS = {
    "sent": "SELECT p.[Key] FROM People p JOIN _Sent s ON s.SubscriberKey = p.[Key]",
    "opened lately": "SELECT p.[Key] FROM People p JOIN _Open o ON o.SubscriberKey = p.[Key] "
    "WHERE o.EventDate > DATEADD(day, -30, GETDATE())",
    "opened by one": "SELECT o.SubscriberKey AS [Key] FROM _Open o WHERE o.SubscriberKey = 'late-1'",
    "subscribers": "SELECT p.[Key] FROM People p JOIN _Subscribers s ON s.SubscriberKey = p.[Key]",
    "members": "SELECT p.[Key] FROM People p JOIN _ListSubscribers s ON s.SubscriberKey = p.[Key]",
    "members of a list": "SELECT s.SubscriberKey AS [Key] FROM _ListSubscribers s JOIN People p "
    "ON s.SubscriberKey = p.[Key] WHERE s.ListName = 'Newsletter' AND s.Status = 'Active'",
    "those who are members": "SELECT p.[Key] FROM People p WHERE EXISTS "
    "(SELECT 1 FROM _ListSubscribers s WHERE s.SubscriberKey = p.[Key] AND s.Status = 'Active')",
}
for _name, _text in JOINS.items():
    SEED += f"""
[[query_definition]]
key = "{_name}"
name = "{_name}"
query_text = "{_text}"
data_extension_target = "Result"
target_update_type = "Overwrite"
"""


@dataclass(frozen=True)
class Filled:
    """An account with many subscribers who all got and opened a message; three of another job came later."""

    app: SoapApp
    list_id: int
    many: int | None
    few: int | None

    def steps(self, act: Callable[[Filled], object], monkeypatch: pytest.MonkeyPatch) -> int:
        """Return the SQLite steps of an action; the first run is not counted."""
        act(self)
        count = 0

        def counted(*_: object) -> int:
            nonlocal count
            count += 1
            return 0

        connection = self.app.account.db.connection
        # A query of a QueryDefinition has a handler of its own.
        monkeypatch.setattr(read_only_query, "_STEPS", 1)
        monkeypatch.setattr(read_only_query._Guard, "interrupts", counted)
        connection.set_progress_handler(counted, 1)
        try:
            act(self)
        finally:
            connection.set_progress_handler(None, 0)
            monkeypatch.undo()
        return count


def fill(subscribers: int) -> Filled:
    accounts = Accounts()
    account = accounts.open(seed=parse_seed(SEED))

    def to(key: str) -> Recipient:
        return Recipient(key, f"{key}+open@mock.test", {"UniqueID": f"unique-{key}"})

    many = send(account, *(to(f"early-{number}") for number in range(subscribers)), key="many")
    advance(account, days=10)
    few = send(account, *(to(f"late-{number}") for number in range(3)), key="few")
    list_id = make_list(account, "Newsletter")
    with account.db.atomic():
        account.settle()
        account.db.run(
            "INSERT INTO list_subscriber (list_id, subscriber_id, status, created_at, modified_at) "
            "SELECT ?, id, 'Active', created_at, modified_at FROM subscriber",
            (list_id,),
        )
    app = SoapApp(accounts, account, Settings(page_size=PAGE))
    jobs = [messages(account, sent)[0]["job_id"] for sent in (many, few)]
    return Filled(app, list_id, *jobs)


def copies(table: str, where: str, **other: str) -> str:
    """Return a statement that copies a row `n` times with changed values; `n` is the number of the copy."""
    return (
        f"INSERT INTO {table} ({', '.join(other)}, {{0}}) "  # noqa: S608 - constants
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?) "
        f"SELECT {', '.join(other.values())}, {{0}} FROM number, (SELECT * FROM {table} WHERE {where} LIMIT 1)"
    )


def enlarge(of: Filled, subscribers: int) -> None:
    """Add subscribers who got and opened a message of the large job, before the messages of the small one."""
    db = of.app.account.db
    who, key, mail = "3000000000 + n", "'more-' || n", "'more-' || n || '@mock.test'"
    job = f"job_id = {of.many}"

    def copy(table: str, where: str, **other: str) -> None:
        columns = [str(row[1]) for row in db.rows(f"PRAGMA table_info({table})")]
        left = ", ".join(
            f'"{name}"' for name in columns if name not in {"id", "_CustomObjectKey", *other}
        )
        db.run(copies(table, where, **other).format(left), (subscribers,))

    with db.atomic():
        copy("subscriber", "true", id=who, subscriber_key=key, email_address=mail)
        copy("list_subscriber", f"list_id = {of.list_id}", subscriber_id=who)
        copy("message", job, subscriber_id=who, subscriber_key=key, email_address=mail)
        copy("rows_1", f"JobID = {of.many}", SubID=who, UniqueID=key)
        at = "strftime('%Y-%m-%dT%H:%M:%S.000', '2026-01-01T12:00:00', '+' || n || ' seconds')"
        kinds = ["Sent", "DeliveredEvent", *["Open"] * (EVENTS_EACH - 2)]
        for kind in kinds:
            of_kind = f"{job} AND type = '{kind}'"
            moment = {"happens_at": at, "visible_at": at}
            copy("event", of_kind, subscriber_id=who, subscriber_key=key, **moment)


LARGE_TABLES = ("event", "message", "subscriber", "list_subscriber", "rows_1")


def scans(of: Filled, act: Callable[[Filled], object]) -> list[str]:
    """Return those of the executed statements that scan a large table or index."""
    connection = of.app.account.db.connection
    issued: list[str] = []
    connection.set_trace_callback(issued.append)
    try:
        act(of)
    finally:
        connection.set_trace_callback(None)
    marks = ", ".join("?" * len(LARGE_TABLES))
    roots = {
        row[0]
        for row in connection.execute(
            f"SELECT rootpage FROM sqlite_schema WHERE tbl_name IN ({marks})",  # noqa: S608
            LARGE_TABLES,
        )
    }
    found = []
    for statement in dict.fromkeys(issued):
        if not statement.startswith(("SELECT", "WITH")):
            continue
        # A query of a QueryDefinition is planned with the sizes of the tables.
        is_query = statement.startswith("WITH")
        with read_only_query._sizes_known(connection) if is_query else nullcontext():
            program = connection.execute(f"EXPLAIN {statement}").fetchall()
        if is_scan(program, roots):
            found.append(statement)
    return found


def is_scan(program: list[tuple[Any, ...]], roots: set[int]) -> bool:
    """Say whether a program starts at the first row of one of the tables or indexes, and goes on to the next."""
    opened = {row[2] for row in program if row[1] == "OpenRead" and row[3] in roots}
    begun = {row[2] for row in program if row[1] == "Rewind"}
    gone_on = {row[2] for row in program if row[1] == "Next"}
    return bool(opened & begun & gone_on)
