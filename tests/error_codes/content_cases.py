"""Conditions of the error codes of content, folders, data extensions and profiles."""

from __future__ import annotations

from typing import Any

from tests.error_codes.calls import (
    ASSUMED,
    DOCUMENTED,
    FILTER,
    Case,
    Provoke,
    after,
    create,
    delete,
    lacking,
    root,
    sender_profile,
    update,
)


def delivery_profile(**changes: Any) -> Provoke:
    """Create a delivery profile with a changed property."""
    usual = {"CustomerKey": "d", "Name": "D", "SourceAddressType": "DefaultPrivateIPAddress"}
    return create("DeliveryProfile", **{**usual, **changes})


CASES: tuple[Case, ...] = (
    # BusinessRule
    Case(56001, "a rule that is not named", ASSUMED, update("BusinessRule", Data=1)),
    Case(
        56002, "a rule that is not there", ASSUMED, update("BusinessRule", CustomerKey="nobody's")
    ),
    # FilterDefinition
    Case(
        373001,
        "a DataSource that names none",
        DOCUMENTED,
        create(
            "FilterDefinition",
            CustomerKey="f",
            Name="F",
            DataFilter=FILTER,
            DataSource={"xsi:type": "DataExtension"},
        ),
    ),
    # ContentArea
    Case(
        21004,
        "dynamic content that is not XML",
        ASSUMED,
        create("ContentArea", Name="A", Content="text", IsDynamicContent=True),
    ),
    Case(
        21005,
        "dynamic content without a default",
        ASSUMED,
        create("ContentArea", Name="A", Content="<content/>", IsDynamicContent=True),
    ),
    Case(
        21006,
        "a Create with an ID or ObjectID",
        ASSUMED,
        create("ContentArea", Name="A", Content="text", ID=7),
    ),
    # SendClassification
    Case(
        24105,
        "the SendPriority Burst",
        ASSUMED,
        create("SendClassification", CustomerKey="c", Name="C", SendPriority="Burst"),
    ),
    # DataExtension
    Case(
        310006,
        "a DefaultValue of an EmailAddress field that is not an address",
        ASSUMED,
        create(
            "DataExtension",
            Name="A",
            Fields={
                "Field": [{"Name": "A", "FieldType": "EmailAddress", "DefaultValue": "nobody"}]
            },
        ),
    ),
    Case(
        310002,
        "Delete of a field that is not there",
        ASSUMED,
        after(
            create("DataExtension", CustomerKey="a", Name="A", Fields={"Field": [{"Name": "A"}]}),
            then=delete(
                "DataExtension", CustomerKey="a", Fields={"Field": [{"ObjectID": "nobody's"}]}
            ),
        ),
    ),
    Case(
        310005,
        "a Create with an ObjectID",
        DOCUMENTED,
        create(
            "DataExtension",
            Name="A",
            ObjectID="1d1c2c1e-0000-ee11-b85a-000000000000",
            Fields={"Field": [{"Name": "A"}]},
        ),
    ),
    # DataFolder
    Case(
        396001,
        "Delete of a folder that holds something, or of a root",
        ASSUMED,
        delete("DataFolder", CustomerKey="email_default"),
    ),
    Case(
        396006,
        "a parent folder that is not active",
        DOCUMENTED,
        after(
            create(
                "DataFolder",
                CustomerKey="a",
                Name="A",
                Description="",
                ContentType="email",
                ParentFolder={"CustomerKey": "email_default"},
                IsActive=False,
                AllowChildren=True,
            ),
            then=create(
                "DataFolder",
                Name="B",
                Description="",
                ContentType="email",
                ParentFolder={"CustomerKey": "a"},
            ),
        ),
    ),
    Case(
        396010,
        "a Create without Description",
        DOCUMENTED,
        create(
            "DataFolder",
            Name="B",
            ContentType="email",
            ParentFolder={"CustomerKey": "email_default"},
        ),
    ),
    Case(
        396011,
        "a move into a shared folder, or out of one",
        ASSUMED,
        after(
            create(
                "DataFolder",
                CustomerKey="a",
                Name="A",
                Description="",
                ContentType="email",
                ParentFolder={"CustomerKey": "email_default"},
            ),
            then=lambda call: update(
                "DataFolder",
                CustomerKey="a",
                ParentFolder={"ID": root(call, "shared_email")},
            )(call),
        ),
    ),
    # SenderProfile
    Case(
        40106,
        "a FromAddress that is none",
        DOCUMENTED,
        create("SenderProfile", Name="A", FromName="A", FromAddress="nobody"),
    ),
    Case(
        40200,
        "a rule for replies in an account that lacks reply_mail_management",
        ASSUMED,
        after(lacking("reply_mail_management"), then=sender_profile(AutoReply=True)),
    ),
    Case(
        40201,
        "an AutoForwardToEmailAddress that is none",
        DOCUMENTED,
        sender_profile(AutoForwardToEmailAddress="nobody"),
    ),
    Case(
        40204,
        "a SenderHeaderEmailAddress that is none",
        DOCUMENTED,
        sender_profile(SenderHeaderEmailAddress="nobody"),
    ),
    Case(
        40206,
        "a Sender header in an account that lacks sender_header",
        ASSUMED,
        after(lacking("sender_header"), then=sender_profile(SenderHeaderName="A")),
    ),
    Case(
        40207,
        "a ReplyManagementRuleSet, of which an account has none",
        ASSUMED,
        sender_profile(ReplyManagementRuleSet={"ObjectID": "x"}),
    ),
    # DeliveryProfile
    Case(
        41000,
        "SubscriberLevelPrivateDomain",
        ASSUMED,
        delivery_profile(SubscriberLevelPrivateDomain=True),
    ),
    Case(
        41101,
        "CustomPrivateIPAddress without a PrivateIP",
        DOCUMENTED,
        delivery_profile(SourceAddressType="CustomPrivateIPAddress"),
    ),
    Case(
        41102,
        "ContentLibrary without a content area",
        DOCUMENTED,
        delivery_profile(HeaderSalutationSource="ContentLibrary"),
    ),
    Case(
        41106,
        "a certificate, of which an account has none",
        ASSUMED,
        delivery_profile(SMIMESignatureCertificate={"CustomerKey": "x"}),
    ),
    Case(
        41107,
        "a private domain that is not there",
        ASSUMED,
        delivery_profile(DomainType="CustomDomain"),
    ),
    Case(41200, "a private IP that is not there", ASSUMED, delivery_profile(PrivateIP={"ID": 1})),
)
