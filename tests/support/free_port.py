"""A port of loopback that a program of a test is to listen on, and that no other program of the machine gets."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager


@contextmanager
def free_port() -> Iterator[int]:
    """Yield a free port. On Linux it is kept, so that only a program that names it gets it."""
    with closing(socket.socket()) as kept:
        # A program can bind it too if it names it, because this socket does not listen.
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        port = int(kept.getsockname()[1])
        if sys.platform != "linux":
            kept.close()
        yield port
