"""Streams of changes: their events, and their end when the page is closed."""

from __future__ import annotations

from itertools import islice

import pytest

from sfmc_mock.inspector import event_stream
from sfmc_mock.inspector.event_stream import Live


def test_a_stream_without_changes_speaks_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []
    monkeypatch.setattr(event_stream, "_TURN", 0)
    stream = Live().stream(lambda: turns.append(1) or "the same")  # type: ignore[func-returns-value]
    assert stream is not None

    parts = list(islice(stream, 2))

    assert parts == [b"retry: 1000\n\n", b": still here\n\n"]
    # The first look, and one for each turn.
    assert len(turns) == 1 + 3
