"""Dataclasses that are read from objects of an answer; each field names its property."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Self

from sfmc_client.models import APIObject

integer, boolean, moment = APIObject.integer, APIObject.boolean, APIObject.moment
nested = APIObject.nested


def of(name: str, read: Callable[[APIObject, str], object] = APIObject.text) -> dict[str, Any]:
    """Return the metadata of a field that is read from a property, as a text if `read` is left out."""
    return {"name": name, "read": read}


def words(item: APIObject, name: str) -> str:
    """Return the text of a property, an empty one where there is none."""
    return item.text(name) or ""


def whole(item: APIObject, _: str) -> APIObject:
    """Return the object itself, which has all properties."""
    return item


def objects(item: APIObject, name: str) -> tuple[APIObject, ...]:
    """Return the objects of a property."""
    return tuple(item.objects(name))


class Answered:
    """The base of dataclasses that are read from an object of an answer."""

    __slots__ = ()

    @classmethod
    def read(cls, item: APIObject) -> Self:
        """Return the values of an object. Raises `UnreadableAnswer` for a value of another type."""
        return cls(**cls._values(item))

    @classmethod
    def _values(cls, item: APIObject) -> dict[str, Any]:
        said = ((field.name, field.metadata) for field in fields(cls))  # type: ignore[arg-type]
        return {name: about["read"](item, about["name"]) for name, about in said}

    @classmethod
    def each(cls, item: APIObject, name: str) -> tuple[Self, ...]:
        """Return the values of each object of a property."""
        return tuple(map(cls.read, item.objects(name)))
