"""The keys of each table of a seed file, as Markdown, from the classes that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sfmc_mock.seeds.tables import TABLES, AccountTable

_WORDS = {str: "text", int: "number", bool: "true or false", float: "number"}


def keys() -> str:
    """Return a section for each table, with its keys, what they take, and what they are without."""
    kinds: Mapping[str, type[Any]] = {"[account]": AccountTable} | {
        f"[[{name}]]": kind for name, kind in TABLES.items()
    }
    return "\n".join("\n".join(_section(title, kind)) for title, kind in kinds.items())


def _section(title: str, kind: type[Any]) -> Iterator[str]:
    yield f"### `{title}`"
    yield ""
    yield "| key | value | without it |"
    yield "|---|---|---|"
    yield from _rows(kind, "")
    yield ""


def _rows(kind: type[Any], prefix: str) -> Iterator[str]:
    hints = get_type_hints(kind)
    for each in fields(kind):
        yield f"| `{prefix}{each.name}` | {_value(each, hints[each.name])} | {_default(each)} |"
        if "items" in each.metadata:
            yield from _rows(each.metadata["items"], f"{prefix}{each.name}.")


def _value(each: Field[Any], hint: Any) -> str:
    rules = each.metadata
    if "choices" in rules:
        return ", ".join(f"`{choice}`" for choice in rules["choices"])
    if "items" in rules:
        short = rules.get("short")
        return f"list of tables, or of the `{short}` alone" if short else "list of tables"
    if "rows" in rules:
        return "list of tables, field → value"
    if get_origin(hint) is tuple:
        return "list of texts"
    if get_origin(hint) is Mapping:
        return "table, name → value"
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    words = " or ".join(_WORDS[one] for one in kinds if one is not type(None))
    if "refers" in rules:
        return f"a `[[{rules['refers']}]]`"
    return words + _range(rules)


def _range(rules: Mapping[str, Any]) -> str:
    low, high = rules.get("low"), rules.get("high")
    if low is None:
        return ""
    return f", {low:,} or more" if high in (None, 2_147_483_647) else f", {low:,} to {high:,}"


def _default(each: Field[Any]) -> str:
    if each.default is MISSING and each.default_factory is MISSING:
        return "**required**"
    if each.default is MISSING or each.default in (None, "", ()):
        return ""
    if isinstance(each.default, bool):
        return f"`{str(each.default).lower()}`"
    return f"`{each.default}`"
