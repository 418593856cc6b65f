"""Servers for the applications of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from sfmc_mock.http import HTTPServer

Serve = Callable[..., HTTPServer]


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the body of the request."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return [body]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server for an application, by default one that echoes; it is stopped after the test."""
    with ExitStack() as servers:

        def start(app: Any = echo, **options: Any) -> HTTPServer:
            return servers.enter_context(HTTPServer(app, **options))

        yield start
