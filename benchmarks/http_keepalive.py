"""Measure requests per second of one client, with this project's HTTP server and with werkzeug's.

    python benchmarks/http_keepalive.py [--seconds 2] [--json]

The application does nothing, so the result is the cost of HTTP. The client reuses its connection if the server allows
that. Server and client run in separate processes; only the ratio is meaningful.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import socket
import sys
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from sfmc_mock.http import HTTPServer

BODY = b"<Objects><Name>value</Name></Objects>" * 27
REQUEST = (
    b"POST /Service.asmx HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: benchmark\r\nAccept: */*\r\n"
    b"Content-Type: text/xml; charset=utf-8\r\nSOAPAction: Create\r\nContent-Length: %d\r\n\r\n"
    % len(BODY)
) + BODY


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer every request with a body of one kilobyte."""
    environ["wsgi.input"].read(len(BODY))
    start_response(
        "200 OK", [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(BODY)))]
    )
    return [BODY]


class Silent(WSGIRequestHandler):
    """werkzeug's handler without a log line per request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""


def serve_ours(ready: Connection) -> None:
    """Serve with this project's server; send the port."""
    with HTTPServer(application) as server:
        ready.send(server.port)
        ready.recv()


def serve_stock(ready: Connection) -> None:
    """Serve with werkzeug's threaded server; send the port."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Silent)
    ready.send(server.port)
    server.serve_forever()


def requests_per_second(port: int, seconds: float) -> float:
    """Return the answered requests per second of one client."""
    client = socket.create_connection(("127.0.0.1", port))
    answered = 0
    begun = time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        client.sendall(REQUEST)
        answer = b""
        while not answer.endswith(BODY):
            answer += client.recv(65536)
        answered += 1
        if b"Connection: close" in answer:
            client.close()
            client = socket.create_connection(("127.0.0.1", port))
    client.close()
    return answered / passed


def measure(serve: Callable[[Connection], None], seconds: float) -> float:
    """Run a server in its own process and return its requests per second."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    port = ours.recv()
    requests_per_second(port, 0.2)
    rate = requests_per_second(port, seconds)
    process.terminate()
    process.join()
    return rate


def main() -> int:
    """Measure both and print the ratio; exit code 1 if keep-alive is not faster."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--seconds", type=float, default=2.0, help="how long each server is measured"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    stock, ours = (measure(serve, options.seconds) for serve in (serve_stock, serve_ours))
    if options.json:
        print(
            json.dumps(
                {"stock": round(stock), "ours": round(ours), "ratio": round(ours / stock, 1)}
            )
        )
    else:
        print(f"werkzeug as it comes  {stock:8,.0f} requests/s")
        print(f"sfmc_mock.http        {ours:8,.0f} requests/s, {ours / stock:.1f} times as many")
    return 0 if ours > stock else 1


if __name__ == "__main__":
    sys.exit(main())
