"""Descriptions of the service: object types, version and system status."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sfmc_client.answer_fields import Answered, boolean, integer, moment, objects, of, whole, words
from sfmc_client.models import APIObject


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyDefinition(Answered):
    """A property of a type, from Describe.

    `data_type` is a .NET name (`Int32`, `String`, `DateTime` …; recorded). A value that the answer lacks is `None`.
    """

    name: str = field(metadata=of("Name", words))
    data_type: str | None = field(default=None, metadata=of("DataType"))
    is_updatable: bool | None = field(default=None, metadata=of("IsUpdatable", boolean))
    is_retrievable: bool | None = field(default=None, metadata=of("IsRetrievable", boolean))
    is_required: bool | None = field(default=None, metadata=of("IsRequired", boolean))
    max_length: int | None = field(default=None, metadata=of("MaxLength", integer))
    raw: APIObject = field(repr=False, metadata=of("", whole))


_EXTENDED = of("ExtendedProperties.ExtendedProperty", PropertyDefinition.each)


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectDefinition(Answered):
    """A type with its properties, from Describe; `extended_properties` are the account's profile attributes."""

    object_type: str = field(metadata=of("ObjectType", words))
    properties: tuple[PropertyDefinition, ...] = field(
        metadata=of("Properties", PropertyDefinition.each)
    )
    extended_properties: tuple[PropertyDefinition, ...] = field(default=(), metadata=_EXTENDED)
    raw: APIObject = field(repr=False, metadata=of("", whole))

    @property
    def retrievable(self) -> tuple[str, ...]:
        """The names of properties that a Retrieve of this type can request, with dotted ones."""
        return tuple(definition.name for definition in self.properties if definition.is_retrievable)


def _earlier(info: APIObject, name: str) -> tuple[VersionInfo, ...]:
    return VersionInfo.each(info, name)


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionInfo(Answered):
    """The version of the service, and earlier versions."""

    version: str = field(metadata=of("Version", words))
    version_date: datetime | None = field(default=None, metadata=of("VersionDate", moment))
    notes: str = field(default="", metadata=of("Notes", words))
    history: tuple[VersionInfo, ...] = field(default=(), metadata=of("VersionHistory", _earlier))


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemStatus(Answered):
    """The status of the system: `OK`, `UnplannedOutage` or `InMaintenance` (wsdl)."""

    status: str = field(metadata=of("SystemStatus", words))
    message: str = field(default="", metadata=of("StatusMessage", words))
    outages: tuple[APIObject, ...] = field(default=(), metadata=of("Outages.Outage", objects))

    @property
    def ok(self) -> bool:
        """Whether it takes calls."""
        return self.status == "OK"
