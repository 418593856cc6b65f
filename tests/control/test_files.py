"""The FTP folder over the control API, in Python and on the command line's client."""

from __future__ import annotations

import pytest
from tests.support.control import Control

from sfmc_mock.control import AccountHandle


def test_a_file_is_put_listed_got_and_removed(control: Control) -> None:
    content = b"Key\xff\x00,Name\r\n"
    put = control.ask("PUT", "/files/import/people.csv", content)
    assert (put.status, put.body) == (200, {"name": "import/people.csv", "size": len(content)})

    (listed,) = control.get("/files").body["files"]
    got = control.get("/files/import/people.csv")
    removed = control.ask("DELETE", "/files/import/people.csv")

    assert (listed["name"], listed["size"]) == ("import/people.csv", len(content))
    assert got.body == content
    assert removed.body == {"removed": "import/people.csv"}
    assert control.get("/files").body["files"] == []


def test_bytes_are_taken_by_put_alone(control: Control) -> None:
    headers = {"Content-Type": "application/octet-stream"}

    assert control.ask("PUT", "/files/import/a", b"1", headers=headers).status == 200
    assert control.ask("POST", "/import", b"", headers=headers).status == 415


def test_an_empty_file_is_a_file(control: Control) -> None:
    control.ask("PUT", "/files/import/empty.csv", b"")

    assert control.get("/files/import/empty.csv").body == b""


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", ".hidden", "a%00b", "x/..%5C..%5Cy"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_name_that_leads_out_is_refused(control: Control, method: str, name: str) -> None:
    reply = control.ask(method, f"/files/{name}", b"x" if method == "PUT" else None)

    assert (reply.status, reply.code) == (400, "wrong_input")


def test_a_name_that_begins_with_a_slash_is_not_found(control: Control) -> None:
    assert control.ask("PUT", "/files//etc/passwd", b"x").status in (400, 404, 405)
    assert control.ask("PUT", "/files/%2Fetc%2Fpasswd", b"x").status in (400, 404, 405)


def test_a_browser_saves_a_file_whatever_it_holds(control: Control) -> None:
    control.ask("PUT", "/files/import/page.html", b"<script>alert(1)</script>")

    headers = control.get("/files/import/page.html").headers

    assert headers["Content-Disposition"] == "attachment"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_missing_file_is_not_found(control: Control) -> None:
    for method in ("GET", "DELETE"):
        reply = control.ask(method, "/files/import/none.csv")

        assert (reply.status, reply.code) == (404, "not_found")
        assert "There is no file 'import/none.csv'" in reply.error


def test_files_in_python(handle: AccountHandle) -> None:
    handle.files.put("import/ä.csv", "ä")

    assert handle.files.get("import/Ä.csv") == "ä".encode()
    assert [each.name for each in handle.files.list()] == ["import/ä.csv"]
    assert (handle.files.path / "import" / "ä.csv").is_file()
    handle.files.remove("import/ä.csv")
    assert handle.files.list() == []
