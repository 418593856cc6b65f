"""HASHBYTES, STRING_SPLIT and STRING_AGG of T-SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sfmc_mock.store.tsql_functions import ConversionFailed, Value

_ALGORITHMS = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA1": "sha1",
    "SHA2_256": "sha256",
    "SHA2_512": "sha512",
}


def hash_bytes(algorithm: Value, value: Value, is_wide: Value, style: Value) -> str | None:
    """Return a hash as a text: of style 1 with `0x`, of style 2 without, of style 0 the bytes as characters.

    A wide text (NVARCHAR: what data extensions hold) is hashed as UTF-16, another as Windows-1252.
    """
    if value is None:
        return None
    name = _ALGORITHMS.get(str(algorithm).upper())
    if name is None:
        raise ConversionFailed(f"HASHBYTES does not know the algorithm '{algorithm}'.")
    text = str(value)
    encoded = (
        text.encode("utf-16-le", "surrogatepass") if is_wide else text.encode("cp1252", "replace")
    )
    digest = hashlib.new(name, encoded, usedforsecurity=False).digest()
    if style == 0:
        return digest.decode("latin-1")
    return ("" if style == 2 else "0x") + digest.hex().upper()


def split_text(text: Value, separator: Value) -> str:
    """Return the parts of a text as JSON, which a query reads as rows; of NULL there are none."""
    if text is None:
        return "[]"
    if not isinstance(separator, str) or len(separator) != 1:
        raise ConversionFailed(
            "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'."
        )
    return json.dumps(str(text).split(separator))


TEXT_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Value]]] = {
    "tsql_hashbytes": (4, hash_bytes),
    "tsql_string_split": (2, split_text),
}


class StringAgg:
    """STRING_AGG: value, separator, and for each key of WITHIN GROUP its value and whether it descends."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, tuple[Any, ...]]] = []
        self._separator = ""

    def step(self, value: Value, separator: Value, *order: Value) -> None:
        if value is None:
            return
        self._separator = "" if separator is None else str(separator)
        shown = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        self._rows.append((shown, order))

    def finalize(self) -> str | None:
        if not self._rows:
            return None
        keys = len(self._rows[0][1]) // 2
        for at in reversed(range(keys)):
            self._rows.sort(
                key=lambda row, at=at: _rank(row[1][2 * at]),  # type: ignore[misc]
                reverse=bool(self._rows[0][1][2 * at + 1]),
            )
        return self._separator.join(text for text, _ in self._rows)


def _rank(value: Value) -> tuple[int, Any]:
    """Return what a value is sorted by: NULL comes first, texts are compared without case."""
    if value is None:
        return (0, 0)
    return (2, value.casefold()) if isinstance(value, str) else (1, value)


AGGREGATES: Mapping[str, type] = {"tsql_string_agg": StringAgg}
"""Functions over groups, by their names; each takes any number of arguments."""
