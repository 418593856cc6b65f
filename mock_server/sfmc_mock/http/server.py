"""The HTTP server: it listens, lets a watch read its connections, and stops in order."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import threading
from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import ThreadedWSGIServer

from sfmc_mock.clock import steady_time
from sfmc_mock.diagnostics import Problems
from sfmc_mock.errors import SetupError
from sfmc_mock.http.connection import Connection
from sfmc_mock.http.handover import HandedSocket, Handover
from sfmc_mock.http.inbox import Room
from sfmc_mock.http.reading import Refusal
from sfmc_mock.http.watch import Turn, Watch

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from sfmc_mock.http.proxying import Proxy

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


HandOver = Callable[[int, socket.socket, Handover], object]

SLOW_HEAD = 2.0
"""Seconds after which a connection whose head is not complete may be ended in favour of a new one."""


class HTTPServer(ThreadedWSGIServer):
    """Serves a WSGI application on one address, from `start` (or `with`) to `stop`.

    It listens from its construction on, so `port` is known even where 0 asked the system for a free one.

    `ssl_context` makes it a TLS server. With a `proxy` it also answers requests for the proxy's hosts, by CONNECT, by
    absolute URL, or over TLS without either. It cannot have both.

    `max_body` is the largest request body in bytes; a larger one is answered with 413, unread. `gzip_above` is the size
    in bytes from which an answer is compressed for clients that ask for it, None for never. `timeout` is the number of
    seconds for the head of a request, and again for its body, the handshake of TLS and the sending of an answer;
    `idle_timeout` is that between two requests of a connection. Beyond `max_connections` at once, the one that is idle
    the longest is closed for a new one; where none is idle, the new one gets 503. The bodies of all requests together
    take 256 MiB at most, or two bodies of `max_body`; more are answered with 503.

    `on_refused(status, sentence)` is called for each request that the server answered itself, because the application
    could not have read it. `on_error(exception)` is called for each exception that the application raised; the last
    100 are in `errors`, for a test to raise again in its own thread.

    Where several processes serve an address together, `listening` is their common socket, and `hand_over(worker,
    connection, handover)` gives a connection to another process, which calls `take`.

    Raises `SetupError` if the address cannot be listened on.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        listening: socket.socket | None = None,
        hand_over: HandOver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        max_body: int = 32 * 1024 * 1024,
        gzip_above: int | None = 1024 * 1024,
        timeout: float = 60.0,
        idle_timeout: float = 60.0,
        max_connections: int = 512,
        on_refused: Callable[[str, str], object] | None = None,
        on_error: Callable[[BaseException], object] | None = None,
    ) -> None:
        # werkzeug prints and exits where an address is taken, so it gets a socket that listens already.
        with listening.dup() if listening is not None else listen(host, port) as own:
            address = own.getsockname()[0]
            super().__init__(address, port, app, Connection, fd=own.fileno())
        self.socket.setblocking(False)
        # Not passed to werkzeug, which would shake hands with one client while the others wait to be accepted.
        self.ssl_context = ssl_context
        self.proxy = proxy
        self.max_body = max_body
        self.gzip_above = gzip_above
        self.request_timeout = timeout
        self.idle_timeout = idle_timeout
        self.max_connections = max_connections
        self.room = Room(max(256 * 1024 * 1024, 2 * max_body))
        self.errors = Problems()
        self.stopping = False
        self._hand_over = hand_over
        self._on_refused = on_refused
        self._on_error = on_error
        self._connections: dict[Connection, None] = {}
        self._apart: set[threading.Thread] = set()
        self._watch: Watch[Connection] = Watch(
            self.socket,
            accept=self._accept,
            turn=Connection.take_turn,
            leave=self._leave,
            idle_timeout=idle_timeout,
        )

    @property
    def client_host(self) -> str:
        """The IP address at which a client on this machine finds the server."""
        return _EVERY_ADDRESS.get(self.host, self.host)

    @property
    def url(self) -> str:
        """The address for a client on this machine, without a slash at the end."""
        return address_of(self.host, self.port, secure=self.ssl_context is not None)

    def start(self) -> Self:
        """Serve in a separate thread; return at once."""
        self._watch.start()
        return self

    def __enter__(self) -> Self:
        """Start serving."""
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        """Stop serving."""
        self.stop()

    def serve_until(self, stop: threading.Event) -> None:
        """Serve until the event is set or a KeyboardInterrupt is raised; then stop in order."""
        with self:
            stop.wait()

    def stop(self, grace: float = 10.0) -> None:
        """Take no more requests, let running ones finish for up to `grace` seconds, close all connections.

        Idle connections are closed at once; a request that takes longer than `grace` loses its connection. Calling it
        again does nothing.
        """
        if self.stopping:
            return
        self.stopping = True
        self._watch.stop()
        self.server_close()
        deadline = steady_time() + grace
        for connection in self._others():
            connection.end_if_idle()
        for thread in self._working():
            # In short turns: a signal that another thread was handed is acted on between them.
            while thread.is_alive() and (left := deadline - steady_time()) > 0:
                thread.join(min(left, 0.1))
        for connection in self._others():
            connection.cut()
        self._watch.close()

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Accept connections and answer them until `stop`; `poll_interval` has no meaning here."""
        self._watch.lead()

    def shutdown(self) -> None:
        """Do what `stop` does."""
        self.stop()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Add an accepted connection to the watch, or serve it in a separate thread."""
        connection = Connection(request, client_address, self)
        self._connections[connection] = None
        if connection.takes_turns:
            self._watch.rest(connection)
        else:
            self._leave(connection, Turn.APART)

    def _leave(self, connection: Connection, turn: Turn) -> None:
        if turn is Turn.END:
            self._connections.pop(connection, None)
            connection.finish()
            return
        thread = threading.Thread(target=self._serve_apart, args=(connection,), daemon=True)
        self._apart.add(thread)
        try:
            thread.start()
        except RuntimeError as error:
            # There are as many threads as the system allows.
            self._apart.discard(thread)
            self.failed(error)
            self._leave(connection, Turn.END)

    def _serve_apart(self, connection: Connection) -> None:
        """Serve a connection that must be waited for, in a separate thread."""
        turn = Turn.END
        try:
            turn = connection.handle_apart()
        except BaseException as error:
            self.failed(error)
        try:
            if turn is Turn.REST:
                self._watch.rest(connection)
                self._watch.wake()
            else:
                self._leave(connection, Turn.END)
        finally:
            self._apart.discard(threading.current_thread())

    def refused(self, refusal: Refusal) -> None:
        """Report a request that the server answered without the application."""
        if self._on_refused is None:
            return
        try:
            self._on_refused(refusal.status, refusal.sentence)
        except Exception as error:
            # The client is to be answered all the same.
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        """Record an exception that the application raised."""
        self.errors.keep(error)
        if self._on_error is not None:
            self._on_error(error)

    def hand_over(self, worker: int, connection: socket.socket, handover: Handover) -> None:
        """Give a connection to another process."""
        assert self._hand_over is not None
        self._hand_over(worker, connection, handover)

    def take(self, connection: HandedSocket) -> None:
        """Serve a connection that another process accepted."""
        if self.stopping:
            connection.close()
        else:
            self._admit(connection, connection.handover.client)

    def _others(self) -> list[Connection]:
        """Return the open connections, except that of a request which stops the server itself."""
        me = threading.get_ident()
        return [each for each in self._connections.copy() if each.idle or each.thread != me]

    def _working(self) -> list[threading.Thread]:
        """Return the threads that serve connections, except the calling one."""
        return [
            each
            for each in (*self._apart.copy(), *self._watch.threads.copy())
            if each is not threading.current_thread()
        ]

    def _accept(self) -> None:
        try:
            request, client_address = self.get_request()
        except BlockingIOError:
            # Woken to stop, or the client has left the queue.
            return
        except OSError:
            # Out of file descriptors: the queue stays as it is until a connection ends.
            self._watch.pause_accepting()
            return
        self._admit(request, client_address)

    def _admit(self, request: socket.socket, client_address: Any) -> None:
        if len(self._connections) < self.max_connections or self._end_longest_waiting():
            self.process_request(request, client_address)
        else:
            self._turn_away(request)

    def _end_longest_waiting(self) -> bool:
        """End the connection that waits for a request the longest, if any does.

        A connection that began to send a head a moment ago is left open: its request is about to come.
        """
        now = steady_time()
        waiting = [
            (since, connection)
            for connection in self._connections.copy()
            if not connection.ended
            and (since := connection.waiting_since) is not None
            and (connection.idle or now - since > SLOW_HEAD)
        ]
        if not waiting:
            return False
        _, longest = min(waiting, key=itemgetter(0))
        longest.end()
        return True

    def _turn_away(self, request: socket.socket) -> None:
        refusal = Refusal(
            "503 Service Unavailable",
            f"There are {self.max_connections} connections already; close some, or use them again.",
        )
        self.refused(refusal)
        with contextlib.suppress(OSError):
            request.setblocking(False)
            if self.ssl_context is None:
                request.send(refusal.rendered())
        self.shutdown_request(request)


def address_of(host: str, port: int, *, secure: bool) -> str:
    """Return the address of a server for a client on this machine, as a URL without a slash at the end."""
    name = _EVERY_ADDRESS.get(host, host)
    return f"{'https' if secure else 'http'}://{f'[{name}]' if ':' in name else name}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address. Raises `SetupError` if it cannot be listened on."""
    if not 0 <= port <= 65535:
        raise SetupError(f"{port} is not a port: ports go from 0 (any free one) to 65535.")
    try:
        families = [found[0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        # localhost is both; what connects to 127.0.0.1 must find the server.
        family = socket.AF_INET if socket.AF_INET in families else families[0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise SetupError(_why_not(host, port, error)) from None


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program: stop that one, "
            "or choose another port (0 takes any free one)."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} on {host} is not open to this user: choose one above 1023."
    reason = str(error.strerror).partition(" (")[0]
    return (
        f"This machine has no address {host} to listen on ({reason}): try 127.0.0.1, or 0.0.0.0 "
        "for all of its addresses."
    )
