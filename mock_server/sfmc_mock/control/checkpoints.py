"""The checkpoints of an account: copies of its content in memory, of limited number and size."""

from __future__ import annotations

import threading

from sfmc_mock.errors import NotThere, SetupError

MAX_CHECKPOINTS = 100
"""The greatest number of checkpoints of one account."""

MAX_CHECKPOINT_BYTES = 512 * 1024 * 1024
"""The greatest number of bytes of all checkpoints of one account; a single one may be larger."""

MAX_NAME = 200
"""The greatest length of a name."""


class Checkpoints:
    """Copies of an account's content by name, the oldest first. Beyond the limits, the oldest are removed."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """The names, the oldest first."""
        return list(self._contents)

    def content(self, name: str) -> bytes:
        """Return a copy. Raises `NotThere` for an unknown name."""
        content = self._contents.get(name)
        if content is None:
            names = self.names
            known = ", ".join(names[-10:]) or "none"
            known += f" and {len(names) - 10} older ones" if len(names) > 10 else ""
            raise NotThere(f"There is no checkpoint '{name}'. There are: {known}.")
        return content

    def keep(self, name: str, content: bytes) -> tuple[str, ...]:
        """Store a copy, which replaces an earlier one of its name, and return the names of removed ones.

        Raises `SetupError` for a name that is too long.
        """
        if len(name) > MAX_NAME:
            raise SetupError(
                f"The name of a checkpoint has {MAX_NAME} characters at most, not {len(name):,}."
            )
        dropped = []
        with self._lock:
            self._contents.pop(name, None)
            self._contents[name] = content
            while len(self._contents) > 1 and self._are_too_many():
                dropped.append(next(iter(self._contents)))
                del self._contents[dropped[-1]]
        return tuple(dropped)

    def _are_too_many(self) -> bool:
        return (
            len(self._contents) > MAX_CHECKPOINTS
            or sum(map(len, self._contents.values())) > MAX_CHECKPOINT_BYTES
        )
