"""The account's identifiers: derived from its seed and their purpose, never from chance or the order of calls.

The same seed and calls give the same ids, with any number of threads. Forms are the service's (recorded): ObjectIDs
are lower-case GUIDs, system-made CustomerKeys upper-case ones, subscriber ids have nine digits or more.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from hashlib import blake2b
from struct import Struct

DEFAULT_SEED = "sfmc-mock"
"""The text that the identifiers of an account are derived from, if its seed file names no other."""

_SEPARATOR = "\x1f"
# The digits of four GUIDs, cut as they are written.
_PARTS = Struct(4 * "8s4s4s4s12s")
_FOUR_GUIDS = b" ".join(4 * [b"%b-%b-%b-%b-%b"])
_GUID = re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)


def is_guid(text: str) -> bool:
    """Say whether a text is a GUID, in either case, with braces or without."""
    return _GUID.fullmatch(text) is not None


class Ids:
    """Identifiers of one account."""

    def __init__(self, seed: str) -> None:
        self._prefix = (seed + _SEPARATOR).encode()

    def guid(self, *purpose: str | int) -> str:
        """Return the GUID for a purpose, lower-case."""
        return _as_guid(self._digest(16, purpose).hex("-", 2))

    def of_request(self, digest: str, turn: int, now: str) -> list[str]:
        """Return four GUIDs for a request, from its digest, its earlier occurrences, and the account's time."""
        key = _SEPARATOR.join(("request", digest, str(turn), now)).encode()
        drawn = blake2b(self._prefix + key, digest_size=64).digest()
        # As `_as_guid` does, for all at once.
        return (_FOUR_GUIDS % _PARTS.unpack(drawn.hex().encode())).decode().split()

    def fresh_guid(self, taken: Callable[[str], bool], *purpose: str | int) -> str:
        """Return the first GUID for a purpose that is not taken yet."""
        turn = 0
        while taken(guid := self.guid(*purpose, turn)):
            turn += 1
        return guid

    def fresh_number(
        self, taken: Callable[[int], bool], *purpose: str | int, earlier: int = 0
    ) -> int:
        """Return a positive 32-bit number of at least nine digits that is not taken yet.

        `earlier` is how many numbers for the purpose are known to be taken: these are not tried again.
        """
        turn = earlier
        while taken(number := self.number(*purpose, turn)):
            turn += 1
        return number

    def number(self, *purpose: str | int) -> int:
        """Return a positive 32-bit number of at least nine digits for a purpose."""
        return _as_number(self._digest(8, purpose))

    def numbers_of_subscribers(self, keys: Iterable[str]) -> list[int]:
        """Return `number("subscriber", key, 0)` for each key, in a third less time."""
        start = self._prefix + f"subscriber{_SEPARATOR}".encode()
        end = f"{_SEPARATOR}0".encode()
        return [
            _as_number(
                blake2b(start + key.encode("utf-8", "replace") + end, digest_size=8).digest()
            )
            for key in keys
        ]

    def _digest(self, size: int, purpose: tuple[str | int, ...]) -> bytes:
        key = _SEPARATOR.join(map(str, purpose)).encode("utf-8", "replace")
        return blake2b(self._prefix + key, digest_size=size).digest()


class Occurrences:
    """Counts how often a request came, by its digest. 100,000 of them take a megabyte; then counting begins anew.

    Safe to use from many threads.
    """

    MOST = 100_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all of them."""
        self._size = 0
        # Digests that came once, eight bytes of each, by their first bits; how often the others came.
        self._once: dict[int, bytearray] = {}
        self._more: dict[bytes, int] = {}

    def count(self, digest: bytes) -> int:
        """Note that a request came; return how often it had come before."""
        place, mark = digest[0] << 4 | digest[1] >> 4, digest[2:10]
        with self._lock:
            known = self._more.get(mark)
            if known is not None:
                self._more[mark] = known + 1
                return known
            marks = self._once.get(place)
            if marks is not None and _is_among(mark, marks):
                self._more[mark] = 2
                return 1
            if self._size >= self.MOST:
                self.clear()
                marks = None
            if marks is None:
                marks = self._once[place] = bytearray()
            marks += mark
            self._size += 1
            return 0


def _is_among(mark: bytes, marks: bytearray) -> bool:
    at = marks.find(mark)
    while at > 0 and at % len(mark):
        # The end of one and the beginning of the next.
        at = marks.find(mark, at + 1)
    return at >= 0


def _as_number(drawn: bytes) -> int:
    return 100_000_000 + int.from_bytes(drawn) % (2**31 - 100_000_000)


def _as_guid(text: str) -> str:
    # In steps of two bytes it is nearly written as GUIDs are.
    return f"{text[:4]}{text[5:29]}{text[30:34]}{text[35:]}"
