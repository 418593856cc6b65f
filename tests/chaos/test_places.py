"""Chaos rules set in five places: Python, control API, command line, seed file and marker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import tomli_w
from click.testing import CliRunner
from tests.chaos.conftest import Delays

from sfmc_client import APIObject, Client, Retries, UsernameToken
from sfmc_client.errors import SfmcError
from sfmc_mock import MockServer
from sfmc_mock.cli.chaos import chaos as command
from sfmc_mock.control_client import ControlClient
from sfmc_mock.seeds import parse_seed, write_seed

# Seconds that a client waits which gives up.
IMPATIENT = 0.4

# The rule, and how a Create ends: the kind of error, None for none; whether the list is there then.
EFFECTS: dict[str, tuple[dict[str, Any], str | None, bool]] = {
    "delay": ({"delay": "20s"}, "TimedOut", True),
    "status": ({"status": 503}, "UnreadableAnswer", False),
    "fault": ({"fault": "rate-limit"}, "ServiceUnavailable", False),
    "fault-code": ({"fault": {"code": 10, "text": "Gone"}}, "ServiceUnavailable", False),
    "token-expired": ({"fault": "token-expired"}, "TokenExpired", False),
    "error": ({"error": {"code": 12002, "text": "No."}}, "OperationFailed", False),
    "permission": ({"permission": True}, "OperationFailed", False),
    "rate": ({"rate": "1/h"}, "ServiceUnavailable", False),
    "drop": ({"connection": "drop"}, "ConnectionLost", False),
    "reset": ({"connection": "reset"}, "ConnectionLost", False),
    "truncate": ({"connection": "truncate"}, "ConnectionLost", True),
    "drip": ({"connection": "drip", "delay": "20s"}, "TimedOut", True),
    "lose-work": ({"lose": "work"}, None, False),
    "lose-answer": ({"lose": "answer"}, "ConnectionLost", True),
}


def asked_for(name: str) -> dict[str, Any]:
    return {"name": name, "operation": "Create", "object": "List", **EFFECTS[name][0]}


@contextmanager
def by_python(name: str) -> Iterator[MockServer]:
    with MockServer() as server:
        server.chaos.add(**asked_for(name))
        yield server


@contextmanager
def by_control_api(name: str) -> Iterator[MockServer]:
    with MockServer() as server, ControlClient(server.base_url) as control:
        control.post("/chaos", asked_for(name))
        yield server


@contextmanager
def by_command_line(name: str) -> Iterator[MockServer]:
    with MockServer() as server:
        settings = [f"{key}={_written(value)}" for key, value in asked_for(name).items()]
        ran = CliRunner().invoke(command, ["add", *settings, "--url", server.base_url])
        assert ran.exit_code == 0, ran.output
        yield server


def _written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {json.dumps(each)}" for key, each in value.items()) + "}"
    return value if isinstance(value, str) else json.dumps(value)


@contextmanager
def seeded(text: str) -> Iterator[MockServer]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "account.toml")
        path.write_text(text)
        with MockServer(seed=path) as server:
            yield server


@contextmanager
def by_seed(name: str) -> Iterator[MockServer]:
    with seeded(tomli_w.dumps({"version": 1, "chaos": [asked_for(name)]})) as server:
        yield server


PLACES = [by_python, by_control_api, by_command_line, by_seed]


def outcome(url: str, delays: Delays | None = None) -> tuple[str | None, bool]:
    """Create a list; return how the call ended, and whether the list exists."""
    timeout = 60 if delays is None else IMPATIENT
    auth = UsernameToken("mock-user", "mock-password")
    with Client(url, auth=auth, retries=Retries(attempts=1)) as client:
        ended = None
        try:
            client.create(APIObject("List", ListName="Readers"), timeout=timeout)
        except SfmcError as error:
            ended = type(error).__name__
        if delays is not None:
            delays.begin()
        # A rate lets the first one through.
        names = {found["ListName"] for found in client.retrieve("List", ["ListName"])}
        return ended, "Readers" in names


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", EFFECTS)
def test_an_effect_is_asked_for_in(place: Callable[[str], Any], name: str, delays: Delays) -> None:
    _, error, is_done = EFFECTS[name]
    with place(name) as server:
        if name == "rate":
            outcome(server.url)
            _remove_list(server)

        found = outcome(server.url, delays if error == "TimedOut" else None)
        hits = server.chaos.as_json()[0]["hits"]
        delays.end()

    assert found[0] == error
    assert hits == 1
    # A delayed call is processed even if its client has given up.
    if name != "delay":
        assert found[1] is is_done


def _remove_list(server: MockServer) -> None:
    auth = UsernameToken("mock-user", "mock-password")
    with Client(server.url, auth=auth) as client:
        found = client.retrieve("List", ["ID", "ListName"]).all()
        number = next(each["ID"] for each in found if each["ListName"] == "Readers")
        client.delete(APIObject("List", ID=number))


MARKED = """
import threading

import pytest
from sfmc_client import APIObject
from sfmc_client.errors import SfmcError


@pytest.fixture
def delayed(monkeypatch):
    begun, over = threading.Event(), threading.Event()
    monkeypatch.setattr("sfmc_mock.chaos.engine.pause", lambda seconds: begun.set() or over.wait(60))
    yield begun
    over.set()

{tests}
"""
ONE = """
@pytest.mark.sfmc_chaos(**{rule!r})
def test_{number}(sfmc, sfmc_account, delayed):
    ended = None
    for _ in range({tries}):
        try:
            sfmc.client.create(APIObject("List", ListName="Readers", CustomerKey="Readers"), timeout={timeout})
        except SfmcError as error:
            ended = type(error).__name__
    assert ended == {error!r}
    assert ended != "TimedOut" or delayed.wait(60)
    assert sfmc_account.chaos.hits({name!r}) == 1
"""


@pytest.mark.slow
def test_an_effect_is_asked_for_by_a_marker(pytester: pytest.Pytester) -> None:
    tests = [
        ONE.format(
            rule=asked_for(name),
            number=number,
            tries=2 if name == "rate" else 1,
            timeout=IMPATIENT if error == "TimedOut" else 60,
            error=error,
            name=name,
        )
        for number, (name, (_, error, _)) in enumerate(EFFECTS.items())
    ]
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    pytester.makepyfile(MARKED.format(tests="\n".join(tests)))

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=len(EFFECTS))


@pytest.mark.slow
def test_a_failing_test_shows_which_rules_acted(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.sfmc_chaos(name="busy", fault="rate-limit", operation="VersionInfo", times=1)
        def test_version(sfmc):
            sfmc.client.version_info()
            assert False
        """
    )

    result = pytester.runpytest_subprocess()

    result.stdout.fnmatch_lines(["*VersionInfo*", "*chaos rule 'busy' acted*"])


@pytest.mark.slow
def test_a_wrong_marker_is_refused_with_what_is_wrong(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.sfmc_chaos(stauts=503)
        def test_version(sfmc):
            sfmc.client.version_info()
        """
    )

    result = pytester.runpytest_subprocess()

    result.stdout.fnmatch_lines(["*stauts*"])
    result.assert_outcomes(errors=1)


def test_an_export_keeps_the_rules() -> None:
    text = 'version = 1\n[[chaos]]\nname = "busy"\nstatus = 503\nsince = 2026-01-31T12:00:00\n'
    with seeded(text) as server:
        exported = server.account.export()
        again = parse_seed(exported)

    assert [dict(rule) for rule in again.chaos] == [
        {"name": "busy", "status": 503, "since": "2026-01-31T12:00:00"}
    ]
    assert write_seed(again) == exported


def test_a_wrong_rule_in_a_seed_names_file_and_rule(tmp_path: Path) -> None:
    from sfmc_mock.errors import SetupError

    with pytest.raises(
        SetupError, match=r"account\.toml, \[\[chaos\]\] rule 1 \(status\): status must be"
    ):
        parse_seed("version = 1\n[[chaos]]\nstatus = 1\n", "account.toml")


def test_rules_survive_a_checkpoint_and_a_reset() -> None:
    with seeded('version = 1\n[[chaos]]\nname = "seeded"\nstatus = 503\n') as server:
        server.chaos.add(name="added", status=504)
        server.account.checkpoint()
        server.chaos.clear()

        server.account.restore()
        restored = [rule["name"] for rule in server.chaos.as_json()]
        server.account.reset()

        assert restored == ["seeded", "added"]
        assert [rule["name"] for rule in server.chaos.as_json()] == ["seeded"]


def test_the_command_line_lists_and_removes_rules() -> None:
    with MockServer() as server:
        server.chaos.add(name="busy", operation="Create", status=503)
        server.chaos.add(name="slow", delay="1s")
        options = ["--url", server.base_url]
        run = CliRunner()

        listed = run.invoke(command, ["list", *options]).output
        left = run.invoke(command, ["remove", "busy", *options, "--json"]).output
        cleared = run.invoke(command, ["clear", *options]).output

    assert "busy" in listed
    assert "operation=Create status=503" in listed
    assert [rule["name"] for rule in json.loads(left)["rules"]] == ["slow"]
    assert cleared == "There are no chaos rules.\n"
