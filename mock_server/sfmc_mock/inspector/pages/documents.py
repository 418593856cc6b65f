"""The documentation pages; `sfmc-mock docs` shows the same Markdown."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup
from werkzeug.wrappers import Response

from sfmc_mock.documentation import pages, read_page
from sfmc_mock.inspector.page_request import PageRequest

if TYPE_CHECKING:
    from markdown_it.token import Token

_PAGE = re.compile(r"(?:.*/)?(?P<name>[\w-]+)\.md(?P<part>#.*)?")


def documents(asked: PageRequest) -> Response:
    """List the pages of the documentation."""
    return asked.page("documents.html", pages=_titles(), name="", content="")


def document(asked: PageRequest, name: str) -> Response:
    """Show one page of the documentation."""
    content = _rendered(read_page(name), asked.root)
    return asked.page("documents.html", pages=_titles(), name=name.lower(), content=content)


@cache
def _titles() -> list[tuple[str, str]]:
    return [(name, read_page(name).partition("\n")[0].lstrip("# ")) for name in pages()]


def _rendered(text: str, root: str) -> Markup:
    """Return a page as HTML, with links to other pages rewritten to the inspector's."""
    # Imported here to keep the start of a server fast.
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    known = pages()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _slug(tokens[at + 1].content))
        if token.type == "fence":
            token.attrJoin("tabindex", "0")
        for child in token.children or ():
            _lead_here(child, root, known)
    shown = reader.renderer.render(tokens, reader.options, {})
    return Markup(shown.replace("<pre>", '<pre tabindex="0">'))


def _lead_here(token: Token, root: str, known: Container[str]) -> None:
    if token.type == "image":
        # Images are not installed: their alternative text is shown.
        token.type, token.content = "text", f"(picture: {token.content})"
    if token.type != "link_open":
        return
    match = _PAGE.fullmatch(str(token.attrGet("href") or ""))
    if match and match["name"].lower() in known:
        token.attrSet("href", f"{root}/docs/{match['name'].lower()}{match['part'] or ''}")
    else:
        token.attrSet("rel", "noreferrer")


def _slug(text: str) -> str:
    return re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")
