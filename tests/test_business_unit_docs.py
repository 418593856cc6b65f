"""The page about business units: what it shows is run."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "business-units.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def test_the_test_on_the_page_passes_with_its_seed_file() -> None:
    names: dict[str, object] = {"SEED": block("toml")}
    exec(block("python"), names)
    test = names["test_a_list_of_a_business_unit"]
    assert callable(test)

    test()
