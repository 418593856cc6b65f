"""Messages that are written alike share what they have in common: of each, only its own values are kept.

A program writes its requests alike, and so does the emulator its answers: thousands of them differ in a few keys and
ids. The first of a kind is kept whole, of the others what stands otherwise in the same place.
"""

from __future__ import annotations

import re

MAX_MESSAGE = 16 * 1024
"""Bytes of the longest message that is cut: longer ones are mostly their own values."""

MAX_KINDS = 200
"""How many kinds are known at once."""

_VALUE = re.compile(rb">([^<>\x7f]*)</")
_ID = b':Id="'
_GAP = b"\x7f"


class _Kind:
    """What messages have in common: the markup around their values, and the values of the first."""

    __slots__ = ("changed", "markup", "values")

    def __init__(self, markup: list[bytes], values: list[bytes]) -> None:
        self.markup = markup
        self.values = values
        # Which values differ, shared by all messages of which it is the same.
        self.changed: dict[tuple[int, ...], tuple[int, ...]] = {}


class Slice:
    """A message as what it has of its own; `bytes()` gives it back. `len` is what it takes of memory, about."""

    __slots__ = ("_changed", "_kind", "_texts")

    def __init__(self, kind: _Kind, changed: tuple[int, ...], texts: bytes) -> None:
        self._kind = kind
        self._changed = changed
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __bytes__(self) -> bytes:
        values = list(self._kind.values)
        for place, text in zip(self._changed, self._texts.split(_GAP), strict=True):
            values[place] = text
        *texts, own_id = values
        pieces = [b"%b>%b</" % pair for pair in zip(self._kind.markup, texts, strict=False)]
        message = b"".join([*pieces, self._kind.markup[-1]])
        at = message.find(_ID) + len(_ID)
        return message[:at] + own_id + message[at:] if own_id else message


class Slices:
    """Cuts messages, and knows their kinds; may be used from many threads."""

    def __init__(self) -> None:
        self._kinds: dict[bytes, _Kind] = {}
        self._seen: set[int] = set()

    def cut(self, message: bytes) -> bytes | Slice:
        """Return what a message has of its own; the message itself where none like it came twice before."""
        if len(message) > MAX_MESSAGE or _GAP in message:
            return message
        markup, values = _cut(message)
        kind = self._kinds.get(markup)
        if kind is None:
            self._learn(markup, values)
            return message
        changed = tuple(
            [
                place
                for place, (value, first) in enumerate(zip(values, kind.values, strict=True))
                if value != first
            ]
        )
        if len(kind.changed) < MAX_KINDS:
            changed = kind.changed.setdefault(changed, changed)
        if not changed:
            return Slice(kind, (0,), values[0])
        return Slice(kind, changed, _GAP.join([values[place] for place in changed]))

    def _learn(self, markup: bytes, values: list[bytes]) -> None:
        mark = hash(markup)
        if mark in self._seen:
            if len(self._kinds) >= MAX_KINDS:
                self._kinds.clear()
            self._kinds[markup] = _Kind(markup.split(_GAP), values)
            return
        if len(self._seen) >= 10 * MAX_KINDS:
            self._seen.clear()
        self._seen.add(mark)


def _cut(message: bytes) -> tuple[bytes, list[bytes]]:
    """Return a message's markup, with a gap for each value, and the values; last its first id of WS-Security."""
    own_id, at = b"", message.find(_ID) + len(_ID)
    if at >= len(_ID):
        end = message.find(b'"', at)
        own_id = message[at:end] if end > 0 else b""
        message = message[:at] + message[at + len(own_id) :]
    pieces = _VALUE.split(message)
    return _GAP.join(pieces[::2]), [*pieces[1::2], own_id]
