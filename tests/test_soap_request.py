"""Requests are read without werkzeug with the same result as with it."""

from io import BytesIO

import pytest
from werkzeug.datastructures import EnvironHeaders, Headers
from werkzeug.test import EnvironBuilder

from sfmc_mock import Accounts, Application
from sfmc_mock.soap_request import content_type_and_action, headers_of

HEADERS = {
    "SOAPAction": '"Create"',
    "X-Odd-NAME": "1",
    "Accept": "",
    "X-" + "long" * 100: "kept nowhere",
}


@pytest.mark.parametrize("content_type", ["text/xml; charset=utf-8", "", None])
def test_headers_have_the_names_that_werkzeug_gives_them(content_type: str | None) -> None:
    environ = EnvironBuilder(
        method="POST", data=b"x", headers=Headers(HEADERS), content_type=content_type
    ).get_environ()
    environ["HTTP_CONTENT_LENGTH"] = "no header of its own"

    assert headers_of(environ) == tuple(EnvironHeaders(environ).items())


def test_calls_with_the_same_headers_share_them_unless_they_are_secret() -> None:
    builders = [EnvironBuilder(method="POST", data=b"x", headers=Headers(HEADERS)) for _ in "ab"]
    first, second = (headers_of(each.get_environ()) for each in builders)
    assert first == second
    assert first is second

    for each in builders:
        each.headers["Authorization"] = "Bearer 1234"
    first, second = (headers_of(each.get_environ()) for each in builders)
    assert first == second
    assert first is not second


@pytest.mark.parametrize(
    ("content_type", "soap_action", "expected"),
    [
        ("text/xml", None, (None, None)),
        ("text/xml; charset=utf-8", "Delete", (None, "Delete")),
        ("text/xml; charset=rot13", None, (None, None)),
        ('text/xml; charset="UTF-16"', '"Create"', ("UTF-16", "Create")),
        ("application/soap+xml; action=Retrieve", None, (None, "Retrieve")),
        ("text/xml; charset=latin-1; x=" + "y" * 300, "'Update'", ("latin-1", "Update")),
    ],
)
def test_charset_and_action_are_read(
    content_type: str, soap_action: str | None, expected: tuple[str | None, str | None]
) -> None:
    assert content_type_and_action(content_type, soap_action) == expected


def test_a_body_shorter_than_announced_is_refused() -> None:
    accounts = Accounts()
    accounts.open()
    environ = EnvironBuilder("/Service.asmx", method="POST", data=b"<a/>").get_environ()
    environ["wsgi.input"] = BytesIO(b"<a")
    statuses: list[str] = []

    Application(accounts)(environ, lambda status, headers, exc_info=None: statuses.append(status))  # type: ignore[arg-type]

    assert statuses == ["400 BAD REQUEST"]
    accounts.close()


@pytest.mark.parametrize("path", ["/Service.asmx", "/service.ASMX", "//Service.asmx/"])
def test_the_endpoint_is_matched_without_case_and_extra_slashes(path: str) -> None:
    accounts = Accounts()
    accounts.open()
    environ = EnvironBuilder(method="POST", data=b"no XML").get_environ()
    environ["PATH_INFO"] = path
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    body = Application(accounts)(environ, lambda *given: answered.append(given))  # type: ignore[arg-type]

    assert list(body) == [b"Bad Request"]
    assert answered == [
        ("400 BAD REQUEST", [("Content-Type", "text/plain"), ("Content-Length", "11")])
    ]
    accounts.close()
