"""Planted data of a request or a seed: no output has its secrets, and no terminal gets its control sequences."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator

import pytest
from tests.support.soap_app import envelope, fueloauth, username_token
from werkzeug.test import Client

from sfmc_mock import MockServer
from sfmc_mock.account.triggered_send_definitions import find_definition
from sfmc_mock.cli import main
from sfmc_mock.cli.call_lines import CallLines, facts_of
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds import parse_seed
from sfmc_mock.terminal import printable_lines

SECRET = "planted-5f2a"
ACCOUNT = f"""
[[api_user]]
username = "planter"
password = "{SECRET}"

[[package]]
client_id = "planter"
client_secret = "{SECRET}"
"""
BASIC = "Basic cGxhbnRlcjpwbGFudGVkLTVmMmE="
MESSAGE = '<GetSystemStatusRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"/>'


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(seed=ACCOUNT) as running:
        yield running


def plant(server: MockServer) -> None:
    """Send the secret in every place where clients send one, on purpose or by mistake."""
    client = Client(server.app)
    grant = {"grant_type": "client_credentials", "client_id": "planter"}
    url = f"http://planter:{SECRET}@host.test/"
    headers = {
        "Authorization": f"Bearer {SECRET}",
        "Proxy-Authorization": BASIC,
        "Cookie": f"session={SECRET}",
        "X-Api-Key": SECRET,
        "Referer": url,
        "Origin": url,
    }
    for header in (username_token("planter", SECRET), fueloauth(SECRET)):
        client.post(
            "/Service.asmx",
            data=envelope(MESSAGE, header),
            headers={"SOAPAction": "GetSystemStatus"},
        )
        client.post("/Service.asmx", data=envelope(MESSAGE, header)[:-40], headers=headers)
    client.post("/v2/token", json={**grant, "client_secret": SECRET})
    client.post("/v2/token", json={**grant, "client_secret": SECRET, "scope": "none"})
    client.post("/v2/token", data={**grant, "client_secret": SECRET})
    client.post("/v1/requestToken", json={"clientId": "other", "clientSecret": SECRET})
    client.post("/v2/token", data={"client_secret": SECRET, "file": (io.BytesIO(b"x"), "x")})
    client.get(f"/nowhere?client_secret={SECRET}&back={url}", headers=headers)
    client.post("/nowhere", data=f"see {url}", headers=headers)
    client.get("/_mock/clock", headers={"Host": "evil.test", **headers})
    client.post("/_mock/clock", data=f"password={SECRET}", headers=headers)


def test_a_planted_secret_is_in_no_output(server: MockServer) -> None:
    plant(server)

    outputs = [json.dumps(each.as_json(bodies=True)) + repr(each) for each in server.journal]
    outputs += [line for each in server.journal for line in CallLines().lines(facts_of(each))]
    outputs += [repr(server.journal.search(text=SECRET)), repr(server), repr(server.account)]
    with Client(server.app).get("/_mock/journal?bodies=1&limit=1000") as response:
        outputs.append(response.get_data(as_text=True))

    assert len(outputs) > 20
    assert [each for each in outputs if SECRET in each or BASIC in each] == []


@pytest.mark.parametrize(
    "line",
    [
        f'password = ["{SECRET}"]',
        f'password = {{value = "{SECRET}"}}',
        'password = 1\nclient_secret = "planted-5f2a"',
        f'password = "{SECRET}"\npasword = "{SECRET}"',
        f'username = {{password = "{SECRET}"}}\npassword = "x"',
    ],
)
def test_no_error_about_a_seed_quotes_a_secret(line: str) -> None:
    seed = f'[[api_user]]\nusername = "ada"\n{line}\n'

    with pytest.raises(SetupError) as refused:
        parse_seed(seed.replace('username = "ada"\nusername', "username"))

    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("seed", [f'api_user = "{SECRET}"', f'[api_user]\npassword = "{SECRET}"'])
def test_no_error_about_a_table_quotes_what_is_in_it(seed: str) -> None:
    with pytest.raises(SetupError) as refused:
        parse_seed(seed)

    assert SECRET not in str(refused.value)


# Commands for a terminal. XML takes no C0; it takes C1 and marks of direction.

COMMANDS = "\x9b31m\x85\u202e\u2066\u200f\u2028"
IN_TOML = "\\u009b2J\\r" + "".join(f"\\u{ord(each):04x}" for each in COMMANDS)
SEED = f"""
[account]
clock = "2026-01-01T12:00:00"

[[email]]
id = 77
name = "mail{IN_TOML}"
subject = "s{IN_TOML}"

[[triggered_send_definition]]
key = "k{IN_TOML}"
name = "n{IN_TOML}"
email = 77
status = "Active"
auto_add_subscribers = true
"""


def ran(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *line: str) -> str:
    """Run a command as in a terminal, and return its output."""
    monkeypatch.setattr(sys, "argv", ["sfmc-mock", *line])
    with pytest.raises(SystemExit):
        main()
    out, err = capsys.readouterr()
    return out + err


def is_safe(text: str) -> bool:
    return printable_lines(text) == text


LINES: list[Callable[[str], tuple[str, ...]]] = [
    lambda key: ("sends",),
    lambda key: ("explain", "--subscriber", key),
    lambda key: ("explain", "--subscriber", f"other{COMMANDS}"),
    lambda key: ("events",),
    lambda key: ("journal",),
    lambda key: ("journal", "1"),
    lambda key: ("accounts",),
    lambda key: ("clock", "set", f"x{COMMANDS}\x1b[2J"),
    lambda key: ("send", f"d{COMMANDS}", key),
    lambda key: ("restore", f"c{COMMANDS}"),
    lambda key: (f"x{COMMANDS}\x1b[2J",),
]


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[MockServer, str]]:
    """A server whose account and journal are full of control sequences, and the key of a subscriber with one."""
    with MockServer(seed=SEED) as running:
        monkeypatch.setenv("SFMC_MOCK_URL", running.base_url)
        key = f"ada{COMMANDS}"
        definition = next(
            str(row["customer_key"])
            for row in running.account.account.db.find_all("triggered_send_definition")
            if str(row["customer_key"]).startswith("k")
        )
        assert find_definition(running.account.account, key=definition)
        running.account.send(definition, to={"key": key, "email": "ada@mock.test"})
        client = Client(running.app)
        known = running.account.credentials
        header = username_token(known["username"], known["password"])
        for object_type in (f"Sub{COMMANDS}", "Subscriber"):
            message = (
                '<RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest>'
                f"<ObjectType>{object_type}</ObjectType><Properties>ID{COMMANDS}</Properties>"
                "</RetrieveRequest></RetrieveRequestMsg>"
            )
            client.post(
                "/Service.asmx", data=envelope(message, header), headers={"SOAPAction": "Retrieve"}
            )
        client.post("/Service.asmx", data=b"<", headers={"SOAPAction": "x\x9b31m"})
        client.get(f"/no%1b%5b2J{COMMANDS}?q=%1b{COMMANDS}")
        yield running, key


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line("key")).split("\x9b")[0])
def test_no_command_prints_a_command_for_the_terminal(
    planted: tuple[MockServer, str],
    line: Callable[[str], tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, key = planted

    printed = ran(monkeypatch, capsys, *line(key))

    assert printed
    assert is_safe(printed), ascii(printed)


def test_no_line_of_serve_is_a_command_for_the_terminal(planted: tuple[MockServer, str]) -> None:
    server, _ = planted

    lines = [line for each in server.journal for line in CallLines().lines(facts_of(each))]

    assert len(lines) >= 4
    assert all(line.isprintable() for line in lines)


def test_no_failed_expectation_is_a_command_for_the_terminal(
    planted: tuple[MockServer, str],
) -> None:
    server, _ = planted

    with pytest.raises(AssertionError) as called:
        server.journal.assert_called("Retrieve", object_type="Other")
    with pytest.raises(AssertionError) as sent:
        server.journal.assert_sent(to="nobody", definition="other")

    assert is_safe(str(called.value)), ascii(str(called.value))
    assert is_safe(str(sent.value)), ascii(str(sent.value))
