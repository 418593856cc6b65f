"""A fake service: a WSGI application with prepared answers, and a server on loopback for it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from lxml import etree

from sfmc_client import Client, Retries, UsernameToken, WSGITransport

ENDPOINT = "http://service.test/Service.asmx"
PARTNER = "{http://exacttarget.com/wsdl/partnerAPI}"
PASSWORD = "correct-horse-battery"


@dataclass
class Received:
    """A received request."""

    path: str
    headers: dict[str, str]
    body: bytes
    client_port: str = ""

    @property
    def message(self) -> etree._Element:
        """The element in the Body of the envelope."""
        root = etree.fromstring(self.body)
        return root[-1][0]

    def texts(self, name: str) -> list[str | None]:
        """The texts of all elements with this name, in order."""
        return [element.text for element in self.message.iter(f"{PARTNER}{name}")]

    def outline(self) -> str:
        """The message with local names only, on one line, without attributes but xsi:type and xsi:nil."""
        return _outline(self.message)


def _outline(element: etree._Element) -> str:
    name = etree.QName(element).localname
    marks = "".join(
        f" {etree.QName(str(key)).localname}={value!s}" for key, value in element.items()
    )
    inside = "".join(_outline(child) for child in element) or (element.text or "")
    return f"<{name}{marks}>{inside}</{name}>"


@dataclass
class Answer:
    """A prepared answer; a fault gets HTTP 500, as from the service."""

    body: bytes
    status: int = 200
    content_type: str = "text/xml; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Answer | bytes) -> Answer:
        if isinstance(answer, Answer):
            return answer
        return cls(answer, status=500 if b"<soap:Fault>" in answer else 200)


class FakeService:
    """Returns the prepared answers in order, and records the requests; fails if there are more calls than answers."""

    def __init__(self, *answers: Answer | bytes | Exception) -> None:
        self.answers = list(answers)
        self.received: list[Received] = []

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = {key: value for key, value in environ.items() if isinstance(value, str)}
        port = str(environ.get("REMOTE_PORT", ""))
        self.received.append(Received(environ["PATH_INFO"], headers, body, port))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        answer = Answer.of(answer)
        start_response(
            f"{answer.status} X",
            [
                ("Content-Type", answer.content_type),
                ("Content-Length", str(len(answer.body))),
                *answer.headers.items(),
            ],
        )
        return [answer.body]

    @property
    def last(self) -> Received:
        return self.received[-1]


class NoWait:
    """Replaces sleeping, and records the durations."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def quick_retries(attempts: int = 3, sleep: Callable[[float], None] | None = None) -> Retries:
    return Retries(attempts=attempts, sleep=sleep or NoWait(), jitter=lambda: 1.0)


def client_for(service: FakeService, **options: Any) -> Client:
    """A client of the application in this process."""
    options.setdefault("auth", UsernameToken("ada", PASSWORD))
    options.setdefault("transport", WSGITransport(service))
    options.setdefault("retries", quick_retries())
    return Client(ENDPOINT, **options)


class _Handler(BaseHTTPRequestHandler):
    """Calls a WSGI application, and keeps the connection open as the service does: werkzeug's server would not."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    app: Callable[..., Iterable[bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "REMOTE_PORT": str(self.client_address[1]),
            "wsgi.input": BytesIO(body),
            **{
                f"HTTP_{name.upper().replace('-', '_')}": text
                for name, text in self.headers.items()
            },
        }
        for part in self.app(environ, self._start):
            self.wfile.write(part)

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(
    app: Callable[..., Iterable[bytes]], ssl_context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve an application on a free port of loopback; yields the address."""
    handler = type("Handler", (_Handler,), {"app": staticmethod(app)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if ssl_context is not None:
        server.socket = ssl_context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        scheme = "http" if ssl_context is None else "https"
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
