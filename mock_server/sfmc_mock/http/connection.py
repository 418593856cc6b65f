"""One connection: request after request, until the client or the server ends it."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.serving import WSGIRequestHandler

from sfmc_mock.clock import steady_time
from sfmc_mock.errors import Elsewhere
from sfmc_mock.http.environ import BODY, environ_of, head_and_environ
from sfmc_mock.http.handover import HandedSocket, Handover, as_received, pump
from sfmc_mock.http.inbox import Inbox, Request
from sfmc_mock.http.owner import Owner
from sfmc_mock.http.proxying import ESTABLISHED, TLS_HANDSHAKE, Proxy, tunnel_authority, untrusted
from sfmc_mock.http.reading import Head, Refusal, absolute_origin
from sfmc_mock.http.response_writer import MORE, Answer, ClientGone, HangUp
from sfmc_mock.http.watch import Turn

MAX_CARRIED = 16 * 1024 * 1024
"""A connection ends after so many bytes of bodies: XML parsers keep all names that a thread has read until it ends."""

HANDED = "sfmc_mock.handed"
"""A key in the environment of a request that another process has read, so that it must be answered here."""

LINGER = 2.0
"""Seconds for which a refused client may continue to send: cut off at once, it would not read the answer."""


class Connection(WSGIRequestHandler):
    """One connection. A thread reads many connections in turns; one that must be waited for gets a separate thread.

    Only plain connections take turns: TLS, tunnels, and connections from other processes keep a thread to their end.
    """

    def __init__(self, request: Any, client_address: Any, server: Owner) -> None:
        self.connection: socket.socket = request
        self.client_address = client_address
        self._owner = server
        # Whether no request is under way, so that a server which stops may end the connection.
        self.idle = True
        # Whether it was told to end; its thread may still run for a moment.
        self.ended = False
        # The thread that reads it at present.
        self.thread = 0
        self.carried = 0
        # The time since which it waits for a request, or for the rest of a head; None while it reads a body or answers.
        self.waiting_since: float | None = steady_time()
        # The host and port that a tunnel leads to, as the client named them.
        self.tunnel = ""
        # The request that another process has read already.
        self._handover: Handover | None = None
        if isinstance(request, HandedSocket):
            self._handover = request.handover
            self.tunnel = self._handover.tunnel
        self.takes_turns = (
            server.ssl_context is None and server.proxy is None and self._handover is None
        )
        self._refused: Refusal | None = None
        # An answer that is held until other requests are handled.
        self._held: tuple[Answer, Request, dict[str, Any]] | None = None
        with contextlib.suppress(OSError):
            if request.family in (socket.AF_INET, socket.AF_INET6):
                request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self._begin()

    def _begin(self) -> None:
        """Read from the socket as it is now: it may have become one of TLS."""
        server = self._owner
        self._constant = self._constant_environ()
        self._inbox = Inbox(
            self.connection,
            idle=server.idle_timeout,
            timeout=server.request_timeout,
            room=server.room,
            received=b"" if self._handover is None else self._handover.received,
        )

    def take_turn(self, more: Callable[[], bool] | None = None) -> Turn:
        """Read the received bytes, and answer the requests that are complete, or finish a held answer.

        `more` says whether other connections have their turns next; with it, an answer may be held until then.
        """
        self.thread = threading.get_ident()
        self.idle = False
        try:
            turn = self._read_and_answer(more)
        except (OSError, ClientGone):
            return Turn.END
        except HangUp as wanted:
            self._hang_up(wanted)
            return Turn.END
        except Refusal as refusal:
            self._refused = refusal
            return Turn.APART
        except BaseException as error:
            self._owner.failed(error)
            return Turn.END
        return turn if turn is not Turn.REST else self._rest()

    def _read_and_answer(self, more: Callable[[], bool] | None) -> Turn:
        inbox = self._inbox
        if self._held is not None:
            held, self._held = self._held, None
            if not self._run(*held, resumes=True):
                return Turn.END
            self.waiting_since = steady_time()
        elif not inbox.receive():
            return Turn.END
        while not inbox.empty:
            request = inbox.whole(self._owner.max_body)
            if request is None:
                return Turn.APART
            self.waiting_since = None
            if not self._respond(request, None, more):
                return Turn.END
            if self._held is not None:
                return Turn.HELD
            self.waiting_since = steady_time()
        return Turn.REST

    def _rest(self) -> Turn:
        """Wait for the next request, unless the server stops."""
        self.idle = True
        # Only now: a stop that comes after this question finds the connection idle and ends it.
        return Turn.END if self._owner.stopping else Turn.REST

    def handle_apart(self) -> Turn:
        """Read and answer in a separate thread, until the connection is idle, or to its end where it takes no turns."""
        self.thread = threading.get_ident()
        # An OSError here comes from a client that is gone: no answer can be sent.
        with contextlib.suppress(OSError, ClientGone):
            try:
                if self._refused is not None:
                    self._refuse(self._refused)
                    return Turn.END
                self._secure()
                return self._serve()
            except HangUp as wanted:
                self._hang_up(wanted)
            except Refusal as refusal:
                self._refuse(refusal)
            except ssl.SSLError as problem:
                self._tell_distrust(problem)
        return Turn.END

    def _hang_up(self, wanted: HangUp) -> None:
        if wanted.reset:
            # Closed with this, the socket sends RST in place of FIN.
            now = struct.pack("ii", 1, 0)
            with contextlib.suppress(OSError):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)

    def finish(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError, ValueError):
            if isinstance(self.connection, ssl.SSLSocket):
                # Sends the goodbye of TLS; with no time to wait for the client's, it then raises.
                self.connection.settimeout(0)
                self.connection.unwrap()
        self.connection.close()

    def end_if_idle(self) -> None:
        """End the connection if it waits for a request."""
        if self.idle:
            self._shut(socket.SHUT_RD)

    def end(self) -> None:
        """End a connection that waits, in favour of another one."""
        self.ended = True
        self._shut(socket.SHUT_RDWR if not self.idle else socket.SHUT_RD)

    def cut(self) -> None:
        """End the connection in any state."""
        self._shut(socket.SHUT_RDWR)

    def _shut(self, how: int) -> None:
        # Not SSLSocket's own: it drops the encryption while another thread may be reading.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.connection, how)

    def _secure(self) -> None:
        server = self._owner
        if server.stopping or self._handover is not None:
            return
        if server.ssl_context is not None:
            self.connection.settimeout(server.request_timeout)
            if self.connection.recv(1, socket.MSG_PEEK).isalpha():
                raise Refusal(
                    "400 Bad Request", "This port speaks TLS: use https:// instead of http://."
                )
            self._wrap(server.ssl_context)
        elif server.proxy is not None and self._client_speaks_tls(server.idle_timeout):
            self._wrap(server.proxy.direct_context())

    def _client_speaks_tls(self, timeout: float) -> bool:
        self.connection.settimeout(timeout)
        return self.connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE

    def _wrap(self, context: ssl.SSLContext) -> None:
        self.connection.settimeout(self._owner.request_timeout)
        self.connection = context.wrap_socket(
            self.connection, server_side=True, do_handshake_on_connect=False
        )
        # The server may have begun to stop, and found a socket that was wrapped already.
        if not self._owner.stopping:
            self.connection.do_handshake()
        self._begin()

    def _serve(self) -> Turn:
        inbox = self._inbox
        try:
            while True:
                self.waiting_since = steady_time()
                self.idle = True
                # Only now: a stop that comes after this question finds the connection idle and ends it.
                if self._owner.stopping or not inbox.wait():
                    return Turn.END
                self.idle = False
                again = self._answer(inbox)
                self._constant.pop(HANDED, None)
                inbox.release()
                if not again:
                    return Turn.END
                if inbox.empty and self._may_take_turns():
                    inbox.rest()
                    self.waiting_since = steady_time()
                    return self._rest()
        finally:
            inbox.release()

    def _may_take_turns(self) -> bool:
        return not self.tunnel and self._owner.proxy is None and not self._is_secure

    def _answer(self, inbox: Inbox) -> bool:
        """Take one request and answer it; return whether the connection can be used again."""
        raw_head = inbox.head()
        head, known = head_and_environ(raw_head)
        self.waiting_since = None
        scheme, proxy = None, self._owner.proxy
        if proxy is not None:
            if head.method == "CONNECT":
                self._open_tunnel(proxy, head, inbox)
                return False
            scheme = self._admitted_scheme(proxy, head)
        body = inbox.body(head, limit=self._owner.max_body)
        return self._respond(Request(raw_head, head, known, body), scheme)

    def _respond(
        self, request: Request, scheme: str | None, more: Callable[[], bool] | None = None
    ) -> bool:
        """Answer a request, or hold its answer; return whether the connection can be used again."""
        server = self._owner
        _, head, known, body = request
        environ = self._constant | (environ_of(head, body) if known is None else known)
        if scheme is not None:
            environ["wsgi.url_scheme"] = scheme
        environ["wsgi.input"] = io.BytesIO(body)
        environ[BODY] = body
        environ["wsgi.errors"] = sys.stderr
        answer = Answer(self.connection, head, server)
        self.carried += len(body)
        if self.carried > MAX_CARRIED:
            answer.keep_alive = False
        if more is not None:
            environ[MORE] = more
        again = self._run(answer, request, environ)
        if answer.later is not None:
            self._held = answer, request, environ
        return again

    def _run(
        self, answer: Answer, request: Request, environ: dict[str, Any], *, resumes: bool = False
    ) -> bool:
        try:
            if resumes:
                answer.resume()
            else:
                answer.run(self._owner.app, environ)
        except (ClientGone, HangUp):
            raise
        except Elsewhere as found:
            if HANDED in environ:
                # The directory has changed meanwhile: handed over again, it could go in circles.
                answer.fail("503 Service Unavailable", "The account is on its way; try again.")
                return answer.keep_alive
            raw_head, head, _, body = request
            rest = self._inbox.hand_over()
            self._hand_over(found.worker, as_received(raw_head, head, body, rest))
            return False
        except BaseException as error:
            self._owner.failed(error)
            if answer.begun:
                return False
            answer.fail("500 Internal Server Error", _apology(error))
        return answer.keep_alive

    def _hand_over(self, worker: int, received: bytes) -> None:
        """Let another process answer the request, and all that follow on the connection."""
        connection = self.connection
        handover = Handover(self.client_address[:2], received, self._is_secure, self.tunnel)
        if not isinstance(connection, ssl.SSLSocket):
            self._owner.hand_over(worker, connection, handover)
            return
        inner, outer = socket.socketpair()
        with outer:
            self._owner.hand_over(worker, outer, handover)
        pump(connection, inner, self._owner.idle_timeout)

    @property
    def _is_secure(self) -> bool:
        if self._handover is not None:
            return self._handover.secure
        return isinstance(self.connection, ssl.SSLSocket)

    def _open_tunnel(self, proxy: Proxy, head: Head, inbox: Inbox) -> None:
        """Answer CONNECT, then serve the tunnel to its end as if this were the host."""
        authority = tunnel_authority(head.target)
        if self.tunnel:
            raise Refusal("400 Bad Request", "This connection is a tunnel already.")
        proxy.admit(authority, self._owner.port)
        if not inbox.empty:
            raise Refusal("400 Bad Request", "After CONNECT, wait for the answer before you go on.")
        context = proxy.context(authority)
        self.connection.sendall(ESTABLISHED)
        self.tunnel = authority
        self.idle = True
        # Only now: a stop that comes after this question finds the connection idle and ends it.
        if self._owner.stopping:
            return
        if self._client_speaks_tls(self._owner.idle_timeout):
            self._wrap(context)
        else:
            self._begin()
        self._serve()

    def _admitted_scheme(self, proxy: Proxy, head: Head) -> str | None:
        """Return the scheme of a request for a whole URL, None for one of a path."""
        origin = absolute_origin(head.target)
        if origin is None:
            return None
        scheme, authority = origin
        proxy.admit(authority, self._owner.port)
        return scheme

    def _tell_distrust(self, problem: ssl.SSLError) -> None:
        proxy = self._owner.proxy
        if proxy is None:
            return
        refusal = untrusted(self.tunnel or "this host", problem, proxy)
        if refusal is not None:
            self._owner.refused(refusal)

    def _constant_environ(self) -> dict[str, Any]:
        return {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self._is_secure else "http",
            "wsgi.input_terminated": True,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "werkzeug.socket": self.connection,
            "SERVER_SOFTWARE": self.server_version,
            "SCRIPT_NAME": "",
            "SERVER_NAME": self._owner.host,
            "SERVER_PORT": str(self._owner.port),
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_PORT": self.client_address[1],
            **({} if self._handover is None else {HANDED: True}),
        }

    def _refuse(self, refusal: Refusal) -> None:
        self._owner.refused(refusal)
        self.connection.settimeout(LINGER)
        self.connection.sendall(refusal.rendered())
        self._linger()

    def _linger(self) -> None:
        """Discard further bytes for a while, so that the client can read its answer before the connection ends."""
        self.idle = True
        self._shut(socket.SHUT_WR)
        deadline = steady_time() + LINGER
        while (left := deadline - steady_time()) > 0:
            self.connection.settimeout(left)
            # Not SSLSocket's own method: the bytes need not be decrypted.
            if not socket.socket.recv(self.connection, 65536):
                return


def _apology(error: BaseException) -> str:
    # Only the type: the text of an error may quote the request, with a password.
    return (
        f"The application failed on this request ({type(error).__name__}). This is an error of the "
        "application, not of the request. See the server's output."
    )
