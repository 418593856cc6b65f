"""DeliveryProfile: the sending addresses, header and footer of emails."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import Property, Reference, sample
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_INVALID_DOMAIN = (41107, "DP_Private Domain Set Invalid")


def _content_area(name: str) -> Reference:
    not_found = (41300, "DP_Content Area Not Found")
    return Reference(name, to="ContentArea", not_found=not_found, refuses_empty=True)


class DeliveryProfileHandler(StoredObject):
    """A delivery profile; it cannot be retrieved (recorded).

    Codes and their names: documented; success messages by analogy with SenderProfile (assumed). The account has no
    private IPs, private domains or certificates: a reference to one is refused as not found. Content areas are stored
    and not added to emails.
    """

    scope = "email"
    called = "customer_key"
    not_specified = (41103, "DP_Delivery Profile Not Specified")
    not_found = (41301, "DP_Delivery Profile Not Found")
    example = sample(CustomerKey="fast", Name="Fast", SourceAddressType="DefaultPrivateIPAddress")
    refused_parts: ClassVar = {
        "PrivateIP": (41200, "DP_Private IP Invalid"),
        **dict.fromkeys(("PrivateDomain", "PrivateDomainSet"), _INVALID_DOMAIN),
        "SMIMESignatureCertificate": (41106, "DP_SMIME Signature Certificate Invalid"),
    }
    reads: ClassVar = {"": ("SubscriberLevelPrivateDomain",)}
    fields = (
        Property("ObjectID", retrievable=False),
        Property.key((41104, "DP_Customer Key Invalid"), retrievable=False),
        Property.object_name((41105, "DP_Name Invalid"), retrievable=False),
        Property("Description", retrievable=False, default=""),
        Property(
            "SourceAddressType",
            retrievable=False,
            required=True,
            default="DefaultPrivateIPAddress",
            missing=(41100, "DP_Source Address Type Not Specified"),
            refused={"CustomPrivateIPAddress": (41101, "DP_Private IP Not Specified")},
        ),
        Property(
            "DomainType",
            retrievable=False,
            default="DefaultDomain",
            refused={"CustomDomain": _INVALID_DOMAIN},
        ),
        Property("HeaderSalutationSource", retrievable=False, default="Default"),
        _content_area("HeaderContentArea"),
        Property("FooterSalutationSource", retrievable=False, default="Default"),
        _content_area("FooterContentArea"),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if sent.flag("SubscriberLevelPrivateDomain"):
            # The schema has this element, and no source describes it; that it is the one not implemented: assumed.
            raise Refused(41000, "DP_Not Implemented Exception")
        for end in ("Header", "Footer"):
            area, source = sent.part(f"{end}ContentArea"), sent.text(f"{end}SalutationSource")
            if area is None and source == "ContentLibrary":
                raise Refused(41102, "DP_Content Area Not Specified")
