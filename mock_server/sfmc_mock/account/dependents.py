"""What is in use, and by what: such things cannot be deleted (that the service refuses it is assumed)."""

from __future__ import annotations

from sfmc_mock.account.account import Account
from sfmc_mock.store.database import Row

# Tables of content that stands in folders, with the API object's name.
_CONTENT = {
    "list": "List",
    "email": "Email",
    "data_extension": "DataExtension",
    "triggered_send_definition": "TriggeredSendDefinition",
}


def definitions_using(account: Account, column: str, number: object) -> list[str]:
    """Return the CustomerKeys of the definitions, not deleted, whose column holds the number."""
    found = account.db.find_all("triggered_send_definition", "id", **{column: number})
    return [str(row["customer_key"]) for row in found if row["status"] != "Deleted"]


def classifications_using(account: Account, column: str, number: object) -> list[str]:
    """Return the CustomerKeys of the send classifications whose column holds the number."""
    found = account.db.find_all("send_classification", "id", **{column: number})
    return [str(row["customer_key"]) for row in found]


def contents_of_folder(account: Account, folder: Row) -> list[str]:
    """Return what stands in a folder, as `DataFolder 'name'`, `List 'name'` …"""
    folders = account.db.find_all("folder", "id", parent_id=folder["id"])
    found = [f"DataFolder '{row['name']}'" for row in folders]
    for table, object_type in _CONTENT.items():
        rows = account.db.find_all(table, "id", category_id=folder["id"])
        found += [f"{object_type} '{row['name']}'" for row in rows if _is_there(row)]
    return found


def _is_there(row: Row) -> bool:
    return row.get("status") != "Deleted"
