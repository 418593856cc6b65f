"""The pages of the documentation, which the package contains as Markdown."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from sfmc_mock.errors import SetupError

_PACKAGE = Path(__file__).parent

# In the order in which a newcomer reads them; pages that are not named here follow by name.
_ORDER = (
    "readme",
    "quickstart",
    "troubleshooting",
    "pytest",
    "inspector",
    "client",
    "clients",
    "cli",
)

# A comment of Markdown: the programs that generate parts of a page stand in such comments.
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


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
