"""`sfmc-mock docs`: the pages, in a terminal and in a pipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.support.command_line import in_terminal, plain

from sfmc_mock import documentation
from sfmc_mock.cli import docs

ROOT = Path(__file__).parents[2]
PAGES = {path.stem.lower() for path in (ROOT / "docs").glob("*.md")} | {"readme", "changelog"}


def test_every_page_of_the_repository_is_there() -> None:
    assert documentation.pages().keys() == PAGES


def test_the_list_has_a_sentence_for_each_page(run: Run) -> None:
    shown = run("docs")

    listed = dict(re.findall(r"^([\w-]+) +(.*)$", shown.out, re.MULTILINE))
    assert listed.keys() == PAGES | {"page"}
    assert [page for page in PAGES if not re.fullmatch(r"[A-Z`a-z].+ .+\.", listed[page])] == []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_printed_as_markdown_without_what_generates_it(run: Run, name: str) -> None:
    shown = run("docs", name)

    assert shown.code == 0
    assert shown.out.startswith("# ")
    assert "[[[" not in shown.out


@pytest.mark.parametrize("spelled", ["Quickstart", "quickstart.md", "docs/quickstart.md"])
def test_a_page_is_found_however_it_is_spelled(run: Run, spelled: str) -> None:
    assert run("docs", spelled).out.startswith("# Quickstart\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("seed", "Did you mean seed-files?"),
        ("pytst", "Did you mean pytest?"),
        ("xyz", "`sfmc-mock docs` lists the pages."),
        ("", "`sfmc-mock docs` lists the pages."),
    ],
)
def test_an_unknown_page_is_refused_with_what_is_similar(run: Run, name: str, said: str) -> None:
    refused = run("docs", name)

    assert refused.sentence == f"There is no page '{name}'. {said}"


@pytest.mark.slow
def test_in_a_terminal_a_page_is_rendered_and_its_links_become_commands() -> None:
    text = plain(in_terminal(80, "docs", "quickstart", PAGER="cat"))

    assert "```" not in text
    assert "](" not in text
    assert "sfmc-mock docs pytest" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.slow
def test_a_long_page_opens_in_the_pager(tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    in_terminal(80, "docs", "seed-files", PAGER=f"tee {seen}")

    assert "Seed files" in seen.read_text("utf-8")


def test_a_link_into_the_web_keeps_its_address() -> None:
    assert (
        docs._for_the_terminal("[a](https://example.com/x.md)") == "[a](https://example.com/x.md)"
    )


def test_an_error_message_is_found_by_a_piece_of_its_text(run: Run) -> None:
    found = run("docs", "--search", "login failed")

    assert re.search(r"^troubleshooting +Login Failed +\S", found.out, re.MULTILINE)


def test_a_search_can_be_of_one_page(run: Run) -> None:
    lines = run("docs", "pytest", "--search", "xdist").out.splitlines()

    assert len(lines) > 1
    assert all(line.startswith("pytest ") for line in lines[1:])


def test_a_search_that_finds_nothing_says_so(run: Run) -> None:
    refused = run("docs", "--search", "qwertz")

    assert refused.sentence.startswith("No section of the documentation contains 'qwertz'.")
