"""Records as JSON objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sfmc_mock.clock import stored

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def json_of(record: DataclassInstance) -> dict[str, object]:
    """Return the fields of a record, in their order: times as the store keeps them, records in it as objects."""
    return {field.name: _plain(getattr(record, field.name)) for field in fields(record)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return stored(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return json_of(value)
    return value
