"""SendClassification: commercial or transactional, with a sender profile and a delivery profile."""

from __future__ import annotations

from sfmc_mock.declarations.properties import Key, Property, Reference, sample
from sfmc_mock.declarations.stored_object import StoredObject


class SendClassificationHandler(StoredObject):
    """A send classification. The type Operational is transactional, Marketing is commercial.

    Retrievable properties: recorded; codes and their names: documented.
    """

    scope = "email"
    called = "customer_key"
    not_specified = (24000, "SC_SendClassification Not Specified")
    not_found = (24100, "SC_SendClassificationNot Found")
    dates_to_the_minute = True
    sends_depend_on_it = True
    example = sample(
        CustomerKey="shop",
        Name="Shop",
        SenderProfile={"CustomerKey": "Default"},
        DeliveryProfile={"CustomerKey": "Default"},
    )
    fields = (
        *Property.alike("ObjectID", "Client.ID", "CreatedDate", "ModifiedDate"),
        Property.key((24103, "SC_Customer Key Invalid")),
        # Default: assumed; the type that honours opt-outs.
        Property("SendClassificationType", column="type", default="Marketing", any_case=True),
        Property.object_name((24104, "SC_Name Invalid")),
        Property("Description", default=""),
        *(
            Reference(
                name,
                shows=("CustomerKey", "ObjectID"),
                not_found=not_found,
                required=True,
                refuses_empty=True,
                seed=Key(default="Default"),
            )
            for name, not_found in (
                ("SenderProfile", (24101, "SC_Sender Profile Not Found")),
                ("DeliveryProfile", (24102, "SC_Delivery Profile Not Found")),
            )
        ),
        # Results omit it unless it is true (recorded for one that was never set).
        Property(
            "ArchiveEmail", column="archive_email", sql="NULLIF(t.archive_email, 0)", default=False
        ),
        Property(
            "HonorPublicationListOptOutsForTransactionalSends",
            retrievable=False,
            column="honors_list_opt_outs",
            default=False,
        ),
        Property(
            "SendPriority",
            retrievable=False,
            column="priority",
            refused={"Burst": (24105, "SC_Burst Sending Not Configured")},
        ),
    )
