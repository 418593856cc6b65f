"""Conditions of the error codes of triggered sends and their definitions."""

from __future__ import annotations

from tests.error_codes.calls import (
    ASSUMED,
    DEFINITION,
    DOCUMENTED,
    TO_ADA,
    Case,
    after,
    create,
    definition,
    lacking,
    partly_sent,
    placed,
    sender_profile,
    trigger,
    update,
    welcome,
)

CASES: tuple[Case, ...] = (
    # TriggeredSendDefinition
    Case(
        17000,
        "a start of a canceled definition",
        ASSUMED,
        after(
            welcome("Canceled"),
            then=update(
                "TriggeredSendDefinition", CustomerKey="welcome", TriggeredSendStatus="Active"
            ),
        ),
    ),
    Case(
        7010,
        "a Send of a business unit that is not active",
        ASSUMED,
        after(
            lambda call: call.account.change_setting("about.IsActive", "0"),
            then=create("Send", Email={"ID": 3099626}, List=[{"ID": 1}]),
        ),
    ),
    Case(
        17001,
        "the end of a definition that a sender profile answers with",
        ASSUMED,
        after(
            welcome(),
            sender_profile(AutoReplyTriggeredSend={"CustomerKey": "welcome"}),
            then=update(
                "TriggeredSendDefinition", CustomerKey="welcome", TriggeredSendStatus="Canceled"
            ),
        ),
    ),
    Case(
        42114,
        "a nil DeduplicateByEmail",
        ASSUMED,
        create("EmailSendDefinition", DeduplicateByEmail=None, **DEFINITION),
    ),
    Case(
        17002,
        "a pause of a definition that never ran, or is canceled",
        ASSUMED,
        after(
            welcome(),
            then=update(
                "TriggeredSendDefinition", CustomerKey="welcome", TriggeredSendStatus="Inactive"
            ),
        ),
    ),
    Case(
        17003,
        "a change of an active definition",
        "seen live",
        after(
            welcome("Active"),
            then=update("TriggeredSendDefinition", CustomerKey="welcome", Description="New"),
        ),
    ),
    Case(
        17004,
        "the status Deleted by an Update",
        ASSUMED,
        after(
            welcome(),
            then=update(
                "TriggeredSendDefinition", CustomerKey="welcome", TriggeredSendStatus="Deleted"
            ),
        ),
    ),
    Case(
        17005,
        "RefreshContent of a canceled definition",
        ASSUMED,
        after(
            welcome("Canceled"),
            then=update("TriggeredSendDefinition", CustomerKey="welcome", RefreshContent=True),
        ),
    ),
    Case(17011, "a nil TriggeredSendType", ASSUMED, definition(TriggeredSendType=None)),
    Case(
        17012,
        "a Create with an ObjectID",
        DOCUMENTED,
        definition(ObjectID="1d1c2c1e-0000-ee11-b85a-000000000000"),
    ),
    Case(17020, "a FromName of blanks", ASSUMED, definition(FromName=" ")),
    Case(17021, "a FromAddress of blanks", ASSUMED, definition(FromAddress=" ")),
    Case(17022, "a List that names none", ASSUMED, definition(List={})),
    Case(
        17023,
        "a nil AutoAddSubscribers or AutoUpdateSubscribers",
        ASSUMED,
        definition(AutoAddSubscribers=None),
    ),
    Case(
        17024,
        "a delivery profile whose header is to come from the library and is not there",
        ASSUMED,
        after(
            placed(
                "DeliveryProfile",
                customer_key="d",
                name="D",
                header_salutation_source="ContentLibrary",
            ),
            then=definition(DeliveryProfile={"CustomerKey": "d"}),
        ),
    ),
    Case(
        17025,
        "a delivery profile whose footer is to come from the library and is not there",
        ASSUMED,
        after(
            placed(
                "DeliveryProfile",
                customer_key="d",
                name="D",
                footer_salutation_source="ContentLibrary",
            ),
            then=definition(DeliveryProfile={"CustomerKey": "d"}),
        ),
    ),
    Case(17106, "a FromAddress that is none", DOCUMENTED, definition(FromAddress="nobody")),
    Case(17108, "a BccEmail that is none", DOCUMENTED, definition(BccEmail="nobody")),
    Case(
        17111,
        "an email that is not active",
        ASSUMED,
        after(
            create(
                "Email", CustomerKey="old", Name="Old", Subject="Old", HTMLBody="x", IsActive=False
            ),
            then=definition(Email={"CustomerKey": "old"}),
        ),
    ),
    Case(
        17112,
        "a subject with a personalization string that does not end",
        ASSUMED,
        definition(EmailSubject="Hello %%FirstName"),
    ),
    Case(
        17113,
        "a SendWindowOpen that is not a time of day",
        ASSUMED,
        definition(SendWindowOpen="noon"),
    ),
    Case(
        17114,
        "a SendWindowClose that is not a time of day, or the time of opening",
        ASSUMED,
        definition(SendWindowClose="midnight"),
    ),
    Case(
        17200,
        "SendLimit or hours in an account that lacks send_throttling",
        ASSUMED,
        after(lacking("send_throttling"), then=definition(SendLimit=10)),
    ),
    Case(
        17201,
        "BccEmail in an account that lacks bcc_email",
        ASSUMED,
        after(lacking("bcc_email"), then=definition(BccEmail="ada@mock.test")),
    ),
    Case(
        17203,
        "IsMultipart in an account that lacks multipart",
        ASSUMED,
        after(lacking("multipart"), then=definition(IsMultipart=True)),
    ),
    Case(
        17204,
        "DynamicEmailSubject in an account that lacks dynamic_content",
        ASSUMED,
        after(lacking("dynamic_content"), then=definition(DynamicEmailSubject="Hi")),
    ),
    Case(
        17205,
        "no list of its own in an account that lacks all_subscribers_access",
        ASSUMED,
        after(lacking("all_subscribers_access"), then=definition()),
    ),
    # TriggeredSend
    Case(18000, "an empty TriggeredSend", ASSUMED, create("TriggeredSend")),
    Case(
        18001,
        "a definition that was never started",
        DOCUMENTED,
        after(welcome(), then=trigger("welcome", TO_ADA)),
    ),
    Case(18002, "a definition that is not there", DOCUMENTED, trigger("nobody's", TO_ADA)),
    Case(
        18006,
        "a subscriber who cannot be sent to beside others: named in SubscriberFailures",
        "seen live",
        partly_sent,
    ),
    Case(180007, "no Subscribers", DOCUMENTED, after(welcome("Active"), then=trigger("welcome"))),
    Case(
        180008,
        "no subscriber that can be sent to",
        "seen live",
        after(
            welcome("Active"),
            then=trigger("welcome", {"SubscriberKey": "ada", "EmailAddress": "nobody"}),
        ),
    ),
)
