"""Role: what users of an account may do, by name."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.handler import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, sample
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# Texts: documented; which of them is said of what: assumed.
_INVALID_ID = (332000, "Role Invalid ID")
_INVALID_DATA = (332003, "Role Invalid Data")


class RoleHandler(StoredObject):
    """A role.

    Properties: recorded; the limits and the messages of success: assumed. Its permissions are not kept.
    """

    object_type = "Role"
    scope = "users"
    table = "role"
    messages = Messages("Role created", "Role updated", "Role deleted")
    not_specified = _INVALID_ID
    not_found = _INVALID_ID
    called = "name"
    of_enterprise = True
    example = sample(CustomerKey="editors", Name="Editors")
    reads: ClassVar = {"": ("PermissionSets",)}
    fields = (
        *BY_OBJECT_ID,
        Property(
            "Name", required=True, max_length=100, missing=_INVALID_DATA, too_long=_INVALID_DATA
        ),
        Property("Description", default=""),
        Property("IsPrivate", default=False),
        Property("IsSystemDefined", updatable=False, default=False),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if sent.wrapped("PermissionSets", "PermissionSet") or sent.wrapped(
            "Permissions", "Permission"
        ):
            call.warn(
                "the permissions of a role are not kept: what a caller may do is said by its scopes alone"
            )
