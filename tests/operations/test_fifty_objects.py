"""A batch of fifty objects of more than twenty types: some refer to others, some are refused midway."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.support.soap_app import Answer, SoapApp

from sfmc_mock.accounts import Accounts
from sfmc_mock.seeds import default_seed
from sfmc_mock.settings import Settings

NOON = "2026-01-01T12:00:00"
FIELD = "<Field><Name>{}</Name><FieldType>{}</FieldType>{}</Field>"
KEY = "<IsPrimaryKey>true</IsPrimaryKey><IsRequired>true</IsRequired>"
COMMERCIAL = (
    "<SendClassification><CustomerKey>Default Commercial</CustomerKey></SendClassification>"
)
EMAIL = "<Email><CustomerKey>hello</CustomerKey></Email>"


def extension(key: str, *fields: str, more: str = "") -> str:
    return f"<CustomerKey>{key}</CustomerKey><Name>{key}</Name>{more}<Fields>{''.join(fields)}</Fields>"


def row(extension: str, **cells: str) -> str:
    properties = "".join(
        f"<Property><Name>{name}</Name><Value>{value}</Value></Property>"
        for name, value in cells.items()
    )
    return f"<CustomerKey>{extension}</CustomerKey><Properties>{properties}</Properties>"


def named(key: str, more: str = "", name: str = "Name") -> str:
    return f"<CustomerKey>{key}</CustomerKey><{name}>{key}</{name}>{more}"


def folder(name: str, content_type: str, parent: int) -> str:
    return named(
        name,
        f"<Description>d</Description><ContentType>{content_type}</ContentType>"
        f"<ParentFolder><ID>{parent}</ID></ParentFolder>",
    )


ORDERS = extension(
    "orders",
    FIELD.format("Number", "Number", KEY),
    FIELD.format("Bought", "Date", ""),
    FIELD.format("Note", "Text", "<MaxLength>5</MaxLength>"),
)
SENDER = "<FromName>Shop</FromName><FromAddress>shop@mock.test</FromAddress>"
QUERY = (
    "<QueryText>SELECT Number FROM [orders]</QueryText><TargetUpdateType>Overwrite</TargetUpdateType>"
    "<DataExtensionTarget><CustomerKey>{}</CustomerKey></DataExtensionTarget>"
)
IMPORT = (
    '<DestinationObject xsi:type="DataExtension"><CustomerKey>{}</CustomerKey></DestinationObject>'
    "<FileSpec>orders.csv</FileSpec><FieldMappingType>InferFromColumnHeadings</FieldMappingType>"
)
SEND = "<TriggeredSendDefinition><CustomerKey>{}</CustomerKey></TriggeredSendDefinition>"
PROFILES = (
    "<SendClassificationType>Marketing</SendClassificationType>"
    "<SenderProfile><CustomerKey>{}</CustomerKey></SenderProfile>"
    "<DeliveryProfile><CustomerKey>fast</CustomerKey></DeliveryProfile>"
)
EDITOR = "<Roles><Role><CustomerKey>editor</CustomerKey></Role></Roles>"
TASKS = (
    "<AutomationTasks><AutomationTask><Activities><Activity>"
    '<ActivityObject xsi:type="QueryDefinition"><CustomerKey>sum</CustomerKey></ActivityObject>'
    "</Activity></Activities></AutomationTask></AutomationTasks>"
)
NOBODY = EDITOR.replace("editor", "nobody")
BOB = "<SubscriberKey>bob</SubscriberKey><EmailAddress>bob@mock.test</EmailAddress>"
# Objects that are refused after they have written something.
HALF = (
    f"<Subscribers>{BOB}</Subscribers>"
    "<Subscribers><EmailAddress>no address</EmailAddress></Subscribers>"
)
CONTEXTS = (
    "<Contexts><Context><Context>Global</Context></Context><Context><Context>SendClassification</Context>"
    "<SendClassification><CustomerKey>nobody</CustomerKey></SendClassification></Context></Contexts>"
)
BOUNCED = "<EmailAddress>cyd@mock.test</EmailAddress><Status>Bounced</Status>"
ADA = "<Subscribers><SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress></Subscribers>"


BATCH: tuple[tuple[int, str, str], ...] = (
    (0, "List", named("news", name="ListName")),
    (13005, "List", named("half", HALF, name="ListName")),
    (1, "List", named("news", name="ListName")),
    (
        0,
        "Subscriber",
        "<SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress>",
    ),
    (13004, "Subscriber", f"{BOB}<Lists><ID>8421</ID></Lists><Lists><ID>99</ID></Lists>"),
    (
        12014,
        "Subscriber",
        "<SubscriberKey>ada</SubscriberKey><EmailAddress>other@mock.test</EmailAddress>",
    ),
    (
        12016,
        "Subscriber",
        f"<SubscriberKey>cyd</SubscriberKey>{BOUNCED}",
    ),
    (0, "DataExtension", ORDERS),
    (310003, "DataExtension", ORDERS),
    (0, "DataExtension", extension("sums", FIELD.format("Number", "Number", KEY))),
    (
        310007,
        "DataExtension",
        extension("bad", FIELD.format("A", "Number", ""), FIELD.format("a", "Text", "")),
    ),
    (0, "DataExtensionObject", row("orders", Number="1", Bought="2026-01-01T10:00:00", Note="one")),
    (71005, "DataExtensionObject", row("orders", Number="1")),
    (70000, "DataExtensionObject", row("orders", Number="x")),
    (70002, "DataExtensionObject", row("orders", Number="2", Note="too long")),
    (70003, "DataExtensionObject", row("nowhere", Number="2")),
    (0, "DataExtensionObject", row("orders", Number="3")),
    (0, "Email", named("hello", "<Subject>Hello</Subject><HTMLBody>x</HTMLBody>")),
    (24100, "SuppressionListDefinition", named("half", CONTEXTS)),
    (4004, "Email", "<CustomerKey>x</CustomerKey>"),
    (0, "SenderProfile", named("shop", SENDER)),
    (40102, "SenderProfile", named("shop2", "<FromName>Shop</FromName>")),
    (
        0,
        "DeliveryProfile",
        named("fast", "<SourceAddressType>DefaultPrivateIPAddress</SourceAddressType>"),
    ),
    (
        41101,
        "DeliveryProfile",
        named("fast2", "<SourceAddressType>CustomPrivateIPAddress</SourceAddressType>"),
    ),
    (
        0,
        "SendClassification",
        named(
            "shop",
            PROFILES.format("shop"),
        ),
    ),
    (
        24101,
        "SendClassification",
        named(
            "lost",
            PROFILES.format("nobody"),
        ),
    ),
    (
        0,
        "TriggeredSendDefinition",
        named("welcome", COMMERCIAL.replace("Default Commercial", "shop") + EMAIL),
    ),
    (1, "TriggeredSendDefinition", named("welcome", COMMERCIAL + EMAIL)),
    (17013, "TriggeredSendDefinition", named("none", COMMERCIAL)),
    (18001, "TriggeredSend", SEND.format("welcome") + ADA),
    (18002, "TriggeredSend", SEND.format("nothing") + ADA),
    (0, "EmailSendDefinition", named("weekly", COMMERCIAL + EMAIL)),
    (
        42108,
        "EmailSendDefinition",
        named("weekly2", COMMERCIAL + EMAIL + "<SendWindowOpen>noon</SendWindowOpen>"),
    ),
    (0, "QueryDefinition", named("sum", QUERY.format("sums"))),
    (2, "QueryDefinition", named("lost", QUERY.format("nowhere"))),
    (0, "ImportDefinition", named("read", IMPORT.format("orders"))),
    (43060, "ImportDefinition", named("read2", IMPORT.format("nowhere"))),
    (0, "ContentArea", named("top", "<Content>x</Content>")),
    (21002, "ContentArea", "<CustomerKey>nameless</CustomerKey>"),
    (0, "Template", named("frame", "<LayoutHTML>x</LayoutHTML>", name="TemplateName")),
    (0, "DataFolder", folder("mine", "dataextension", 406)),
    (396005, "DataFolder", folder("mine2", "nonsense", 406)),
    (0, "Role", named("editor")),
    (
        0,
        "AccountUser",
        named(
            "eve",
            f"<UserID>eve</UserID><Email>eve@mock.test</Email>{EDITOR}",
        ),
    ),
    (
        332000,
        "AccountUser",
        named("eva", f"<UserID>eva</UserID><Email>eva@mock.test</Email>{NOBODY}"),
    ),
    (
        0,
        "Automation",
        named(
            "nightly",
            TASKS,
        ),
    ),
    (5, "SentEvent", "<SubscriberKey>ada</SubscriberKey>"),
    (
        0,
        "Portfolio",
        named(
            "logo",
            "<FileName>logo.png</FileName><Source><URN>http://mock.test/logo.png</URN></Source>",
            name="DisplayName",
        ),
    ),
    (0, "Publication", named("paper")),
    (0, "DataExtensionField", "<CustomerKey>x</CustomerKey>"),
)
"""Code (0 for what is taken), type and content of each object, in their order."""

# Independent of calls: the account's creation time, and the version of the cached definitions.
_BESIDE = re.compile(r'INSERT INTO "(_sqlite_migrations|clock|counter)" ')


def content(app: SoapApp) -> list[str]:
    """Return the content of the account as SQL."""
    return [line for line in app.content().splitlines() if not _BESIDE.match(line)]


def objects(*batch: tuple[int, str, str]) -> str:
    return "".join(f'<Objects xsi:type="{kind}">{inner}</Objects>' for _, kind, inner in batch)


def after(strict: bool, *batch: tuple[int, str, str]) -> tuple[Answer, list[str]]:
    """Return the answer to a Create of a batch in a new account, and the account's content afterwards."""
    seed = default_seed()
    accounts = Accounts(
        strict=strict, seed=replace(seed, account=replace(seed.account, clock=NOON))
    )
    app = SoapApp(accounts, accounts.open(), Settings(strict=strict))
    try:
        return app.call("Create", objects(*batch)), content(app)
    finally:
        accounts.close()


@pytest.mark.parametrize("strict", [False, True])
def test_a_mixed_batch_is_answered_in_order_and_keeps_what_was_taken(strict: bool) -> None:
    answer, held = after(strict, *BATCH)

    taken = [each for each in BATCH if not each[0] and each[1] != "DataExtensionField"]
    assert held == after(strict, *taken)[1]
    codes = [each.findtext("{*}ErrorCode") for each in answer.results]
    assert [int(code or 0) for code in codes] == [code for code, _, _ in BATCH]
    assert answer.texts("Results", "OrdinalID") == [str(place) for place in range(50)]
    assert answer.texts("Results", "StatusCode") == [
        "Error" if code or kind == "DataExtensionField" else "OK" for code, kind, _ in BATCH
    ]
    assert answer.overall == "Has Errors"
    assert len({kind for _, kind, _ in BATCH}) > 20
