"""`sfmc-mock files`: putting files into the FTP folder, and getting them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.cli.conftest import Run

from sfmc_mock import MockServer, Settings


def test_a_file_goes_in_is_listed_and_comes_out(
    run: Run, server: MockServer, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_bytes(b"Key\n1\n")

    put = run("files", "put", str(tmp_path / "people.csv"))
    listed = run("files", "list")
    got = run("files", "get", "import/people.csv")
    run("files", "get", "import/people.csv", str(tmp_path / "copy.csv"))
    removed = run("files", "remove", "import/people.csv")

    assert put.out == "import/people.csv has 6 bytes.\n"
    assert "import/people.csv" in listed.out
    assert str(server.account.files.path) in listed.out
    assert got.out == "Key\n1\n"
    assert (tmp_path / "copy.csv").read_bytes() == b"Key\n1\n"
    assert removed.out == "import/people.csv is removed.\n"
    assert run("files", "list", "--json").json["files"] == []


def test_a_file_is_shown_on_a_terminal_without_obeying_it(
    run: Run, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.account.files.put("export/people.csv", "Name\r\n\x1b]0;own\x07\x9b2J\u202ebob\n")
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr("sfmc_mock.cli.files.sys", SimpleNamespace(stdout=terminal))

    shown = run("files", "get", "export/people.csv")

    assert shown.out == "Name\n\\x1b]0;own\\x07\\x9b2J\\u202ebob\n\n"


def test_a_file_is_printed_as_json_in_base64(run: Run, server: MockServer) -> None:
    server.account.files.put("import/a.bin", b"\x00\xff")

    assert run("files", "get", "import/a.bin", "--json").json == {
        "name": "import/a.bin",
        "size": 2,
        "base64": "AP8=",
    }


def test_a_file_above_the_limit_of_a_request_names_the_option(run: Run, tmp_path: Path) -> None:
    (tmp_path / "large.csv").write_bytes(b"x" * 3_000)
    with MockServer(settings=Settings(port=0, max_body=2_000)) as small:
        refused = run("files", "put", str(tmp_path / "large.csv"), "--url", small.base_url)

    assert "Start it with a larger --max-body" in refused.refusal


def test_invalid_input_is_reported_in_one_line(
    run: Run, server: MockServer, tmp_path: Path
) -> None:
    assert "cannot be read" in run("files", "put", str(tmp_path / "none.csv")).sentence
    assert "no file 'import/none.csv'" in run("files", "get", "import/none.csv").refusal
    assert "cannot be the name" in run("files", "put", __file__, "../x").refusal
    assert "Give NAME" in run("files", "put", "-").err


@pytest.mark.parametrize("command", ["get", "remove"])
def test_a_file_without_a_name_is_none(run: Run, server: MockServer, command: str) -> None:
    assert "The name of the file is empty" in run("files", command, "").err


def test_an_argument_that_is_no_text_is_reported_in_one_line(run: Run, server: MockServer) -> None:
    assert "not valid UTF-8" in run("events", "--subscriber", "\udcff").sentence
