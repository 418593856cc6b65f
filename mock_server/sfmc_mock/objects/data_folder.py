"""DataFolder: the folders of an account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from sfmc_mock.account import Account
from sfmc_mock.account.folders import CONTENT_TYPES, NOT_OVER_SOAP, may_stand_in, shared_folders
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.properties import KEY_LIMIT, Key, Property, Reference, sample
from sfmc_mock.declarations.seed_entries import Entries, Entry, Refer
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_INVALID_PARENT = (396007, "Data Folder Invalid Parent")
_INVALID_TYPE = (396005, "Data Folder Content Type Invalid")
_INVALID_CALL = 396001
# That moves into and out of a shared folder both get this: assumed.
_ONLY_THE_OWNER = (396011, "Data Folder Only Owner Can Move To From Shared Parent")


class DataFolderHandler(StoredObject):
    """A folder. Results never contain an Object (recorded). Its properties: from Describe of the live service.

    Codes and their names: documented; longer texts: assumed, unless noted otherwise.
    """

    table = "folder"
    messages = Messages(
        "Folder created successfully.",
        "Folder updated successfully.",
        "Folder deleted successfully.",
    )
    not_specified = (396008, "Data Folder Key Field Required")
    not_found = (396009, "Data Folder Key Field Invalid")
    key_taken = (396002, "Data Folder Customer Key Exists")
    results_echo = False
    shared_by = ("ID", shared_folders)
    example = sample(
        CustomerKey="campaigns",
        Name="Campaigns",
        Description="",
        ContentType="email",
        ParentFolder={"CustomerKey": "email_default"},
        AllowChildren=True,
    )
    fields = (
        Property("ID", required=True),
        Property("Client.ID", required=True),
        Reference(
            "ParentFolder",
            to="DataFolder",
            shows=(
                "ID",
                Property("CustomerKey", max_length=KEY_LIMIT),
                "ObjectID",
                Property("Name", max_length=100),
                Property("Description", max_length=200),
                Property("ContentType", max_length=50),
                *Property.alike("IsActive", "IsEditable", "AllowChildren", updatable=False),
            ),
            # 0 for a root folder.
            column="parent_id",
            foreign_key=False,
            not_found=_INVALID_PARENT,
            required=True,
            refuses_empty=True,
        ),
        Property(
            "Name",
            required=True,
            max_length=100,
            missing=(396003, "Data Folder Name Required"),
            too_long=(396012, "Data Folder Name Invalid"),
        ),
        Property("Description", required=True, max_length=200, default=""),
        Property(
            "ContentType",
            required=True,
            any_case=True,
            max_length=50,
            missing=(396004, "Data Folder Content Type Required"),
            wrong=_INVALID_TYPE,
            choices=tuple(sorted(CONTENT_TYPES - NOT_OVER_SOAP)),
            seed=Key(required=True, filled=True),
        ),
        Property("IsActive", default=True),
        # Default of IsEditable for new folders: documented, and seen live.
        Property("IsEditable", default=False, seed=Key(default=True)),
        Property("AllowChildren", default=False, seed=Key(default=True)),
        *Property.alike("CreatedDate", "ModifiedDate", "Client.ModifiedBy", required=True),
        Property("ObjectID"),
        # A folder created without a key has none (a client's comment); Retrieve returns an empty one (recorded).
        Property.key(
            (396009, "Data Folder Key Field Invalid"),
            column="customer_key",
            sql="COALESCE(t.customer_key, '')",
        ),
        *Property.alike("Client.EnterpriseID", "Client.CreatedBy"),
    )
    statements = ("CREATE INDEX IF NOT EXISTS folder_parent ON folder (parent_id)",)

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is None and "Description" not in sent:
            # An empty description is accepted: there are recordings of folders with one.
            raise Refused(396010, "Data Folder Description Required")
        if row is not None and not row["parent_id"]:
            raise Refused(_INVALID_CALL, f"Folder '{row['name']}' is not editable.")
        content_type = sent.text("ContentType") or (row["content_type"] if row else "")
        if row is not None and content_type.lower() != row["content_type"].lower():
            raise Refused(*_INVALID_TYPE)
        if row is None or "ParentFolder" in sent or "Name" in sent:
            self._check_name(call, sent, row, self._parent(call, sent, row, content_type))

    def _parent(self, call: Call, sent: Struct, row: Row | None, content_type: str) -> Row:
        if "ParentFolder" in sent or row is None:
            parent = self.named(call.account, sent.part("ParentFolder"))
        else:
            parent = call.account.db.find(self.table, id=row["parent_id"])
        if parent is None:
            raise Refused(*_INVALID_PARENT)
        above = parent["content_type"]
        if not may_stand_in(content_type, above):
            crosses = row is not None and _is_shared(content_type) != _is_shared(above)
            raise Refused(*(_ONLY_THE_OWNER if crosses else _INVALID_PARENT))
        if not parent["is_active"]:
            raise Refused(396006, "Data Folder Inactive")
        if not parent["allow_children"] and above.lower() == content_type.lower():
            # Text: seen live.
            text = f'ParentFolder "{parent["name"]}" cannot contain child folders.'
            raise Refused(_INVALID_PARENT[0], text)
        if row is not None and self._is_below(call, parent, row):
            raise Refused(*_INVALID_PARENT)
        return parent

    def _check_name(self, call: Call, sent: Struct, row: Row | None, parent: Row) -> None:
        """Refuse a name that another folder of the same parent has (text and code: seen live by several clients)."""
        name = sent.text("Name") or (row["name"] if row else "")
        if namesake := self.other_with(call.account, row, parent_id=parent["id"], name=name):
            raise Refused(
                _INVALID_PARENT[0],
                f'ParentFolder ID: "{parent["id"]}" already has a child Folder named "{namesake["name"]}". '
                "Please select a different Name.",
            )

    def _is_below(self, call: Call, folder: Row, above: Row) -> bool:
        current: Row | None = folder
        while current is not None:
            if current["id"] == above["id"]:
                return True
            current = call.account.db.find(self.table, id=current["parent_id"])
        return False

    def existing(self, call: Call, sent: Struct) -> Row | None:
        """Return the folder with the given identities, else the one with the given name and parent (assumed)."""
        parent = self.named(call.account, sent.part("ParentFolder"))
        folder = self.find(call, sent)
        if folder is not None or parent is None or sent.text("CustomerKey"):
            return folder
        return call.account.db.find(self.table, parent_id=parent["id"], name=sent.text("Name"))

    def generate_key(self, account: Account, row: Row) -> str | None:
        return None

    def natural_key(self, row: Row) -> tuple[str | int, ...]:
        return (str(row["parent_id"]), str(row["name"]))

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        return Outcome(self.messages.create, new_id=row["id"], new_object_id=row["object_id"])

    def check_unused(self, call: Call, row: Row) -> None:
        """Refuse to delete a root folder or a folder that is not empty (assumed; the user interface does)."""
        if not row["parent_id"]:
            raise Refused(_INVALID_CALL, f"Folder '{row['name']}' is not editable.")
        contents = [*self.users(call.account, row), *self._contents(call.account, row)]
        if contents:
            shown = ", ".join(contents[:3])
            raise Refused(_INVALID_CALL, f"Folder '{row['name']}' is not empty: it holds {shown}.")

    def _contents(self, account: Account, folder: Row) -> Iterator[str]:
        """Yield a description such as `List 'name'` for each object in a folder."""
        for other in (other for other in self.others.values() if isinstance(other, StoredObject)):
            for prop in other.folders:
                rows = other.rows_with(account, prop.column, folder["id"])
                yield from (f"{other.object_type} '{row['name']}'" for row in rows)

    def check_entries(self, seed: Entries) -> None:
        for entry in seed.of(self.table):
            where, content = seed.where(self.table, entry), entry["content_type"]
            if content.lower() not in CONTENT_TYPES:
                near = get_close_matches(content.lower(), CONTENT_TYPES, n=1)
                hint = f"Did you mean {near[0]}?" if near else ", ".join(sorted(CONTENT_TYPES))
                raise SetupError(f"{where}, key 'content_type': {content!r} is not known. {hint}")
            above = [entry]
            while above[-1]["parent"] is not None:
                parent = seed.find(self.table, above[-1]["parent"])
                assert parent is not None
                if not may_stand_in(content, parent["content_type"]):
                    raise SetupError(
                        f"{where}, key 'parent': {parent['name']!r} is a folder for {parent['content_type']}, not for "
                        f"{content}. Name one of the same content type."
                    )
                if any(parent is entry for entry in above):
                    raise SetupError(
                        f"{where}, key 'parent': the folders are their own ancestors. Name another parent."
                    )
                above.append(parent)

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        row = {"parent_id": 0, **columns}
        number = entry["id"] or self.fresh_number(account, str(row["parent_id"]), entry["name"])
        object_id = entry["object_id"] or account.object_id(self.table, number)
        return super().from_entry(account, entry, {**row, "id": number, "object_id": object_id})

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        return {**entry, "parent": entry["parent"] if row["parent_id"] else None}


def _is_shared(content_type: str) -> bool:
    return content_type.lower().startswith("shared_")
