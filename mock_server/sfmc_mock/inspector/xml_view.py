"""XML as numbered lines with highlighting, and marks on the lines that warnings quote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import XmlLexer

from sfmc_mock.terminal import printable_lines

_QUOTED = re.compile(r"'([^']{1,200})'")
_MOST_LINES = 3_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document: its number, its highlighted text, and the numbers of the warnings that quote it."""

    number: int
    content: Markup
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A document in lines. `plain` is its text without highlighting; `cut` is the number of omitted lines."""

    lines: tuple[Line, ...]
    plain: str
    cut: int


def indented(text: str) -> str:
    """Return an XML document with one line per element; a text that is not XML unchanged."""
    parser = etree.XMLParser(
        remove_blank_text=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        tree = etree.fromstring(text.encode(), parser)
        etree.indent(tree, "  ")
        return str(etree.tostring(tree, encoding="unicode"))
    except (etree.XMLSyntaxError, ValueError, UnicodeError):
        return text


def view(text: str, warnings: Sequence[str] = ()) -> View:
    """Return a document as lines, with the numbers of the warnings on the lines that they quote."""
    plain = printable_lines(indented(text))
    lines = plain.splitlines()
    cut = max(0, len(lines) - _MOST_LINES)
    lines = lines[:_MOST_LINES]
    # The lexer would drop empty lines at the start and the end.
    lexer = XmlLexer(stripnl=False, ensurenl=False)
    coloured = highlight("\n".join(lines), lexer, HtmlFormatter(nowrap=True)).split("\n")
    quoted = [tuple(_QUOTED.findall(warning)) for warning in warnings]
    return View(
        tuple(
            Line(number, Markup(content), _marks(line, quoted))
            for number, (content, line) in enumerate(zip(coloured, lines, strict=False), start=1)
        ),
        plain,
        cut,
    )


def _marks(line: str, quoted: Sequence[Sequence[str]]) -> tuple[int, ...]:
    return tuple(
        number
        for number, texts in enumerate(quoted, start=1)
        if any(f">{text}<" in line or f'"{text}"' in line or f"<{text}>" in line for text in texts)
    )
