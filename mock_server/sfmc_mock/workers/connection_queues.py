"""Send open connections between the processes of a server: each process has a queue that the others send to.

A queue is a pair of datagram sockets, which the starting process creates and keeps open: a connection sent to a dead
worker waits there for its successor.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass

from sfmc_mock.http import HandedSocket, Handover

_MOST = 4_096
_PATIENCE = 30.0
"""Seconds after which sending to a full queue fails."""


@dataclass(frozen=True, slots=True)
class ConnectionQueue:
    """Both ends of a queue; a worker has the `reading` end of its own queue, and the `writing` ends of all."""

    reading: socket.socket
    writing: socket.socket

    @classmethod
    def make(cls) -> ConnectionQueue:
        reading, writing = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        writing.settimeout(_PATIENCE)
        return cls(reading, writing)

    def close(self) -> None:
        self.reading.close()
        self.writing.close()


def send_connection(queue: socket.socket, connection: socket.socket, handover: Handover) -> None:
    """Send a connection to a queue; the caller may close it afterwards. Raises `OSError` if the queue stays full."""
    about = json.dumps([*handover.client, handover.secure, handover.tunnel]).encode()
    # The request goes through a pipe, because it may be larger than a datagram.
    reading, writing = os.pipe()
    with open(writing, "wb") as request:
        try:
            socket.send_fds(queue, [about], [connection.fileno(), reading])
        finally:
            os.close(reading)
        request.write(handover.received)


def receive_connection(queue: socket.socket) -> HandedSocket | None:
    """Wait for the next connection; None if it was lost because this process has too many open files."""
    about, descriptors, _, _ = socket.recv_fds(queue, _MOST, 2)
    if len(descriptors) < 2:
        for descriptor in descriptors:
            os.close(descriptor)
        return None
    connection = HandedSocket(fileno=descriptors[0])
    # Blocking mode is a property of the connection itself, and the sender had changed it.
    connection.setblocking(True)
    with open(descriptors[1], "rb") as request:
        content = request.read()
    host, port, secure, tunnel = json.loads(about)
    connection.handover = Handover((host, port), content, secure, tunnel)
    return connection
