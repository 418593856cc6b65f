"""PublicKeyManagement: public keys, identified by name."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, sample
from sfmc_mock.declarations.stored_object import StoredObject


class PublicKeyManagementHandler(StoredObject):
    """A public key; no message is signed with it.

    Properties and operations: documented; codes and their names: documented; which condition has which code: assumed.
    """

    not_specified = not_found = (63000, "Public Key Management Record Not Found")
    key_taken = (63001, "Public Key Management Name Already Exists")
    example = sample(CustomerKey="signing", Name="Signing", Key="c2lnbmluZw==")
    fields = (
        *BY_OBJECT_ID,
        Property.object_name((63002, "Public Key Management Name Is Missing")),
        Property(
            "Key",
            column="public_key",
            required=True,
            missing=(63003, "Public Key Management Key Is Missing"),
        ),
    )
