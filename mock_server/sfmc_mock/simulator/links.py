"""Find the links of an email."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Stand-ins for scripts while HTML is read: their quotes and angle brackets would end attributes and tags.
_MARK, _END = "\ue000", "\ue001"
_OPENING = re.compile(r"%%[\[=]")

# Not html.parser: before Python 3.14 it takes hours over some broken documents of a few megabytes.
_TAG = re.compile(r"<(?:(!--)|(script|style|area|a)(?=[\s/>]))", re.IGNORECASE)
_CLOSING = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]*))?|[\s/=]*(>)""")


@dataclass(frozen=True, slots=True)
class Link:
    """A tracked link of an email; `url` is the text of the email, personalisation strings included."""

    url_id: int
    url: str
    alias: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether the whole URL is only known at send time (`%%unsub_center_url%%` and the like)."""
        return self.url.startswith("%%")


def links_in(document: str) -> tuple[Link, ...]:
    """Return the links of an email's HTML, in order, numbered from 1.

    A link is the `href` of an `a` or `area` that goes to http or https, or that begins with a personalisation string
    or AMPscript, which stays as it is written. The alias is the attribute `alias`, else `title`. The same URL under
    the same alias is one link (assumed). Of broken HTML, the links that can be recognized are returned.
    """
    text, scripts = without_scripts(document)
    links: dict[tuple[str, str], None] = {}
    for given in _anchors(text):
        url = given.get("href", "")
        if url.lower().startswith(("http://", "https://")) or url.startswith(("%%", _MARK)):
            alias = given.get("alias") or given.get("title") or ""
            links[with_scripts(url, scripts), with_scripts(alias, scripts)] = None
    return tuple(Link(number, url, alias) for number, (url, alias) in enumerate(links, 1))


def _anchors(text: str) -> Iterator[dict[str, str]]:
    at = 0
    while tag := _TAG.search(text, at):
        name = (tag[2] or "").lower()
        if tag[1]:
            at = text.find("-->", tag.end())
        elif closing := _CLOSING.get(name):
            end = closing.search(text, tag.end())
            at = end.end() if end else -1
        else:
            given, at = _attributes(text, tag.end())
            if at >= 0:
                yield given
        if at < 0:
            return


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return a tag's attributes, the first of each name, and where the tag ends: -1 when nowhere."""
    given: dict[str, str] = {}
    while piece := _ATTRIBUTE.match(text, at):
        at = piece.end()
        if piece[3]:
            return given, at
        value = piece[2] or ""
        if value[:1] in ("'", '"'):
            value = value[1:-1]
        given.setdefault(piece[1].lower(), html.unescape(value).strip())
    return given, -1


def without_scripts(document: str) -> tuple[str, dict[str, str]]:
    """Return a document with each AMPscript replaced by a mark, and the scripts by their numbers."""
    pieces: list[str] = []
    scripts: dict[str, str] = {}
    at = 0
    while opening := _OPENING.search(document, at):
        end = document.find("]%%" if opening[0] == "%%[" else "=%%", opening.end())
        if end < 0:
            break
        number = str(len(scripts))
        pieces += (document[at : opening.start()], _MARK, number, _END)
        at = end + 3
        scripts[number] = document[opening.start() : at]
    pieces.append(document[at:])
    return "".join(pieces), scripts


def with_scripts(text: str, scripts: dict[str, str]) -> str:
    """Return a text with the marks replaced by their scripts."""
    if _MARK not in text:
        return text
    head, *rest = text.split(_MARK)
    pieces = [head]
    for piece in rest:
        number, _, tail = piece.partition(_END)
        pieces += (scripts.get(number, ""), tail)
    return "".join(pieces)
