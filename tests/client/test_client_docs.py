"""The examples on the pages about the client and the fixtures run."""

from __future__ import annotations

import ast
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import urllib3

import sfmc_client
from sfmc_client import Client, SentEvent, UsernameToken
from sfmc_client.cli import run
from sfmc_client.environment import VARIABLES, variable
from sfmc_client.testing import MockSettings
from sfmc_client.testing.configuration import _KEYS, read_configuration
from sfmc_mock import MockServer

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    """What `sfmc-mock serve` starts, on another port."""
    with MockServer() as server:
        yield server


@pytest.fixture
def client(server: MockServer) -> Iterator[Client]:
    with Client(server.url, auth=UsernameToken("mock-user", "mock-password")) as client:
        yield client


@pytest.mark.slow
def test_the_tests_on_the_page_about_pytest_pass(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the settings that the page shows, too."""
    for name in ("SFMC_TARGET", "SFMC_CONFIG", "SFMC_MOCK_URL"):
        monkeypatch.delenv(name, raising=False)
    shown = blocks("pytest.md", "python")
    tests = [block for block in shown if re.match(r"(@pytest.mark\S+\n)?def test_", block)]
    (settings,) = [block for block in shown if "def sfmc_settings" in block]
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    pytester.makeconftest(settings)
    pytester.mkdir("tests").joinpath("account.toml").write_text(
        'version = 1\n[[email]]\nid = 42\nname = "Welcome"\nsubject = "Welcome"\n'
    )
    pytester.makepyfile("import pytest\n\n\n" + "\n\n".join(tests))

    pytester.runpytest_subprocess().assert_outcomes(passed=len(tests))
    assert len(tests) == 2


def test_the_configuration_on_the_page_can_be_read() -> None:
    settings = read_configuration(ROOT / "tests" / "examples" / "tenant.toml", environ={})

    assert settings.mailboxes["opens"] == "opener@qa.example.com"


def test_every_setting_is_on_the_page() -> None:
    page = (DOCS / "pytest.md").read_text(encoding="utf-8")

    assert [each.name for each in fields(MockSettings) if f"`{each.name}`" not in page] == []


def test_every_key_of_the_configuration_is_on_the_page() -> None:
    page = (DOCS / "pytest.md").read_text(encoding="utf-8")

    missing = {
        f"[{section}] {key}"
        for section, keys in _KEYS.items()
        for key in keys
        if section != "mailboxes" and not re.search(rf"\b{key}\b", page)
    }
    assert missing == set()


def test_the_call_with_curl_in_the_quickstart_is_answered(server: MockServer) -> None:
    (command,) = [block for block in blocks("quickstart.md", "console") if "curl" in block]
    words = shlex.split(command.removeprefix("$ "))
    headers = dict(words[place + 1].split(": ") for place, word in enumerate(words) if word == "-H")
    url = next(word for word in words if word.startswith("http")).replace(
        "http://127.0.0.1:8025", server.base_url
    )

    with urllib3.PoolManager() as pool:
        answer = pool.request("POST", url, body=words[words.index("-d") + 1], headers=headers)

    assert answer.status == 200
    assert b"<ListName>All Subscribers</ListName>" in answer.data


def test_the_commands_of_the_quickstart_do_something(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(variable(name), raising=False)
    (session,) = [block for block in blocks("quickstart.md", "console") if "sfmc-client" in block]
    lines = [shlex.split(line.removeprefix("$ ")) for line in session.splitlines()]
    for word in lines[0][1:]:
        name, _, value = word.partition("=")
        monkeypatch.setenv(name, value.replace("http://127.0.0.1:8025", server.base_url))

    codes = [run(line[1:]) for line in lines[1:]]

    assert codes == [0] * 5
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("OK", "ClickEvent", "UniqueID", "EmailAddress"))


def test_the_program_in_the_quickstart_runs(
    server: MockServer, capsys: pytest.CaptureFixture[str]
) -> None:
    (program,) = [block for block in blocks("quickstart.md", "python") if "Client(" in block]

    exec(program.replace("http://127.0.0.1:8025", server.base_url), {})

    assert "All Subscribers" in capsys.readouterr().out


def test_the_flow_on_the_page_about_the_client_runs(client: Client) -> None:
    (program,) = [block for block in blocks("client.md", "python") if "TrackingFlow(" in block]
    program = program.replace("31234", "3099626").replace("ada@example.com", "ada+open@mock.test")
    names: dict[str, Any] = {"client": client}

    exec(program, names)

    assert names["opened"].send_id == names["sent"].job_id
    assert names["flow"].events(SentEvent, names["sent"]).one().subscriber_key == (
        "ada+open@mock.test"
    )


def test_the_first_program_on_the_page_about_the_client_uses_what_there_is(
    client: Client,
) -> None:
    """The program calls a tenant; the content of its block runs against the emulator."""
    (program,) = [block for block in blocks("client.md", "python") if "subdomain=" in block]
    (importing, _, block) = ast.parse(program).body
    assert isinstance(importing, ast.ImportFrom)
    assert isinstance(block, ast.With)
    names: dict[str, Any] = {each.name: getattr(sfmc_client, each.name) for each in importing.names}

    exec(textwrap.dedent("\n".join(map(ast.unparse, block.body))), {**names, "client": client})

    assert client.retrieve("Subscriber", ["SubscriberKey"]).first() is not None
