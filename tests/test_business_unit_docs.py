"""The examples on the pages about business units and permissions run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("page", ["business-units.md", "permissions.md"])
def test_the_test_on_the_page_passes_with_its_seed_file(page: str) -> None:
    shown = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", shown, re.DOTALL | re.MULTILINE)
    seed = "\n".join(text for language, text in blocks if language == "toml")
    names: dict[str, object] = {"SEED": seed}
    exec(dict(blocks)["python"], names)
    (test,) = [found for name, found in names.items() if name.startswith("test_")]
    assert callable(test)

    test()
