"""ImportDefinition and ImportResultsSummary: imports of files into data extensions and lists."""

from __future__ import annotations

import csv
import io
import resource
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.messages import (
    act_on,
    fields,
    only_result,
    result_of,
    retrieve,
    rows,
    simple,
    status,
    struct,
    write_objects,
)

from sfmc_mock.account import Account
from sfmc_mock.account.simulation_settings import choose_lag
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import SetupError
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

KEY = {"IsPrimaryKey": True, "IsRequired": True}

SUMMARY = (
    *("ImportStatus", "NumberSuccessful", "NumberDuplicated", "NumberRestricted", "NumberErrors"),
    "TotalRows",
)


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with a data extension of people."""
    key = {"IsPrimaryKey": True, "IsRequired": True}
    columns: list[dict[str, Any]] = [
        {"Name": "Key", "FieldType": "Text", "MaxLength": 20, **key},
        {"Name": "Name", "FieldType": "Text", "MaxLength": 10},
        {"Name": "Age", "FieldType": "Number"},
        {"Name": "Seen", "FieldType": "Date"},
        {"Name": "Country", "FieldType": "Text", "MaxLength": 2, "DefaultValue": "XX"},
    ]
    made = struct("DataExtension", CustomerKey="people", Name="People", Fields={"Field": columns})
    assert status(write_objects(call, "Create", made))[0] == "OK"
    return call


def definition(**more: Any) -> Struct:
    return struct(
        "ImportDefinition",
        {
            "CustomerKey": "i",
            "Name": "I",
            "DestinationObject": {"xsi:type": "DataExtension", "CustomerKey": "people"},
            "FieldMappingType": "InferFromColumnHeadings",
            "FileSpec": "people.csv",
            "FileType": "CSV",
            "UpdateType": "AddAndUpdate",
            "AllowErrors": True,
            **more,
        },
    )


def create(call: Call, **more: Any) -> None:
    answer = write_objects(call, "Create", definition(**more), save="UpdateAdd")
    assert status(answer) == ("OK", "ImportDefinition created.", 0), list(call.warnings)


def perform(call: Call, **named: str) -> Struct:
    wanted = struct("ImportDefinition", named or {"CustomerKey": "i"})
    return result_of(act_on(call, "Perform", "start", wanted))


def summary(call: Call, task: str, *names: str) -> dict[str, str]:
    asked = names or SUMMARY
    (found,) = fields(
        retrieve(call, "ImportResultsSummary", asked, simple("TaskResultID", "equals", task))
    )
    return found


def run(call: Call, text: str | bytes, **more: Any) -> dict[str, str]:
    """Put a file into the folder, import it, and return the summary."""
    content = text.encode() if isinstance(text, str) else text
    call.account.files.write("import/people.csv", content)
    create(call, **more)
    task = perform(call).part("Task")
    assert task is not None
    call.account.settle()
    return summary(call, task.text("ID") or "")


def went(
    done: int, *, status: str = "Completed", errors: int = 0, total: int | None = None, **more: int
) -> dict[str, str]:
    """Return the summary of an import."""
    return {
        "ImportStatus": status,
        "NumberSuccessful": str(done),
        "NumberDuplicated": str(more.get("duplicated", 0)),
        "NumberRestricted": str(more.get("restricted", 0)),
        "NumberErrors": str(errors),
        "TotalRows": str(done + errors + sum(more.values()) if total is None else total),
    }


def people(call: Call, *names: str) -> list[tuple[str, ...]]:
    """Return the rows of the data extension: key and name, or the given columns."""
    asked = names or ("Key", "Name")
    found = rows(retrieve(call, "DataExtensionObject[people]", asked))
    return [tuple(each[name] for name in asked) for each in found]


def errors(call: Call) -> list[tuple[str, str]]:
    """Return the rows of the only error file."""
    (name,) = call.account.files.matching("export", "import-*-errors.csv")
    found = list(csv.reader(io.StringIO(call.account.files.read(name).decode())))
    assert found[0] == ["Row", "Error"]
    return [(where, reason) for where, reason in found[1:]]


def test_rows_of_a_file_are_in_the_data_extension(call: Call) -> None:
    found = run(
        call,
        "\ufeffKey,name,AGE,Seen,Nothing\r\n"
        '1,"Ada, 1st",36,12/10/1815,x\r\n2,Bob,,2026-01-01T10:00:00,\r\n\r\n',
    )

    assert found == went(2)
    assert people(call, "Key", "Name", "Age", "Seen", "Country") == [
        ("1", "Ada, 1st", "36", "12/10/1815 12:00:00 AM", "XX"),
        ("2", "Bob", "", "1/1/2026 10:00:00 AM", "XX"),
    ]


def test_perform_names_the_task_by_which_the_summary_is_found(call: Call) -> None:
    call.account.files.write("import/people.csv", b"Key\n1\n")
    create(call)

    result = perform(call)
    task = result.part("Task")
    assert task is not None
    number = task.text("ID") or ""
    call.account.settle()
    found = summary(
        call, number, "ImportDefinitionCustomerKey", "DestinationID", "ImportType", "StartDate"
    )
    target = call.account.db.find("data_extension", customer_key="people")

    assert result.text("StatusMessage") == f"ImportDefinition performed AsyncID:{number}"
    assert target is not None
    assert found == {
        "ImportDefinitionCustomerKey": "i",
        "DestinationID": target["object_id"],
        "ImportType": "DataExtension",
        "StartDate": "1/1/2026 12:00:00 PM",
    }
    (activity,) = rows(
        retrieve(
            call,
            "AsyncActivityStatus",
            ["Status", "Type", "ProcessedCount"],
            simple("TaskID", "equals", number),
        )
    )
    assert activity == {"Status": "Complete", "Type": "ImportDefinition", "ProcessedCount": "1"}


def test_an_import_waits_in_an_account_whose_events_lag(call: Call) -> None:
    choose_lag(call.account, "realistic")
    assert run(call, "Key\n1\n") == went(0, status="Queued", total=0)

    call.account.change_clock(lambda clock: clock.advance(timedelta(seconds=30)))

    assert people(call) == [("1", "")]


# Mappings.


def test_columns_are_mapped_by_their_place(call: Call) -> None:
    found = run(call, "1,Ada,36,,DE\n2,Bob,,,\n", FieldMappingType="MapByOrdinal", HeaderLines=0)

    assert found == went(2)
    assert people(call, "Key", "Age", "Country") == [("1", "36", "DE"), ("2", "", "XX")]


@pytest.mark.parametrize("mapping", ["ManualMap", "MapByOrdinal"])
def test_columns_are_mapped_by_a_map(call: Call, mapping: str) -> None:
    maps = [
        {"SourceName": "no", "DestinationName": "key"},
        {"SourceOrdinal": 3, "DestinationName": "Name"},
    ]

    found = run(
        call,
        "Report\nNo,Skipped,Third\n1,x,Ada\n",
        FieldMappingType=mapping,
        FieldMaps={"FieldMap": maps},
        HeaderLines=2,
    )

    assert found == went(1)
    assert people(call) == [("1", "Ada")]


def test_a_map_is_retrieved_as_it_was_sent(call: Call) -> None:
    maps = [{"SourceOrdinal": 1, "DestinationName": "Key"}]
    create(call, FieldMappingType="ManualMap", FieldMaps={"FieldMap": maps})

    (found,) = fields(
        retrieve(call, "ImportDefinition", ["FieldMaps", "DestinationObject.CustomerKey"])
    )

    assert found == {
        "FieldMaps.FieldMap.SourceOrdinal": "1",
        "FieldMaps.FieldMap.DestinationName": "Key",
        "DestinationObject.CustomerKey": "people",
    }


# Update types.


@pytest.fixture
def filled(call: Call) -> Call:
    run(call, "Key,Name,Country\n1,Ada,DE\n2,Bob,DE\n")
    return call


NEW = "Key,Name\n2,Bert\n3,Cy\n"


@pytest.mark.parametrize(
    ("update_type", "found", "left"),
    [
        ("AddAndUpdate", went(2), [("1", "Ada"), ("2", "Bert"), ("3", "Cy")]),
        ("Merge", went(2), [("1", "Ada"), ("2", "Bert"), ("3", "Cy")]),
        ("AddAndDoNotUpdate", went(1, restricted=1), [("1", "Ada"), ("2", "Bob"), ("3", "Cy")]),
        ("UpdateButDoNotAdd", went(1, restricted=1), [("1", "Ada"), ("2", "Bert")]),
        ("Overwrite", went(2), [("2", "Bert"), ("3", "Cy")]),
    ],
)
def test_an_update_type_says_which_rows_come_in(
    filled: Call, update_type: str, found: dict[str, str], left: list[tuple[str, str]]
) -> None:
    assert run(filled, NEW, UpdateType=update_type) == found

    assert sorted(people(filled)) == left


def test_an_update_leaves_columns_that_the_file_lacks(filled: Call) -> None:
    run(filled, NEW)

    assert sorted(people(filled, "Key", "Country")) == [("1", "DE"), ("2", "DE"), ("3", "XX")]


def test_a_control_column_selects_the_action_for_each_row(filled: Call) -> None:
    actions = [
        {"Value": "D", "Action": "Delete"},
        {"Value": "A", "Action": "AddButDoNotUpdate"},
        {"Value": "U", "Action": "UpdateButDoNotAdd"},
    ]

    found = run(
        filled,
        "Do,Key,Name\nd,1,\nA,2,Bert\nA,3,Cy\nU,4,Dee\nother,5,Eve\n",
        UpdateType="ColumnBased",
        ControlColumn="do",
        ControlColumnActions={"ControlColumnAction": actions},
        ControlColumnDefaultAction="Skip",
    )

    assert found == went(2, restricted=3)
    assert sorted(people(filled)) == [("2", "Bob"), ("3", "Cy")]


def test_a_key_that_comes_again_is_a_duplicate(call: Call) -> None:
    assert run(call, "Key,Name\na,first\nA,second\nb,b\n") == went(2, duplicated=1)

    assert people(call) == [("a", "first"), ("b", "b")]


# How files are written.


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("Key\tName\n1\tÄda\n".encode(), {"FileType": "TAB"}),
        ("Key|Name\n1|Äda\n".encode(), {"FileType": "Other", "Delimiter": "|"}),
        ("Key,Name\n1,Äda\n".encode("utf-16"), {}),
        ("Key,Name\n1,Äda\n".encode("cp1252"), {}),
        ("Key,Name\n1,Äda\n".encode("cp1250"), {"EncodingCodePage": 1250}),
        ("Key,Name\n1,Äda\n".encode("utf-16-le"), {"EncodingCodePage": 1200}),
        ('Key,Name\n1,"Äda"\n'.encode("latin-1"), {"EncodingCodePage": 28591}),
    ],
)
def test_a_file_can_be_written_in_many_ways(call: Call, text: bytes, more: dict[str, Any]) -> None:
    assert run(call, text, **more) == went(1)

    assert people(call) == [("1", "Äda")]


def test_quotes_nulls_and_line_ends_are_read_as_the_definition_says(call: Call) -> None:
    run(
        call,
        'Key,Name,Age\n1,"a""b",NULL\n2,x~y,3\n3,"two\nlines",\n',
        NullRepresentation="NULL",
        EndOfLineRepresentation="~",
    )
    assert people(call, "Key", "Name", "Age") == [
        ("1", 'a"b', ""),
        ("2", "x\ny", "3"),
        ("3", "two\nlines", ""),
    ]

    run(call, 'Key,Name\n4,"raw"\n', StandardQuotedStrings=False)
    assert ("4", '"raw"') in people(call)


def test_dates_follow_the_locale(call: Call) -> None:
    run(
        call,
        "Key,Seen\n1,02/03/2026\n2,31.12.2025 10:00\n",
        DateFormattingLocale={"LocaleCode": "de-DE"},
    )

    assert people(call, "Key", "Seen") == [
        ("1", "3/2/2026 12:00:00 AM"),
        ("2", "12/31/2025 10:00:00 AM"),
    ]


def test_a_file_is_found_by_a_date_in_any_case_and_in_other_folders(call: Call) -> None:
    call.account.files.write("import/Daily-2026-01-01.csv", b"Key\n1\n")
    call.account.files.write("other/x.csv", b"Key\n2\n")
    create(call, FileSpec="daily-%%Year%%-%%Month%%-%%Day%%.csv")
    perform(call)
    write_objects(
        call, "Update", struct("ImportDefinition", CustomerKey="i", FileSpec="/other/x.csv")
    )
    call.account.settle()
    perform(call)
    call.account.settle()

    # The first run reads the definition as it is when the run starts.
    assert people(call) == [("2", "")]


def test_several_files_are_read_and_deleted(call: Call) -> None:
    call.account.files.write("import/p-1.csv", b"Key,Name\n1,Ada\n")
    call.account.files.write("import/p-2.csv", b"Name,Key\nBob,2\n")

    found = run(call, "", FileSpec="p-*.csv", DeleteFile=True)

    assert found == went(2)
    assert people(call) == [("1", "Ada"), ("2", "Bob")]
    assert [each.name for each in call.account.files.files()] == ["import/people.csv"]


# Failures.


def test_rows_that_cannot_be_taken_are_reported_in_a_file(call: Call) -> None:
    found = run(
        call,
        "Key,Name,Age\n1,Ada,old\n,Nobody,1\n2,much too long a name,1\n3\n4,Dee,4\n",
    )

    assert found == went(1, errors=4)
    assert people(call) == [("4", "Dee")]
    assert errors(call) == [
        ("line 2", "The value for column [Age] is not a valid number. Parse error [InvalidNumber]"),
        ("line 3", "The value for column [Key] is null or empty."),
        ("line 4", "The value for column [Name] exceeds the column's maximum length."),
        ("line 5", "The row has 1 columns; 3 are needed."),
    ]


def test_an_import_that_allows_no_errors_imports_nothing(filled: Call) -> None:
    found = run(filled, "Key,Age\n9,1\n8,x\n", AllowErrors=False, UpdateType="Overwrite")

    assert found == went(0, status="Error", errors=1, total=0)
    assert people(filled) == [("1", "Ada"), ("2", "Bob")]
    assert [where for where, _ in errors(filled)] == ["line 3"]


def failure(call: Call, text: str | bytes, **more: Any) -> str:
    """Return the reason why an import failed."""
    found = run(call, text, **more)
    assert found["ImportStatus"] == "Error"
    (told,) = rows(
        retrieve(
            call, "AsyncActivityStatus", ["ErrorMsg"], simple("Status", "equals", "FatalError")
        )
    )
    return told["ErrorMsg"]


@pytest.mark.parametrize(
    ("text", "more", "why"),
    [
        ("Nothing,Else\n1,2\n", {}, "No column of import/people.csv is called like a field"),
        ("Name\nAda\n", {}, "no column for the required field 'Key'"),
        ("", {}, "No column of import/people.csv"),
        ("Key\n1\n", {"FileSpec": "none.csv"}, "There is no file import/none.csv"),
        ("Key\n1\n", {"FileSpec": "none-*.csv"}, "There is no file import/none-*.csv"),
        ("Key\n1\n", {"FileSpec": "../../etc/passwd"}, "cannot be the name of a file"),
        (b"Key,Name\n1,\xff\n", {"EncodingCodePage": 65001}, "Line 1 of the file is not in utf-8"),
        (
            "Key\n1\n",
            {"UpdateType": "ColumnBased", "ControlColumn": "Do"},
            "no control column 'Do'",
        ),
        (
            "Key\n1\n",
            {
                "FieldMappingType": "ManualMap",
                "FieldMaps": {"FieldMap": [{"SourceName": "No", "DestinationName": "Key"}]},
                "HeaderLines": 1,
            },
            "The file has no column 'No'",
        ),
        (
            "Key\n1\n",
            {
                "FieldMappingType": "ManualMap",
                "FieldMaps": {"FieldMap": [{"SourceOrdinal": 1, "DestinationName": "No"}]},
            },
            "The destination has no field 'No'",
        ),
        ("x" * 1_000_000, {}, "1,000,000 characters or more"),
    ],
)
def test_an_import_that_cannot_run_says_why(
    call: Call, text: str | bytes, more: dict[str, Any], why: str
) -> None:
    assert why in failure(call, text, **more)

    assert people(call) == []


def test_an_open_quote_ends_no_import_in_a_traceback(call: Call) -> None:
    found = run(call, 'Key,Name\n1,"' + "x\n" * 200_000)

    assert found["ImportStatus"] == "Completed"
    assert people(call) == []


def test_a_definition_or_destination_that_is_gone_is_an_error(call: Call) -> None:
    call.account.files.write("import/people.csv", b"Key\n1\n")
    create(call)
    choose_lag(call.account, "realistic")
    gone, deleted = perform(call).part("Task"), perform(call).part("Task")
    assert gone is not None
    assert deleted is not None
    write_objects(call, "Delete", struct("DataExtension", CustomerKey="people"))
    call.account.change_clock(lambda clock: clock.advance(timedelta(seconds=30)))

    assert summary(call, gone.text("ID") or "")["ImportStatus"] == "Error"


REFUSED = {
    "other destination": ({"DestinationObject": {"xsi:type": "Email", "ID": 1}}, 43020),
    "no destination": ({"DestinationObject": None}, 43060),
    "no delimiter": ({"FileType": "Other"}, 43060),
    "long delimiter": ({"Delimiter": "||"}, 43060),
    "no control column": ({"UpdateType": "ColumnBased"}, 43060),
    "no map": ({"FieldMappingType": "ManualMap"}, 43060),
    "map to nothing": (
        {"FieldMappingType": "ManualMap", "FieldMaps": {"FieldMap": [{"SourceOrdinal": 1}]}},
        43060,
    ),
    "code page": ({"EncodingCodePage": 7}, 43060),
    "header lines": ({"HeaderLines": -1}, 43060),
}


@pytest.mark.parametrize(("more", "code"), REFUSED.values(), ids=REFUSED)
def test_an_import_that_could_not_run_is_refused(
    call: Call, more: dict[str, Any], code: int
) -> None:
    answer = write_objects(call, "Create", definition(**more))

    assert status(answer)[2] == code
    assert len(call.warnings) == 1


def test_a_name_or_key_that_is_taken_is_refused(call: Call) -> None:
    create(call)
    create(call, CustomerKey="j", Name="J")

    taken = write_objects(call, "Create", definition(Name="Other"))
    named = write_objects(call, "Create", definition(CustomerKey="k"))
    renamed = write_objects(call, "Update", struct("ImportDefinition", CustomerKey="j", Name="i"))

    assert status(taken)[1:] == ("ImportDefinition Exists", 43030)
    assert status(named)[1:] == ("ImportDefinition Insert Error", 43040)
    assert status(renamed)[1:] == ("ImportDefinition Update Error", 43050)


def test_a_property_without_effect_is_a_warning(call: Call) -> None:
    create(call, Notification={"ResponseType": "email", "ResponseAddress": "ada@mock.test"})
    (warned,) = call.warnings
    assert "Notification" in warned
    assert "no mail is sent" in warned

    create(call, SubscriberImportType="SMS")
    assert "no mobile numbers" in call.warnings[-1]
    create(call, RetrieveFileTransferLocation={"CustomerKey": "ExactTarget Enhanced FTP"})
    assert list(call.warnings) == []
    create(call, RetrieveFileTransferLocation={"CustomerKey": "Other"})
    assert "no file location Other" in call.warnings[-1]

    create(call, SourceObject={"CustomerKey": "x"})
    assert any("SourceObject" in each for each in call.warnings)


@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.text(alphabet='Key,Name"\r\n\t|;\x00é\ud7ff1 ', max_size=200).map(
            lambda text: f"Key,Name,Age\n{text}".encode()
        ),
    ),
    more=st.fixed_dictionaries(
        {},
        optional={
            "UpdateType": st.sampled_from(["AddAndUpdate", "Overwrite", "UpdateButDoNotAdd"]),
            "FieldMappingType": st.sampled_from(["InferFromColumnHeadings", "MapByOrdinal"]),
            "HeaderLines": st.integers(0, 3),
            "Delimiter": st.sampled_from([",", "|", "\t", "é"]),
            "EncodingCodePage": st.sampled_from([65001, 1200, 1201, 1252, 932, 20127]),
            "StandardQuotedStrings": st.booleans(),
            "AllowErrors": st.booleans(),
        },
    ),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_import_of_any_file_ends(call: Call, content: bytes, more: dict[str, Any]) -> None:
    found = run(call, content, **more)

    assert found["ImportStatus"] in ("Completed", "Error")
    counted = [int(found[name]) for name in SUMMARY[1:]]
    assert all(number >= 0 for number in counted)
    if found["ImportStatus"] == "Completed":
        assert sum(counted[:-1]) == counted[-1]


def test_an_import_makes_its_destination(call: Call) -> None:
    fields = [{"Name": "Key", "FieldType": "Text", "MaxLength": 20, **KEY}]
    target = {"CustomerKey": "made", "Name": "Made", "Fields": {"Field": fields}}
    wanted = {"DataExtensionTarget": target, "ErrorIfExists": True}
    call.account.files.write("import/people.csv", b"Key\n1\n")

    create(call, DestinationObject=None, AutoGenerateDestination=wanted)
    perform(call)
    call.account.settle()
    again = definition(
        CustomerKey="j", Name="J", DestinationObject=None, AutoGenerateDestination=wanted
    )

    assert rows(retrieve(call, "DataExtensionObject[made]", ["Key"])) == [{"Key": "1"}]
    assert status(write_objects(call, "Create", again))[2] == 43060
    assert "ErrorIfExists" in call.warnings[-1]
    again.values["AutoGenerateDestination"] = struct(
        "ImportDefinitionAutoGenerateDestination", {**wanted, "ErrorIfExists": False}
    )
    assert status(write_objects(call, "Create", again))[0] == "OK"


def test_a_destination_that_cannot_be_made_is_refused(call: Call) -> None:
    wanted = {"DataExtensionTarget": {"CustomerKey": "made"}}

    answer = write_objects(
        call, "Create", definition(DestinationObject=None, AutoGenerateDestination=wanted)
    )

    assert status(answer)[2] == 43060
    assert "cannot be made" in call.warnings[-1]
    assert call.account.db.find("data_extension", customer_key="made") is None


# Lists.


def new_list(call: Call) -> int:
    answer = write_objects(call, "Create", struct("List", ListName="News", Type="Public"))
    return only_result(answer).number("NewID") or 0


def members(call: Call, number: int) -> list[tuple[str, str]]:
    found = fields(
        retrieve(
            call,
            "ListSubscriber",
            ["SubscriberKey", "Status"],
            simple("ListID", "equals", str(number)),
        )
    )
    return sorted((each["SubscriberKey"], each["Status"]) for each in found)


def test_subscribers_are_added_changed_and_put_on_a_list(call: Call) -> None:
    write_objects(
        call,
        "Create",
        struct("Subscriber", SubscriberKey="ada", EmailAddress="old@mock.test"),
    )
    number = new_list(call)

    found = run(
        call,
        "Email Address,Subscriber Key,Status,Email Type\n"
        "ada@mock.test,ADA,,Text\nbob@mock.test,,Unsubscribed,\nnone,x,,\nbob@mock.test,,,\n",
        DestinationObject={"xsi:type": "List", "ID": number},
        SubscriberImportType="Email",
    )

    assert found == went(2, errors=1, duplicated=1)
    assert members(call, number) == [("ada", "Active"), ("bob@mock.test", "Unsubscribed")]
    (ada,) = fields(
        retrieve(
            call,
            "Subscriber",
            ["EmailAddress", "EmailTypePreference"],
            simple("SubscriberKey", "equals", "ada"),
        )
    )
    assert (ada["EmailAddress"], ada["EmailTypePreference"]) == ("ada@mock.test", "Text")
    assert errors(call) == [
        ("line 4", "The value for column [Email Address] is not a valid email address.")
    ]


@pytest.mark.parametrize(
    ("update_type", "found", "left"),
    [
        ("AddAndUpdate", went(2), ["ada", "bob", "cy"]),
        ("AddAndDoNotUpdate", went(1, restricted=1), ["ada", "bob", "cy"]),
        ("UpdateButDoNotAdd", went(1, restricted=1), ["ada", "bob"]),
        ("Overwrite", went(2), ["bob", "cy"]),
    ],
)
def test_an_update_type_says_who_comes_onto_the_list(
    call: Call, update_type: str, found: dict[str, str], left: list[str]
) -> None:
    number = new_list(call)
    where = {"DestinationObject": {"xsi:type": "List", "ID": number}}
    head = "SubscriberKey,EmailAddress\n"
    run(call, head + "ada,ada@mock.test\nbob,bob@mock.test\n", **where)

    assert (
        run(call, head + "bob,bob2@mock.test\ncy,cy@mock.test\n", UpdateType=update_type, **where)
        == found
    )

    assert [key for key, _ in members(call, number)] == left


def test_rows_without_address_or_key_are_no_subscribers(call: Call) -> None:
    number = new_list(call)
    where = {"DestinationObject": {"xsi:type": "List", "ID": number}}

    assert run(
        call, "Email Address,Status,Email Type\n,,\na@b.test,Gone,\nb@b.test,,Fax\n", **where
    ) == (went(0, errors=3))
    assert run(call, "SubscriberKey\nnew\n", **where) == went(0, errors=1)
    assert "no column for Email Address" in failure(call, "Status\nActive\n", **where)


# Seeds.


def test_an_import_comes_back_from_an_export(call: Call) -> None:
    number = new_list(call)
    maps = {"FieldMap": [{"SourceOrdinal": 1, "DestinationName": "Key"}]}
    create(call, FieldMappingType="ManualMap", FieldMaps=maps)
    create(call, CustomerKey="j", Name="J", DestinationObject={"xsi:type": "List", "ID": number})

    copy = Account(Database(), due_actions=DUE_ACTIONS)
    load(copy, parse_seed(dump(call.account)))

    asked = ["CustomerKey", "FieldMaps", "DestinationObject.CustomerKey", "DestinationObject.ID"]
    assert fields(retrieve(Call(copy), "ImportDefinition", asked)) == fields(
        retrieve(call, "ImportDefinition", asked)
    )
    copy.db.close()


def test_a_seed_with_an_import_that_cannot_run_is_refused() -> None:
    seed = '[[import_definition]]\nkey = "i"\nname = "I"\nfile_spec = "x.csv"\n'

    with pytest.raises(SetupError, match=r"\[\[import_definition\]\] \(i\), it has no destination"):
        load(Account(Database()), parse_seed(seed))


# Many rows.


@pytest.mark.slow
@pytest.mark.parametrize("destination", ["people", "list"])
def test_a_hundred_thousand_rows_take_seconds_and_little_memory(
    call: Call, destination: str
) -> None:
    count = 100_000
    if destination == "list":
        more = {"DestinationObject": {"xsi:type": "List", "ID": new_list(call)}}
        text = "Email Address,Subscriber Key\n" + "".join(
            f"person-{number}@mock.test,key-{number}\n" for number in range(count)
        )
    else:
        more = {}
        text = "Key,Name,Age,Seen\n" + "".join(
            f"key-{number},Name,{number},2026-01-01T00:00:00\n" for number in range(count)
        )
    before = resource.getrusage(resource.RUSAGE_SELF)

    assert run(call, text, **more) == went(count)

    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < 20
    assert after.ru_maxrss - before.ru_maxrss < 150_000
