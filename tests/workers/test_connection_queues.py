"""Connections passed between processes, with the data that was already read from them."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from sfmc_mock.http import Handover, HTTPServer
from sfmc_mock.http.handover import as_received
from sfmc_mock.http.reading import parse_head
from sfmc_mock.workers.connection_queues import ConnectionQueue, receive_connection, send_connection


def test_a_connection_arrives_with_a_request_larger_than_a_pipe() -> None:
    connection_queue = ConnectionQueue.make()
    ours, theirs = socket.socketpair()
    handover = Handover(("192.0.2.1", 5), b"x" * 1_000_000, True, "mc.example:443")

    # A timeout of Python's makes the connection itself one that does not wait.
    theirs.settimeout(60)
    with theirs:
        sender = threading.Thread(
            target=send_connection, args=(connection_queue.writing, theirs, handover)
        )
        sender.start()
        found = receive_connection(connection_queue.reading)
        sender.join()
    assert found is not None
    with found, ours:
        found.sendall(b"hello")

        assert found.handover == handover
        assert ours.recv(5) == b"hello"
        assert os.get_blocking(found.fileno())
    connection_queue.close()


@pytest.mark.parametrize(
    ("head", "body", "made"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 3", b"abc", b"abc"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked", b"abc", b"3\r\nabc\r\n0\r\n\r\n"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked", b"", b"0\r\n\r\n"),
    ],
)
def test_a_request_is_made_again_as_it_came(head: bytes, body: bytes, made: bytes) -> None:
    found = as_received(head, parse_head(head), body, b"GET /next")

    assert found == head + b"\r\n\r\n" + made + b"GET /next"


def test_a_server_that_stops_closes_what_is_handed_to_it() -> None:
    connection_queue = ConnectionQueue.make()
    ours, theirs = socket.socketpair()
    with theirs:
        send_connection(connection_queue.writing, theirs, Handover(("192.0.2.1", 5), b""))
    found = receive_connection(connection_queue.reading)
    assert found is not None
    server = HTTPServer(lambda environ, start_response: [])
    server.start()
    server.stop()

    server.take(found)

    with ours:
        assert ours.recv(1) == b""
    connection_queue.close()
