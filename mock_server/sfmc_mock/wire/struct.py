"""One value of a complex type, as it stands on the wire."""

from __future__ import annotations

from collections.abc import Iterator, KeysView

type_error = "{type}.{name} holds {found}, not {wanted}"


class Struct:
    """The fields that a message gives of one complex type, by name.

    Absent and `xsi:nil` are two things: an absent field is not in `values`, a nil one is there as None. Scalars are
    `str`, `int` or `bool`; dates keep the caller's text; a repeated field is a list. Attribute-free on purpose: names
    of the service's fields (`Attributes`, `Value`) would collide with anything clever.
    """

    __slots__ = ("type", "values")

    def __init__(self, type: str, values: dict[str, object] | None = None) -> None:
        self.type = type
        self.values: dict[str, object] = {} if values is None else values

    def __repr__(self) -> str:
        return f"Struct({self.type!r}, {self.values!r})"

    def __contains__(self, name: str) -> bool:
        """Say whether the message gives the field, nil or not."""
        return name in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def names(self) -> KeysView[str]:
        """Return the fields that there may be."""
        return self.values.keys()

    def text(self, name: str) -> str | None:
        """Return a scalar as text, None when it is absent or nil."""
        found = self.values.get(name)
        if found is None or type(found) is str:
            return found
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, str | int):
            return str(found)
        raise TypeError(type_error.format(type=self.type, name=name, found=found, wanted="a text"))

    def number(self, name: str) -> int | None:
        """Return an integer field, None when it is absent or nil."""
        found = self.values.get(name)
        if found is None or isinstance(found, int):
            return found
        raise TypeError(
            type_error.format(type=self.type, name=name, found=found, wanted="a number")
        )

    def flag(self, name: str) -> bool | None:
        """Return a boolean field, None when it is absent or nil."""
        found = self.values.get(name)
        if found is None or isinstance(found, bool):
            return found
        raise TypeError(type_error.format(type=self.type, name=name, found=found, wanted="a flag"))

    def part(self, name: str) -> Struct | None:
        """Return a nested value, None when it is absent or nil."""
        found = self.values.get(name)
        if found is None or isinstance(found, Struct):
            return found
        raise TypeError(type_error.format(type=self.type, name=name, found=found, wanted="a part"))

    def parts(self, name: str) -> list[Struct]:
        """Return a repeated field of nested values without the nil ones; empty when absent."""
        found = self.values.get(name)
        if isinstance(found, list):
            return [each for each in found if isinstance(each, Struct)]
        return [found] if isinstance(found, Struct) else []

    def texts(self, name: str) -> list[str]:
        """Return a repeated field of scalars as texts; empty when absent."""
        found = self.values.get(name)
        if isinstance(found, list):
            return [str(each) for each in found if each is not None]
        return [] if found is None else [str(found)]

    def wrapped(self, name: str, inner: str) -> list[Struct]:
        """Return the items of a wrapper element: `wrapped("Fields", "Field")`."""
        wrapper = self.part(name)
        return wrapper.parts(inner) if wrapper else []

    def at(self, path: str) -> object:
        """Return the value at a dotted path (`SendClassification.CustomerKey`), None where a part is missing."""
        found: object = self
        for name in path.split("."):
            if not isinstance(found, Struct):
                return None
            found = found.values.get(name)
        return found

    def text_at(self, path: str) -> str | None:
        """Return the scalar at a dotted path as text."""
        head, _, last = path.rpartition(".")
        holder = self.at(head) if head else self
        return holder.text(last) if isinstance(holder, Struct) else None


def names_and_values(pairs: list[Struct]) -> dict[str, str]:
    """Return repeated `{Name, Value}` elements (APIProperty, Attribute) as a mapping; the last of a name wins."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, value = pair.values.get("Name"), pair.values.get("Value")
        if type(name) is str and type(value) is str:
            found[name] = value
        else:
            found[pair.text("Name") or ""] = pair.text("Value") or ""
    return found
