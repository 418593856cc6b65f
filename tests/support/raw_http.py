"""A client that sends given bytes unchanged, and reads answers one by one."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class RawAnswer:
    """One answer: header names in lower case, and the body without its framing."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawClient:
    """One connection. It times out after ten seconds, so that a test fails if a server hangs."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()
        self.socket.close()

    def send(self, data: bytes) -> Self:
        """Send the bytes unchanged."""
        self.socket.sendall(data)
        return self

    def get(self, path: str = "/", *headers: str) -> RawAnswer:
        """Request a path over HTTP/1.1 and return the answer."""
        lines = [f"GET {path} HTTP/1.1", "Host: test", *headers, "", ""]
        return self.send("\r\n".join(lines).encode()).answer()

    def line(self) -> bytes:
        """Return the next received line, without its end."""
        return self._file.readline().rstrip(b"\r\n")

    def answer(self, *, to_head: bool = False) -> RawAnswer:
        """Return the next answer, as long as its own headers say."""
        status = int(self.line().split()[1])
        headers = {}
        while line := self.line():
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        return RawAnswer(status, headers, b"" if to_head else self._body(status, headers))

    def rest(self) -> bytes:
        """Return everything up to the end of the connection."""
        try:
            return self._file.read()
        except ConnectionResetError:
            return b""

    def _body(self, status: int, headers: dict[str, str]) -> bytes:
        if status in (204, 304):
            return b""
        if headers.get("transfer-encoding") == "chunked":
            return b"".join(iter(self._chunk, b""))
        if "content-length" in headers:
            return self._file.read(int(headers["content-length"]))
        return self._file.read()

    def _chunk(self) -> bytes:
        data = self._file.read(int(self.line(), 16))
        self.line()
        return data
