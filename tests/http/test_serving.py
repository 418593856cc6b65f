"""Starting, listening and stopping."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable

import pytest
import urllib3
from tests.http.conftest import echo
from tests.support.raw_http import RawClient

from sfmc_mock.errors import SetupError
from sfmc_mock.http import HTTPServer


class Held:
    """An application that answers when the test releases it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.release = threading.Event()

    def __call__(self, environ, start_response):
        self.entered.set()
        self.release.wait(60)
        start_response("200 OK", [])
        return [b"done"]


def in_thread(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_a_request_in_flight_is_finished_before_the_server_stops(serve):
    held = Held()
    server = serve(held)
    with RawClient(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        held.entered.wait(60)
        stopping = in_thread(server.stop)
        stopping.join(0.05)
        waited = stopping.is_alive()
        held.release.set()

        assert client.answer().body == b"done"
    assert waited


def test_a_stopped_server_takes_no_more_connections(serve):
    server = serve()
    server.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=60)


def test_a_stopped_server_waits_no_longer_than_its_grace(serve):
    held = Held()
    server = serve(held)
    with RawClient(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        held.entered.wait(60)
        server.stop(grace=0.05)

        assert client.rest() == b""
    held.release.set()


def test_an_idle_connection_does_not_delay_the_stop(serve):
    server = serve()
    with RawClient(server.port) as client:
        client.get()
        stopping = in_thread(lambda: server.stop(grace=60))
        stopping.join(60)

        assert not stopping.is_alive()
        assert client.rest() == b""


def test_without_file_descriptors_the_server_waits_for_one(serve):
    class Exhausted(HTTPServer):
        failures = 0

        def get_request(self):
            if not self.failures:
                self.failures += 1
                raise OSError(errno.EMFILE, "Too many open files")
            return super().get_request()

    with Exhausted(echo) as server, RawClient(server.port) as client:
        assert client.get().status == 200
    assert server.failures == 1


def test_shutdown_is_another_word_for_stop(serve):
    server = serve()
    server.shutdown()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=60)


def test_a_stopped_server_leaves_no_thread_behind(serve):
    # Those of earlier tests may end meanwhile.
    before = {*threading.enumerate()}
    server = serve()
    with RawClient(server.port) as client:
        client.get()
        server.stop()
    left = {*threading.enumerate()} - before
    for each in left:
        each.join(60)

    assert [each.name for each in left if each.is_alive()] == []


def test_the_port_is_free_again_after_the_stop(serve):
    server = serve()
    with RawClient(server.port) as client:
        client.get()
    server.stop()

    with HTTPServer(echo, port=server.port) as again, RawClient(again.port) as client:
        assert client.get().status == 200


def test_stopping_twice_or_unstarted_is_harmless():
    server = HTTPServer(echo)
    server.stop()

    server.stop()


def test_a_request_may_stop_the_server():
    def app(environ, start_response):
        server.stop()
        start_response("200 OK", [])
        return [b"stopped"]

    server = HTTPServer(app).start()
    with RawClient(server.port) as client:
        answer = client.get()

    assert (answer.body, answer.headers["connection"]) == (b"stopped", "close")


def test_serve_until_returns_when_the_event_is_set():
    stop = threading.Event()
    server = HTTPServer(echo)
    serving = in_thread(lambda: server.serve_until(stop))
    with RawClient(server.port) as client:
        status = client.get().status
    stop.set()
    serving.join(60)

    assert status == 200
    assert not serving.is_alive()


def test_a_client_can_connect_before_the_server_is_started():
    server = HTTPServer(echo)
    with RawClient(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        with server:
            assert client.answer().status == 200


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", "http://127.0.0.1:{}"), ("localhost", "http://127.0.0.1:{}")]
)
def test_the_url_is_one_that_a_client_here_can_use(serve, host, url):
    server = serve(host=host)
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", server.url)

    assert server.url == url.format(server.port)
    assert answer.status == 200


def test_ipv6_is_listened_on_where_the_machine_has_it():
    try:
        server = HTTPServer(echo, "::1")
    except SetupError as absent:
        pytest.skip(f"no IPv6 here: {absent}")
    with server, urllib3.PoolManager() as pool:
        assert pool.request("GET", server.url).status == 200


def test_a_port_in_use_is_reported_in_one_line(serve):
    port = serve().port

    with pytest.raises(SetupError) as failure:
        HTTPServer(echo, port=port)

    assert str(failure.value) == (
        f"Port {port} on 127.0.0.1 is in use by another program: stop that one, "
        "or choose another port (0 takes any free one)."
    )


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 65_536, "65536 is not a port: ports go from 0 (any free one) to 65535."),
        ("192.0.2.1", 0, "This machine has no address 192.0.2.1 to listen on"),
        ("no such host", 0, "This machine has no address no such host to listen on"),
    ],
)
def test_an_impossible_address_is_reported_in_one_line(host, port, sentence):
    with pytest.raises(SetupError) as failure:
        HTTPServer(echo, host, port)

    assert str(failure.value).startswith(sentence)
