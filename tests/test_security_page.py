"""SECURITY.md names the test of each promise, and every file that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
FILES = sorted(set(re.findall(r"`((?:tests|benchmarks)/[\w/]+\.py)`", TEXT)))


@pytest.mark.parametrize("path", FILES)
def test_a_test_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_every_promise_names_its_test() -> None:
    tables = re.findall(r"^\| promise \| test \|\n\|---\|---\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]

    assert len(rows) > 20
    assert [
        row for row in rows if "test" not in row.rsplit("|", 2)[1] and "the same" not in row
    ] == []
