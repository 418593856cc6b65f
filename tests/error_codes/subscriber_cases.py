"""Conditions of the error codes of subscribers and lists."""

from __future__ import annotations

from tests.error_codes.calls import (
    ASSUMED,
    DOCUMENTED,
    TO_ADA,
    Case,
    ada,
    after,
    all_subscribers_list,
    attribute_called,
    create,
    delete,
    in_another_unit,
    lacking,
    news,
    on_news,
    strictly,
    unsubscribe,
    update,
)

CASES: tuple[Case, ...] = (
    # Subscriber
    Case(12000, "an address that is none", DOCUMENTED, create("Subscriber", EmailAddress="nobody")),
    Case(
        12001,
        "a subscriber that is not there",
        DOCUMENTED,
        delete("Subscriber", SubscriberKey="nobody"),
    ),
    Case(
        12002,
        "an address that List Detective blocks, with --strict",
        "seen live",
        strictly(create("Subscriber", EmailAddress="ada@example.com")),
    ),
    Case(
        12003,
        "the address of a subscriber with a GlobalUnsubscribeCategory",
        ASSUMED,
        after(
            create("GlobalUnsubscribeCategory", CustomerKey="c", Name="C"),
            ada,
            update(
                "Subscriber", SubscriberKey="ada", GlobalUnsubscribeCategory={"CustomerKey": "c"}
            ),
            then=create("Subscriber", SubscriberKey="other", EmailAddress="ada@mock.test"),
        ),
    ),
    Case(
        12004,
        "an attribute with a value of another type",
        DOCUMENTED,
        after(
            attribute_called("Age", PropertyType="double"),
            then=create("Subscriber", **TO_ADA, Attributes=[{"Name": "Age", "Value": "old"}]),
        ),
    ),
    Case(
        12006,
        "no value for an attribute that is required",
        DOCUMENTED,
        after(attribute_called("Age", IsRequired=True), then=create("Subscriber", **TO_ADA)),
    ),
    Case(
        12007,
        "an address that is taken, in an account that lacks subscriber_key",
        DOCUMENTED,
        after(
            ada, lacking("subscriber_key"), then=create("Subscriber", EmailAddress="ada@mock.test")
        ),
    ),
    Case(
        12008,
        "a master unsubscribe of a deleted subscriber",
        ASSUMED,
        after(
            ada,
            update("Subscriber", SubscriberKey="ada", Status="Deleted"),
            then=update("Subscriber", SubscriberKey="ada", Status="Unsubscribed"),
        ),
    ),
    Case(
        12009,
        "an unsubscribe from a list that the subscriber is not on",
        DOCUMENTED,
        after(
            ada,
            news,
            then=update(
                "SubscriberList",
                List={"CustomerKey": "news"},
                Subscriber=TO_ADA,
                Status="Unsubscribed",
            ),
        ),
    ),
    Case(
        12010,
        "a SubscriberKey of more than 254 characters",
        ASSUMED,
        create("Subscriber", SubscriberKey="x" * 255, EmailAddress="ada@mock.test"),
    ),
    Case(
        12011,
        "several attributes with values of another type",
        ASSUMED,
        after(
            attribute_called("Age", PropertyType="double"),
            attribute_called("Height", PropertyType="double"),
            then=create(
                "Subscriber",
                **TO_ADA,
                Attributes=[{"Name": name, "Value": "x"} for name in ("Age", "Height")],
            ),
        ),
    ),
    Case(
        12012,
        "LogUnsubEvent for a subscriber who is unsubscribed already",
        DOCUMENTED,
        after(lambda call: ada(call, status="Unsubscribed"), then=unsubscribe(SubscriberKey="ada")),
    ),
    Case(
        12013,
        "a master unsubscribe by an address that several subscribers have",
        ASSUMED,
        after(
            ada,
            create("Subscriber", SubscriberKey="other", EmailAddress="ada@mock.test"),
            then=update("Subscriber", EmailAddress="ada@mock.test", Status="Unsubscribed"),
        ),
    ),
    Case(
        12014,
        "a SubscriberKey that is taken",
        "recorded",
        after(ada, then=create("Subscriber", **TO_ADA)),
    ),
    Case(
        12015,
        "SubscriberList with an unknown SubscriberKey",
        ASSUMED,
        after(news, then=create("SubscriberList", List={"CustomerKey": "news"}, Subscriber=TO_ADA)),
    ),
    Case(
        12016,
        "a new subscriber with the Status Bounced or Deleted",
        DOCUMENTED,
        create("Subscriber", **TO_ADA, Status="Bounced"),
    ),
    Case(
        12017,
        "a SubscriberTypeDefinition of a type that is none",
        ASSUMED,
        create("Subscriber", **TO_ADA, SubscriberTypeDefinition={"SubscriberType": "Pigeon"}),
    ),
    Case(
        12018,
        "the Status Active for a subscriber with a GlobalUnsubscribeCategory",
        ASSUMED,
        after(
            create("GlobalUnsubscribeCategory", CustomerKey="c", Name="C"),
            lambda call: ada(call, status="Unsubscribed"),
            update(
                "Subscriber", SubscriberKey="ada", GlobalUnsubscribeCategory={"CustomerKey": "c"}
            ),
            then=update("Subscriber", SubscriberKey="ada", Status="Active"),
        ),
    ),
    Case(
        12019,
        "an Owner of an account that is not the caller's",
        ASSUMED,
        create("Subscriber", **TO_ADA, Owner={"Client": {"ID": 1}}),
    ),
    Case(
        12020,
        "an Owner of an account of the enterprise that the caller does not see",
        ASSUMED,
        in_another_unit,
    ),
    Case(
        12021,
        "a CustomerKey beside another SubscriberKey",
        ASSUMED,
        create("Subscriber", **TO_ADA, CustomerKey="bob"),
    ),
    Case(
        12022,
        "a PrimaryEmailAddress beside another EmailAddress",
        ASSUMED,
        create("Subscriber", **TO_ADA, PrimaryEmailAddress={"Address": "bob@mock.test"}),
    ),
    Case(
        12023,
        "a PrimarySMSAddress that is not a number",
        ASSUMED,
        create("Subscriber", **TO_ADA, PrimarySMSAddress={"Address": "ada"}),
    ),
    Case(
        12024,
        "one of the Addresses that is none",
        ASSUMED,
        create("Subscriber", **TO_ADA, Addresses={"Address": [{"Address": "ada"}]}),
    ),
    Case(
        12025,
        "a PrimarySMSAddress in an account that lacks sms",
        ASSUMED,
        after(
            lacking("sms"),
            then=create("Subscriber", **TO_ADA, PrimarySMSAddress={"Address": "3175550199"}),
        ),
    ),
    # List
    Case(
        13002,
        "Delete of All Subscribers, or of a list that is in use",
        ASSUMED,
        lambda call: delete("List", ID=all_subscribers_list(call))(call),
    ),
    Case(
        13003,
        "a new list of Type SalesForce",
        DOCUMENTED,
        create("List", ListName="News", Type="SalesForce"),
    ),
    Case(
        13004,
        "Lists of a subscriber with an unknown ID",
        DOCUMENTED,
        create("Subscriber", **TO_ADA, Lists=[{"ID": 1}]),
    ),
    Case(
        13005,
        "Subscribers of a list that cannot be put on it",
        ASSUMED,
        create("List", ListName="News", Subscribers=[{"EmailAddress": "nobody"}]),
    ),
    Case(
        13006,
        "Action create for a subscriber who is on the list",
        "seen live",
        after(
            on_news("Active"),
            then=create("SubscriberList", List={"CustomerKey": "news"}, Subscriber=TO_ADA),
        ),
    ),
    Case(
        13007,
        "a change for a subscriber who is not on the list",
        DOCUMENTED,
        after(
            ada,
            news,
            then=update("SubscriberList", List={"CustomerKey": "news"}, Subscriber=TO_ADA),
        ),
    ),
    Case(
        13008,
        "a subscriber put on a list of Type SalesForce",
        ASSUMED,
        after(
            ada,
            lambda call: news(call, type="SalesForce"),
            then=create("SubscriberList", List={"CustomerKey": "news"}, Subscriber=TO_ADA),
        ),
    ),
    Case(
        13012,
        "a change of All Subscribers",
        ASSUMED,
        lambda call: update("List", ID=all_subscribers_list(call), ListName="E")(call),
    ),
    Case(
        13014,
        "a new subscription with the Status Bounced or Deleted",
        ASSUMED,
        after(
            ada,
            news,
            then=create(
                "SubscriberList", List={"CustomerKey": "news"}, Subscriber=TO_ADA, Status="Bounced"
            ),
        ),
    ),
)
