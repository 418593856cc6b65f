"""Recordings: written by the client's transport, read back, and checked for private data."""

from __future__ import annotations

import tomllib
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.support.flows import ENDPOINT, PRIVATE, client, record_flow
from tests.support.planting import found_in
from tests.support.soap_app import shared

from sfmc_client import APIObject, Request, Response, TimedOut, TransportError
from sfmc_conformance import commands
from sfmc_conformance.leak_check import check_folder
from sfmc_conformance.transcripts import (
    Recorder,
    RecordingTransport,
    TranscriptError,
    read_recording,
)
from sfmc_mock.cli import cli

SAID = Response(
    status=200,
    headers={"content-type": "application/json", "set-cookie": "Ada=1", "x-tenant": "Ada"},
    body=b'{"access_token": "T0ken-of-Ada", "expires_in": 1079}',
)
EMPTY = Request(url=ENDPOINT, headers={}, body=b"", timeout=1.0)


class Saying:
    """A transport that always returns the same answer."""

    def __init__(self, answer: Response | TransportError) -> None:
        self.answer = answer

    def send(self, request: Request) -> Response:
        if isinstance(self.answer, TransportError):
            raise self.answer
        return self.answer


def request(body: bytes = b'{"client_id": "Ada"}', **headers: str) -> Request:
    return Request(
        url="https://mcada.auth.marketingcloudapis.com/v2/token",
        headers={"Content-Type": "application/json", "Authorization": "Bearer Ada", **headers},
        body=body,
        timeout=1,
    )


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of the documented flow."""
    return record_flow(tmp_path_factory.mktemp("flow") / "recording").folder


def test_the_flow_is_recorded_call_by_call(flow: Path) -> None:
    recording = read_recording(flow)

    operations = [exchange.operation for exchange in recording.exchanges]
    assert operations[:5] == ["token", "Configure", "Retrieve", "Create", "Create"]
    assert operations[5:] == ["Update", "Create", *["Retrieve"] * 5]
    assert {exchange.status for exchange in recording.exchanges} == {200}
    assert recording.exchanges[1].soap_action == '"Configure"'
    assert recording.exchanges[1].url.startswith("https://tenant-1.soap.marketingcloudapis.com/")


def test_nothing_of_the_account_or_its_people_is_in_a_recording(flow: Path) -> None:
    found = {value: found_in(flow, value) for value in PRIVATE}

    assert found == {value: [] for value in PRIVATE}


def test_a_recording_is_clean(flow: Path) -> None:
    assert check_folder(flow) == []


def test_an_exchange_is_three_files(tmp_path: Path) -> None:
    RecordingTransport(Saying(SAID), tmp_path).send(request(SOAPAction='"Create"'))

    written = {file.name: file.read_text() for file in (tmp_path / "0001-token").iterdir()}
    assert written.keys() == {"exchange.toml", "request.json", "response.json"}
    assert written["response.json"] == '{"access_token": "token-1", "expires_in": 1079}'
    content = tomllib.loads(written["exchange.toml"])
    assert content.pop("at") >= 0
    assert content == {
        "operation": "token",
        "method": "POST",
        "url": "https://tenant-1.auth.marketingcloudapis.com/v2/token",
        "soap_action": '"Create"',
        "request": {"content_type": "application/json", "body": "request.json"},
        "response": {"content_type": "application/json", "body": "response.json", "status": 200},
    }


def test_an_exchange_without_an_answer_is_recorded_with_the_kind_of_error(tmp_path: Path) -> None:
    transport = RecordingTransport(Saying(TimedOut("https://mcada... took too long")), tmp_path)

    with pytest.raises(TimedOut):
        transport.send(request())

    (exchange,) = read_recording(tmp_path).exchanges
    assert (exchange.status, exchange.failure) == (None, "TimedOut")
    assert check_folder(tmp_path) == []


def test_a_body_that_cannot_be_read_is_left_out_with_a_note(tmp_path: Path) -> None:
    page = Response(status=502, headers={"content-type": "text/html"}, body=b"<html>Ada</html>")

    RecordingTransport(Saying(page), tmp_path).send(request(b"Ada=&"))

    (exchange,) = read_recording(tmp_path).exchanges
    assert exchange.request.left_out == "5 bytes: it is neither SOAP nor JSON"
    assert exchange.response.left_out == "16 bytes: it is no SOAP envelope"
    assert found_in(tmp_path, "Ada") == []


def test_a_recording_begins_in_a_folder_of_its_own(tmp_path: Path) -> None:
    Recorder(tmp_path).record(EMPTY, SAID)

    with pytest.raises(TranscriptError, match="Give a new or empty folder"):
        Recorder(tmp_path)


def test_files_written_by_hand_may_be_there_before(tmp_path: Path) -> None:
    (tmp_path / "account.toml").write_text("version = 1\n")

    Recorder(tmp_path).record(EMPTY, SAID)

    assert len(read_recording(tmp_path).exchanges) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(TranscriptError, match=r"cannot be written to .*file: .*Check the folder"):
        Recorder(tmp_path / "file")


def test_an_exchange_that_cannot_be_written_leaves_nothing_half_done(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "recording")
    (tmp_path / "recording" / "0001-token").mkdir()
    (tmp_path / "recording" / "0001-token" / "in the way").write_text("")

    with pytest.raises(TranscriptError, match="cannot be written"):
        RecordingTransport(Saying(SAID), recorder).send(request())

    assert [each.name for each in recorder.folder.iterdir() if each.name.startswith(".")] == []


def test_an_error_while_scrubbing_shows_nothing_of_the_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path)
    monkeypatch.setattr(recorder._scrubber, "url", lambda url: {}[url])

    with pytest.raises(TranscriptError) as failure:
        RecordingTransport(Saying(SAID), recorder).send(request())

    assert "KeyError" in str(failure.value)
    shown = [str(failure.value)]
    for frame, _ in traceback.walk_tb(failure.value.__traceback__):
        if "/tests/" not in frame.f_code.co_filename:
            shown.append(repr(frame.f_locals))
    assert len(shown) > 2
    assert [text for text in shown if "T0ken-of-Ada" in text or "Bearer" in text] == []
    assert failure.value.__context__ is None


def test_a_recording_transport_hides_nothing_from_its_client(tmp_path: Path) -> None:
    answer = RecordingTransport(Saying(SAID), tmp_path).send(request())

    assert answer is SAID


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "recording.toml").unlink(), "holds no recording"),
        (
            lambda folder: (folder / "recording.toml").write_text("format = 9"),
            "form 9 is not supported",
        ),
        (lambda folder: (folder / "recording.toml").write_text("="), "cannot be read"),
        (lambda folder: (folder / "0001-token/request.json").unlink(), "Restore it"),
        (lambda folder: (folder / "0001-token/exchange.toml").unlink(), "holds no exchange"),
        (
            lambda folder: (folder / "0001-token/exchange.toml").write_text("at = 1"),
            "is incomplete or damaged",
        ),
    ],
    ids=["no head", "newer", "broken head", "no request", "no exchange", "half an exchange"],
)
def test_a_damaged_recording_is_reported_by_file(
    tmp_path: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    RecordingTransport(Saying(SAID), tmp_path).send(request())
    spoil(tmp_path)

    with pytest.raises(TranscriptError, match=reason):
        read_recording(tmp_path)


@pytest.mark.parametrize("name", ["seed", "requests", "captures"])
def test_recordings_of_every_known_client_and_of_the_service_are_clean(
    name: str, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path)
    for file in sorted(shared(name).rglob("*.xml")):
        recorder.record(replace(EMPTY, body=file.read_bytes()), SAID)

    assert recorder.written > 0
    assert check_folder(tmp_path) == []


PLANTED = {
    "address": ("response.xml", "<Name>", "<Name>ada@analytical.co.uk", "address"),
    "GUID": ("response.xml", "<Name>", "<Name>21711373-72c1-ec11-b83b-48df37d1deb7", "GUID"),
    "number": ("response.xml", "<Name>", "<Name>7281698", "number"),
    "name": ("response.xml", "<Name>", "<Name>Ada", "text"),
    "host": ("response.xml", "tenant-1.", "mct0l7nxf.", "tenant"),
    "comment": ("response.xml", "</soap:Body>", "<!-- Ada --></soap:Body>", "does not write"),
    "attribute": ("response.xml", "<soap:Body>", '<soap:Body who="1">', "the name of something"),
    "space": ("response.xml", "<soap:Body>", "<soap:Body> ", "does not write"),
    "head": ("exchange.toml", "[request]", 'who = "Ada"\n[request]', "does not write"),
    "note": ("exchange.toml", "[request]", '[request]\nleft_out = "Ada"', "does not write"),
    "status": ("exchange.toml", "status = 500", 'status = "Ada"', "does not write"),
    "operation": ("exchange.toml", 'operation = "', 'operation = "Ada', "does not write"),
    "body": ("exchange.toml", 'body = "response', 'body = "Ada', "does not write"),
    "URL": ("exchange.toml", "tenant-1", "ada", "host"),
    "action": ("exchange.toml", 'soap_action = "Create"', 'soap_action = "Ada"', "text"),
}

ENVELOPE = (
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>'
    b"soap:Client</faultcode><faultstring>Error</faultstring><faultactor>https://mcada.soap.marketingcloudapis.com"
    b"/Service.asmx</faultactor><detail><Name></Name></detail></soap:Fault></soap:Body></soap:Envelope>"
)


@pytest.mark.parametrize(("file", "old", "new", "kind"), PLANTED.values(), ids=PLANTED)
def test_additions_to_a_recording_are_found_and_not_repeated(
    tmp_path: Path, file: str, old: str, new: str, kind: str
) -> None:
    answer = Response(status=500, headers={"content-type": "text/xml"}, body=ENVELOPE)
    RecordingTransport(Saying(answer), tmp_path).send(request(SOAPAction="Create"))
    assert check_folder(tmp_path) == []
    spoiled = tmp_path / "0001-token" / file
    text = spoiled.read_text().replace("<Name />", "<Name></Name>")
    assert old in text
    spoiled.write_text(text.replace(old, new).replace("<Name></Name>", "<Name />"))

    findings = check_folder(tmp_path)

    assert findings
    assert all(finding.file == f"0001-token/{file}" for finding in findings)
    assert any(kind in finding.looks_like for finding in findings)
    assert not any("da@" in str(finding) or "Ada" in str(finding) for finding in findings)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("notes.txt", "all well", "not a file of a recording"),
        ("account.toml", 'email = "ada@analytical.co.uk"', "an address"),
        ("account.toml", 'object_id = "21711373-72c1-ec11-b83b-48df37d1deb7"', "a GUID"),
        ("known-drift.toml", 'reason = "on mcada.soap.marketingcloudapis.com"', "a tenant's host"),
        ("known-drift.toml", 'reason = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjQifQ"', "a token"),
        ("account.toml", "mid = 7281698", "a number of a tenant"),
    ],
)
def test_files_beside_the_exchanges_are_searched_too(
    tmp_path: Path, name: str, content: str, kind: str
) -> None:
    Recorder(tmp_path).record(EMPTY, SAID)
    (tmp_path / name).write_text(content)

    (finding,) = check_folder(tmp_path)

    assert finding.file == name
    assert kind in finding.looks_like


def test_a_seed_of_references_and_ordinary_words_is_clean(tmp_path: Path) -> None:
    Recorder(tmp_path).record(EMPTY, SAID)
    (tmp_path / "account.toml").write_text(
        'version = 1\n\n[[list]]\nname = "name-1"\nid = 970000002\n\n[[subscriber]]\nkey = "person-1@mock.test"\n'
    )

    assert check_folder(tmp_path) == []


def test_several_threads_write_one_recording(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    transport = RecordingTransport(Saying(SAID), tmp_path)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(transport.send, [request() for _ in range(40)]))

    assert [each.number for each in read_recording(tmp_path).exchanges] == list(range(1, 41))


def test_the_client_reports_a_recording_that_fails(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "recording")
    (tmp_path / "recording" / "0001-token").mkdir()
    (tmp_path / "recording" / "0001-token" / "in the way").write_text("")
    service = client(RecordingTransport(Saying(SAID), recorder))

    with pytest.raises(TranscriptError, match="Check the folder, its rights and the disk"):
        service.create(APIObject("Subscriber", SubscriberKey="ada"))


# The commands.


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands.scrub, list(arguments))
    return result.exit_code, result.output


def test_the_command_says_that_a_recording_is_clean(flow: Path) -> None:
    assert run("--check", str(flow)) == (0, f"{flow} is clean.\n")


def test_the_command_lists_what_is_not_clean_and_fails(tmp_path: Path) -> None:
    Recorder(tmp_path)
    (tmp_path / "notes.txt").write_text("Ada")

    code, output = run("--check", str(tmp_path))

    assert code == 1
    assert output.splitlines() == [
        "notes.txt: cannot be checked: not a file of a recording; move it elsewhere",
        f"{tmp_path} is not clean: 1 findings.",
    ]


def test_the_command_prints_a_message_scrubbed(tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_bytes(SAID.body)

    code, output = run(str(tmp_path / "answer.json"))

    assert (code, output) == (0, '{"access_token": "token-1", "expires_in": 1079}\n')


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--check", "nowhere"], "There is no folder nowhere"),
        (["nowhere"], "nowhere cannot be read: No such file or directory"),
        ([__file__], "cannot be scrubbed: it is neither SOAP nor JSON"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], reason: str) -> None:
    code, output = run(*arguments)

    assert code == 2
    assert reason in output


PAGE = Path(__file__).parents[2] / "docs" / "transcripts.md"


@pytest.mark.parametrize("name", ["record", "scrub", "verify"])
def test_the_page_has_every_option_and_the_program_every_command(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)

    assert command is getattr(commands, name)
    page = PAGE.read_text(encoding="utf-8")
    options = [each.opts[0] for each in command.params if isinstance(each, click.Option)]
    assert [option for option in options if f"  {option}" not in page] == []
