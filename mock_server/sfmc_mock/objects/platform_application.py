"""PlatformApplication, its packages, and program manifests: applications that can be published and deployed."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.activity import becomes
from sfmc_mock.declarations.properties import BY_OBJECT_ID, REQUIRED, Property, Reference, sample
from sfmc_mock.declarations.stored_object import StoredObject


class PlatformApplicationHandler(StoredObject):
    """An application; `publish` and `deploy` only change its status.

    Properties: wsdl; operations and actions: documented; the rest: assumed.
    """

    operations = ("Create", "Update")
    example = sample(CustomerKey="shop", DeveloperVersion="1.0")
    fields = (
        *BY_OBJECT_ID,
        Property("DeveloperVersion", default=""),
        Reference(
            "Package",
            to="PlatformApplicationPackage",
            shows=("ObjectID", "CustomerKey"),
            protects=False,
        ),
        Property.internal("status", default="New"),
    )

    actions: ClassVar = {
        "Perform": {"publish": becomes("Published"), "deploy": becomes("Deployed")}
    }


class PlatformApplicationPackageHandler(StoredObject):
    """A package from a seed file. Properties: wsdl; that it is read-only: documented."""

    operations = ()
    fields = (
        *BY_OBJECT_ID,
        Property("IsUpgrade", default=False),
        Property("DeveloperVersion", default=""),
    )


class ProgramManifestTemplateHandler(StoredObject):
    """The manifest of a program; `start` has no effect, and a warning says so.

    Properties: wsdl; operations and the action: documented; the rest: assumed.
    """

    scope = "automations"
    example = sample(CustomerKey="manifest", Type="Automation", Content="<program/>")
    fields = (
        *BY_OBJECT_ID,
        Property("Type", required=True, missing=REQUIRED),
        *Property.alike("OperationType", "Content", default=""),
        Property.internal("status", default="New"),
    )

    actions: ClassVar = {
        "Perform": {
            "start": becomes(
                "Started",
                warning="a ProgramManifestTemplate runs nothing in the emulator: use an Automation",
            )
        }
    }
