"""Descriptions of the service: object types, version and system status."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sfmc_client.models import APIObject


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyDefinition:
    """A property of a type, as Describe tells it.

    `data_type` is a .NET name (`Int32`, `String`, `DateTime` …; recorded). What the service does not say is `None`.
    """

    name: str
    data_type: str | None = None
    is_updatable: bool | None = None
    is_retrievable: bool | None = None
    is_required: bool | None = None
    max_length: int | None = None
    raw: APIObject = field(repr=False)

    @classmethod
    def read(cls, definition: APIObject) -> PropertyDefinition:
        """Return what one property element of Describe says."""
        return cls(
            name=definition.text("Name") or "",
            data_type=definition.text("DataType"),
            is_updatable=definition.boolean("IsUpdatable"),
            is_retrievable=definition.boolean("IsRetrievable"),
            is_required=definition.boolean("IsRequired"),
            max_length=definition.integer("MaxLength"),
            raw=definition,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectDefinition:
    """A type with its properties, as Describe tells it; `extended_properties` are the account's profile attributes."""

    object_type: str
    properties: tuple[PropertyDefinition, ...]
    extended_properties: tuple[PropertyDefinition, ...] = ()
    raw: APIObject = field(repr=False)

    @property
    def retrievable(self) -> tuple[str, ...]:
        """The names that a Retrieve of this type can ask for, dotted ones among them."""
        return tuple(definition.name for definition in self.properties if definition.is_retrievable)

    @classmethod
    def read(cls, definition: APIObject) -> ObjectDefinition:
        """Return what one `ObjectDefinition` element says."""
        extended = definition.objects("ExtendedProperties.ExtendedProperty")
        return cls(
            object_type=definition.text("ObjectType") or "",
            properties=tuple(
                PropertyDefinition.read(inner) for inner in definition.objects("Properties")
            ),
            extended_properties=tuple(PropertyDefinition.read(inner) for inner in extended),
            raw=definition,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionInfo:
    """The version of the service and the ones before it."""

    version: str
    version_date: datetime | None = None
    notes: str = ""
    history: tuple[VersionInfo, ...] = ()

    @classmethod
    def read(cls, info: APIObject) -> VersionInfo:
        """Return what a `VersionInfo` element says."""
        return cls(
            version=info.text("Version") or "",
            version_date=info.moment("VersionDate"),
            notes=info.text("Notes") or "",
            history=tuple(cls.read(earlier) for earlier in info.objects("VersionHistory")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemStatus:
    """The status of the system: `OK`, `UnplannedOutage` or `InMaintenance` (wsdl)."""

    status: str
    message: str = ""
    outages: tuple[APIObject, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it takes calls."""
        return self.status == "OK"

    @classmethod
    def read(cls, result: APIObject) -> SystemStatus:
        """Return what the result of GetSystemStatus says."""
        return cls(
            status=result.text("SystemStatus") or "",
            message=result.text("StatusMessage") or "",
            outages=tuple(result.objects("Outages.Outage")),
        )
