"""Parts of a request without effect get a warning; a caller cannot name another account to get its data."""

from __future__ import annotations

import pytest
from tests.support.soap_app import SoapApp, simple

from sfmc_mock.errors import with_article

SUBSCRIBER = "<SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress>"


def create(app: SoapApp, object_type: str, content: str, options: str = "") -> str:
    """Return the StatusMessage of a Create of one object."""
    answer = app.call("Create", f'{options}<Objects xsi:type="{object_type}">{content}</Objects>')
    return answer.text("Results", "StatusMessage")


@pytest.mark.parametrize(
    ("object_type", "content", "element"),
    [
        (
            "Subscriber",
            f"{SUBSCRIBER}<PrimarySMSAddress><Address>1</Address></PrimarySMSAddress>",
            "PrimarySMSAddress",
        ),
        ("Subscriber", f"{SUBSCRIBER}<Owner><FromName>x</FromName></Owner>", "Owner"),
        ("Subscriber", f"{SUBSCRIBER}<CreatedDate>2026-01-01</CreatedDate>", "CreatedDate"),
        ("Email", "<Name>n</Name><CorrelationID>c</CorrelationID>", "CorrelationID"),
        ("List", "<ListName>n</ListName><Owner><FromName>x</FromName></Owner>", "Owner"),
    ],
)
def test_an_element_without_effect_is_a_warning(
    app: SoapApp, object_type: str, content: str, element: str
) -> None:
    create(app, object_type, content)

    (found,) = app.warnings
    assert found.startswith(
        f"{element} of {with_article(object_type)} has no effect on its Create in the emulator, and is not kept; "
    )


def test_an_element_of_a_part_is_named_with_its_place(app: SoapApp) -> None:
    create(
        app,
        "DataExtension",
        "<Name>n</Name><CustomerKey>n</CustomerKey><Fields><Field><Name>A</Name><Ordinal>3</Ordinal></Field></Fields>",
    )

    (found,) = app.warnings
    assert found.startswith("Fields/Field/Ordinal of a DataExtension has no effect")


@pytest.mark.parametrize(
    "content",
    [
        SUBSCRIBER,
        f'{SUBSCRIBER}<Owner xsi:nil="true"/><CreatedDate xsi:nil="true"/>',
        f"{SUBSCRIBER}<Client/><PartnerKey>p</PartnerKey>",
    ],
)
def test_elements_with_an_effect_or_without_content_are_no_warning(
    app: SoapApp, content: str
) -> None:
    create(app, "Subscriber", content)

    assert app.warnings == ()


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("<Priority>3</Priority>", "Priority"),
    ],
)
def test_an_option_without_effect_is_a_warning(app: SoapApp, option: str, name: str) -> None:
    create(app, "Subscriber", SUBSCRIBER, f"<Options>{option}</Options>")

    (found,) = app.warnings
    assert name in found
    assert "no effect in the emulator" in found


@pytest.mark.parametrize(
    ("action", "code", "left"), [("update", [], 1), ("delete", [], 0), ("paint", ["3"], 1)]
)
def test_the_action_of_update_options_is_done(
    app: SoapApp, action: str, code: list[str], left: int
) -> None:
    create(app, "Subscriber", SUBSCRIBER)

    answer = app.call(
        "Update",
        f'<Options><Action>{action}</Action></Options><Objects xsi:type="Subscriber">{SUBSCRIBER}</Objects>',
    )

    assert answer.texts("Results", "ErrorCode") == code
    assert app.warnings == ()
    assert app.account.db.count("subscriber") == left


def test_unused_elements_of_a_retrieve_are_warnings(app: SoapApp) -> None:
    app.retrieve("List", ["ID"], "", "<RespondTo><ResponseAddress>me</ResponseAddress></RespondTo>")

    assert app.warnings == (
        "RespondTo of the RetrieveRequest has no effect in the emulator: leave it out",
    )


@pytest.mark.parametrize(("operator", "count"), [("equals", 1), ("IN", 0), ("between", 0)])
def test_a_second_value_of_a_filter_that_takes_one_is_a_warning(
    app: SoapApp, operator: str, count: int
) -> None:
    app.retrieve("List", ["ID"], simple("ListName", operator, "a", "b"))

    assert len(app.warnings) == count
    assert all("Use IN for several" in text for text in app.warnings)


@pytest.mark.parametrize(
    ("operation", "content", "expected"),
    [
        ("Execute", "<Requests><Name>GetX</Name></Requests>", "the emulator has no Execute 'GetX'"),
    ],
)
def test_an_operation_that_the_emulator_has_not_says_so(
    app: SoapApp, operation: str, content: str, expected: str
) -> None:
    app.call(operation, content)

    (found,) = app.warnings
    assert found.startswith(expected)


# Accounts of others.


def test_another_accounts_data_is_not_ones_own(app: SoapApp) -> None:
    other = app.retrieve("List", ["ID"], "", "<ClientIDs><ID>123</ID></ClientIDs>")
    own = app.retrieve("List", ["ID"], "", f"<ClientIDs><ID>{app.account.mid}</ID></ClientIDs>")

    assert (other.overall, other.results) == ("Error: API Permission Failed", [])
    assert (own.overall, len(own.results)) == ("OK", 1)


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_nothing_is_changed_for_another_account(app: SoapApp, operation: str) -> None:
    create(app, "List", "<CustomerKey>mine</CustomerKey><ListName>Mine</ListName>")
    before = app.content()

    answer = app.call(
        operation,
        '<Objects xsi:type="List"><Client><ID>123</ID></Client><CustomerKey>mine</CustomerKey>'
        "<ListName>Theirs</ListName></Objects>",
    )

    assert answer.texts("Results", "StatusMessage") == ["API Permission Failed"]
    assert app.content() == before


# Stored properties.


@pytest.mark.parametrize(
    ("object_type", "content"),
    [
        ("Subscriber", SUBSCRIBER),
        ("List", "<CustomerKey>k</CustomerKey><ListName>n</ListName>"),
        ("Email", "<CustomerKey>k</CustomerKey><Name>n</Name>"),
    ],
)
def test_a_partner_key_is_kept(app: SoapApp, object_type: str, content: str) -> None:
    """Recorded: Describe calls a subscriber's updatable and retrievable."""
    create(app, object_type, f"<PartnerKey>crm-7</PartnerKey>{content}")

    answer = app.retrieve(object_type, ["PartnerKey"])

    assert "crm-7" in answer.texts("Results", "PartnerKey")


def test_flags_of_a_definition_that_do_nothing_are_kept_and_told(app: SoapApp) -> None:
    names = ["DisableOnEmailBuildError", "IsAlwaysOn", "SendWindowDelete"]
    flags = f"<{names[0]}>1</{names[0]}>" + "".join(f"<{each}>true</{each}>" for each in names[1:])
    create(
        app,
        "TriggeredSendDefinition",
        "<CustomerKey>w</CustomerKey><Name>w</Name><SendClassification><CustomerKey>Default Commercial</CustomerKey>"
        f"</SendClassification><Email><ID>3099626</ID></Email>{flags}",
    )
    told = app.warnings

    answer = app.retrieve("TriggeredSendDefinition", names)

    for name in names:
        assert any(text.startswith(f"{name} of a TriggeredSendDefinition") for text in told)
        assert answer.texts("Results", name) in (["true"], ["1"])


@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_properties_that_the_account_sets_are_not_taken_from_a_caller(
    app: SoapApp, operation: str
) -> None:
    named = "<CustomerKey>r</CustomerKey><Name>Editors</Name>"
    if operation == "Update":
        create(app, "Role", named)

    said = f'<Objects xsi:type="Role">{named}<IsSystemDefined>true</IsSystemDefined></Objects>'
    answer = app.call(operation, said)

    assert answer.overall == "OK"
    (warning,) = app.warnings
    assert warning.endswith("and is not kept; the account says it itself")
    assert app.retrieve("Role", ["IsSystemDefined"]).texts("Results", "IsSystemDefined") == [
        "false"
    ]
