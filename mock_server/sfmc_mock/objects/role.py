"""Role: the permissions of users."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.users import MANAGE, OPERATIONS, SEND, forget_denials
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Key, Property, sample, snake
from sfmc_mock.declarations.seed_entries import Entry, Refer
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.store.database import Row
from sfmc_mock.wire.json_parts import part_as_json, part_from_json
from sfmc_mock.wire.struct import Struct

# Texts: documented; which condition has which text: assumed.

_PERMISSION = {
    **dict.fromkeys(("Name", "Description", "ObjectType", "Operation"), "text"),
    **dict.fromkeys(("IsShareable", "IsAllowed", "IsDenied"), "flag"),
}
_NO_EXPORT = "permission_sets: it is not what an export writes. Give permissions, or create the role by a call."
_OPERATIONS = frozenset((*(word for words in OPERATIONS.values() for word in words), MANAGE, SEND))


class RoleHandler(StoredObject):
    """A role. What its permissions deny is denied to its users.

    Properties: recorded; limits and success messages: assumed.
    """

    scope = "users"
    not_specified = not_found = (332000, "Role Invalid ID")
    of_enterprise = True
    example = sample(CustomerKey="editors", Name="Editors")
    fields = (
        *BY_OBJECT_ID,
        Property.object_name((332003, "Role Invalid Data")),
        Property("Description", default=""),
        Property("IsPrivate", default=False),
        Property("IsSystemDefined", updatable=False, default=False),
        Property("PermissionSets", "part"),
        Property("Permissions", "part", seed=None),
    )
    further_keys: ClassVar = (
        Key(
            "permissions",
            form="items",
            items=tuple(Key(snake(name), kind) for name, kind in _PERMISSION.items()),
        ),
    )

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        given = [
            {name: said[snake(name)] for name in _PERMISSION if said[snake(name)] is not None}
            for said in entry["permissions"]
        ]
        parts = [Struct("Permission", values) for values in given]
        permissions = Struct("Role.Permissions", {"Permission": parts})
        sets = _sets(str(columns.get("permission_sets") or ""))
        role = Struct("Role", {"Permissions": permissions, "PermissionSets": sets})
        try:
            self.check(Call(account), role, None)
        except Refused as refused:
            raise SetupError(
                f"permissions: {refused.message}. A permission takes an API object as object_type, one of "
                f"{', '.join(sorted(_OPERATIONS))} as operation, and is either allowed or denied."
            ) from None
        except TypeError:
            raise SetupError(_NO_EXPORT) from None
        kept = json.dumps(part_as_json(permissions)) if given else None
        return super().from_entry(account, entry, {**columns, "permissions": kept})

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        kept = json.loads(row["permissions"])["Permission"] if row["permissions"] else []
        said = [{snake(name): each.get(name) for name in _PERMISSION} for each in kept]
        return {**entry, "permissions": said}

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        permissions = [*_permissions(sent)]
        known = {name.casefold() for name in self.others} if permissions else set()
        for permission in permissions:
            about, operation = permission.text("ObjectType"), permission.text("Operation")
            if about and about.casefold() not in known:
                raise Refused(332002, "Role Invalid Object")
            if operation and operation.casefold() not in _OPERATIONS:
                raise Refused(332001, "Role Invalid Action")
            if permission.flag("IsAllowed") and permission.flag("IsDenied"):
                raise Refused(332004, "Role Permission Denied")
            if permission.flag("IsDenied") and not (about and operation):
                call.warn(
                    f"the permission '{permission.text('Name') or ''}' is kept and denies nothing: it takes the "
                    "ObjectType of an API object and an Operation"
                )

    def written(self, call: Call, sent: Struct, row: Row, *, is_new: bool) -> None:
        forget_denials(call.account)

    def remove(self, call: Call, row: Row) -> None:
        forget_denials(call.account)
        super().remove(call, row)


def _sets(text: str) -> Struct | None:
    """Return the permission sets of a seed file's entry, in the form that an export writes. Raises `SetupError`."""
    if not text:
        return None
    found = part_from_json(json.loads(text))
    if found.type != "Role.PermissionSets" or not found.parts("PermissionSet"):
        raise SetupError(_NO_EXPORT)
    return found


def _permissions(part: Struct) -> Iterator[Struct]:
    """Yield the permissions of a role, including those of its permission sets at any depth."""
    yield from part.wrapped("Permissions", "Permission")
    for inner in part.wrapped("PermissionSets", "PermissionSet"):
        yield from _permissions(inner)
