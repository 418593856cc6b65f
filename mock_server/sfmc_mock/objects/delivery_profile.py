"""DeliveryProfile: the way on which an email leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account.dependents import classifications_using, definitions_using
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Property
from sfmc_mock.objects.table import KEY_LIMIT, Refusal, TableHandler, in_use
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class DeliveryProfileHandler(TableHandler):
    """A delivery profile; it cannot be retrieved (recorded).

    Codes and names of what is refused are documented. An account of the emulator has no private IPs and domains, no
    content areas and no certificates: whoever names one is told that it is not there.
    """

    object_type = "DeliveryProfile"
    table = "delivery_profile"
    properties = (
        Property("CustomerKey", retrievable=False, max_length=KEY_LIMIT),
        Property("Name", retrievable=False, required=True, max_length=100),
        Property("Description", retrievable=False),
        Property("SourceAddressType", retrievable=False, required=True),
        Property("DomainType", retrievable=False),
        Property("HeaderSalutationSource", retrievable=False),
        Property("FooterSalutationSource", retrievable=False),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "Name": "name",
        "Description": "description",
        "SourceAddressType": "source_address_type",
        "DomainType": "domain_type",
        "HeaderSalutationSource": "header_salutation_source",
        "FooterSalutationSource": "footer_salutation_source",
    }
    identities: ClassVar[Mapping[str, str]] = {
        "ObjectID": "object_id",
        "CustomerKey": "customer_key",
    }
    # By analogy with the other profile (assumed).
    messages: ClassVar[Mapping[str, str]] = {
        "Create": "DeliveryProfile created",
        "Update": "DeliveryProfile updated",
        "Delete": "DeliveryProfile deleted",
    }
    not_specified = (41103, "DP_Delivery Profile Not Specified")
    not_found = (41301, "DP_Delivery Profile Not Found")
    missing: ClassVar[Mapping[str, Refusal]] = {
        "Name": (41105, "DP_Name Invalid"),
        "SourceAddressType": (41100, "DP_Source Address Type Not Specified"),
    }
    too_long: ClassVar[Mapping[str, Refusal]] = {
        "CustomerKey": (41104, "DP_Customer Key Invalid"),
        "Name": (41105, "DP_Name Invalid"),
    }

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        return {
            "description": "",
            "domain_type": "DefaultDomain",
            "header_salutation_source": "Default",
            "footer_salutation_source": "Default",
        }

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if sent.part("PrivateIP") is not None:
            raise Refused(41200, "DP_Private IP Invalid")
        if sent.text("SourceAddressType") == "CustomPrivateIPAddress":
            raise Refused(41101, "DP_Private IP Not Specified")
        is_custom_domain = sent.text("DomainType") == "CustomDomain"
        if is_custom_domain or sent.part("PrivateDomain") or sent.part("PrivateDomainSet"):
            raise Refused(41107, "DP_Private Domain Set Invalid")
        for end in ("Header", "Footer"):
            if sent.part(f"{end}ContentArea") is not None:
                raise Refused(41300, "DP_Content Area Not Found")
            if sent.text(f"{end}SalutationSource") == "ContentLibrary":
                raise Refused(41102, "DP_Content Area Not Specified")
        if sent.part("SMIMESignatureCertificate") is not None:
            raise Refused(41106, "DP_SMIME Signature Certificate Invalid")

    def check_unused(self, call: Call, row: Row) -> None:
        column = "delivery_profile_id"
        users = [
            f"SendClassification '{each}'"
            for each in classifications_using(call.account, column, row["id"])
        ] + [
            f"TriggeredSendDefinition '{each}'"
            for each in definitions_using(call.account, column, row["id"])
        ]
        if users:
            raise in_use("Delete", f"DeliveryProfile '{row['customer_key']}'", users)
