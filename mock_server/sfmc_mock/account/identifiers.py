"""The account's identifiers: drawn from its seed and from what they are for, never from chance or the order of calls.

The same seed and calls give the same ids, however many threads made the calls. Forms are the service's (recorded):
ObjectIDs are lower-case GUIDs, system-made CustomerKeys upper-case ones, subscriber ids have nine digits or more.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

DEFAULT_SEED = "sfmc-mock"
"""From what the identifiers of an account are drawn that says nothing else."""

_SEPARATOR = "\x1f"


class Ids:
    """Identifiers of one account."""

    def __init__(self, seed: str) -> None:
        self._prefix = (seed + _SEPARATOR).encode()

    def guid(self, *purpose: str | int) -> str:
        """Return the GUID for a purpose, lower-case."""
        return _as_guid(self._digest(16, purpose).hex())

    def guids(self, count: int, *purpose: str | int) -> list[str]:
        """Return up to four GUIDs for a purpose, lower-case, from one digest."""
        digits = self._digest(16 * count, purpose).hex()
        return [_as_guid(digits[start : start + 32]) for start in range(0, 32 * count, 32)]

    def fresh_guid(self, taken: Callable[[str], bool], *purpose: str | int) -> str:
        """Return the first GUID for a purpose that is not taken yet."""
        turn = 0
        while taken(guid := self.guid(*purpose, turn)):
            turn += 1
        return guid

    def fresh_number(self, taken: Callable[[int], bool], *purpose: str | int) -> int:
        """Return a positive 32-bit number of at least nine digits that is not taken yet."""
        turn = 0
        while True:
            drawn = int.from_bytes(self._digest(8, (*purpose, turn)))
            number = 100_000_000 + drawn % (2**31 - 100_000_000)
            if not taken(number):
                return number
            turn += 1

    def _digest(self, size: int, purpose: tuple[str | int, ...]) -> bytes:
        key = _SEPARATOR.join(map(str, purpose)).encode("utf-8", "replace")
        return blake2b(self._prefix + key, digest_size=size).digest()


def _as_guid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
