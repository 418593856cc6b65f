# ruff: noqa: S608 - SQL is what is tested
"""QueryDefinition and AsyncActivityStatus: queries that run on the account's data."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from tests.support.messages import (
    act_on,
    fields,
    result_of,
    retrieve,
    rows,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import make_definition, make_subscriber, send

from sfmc_mock.account import Account
from sfmc_mock.account.queries import find_source
from sfmc_mock.account.query_translation import translate
from sfmc_mock.account.recipients import Recipient
from sfmc_mock.account.simulation_settings import choose_lag
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import SetupError
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.seeds import load, parse_seed
from sfmc_mock.store.data_views import DATA_VIEWS
from sfmc_mock.store.database import Database
from sfmc_mock.store.tsql.numbers import format_number
from sfmc_mock.wire.struct import Struct

PEOPLE = [
    ("ada", "Ada", "3", "2026-01-01T10:00:00", "1.50"),
    ("bob", "Bob", "5", "2025-12-24T18:30:00", "2.25"),
    ("cy", "Cy", None, None, None),
]


def field(name: str, kind: str = "Text", **more: Any) -> dict[str, Any]:
    return {"Name": name, "FieldType": kind, **more}


def extension(call: Call, name: str, *columns: dict[str, Any]) -> None:
    made = struct("DataExtension", CustomerKey=name, Name=name, Fields={"Field": list(columns)})
    assert status(write_objects(call, "Create", made))[0] == "OK"


def row(extension: str, **values: str | None) -> Struct:
    properties = [
        {"Name": name, "Value": value} for name, value in values.items() if value is not None
    ]
    return struct("DataExtensionObject", CustomerKey=extension, Properties={"Property": properties})


KEY: dict[str, Any] = {"IsPrimaryKey": True, "IsRequired": True}


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with people, and a target for results."""
    extension(
        call,
        "People",
        field("Key", MaxLength=50, **KEY),
        field("Name", MaxLength=50),
        field("Number", "Number"),
        field("Seen", "Date"),
        field("Paid", "Decimal", MaxLength=10, Scale=2),
        field("Loyal", "Boolean"),
    )
    names = ("Key", "Name", "Number", "Seen", "Paid")
    people = [row("People", **dict(zip(names, each, strict=True))) for each in PEOPLE]
    assert overall(write_objects(call, "Create", *people)) == "OK"
    extension(call, "Result", field("Key", MaxLength=50, **KEY), field("Value", MaxLength=100))
    return call


def overall(answer: Struct) -> str | None:
    return answer.text("OverallStatus")


def query(text: str, **more: Any) -> Struct:
    return struct(
        "QueryDefinition",
        {
            "CustomerKey": "q",
            "Name": "Q",
            "QueryText": text,
            "DataExtensionTarget": {"CustomerKey": "Result", "Name": "Result"},
            "TargetType": "DE",
            "TargetUpdateType": "Overwrite",
            **more,
        },
    )


def perform(call: Call, action: str = "Start", **named: str) -> Struct:
    query = struct("QueryDefinition", named or {"CustomerKey": "q"})
    return result_of(act_on(call, "Perform", action, query))


def task_of(result: Struct) -> str:
    task = result.part("Task")
    assert task is not None
    return task.text("ID") or ""


def state(call: Call, task: str, *names: str) -> dict[str, str]:
    """Return the AsyncActivityStatus of a task."""
    asked = names or ("Status", "ErrorMsg", "ProcessedCount")
    condition = simple("TaskID", "equals", task)
    (found,) = rows(retrieve(call, "AsyncActivityStatus", asked, condition))
    return found


def run(call: Call, text: str, **more: Any) -> dict[str, str]:
    """Create a query, run it, and return its status."""
    answer = write_objects(call, "Create", query(text, **more), save="UpdateAdd")
    assert status(answer)[0] == "OK", (status(answer), list(call.warnings))
    task = task_of(perform(call))
    call.account.settle()
    return state(call, task)


def results(call: Call) -> dict[str, str]:
    """Return the content of the target: values by key."""
    found = rows(retrieve(call, "DataExtensionObject[Result]", ["Key", "Value"]))
    return {each["Key"]: each["Value"] for each in found}


DONE = {"Status": "Complete", "ErrorMsg": ""}


# Running.


def test_rows_of_a_query_are_in_its_target(call: Call) -> None:
    went = run(call, "SELECT [Key], Name AS Value FROM People WHERE Number > 3")

    assert went == {**DONE, "ProcessedCount": "1"}
    assert results(call) == {"bob": "Bob"}


def test_the_result_of_a_start_names_its_task(call: Call) -> None:
    write_objects(call, "Create", query("SELECT [Key] FROM People"))

    result = perform(call, "start")

    assert result.text("StatusMessage") == "QueryDefinition perform called successfully"
    assert "OrdinalID" not in result.values
    task = result.part("Task")
    assert task is not None
    assert (task.text("StatusCode"), task.text("StatusMessage")) == ("OK", "OK")
    echo = result.part("Object")
    assert echo is not None
    assert list(echo.values) == ["ObjectID"]


def test_a_query_waits_in_an_account_whose_events_lag(call: Call) -> None:
    choose_lag(call.account, "realistic")
    write_objects(call, "Create", query("SELECT [Key] FROM People"))
    task = task_of(perform(call))
    call.account.settle()

    before = state(call, task, "Status", "StartDate")
    call.account.change_clock(lambda clock: clock.advance(timedelta(seconds=30)))

    assert before == {"Status": "Queued", "StartDate": ""}
    after = state(call, task, "Status", "StartDate", "CompletedDate", "Type", "CustomerKey")
    assert after == {
        "Status": "Complete",
        "StartDate": "1/1/2026 12:00:30 PM",
        "CompletedDate": "1/1/2026 12:00:30 PM",
        "Type": "QueryDefinition",
        "CustomerKey": "q",
    }


def test_tasks_are_object_extensions(call: Call) -> None:
    write_objects(call, "Create", query("SELECT [Key] FROM People"))
    perform(call)

    (found,) = retrieve(call, "AsyncActivityStatus", ["TaskID"]).iterfind("{*}Results")

    assert found.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "ObjectExtension"
    assert found.findtext("{*}Type") == "AsyncActivityStatus"


# Writing.


@pytest.mark.parametrize(
    ("update_type", "expected"),
    [
        ("Overwrite", {"ada": "Ada", "bob": "Bob", "cy": "Cy"}),
        ("Update", {"ada": "Ada", "bob": "Bob", "cy": "Cy", "eve": "old"}),
    ],
)
def test_a_target_is_written_as_its_update_type_says(
    call: Call, update_type: str, expected: dict[str, str]
) -> None:
    write_objects(
        call,
        "Create",
        row("Result", Key="ada", Value="old"),
        row("Result", Key="eve", Value="old"),
    )

    went = run(call, "SELECT [Key], Name AS Value FROM People", TargetUpdateType=update_type)

    assert went["Status"] == "Complete"
    assert results(call) == expected


def test_append_adds_rows_and_fails_whole_when_a_key_is_taken(call: Call) -> None:
    text = "SELECT [Key], Name AS Value FROM People"
    write_objects(call, "Create", row("Result", Key="eve", Value="old"))

    first = run(call, text, TargetUpdateType="Append")
    again = run(call, text, TargetUpdateType="Append")

    assert first["Status"] == "Complete"
    assert again["Status"] == "FatalError"
    assert again["ErrorMsg"].startswith("Violation of PRIMARY KEY constraint")
    assert results(call) == {"ada": "Ada", "bob": "Bob", "cy": "Cy", "eve": "old"}


def test_an_update_of_some_fields_leaves_the_others(call: Call) -> None:
    went = run(
        call,
        "SELECT [Key], 'x' AS Name FROM People WHERE [Key] = 'ada'",
        DataExtensionTarget={"CustomerKey": "People"},
        TargetUpdateType="Update",
    )

    assert went["Status"] == "Complete"
    condition = simple("Key", "equals", "ada")
    asked = ["Name", "Number", "Paid"]
    (found,) = rows(retrieve(call, "DataExtensionObject[People]", asked, condition))
    assert found == {"Name": "x", "Number": "3", "Paid": "1.50"}


def test_a_query_reads_its_target_as_it_was(call: Call) -> None:
    write_objects(call, "Create", row("Result", Key="ada", Value="1"))

    run(call, "SELECT [Key], Value + '1' AS Value FROM Result")

    assert results(call) == {"ada": "11"}


def test_a_value_that_does_not_fit_leaves_the_target_alone(call: Call) -> None:
    write_objects(call, "Create", row("Result", Key="eve", Value="old"))

    went = run(call, f"SELECT [Key], Name + '{'x' * 100}' AS Value FROM People")

    assert went["Status"] == "FatalError"
    assert "Value" in went["ErrorMsg"]
    assert results(call) == {"eve": "old"}


# The language.


@pytest.mark.parametrize(
    ("expression", "ada"),
    [
        ("Name + '-' + [Key]", "Ada-ada"),
        ("ISNULL(Name, 'x')", "Ada"),
        ("UPPER(LEFT(Name, 2)) + RIGHT(Name, 1)", "ADa"),
        ("LEN(Name + '  ')", "3"),
        ("CHARINDEX('D', Name)", "2"),
        ("SUBSTRING(Name, 2, 5)", "da"),
        ("REPLACE(Name, 'A', 'o')", "odo"),
        ("CONCAT(Name, NULL, Number)", "Ada3"),
        ("Number / 2", "1"),
        ("Paid * 2", "3"),
        ("CAST(Number AS VARCHAR(5)) + '!'", "3!"),
        ("TRY_CAST(Name AS INT)", ""),
        ("IIF(Number > 2, 'many', 'few')", "many"),
        ("CASE WHEN Name = 'ADA' THEN 'same' ELSE 'other' END", "same"),
        ("CONVERT(VARCHAR(10), Seen, 120)", "2026-01-01"),
        ("CONVERT(CHAR(8), Seen, 112)", "20260101"),
        ("Seen", "Jan  1 2026 10:00AM"),
        ("CONVERT(VARCHAR, DATEADD(month, 1, Seen), 101)", "02/01/2026"),
        ("DATEDIFF(hour, Seen, GETDATE())", "2"),
        ("DATEDIFF(day, '2025-12-30', Seen)", "2"),
        ("DATEPART(weekday, Seen)", "5"),
        ("DATENAME(month, Seen)", "January"),
        ("YEAR(Seen)", "2026"),
        ("FORMAT(EOMONTH(Seen), 'yyyy/MM/dd')", "2026/01/31"),
        ("CONVERT(VARCHAR(16), GETUTCDATE(), 120)", "2026-01-01 18:00"),
        ("CONVERT(VARCHAR(16), Seen + 1, 120)", "2026-01-02 10:00"),
        ("(SELECT COUNT(*) FROM People)", "3"),
        ("REPLICATE('0', 3) + SPACE(1) + CHAR(65)", "000 A"),
        ("ASCII(Name)", "65"),
        ("N'ü'", "ü"),
    ],
)
def test_expressions_mean_what_they_do_in_t_sql(call: Call, expression: str, ada: str) -> None:
    went = run(call, f"SELECT [Key], {expression} AS Value FROM People WHERE [Key] = 'Ada'")

    assert went["Status"] == "Complete", went
    assert results(call) == {"ada": ada}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Name = 'ADA'", ["ada"]),
        ("Name LIKE '[ab]%'", ["ada", "bob"]),
        ("Name NOT LIKE '%B'", ["ada", "cy"]),
        ("Name IN ('ada', 'CY')", ["ada", "cy"]),
        ("Seen >= '2026-01-01' AND Seen < '1/2/2026'", ["ada"]),
        ("Seen = '2026-01-01 10:00'", ["ada"]),
        ("CAST(Seen AS DATE) = '20251224'", ["bob"]),
        ("Seen BETWEEN DATEADD(day, -9, GETDATE()) AND GETDATE()", ["ada", "bob"]),
        ("CONVERT(DATE, Seen) = CONVERT(DATE, GETDATE())", ["ada"]),
        ("Number = '5'", ["bob"]),
        ("Paid > 2", ["bob"]),
        ("Loyal = 'True' OR Seen IS NULL", ["cy"]),
        ("EXISTS (SELECT 1 FROM [People] o WHERE o.Number > People.Number)", ["ada"]),
    ],
)
def test_conditions_mean_what_they_do_in_t_sql(
    call: Call, condition: str, found: list[str]
) -> None:
    went = run(call, f"SELECT [Key] FROM People WHERE {condition}")

    assert went["Status"] == "Complete", went
    assert sorted(results(call)) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT TOP 1 [Key] FROM ENT.[People] WITH (NOLOCK) ORDER BY Number DESC", ["bob"]),
        (
            "SELECT DISTINCT 'x' AS [Key] FROM People UNION ALL SELECT 'y' FROM People p WHERE p.Number = 3",
            ["x", "y"],
        ),
        (
            "SELECT MAX(x.k) AS [Key] FROM (SELECT [Key] k, Seen s FROM People) x WHERE x.s > '2026-01-01'",
            ["ada"],
        ),
        (
            "SELECT r.[Key] FROM (SELECT [Key], ROW_NUMBER() OVER (ORDER BY Number DESC) n FROM People) r WHERE n = 2",
            ["ada"],
        ),
        (
            "SELECT a.[Key] FROM People a JOIN People b ON a.Name = b.[Key] WHERE b.Number = 5; -- end",
            ["bob"],
        ),
    ],
)
def test_queries_of_other_shapes_run(call: Call, text: str, expected: list[str]) -> None:
    went = run(call, text)

    assert went["Status"] == "Complete", went
    assert sorted(results(call)) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "DELETE FROM People",
            "Only SELECT queries are valid. Select must be the first word of the query.",
        ),
        ("WITH x AS (SELECT 1 AS [Key]) SELECT [Key] FROM x", "Only SELECT queries are valid."),
        ("SELECT [Key] FROM People; DROP TABLE setting", "Only SELECT queries are valid."),
        ("SELECT [Key] INTO other FROM People", "SELECT INTO in a query is not emulated."),
        (
            "SELECT name AS [Key] FROM setting",
            "setting is not a known data extension or system data view.",
        ),
        ("SELECT name AS [Key] FROM sqlite_master", "sqlite_master is not a known data extension"),
        ("SELECT nope AS [Key] FROM People", "Invalid column name 'nope'."),
        ("SELECT LOAD_EXTENSION('x') AS [Key] FROM People", "'LOAD_EXTENSION' is not a recognized"),
        ("SELECT [Key] FROM People WHERE", "Incorrect syntax"),
        ("SELECT DATEDIFF(day, 9999999999999, Seen) AS [Key] FROM People", "Incorrect syntax"),
        ("SELECT CONVERT((VARCHAR(9), Name]), 2) AS Value FROM People", "Incorrect syntax"),
        ("SELECT CONVERT([Key]) AS [Key] FROM People", "Incorrect syntax"),
        ("SELECT [Key], Number + 1 FROM People", "No column name was specified for column 2."),
        ("SELECT [Key], [Key] FROM People", "The column 'Key' was specified multiple times."),
        (
            "SELECT [Key], 1 AS Other FROM People",
            "The target data extension Result has no field 'Other'.",
        ),
        ("SELECT Name AS Value FROM People", "no value for the required field 'Key' of Result"),
        ("SELECT @x AS [Key] FROM People", 'Must declare the scalar variable "@x".'),
        (
            "SELECT p.[Key] FROM People p CROSS APPLY OPENJSON(p.Name) j",
            "APPLY with OPENJSON in a query is not emulated",
        ),
        (
            "SELECT p.[Key], o.Name AS Value FROM People p CROSS APPLY (SELECT Name FROM People) o",
            "APPLY with a SELECT of several rows in a query is not emulated",
        ),
        ("SELECT CHECKSUM(Name) AS [Key] FROM People", "CHECKSUM in a query is not emulated."),
        ("SELECT QUOTENAME(Name) AS [Key] FROM People", "QUOTENAME in a query is not emulated."),
        ("SELECT [Key], JSON_VALUE(Name, '$.a') AS Value FROM People", "JSON_VALUE in a query"),
        (
            "SELECT 1 AS [Key], STRING_AGG(DISTINCT Name, ',') AS Value FROM People",
            "STRING_AGG takes no DISTINCT",
        ),
        (
            "SELECT * FROM (SELECT * FROM People) s PIVOT (MAX(Name) FOR [Key] IN ([ada])) p",
            "PIVOT of SELECT * is not emulated: name the columns.",
        ),
        (
            "SELECT TOP 5 WITH TIES [Key] FROM People ORDER BY Number",
            "TOP WITH TIES in a query is not emulated.",
        ),
        (
            "SELECT [Key], FORMAT(Number, 'N', 'de-DE') AS Value FROM People",
            "FORMAT of a number in the culture de-DE is not emulated.",
        ),
        ("SELECT RAND() AS [Key] FROM People", "RAND in a query is not emulated."),
        ("SELECT " + "(" * 500 + "1" + ")" * 500 + " AS [Key]", "nested too deeply"),
        ("SELECT '" + "x" * 16_000 + "' AS [Key]", "more than 16,000 characters"),
    ],
)
def test_a_query_that_cannot_run_is_not_saved(call: Call, text: str, reason: str) -> None:
    answer = write_objects(call, "Create", query(text))

    code, message, number = status(answer)
    assert (code, number) == ("Error", 2)
    assert (message or "").startswith("Exception occurred during [CreateQueryDefinition] ErrorID: ")
    assert any(reason in each for each in call.warnings), list(call.warnings)
    assert call.account.db.count("query_definition") == 0


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("Number / 0", "Divide by zero error encountered."),
        (
            "CAST(Name AS INT)",
            "Conversion failed when converting the nvarchar value 'Ada' to data type int.",
        ),
        (
            "CASE WHEN Number = -1 THEN Seen ELSE Name END",
            "Conversion failed when converting date and/or time from character string.",
        ),
        (
            "LEN(REPLACE(REPLICATE('a', 8000), 'a', REPLICATE('b', 8000)))",
            "A text of the query is longer than the emulator lets it be.",
        ),
    ],
)
def test_a_query_that_fails_while_it_runs_sets_the_status_of_the_task(
    call: Call, expression: str, reason: str
) -> None:
    went = run(call, f"SELECT [Key], {expression} AS Value FROM People WHERE [Key] = 'ada'")

    assert went == {"Status": "FatalError", "ErrorMsg": reason, "ProcessedCount": "0"}


def test_a_fault_of_the_emulator_ends_the_task_and_nothing_else(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OverflowError("too large")

    write_objects(call, "Create", query("SELECT [Key] FROM People"))
    monkeypatch.setattr("sfmc_mock.account.queries.run_query", fail)
    task = task_of(perform(call))

    call.account.settle()

    assert state(call, task)["ErrorMsg"] == "The emulator failed: OverflowError: too large"
    assert [repr(each) for each in call.account.problems] == ["OverflowError('too large')"]
    call.account.problems.clear()
    (warning,) = call.account.take_warnings()
    assert warning.startswith("activity run of QueryDefinition q, due at ")
    call.account.settle()


def test_a_query_that_runs_too_long_is_stopped(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    write_objects(call, "Create", query("SELECT [Key] FROM People"))
    many = ", ".join(f"People p{number}" for number in range(9))
    text = f"SELECT COUNT(*) AS [Key] FROM {many}"
    call.account.db.update("query_definition", {"query_text": text})
    monkeypatch.setattr("sfmc_mock.account.queries.QUERY_SECONDS", 0.0)

    task = task_of(perform(call))
    call.account.settle()

    assert state(call, task)["ErrorMsg"] == "The query ran longer than the emulator lets it."


def test_a_query_has_no_more_than_so_many_rows(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfmc_mock.account.queries.QUERY_ROWS", 2)

    went = run(call, "SELECT [Key] FROM People")

    assert went["ErrorMsg"] == "The query has more than 2 rows, which is the emulator's limit."


def test_after_a_query_the_account_can_be_written(call: Call) -> None:
    run(call, "SELECT [Key], 1 / 0 AS Value FROM People")

    assert overall(write_objects(call, "Create", row("Result", Key="new"))) == "OK"


def test_a_query_without_its_target_fails(call: Call) -> None:
    write_objects(call, "Create", query("SELECT [Key] FROM People"))
    write_objects(call, "Delete", struct("DataExtension", CustomerKey="Result"))

    task = task_of(perform(call))
    call.account.settle()

    assert state(call, task)["ErrorMsg"] == "The target data extension does not exist."


def test_a_start_of_what_is_not_there_is_refused(call: Call) -> None:
    result = perform(call, CustomerKey="nobody's")

    assert (result.text("StatusMessage") or "").startswith(
        "Exception occurred during [Schedule::Start] ErrorID = "
    )
    assert result.number("ErrorCode") == 2


def test_another_action_is_refused(call: Call) -> None:
    write_objects(call, "Create", query("SELECT [Key] FROM People"))

    result = perform(call, "pause")

    assert (result.text("StatusMessage") or "").startswith("pause is not an action that can be")


def test_an_update_to_a_query_that_cannot_run_is_refused(call: Call) -> None:
    write_objects(call, "Create", query("SELECT [Key] FROM People"))

    changed = struct("QueryDefinition", CustomerKey="q", QueryText="SELECT x AS [Key] FROM People")
    answer = write_objects(call, "Update", changed)

    assert status(answer)[0] == "Error"
    (found,) = fields(retrieve(call, "QueryDefinition", ["QueryText"]))
    assert found["QueryText"] == "SELECT [Key] FROM People"


def test_the_target_of_a_query_is_retrieved(call: Call) -> None:
    write_objects(call, "Create", query("SELECT [Key] FROM People", TargetUpdateType="append"))

    asked = ["Name", "DataExtensionTarget.Name", "TargetUpdateType", "TargetType", "Status"]
    (found,) = fields(
        retrieve(call, "QueryDefinition", asked, simple("Status", "equals", "Active"))
    )

    assert found == {
        "Name": "Q",
        "DataExtensionTarget.Name": "Result",
        "TargetUpdateType": "Append",
        "TargetType": "DE",
        "Status": "Active",
    }


# Data views.


@pytest.fixture
def sending(call: Call) -> Call:
    """An account with sends that were opened twice, clicked, bounced, unsubscribed and complained about."""

    def to(key: str, labels: str = "") -> Recipient:
        return Recipient(key, f"{key}+{labels or key}@mock.test", {})

    make_definition(call.account)
    make_subscriber(call.account, "held", status="Held")
    send(call.account, *map(to, ("open", "click", "hardbounce", "unsub", "complaint")))
    send(call.account, to("open"), to("later", "open+after-9d"))
    call.account.settle()
    return call


VIEWED = {
    "SELECT SubscriberKey AS [Key], COUNT(*) AS Value FROM _Sent GROUP BY SubscriberKey "
    "HAVING COUNT(*) > 1": {"open": "2"},
    "SELECT MAX(Domain) AS [Key], COUNT(*) AS Value FROM _Open": {"mock.test": "3"},
    "SELECT SubscriberKey AS [Key], IsUnique AS Value FROM _Click": {"click": "1"},
    "SELECT SubscriberKey AS [Key], BounceCategory AS Value FROM _Bounce": {
        "hardbounce": "Hard bounce"
    },
    "SELECT SubscriberKey AS [Key] FROM _Unsubscribe": {"unsub": "", "complaint": ""},
    "SELECT SubscriberKey AS [Key] FROM _Complaint": {"complaint": ""},
    "SELECT SubscriberKey AS [Key], Status AS Value FROM _Subscribers WHERE Status = 'HELD'": {
        "held": "Held"
    },
    "SELECT MAX(ListName) AS [Key], COUNT(*) AS Value FROM _ListSubscribers": {
        "All Subscribers": "7"
    },
    "SELECT MAX(j.TriggeredSendCustomerKey) AS [Key], COUNT(DISTINCT s.SubscriberID) AS Value "
    "FROM _Job j JOIN _Sent s ON s.JobID = j.JobID": {"welcome": "6"},
}


@pytest.mark.parametrize(("text", "expected"), VIEWED.items())
def test_a_data_view_shows_what_happened(
    sending: Call, text: str, expected: dict[str, str]
) -> None:
    went = run(sending, text)

    assert went["Status"] == "Complete", went
    assert results(sending) == expected


@pytest.mark.parametrize("name", DATA_VIEWS)
def test_every_data_view_can_be_read_whole(sending: Call, name: str) -> None:
    source = find_source(sending.account, name)
    assert source is not None
    extension(sending, "Whole", *(field(each, MaxLength=4000) for each in source.kinds))

    went = run(sending, f"SELECT * FROM {name}", DataExtensionTarget={"CustomerKey": "Whole"})

    assert went["Status"] == "Complete", went
    assert int(went["ProcessedCount"]) > 0


def test_data_views_go_six_months_back(sending: Call) -> None:
    sending.account.change_clock(lambda clock: clock.advance(timedelta(days=190)))

    went = run(sending, "SELECT DISTINCT SubscriberKey AS [Key] FROM _Open")

    assert went["ProcessedCount"] == "1"
    assert list(results(sending)) == ["later"]


def test_a_join_with_tracking_uses_its_index(sending: Call) -> None:
    """Scanning the events for each subscriber would take minutes with a million events."""
    text = (
        "SELECT p.[Key] FROM People p JOIN _Open o ON o.SubscriberKey = p.[Key] "
        "WHERE o.EventDate > DATEADD(day, -30, GETDATE())"
    )
    translated = translate(text, lambda name: find_source(sending.account, name))
    bound = {"now": "", "utc_now": "", "since": ""}
    functions = {"tsql_dateadd": 3, "tsql_datetime": 1}
    for name, arity in functions.items():
        sending.account.db.connection.create_function(name, arity, lambda *_: "")

    plan = sending.account.db.rows(f"EXPLAIN QUERY PLAN {translated.sql}", bound)

    steps = [step[3] for step in plan]
    assert any(step.startswith("SEARCH e ") for step in steps), steps
    assert not any(step.startswith("SCAN e") for step in steps), steps


# Seed files.

SEED = """
[[data_extension]]
name = "Copy"
key = "copy"
fields = [{name = "SubscriberKey", max_length = 254}]

[[query_definition]]
key = "copy-all"
name = "Copy all"
query_text = "SELECT SubscriberKey FROM _Subscribers"
data_extension_target = "copy"
"""


def test_a_seed_file_gives_a_query() -> None:
    account = Account(Database(), due_actions=DUE_ACTIONS)
    load(account, parse_seed(SEED))

    task = task_of(perform(Call(account), CustomerKey="copy-all"))
    account.settle()

    assert state(Call(account), task)["Status"] == "Complete"
    account.db.close()


def test_a_query_of_a_seed_file_that_cannot_run_is_refused() -> None:
    db = Database()

    with pytest.raises(SetupError, match=r"query_text.*Invalid column name 'Nope'"):
        load(Account(db), parse_seed(SEED.replace("SELECT SubscriberKey", "SELECT Nope")))

    db.close()


# Clauses that SQLite does not have.


def test_hashbytes_hashes_bytes_as_sql_server_has_them(call: Call) -> None:
    run(
        call,
        "SELECT [Key], CONVERT(VARCHAR(100), HASHBYTES('SHA2_256', LOWER(Name)), 2) AS Value FROM People "
        "WHERE [Key] = 'ada' "
        "UNION SELECT '2', CONVERT(VARCHAR(100), HASHBYTES('SHA1', 'Ada'), 1) AS Value FROM People "
        "UNION SELECT '3', LOWER(CONVERT(VARCHAR(100), HASHBYTES('MD5', N'Ada'), 2)) AS Value FROM People "
        "UNION SELECT '4', CONVERT(VARCHAR(8), HASHBYTES('SHA2_512', CAST(Name AS VARCHAR(10))), 2) AS Value "
        "FROM People WHERE [Key] = 'ada'",
    )

    wide = "Ada".encode("utf-16-le")
    assert results(call) == {
        "ada": hashlib.sha256("ada".encode("utf-16-le")).hexdigest().upper(),
        "2": "0x" + hashlib.sha1(b"Ada", usedforsecurity=False).hexdigest().upper(),
        "3": hashlib.md5(wide, usedforsecurity=False).hexdigest(),
        "4": hashlib.sha512(b"Ada").hexdigest().upper()[:8],
    }


def test_string_agg_keeps_the_order_of_within_group(call: Call) -> None:
    run(
        call,
        "SELECT 'down' AS [Key], STRING_AGG(Name, ', ') WITHIN GROUP (ORDER BY Name DESC) AS Value FROM People "
        "UNION ALL SELECT 'by number', STRING_AGG(Name, '|') WITHIN GROUP (ORDER BY Number, Name) FROM People "
        "UNION ALL SELECT 'numbers', STRING_AGG(Number, '+') WITHIN GROUP (ORDER BY Number DESC) FROM People "
        "UNION ALL SELECT 'none', STRING_AGG(Name, ',') FROM People WHERE 1 = 0",
    )

    assert results(call) == {
        "down": "Cy, Bob, Ada",
        "by number": "Cy|Ada|Bob",
        "numbers": "5+3",
        "none": "",
    }


def test_at_time_zone_shifts_times(call: Call) -> None:
    extension(call, "Times", field("Key", MaxLength=50, **KEY), field("At", "Date"))
    run(
        call,
        "SELECT 'winter' AS [Key], CAST('2026-01-01 12:00' AS DATETIME) AT TIME ZONE "
        "'Central America Standard Time' AT TIME ZONE 'W. Europe Standard Time' AS At FROM People "
        "UNION SELECT 'summer', CAST('2026-07-01 12:00' AS DATETIME) AT TIME ZONE 'Central America Standard Time' "
        "AT TIME ZONE 'W. Europe Standard Time' FROM People "
        "UNION SELECT 'same', CAST('2026-07-01 12:00' AS DATETIME) AT TIME ZONE 'utc' FROM People "
        "UNION SELECT 'later', DATEADD(hour, 1, CAST('2026-07-01 12:00' AS DATETIME) AT TIME ZONE 'UTC' "
        "AT TIME ZONE 'India Standard Time') FROM People "
        "UNION SELECT 'none', Seen AT TIME ZONE 'UTC' FROM People WHERE [Key] = 'cy'",
        DataExtensionTarget={"CustomerKey": "Times"},
    )

    found = rows(retrieve(call, "DataExtensionObject[Times]", ["Key", "At"]))
    assert {each["Key"]: each["At"] for each in found} == {
        "winter": "1/1/2026 7:00:00 PM",
        "summer": "7/1/2026 8:00:00 PM",
        "same": "7/1/2026 12:00:00 PM",
        "later": "7/1/2026 6:30:00 PM",
        "none": "",
    }


def test_a_time_zone_that_is_none_ends_the_query(call: Call) -> None:
    went = run(call, "SELECT [Key], Seen AT TIME ZONE 'Nowhere' AS Value FROM People")

    assert went["Status"] == "FatalError"
    assert went["ErrorMsg"] == (
        "The time zone parameter 'Nowhere' provided to AT TIME ZONE clause is invalid."
    )


def test_string_split_gives_a_row_for_each_part(call: Call) -> None:
    write_objects(call, "Create", row("People", Key="x", Name="a,b"))

    run(
        call,
        "SELECT CONCAT(p.[Key], s.value) AS [Key], s.value AS Value FROM People p "
        "CROSS APPLY STRING_SPLIT(p.Name, ',') s WHERE p.[Key] = 'x'",
    )
    assert results(call) == {"xa": "a", "xb": "b"}

    run(call, "SELECT value AS [Key], 'v' AS Value FROM STRING_SPLIT('1 2', ' ')")
    assert results(call) == {"1": "v", "2": "v"}

    run(
        call,
        "SELECT p.[Key], s.value AS Value FROM People p OUTER APPLY STRING_SPLIT(NULL, ',') s "
        "WHERE p.[Key] = 'ada'",
    )
    assert results(call) == {"ada": ""}


@pytest.fixture
def orders(call: Call) -> Call:
    """The account with orders of people."""
    extension(
        call,
        "Orders",
        field("No", "Number", **KEY),
        field("Person", MaxLength=50),
        field("Month", MaxLength=3),
        field("Total", "Number"),
    )
    for number, person, month, total in (
        ("1", "ada", "Jan", "10"),
        ("2", "ada", "Feb", "20"),
        ("3", "bob", "Jan", "5"),
        ("4", "ada", "Jan", "1"),
    ):
        write_objects(
            call, "Create", row("Orders", No=number, Person=person, Month=month, Total=total)
        )
    return call


LATEST = (
    "SELECT p.[Key], o.Total AS Value FROM People p {} APPLY "
    "(SELECT TOP 1 Total FROM Orders o WHERE o.Person = p.[Key] ORDER BY o.No DESC) o"
)


def test_apply_takes_one_row_for_each(orders: Call) -> None:
    run(orders, LATEST.format("CROSS"))
    assert results(orders) == {"ada": "1", "bob": "5"}

    run(orders, LATEST.format("OUTER"))
    assert results(orders) == {"ada": "1", "bob": "5", "cy": ""}

    run(
        orders,
        "SELECT p.[Key], c.Number + c.Sum AS Value FROM People p CROSS APPLY "
        "(SELECT COUNT(*) AS Number, COALESCE(SUM(Total), 0) AS Sum FROM Orders o WHERE o.Person = p.[Key]) c",
    )
    assert results(orders) == {"ada": "34", "bob": "6", "cy": "0"}


def test_pivot_makes_columns_of_values(orders: Call) -> None:
    run(
        orders,
        "SELECT Person AS [Key], CONCAT([Jan], '/', [Feb]) AS Value FROM "
        "(SELECT Person, Month, Total FROM Orders) s PIVOT (SUM(Total) FOR Month IN ([Jan], [Feb])) AS p",
    )
    assert results(orders) == {"ada": "11/20", "bob": "5/"}

    run(
        orders,
        "SELECT 'all' AS [Key], CONCAT(p.[1], p.[2]) AS Value FROM (SELECT No, Person FROM Orders) s "
        "PIVOT (MAX(Person) FOR No IN ([1], [2])) p",
    )
    assert results(orders) == {"all": "adaada"}


def test_unpivot_makes_rows_of_columns(orders: Call) -> None:
    run(
        orders,
        "SELECT CONCAT(u.No, u.What) AS [Key], u.Text AS Value FROM (SELECT No, Person, Month FROM Orders) s "
        "UNPIVOT (Text FOR What IN (Person, Month)) u WHERE u.No < 2",
    )
    assert results(orders) == {"1Person": "ada", "1Month": "Jan"}


def test_top_takes_a_percentage_of_all_rows(call: Call) -> None:
    run(call, "SELECT TOP 34 PERCENT [Key], Name AS Value FROM People ORDER BY Name DESC")
    assert results(call) == {"cy": "Cy", "bob": "Bob"}

    run(call, "SELECT TOP 100 PERCENT [Key], Name AS Value FROM People WHERE Number > 3")
    assert results(call) == {"bob": "Bob"}


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1234.5, "N2", "1,234.50"),
        (1234.567, "N", "1,234.57"),
        (-1234.5, "C", "-$1,234.50"),
        (0.256, "P1", "25.6%"),
        (42, "D5", "00042"),
        (-42, "D", "-42"),
        (1234.5, "F0", "1235"),
        (12.50, "G", "12.5"),
        (1234567, "#,##0", "1,234,567"),
        (0.5, "0.00", "0.50"),
        (0.5, "#.##", ".5"),
        (7, "000", "007"),
        (-0.001, "0.00", "0.00"),
        (0.25, "0%", "25%"),
        (12, "No 0", "No 12"),
    ],
)
def test_numbers_are_written_by_a_pattern(value: float, pattern: str, text: str) -> None:
    assert format_number(value, pattern) == text


def test_a_query_formats_numbers(call: Call) -> None:
    run(call, "SELECT [Key], FORMAT(Paid * 1000, '#,##0.0') AS Value FROM People WHERE Paid > 2")

    assert results(call) == {"bob": "2,250.0"}
