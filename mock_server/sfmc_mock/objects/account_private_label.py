"""AccountPrivateLabel: how the application looks for an account."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_ID, Property
from sfmc_mock.declarations.stored_object import StoredObject


class AccountPrivateLabelHandler(StoredObject):
    """A label of a seed file. Properties: wsdl; that it can only be read: documented."""

    object_type = "AccountPrivateLabel"
    scope = "accounts"
    table = "account_private_label"
    operations = ()
    identities = ("ID", "CustomerKey")
    fields = (
        *BY_ID,
        Property("Name", required=True),
        Property("OwnerMemberID", sql="(SELECT mid FROM account_id)"),
        Property("ColorPaletteXML", default=""),
    )
