"""Parts of objects as what JSON can hold, and back."""

from __future__ import annotations

from sfmc_mock.wire.struct import Struct


def plain_filter(part: Struct) -> dict[str, object]:
    """Return a filter, or another part of an object, as what JSON can hold."""

    def plain(value: object) -> object:
        if isinstance(value, Struct):
            return plain_filter(value)
        return [plain(each) for each in value] if isinstance(value, list) else value

    return {"type": part.type, **{name: plain(value) for name, value in part.values.items()}}


def filter_of(plain: dict[str, object]) -> Struct:
    """Return the part of an object that `plain_filter` made into plain values."""

    def value_of(value: object) -> object:
        if isinstance(value, dict):
            return filter_of(value)
        return [value_of(each) for each in value] if isinstance(value, list) else value

    values = {name: value_of(value) for name, value in plain.items() if name != "type"}
    return Struct(str(plain["type"]), values)
