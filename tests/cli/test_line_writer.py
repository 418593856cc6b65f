"""Lines about calls, written in a separate thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from sfmc_mock import diagnostics
from sfmc_mock.cli import line_writer
from sfmc_mock.cli.call_lines import CallFacts, CallLines
from sfmc_mock.cli.line_writer import LineWriter
from sfmc_mock.journal import Exchange


def call(summary: str) -> Exchange:
    return Exchange(
        operation="Create", at=datetime(2026, 1, 1), summary=summary, overall_status="OK"
    )


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for each in (reading, writing):
        try:
            os.close(each)
        except OSError:
            continue


def test_every_call_is_written_in_order_at_the_latest_at_the_end(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        writer = LineWriter(log.fileno(), CallLines())
        for number in range(1_000):
            writer.put(call(f"no. {number}"))
        writer.finish()

    written = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert [line.split()[-1] for line in written] == [str(number) for number in range(1_000)]


def test_a_slow_machine_writes_the_last_calls_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make a line takes longer here than a reader is waited for that takes none."""

    class SlowLines(CallLines):
        def lines(self, call: CallFacts) -> list[str]:
            threading.Event().wait(0.02)
            return super().lines(call)

    monkeypatch.setattr(line_writer, "_WAIT_FOR_READER", 0.001)
    monkeypatch.setattr(diagnostics, "_LONGEST_WAITS", 60_000)
    with (tmp_path / "log").open("wb") as log:
        writer = LineWriter(log.fileno(), SlowLines())
        for number in range(3):
            writer.put(call(f"no. {number}"))
        writer.finish()

    assert not writer.is_writing
    assert len((tmp_path / "log").read_text(encoding="utf-8").splitlines()) == 3


def test_a_reader_that_takes_nothing_is_given_up(pipe: tuple[int, int]) -> None:
    _, writing = pipe
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"." * 4096)
    os.set_blocking(writing, True)
    writer = LineWriter(writing, CallLines())
    writer.put(call("this is not read"))

    writer.finish()

    assert writer.is_writing


def test_a_slow_reader_gets_the_number_of_omitted_calls(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    writer = LineWriter(writing, CallLines(), waiting=10)

    # More than the pipe's buffer, with no reader.
    for _ in range(5_000):
        writer.put(call("x" * 100))
    os.set_blocking(reading, True)
    text = b""
    while b"not printed" not in text:
        text += os.read(reading, 65_536)
    writer.finish()

    assert b"calls more, not printed" in text


def test_a_reader_that_has_left_ends_the_writing_and_no_call(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    writer = LineWriter(writing, CallLines())

    writer.put(call("this is not read"))
    writer.finish()

    assert not writer.is_writing


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_loses_lines_and_nothing_else() -> None:
    with Path("/dev/full").open("wb") as full:
        writer = LineWriter(full.fileno(), CallLines())
        writer.put(call("lost"))
        writer.finish()

    assert not writer.is_writing


def test_a_repeated_warning_is_counted_at_the_end(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        writer = LineWriter(log.fileno(), CallLines())
        for _ in range(3):
            writer.put(Exchange(overall_status="OK", warnings=("Spell it right.",)))
        writer.finish()

    written = (tmp_path / "log").read_text(encoding="utf-8")
    assert written.count("! Spell it right.") == 1
    assert written.endswith("! came 3 times: Spell it right.\n")


def test_large_calls_wait_up_to_so_many_bytes_together(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"." * 4096)
    os.set_blocking(writing, True)
    writer = LineWriter(writing, CallLines(), waiting_bytes=100_000)

    for number in range(20):
        writer.put(
            Exchange(at=datetime(2026, 1, 1), summary=f"large {number}", request=b"x" * 60_000)
        )
    text = b""
    while b"not printed" not in text:
        text += os.read(reading, 65_536)
    writer.finish()

    assert 1 <= text.count(b"large ") <= 2
