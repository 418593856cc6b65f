"""Folders: one tree for each kind of content, under a root that cannot be changed."""

from __future__ import annotations

from collections.abc import Collection

from sfmc_mock.account.account import Account
from sfmc_mock.store.database import Row

CONTENT_TYPES = frozenset(
    {
        "asset",
        "asset-shared",
        "automations",
        "cloudpages",
        "contextual_suppression_list",
        "dataextension",
        "email",
        "filteractivity",
        "filterdefinition",
        "hidden",
        "journey",
        "list",
        "mysubs",
        "publication",
        "queryactivity",
        "salesforcedataextension",
        "shared_content",
        "shared_data",
        "shared_dataextension",
        "shared_email",
        "shared_item",
        "shared_portfolio",
        "shared_publication",
        "shared_salesforcedataextension",
        "shared_suppression_list",
        "shared_template",
        "ssjsactivity",
        "suppression_list",
        "synchronizeddataextension",
        "triggered_send",
        "triggered_send_journeybuilder",
        "userinitiatedsends",
    }
)
"""The kinds of content that a folder can hold, in lower case; the wire also has them otherwise (seen in accounts)."""

# Folders of these kinds cannot be made over SOAP (a client's comment).
NOT_OVER_SOAP = frozenset({"automations", "journey"})

# Folders that stand in a folder for something else (recorded: folder trees of real accounts).
_IN_OTHERS = {
    "filteractivity": "hidden",
    "filterdefinition": "hidden",
    "shared_dataextension": "shared_data",
    "shared_salesforcedataextension": "shared_data",
    "triggered_send": "hidden",
    "triggered_send_journeybuilder": "hidden",
    "userinitiatedsends": "hidden",
}

# The list folders, by the classification of the lists that they hold by default (assumed).
_LIST_FOLDERS = {"PublicationList": "publication", "SuppressionList": "suppression_list"}


def root_folder(account: Account, content_type: str) -> Row | None:
    """Return the root of a kind of content, None when the account has none."""
    return account.db.find("folder", parent_id=0, content_type=content_type)


def shared_folders(account: Account) -> list[int]:
    """Return the IDs of the folders whose content the business units of an account share."""
    return [
        row["id"]
        for row in account.db.find_all("folder", "id")
        if row["content_type"].lower().startswith("shared_")
    ]


def may_stand_in(content_type: str, parent: str) -> bool:
    """Say whether a folder of one content type can have a parent of another; both in any case."""
    folded, above = content_type.lower(), parent.lower()
    return above == folded or _IN_OTHERS.get(folded) == above


def list_content_type(classification: str) -> str:
    """Return the content type of the default folder of lists with a classification."""
    return _LIST_FOLDERS.get(classification, "list")


def folder_of(account: Account, category_id: int | None, kinds: Collection[str]) -> Row | None:
    """Return the folder with the ID if it has one of the content types."""
    folder = account.db.find("folder", id=category_id)
    if folder is None or folder["content_type"].lower() not in kinds:
        return None
    return folder
