"""The page about troubleshooting quotes messages as they are in the code."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
TITLES = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)

# Said by pip, Python, the shell, pytest and sfmc-sdk.
FOREIGN = {
    "error: externally-managed-environment",
    "The virtual environment was not created successfully because ensurepip is not available.",
    "sfmc-mock: command not found",
    "fixture 'sfmc' not found",
    "auth_url must be in format https://mcXXXXXXXXXXXXXXXXXXXXXXXXXX.auth.marketingcloudapis.com/",
}


@cache
def nodes() -> tuple[ast.AST, ...]:
    """Return all syntax nodes of the code."""
    sources = [*ROOT.glob("mock_server/**/*.py"), *ROOT.glob("client/**/*.py")]
    trees = (ast.parse(path.read_text("utf-8")) for path in sources)
    return tuple(node for tree in trees for node in ast.walk(tree))


@cache
def messages() -> tuple[str, ...]:
    """Return every string of the code, with … for its placeholders, and make's messages about Python."""
    found = [(ROOT / ".ci" / "find-python").read_text("utf-8")]
    return (*found, *(said for node in nodes() if (said := text_of(node))))


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (text_of(node.left) or "…") + (text_of(node.right) or "…")
    return ""


@cache
def refusals() -> frozenset[tuple[int, str]]:
    """Return code and text of each refusal of an object."""
    return frozenset(
        (number.value, text_of(text))
        for node in nodes()
        if isinstance(node, (ast.Call, ast.Tuple))
        for number, text in pairwise(node.args if isinstance(node, ast.Call) else node.elts)
        if isinstance(number, ast.Constant) and isinstance(number.value, int)
    )


def is_said(title: str) -> bool:
    numbered = re.fullmatch(r"(\d+): (.+)", title)
    if numbered:
        return any(
            code == int(numbered[1]) and text.startswith(numbered[2]) for code, text in refusals()
        )
    # The placeholder may stand for several values, or for the beginning of the message.
    form = ".*".join(map(re.escape, title.split("…")))
    return any(re.search(form, each, re.DOTALL) for each in messages())


def test_the_page_has_titles() -> None:
    assert len(TITLES) == len(set(TITLES)) > 30
    assert set(TITLES) >= FOREIGN


@pytest.mark.slow
@pytest.mark.parametrize("title", sorted(set(TITLES) - FOREIGN))
def test_every_message_of_the_page_is_one_of_the_code(title: str) -> None:
    assert is_said(title)


@pytest.mark.slow
@pytest.mark.parametrize(
    "title",
    [
        "18002: Invalid Customer Keys",
        "12015: The subscriber is already on the list",
        "No such … message",
    ],
)
def test_a_message_that_the_code_never_emits_is_reported(title: str) -> None:
    assert not is_said(title)


@pytest.mark.slow
def test_pytest_says_that_the_fixture_is_not_found(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(sfmc): pass")

    done = pytester.runpytest_subprocess(
        "-p", "no:sfmc", "-p", "no:cacheprovider", "-p", "no:sfmc_conformance"
    )

    done.stdout.fnmatch_lines(["*fixture 'sfmc' not found*"])


def test_numbers_of_the_page_are_those_of_the_code() -> None:
    from sfmc_mock.account.tokens import EXPIRES_IN
    from sfmc_mock.operations import OPERATIONS
    from sfmc_mock.settings import PAGE_SIZE

    assert f"at most {PAGE_SIZE:,} objects" in PAGE
    assert f"about {EXPIRES_IN / 60:.0f} minutes" in PAGE
    assert [name for name in OPERATIONS if f"`{name}`" not in PAGE] == []
