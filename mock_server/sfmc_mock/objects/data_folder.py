"""DataFolder: the folders of an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account.dependents import contents_of_folder
from sfmc_mock.account.folders import CONTENT_TYPES, NOT_OVER_SOAP
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Outcome, Property
from sfmc_mock.objects.table import KEY_LIMIT, Refusal, TableHandler, referred
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_INVALID_PARENT = (396007, "Data Folder Invalid Parent")
_INVALID_CALL = 396001


class DataFolderHandler(TableHandler):
    """A folder; its results never hold an Object (recorded). The property table is a live Describe's.

    Codes and names of what is refused are documented; wordings that say more are assumed, unless said otherwise.
    """

    object_type = "DataFolder"
    view = "api_DataFolder"
    table = "folder"
    properties = (
        Property("ID", "number", required=True),
        Property("Client.ID", "number", required=True),
        Property("ParentFolder.ID", "number"),
        Property("ParentFolder.CustomerKey", max_length=KEY_LIMIT),
        Property("ParentFolder.ObjectID"),
        Property("ParentFolder.Name", max_length=100),
        Property("ParentFolder.Description", max_length=200),
        Property("ParentFolder.ContentType", max_length=50),
        Property("ParentFolder.IsActive", "flag", updatable=False),
        Property("ParentFolder.IsEditable", "flag", updatable=False),
        Property("ParentFolder.AllowChildren", "flag", updatable=False),
        Property("Name", required=True, max_length=100),
        Property("Description", required=True, max_length=200),
        Property("ContentType", required=True, max_length=50),
        Property("IsActive", "flag"),
        Property("IsEditable", "flag"),
        Property("AllowChildren", "flag"),
        Property("CreatedDate", "date", required=True),
        Property("ModifiedDate", "date", required=True),
        Property("Client.ModifiedBy", "number", required=True),
        Property("ObjectID"),
        Property("CustomerKey", max_length=KEY_LIMIT),
        Property("Client.EnterpriseID", "number"),
        Property("Client.CreatedBy", "number"),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "Name": "name",
        "Description": "description",
        "ContentType": "content_type",
        "IsActive": "is_active",
        "IsEditable": "is_editable",
        "AllowChildren": "allow_children",
    }
    identities: ClassVar[Mapping[str, str]] = {
        "ID": "id",
        "ObjectID": "object_id",
        "CustomerKey": "customer_key",
    }
    messages: ClassVar[Mapping[str, str]] = {
        "Create": "Folder created successfully.",
        "Update": "Folder updated successfully.",
        "Delete": "Folder deleted successfully.",
    }
    not_specified = (396008, "Data Folder Key Field Required")
    not_found = (396009, "Data Folder Key Field Invalid")
    key_taken = (396002, "Data Folder Customer Key Exists")
    missing: ClassVar[Mapping[str, Refusal]] = {
        "Name": (396003, "Data Folder Name Required"),
        "ContentType": (396004, "Data Folder Content Type Required"),
    }
    too_long: ClassVar[Mapping[str, Refusal]] = {
        "Name": (396012, "Data Folder Name Invalid"),
        "CustomerKey": (396009, "Data Folder Key Field Invalid"),
    }
    is_numbered = True

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        return {"is_active": 1, "is_editable": 1, "allow_children": 1}

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is None and "Description" not in sent:
            # An empty one is taken: folders without a description were recorded.
            raise Refused(396010, "Data Folder Description Required")
        if row is not None and not row["is_editable"]:
            raise Refused(_INVALID_CALL, f"Folder '{row['name']}' is not editable.")
        content_type = sent.text("ContentType") or str(row["content_type"] if row else "")
        if not _can_be_made(content_type, row):
            raise Refused(396005, "Data Folder Content Type Invalid")
        if row is None or "ParentFolder" in sent or "Name" in sent:
            parent = self._parent(call, sent, row, content_type)
            _check_name_is_free(call, sent, row, parent)

    def _parent(self, call: Call, sent: Struct, row: Row | None, content_type: str) -> Row:
        if "ParentFolder" in sent or row is None:
            parent = referred(
                call,
                sent.part("ParentFolder"),
                self.table,
                by=("ID", "ObjectID", "CustomerKey"),
            )
        else:
            parent = call.account.db.find(self.table, id=row["parent_id"])
        if parent is None or str(parent["content_type"]).lower() != content_type.lower():
            raise Refused(*_INVALID_PARENT)
        if not parent["is_active"]:
            raise Refused(396006, "Data Folder Inactive")
        if not parent["allow_children"] or (row is not None and self._is_below(call, parent, row)):
            raise Refused(*_INVALID_PARENT)
        return parent

    def _is_below(self, call: Call, folder: Row, above: Row) -> bool:
        current: Row | None = folder
        while current is not None:
            if current["id"] == above["id"]:
                return True
            current = call.account.db.find(self.table, id=current["parent_id"])
        return False

    def changes(self, call: Call, sent: Struct) -> dict[str, object]:
        changes = super().changes(call, sent)
        parent = referred(
            call, sent.part("ParentFolder"), self.table, by=("ID", "ObjectID", "CustomerKey")
        )
        if parent is not None:
            changes["parent_id"] = parent["id"]
        return changes

    def generate_key(self, call: Call, row: Row) -> str | None:
        # Folders have no key by default (a client's comment).
        return None

    def natural_key(self, row: Row) -> tuple[str, ...]:
        return (str(row["parent_id"]), str(row["name"]))

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        return Outcome(
            self.messages["Create"],
            new_id=int(str(row["id"])),
            new_object_id=str(row["object_id"]),
        )

    def update(self, call: Call, sent: Struct) -> Outcome:
        return Outcome(super().update(call, sent).message)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        return Outcome(super().delete(call, sent).message)

    def check_unused(self, call: Call, row: Row) -> None:
        """Refuse to delete a root, and what holds anything (assumed; the UI does)."""
        if not row["is_editable"]:
            raise Refused(_INVALID_CALL, f"Folder '{row['name']}' is not editable.")
        contents = contents_of_folder(call.account, row)
        if contents:
            shown = ", ".join(contents[:3])
            raise Refused(_INVALID_CALL, f"Folder '{row['name']}' is not empty: it holds {shown}.")


def _can_be_made(content_type: str, row: Row | None) -> bool:
    folded = content_type.lower()
    if row is not None:
        return folded == str(row["content_type"]).lower()
    return folded in CONTENT_TYPES and folded not in NOT_OVER_SOAP


def _check_name_is_free(call: Call, sent: Struct, row: Row | None, parent: Row) -> None:
    name = sent.text("Name") or str(row["name"] if row else "")
    found = call.account.db.find("folder", parent_id=parent["id"], name=name)
    if found is not None and (row is None or found["id"] != row["id"]):
        # Text and code: seen live, by several clients.
        raise Refused(
            _INVALID_PARENT[0],
            f'ParentFolder ID: "{parent["id"]}" already has a child Folder named "{found["name"]}". '
            "Please select a different Name.",
        )
