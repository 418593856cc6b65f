"""FileTransferLocation: where imports find their files."""

from __future__ import annotations

from sfmc_mock.account.ftp_folder import OWN_LOCATION
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import computed


class FileTransferLocationHandler(DeclaredObject):
    """The account's FTP folder. Its key is the service's (seen in published requests); the ObjectID: assumed."""

    object_type = "FileTransferLocation"
    scope = "automations"
    fields = computed("", "ObjectID", "CustomerKey", "Client.ID")
    selects = (
        "SELECT 1 AS rowkey, '5d3b8b0e-6a0c-4b3b-9a53-6f2a4f8f5c11' AS \"ObjectID\", "  # noqa: S608 - a constant
        f'\'{OWN_LOCATION}\' AS "CustomerKey", (SELECT mid FROM account_id) AS "Client.ID"'
    )
