"""Store messages of past calls in little memory.

Of a request with a known pattern, only the texts in its gaps are stored; other messages are compressed, many together.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

# Higher levels take three times as long for a quarter less.
_LEVEL = 2


GAP = "\x7f"
"""The separator of the texts of an abridged message; no text of it has the character."""


class Abridged:
    """A message with one byte a character, stored as the texts in the gaps of `pieces`, which many messages share.

    `bytes()` returns the message; `len` is about the memory that it takes itself.
    """

    __slots__ = ("_own", "_pieces")

    def __init__(self, pieces: tuple[str, ...], own: Sequence[str]) -> None:
        self._pieces = pieces
        self._own = GAP.join(own)

    def __len__(self) -> int:
        return len(self._own)

    def __bytes__(self) -> bytes:
        whole = [self._pieces[0]]
        for own, piece in zip(self._own.split(GAP), self._pieces[1:], strict=False):
            whole += own, piece
        return "".join(whole).encode("latin-1")


class _Block:
    """Messages one after the other: where each ends, and about how much memory each takes."""

    __slots__ = ("compressed", "ends", "share")

    def __init__(self, messages: Sequence[bytes]) -> None:
        self.compressed = zlib.compress(b"".join(messages), _LEVEL)
        self.ends = array("L", accumulate(map(len, messages), initial=0))
        self.share = len(self.compressed) // max(1, len(messages)) + self.ends.itemsize


class Packed:
    """A message in a block of many; `bytes()` returns it, and `len` is about the memory that it takes."""

    __slots__ = ("_block", "_place")

    def __init__(self, block: _Block, place: int) -> None:
        self._block = block
        self._place = place

    def __len__(self) -> int:
        return self._block.share

    def __bytes__(self) -> bytes:
        start, end = self._block.ends[self._place : self._place + 2]
        return _unpacked(self._block)[start:end]


@lru_cache(maxsize=2)
def _unpacked(block: _Block) -> bytes:
    # A search reads the messages of a block one after the other.
    return zlib.decompress(block.compressed)


def pack(messages: Sequence[bytes]) -> list[Packed]:
    """Return messages in one block."""
    block = _Block(messages)
    return [Packed(block, place) for place in range(len(messages))]
