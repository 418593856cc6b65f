"""Retrieve, Query, Describe and the service's status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import pytest
from tests.support import partner_answers as answers
from tests.support.fake_service import FakeService, client_for

from sfmc_client import (
    TRACKING_EVENTS,
    APIObject,
    BounceEvent,
    ClickEvent,
    Client,
    ConfigurationError,
    LogRow,
    NotFound,
    OpenEvent,
    P,
    RetrieveFailed,
    SentEvent,
    TrackingEvent,
    UnreadableAnswer,
    UnsubEvent,
)

Event = TypeVar("Event", bound=TrackingEvent)


def event(kind: str, own: str = "", partner: str = "") -> str:
    return (
        f'<Results xsi:type="{kind}"><PartnerKey xsi:nil="true" />{partner}<ObjectID xsi:nil="true" />'
        "<SendID>11</SendID><SubscriberKey>ada</SubscriberKey><EventDate>2026-01-02T03:04:05.67</EventDate>"
        f"<EventType>{kind[:4]}</EventType><BatchID>3</BatchID>{own}</Results>"
    )


def events(service: FakeService, kind: type[Event]) -> list[Event]:
    return client_for(service).tracking_events(kind, filter=P("SendID").equals(11)).all()


def test_retrieve_asks_for_properties_that_meet_a_condition() -> None:
    service = FakeService(answers.retrieved([answers.subscriber("ada")]))

    found = client_for(service).retrieve(
        "Subscriber", ["SubscriberKey", "EmailAddress"], filter=P("Status").equals("Active")
    )

    assert [ada["SubscriberKey"] for ada in found] == ["ada"]
    assert service.last.outline() == (
        "<RetrieveRequestMsg><RetrieveRequest><ObjectType>Subscriber</ObjectType>"
        "<Properties>SubscriberKey</Properties><Properties>EmailAddress</Properties>"
        "<Filter type=SimpleFilterPart><Property>Status</Property><SimpleOperator>equals</SimpleOperator>"
        "<Value>Active</Value></Filter></RetrieveRequest></RetrieveRequestMsg>"
    )


def test_the_filter_of_three_conditions_is_shaped_like_the_documented_sample() -> None:
    service = FakeService(answers.retrieved())
    found = P("SendID").equals(1) & P("BatchID").equals(5) & P("SubscriberID").equals(9)

    client_for(service).retrieve("SentEvent", ["SubscriberKey"], filter=found).all()

    operands = [
        f"type=SimpleFilterPart><Property>{name}</Property><SimpleOperator>equals</SimpleOperator><Value>{value}</Value>"
        for name, value in (("SendID", 1), ("BatchID", 5), ("SubscriberID", 9))
    ]
    assert (
        f"<Filter type=ComplexFilterPart><LeftOperand {operands[0]}</LeftOperand>"
        f"<LogicalOperator>AND</LogicalOperator><RightOperand {operands[1]}</RightOperand>"
        f"<AdditionalOperands><Operand {operands[2]}</Operand></AdditionalOperands></Filter>"
    ) in service.last.outline()


def test_options_of_a_retrieve_go_out_in_the_order_of_the_schema() -> None:
    service = FakeService(answers.retrieved())

    client_for(service).retrieve(
        "List",
        ["ID"],
        batch_size=200,
        client_ids=[1, 2],
        query_all_accounts=True,
        since_last_batch=True,
        repeat_last_result=True,
    ).all()

    assert service.last.outline() == (
        "<RetrieveRequestMsg><RetrieveRequest><ClientIDs><ID>1</ID></ClientIDs><ClientIDs><ID>2</ID></ClientIDs>"
        "<ObjectType>List</ObjectType><Properties>ID</Properties><QueryAllAccounts>true</QueryAllAccounts>"
        "<RetrieveAllSinceLastBatch>true</RetrieveAllSinceLastBatch><RepeatLastResult>true</RepeatLastResult>"
        "<Options><BatchSize>200</BatchSize></Options></RetrieveRequest></RetrieveRequestMsg>"
    )


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("Error: Unable to find a handler for object type: X.", "case-sensitive"),
        (
            "Error: The Request Property(s) Bogus do not match with the fields of SentEvent retrieve",
            "describe",
        ),
        ("Error: API Permission Failed. Nope", "Give the installed package"),
        ("Error", "Check type, properties and filter"),
        ("", "no reason given"),
    ],
)
def test_an_error_in_the_status_fails_the_retrieve_and_says_what_to_do(status, advice) -> None:
    service = FakeService(answers.retrieved(status=status))

    with pytest.raises(RetrieveFailed, match=advice) as failure:
        client_for(service).retrieve("X", ["ID"], filter=P("ID").equals(1)).all()

    assert str(failure.value).startswith("Retrieve of X where ID equals 1 failed: ")
    assert failure.value.exchange is not None
    assert not failure.value.status.startswith("Error:")


def test_rows_are_dictionaries_with_every_column_asked_for() -> None:
    service = FakeService(
        answers.retrieved([answers.row(JobID="11", UniqueID="a"), answers.row(UniqueID="")])
    )

    found = client_for(service).retrieve_rows("SendLog", ["UniqueID", "JobID", "BatchID"]).all()

    assert service.last.texts("ObjectType") == ["DataExtensionObject[SendLog]"]
    assert found == [
        {"UniqueID": "a", "JobID": "11", "BatchID": None},
        {"UniqueID": "", "JobID": None, "BatchID": None},
    ]


def test_columns_keep_the_caller_s_spelling_where_the_service_has_another() -> None:
    service = FakeService(answers.retrieved([answers.row(JobID="11", Extra="x")]))

    (found,) = client_for(service).retrieve_rows("SendLog", ["jobid"])

    assert found == {"jobid": "11", "Extra": "x"}


@pytest.mark.parametrize("column", ["SubID", "SubscriberID"])
def test_a_row_of_the_send_log_has_numbers(column) -> None:
    logged = LogRow.read(
        {"UniqueID": "u", "JobID": "11", "BatchID": "0", column: "9", "ErrorCode": ""}
    )

    assert logged == LogRow(unique_id="u", job_id=11, batch_id=0, subscriber_id=9)


def test_a_send_log_with_text_for_a_number_is_named() -> None:
    with pytest.raises(UnreadableAnswer, match="'eleven' in the column JobID"):
        LogRow.read({"JobID": "eleven"})


def test_a_tracking_event_has_an_aware_date() -> None:
    (opened,) = events(FakeService(answers.retrieved([event("OpenEvent")])), OpenEvent)

    assert opened == OpenEvent(
        send_id=11,
        subscriber_key="ada",
        event_date=datetime(2026, 1, 2, 9, 4, 5, 670_000, tzinfo=UTC),
        event_type="Open",
        batch_id=3,
    )


def test_a_sent_event_shows_the_subscriber_s_number() -> None:
    partner = (
        "<PartnerProperties><Name>SubscriberID</Name><Value>8039923</Value></PartnerProperties>"
    )
    service = FakeService(answers.retrieved([event("SentEvent", partner=partner)]))

    (sent,) = events(service, SentEvent)

    assert (sent.subscriber_id, sent.list_id) == (8039923, None)
    assert service.last.texts("Properties")[-2:] == ["SubscriberID", "ListID"]


def test_clicks_bounces_and_unsubscriptions_have_their_own_fields() -> None:
    click = event("ClickEvent", "<URLID>5</URLID><URL>https://example.com/</URL>")
    bounce = event(
        "BounceEvent",
        "<SMTPCode>550</SMTPCode><BounceCategory>Hard bounce</BounceCategory><SMTPReason>unknown</SMTPReason>"
        "<BounceType>immediate</BounceType>",
    )
    unsub = event(
        "UnsubEvent",
        f"<List>{answers.NILS}<ID>7</ID></List><IsMasterUnsubscribed>true</IsMasterUnsubscribed>",
    )

    (clicked,) = events(FakeService(answers.retrieved([click])), ClickEvent)
    (bounced,) = events(FakeService(answers.retrieved([bounce])), BounceEvent)
    (left,) = events(FakeService(answers.retrieved([unsub])), UnsubEvent)

    assert (clicked.url, clicked.url_id) == ("https://example.com/", 5)
    assert (bounced.smtp_code, bounced.category) == ("550", "Hard bounce")
    assert (bounced.type, bounced.reason) == ("immediate", "unknown")
    assert (left.list_id, left.is_master_unsubscribed) == (7, True)


@pytest.mark.parametrize("kind", TRACKING_EVENTS.values(), ids=TRACKING_EVENTS)
def test_every_kind_of_tracking_event_can_be_retrieved(kind) -> None:
    service = FakeService(answers.retrieved([event(kind.object_type)]))

    (found,) = events(service, kind)

    assert type(found) is kind
    assert service.last.texts("ObjectType") == [kind.object_type]
    assert service.last.texts("Properties") == list(kind.properties)


def test_an_event_without_what_every_event_has_is_unreadable() -> None:
    service = FakeService(
        answers.retrieved([event("OpenEvent").replace("<SendID>11</SendID>", "")])
    )

    with pytest.raises(UnreadableAnswer, match="OpenEvent came without SendID"):
        events(service, OpenEvent)


def test_query_asks_in_its_own_words() -> None:
    body = f"<OverallStatus>OK</OverallStatus>{answers.subscriber('ada')}"
    service = FakeService(answers.message("QueryResponseMsg", "QueryResponse", body))

    found = (
        client_for(service).query("Subscriber", ["SubscriberKey"], filter=P("ID").equals(1)).all()
    )

    assert [ada["SubscriberKey"] for ada in found] == ["ada"]
    assert service.last.outline() == (
        "<QueryRequestMsg><QueryRequest><Query><Object><ObjectType>Subscriber</ObjectType>"
        "<Properties>SubscriberKey</Properties></Object><Filter type=SimpleFilterPart><Property>ID</Property>"
        "<SimpleOperator>equals</SimpleOperator><Value>1</Value></Filter></Query></QueryRequest></QueryRequestMsg>"
    )


def definition(object_type: str) -> str:
    properties = "".join(
        f"<Properties>{answers.NILS}<Name>{name}</Name><DataType>{kind}</DataType>"
        f"<IsUpdatable>true</IsUpdatable><IsRetrievable>{retrievable}</IsRetrievable>{rest}</Properties>"
        for name, kind, retrievable, rest in (
            (
                "SubscriberKey",
                "String",
                "true",
                "<MaxLength>254</MaxLength><IsRequired>false</IsRequired>",
            ),
            ("Client.ID", "Int32", "true", "<IsRequired>false</IsRequired>"),
            ("Lists", "SubscriberList[]", "false", ""),
        )
    )
    return (
        f"<ObjectDefinition><ObjectType>{object_type}</ObjectType>{properties}</ObjectDefinition>"
    )


def test_describe_shows_what_can_be_retrieved() -> None:
    service = FakeService(
        answers.message(
            "DefinitionResponseMsg",
            "DescribeResponse",
            definition("Subscriber") + "<RequestID>r</RequestID>",
        )
    )

    described = client_for(service).describe("Subscriber")

    assert service.last.headers["HTTP_SOAPACTION"] == '"Describe"'
    assert service.last.outline() == (
        "<DefinitionRequestMsg><DescribeRequests><ObjectDefinitionRequest><ObjectType>Subscriber</ObjectType>"
        "</ObjectDefinitionRequest></DescribeRequests></DefinitionRequestMsg>"
    )
    assert described.retrievable == ("SubscriberKey", "Client.ID")
    assert [p.max_length for p in described.properties] == [254, None, None]
    assert [p.is_required for p in described.properties] == [False, False, None]


def test_describe_of_an_unknown_type_finds_nothing() -> None:
    service = FakeService(
        answers.message("DefinitionResponseMsg", "DescribeResponse", "<RequestID>r</RequestID>")
    )

    with pytest.raises(NotFound, match="no type Subscribers"):
        client_for(service).describe("Subscribers")


def test_version_info_shows_its_history() -> None:
    one = "<Version>1.0</Version><VersionDate>2026-01-02T00:00:00</VersionDate><Notes>n</Notes>"
    service = FakeService(
        answers.message(
            "VersionInfoResponseMsg",
            "VersionInfoResponse",
            f"<VersionInfo>{one}<VersionHistory>{one}</VersionHistory></VersionInfo><RequestID>r</RequestID>",
        )
    )

    info = client_for(service).version_info(include_history=True)

    assert service.last.texts("IncludeVersionHistory") == ["true"]
    assert (info.version, info.notes, len(info.history)) == ("1.0", "n", 1)
    assert info.version_date == datetime(2026, 1, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(("word", "ok"), [("OK", True), ("InMaintenance", False)])
def test_system_status_is_a_word_and_no_error(word, ok) -> None:
    service = FakeService(
        answers.message(
            "SystemStatusResponseMsg",
            "GetSystemStatusResponse",
            f"<Results><Result><StatusCode>OK</StatusCode><StatusMessage>System Status Retrieved</StatusMessage>"
            f"<SystemStatus>{word}</SystemStatus></Result></Results><OverallStatus>OK</OverallStatus>",
        )
    )

    status = client_for(service).get_system_status()

    assert (status.status, status.ok) == (word, ok)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda client: client.retrieve("", ["ID"]), "name of a type"),
        (lambda client: client.retrieve_rows("", ["ID"]), "or of a data extension"),
        (lambda client: client.retrieve("List", []), "at least one name"),
        (lambda client: client.retrieve("List", "ID"), r"a list of names: \['ID'\]"),
        (
            lambda client: client.retrieve("List", ["ID"], filter=False),
            "filter=False is not a condition",
        ),
        (lambda client: client.retrieve("List", ["ID"], batch_size=0), "not a page size"),
        (
            lambda client: client.retrieve("List", ["ID"], batch_size="all"),
            "'all' is not a page size",
        ),
        (lambda client: client.retrieve("List", ["ID"], client_ids=5), r"a list of MIDs: \[5\]"),
        (
            lambda client: client.tracking_events("Opened"),
            "'Opened' is not a kind of tracking event",
        ),
        (lambda client: client.retrieve("List", ["ID"], timeout=-1).all(), "timeout=-1"),
    ],
)
def test_misuse_is_refused_before_anything_is_sent(call, words) -> None:
    service = FakeService()

    with pytest.raises(ConfigurationError, match=words):
        call(client_for(service))

    assert service.received == []


def test_a_retrieval_says_what_it_is_without_asking() -> None:
    client: Client = client_for(FakeService())

    found = client.retrieve("List", ["ID"], filter=P("ID").equals(1))

    assert repr(found) == "<Retrieval Retrieve of List where ID equals 1>"


def test_an_object_of_an_answer_can_be_changed_and_sent_back() -> None:
    found = (
        f'<Results xsi:type="Email">{answers.NILS}<ID>7</ID><Tags><Name>a</Name></Tags></Results>'
    )
    service = FakeService(
        answers.retrieved([found]), answers.written("Update", [answers.ok("Updated Email.")])
    )
    client = client_for(service)

    email: APIObject = client.retrieve("Email", ["ID"]).one()
    client.update(email.replace(Name="Hello"))

    assert service.last.outline() == (
        "<UpdateRequest><Options></Options><Objects type=Email><PartnerKey nil=true></PartnerKey>"
        "<ObjectID nil=true></ObjectID><ID>7</ID><Tags><Name>a</Name></Tags><Name>Hello</Name></Objects>"
        "</UpdateRequest>"
    )
