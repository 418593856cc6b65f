"""Sentences that a page shows once, after a form was sent.

The address of the page has only the name of the sentence.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

_MOST = 200


@dataclass(frozen=True, slots=True)
class Note:
    """The result of a form, as a sentence."""

    sentence: str
    failed: bool = False


class Notes:
    """The latest notes.

    Links only have the name of a note, so that a link cannot put a sentence of its own on a page.
    """

    def __init__(self) -> None:
        self._notes: OrderedDict[str, Note] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, sentence: str, *, failed: bool = False) -> str:
        """Store a sentence and return its name."""
        name = secrets.token_urlsafe(6)
        with self._lock:
            self._notes[name] = Note(sentence[:2_000], failed)
            if len(self._notes) > _MOST:
                self._notes.popitem(last=False)
        return name

    def read(self, name: str) -> Note | None:
        """Return and remove the note of that name, None if there is none."""
        with self._lock:
            return self._notes.pop(name, None) if name else None
