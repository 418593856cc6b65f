"""How long a connection lives."""

from __future__ import annotations

import json

import pytest
import urllib3
from tests.support.raw_http import RawClient


def remote_port(environ, start_response):
    """Answer with the client's port, which tells connections apart."""
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(environ["REMOTE_PORT"]).encode()]


def test_one_connection_carries_many_requests(serve):
    server = serve(remote_port)
    with urllib3.PoolManager() as pool:
        ports = {pool.request("GET", server.url).data for _ in range(5)}

    assert len(ports) == 1


def test_a_client_that_asks_to_close_is_told_so_and_closed(serve):
    with RawClient(serve().port) as client:
        answer = client.get("/", "Connection: close")

        assert answer.headers["connection"] == "close"
        assert client.rest() == b""


def test_http_1_0_is_closed_after_one_answer(serve):
    with RawClient(serve().port) as client:
        answer = client.send(b"GET / HTTP/1.0\r\n\r\n").answer()

        assert answer.headers["connection"] == "close"
        assert client.rest() == b""


def test_http_1_0_keeps_the_connection_if_it_asks(serve):
    request = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    with RawClient(serve(remote_port).port) as client:
        first = client.send(request).answer()
        second = client.send(request).answer()

        assert first.headers["connection"] == "keep-alive"
        assert first.body == second.body


def test_two_requests_sent_at_once_are_answered_in_order(serve):
    one = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\none"
    two = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\ntwo"
    with RawClient(serve().port) as client:
        client.send(one + two)

        assert [client.answer().body, client.answer().body] == [b"one", b"two"]


def test_a_line_break_too_many_after_a_body_is_passed_over(serve):
    with RawClient(serve().port) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\none\r\n")
        client.answer()

        assert client.get().status == 200


def test_an_application_that_asks_to_close_is_obeyed(serve):
    def app(environ, start_response):
        start_response("200 OK", [("Connection", "close")])
        return [b"last words"]

    with RawClient(serve(app).port) as client:
        answer = client.get()

        assert answer.headers["connection"] == "close"
        assert client.rest() == b""


def test_a_connection_that_rests_too_long_is_closed(serve):
    with RawClient(serve(idle_timeout=0.05).port) as client:
        client.get()

        assert client.rest() == b""


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_leaves_the_connection_usable(serve, status):
    def app(environ, start_response):
        start_response(status, [])
        return []

    with RawClient(serve(app).port) as client:
        answers = [client.get(), client.get()]

    assert ["content-length" in answer.headers for answer in answers] == [False, False]


def test_one_connection_too_many_is_sent_away(serve):
    server = serve(max_connections=1)
    with RawClient(server.port) as first, RawClient(server.port) as second:
        answered = first.get()
        refused = second.answer()

    assert (answered.status, refused.status) == (200, 503)
    assert refused.body == b"There are 1 connections already; close some, or use them again.\n"
