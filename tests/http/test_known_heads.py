"""Repeated request heads are parsed once, and answer heads are built once."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest

from sfmc_mock.http import response_writer
from sfmc_mock.http.environ import HEADERS, environ_of, head_and_environ
from sfmc_mock.http.reading import Refusal, content_length, parse_head

HEAD = b"POST /Service.asmx?a=%41 HTTP/1.1\r\nHost: here\r\nSOAPAction: Create\r\nContent-Length: 7"


def test_a_head_that_comes_again_is_not_read_again() -> None:
    assert head_and_environ(HEAD)[1] is head_and_environ(bytes(bytearray(HEAD)))[1]


def test_a_known_head_gives_the_environment_of_a_new_one() -> None:
    known = dict(head_and_environ(HEAD)[1] or {})

    headers = known.pop(HEADERS)

    assert known == environ_of(parse_head(HEAD), b"7 bytes")
    assert headers == (("Host", "here"), ("Soapaction", "Create"), ("Content-Length", "7"))


@pytest.mark.parametrize(
    "more",
    [
        b"Authorization: Basic abc",
        b"Cookie: a=b",
        b"Proxy-Authorization: Basic abc",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 7",
        b"X-Long: " + b"x" * 1_000,
    ],
)
def test_headers_with_secrets_or_lengths_are_read_each_time(more: bytes) -> None:
    assert head_and_environ(HEAD + b"\r\n" + more)[1] is None


@pytest.mark.parametrize("length", ["5\xb97", "\xb2", "9" * 5_000])
def test_a_length_that_only_looks_like_a_number_is_refused(length: str) -> None:
    raw = HEAD.replace(b"Content-Length: 7", b"Content-Length: " + length.encode("latin-1"))

    head, environ = head_and_environ(raw)

    assert environ is None
    with pytest.raises(Refusal, match="not a number of bytes"):
        content_length(head.headers["content-length"])


def answer_with(number: int) -> None:
    """Send an answer with a header for the number, and read it."""
    server = SimpleNamespace(gzip_above=None, request_timeout=1.0, stopping=False)
    here, there = socket.socketpair()
    with here, there:
        answer = response_writer.Answer(here, parse_head(HEAD), server)
        answer.start_response("200 OK", [("X-Number", str(number))])
        answer.run(lambda environ, start_response: [b""], {})
        assert f"X-Number: {number}\r\n".encode() in there.recv(1_000)


def test_the_head_of_an_answer_is_kept_after_more_than_are_kept(monkeypatch):
    made = []
    rendered = response_writer._rendered

    def counting(*head):
        made.append(head)
        return rendered(*head)

    known: dict[object, object] = {}
    monkeypatch.setattr(response_writer, "_known_heads", known)
    monkeypatch.setattr(response_writer, "_rendered", counting)

    for number in [*range(129), 128, 128]:
        answer_with(number)

    assert len(made) == 129
    assert len(known) <= 128
