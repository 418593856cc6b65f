"""The command line as a whole: command table, help, options, and unusual output streams."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Run
from tests.support.command_line import COMMAND, Ran, environment, in_terminal, plain, run_apart

from sfmc_mock import MockServer
from sfmc_mock.cli import COMMANDS, cli
from sfmc_mock.cli.serve import serve
from sfmc_mock.settings import Settings, option_of, variable_of


def command_named(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert isinstance(found, click.Command)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_has_a_help_text(name: str) -> None:
    command = command_named(name)

    assert command.name == name
    assert command.get_short_help_str(limit=68).endswith(".")
    assert "…" not in command.get_short_help_str(limit=68)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    options = [each for each in command_named(name).params if isinstance(each, click.Option)]

    assert [each.name for each in options if not (each.help or "").endswith(".")] == []


def test_the_help_lists_every_command(run: Run) -> None:
    shown = run("--help")

    assert shown.code == 0
    listed = re.findall(r"^  ([a-z]+)  ", shown.out, re.MULTILINE)
    # Commands of other packages are listed last.
    assert listed[: len(COMMANDS)] == list(COMMANDS)


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert version("sfmc-mock") in run("--version").out


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    refused = run("frobnicate")

    assert refused.code == 2
    assert refused.err.splitlines() == [
        "Usage: sfmc-mock [OPTIONS] [COMMAND] [ARGS]...",
        "sfmc-mock: No such command 'frobnicate'. See `sfmc-mock --help`.",
    ]


@pytest.mark.parametrize(("mistyped", "meant"), [("sevre", "serve"), ("Explan", "explain")])
def test_a_mistyped_command_is_answered_with_the_nearest(
    run: Run, mistyped: str, meant: str
) -> None:
    assert f"No such command '{mistyped}'. Did you mean '{meant}'?" in run(mistyped).err


def test_an_option_before_its_command_is_told_its_place(run: Run) -> None:
    assert "No such option '--json'. Give it after the command, as in `sfmc-mock " in (
        run("--json", "clock").err
    )


def test_no_option_is_suggested_that_shares_the_dashes_alone(run: Run) -> None:
    assert "Did you mean" not in run("send", "welcome", "--to", "ada@mock.test").err
    assert "Did you mean '--limit'" in run("events", "--limt", "3").err


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    shown = run()

    assert (shown.code, shown.out) == (2, "")
    assert shown.err == run("--help").out


@pytest.mark.parametrize("group", ["chaos", "event", "files"])
def test_a_group_without_a_command_shows_its_help(run: Run, group: str) -> None:
    asked = run(group)

    assert (asked.code, asked.err.count("Usage: ")) == (2, 1)
    assert asked.err.startswith(f"Usage: sfmc-mock {group} [OPTIONS] COMMAND")
    assert "\nCommands:\n" in asked.err


def test_control_characters_in_a_message_are_escaped(run: Run) -> None:
    refused = run("cl\x1b[2Jock")

    assert "\x1b" not in refused.err
    assert r"cl\x1b[2Jock" in refused.err


# The settings of a server.


def test_every_setting_is_an_option_of_serve() -> None:
    options = {each.name: each for each in serve.params}

    for each in fields(Settings):
        option = options[each.name]
        assert option.opts == [f"--{option_of(each)}"]
        assert option.envvar == variable_of(each)
        assert (option.default or None) == (each.default or None)


@pytest.mark.parametrize(
    ("variable", "value", "name", "wanted"),
    [
        ("SFMC_MOCK_HOST", "::1", "host", "::1"),
        ("SFMC_MOCK_PORT", "0", "port", 0),
        ("SFMC_MOCK_ACCOUNT", "a.db :memory:", "accounts", ("a.db", ":memory:")),
        ("SFMC_MOCK_STRICT", "1", "strict", True),
        ("SFMC_MOCK_STRICT", "false", "strict", False),
        ("SFMC_MOCK_PAGE_SIZE", "3", "page_size", 3),
        ("SFMC_MOCK_SEED", "", "seed", None),
    ],
)
def test_a_setting_is_read_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str, wanted: object
) -> None:
    monkeypatch.setenv(variable, value)

    context = serve.make_context("serve", [])

    assert context.params[name] == wanted


def test_without_anything_said_the_settings_are_the_defaults() -> None:
    given = dict(serve.make_context("serve", []).params)
    del given["ready_json"], given["quiet"], given["workers"]

    assert Settings(**given) == Settings()


# Imports.

LOADED = """
import sys
{}
names = "spyne", "rich", "jinja2", "markdown_it", "lxml", "sfmc_mock.server"
print(" ".join(name for name in names if name in sys.modules))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "loaded"),
    [
        # Commands that start a server need neither the WSDL types nor output tables.
        ("import sfmc_mock.cli.serve, sfmc_mock.server", ["lxml", "sfmc_mock.server"]),
        ("import sfmc_mock.cli.clock, sfmc_mock.cli.sends, sfmc_mock.cli.exec_command", []),
        (
            "from sfmc_mock.cli import cli; cli.get_help(cli.make_context('sfmc-mock', ['clock']))",
            [],
        ),
    ],
    ids=["serve", "clock", "help"],
)
def test_a_command_imports_only_its_own_modules(statement: str, loaded: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert done.stdout.split() == loaded


# Terminals and pipes.


@pytest.mark.slow
def test_the_demo_cuts_nothing_at_80_columns() -> None:
    shown = plain(in_terminal(80, "demo"))

    assert "…" not in shown.replace("OpenEvent, …", "")
    assert max(map(len, shown.splitlines())) <= 80
    assert re.search(r"JobID \d+, BatchID \d+, SubscriberID \d+ *\n", shown)
    for event in ("SentEvent", "DeliveredEvent", "OpenEvent", "ClickEvent"):
        assert f"│ ↓ {event} " in shown


@pytest.mark.slow
def test_a_table_in_a_terminal_folds_addresses_and_cuts_no_number(server: MockServer) -> None:
    address = "a.rather.long.name.of.somebody.with.a.long.name@mock.test"
    sent = server.account.send("welcome", to=address)

    shown = in_terminal(80, "sends", SFMC_MOCK_URL=server.base_url)

    lines = plain(shown).splitlines()
    assert "\x1b[32m" in shown
    assert max(map(len, lines)) <= 80
    assert str(sent.job_id) in lines[2]
    assert "".join(line[39:54].strip() for line in lines[2:]).startswith("a.rather.long.name")
    assert "delivered" in lines[3]


@pytest.mark.slow
def test_an_explanation_in_a_terminal_is_folded_under_its_beginning(server: MockServer) -> None:
    server.account.send("welcome", to="somebody.with.a.long.name+hardbounce@mock.test")

    shown = in_terminal(80, "explain", SFMC_MOCK_URL=server.base_url)

    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith(" " * 12) for line in lines)


@pytest.mark.slow
def test_no_color_is_respected(server: MockServer) -> None:
    server.account.send("welcome", to="ada@mock.test")

    shown = in_terminal(80, "sends", SFMC_MOCK_URL=server.base_url, NO_COLOR="1")

    assert re.findall(r"\x1b\[3\d", shown) == []


def test_the_demo_in_a_pipe_is_plain_text(run: Run) -> None:
    shown = run("demo", "--to", "ada+hardbounce@mock.test")

    assert shown.code == 0
    assert "\x1b" not in shown.out
    assert re.search(r"JobID \d+, BatchID \d+, SubscriberID \d+", shown.out)
    assert "↓ BounceEvent" in shown.out


def test_the_demo_says_which_step_was_refused(run: Run) -> None:
    refused = run("demo", "--to", "no address")

    assert refused.code == 1
    assert refused.err.startswith("sfmc-mock: Send: ")


@pytest.mark.parametrize(
    ("address", "code", "explained"),
    [
        ("ada+notsent-held@mock.test", 0, "Not sent, code 2 (Held).\n"),
        ("no address", 1, "Refused in the answer, code 5 (InvalidEmailAddress).\n"),
    ],
)
def test_the_demo_explains_why_a_message_was_not_sent(
    run: Run, address: str, code: int, explained: str
) -> None:
    shown = run("demo", "--to", address)

    assert shown.code == code
    assert f"Why it was not sent\n\nSend 1, 'welcome' → {address}: {explained}" in shown.out
    assert "Still to come" not in shown.out


def test_the_demo_says_what_is_still_to_come(run: Run) -> None:
    shown = run("demo", "--to", "ada+open+lag-2h@mock.test")

    assert "Still to come: no Retrieve shows it yet, the clock is at 20" in shown.out
    assert re.search(r"\nit was opened at [\d:. -]+, visible from [\d:. -]+\n", shown.out)
    assert "Why it was not sent" not in shown.out


@pytest.mark.slow
def test_a_terminal_that_lacks_an_arrow_gets_another_sign(server: MockServer) -> None:
    shown = run_apart("demo", env=environment(PYTHONIOENCODING="ascii"))

    assert shown.code == 0
    assert "? SentEvent" in shown.out


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_failure() -> None:
    writing = subprocess.Popen(
        (*COMMAND, "wsdl"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    with writing:
        assert writing.stdout is not None
        assert writing.stderr is not None
        writing.stdout.read(10)
        writing.stdout.close()
        err = writing.stderr.read()

    assert b"Traceback" not in err


FULL = Path("/dev/full")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


# Written at once, or held until the end: an interpreter meets the full disk at other places then.
UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


def run_with_full_disk(program: str, *arguments: str, unbuffered: str = "") -> Ran:
    """Run a program in Python, with standard output on a full disk."""
    with FULL.open("w") as target:
        done = subprocess.run(
            (sys.executable, "-c", program, *arguments),
            stdout=target,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(PYTHONUNBUFFERED=unbuffered),
            timeout=30,
            check=False,
        )
    return Ran(done.returncode, "", done.stderr)


@pytest.mark.slow
@needs_full
@UNBUFFERED
@pytest.mark.parametrize("command", ["serve --port 0", "wsdl", "--help"])
def test_a_full_disk_is_reported_in_one_line(command: str, unbuffered: str) -> None:
    program = "from sfmc_mock.cli import main; main()"

    done = run_with_full_disk(program, *command.split(), unbuffered=unbuffered)

    assert done.code == 1
    assert done.err == "sfmc-mock: The output could not be written: No space left on device.\n"


# Some interpreters keep unwritten output, and try to write it again at exit.
WRITES_AGAIN = """
import atexit, sys
from sfmc_mock.cli import main
atexit.register(lambda: (print("once more"), sys.stdout.flush()))
main()
"""


@pytest.mark.slow
@needs_full
@UNBUFFERED
def test_after_a_full_disk_nothing_fails_when_the_interpreter_ends(unbuffered: str) -> None:
    done = run_with_full_disk(WRITES_AGAIN, "wsdl", unbuffered=unbuffered)

    assert done.code == 1
    assert done.err == "sfmc-mock: The output could not be written: No space left on device.\n"


@pytest.mark.slow
@needs_full
def test_lost_buffered_output_is_reported() -> None:
    program = (
        "import sys; from sfmc_mock.cli import streams; print('held'); sys.exit(streams.finish(0))"
    )

    done = run_with_full_disk(program)

    assert done.code == 1
    assert "The output could not be written" in done.err


@pytest.mark.slow
def test_closed_output_streams_change_no_exit_code(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    shown = subprocess.run(
        (*COMMAND, "--help"), stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False
    )
    refused = subprocess.run(
        (*COMMAND, "wsdl", "-o", str(tmp_path / "none" / "wsdl")),
        stderr=writing,
        env=environment(),
        check=False,
    )
    os.close(writing)

    assert (shown.returncode, shown.stderr) == (0, b"")
    assert refused.returncode == 2


# The WSDL.


def test_the_wsdl_names_the_endpoint_that_was_asked_for(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "service.wsdl"

    shown = run("wsdl", "--endpoint", "https://mc.test/Service.asmx", "-o", str(path))

    assert (shown.code, shown.out) == (0, "")
    assert b'location="https://mc.test/Service.asmx"' in path.read_bytes()


def test_a_wsdl_that_cannot_be_written_is_reported_in_one_line(run: Run, tmp_path: Path) -> None:
    refused = run("wsdl", "-o", str(tmp_path / "none" / "service.wsdl"))

    assert "cannot be written: No such file or directory" in refused.sentence


# Unexpected errors of the control API.


def test_a_failing_server_is_its_own_sentence(
    run: Run, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail: Callable[..., int] = lambda handle: 1 // 0  # noqa: E731
    monkeypatch.setattr(server.app.control.lookup, "about", fail)

    refused = run("accounts")

    server.app.control.problems.clear()
    assert "The emulator failed on this request (ZeroDivisionError)" in refused.refusal
