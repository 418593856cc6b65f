"""Any bytes from a client are either a request or refused with a sentence."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock import MockServer
from sfmc_mock.http.environ import environ_of
from sfmc_mock.http.reading import Refusal, parse_head

LINES = st.sampled_from(
    [
        b"GET / HTTP/1.1",
        b"POST /a?b=%zz HTTP/1.0",
        b"Host: a",
        b"Accept:\t*/*",
        b": b",
        b"\r\n",
        b"%",
    ]
)


@given(
    st.one_of(
        st.binary(max_size=200), st.lists(st.one_of(LINES, st.binary(max_size=9))).map(b"\r\n".join)
    )
)
def test_a_head_is_read_or_refused(raw):
    try:
        verdict = environ_of(parse_head(raw), b"")["REQUEST_METHOD"]
    except Refusal as refusal:
        verdict = refusal.status

    assert verdict


@pytest.mark.parametrize(
    "target", [b"/nothing?\xe2(", b"/nothing\xba", b"/v2/token?\xff", b"/?\xea"]
)
def test_bytes_in_an_address_that_are_no_utf_8_are_answered(target: bytes) -> None:
    with MockServer() as server:
        with socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as line:
            line.sendall(
                b"POST " + target + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            )
            line.shutdown(socket.SHUT_WR)
            answer = line.makefile("rb").read()

        assert answer[:10] in (b"HTTP/1.1 2", b"HTTP/1.1 4")
        assert server.problems == []
