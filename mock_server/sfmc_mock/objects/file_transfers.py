"""FileTransferActivity and FileTransferLocation: moving, copying and unzipping files, and their locations."""

from __future__ import annotations

from sfmc_mock.account import Account
from sfmc_mock.account.activities import Counts, definition_of
from sfmc_mock.account.file_transfers import ACTIONS, transfer_files
from sfmc_mock.account.ftp_folder import OWN_LOCATION
from sfmc_mock.declarations.activity import Activity
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import BY_OBJECT_ID, REQUIRED, Property, sample
from sfmc_mock.declarations.seed_keys import Key
from sfmc_mock.store.database import Row


class FileTransferActivityHandler(Activity):
    """An activity whose files come from a seed file: its class has no properties for them (wsdl).

    Messages and codes: assumed.
    """

    scope = "automations"
    example = sample(CustomerKey="unpack", Name="Unpack")
    fields = (
        *BY_OBJECT_ID,
        Property("Name", unique=False, required=True, missing=REQUIRED),
        Property("Description", default=""),
        Property("Keyword"),
        Property.internal("action", default="move", seed=Key(choices=ACTIONS)),
        Property.internal("file_spec", default=""),
        Property.internal("destination", default=""),
    )

    def run(self, account: Account, task: Row) -> Counts:
        return transfer_files(account, definition_of(account, self.table, task))


class FileTransferLocationHandler(DeclaredObject):
    """The account's FTP folder. Its key: as in published requests; its ObjectID: assumed."""

    scope = "automations"
    reads_from = "(SELECT 1 AS id) t"
    fields = (
        Property("ObjectID", sql="'5d3b8b0e-6a0c-4b3b-9a53-6f2a4f8f5c11'"),
        Property("CustomerKey", sql=f"'{OWN_LOCATION}'"),
        Property("Client.ID"),
    )
