"""`sfmc-mock docs`: the pages of the documentation, in the terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from sfmc_mock.errors import SetupError

_PACKAGE = Path(__file__).parents[1]

# In the order in which a newcomer reads them; pages that are not named here follow by name.
_ORDER = ("readme", "quickstart", "troubleshooting", "pytest", "client", "clients", "cli")

# Wider lines are hard to read.
_WIDEST = 100

# Lines of tables are long; the beginning says which it is.
_LONGEST_LINE = 120

# A comment of Markdown: the programs that generate parts of a page stand in such comments.
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\((?P<target>[^)\s]*)\)")
_PAGE = re.compile(r"(?:.*/)?(?P<name>[\w-]+)\.md(?:#.*)?")


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in pages() if name.startswith(incomplete)]


@click.command(short_help="Show a page of the documentation, or list the pages.")
@click.argument("page", required=False, shell_complete=_complete)
@click.option("--search", metavar="TEXT", help="List the sections that hold a text instead.")
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


def pages() -> dict[str, Path]:
    """Return the file of each page by its name, in the order of the list."""
    found = {path.stem.lower(): path for path in _files()}
    first = [name for name in _ORDER if name in found]
    return {name: found[name] for name in [*first, *sorted(found.keys() - set(first))]}


def _files() -> list[Path]:
    installed = _PACKAGE / "docs"
    if installed.is_dir():
        return list(installed.glob("*.md"))
    # An editable installation: the pages are where the repository has them.
    root = _PACKAGE.parents[1]
    return [root / "README.md", root / "CHANGELOG.md", *root.glob("docs/*.md")]


def read_page(name: str) -> str:
    """Return the Markdown of a page. Raises `SetupError` that names similar pages if there is none."""
    known = pages()
    wanted = name.lower().removesuffix(".md").rpartition("/")[2]
    if wanted not in known:
        raise SetupError(f"There is no page '{name}'.{_suggestion(wanted, list(known))}")
    return _COMMENT.sub("", known[wanted].read_text(encoding="utf-8"))


def _suggestion(wanted: str, known: list[str]) -> str:
    similar = [each for each in known if wanted and (wanted in each or each in wanted)]
    similar += [each for each in get_close_matches(wanted, known) if each not in similar]
    if similar:
        return f" Did you mean {' or '.join(similar[:3])}?"
    return " `sfmc-mock docs` lists the pages."


def _print_list() -> None:
    from sfmc_mock.cli.output import print_table

    rows = [(name, _first_sentence(read_page(name))) for name in pages()]
    print_table(("page", "about"), rows, folded=("about",))
    if sys.stdout.isatty():
        click.echo("\nRead one with: sfmc-mock docs PAGE")


def _first_sentence(text: str) -> str:
    """Return what a page says first below its title, without marks."""
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
        raise SetupError(f"Nothing in {where} holds {text!r}. Search for a shorter piece of it.")
    print_table(("page", "section", "text"), rows, folded=("section", "text"))


def _lines_with(text: str, page: str) -> Iterator[tuple[str, str]]:
    """Yield heading and line of the first line of each section that holds a text, in letters of either case."""
    wanted = text.casefold()
    for heading, lines in _sections(page):
        found = next((line for line in (heading, *lines) if wanted in line.casefold()), None)
        if found is not None:
            shown = next(filter(None, lines), "") if found == heading else found
            yield heading, shown.strip()[:_LONGEST_LINE]


def _sections(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each heading of a page, without marks, with the lines below it."""
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
    """Print a page for people, in a pager if it is longer than the terminal."""
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
        # click decides whether the pager can show colours.
        click.echo_via_pager(shown)


def _for_the_terminal(text: str) -> str:
    """Return a page with its links to other pages as commands, which a terminal can follow."""
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
