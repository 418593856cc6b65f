"""The documents: links have targets, and the README is correct wherever it is shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]

_CODE = re.compile(r"^```.*?^```|`[^`\n]*`|<!--.*?-->", re.DOTALL | re.MULTILINE)
_LINK = re.compile(
    r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)|(?:src|href)=\"([^\"]+)\"", re.M
)


def links(path: Path) -> list[str]:
    """Return the targets of all links and images of a document."""
    text = _CODE.sub("", path.read_text("utf-8"))
    return ["".join(found) for found in _LINK.findall(text)]


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as repository viewers make them."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_repository_leads_somewhere(path: Path) -> None:
    broken = []
    for target in links(path):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file) if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)

    assert broken == []


def test_the_readme_has_no_link_that_only_works_in_the_repository() -> None:
    """A package index shows the README without other files; pictures are replaced by their descriptions."""
    relative = [
        each for each in links(ROOT / "README.md") if not re.match(r"https://|#|docs/images/", each)
    ]

    assert relative == []


def test_every_page_that_the_readme_names_is_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    _, _, table = readme.partition("| page | |")
    named = set(re.findall(r"sfmc-mock docs ([a-z-]+)", readme))
    named |= set(re.findall(r"`([a-z-]+)`", table.split("\n\n")[0]))

    assert named
    assert named <= {path.stem for path in (ROOT / "docs").glob("*.md")}


def printed_texts() -> Iterator[str]:
    """Yield every string of the code that is not a docstring."""
    for path in [*ROOT.glob("mock_server/**/*.py"), *ROOT.glob("client/**/*.py")]:
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in prose
            ):
                yield node.value


@pytest.mark.slow
def test_messages_name_pages_by_the_command_that_shows_them() -> None:
    """An installed wheel has no folder `docs`."""
    texts = list(printed_texts())

    named = {page for text in texts for page in re.findall(r"sfmc-mock docs ([a-z-]+)", text)}
    assert [text for text in texts if re.search(r"docs/[\w-]+\.md", text)] == []
    assert named >= {"pytest", "seed-files"}
    assert named <= {path.stem for path in (ROOT / "docs").glob("*.md")}
