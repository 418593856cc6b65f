"""Randomly changed texts of users and programs: seeds, queries, imports, commands. No tracebacks, no hangs."""

from __future__ import annotations

import copy
import random
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import pytest
import tomli_w
from tests.support.declared_examples import example
from tests.support.messages import act_on, result_of, status, struct, write_objects
from tests.torture.conftest import Torture

from sfmc_mock import MockServer, SetupError
from sfmc_mock import cli as command_line
from sfmc_mock.accounts import Accounts
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.seeds import dump, parse_seed

SECONDS = 5.0
"""How long one of them may take of the processor."""

ODD: tuple[Any, ...] = (
    *("", " ", "\x1b[31m", "\n", "a" * 5_000, "\u202eä", "'; DROP TABLE x; --", "..", "/etc/passwd", "@"),
    *("a@mock.test", "Active", "Deleted", "0", "-1", "1e400", "nan", "9999-12-31T23:59:59", "999999999999d"),
    *(0, -1, 2**63, 10**30, 1.5, float("nan"), float("inf"), True, [], {}, [[]], ["a"] * 50, {"a": 1}),
    *(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), date(2020, 2, 29)),
)  # fmt: skip

SMALL_SEED: dict[str, Any] = {
    "account": {"mid": 1234567, "name": "Top", "engagement": "typical", "clock": "2026-01-01T12:00:00"},
    "business_unit": [
        {"name": "North", "mid": 7654321, "key": "n", "subscriber": [{"email": "a@mock.test"}]},
        {"name": "South", "parent": "North"},
    ],
    "account_user": [{"user_id": "u", "name": "U", "email": "u@mock.test", "business_units": ["North"]}],
    "api_user": [{"username": "a", "password": "b", "scope": "email_read"}],
    "chaos": [{"name": "down", "status": 503, "nth": 3}, {"operation": "Create", "delay": "2s", "probability": 0.5}],
}  # fmt: skip


@pytest.fixture(scope="module")
def full_seed() -> dict[str, Any]:
    """A seed with an example of each object and all settings of an account."""
    accounts = Accounts()
    account = accounts.open()
    for handler in HANDLERS.values():
        if isinstance(handler, StoredObject) and hasattr(handler, "example"):
            write_objects(Call(account), "Create", example(handler))
    document = tomllib.loads(dump(account))
    accounts.close()
    parse_seed(tomli_w.dumps(document))
    return document


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the paths to all values of a document."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in entries:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from places(value, (*path, name))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        document = document[name]
    return document


def changed_seed(document: dict[str, Any], draw: random.Random) -> str:
    """Return a seed with a changed, added, removed or replaced value; sometimes with other bytes."""
    made = copy.deepcopy(document)
    *above, name = draw.choice([*places(made)])
    holder, kind = at(made, tuple(above)), draw.randrange(5)
    if kind == 0:
        del holder[name]
    elif kind == 1:
        holder[name] = copy.deepcopy(at(document, draw.choice([*places(document)])))
    elif kind == 2 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[name]))
    else:
        holder[name] = draw.choice(ODD)
    text = tomli_w.dumps(made)
    if draw.random() < 0.1:
        place = draw.randrange(len(text))
        text = text[:place] + draw.choice(("\x00", '"', "]", "=", "\r", "é")) + text[place + 1 :]
    return text


def test_a_changed_seed_is_taken_or_refused_in_a_sentence(
    full_seed: dict[str, Any], torture: Torture
) -> None:
    accounts, went = Accounts(), Counter[str]()
    sentences: list[str] = []
    for number in torture.rounds(60, most=5_000):
        draw = random.Random(number)
        text = changed_seed(SMALL_SEED if number % 4 == 0 else full_seed, draw)
        started = time.process_time()
        try:
            accounts.remove(accounts.fresh(text + "\n"))
            went["taken"] += 1
        except SetupError as refused:
            went["refused"] += 1
            sentences.append(str(refused))
        assert time.process_time() - started < SECONDS, number
    accounts.close()

    assert [each for each in sentences if "\n" in each or "\x1b" in each] == []
    assert went["refused"] > 10
    assert went["taken"] > 5


QUERIES = (
    "SELECT k.[Key], COUNT(*) AS Value FROM People k JOIN People o ON o.[Key] <> k.[Key] GROUP BY k.[Key]",
    "SELECT TOP 5 [Key], UPPER(SUBSTRING(Name, 1, 3)) AS Value FROM People WHERE Name LIKE 'A%' ORDER BY Name DESC",
    "SELECT [Key], CONVERT(VARCHAR(100), DATEADD(day, 1, GETDATE()), 120) AS Value FROM People",
    "SELECT [Key], CASE WHEN Name IS NULL THEN 'none' ELSE REPLACE(Name, 'a', 'b') END AS Value FROM People",
    "SELECT [Key], STUFF(Name, 1, 1, REPLICATE('x', 3)) AS Value FROM People WHERE [Key] IN (SELECT [Key] FROM People)",
    "SELECT 'all' AS [Key], STRING_AGG(Name, ',') WITHIN GROUP (ORDER BY Name) AS Value FROM People",
    "SELECT [Key], ROW_NUMBER() OVER (PARTITION BY Name ORDER BY [Key]) AS Value FROM People",
    "SELECT CONCAT(s.JobID, '-', s.SubscriberKey) AS [Key], s.EventDate AS Value FROM _Sent s",
)
ODD_SQL = (
    *("NULL", "'", "''", "[", "]", "(", ")", "((((((", "--", "/*", "*/", ";", "; DROP TABLE setting", "\x1b[2J"),
    *("UNION ALL SELECT 1, 2", "sqlite_master", "api_user", "load_extension('x')", "randomblob(1e9)", "1e999"),
    *("REPLICATE(REPLICATE('a', 9999), 9999)", "SPACE(2147483647)", "99999999999999999999", "-", "1/0", "NEWID()"),
    *("CROSS JOIN People p2 CROSS JOIN People p3", "WITH", "PRAGMA", "ATTACH 'x' AS y", "TOP (-1)", "PERCENT"),
    *("AT TIME ZONE 'x'", "FORMAT(1, '#')", "DATEADD(year, 99999, GETDATE())", "CAST(1 AS foo)", "SQRT(-1)"),
    *("SUBSTRING('a', -5, 2147483648)", "LIKE '[a-z'", "PIVOT", "CROSS APPLY", "STRING_SPLIT(", "CONVERT((", "OVER ("),
)  # fmt: skip
_TOKENS = re.compile(r"'[^']*'|[A-Za-z_]+|[0-9.]+|\s+|[^\sA-Za-z0-9_]")


def changed_query(draw: random.Random) -> str:
    tokens = _TOKENS.findall(draw.choice(QUERIES))
    for _ in range(draw.choice((0, 1, 1, 4))):
        place = draw.randrange(1, len(tokens))
        match draw.randrange(4):
            case 0:
                del tokens[place : place + draw.choice((1, 3))]
            case 1:
                tokens[place:place] = [" ", draw.choice(ODD_SQL), " "]
            case 2:
                tokens[place] = draw.choice(ODD_SQL)
            case _:
                other = draw.randrange(len(tokens))
                tokens[place:place] = tokens[other : other + draw.choice((1, 6))]
    return "".join(tokens)


def with_people(call: Call) -> None:
    """Make two data extensions, one of them with rows."""
    key = {
        "Name": "Key",
        "FieldType": "Text",
        "MaxLength": 50,
        "IsPrimaryKey": True,
        "IsRequired": True,
    }
    for name, column in (("People", "Name"), ("Result", "Value")):
        columns = [key, {"Name": column, "FieldType": "Text", "MaxLength": 100}]
        made = struct("DataExtension", CustomerKey=name, Name=name, Fields={"Field": columns})
        assert status(write_objects(call, "Create", made))[0] == "OK"
    pairs = [
        [{"Name": "Key", "Value": each}, {"Name": "Name", "Value": each.title()}]
        for each in ("ada", "bob")
    ]
    people = [
        struct("DataExtensionObject", CustomerKey="People", Properties={"Property": pair})
        for pair in pairs
    ]
    assert write_objects(call, "Create", *people).text("OverallStatus") == "OK"


def test_a_changed_query_runs_or_is_refused(
    call: Call, torture: Torture, capfd: pytest.CaptureFixture[str]
) -> None:
    with_people(call)
    went = Counter[bool]()
    for number in torture.rounds(100, most=20_000):
        definition = struct(
            "QueryDefinition",
            CustomerKey="q",
            Name="Q",
            QueryText=changed_query(random.Random(number)),
            DataExtensionTarget={"CustomerKey": "Result", "Name": "Result"},
            TargetType="DE",
            TargetUpdateType="Overwrite",
        )
        started = time.process_time()
        is_taken = status(write_objects(call, "Create", definition, save="UpdateAdd"))[0] == "OK"
        went[is_taken] += 1
        if is_taken:
            act_on(call, "Perform", "Start", struct("QueryDefinition", CustomerKey="q"))
            call.account.settle()
        assert call.account.problems == [], number
        assert time.process_time() - started < SECONDS, number

    assert min(went[True], went[False]) > 10
    assert capfd.readouterr() == ("", "")


CELLS = (
    *("a", "b", "", " ", '"', '""', '"a', "a\"b", "1", "-1", "1e9", "2026-01-01", "31/12/2026", "x" * 5_000, "ä"),
    *("\u202e", "\x00", "\r", "\n", "\ufeff", "=cmd|' /C calc'!A0", "%%x%%", "NULL"),
)  # fmt: skip


def changed_file(draw: random.Random) -> bytes:
    """Return a file of rows, most of them invalid, in some encoding, sometimes cut or with other bytes."""
    separator, end = draw.choice((",", ",", "\t", "|", "")), draw.choice(("\r\n", "\n", "\r"))
    rows = [["Key", "Name"] if draw.random() < 0.7 else draw.choices(CELLS, k=draw.randrange(6))]
    rows += [
        draw.choices(CELLS, k=draw.choice((0, 1, 2, 2, 7))) for _ in range(draw.choice((0, 3, 40)))
    ]
    text = end.join(separator.join(row) for row in rows)
    made = text.encode(
        draw.choice(("utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-32")), "replace"
    )
    if draw.random() < 0.2:
        made = made[: draw.randrange(len(made) + 1)] + draw.randbytes(draw.choice((0, 1, 30)))
    return made


def test_a_changed_file_is_imported_or_told_to_be_wrong(call: Call, torture: Torture) -> None:
    with_people(call)
    for number in torture.rounds(60, most=20_000):
        draw = random.Random(number)
        call.account.files.write("import/people.csv", changed_file(draw))
        definition = struct(
            "ImportDefinition",
            CustomerKey="i",
            Name="I",
            DestinationObject={"xsi:type": "DataExtension", "CustomerKey": "People"},
            FieldMappingType=draw.choice(("InferFromColumnHeadings", "MapByOrdinals")),
            FileSpec=draw.choice(("people.csv", "people.csv", "../people.csv", "people.csv\n", "a/../../b")),
            FileType=draw.choice(("CSV", "TAB")),
            UpdateType=draw.choice(("AddAndUpdate", "Overwrite", "UpdateButDoNotAdd")),
            AllowErrors=draw.random() < 0.7,
        )  # fmt: skip
        started = time.process_time()
        if status(write_objects(call, "Create", definition, save="UpdateAdd"))[0] == "OK":
            done = result_of(
                act_on(call, "Perform", "start", struct("ImportDefinition", CustomerKey="i"))
            )
            assert done.text("StatusCode") in ("OK", "Error"), number
            call.account.settle()
        assert call.account.problems == [], number
        assert time.process_time() - started < SECONDS, number


# Those that serve, run programs or open a browser, and those that compare with a tenant.
NOT_ASKED = {"serve", "demo", "exec", "open", "init", "record", "scrub", "verify"}
ODD_ARGUMENTS = (
    *("", "-1", "0", "1", "9" * 30, "1e9", "nan", "x", "ä", "\x1b[31m", "a\nb", "..", "/nonexistent/x", "a" * 5_000),
    *("2026-01-01", "2026-13-45T99:99", "1h", "-1h", "9" * 30 + "d", "1234567", "--", "*", "%s", "{}", "null"),
    *("http://x.invalid", "localhost:99999", "Sent", "welcome", "ada@mock.test", "\udcff", "status=503", "nth=-1"),
)  # fmt: skip


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Return every command, with the words that call it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif command is not None and name not in NOT_ASKED:
            yield (*path, name), command


def drawn_arguments(command: click.Command, draw: random.Random) -> Iterator[str]:
    for parameter in command.params:
        is_argument = isinstance(parameter, click.Argument)
        if "--follow" in parameter.opts or draw.random() > (0.85 if is_argument else 0.3):
            continue
        if not is_argument:
            yield draw.choice(parameter.opts)
        if is_argument or not getattr(parameter, "is_flag", False):
            choices = getattr(parameter.type, "choices", ODD_ARGUMENTS)
            yield draw.choice((*choices, draw.choice(ODD_ARGUMENTS)))


def test_a_command_with_any_arguments_ends_with_a_sentence(
    torture: Torture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known, codes = [*commands(command_line.cli)], Counter[int]()
    monkeypatch.chdir(tmp_path)
    with MockServer() as server:
        monkeypatch.setenv("SFMC_MOCK_URL", server.base_url)
        for number in torture.rounds(150, most=20_000):
            draw = random.Random(number)
            path, command = draw.choice(known)
            arguments = [*path, *drawn_arguments(command, draw)]
            monkeypatch.setattr(sys, "argv", ["sfmc-mock", *arguments])

            with pytest.raises(SystemExit) as ended:
                command_line.main()

            _, told = capsys.readouterr()
            codes[int(ended.value.code or 0)] += 1
            assert "Traceback" not in told, (number, arguments)
            assert "\x1b[31m" not in told, (number, arguments)

    assert set(codes) <= {0, 1, 2}
    assert len(codes) == 3
