"""`sfmc-client`, called with an emulator in this process."""

from __future__ import annotations

import ast
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.command_line import in_terminal, plain

import sfmc_client
from sfmc_client import APIObject, Client, UsernameToken
from sfmc_client.cli import _OPTIONS, run
from sfmc_client.environment import VARIABLES, variable
from sfmc_client.testing import Emulator, MockAccount, MockSettings
from sfmc_client.testing.emulators import own_emulator
from sfmc_mock.errors import ServerTrouble
from sfmc_mock.operations import OPERATIONS

EMAIL = ("--email-id", "3099626")


@dataclass
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """Return the printed CSV rows."""
        return list(csv.DictReader(self.out.splitlines()))


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator with two results per page."""
    with own_emulator(MockSettings(page_size=2)) as emulator:
        yield emulator


@pytest.fixture
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockAccount]:
    """A new account, to which environment variables lead."""
    with emulator.account() as account:
        for name in VARIABLES:
            monkeypatch.delenv(variable(name), raising=False)
        for name, value in account.environ.items():
            monkeypatch.setenv(name, value)
        yield account
        emulator.check(account)


@pytest.fixture
def call(account: MockAccount, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Call a command."""

    def call(*arguments: str) -> Outcome:
        code = run(list(arguments))
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture
def lists(account: MockAccount, emulator: Emulator) -> list[str]:
    """Lists of the account, beside All Subscribers."""
    own = account.credentials
    names = ["Readers", "[bold]Writers[/bold]", 'Über, "uns"']
    with Client(account.url, auth=UsernameToken(own["username"], own["password"])) as client:
        client.create([APIObject("List", ListName=name) for name in names])
    return names


# flow


def test_the_flow_prints_each_step_and_the_events(
    call: Callable[..., Outcome],
) -> None:
    done = call(
        "flow", "welcome", "--to", "ada+click@mock.test", *EMAIL, "--wait-for", "ClickEvent"
    )

    assert done.code == 0
    assert done.err.splitlines()[:4] == [
        "profile attribute UniqueID: made",
        "send log SendLog: set up",
        "definition welcome: made",
        "definition welcome: started",
    ]
    assert done.out.index("SentEvent") < done.out.index("OpenEvent") < done.out.index("ClickEvent")
    assert "url=https://www.example.com/start" in done.out


def test_the_flow_can_be_repeated(call: Callable[..., Outcome]) -> None:
    call("flow", "welcome", "--to", "ada@mock.test", *EMAIL)

    done = call("flow", "welcome", "--to", "ada@mock.test")

    assert done.code == 0
    assert done.err.splitlines()[:4] == [
        "profile attribute UniqueID: is there",
        "send log SendLog: is there",
        "definition welcome: is there",
        "definition welcome: runs",
    ]


def test_the_flow_can_be_taken_up_again(call: Callable[..., Outcome]) -> None:
    first = json.loads(call("flow", "welcome", "--to", "ada+open@mock.test", *EMAIL, "--json").out)

    done = call("flow", "welcome", "--resume", first["unique_id"], "--json")

    found = json.loads(done.out)
    assert {**found, "events": None} == {**first, "events": None}
    assert "OpenEvent" in [event["event"] for event in found["events"]]


def test_attributes_and_a_key_go_along(call: Callable[..., Outcome], account: MockAccount) -> None:
    call(
        *("flow", "welcome", "--to", "ada@mock.test", *EMAIL, "--subscriber-key", "ada"),
        *("--attribute", "First Name=Ada", "--attribute", "Last Name=L=ovelace"),
    )

    (message,) = account.explain(subscriber="ada")
    assert message.raw["attributes"]["Last Name"] == "L=ovelace"


def test_an_event_that_does_not_come_is_exit_code_1_and_says_how_to_look_again(
    call: Callable[..., Outcome],
) -> None:
    done = call(
        *("flow", "welcome", "--to", "ada@mock.test", *EMAIL),
        *("--wait-for", "OpenEvent", "--patience", "0"),
    )

    assert done.code == 1
    assert (
        "No OpenEvent within 0 s. Look again later: sfmc-client flow welcome --resume" in done.err
    )
    assert "SentEvent" in done.out


def test_a_message_that_was_not_sent_shows_why(call: Callable[..., Outcome]) -> None:
    done = call("flow", "welcome", "--to", "ada+notsent-held@mock.test", *EMAIL, "--json")

    assert json.loads(done.out)["error_code"] == 2


# retrieve


def test_rows_come_as_csv(call: Callable[..., Outcome], lists: list[str]) -> None:
    done = call("retrieve", "List", "ListName", "--csv")

    assert done.code == 0
    assert {row["ListName"] for row in done.rows} == {"All Subscribers", *lists}


def test_rows_come_as_json(call: Callable[..., Outcome], lists: list[str]) -> None:
    done = call("retrieve", "List", "ListName", "PartnerKey", "--json")

    assert {"ListName": "Readers", "PartnerKey": None} in json.loads(done.out)


def test_no_rows_are_an_empty_list(call: Callable[..., Outcome]) -> None:
    done = call("retrieve", "List", "ListName", "--where", "ListName = none", "--json")

    assert (done.code, json.loads(done.out)) == (0, [])


def test_rows_come_as_a_table_with_the_data_as_it_is(
    call: Callable[..., Outcome], lists: list[str]
) -> None:
    """Square brackets are no markup."""
    done = call("retrieve", "List", "ListName")

    assert all(name in done.out for name in lists)


def test_an_empty_result_is_reported(call: Callable[..., Outcome]) -> None:
    done = call("retrieve", "List", "ListName", "--where", "ListName = none")

    assert (done.code, done.out, done.err) == (0, "", "No objects found.\n")


def test_a_condition_narrows_and_a_limit_ends_it(
    call: Callable[..., Outcome], lists: list[str], account: MockAccount
) -> None:
    narrowed = call("retrieve", "List", "ListName", "--csv", "--where", "ListName = Readers")
    limited = call("retrieve", "List", "ListName", "--csv", "--limit", "1", "--batch-size", "1")

    assert [row["ListName"] for row in narrowed.rows] == ["Readers"]
    assert len(limited.rows) == 1


def test_a_table_ends_after_so_many_rows_and_says_so(
    call: Callable[..., Outcome], lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfmc_client.cli.output.MOST_SHOWN", 2)

    done = call("retrieve", "List", "ListName")

    assert sum(name in done.out for name in ["All Subscribers", *lists]) == 2
    assert (
        "These are the first 2. There are more: use --where, --limit, --csv or --json." in done.err
    )


@pytest.mark.parametrize("kind", ["List", "SentEvent", "DataExtensionObject[SendLog]"])
def test_without_properties_all_are_asked_for(call: Callable[..., Outcome], kind: str) -> None:
    sent = json.loads(call("flow", "welcome", "--to", "ada@mock.test", *EMAIL, "--json").out)

    done = call("retrieve", kind, "--csv")

    expected = {
        "List": ("ListName", "All Subscribers"),
        "SentEvent": ("SendID", str(sent["job_id"])),
        "DataExtensionObject[SendLog]": ("UniqueID", sent["unique_id"]),
    }[kind]
    assert done.rows[0][expected[0]] == expected[1]


CLIENT = (sys.executable, "-m", "sfmc_client.cli")


def client_in_terminal(columns: int, account: MockAccount, *arguments: str) -> str:
    """Run a command in a terminal of the given width, and return its final screen."""
    variables = {**account.environ, "NO_COLOR": "1", "PYTHONSAFEPATH": "1"}
    return plain(in_terminal(columns, *arguments, command=CLIENT, **variables))


@pytest.mark.slow
def test_a_wide_object_is_a_block_of_lines_where_a_table_has_no_room(
    account: MockAccount,
) -> None:
    shown = client_in_terminal(80, account, "retrieve", "List")

    # Of the progress display, only the clearing of its line remains.
    lines = [line.rstrip() for line in shown.rpartition("\x1b[2K")[2].splitlines()]
    assert lines[0] == "List 1"
    assert "  ListName            All Subscribers" in lines
    assert "Without a value: PartnerKey, Client.PartnerClientKey, AutomatedEmail.ID." in lines
    assert max(map(len, lines)) <= 80


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_a_table_of_properties_fits(account: MockAccount, columns: int) -> None:
    lines = client_in_terminal(columns, account, "describe", "TriggeredSendDefinition").splitlines()

    assert lines[0].split() == ["Name", "DataType", "Retrieve", "Update", "Required"]
    assert max(map(len, lines)) <= columns


@pytest.mark.slow
def test_a_narrow_selection_is_a_table_without_the_rest_of_a_spinner(
    account: MockAccount,
) -> None:
    shown = client_in_terminal(80, account, "retrieve", "List", "ListName", "Type")

    lines = shown.rpartition("\x1b[2K")[2].splitlines()
    assert lines[0].split() == ["ListName", "Type"]
    assert lines[2].split() == ["All", "Subscribers", "Private"]


def test_a_table_without_any_value_is_reported_in_one_line(call: Callable[..., Outcome]) -> None:
    done = call("retrieve", "List", "PartnerKey")

    assert (done.code, done.out) == (0, "")
    assert done.err == "1 found, without a value of PartnerKey.\n"


def test_a_pipe_gets_a_row_on_each_line(call: Callable[..., Outcome], lists: list[str]) -> None:
    done = call("retrieve", "List", "Type", "ListName")

    head, *rows = done.out.splitlines()
    assert head.split() == ["Type", "ListName"]
    assert [row.split()[0] for row in rows] == ["Private"] * 4
    assert [row for row in rows if row.endswith(" ")] == []


@pytest.mark.parametrize("format", [[], ["--json"]], ids=["table", "json"])
def test_control_characters_in_a_row_are_escaped(
    call: Callable[..., Outcome], account: MockAccount, format: list[str]
) -> None:
    own = account.credentials
    with Client(account.url, auth=UsernameToken(own["username"], own["password"])) as client:
        client.create(APIObject("List", ListName="a\x9b31m\u202eb"))

    done = call("retrieve", "List", "ListName", *format)

    assert done.code == 0
    assert not {"\x9b", "\u202e"} & set(done.out)
    assert "\\u202eb" in done.out


# Misspelt names.


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("retrieve", "List", "ListNam"), 1, "Did you mean ListName for ListNam?"),
        (("retrieve", "List", "listname"), 2, "Did you mean ListName?"),
        (("retrieve", "SentEvent", "sendid"), 2, "Did you mean SendID?"),
        (
            ("retrieve", "List", "ID", "--where", "listnam = x"),
            1,
            "Did you mean ListName for listnam?",
        ),
        (("retrieve", "Lists"), 1, "Did you mean List?"),
        (("retrieve", "subscribr", "EmailAddress"), 1, "Did you mean Subscriber?"),
        (("describe", "Subscribr"), 1, "Did you mean Subscriber?"),
        (("retreive", "List"), 2, "No such command 'retreive'."),
        (
            ("flow", "w", "--to", "a@b.test", "--wait-for", "OpnEvent"),
            2,
            "Did you mean 'OpenEvent'?",
        ),
    ],
)
def test_a_mistyped_name_is_an_error_with_the_nearest(
    call: Callable[..., Outcome], arguments: tuple[str, ...], code: int, hint: str
) -> None:
    done = call(*arguments)

    assert (done.code, done.out) == (code, "")
    assert hint in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("retrieve", "List", "--limit", "x"), "'x' is not a whole number."),
        (("retrieve", "List", "--timeout", "x"), "'x' is not a number."),
        (("retrieve",), "Missing argument 'TYPE'."),
    ],
)
def test_misuse_is_the_usage_and_a_sentence(
    call: Callable[..., Outcome], arguments: tuple[str, ...], said: str
) -> None:
    done = call(*arguments)

    usage, sentence = done.err.splitlines()
    assert done.code == 2
    assert usage.startswith("Usage: sfmc-client retrieve [OPTIONS] TYPE")
    assert sentence.startswith("sfmc-client: ")
    assert said in sentence


def test_without_a_command_the_help_is_shown(call: Callable[..., Outcome]) -> None:
    done = call()

    assert (done.code, done.out) == (2, "")
    assert "..." not in done.err.partition("Commands:")[2]


# describe and status


def test_the_properties_of_a_type_are_shown(call: Callable[..., Outcome]) -> None:
    done = call("describe", "Subscriber", "--csv")

    (email,) = [row for row in done.rows if row["Name"] == "EmailAddress"]
    assert email == {
        "Name": "EmailAddress",
        "DataType": "String",
        "Retrievable": "yes",
        "Updatable": "yes",
        "Required": "yes",
        "MaxLength": "254",
    }


def test_the_status_is_shown(call: Callable[..., Outcome], account: MockAccount) -> None:
    done = call("status", "--json")

    assert done.code == 0
    assert json.loads(done.out)["status"] == "OK"
    assert json.loads(done.out)["endpoint"] == account.url
    assert "status    OK" in call("status").out


# Credentials and addresses.


def test_options_win_over_the_environment(
    call: Callable[..., Outcome], account: MockAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMC_CLIENT_SECRET", "wrong")
    monkeypatch.setenv("SFMC_ENDPOINT", "http://127.0.0.1:9")

    done = call(
        *("status", "--endpoint", account.url),
        *("--client-secret", account.credentials["client_secret"]),
    )

    assert done.code == 0


def test_a_user_name_is_enough(
    call: Callable[..., Outcome], account: MockAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SFMC_CLIENT_ID")

    assert call("status").code == 0
    assert account.calls()[-1]["caller"] == account.credentials["username"]


# Errors.


def test_replaced_advice_is_in_the_texts_of_the_library() -> None:
    """A text that is reworded without its replacement would advise terminal users in Python."""
    package = Path(sfmc_client.__file__).parent
    trees = [ast.parse(path.read_text("utf-8")) for path in package.glob("*.py")]
    texts = [
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]

    assert [advice for advice in _OPTIONS if not any(advice in text for text in texts)] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Usage: sfmc-client"),
        (("nope",), "No such command 'nope'"),
        (("flow", "welcome"), "Give --to ADDRESS to send, or --resume UNIQUE_ID"),
        (("flow", "welcome", "--to", "a@b.test", "--resume", "1"), "and not both"),
        (("flow", "w", "--to", "a@b.test", "--attribute", "x"), "takes NAME=VALUE, not 'x'"),
        (("flow", "w", "--to", "a@b.test", "--wait-for", "Opened"), "'Opened' is not one of"),
        (
            ("flow", "w", "--to", "a@b.test"),
            "no email is given to create it with. Give --email-id, or create",
        ),
        (("retrieve",), "Missing argument 'TYPE'"),
        (("retrieve", "List", "--where", "ID ="), "there should be a value, not the end"),
        (("retrieve", "List", "--json", "--csv"), "--json and --csv do not go together"),
        (("retrieve", "List", "--limit", "0"), "0 is not in the range"),
        (("retrieve", "DataExtensionObject[x", "A"), "is not a type. Rows have the type"),
        (("status", "--timeout", "0"), "0.0 is not in the range"),
        (("status", "--endpoint", "nowhere"), "endpoint is not an http or https URL"),
        (
            ("status", "--ca-bundle", "/nowhere.pem"),
            "cannot be read: No such file or directory (/nowhere.pem)",
        ),
    ],
)
def test_misuse_is_exit_code_2_and_a_sentence(
    call: Callable[..., Outcome], arguments: tuple[str, ...], said: str
) -> None:
    done = call(*arguments)

    assert done.code == 2
    assert said in done.err + done.out
    assert "Traceback" not in done.err


def test_a_business_unit_without_a_package_is_refused(
    call: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMC_CLIENT_ID", "")

    done = call("status", "--mid", "42")

    assert done.code == 2
    assert "no package is given" in done.err


@pytest.mark.parametrize(
    ("variables", "code", "said"),
    [
        ({"SFMC_ENDPOINT": "http://127.0.0.1:9", "SFMC_CLIENT_ID": ""}, 1, "Connection refused"),
        ({"SFMC_CLIENT_SECRET": "wrong-one"}, 1, "Check client id, client secret"),
        ({"SFMC_CLIENT_ID": "", "SFMC_PASSWORD": "wrong-one"}, 1, "Login Failed"),
        (
            {"SFMC_CLIENT_ID": "", "SFMC_PASSWORD": ""},
            2,
            "No credentials are given. Set SFMC_CLIENT",
        ),
        ({"SFMC_ENDPOINT": "", "SFMC_AUTH_URL": ""}, 2, "The address of the service is not given"),
    ],
)
def test_a_wrong_environment_is_a_sentence_without_secrets(
    call: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    code: int,
    said: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sfmc_client.retrying.Retries.delay", lambda *_: 0)

    done = call("status")

    assert done.code == code
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert "wrong-one" not in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("retrieve", "Nope", "A"), "Unable to find a handler for object type: Nope"),
        (("retrieve", "List", "Nope"), "The Request Property(s) Nope do not match"),
        (("retrieve", "Nope"), "The service has no type Nope"),
        (("retrieve", "DataExtensionObject[Nope]"), "There is no data extension Nope"),
        (("describe", "Nope"), "The service has no type Nope"),
        (("flow", "w", "--to", "nobody", *EMAIL), "has invalid syntax.\n"),
        (("flow", "w", "--resume", "1"), "The account has no data extension SendLog"),
    ],
)
def test_a_refusal_is_exit_code_1_and_a_sentence(
    call: Callable[..., Outcome], arguments: tuple[str, ...], said: str
) -> None:
    done = call(*arguments)

    assert done.code == 1
    assert said in done.err
    assert done.err.splitlines()[-1].startswith("sfmc-client: ")


def test_a_fault_between_two_pages_leaves_what_had_come_and_says_so(
    call: Callable[..., Outcome], lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = OPERATIONS["Retrieve"]

    def broken(work: Any, message: Any) -> Any:
        if message.part("RetrieveRequest").text("ContinueRequest"):
            raise ServerTrouble
        return whole(work, message)

    monkeypatch.setitem(OPERATIONS, "Retrieve", broken)

    done = call("retrieve", "List", "ListName", "--csv")

    assert done.code == 1
    assert len(done.rows) == 2
    assert "Unplanned Outage" in done.err
    assert "2 objects were received before; the rest is missing." in done.err


def test_an_interrupt_is_exit_code_130(
    call: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "get_system_status", interrupted)

    assert call("status").code == 130


@pytest.mark.slow
def test_a_closed_pipe_is_no_error(account: MockAccount, lists: list[str]) -> None:
    """`sfmc-client retrieve … | head -1`."""
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "w") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "sfmc_client.cli", "retrieve", "List", "ListName", "--csv"],
            env={**os.environ, "PYTHONSAFEPATH": "1"},
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, "")


def test_progress_is_for_a_person_only(
    call: Callable[..., Outcome], lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, stderr counts; stdout stays the same."""
    silent = call("retrieve", "List", "ListName", "--csv")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)

    shown = call("retrieve", "List", "ListName", "--csv")

    assert silent.err == ""
    assert shown.out == silent.out
    assert "List: 4" in shown.err


@pytest.mark.parametrize("command", ["flow", "retrieve", "describe", "status"])
def test_every_option_is_explained(call: Callable[..., Outcome], command: str) -> None:
    done = call(command, "--help")

    assert done.code == 0
    for name in VARIABLES:
        assert f"--{name.replace('_', '-')}" in done.out
        assert f"[{variable(name)}]" in done.out
