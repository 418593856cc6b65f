"""The lifetime of connections."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack

import pytest
import urllib3
from tests.support.raw_http import RawClient

from sfmc_mock.clock import steady_time
from sfmc_mock.http import connection, watch
from sfmc_mock.http.inbox import Room


def wait_until_all_rest(server):
    """Wait until the server has marked all connections as idle, which it does after it has answered."""
    for _ in range(60_000):
        if all(each.idle and each.waiting_since for each in server._connections.copy()):
            return
        time.sleep(0.001)
    pytest.fail("a connection that was answered does not rest")


def remote_port(environ, start_response):
    """Answer with the client's port, which identifies the connection."""
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(environ["REMOTE_PORT"]).encode()]


def test_one_connection_carries_many_requests(serve):
    server = serve(remote_port)
    with urllib3.PoolManager() as pool:
        ports = {pool.request("GET", server.url).data for _ in range(5)}

    assert len(ports) == 1


def test_a_client_that_asks_to_close_is_answered_and_closed(serve):
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


def test_a_request_as_long_as_one_read_is_answered_after_a_long_answer(serve):
    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"x" * (100_000 if environ["REQUEST_METHOD"] == "GET" else 1)]

    head = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %05d\r\n\r\n"
    length = 16 * 1024 - len(head % 0)
    with RawClient(serve(app, timeout=5).port) as client:
        client.get()
        client.send(head % length + b"x" * length)

        assert client.answer().body == b"x"


def test_an_application_that_asks_to_close_is_obeyed(serve):
    def app(environ, start_response):
        start_response("200 OK", [("Connection", "close")])
        return [b"last words"]

    with RawClient(serve(app).port) as client:
        answer = client.get()

        assert answer.headers["connection"] == "close"
        assert client.rest() == b""


def test_a_connection_that_rests_too_long_is_closed(serve, monkeypatch):
    passed = 0.0
    monkeypatch.setattr(watch, "steady_time", lambda: steady_time() + passed)
    server = serve(idle_timeout=60)
    with RawClient(server.port) as client:
        client.get()
        wait_until_all_rest(server)
        passed = 61.0
        server._watch.wake()

        assert client.rest() == b""


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_leaves_the_connection_usable(serve, status):
    def app(environ, start_response):
        start_response(status, [])
        return []

    with RawClient(serve(app).port) as client:
        answers = [client.get(), client.get()]

    assert ["content-length" in answer.headers for answer in answers] == [False, False]


class Gate:
    """An application whose calls to `/wait` end when the gate opens."""

    def __init__(self):
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            self.entered.set()
            assert self.open.wait(60)
        start_response("200 OK", [])
        return [b"done"]


def test_a_full_pool_closes_the_connection_that_rests_the_longest(serve):
    server = serve(max_connections=3)
    with ExitStack() as clients:
        first, second, third = (clients.enter_context(RawClient(server.port)) for _ in range(3))
        for each in (second, first, third):
            each.get()
            wait_until_all_rest(server)

        fourth = clients.enter_context(RawClient(server.port))

        assert fourth.get().status == 200
        assert second.rest() == b""
        assert [each.get().status for each in (first, third)] == [200, 200]


@pytest.mark.slow
def test_a_new_connection_finds_room_among_five_hundred_that_rest(serve):
    server = serve(max_connections=500)
    with ExitStack() as clients:
        resting = [clients.enter_context(RawClient(server.port)) for _ in range(500)]
        resting[-1].get()

        answered = [clients.enter_context(RawClient(server.port)).get().status for _ in range(20)]

        assert answered == [200] * 20


def test_a_pool_of_connections_at_work_sends_the_next_one_away(serve):
    gate = Gate()
    server = serve(gate, max_connections=1)
    with RawClient(server.port) as first:
        first.send(b"GET /wait HTTP/1.1\r\nHost: test\r\n\r\n")
        assert gate.entered.wait(60)
        with RawClient(server.port) as second:
            refused = second.answer()
        gate.open.set()
        answered = first.answer()

    assert (answered.status, refused.status) == (200, 503)
    assert refused.body == b"There are 1 connections already; close some, or use them again.\n"


def test_large_bodies_have_a_limit_together(serve):
    gate = Gate()
    server = serve(gate)
    server.room = Room(300_000)
    head = "POST {} HTTP/1.1\r\nHost: test\r\nContent-Length: 200000\r\n\r\n"
    with RawClient(server.port) as first, RawClient(server.port) as second:
        first.send(head.format("/wait").encode() + b"x" * 200_000)
        assert gate.entered.wait(60)
        second.send(head.format("/").encode())
        refused = second.answer()
        gate.open.set()
        answered = first.answer()
        again = first.send(head.format("/").encode() + b"x" * 200_000).answer()

    assert (refused.status, answered.status, again.status) == (503, 200, 200)


def test_a_body_of_many_chunks_is_put_together(serve):
    server = serve()
    chunk = b"1\r\nx\r\n"
    with RawClient(server.port) as client:
        client.send(
            b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
            + chunk * 50_000
            + b"0\r\n\r\n"
        )
        answer = client.answer()
        after = client.get()

    assert answer.body == b"x" * 50_000
    assert after.status == 200


def test_a_connection_that_carried_much_ends_after_an_answer(serve, monkeypatch):
    monkeypatch.setattr(connection, "MAX_CARRIED", 10)
    request = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\nabcdef"

    with RawClient(serve().port) as client:
        answers = [client.send(request).answer() for _ in range(2)]
        rest = client.rest()

    assert [each.body for each in answers] == [b"abcdef"] * 2
    assert [each.headers.get("connection") for each in answers] == [None, "close"]
    assert rest == b""
