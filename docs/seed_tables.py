"""The keys of each table of a seed file, as Markdown, from the declarations that read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sfmc_mock.declarations.properties import Key
from sfmc_mock.seeds.tables import ACCOUNT_KEYS, CREDENTIALS, EXCLUSIONS

_WORDS = {"": "text", "text": "text", "number": "number", "flag": "true or false"}
_FORMS = {
    "rows": "list of tables, field → value",
    "texts": "list of texts",
    "table": "table, name → value",
}


def keys() -> str:
    """Return a section for each table that is not an API object, with its keys."""
    sections = {"[account]": ACCOUNT_KEYS} | {
        f"[[{each.name}]]": each.keys for each in (*CREDENTIALS, *EXCLUSIONS)
    }
    return "\n".join(
        "\n".join([f"### `{title}`", "", *table_of(found), ""]) for title, found in sections.items()
    )


def table_of(found: Iterable[Key]) -> Iterator[str]:
    """Yield a table of keys: what they take, and what they are without."""
    yield "| key | value | without it |"
    yield "|---|---|---|"
    yield from _rows(found, "")


def _rows(found: Iterable[Key], prefix: str) -> Iterator[str]:
    for key in found:
        yield f"| `{prefix}{key.name}` | {_value(key)} | {_default(key)} |"
        yield from _rows(key.items, f"{prefix}{key.name}.")


def _value(key: Key) -> str:
    if key.form == "items":
        return f"list of tables, or of the `{key.short}` alone" if key.short else "list of tables"
    if key.form:
        return _FORMS[key.form]
    if key.choices:
        return ", ".join(f"`{choice}`" for choice in key.choices)
    if key.refers:
        return f"a `[[{key.refers}]]`"
    return _WORDS[key.kind] + _range(key)


def _range(key: Key) -> str:
    if key.low is None:
        return ""
    is_open = key.high in (None, 2_147_483_647)
    return f", {key.low:,} or more" if is_open else f", {key.low:,} to {key.high:,}"


def _default(key: Key) -> str:
    if key.required:
        return "**required**"
    if key.default in (None, "", ()):
        return ""
    return f"`{str(key.default).lower() if isinstance(key.default, bool) else key.default}`"
