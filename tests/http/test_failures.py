"""Failures of the application, and clients that disconnect."""

from __future__ import annotations

import socket
import struct
import threading

import pytest
from tests.support.raw_http import RawClient


def failing(environ, start_response):
    raise ValueError("the password was hush")


def test_an_exception_is_answered_with_500_and_kept_for_the_test(serve):
    server = serve(failing)
    with RawClient(server.port) as client:
        answer = client.get()

    assert answer.status == 500
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert [str(error) for error in server.errors] == ["the password was hush"]


def test_the_answer_to_an_exception_does_not_quote_it(serve):
    with RawClient(serve(failing).port) as client:
        body = client.get().body

    assert b"(ValueError)" in body
    assert b"hush" not in body


def test_the_error_handler_is_called_for_each_exception(serve):
    heard: list[BaseException] = []
    with RawClient(serve(failing, on_error=heard.append).port) as client:
        client.get()

    assert [type(error) for error in heard] == [ValueError]


def test_a_failed_request_leaves_the_connection_usable(serve):
    with RawClient(serve(failing).port) as client:
        assert [client.get().status, client.get().status] == [500, 500]


def test_only_the_last_hundred_exceptions_are_kept(serve):
    server = serve(failing)
    with RawClient(server.port) as client:
        for _ in range(101):
            client.get()

    assert len(server.errors) == 100


def test_a_failed_assertion_in_the_application_is_kept_too(serve):
    def app(environ, start_response):
        pytest.fail("this call should not have come")

    server = serve(app)
    with RawClient(server.port) as client:
        client.get()

    assert str(server.errors[0]) == "this call should not have come"


def test_an_exception_in_the_middle_of_a_stream_cuts_the_connection(serve):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"half"
        raise ValueError

    server = serve(app)
    with RawClient(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")

        assert client.rest().endswith(b"4\r\nhalf\r\n")
    assert [type(error) for error in server.errors] == [ValueError]


def test_an_answer_that_went_out_cannot_be_replaced(serve):
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"half"
        error = ValueError("too late")
        start_response("500 Oh", [], (ValueError, error, None))

    server = serve(app)
    with RawClient(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n").rest()

    assert [str(error) for error in server.errors] == ["too late"]


def test_a_listener_that_fails_does_not_keep_the_client_from_its_answer(serve):
    def listener(status, sentence):
        raise ValueError("deaf")

    server = serve(on_refused=listener)
    with RawClient(server.port) as client:
        answer = client.send(b"nonsense\r\n\r\n").answer()

    assert answer.status == 400
    assert [str(error) for error in server.errors] == ["deaf"]


@pytest.mark.parametrize(
    ("status", "header", "kind"),
    [
        ("200 OK", ("Location", "/\r\nSet-Cookie: a=b"), ValueError),
        ("200 OK", ("Location", "/\N{SNOWMAN}"), UnicodeEncodeError),
        ("OK", ("A", "b"), ValueError),
        ("200 OK\r\nA: b", ("A", "b"), ValueError),
    ],
)
def test_a_head_that_would_break_the_connection_is_a_failure(serve, status, header, kind):
    def app(environ, start_response):
        start_response(status, [header])
        return []

    server = serve(app)
    with RawClient(server.port) as client:
        assert client.get().status == 500
    assert [type(error) for error in server.errors] == [kind]


@pytest.mark.parametrize("calls", [0, 2])
def test_an_application_has_to_start_its_answer_once(serve, calls):
    def app(environ, start_response):
        for _ in range(calls):
            start_response("200 OK", [])
        return []

    server = serve(app)
    with RawClient(server.port) as client:
        assert client.get().status == 500
    assert [type(error) for error in server.errors] == [AssertionError]


def test_a_client_that_leaves_in_the_middle_of_an_answer_is_no_error(serve):
    left, noticed = threading.Event(), threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [])
        try:
            yield b"x"
            left.wait(60)
            while True:
                yield b"x" * 100_000
        finally:
            noticed.set()

    server = serve(app)
    with RawClient(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n").answer(to_head=True)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    left.set()

    assert noticed.wait(60)
    assert server.errors == []


def test_a_client_that_reads_nothing_is_given_up(serve):
    given_up = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 1_000_000
        finally:
            given_up.set()

    with RawClient(serve(app, timeout=0.1).port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")

        assert given_up.wait(60)
