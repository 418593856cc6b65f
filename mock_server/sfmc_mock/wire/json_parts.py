"""Convert parts of objects to values of JSON, and back."""

from __future__ import annotations

from sfmc_mock.wire.struct import Struct


def part_as_json(part: Struct) -> dict[str, object]:
    """Return a filter, or another part of an object, as values of JSON."""

    def plain(value: object) -> object:
        if isinstance(value, Struct):
            return part_as_json(value)
        return [plain(each) for each in value] if isinstance(value, list) else value

    return {"type": part.type, **{name: plain(value) for name, value in part.values.items()}}


def part_from_json(plain: dict[str, object]) -> Struct:
    """Return the part of an object from values that `part_as_json` returned."""

    def value_of(value: object) -> object:
        if isinstance(value, dict):
            return part_from_json(value)
        return [value_of(each) for each in value] if isinstance(value, list) else value

    values = {name: value_of(value) for name, value in plain.items() if name != "type"}
    return Struct(str(plain["type"]), values)
