"""Extract and related objects: files with rows and tracking data in the FTP folder."""

from __future__ import annotations

import csv
import io
import resource
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.support.messages import (
    fields,
    retrieve,
    rows,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import make_definition, make_subscriber, send

from sfmc_mock.account import Account, extracts, ftp_folder
from sfmc_mock.account.extracts import (
    COMPRESSION_EXTRACT,
    DATA_EXTENSION_EXTRACT,
    TRACKING_EXTRACT,
)
from sfmc_mock.account.recipients import Recipient
from sfmc_mock.account.simulation_settings import choose_lag
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

ROWS, TRACKING, ZIP = (
    each.id for each in (DATA_EXTENSION_EXTRACT, TRACKING_EXTRACT, COMPRESSION_EXTRACT)
)


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with a data extension of two people."""
    columns: list[dict[str, Any]] = [
        {
            "Name": "Key",
            "FieldType": "Text",
            "MaxLength": 20,
            "IsPrimaryKey": True,
            "IsRequired": True,
        },
        {"Name": "Name", "FieldType": "Text", "MaxLength": 50},
        {"Name": "Seen", "FieldType": "Date"},
        {"Name": "Loyal", "FieldType": "Boolean"},
    ]
    made = struct("DataExtension", CustomerKey="people", Name="People", Fields={"Field": columns})
    assert status(write_objects(call, "Create", made))[0] == "OK"
    for values in (
        {"Key": "1", "Name": 'Äda, "first"', "Seen": "2026-01-01T10:00:00", "Loyal": "true"},
        {"Key": "2"},
    ):
        properties = [{"Name": name, "Value": value} for name, value in values.items()]
        row = struct(
            "DataExtensionObject", CustomerKey="people", Properties={"Property": properties}
        )
        assert status(write_objects(call, "Create", row))[0] == "OK"
    return call


def extract(call: Call, extract_id: str, more: Any = None, /, **given: str) -> Struct:
    """Return the only result of an Extract."""
    parameters = [{"Name": name, "Value": value} for name, value in given.items()]
    request = struct("ExtractRequest", {"ID": extract_id, **(more or {})})
    request.values["Parameters"] = struct("ExtractRequest.Parameters", Parameter=parameters)
    call.warnings.clear()
    answer = OPERATIONS["Extract"](call, Struct("ExtractRequestMsg", {"Requests": [request]}))
    wrapper = answer.part("Results")
    assert wrapper is not None
    (result,) = wrapper.parts("ExtractResult")
    assert answer.text("OverallStatus") == result.text("StatusCode")
    call.account.settle()
    return result


def said(result: Struct) -> tuple[str | None, str | None, int]:
    return (
        result.text("StatusCode"),
        result.text("StatusMessage"),
        result.number("ErrorCode") or 0,
    )


OK = ("OK", "OK", 0)
PEOPLE = {"DECustomerKey": "people", "OutputFileName": "people.csv"}
JANUARY = {"StartDate": "2026-01-01T00:00:00", "EndDate": "1/2/2026", "OutputFileName": "t.zip"}


# Rows.


def test_rows_of_a_data_extension_are_in_the_file(call: Call) -> None:
    assert said(extract(call, ROWS, **PEOPLE)) == OK

    text = call.account.files.read("export/people.csv").decode()
    assert text.split("\r\n") == [
        "Key,Name,Seen,Loyal",
        '1,"Äda, ""first""",1/1/2026 10:00:00 AM,True',
        "2,,,",
        "",
    ]
    (activity,) = rows(retrieve(call, "AsyncActivityStatus", ["Type", "Status", "ProcessedCount"]))
    assert activity == {"Type": "ExtractRequest", "Status": "Complete", "ProcessedCount": "2"}


def test_parameters_say_how_the_file_is_written(call: Call) -> None:
    given = {
        **PEOPLE,
        "outputfilename": "out/%%Year%%-%%Month%%.txt",
        "HasColumnHeaders": "False",
        "ColumnDelimiter": "Pipe",
        "CharacterEncoding": "utf-16",
    }
    del given["OutputFileName"]

    assert said(extract(call, ROWS, **given)) == OK

    text = call.account.files.read("out/2026-01.txt").decode("utf-16")
    assert text.splitlines()[0] == '1|"Äda, ""first"""|1/1/2026 10:00:00 AM|True'


def test_an_extract_waits_in_an_account_that_lags(call: Call) -> None:
    choose_lag(call.account, "realistic")
    assert said(extract(call, ROWS, **PEOPLE)) == OK
    assert not call.account.files.has("export/people.csv")

    call.account.change_clock(lambda clock: clock.advance(timedelta(seconds=30)))

    assert call.account.files.has("export/people.csv")


def test_a_definition_gives_the_values(call: Call) -> None:
    values = [{"Name": name, "Value": value} for name, value in PEOPLE.items()]
    definition = struct(
        "ExtractDefinition", CustomerKey="d", Name="D", PackageKey=ROWS, Values={"Value": values}
    )
    assert status(write_objects(call, "Create", definition))[0] == "OK"

    named = extract(call, "", {"Definition": {"CustomerKey": "d"}}, OutputFileName="other.csv")
    described = extract(call, "", {"Description": {"ObjectID": ROWS}}, **PEOPLE)

    call.account.files.remove("export/people.csv")
    start(call, "ExtractDefinition", "d")

    assert (said(named), said(described)) == (OK, OK)
    assert [each.name for each in call.account.files.files()] == [
        "export/other.csv",
        "export/people.csv",
    ]


def test_a_definition_with_a_value_that_has_no_name_is_refused(call: Call) -> None:
    values = {"Value": [{"Value": "people"}]}
    definition = struct(
        "ExtractDefinition", CustomerKey="d", Name="D", PackageKey=ROWS, Values=values
    )
    assert status(write_objects(call, "Create", definition))[0] == "OK"

    result = extract(call, "", {"Definition": {"CustomerKey": "d"}}, **PEOPLE)

    assert said(result) == ("Error", "ExtractInvalid Parameter Name", 31005)


def test_extracts_and_their_parameters_are_described(call: Call) -> None:
    found = fields(
        retrieve(
            call,
            "ExtractDescription",
            ["ObjectID", "Name", "Parameters"],
            simple("Name", "equals", "Data Extension Extract"),
        )
    )

    assert [(each["ObjectID"], each["Name"]) for each in found] == [
        (ROWS, "Data Extension Extract")
    ]
    assert found[0]["Parameters.Parameter.DataType"] == "integer"
    assert fields(retrieve(call, "FileTransferLocation", ["CustomerKey"])) == [
        {"CustomerKey": "ExactTarget Enhanced FTP"}
    ]


# Tracking.


def archive(call: Call, name: str) -> dict[str, list[list[str]]]:
    """Return the files of a ZIP file, row by row."""
    with zipfile.ZipFile(io.BytesIO(call.account.files.read(name))) as found:
        return {
            each: list(csv.reader(io.StringIO(found.read(each).decode())))
            for each in found.namelist()
        }


def test_tracking_is_in_a_zip_file(call: Call) -> None:
    make_definition(call.account)
    make_subscriber(call.account, "ada", "ada+click@mock.test")
    send(call.account, Recipient("ada", "ada+click@mock.test"))
    call.account.change_clock(lambda clock: clock.advance(timedelta(days=1)))

    assert said(extract(call, TRACKING, **{**JANUARY, "EndDate": "2026-02-01"})) == OK

    found = archive(call, "export/t.zip")
    assert set(found) == {
        *("Sent.csv", "Opens.csv", "Clicks.csv", "Bounces.csv", "Unsubs.csv", "Complaints.csv"),
        *("SendJobs.csv", "Subscribers.csv"),
    }
    sent = dict(zip(*found["Sent.csv"], strict=True))
    assert sent["SubscriberKey"] == "ada"
    assert sent["EmailAddress"] == "ada+click@mock.test"
    assert (sent["EventType"], sent["ClientID"]) == ("Sent", str(call.account.mid))
    assert sent["EventDate"].startswith("1/1/2026 12:00")
    assert len(found["Clicks.csv"]) == 2
    assert dict(zip(*found["Clicks.csv"], strict=True))["URL"].startswith("http")
    assert len(found["SendJobs.csv"]) == 2
    assert found["Subscribers.csv"][1][0] == "ada"


def test_only_the_tracking_that_was_asked_for_is_written(call: Call) -> None:
    make_definition(call.account)
    make_subscriber(call.account, "ada", "ada@mock.test")
    send(call.account, Recipient("ada", "ada@mock.test"))

    before = {**JANUARY, "StartDate": "2025-01-01", "EndDate": "2026-01-01T12:00:00"}
    extract(call, TRACKING, **before, ExtractSent="true", Format="tab")

    assert list(archive(call, "export/t.zip")) == ["Sent.csv"]
    assert len(archive(call, "export/t.zip")["Sent.csv"]) == 1


# Refusals.


@pytest.mark.parametrize(
    ("extract_id", "given", "refusal"),
    [
        ("", {}, (31000, "Extract Invalid ID")),
        ("no guid", {}, (31000, "Extract Invalid ID")),
        ("00000000-0000-0000-0000-000000000000", {}, (31001, "Extract Unknown ID")),
        (ROWS, {**PEOPLE, "Nothing": "x"}, (31005, "ExtractInvalid Parameter Name")),
        (ROWS, {"OutputFileName": "x"}, (31006, "Missing required parameter: DECustomerKey")),
        (
            ROWS,
            {**PEOPLE, "HasColumnHeaders": "perhaps"},
            (
                31007,
                "Parameter HasColumnHeaders has an invalid value of perhaps for parameter of type: bool",
            ),
        ),
        (
            TRACKING,
            {**JANUARY, "StartDate": "soon"},
            (
                31007,
                "Parameter StartDate has an invalid value of soon for parameter of type: datetime",
            ),
        ),
        (
            TRACKING,
            {**JANUARY, "Format": "xml"},
            (31007, "Parameter Format has an invalid value of xml for parameter of type: dropdown"),
        ),
        (
            ROWS,
            {**PEOPLE, "_AsyncID": "x"},
            (31007, "Parameter _AsyncID has an invalid value of x for parameter of type: integer"),
        ),
        (
            ZIP,
            {"InputFileName": "none.csv", "OutputFileName": "x.zip"},
            (31008, "Input file not found: none.csv for parameter: InputFileName"),
        ),
        (ROWS, {**PEOPLE, "OutputFileName": "../../x.csv"}, (31009, "No file path available")),
    ],
)
def test_an_invalid_extract_is_refused(
    call: Call, extract_id: str, given: dict[str, str], refusal: tuple[int, str]
) -> None:
    result = extract(call, extract_id, **given)

    code, text = refusal
    assert said(result) == ("Error", text, code)
    assert call.account.files.files() == []


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        ("Data Extract", (31003, "ExtractNo Data Extract BR")),
        ("Enhanced FTP", (31004, "ExtractNo Enhanced FTP BR")),
    ],
)
def test_a_business_rule_takes_the_right_away(
    call: Call, rule: str, refusal: tuple[int, str]
) -> None:
    account = Account(Database(), due_actions=DUE_ACTIONS)
    load(account, parse_seed(f'[[business_rule]]\nname = "{rule}"\nquality = "Off"\n'))

    result = extract(Call(account), ROWS, **PEOPLE)

    assert said(result) == ("Error", refusal[1], refusal[0])
    account.db.close()


def test_the_extract_of_another_account_is_refused(call: Call) -> None:
    result = extract(call, ROWS, {"Client": {"ID": 1}}, **PEOPLE)

    assert said(result) == ("Error", "User does not have access to the Extract ID", 31002)


@pytest.mark.parametrize(
    ("extract_id", "scope"), [(ROWS, "data_extensions_read"), (TRACKING, "tracking_events_read")]
)
def test_a_caller_without_the_scope_is_refused(call: Call, extract_id: str, scope: str) -> None:
    call.scopes = frozenset({"email_read"})
    refused = said(extract(call, extract_id, **(PEOPLE if extract_id == ROWS else JANUARY)))
    call.scopes = frozenset({scope})
    done = said(extract(call, extract_id, **(PEOPLE if extract_id == ROWS else JANUARY)))

    assert refused == ("Error", "User does not have access to the Extract ID", 31002)
    assert done == OK


def test_one_refused_extract_leaves_the_others(call: Call) -> None:
    requests = [
        struct("ExtractRequest", ID=ROWS),
        struct(
            "ExtractRequest",
            ID=ROWS,
            Parameters={
                "Parameter": [{"Name": name, "Value": value} for name, value in PEOPLE.items()]
            },
        ),
    ]

    answer = OPERATIONS["Extract"](call, Struct("ExtractRequestMsg", {"Requests": requests}))
    call.account.settle()

    assert answer.text("OverallStatus") == "Has Errors"
    assert call.account.files.has("export/people.csv")


def test_a_property_without_effect_is_a_warning(call: Call) -> None:
    extract(call, ROWS, **PEOPLE, NotifyEmail="ada@mock.test")

    assert any("no mail is sent" in each for each in call.warnings)


def failure(call: Call) -> str:
    (found,) = rows(
        retrieve(
            call, "AsyncActivityStatus", ["ErrorMsg"], simple("Status", "equals", "FatalError")
        )
    )
    return found["ErrorMsg"]


def test_an_extract_that_fails_says_why(call: Call) -> None:
    assert said(extract(call, ROWS, DECustomerKey="none", OutputFileName="x.csv")) == OK

    assert failure(call) == "There is no data extension with the key none."


def test_an_extract_that_is_too_large_leaves_no_file(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ftp_folder, "FTP_BYTES", 30)

    extract(call, ROWS, **PEOPLE)

    assert "more than 30 bytes" in failure(call)
    assert call.account.files.files() == []


@pytest.mark.parametrize("extract_id", [ROWS, TRACKING])
def test_an_extract_that_fails_releases_the_lock_of_the_account(
    call: Call, monkeypatch: pytest.MonkeyPatch, extract_id: str
) -> None:
    def fail(file: object, rows: Iterator[list[str]], *_: object, **__: object) -> int:
        assert next(rows)
        raise ValueError("no more")

    monkeypatch.setattr(extracts, "_write_rows", fail)
    kind = extracts.kind_named(extract_id)
    assert kind is not None
    make_subscriber(call.account, "ada")
    given = PEOPLE
    if extract_id == TRACKING:
        dates = {"StartDate": "1/1/2020", "EndDate": "1/1/2030"}
        given = {"OutputFileName": "t.zip", "ExtractSubscribers": "True", **dates}

    with pytest.raises(ValueError, match="no more") as failed:
        extracts.write_extract(call.account, kind, given)

    def is_free() -> bool:
        lock: Any = call.account.db.lock
        found: bool = lock.acquire(timeout=60)
        if found:
            lock.release()
        return found

    # While the traceback is kept, as in a debugger.
    with ThreadPoolExecutor(1) as other:
        assert other.submit(is_free).result()
    assert failed.traceback


# Activities of a seed file.


SEED = """
[[data_extract_activity]]
key = "write"
name = "Write"
extract = "Data Extension Extract"
parameters = { DECustomerKey = "people", OutputFileName = "import/people.csv" }

[[file_transfer_activity]]
key = "unpack"
name = "Unpack"
action = "unzip"
file_spec = "*.zip"

[[file_transfer_activity]]
key = "move"
name = "Move"
file_spec = "people-%%Year%%.csv"
destination = "export/old"

[[file_transfer_activity]]
key = "nothing"
name = "Nothing"
"""


@pytest.fixture
def made() -> Iterator[Call]:
    """A call on an account whose seed has activities for files."""
    account = Account(Database(), due_actions=DUE_ACTIONS)
    load(account, parse_seed(SEED))
    yield Call(account)
    account.files.close()
    account.db.close()


def start(call: Call, type_name: str, key: str) -> None:
    message = struct("PerformRequestMsg", Action="start")
    wanted = struct(type_name, CustomerKey=key)
    message.values["Definitions"] = Struct(
        "PerformRequestMsg.Definitions", {"Definition": [wanted]}
    )
    answer = OPERATIONS["Perform"](call, message)
    assert answer.text("OverallStatus") == "OK"
    call.account.settle()


def test_an_activity_writes_an_extract(call: Call) -> None:
    account = Account(Database(), due_actions=DUE_ACTIONS, files=call.account.files)
    load(account, parse_seed(dump(call.account) + SEED))

    start(Call(account), "DataExtractActivity", "write")

    assert account.files.read("import/people.csv").startswith(b"Key,Name")
    account.db.close()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as found:
        for name, text in files.items():
            found.writestr(name, text)
    return content.getvalue()


def damaged() -> bytes:
    """Return a ZIP file whose member is not valid in its declared compression."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as found:
        found.writestr("a", b"1" * 100)
    behind_header = len("a") + 30
    whole = content.getvalue()
    return whole[:behind_header] + b"\xff" + whole[behind_header + 1 :]


def test_an_activity_unzips_files_and_no_name_leads_out(made: Call) -> None:
    made.account.files.write("import/a.zip", zipped(**{"x/one.csv": b"1", "two.csv": b"2"}))

    start(made, "FileTransferActivity", "unpack")

    files = made.account.files
    assert [each.name for each in files.files()] == [
        *("import/a.zip", "import/one.csv", "import/two.csv"),
    ]
    files.write("import/a.zip", zipped(**{"../../../etc/evil": b"1"}))
    start(made, "FileTransferActivity", "unpack")
    assert files.read("import/evil") == b"1"


def test_an_activity_moves_files(made: Call) -> None:
    made.account.files.write("import/people-2026.csv", b"1")
    made.account.change_clock(lambda clock: clock.freeze())
    year = made.account.now().year
    made.account.files.write(f"import/people-{year}.csv", b"1")

    start(made, "FileTransferActivity", "move")

    assert made.account.files.has(f"export/old/people-{year}.csv")
    assert not made.account.files.has(f"import/people-{year}.csv")


@pytest.mark.parametrize(
    ("type_name", "key", "content", "why"),
    [
        ("FileTransferActivity", "unpack", b"no zip", "cannot be unzipped"),
        ("FileTransferActivity", "unpack", damaged(), "a.zip cannot be unzipped: Error -3"),
        ("FileTransferActivity", "move", b"", "There is no file import/people-"),
        ("FileTransferActivity", "nothing", b"", "names no files"),
        ("DataExtractActivity", "write", b"", "There is no data extension with the key people"),
    ],
)
def test_an_activity_that_cannot_run_says_why(
    made: Call, type_name: str, key: str, content: bytes, why: str
) -> None:
    made.account.files.write("import/a.zip", content)

    start(made, type_name, key)

    assert why in failure(made)


def test_a_bomb_is_not_unzipped(made: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    made.account.files.write("import/a.zip", zipped(x=b"0" * 100_000))
    monkeypatch.setattr(ftp_folder, "FTP_BYTES", 50_000)

    start(made, "FileTransferActivity", "unpack")

    assert "more than 50,000 bytes" in failure(made)
    assert [each.name for each in made.account.files.files()] == ["import/a.zip"]


def test_many_files_are_unzipped_at_once(made: Call) -> None:
    content = {f"f{number}": b"" for number in range(300)}
    made.account.files.write("import/a.zip", zipped(**content))

    start(made, "FileTransferActivity", "unpack")

    assert len(made.account.files.files()) == 301


def test_activities_come_back_from_an_export(made: Call) -> None:
    again = parse_seed(dump(made.account))

    assert again.of("data_extract_activity")[0]["parameters"] == {
        "DECustomerKey": "people",
        "OutputFileName": "import/people.csv",
    }
    assert [each["action"] for each in again.of("file_transfer_activity")] == [
        *("unzip", "move", "move"),
    ]


def test_a_file_is_compressed(call: Call) -> None:
    call.account.files.write("import/a.csv", b"1")

    assert said(extract(call, ZIP, InputFileName="a.csv", OutputFileName="a.zip")) == OK

    assert archive(call, "export/a.zip") == {"a.csv": [["1"]]}


# Many rows.


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_written_in_little_memory(call: Call) -> None:
    table = (call.account.db.find("data_extension", customer_key="people") or {})["id"]
    call.account.db.run_many(
        f'INSERT INTO rows_{table} ("Key", "Name", "_CreatedDate", "_ModifiedDate") VALUES (?, ?, ?, ?)',  # noqa: S608
        ((f"k{number}", "x" * 50, "", "") for number in range(100_000)),
    )
    before = resource.getrusage(resource.RUSAGE_SELF)

    assert said(extract(call, ROWS, **PEOPLE)) == OK

    after = resource.getrusage(resource.RUSAGE_SELF)
    assert call.account.files.read("export/people.csv").count(b"\n") == 100_003
    assert after.ru_utime - before.ru_utime < 10
    assert after.ru_maxrss - before.ru_maxrss < 100_000
