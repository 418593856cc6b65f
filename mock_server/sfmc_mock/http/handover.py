"""Hand an open connection to another process, with the request that was read from it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
from dataclasses import dataclass
from typing import cast

from sfmc_mock.http.reading import Head

_PART = 65_536

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Handover:
    """The data that the other process needs beside the connection itself.

    `received` is the request in its form on the wire, and the bytes after it. `secure` and `tunnel` describe the
    connection from the client's side: TLS, and the host of a tunnel.
    """

    client: Address
    received: bytes
    secure: bool = False
    tunnel: str = ""


class HandedSocket(socket.socket):
    """A connection that another process accepted."""

    handover: Handover


def as_received(raw_head: bytes, head: Head, body: bytes, rest: bytes) -> bytes:
    """Return the bytes of the request; a body that came in chunks becomes one chunk."""
    if "transfer-encoding" in head.headers:
        last = b"0\r\n\r\n"
        body = b"%x\r\n%b\r\n%b" % (len(body), body, last) if body else last
    return b"%b\r\n\r\n%b%b" % (raw_head, body, rest)


def pump(client: ssl.SSLSocket, inner: socket.socket, timeout: float) -> None:
    """Forward bytes between a TLS connection and a plain socket, until either side ends or no byte comes for `timeout`.

    The keys of TLS cannot be handed to another process, so this process stays between both.
    """
    other: dict[socket.socket, socket.socket] = {client: inner, inner: client}
    with inner, selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
        for each in other:
            selector.register(each, selectors.EVENT_READ)
        while ready := _readable(client, selector, timeout):
            for source in ready:
                part = _received(source)
                if part == b"":
                    return
                if part is not None:
                    other[source].settimeout(timeout)
                    other[source].sendall(part)


def _readable(
    client: ssl.SSLSocket, selector: selectors.BaseSelector, timeout: float
) -> list[socket.socket]:
    # What was decrypted already shows on no descriptor.
    if client.pending():
        return [client]
    return [cast("socket.socket", key.fileobj) for key, _ in selector.select(timeout)]


def _received(source: socket.socket) -> bytes | None:
    """Return received bytes, None where TLS exchanged only messages of its own."""
    source.setblocking(False)
    try:
        return source.recv(_PART)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None
