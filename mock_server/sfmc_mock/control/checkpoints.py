"""The checkpoints of an account: copies of its content in memory, the last ones only."""

from __future__ import annotations

from sfmc_mock.errors import SetupError

MAX_CHECKPOINTS = 100
"""How many checkpoints of one account are kept."""

MAX_CHECKPOINT_BYTES = 512 * 1024 * 1024
"""Bytes that the checkpoints of one account take together; one alone may be larger."""

MAX_NAME = 200
"""Characters of a name."""


class Checkpoints:
    """Copies of an account's content by name, the oldest first.

    Where there is no more room, the oldest go; `dropped` are the names that the last copy took the room of.
    """

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self.dropped: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self._contents

    def __getitem__(self, name: str) -> bytes:
        return self._contents[name]

    @property
    def names(self) -> list[str]:
        """The names, the oldest first."""
        return list(self._contents)

    def keep(self, name: str, content: bytes) -> None:
        """Keep a copy; an earlier one of its name is replaced. Raises `SetupError` for a name that is too long."""
        if len(name) > MAX_NAME:
            raise SetupError(
                f"The name of a checkpoint has {MAX_NAME} characters at most, not {len(name):,}."
            )
        self._contents.pop(name, None)
        self._contents[name] = content
        dropped = []
        while len(self._contents) > 1 and self._are_too_many():
            oldest = next(iter(self._contents))
            del self._contents[oldest]
            dropped.append(oldest)
        self.dropped = tuple(dropped)

    def _are_too_many(self) -> bool:
        return (
            len(self._contents) > MAX_CHECKPOINTS
            or sum(map(len, self._contents.values())) > MAX_CHECKPOINT_BYTES
        )
