"""The interface of a server for its connections."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Protocol

from sfmc_mock.http.handover import Handover
from sfmc_mock.http.inbox import Room
from sfmc_mock.http.proxying import Proxy
from sfmc_mock.http.reading import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Owner(Protocol):
    """The interface of a server for its connections."""

    app: WSGIApplication
    host: str
    port: int
    ssl_context: ssl.SSLContext | None
    max_body: int
    gzip_above: int | None
    request_timeout: float
    idle_timeout: float
    stopping: bool
    room: Room
    proxy: Proxy | None

    def hand_over(self, worker: int, connection: socket.socket, handover: Handover) -> None:
        """Give a connection to another process, where the server is one of several."""

    def refused(self, refusal: Refusal) -> None:
        """Report a request that the server answered without the application."""

    def failed(self, error: BaseException) -> None:
        """Record an exception that the application raised."""
