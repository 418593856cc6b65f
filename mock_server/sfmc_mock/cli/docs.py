"""`sfmc-mock docs`: show the documentation in the terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import click

from sfmc_mock.cli.options import complete_from
from sfmc_mock.documentation import pages, read_page
from sfmc_mock.errors import SetupError

# Longer lines are hard to read.
_WIDEST = 100

# Table lines are long; their beginning is enough to recognize one.
_LONGEST_LINE = 120

_LINK = re.compile(r"\[([^\]]+)\]\((?P<target>[^)\s]*)\)")
_PAGE = re.compile(r"(?:.*/)?(?P<name>[\w-]+)\.md(?:#.*)?")


@click.command(short_help="Show a page of the documentation, or list the pages.")
@click.argument("page", required=False, shell_complete=complete_from(pages))
@click.option("--search", metavar="TEXT", help="List the sections that contain a text.")
def docs(page: str | None, search: str | None) -> None:
    """Show a page of the documentation in the terminal; without PAGE, list the pages.

    A page that is longer than the terminal opens in the pager that PAGER names. In a pipe, the page is printed as
    Markdown. An error message is found by a piece of its text: sfmc-mock docs --search "Login Failed".
    """
    if search is not None:
        _print_found(search, [page] if page else list(pages()))
        return
    if page is None:
        _print_list()
        return
    text = read_page(page)
    if sys.stdout.isatty():
        _show(text)
    else:
        click.echo(text, nl=False)


def _print_list() -> None:
    from sfmc_mock.cli.output import print_table

    rows = [(name, _first_sentence(read_page(name))) for name in pages()]
    print_table(("page", "about"), rows, folded=("about",))
    if sys.stdout.isatty():
        click.echo("\nRead one with: sfmc-mock docs PAGE")


def _first_sentence(text: str) -> str:
    """Return the first sentence below the title of a page, without markup."""
    _, _, body = text.partition("\n")
    first = body.strip().split("\n\n")[0].splitlines()[0]
    plain = re.sub(r"[*`]", "", _LINK.sub(r"\1", first))
    sentence = re.match(r".*?[.;:](?=\s|$)", plain)
    return (sentence[0] if sentence else plain).rstrip(".;:") + "."


def _print_found(text: str, names: list[str]) -> None:
    from sfmc_mock.cli.output import print_table

    rows = [
        (name, heading, line)
        for name in names
        for heading, line in _lines_with(text, read_page(name))
    ]
    if not rows:
        where = names[0] if len(names) == 1 else "the documentation"
        raise SetupError(
            f"No section of {where} contains {text!r}. Search for a shorter part of it."
        )
    print_table(("page", "section", "text"), rows, folded=("section", "text"))


def _lines_with(text: str, page: str) -> Iterator[tuple[str, str]]:
    """Yield heading and first matching line of each section that contains a text; case does not matter."""
    wanted = text.casefold()
    for heading, lines in _sections(page):
        hit = next((line for line in (heading, *lines) if wanted in line.casefold()), None)
        if hit is not None:
            shown = next(filter(None, lines), "") if hit == heading else hit
            yield heading, shown.strip()[:_LONGEST_LINE]


def _sections(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each heading of a page, without markup, with the lines below it."""
    heading, lines = "", list[str]()
    in_code = False
    for line in page.splitlines():
        in_code ^= line.startswith("```")
        if not in_code and re.match("#+ ", line):
            yield heading, lines
            heading, lines = re.sub("^#+ |`", "", line), []
        else:
            lines.append(line)
    yield heading, lines


def _show(text: str) -> None:
    """Print a page; in a pager if it is longer than the terminal."""
    from rich.console import Console
    from rich.markdown import Markdown

    out = Console(highlight=False)
    out.width = min(out.width, _WIDEST)
    with out.capture() as captured:
        out.print(Markdown(_for_the_terminal(text), hyperlinks=False))
    shown = captured.get()
    if shown.count("\n") < out.height:
        click.echo(shown, nl=False)
    else:
        # click decides whether the pager supports colours.
        click.echo_via_pager(shown)


def _for_the_terminal(text: str) -> str:
    """Return a page whose links to other pages are replaced by the commands that show these."""
    known = pages()
    named: dict[str, None] = {}

    def shown(link: re.Match[str]) -> str:
        target = link["target"]
        page = _PAGE.fullmatch(target)
        name = page["name"].lower() if page else None
        if name in known:
            named[name] = None
        elif not target.startswith("#"):
            return link[0]
        return link[1]

    body = _LINK.sub(shown, text)
    if not named:
        return body
    commands = "\n".join(f"- `sfmc-mock docs {name}`" for name in named)
    return f"{body}\n## Pages named here\n\n{commands}\n"
