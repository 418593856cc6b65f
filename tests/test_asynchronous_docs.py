"""The examples on the page about asynchronous requests run."""

from __future__ import annotations

import re
from pathlib import Path

from sfmc_client.testing.mock_account import MockAccount
from sfmc_client.testing.targets import Target

PAGE = (Path(__file__).parents[1] / "docs" / "asynchronous.md").read_text(encoding="utf-8")


def test_the_test_on_the_page_passes(sfmc: Target, sfmc_account: MockAccount) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, object] = {}
    exec(program, names)
    test = names["test_subscribers_are_added_later"]
    assert callable(test)

    test(sfmc, sfmc_account)
