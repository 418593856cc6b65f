"""PlatformApplication and its packages, and manifests of programs: what is published and deployed."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.handler import Call, Outcome
from sfmc_mock.declarations.properties import (
    BY_OBJECT_ID,
    REQUIRED,
    Property,
    Reference,
    internal,
    sample,
)
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.wire.struct import Struct


class PlatformApplicationHandler(StoredObject):
    """An application; `publish` and `deploy` change its status and nothing else.

    Properties: wsdl; operations and actions: documented; the rest: assumed.
    """

    object_type = "PlatformApplication"
    table = "platform_application"
    operations = ("Create", "Update")
    example = sample(CustomerKey="shop", DeveloperVersion="1.0")
    fields = (
        *BY_OBJECT_ID,
        Property("DeveloperVersion", default=""),
        Reference(
            "Package",
            to="PlatformApplicationPackage",
            shows=("ObjectID", "CustomerKey"),
            not_found=(2, "PlatformApplicationPackage not found."),
            protects=False,
        ),
        internal("status", default="New"),
    )

    def publish(self, call: Call, sent: Struct) -> Outcome:
        return self._become(call, sent, "Published")

    def deploy(self, call: Call, sent: Struct) -> Outcome:
        return self._become(call, sent, "Deployed")

    def _become(self, call: Call, sent: Struct, status: str) -> Outcome:
        row = self.find_or_refuse(call, sent)
        call.account.db.update(self.table, {"status": status}, id=row["id"])
        return Outcome("PlatformApplication performed", sent)

    actions: ClassVar = {"Perform": {"publish": publish, "deploy": deploy}}


class PlatformApplicationPackageHandler(StoredObject):
    """A package of a seed file. Properties: wsdl; that it can only be read: documented."""

    object_type = "PlatformApplicationPackage"
    table = "platform_application_package"
    operations = ()
    fields = (
        *BY_OBJECT_ID,
        Property("IsUpgrade", default=False),
        Property("DeveloperVersion", default=""),
    )


class ProgramManifestTemplateHandler(StoredObject):
    """The manifest of a program; `start` is noted and has no effect.

    Properties: wsdl; operations and the action: documented; the rest: assumed.
    """

    object_type = "ProgramManifestTemplate"
    scope = "automations"
    table = "program_manifest_template"
    example = sample(CustomerKey="manifest", Type="Automation", Content="<program/>")
    fields = (
        *BY_OBJECT_ID,
        Property("Type", required=True, missing=REQUIRED),
        Property("OperationType", default=""),
        Property("Content", default=""),
        internal("status", default="New"),
    )

    def start(self, call: Call, sent: Struct) -> Outcome:
        row = self.find_or_refuse(call, sent)
        call.account.db.update(self.table, {"status": "Started"}, id=row["id"])
        call.warn("a ProgramManifestTemplate runs nothing in the emulator: use an Automation")
        return Outcome("ProgramManifestTemplate performed", sent)

    actions: ClassVar = {"Perform": {"start": start}}
