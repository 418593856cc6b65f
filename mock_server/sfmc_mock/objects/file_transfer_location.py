"""FileTransferLocation: where imports find their files."""

from __future__ import annotations

from sfmc_mock.account.ftp_folder import OWN_LOCATION
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property


class FileTransferLocationHandler(DeclaredObject):
    """The account's FTP folder. Its key is the service's (seen in published requests); the ObjectID: assumed."""

    object_type = "FileTransferLocation"
    scope = "automations"
    reads_from = "(SELECT 1 AS id) t"
    fields = (
        Property("ObjectID", sql="'5d3b8b0e-6a0c-4b3b-9a53-6f2a4f8f5c11'"),
        Property("CustomerKey", sql=f"'{OWN_LOCATION}'"),
        Property("Client.ID"),
    )
