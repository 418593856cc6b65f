"""Every schema element of a request, besides its objects, gets a warning if it has no effect."""

from __future__ import annotations

import pytest
from tests.support.soap_app import SoapApp, envelope

from sfmc_mock.wire.catalogue import NAMESPACE

RETRIEVE = "<ObjectType>List</ObjectType><Properties>ID</Properties>"
QUERY = "<Query><Object><ObjectType>List</ObjectType><Properties>ID</Properties></Object></Query>"
UNSUB = "<Name>LogUnsubEvent</Name><Parameters><Name>SubscriberKey</Name><Value>ada</Value></Parameters>"
LIST = '<Objects xsi:type="List"><CustomerKey>none</CustomerKey></Objects>'
SAVED = (
    "<SaveOption><PropertyName>{}</PropertyName><SaveAction>UpdateOnly</SaveAction></SaveOption>"
)
DAILY = (
    '<Recurrence xsi:type="DailyRecurrence"><DailyRecurrencePatternType>EveryWeekDay</DailyRecurrencePatternType>'
    "</Recurrence><RecurrenceType>Daily</RecurrenceType><RecurrenceRangeType>EndAfter</RecurrenceRangeType>"
    "<StartDateTime>2026-02-02T09:00:00</StartDateTime><Occurrences>2</Occurrences>"
)
ESD = (
    '<Interactions><Interaction xsi:type="EmailSendDefinition"><CustomerKey>a</CustomerKey></Interaction>'
    "</Interactions>"
)


@pytest.mark.parametrize(
    ("operation", "content", "named"),
    [
        (
            "Retrieve",
            f"<RetrieveRequest><ClientIDs><CustomerKey>x</CustomerKey></ClientIDs>{RETRIEVE}</RetrieveRequest>",
            "CustomerKey of a Client has no effect",
        ),
        (
            "Retrieve",
            f"<RetrieveRequest>{RETRIEVE}<Options><Client><UserID>3</UserID><EnterpriseID>3</EnterpriseID></Client>"
            "</Options></RetrieveRequest>",
            "EnterpriseID, UserID of a Client have no effect",
        ),
        (
            "Query",
            f"<QueryRequest><RespondTo><ResponseType>None</ResponseType></RespondTo>{QUERY}</QueryRequest>",
            "RespondTo of the QueryRequest has no effect",
        ),
        (
            "Describe",
            "<DescribeRequests><ObjectDefinitionRequest><Client><ID>3</ID></Client><ObjectType>List</ObjectType>"
            "</ObjectDefinitionRequest></DescribeRequests>",
            "Client of a Describe has no effect",
        ),
        (
            "Execute",
            f"<Requests>{UNSUB}<Parameters><Name>Reasons</Name><Value>x</Value></Parameters></Requests>",
            "the parameter Reasons of LogUnsubEvent has no effect: it has BatchID, EmailAddress, JobID",
        ),
        (
            "Execute",
            "<Requests><Name>GetFolderHierarchy</Name><Parameters><Name>ID</Name><Value>x</Value></Parameters></Requests>",
            "the parameter ID of GetFolderHierarchy has no effect: it has none",
        ),
        (
            "Delete",
            f"<Options><Client><CustomerID>3</CustomerID></Client></Options>{LIST}",
            "CustomerID of a Client has no effect",
        ),
        (
            "Schedule",
            f"<Action>start</Action><Schedule><Client><ID>3</ID></Client>{DAILY}</Schedule>{ESD}",
            "Client of the Schedule has no effect",
        ),
        (
            "Schedule",
            f"<Action>start</Action><Schedule>{DAILY}<EndDateTime>2026-03-02T09:00:00</EndDateTime></Schedule>{ESD}",
            "EndDateTime of the Schedule has no effect beside RecurrenceRangeType EndAfter",
        ),
        (
            "Retrieve",
            f"<RetrieveRequest>{RETRIEVE}<Options><BatchSize>-5</BatchSize></Options></RetrieveRequest>",
            "the BatchSize -5 has no effect: a page has 1 to 2,500 results",
        ),
        (
            "Delete",
            "<Options/>",
            "the Delete has no Objects, so nothing was done",
        ),
        (
            "Execute",
            "",
            "the Execute has no Requests, so nothing was done",
        ),
        (
            "Describe",
            "<DescribeRequests/>",
            "the Describe has no DescribeRequests, so nothing was done",
        ),
        (
            "Perform",
            "<Action>start</Action><Definitions/>",
            "the Perform has no Definitions, so nothing was done",
        ),
        (
            "Update",
            f"<Options><SaveOptions>{SAVED.format('Name')}{SAVED.format('*')}</SaveOptions></Options>{LIST}",
            "the SaveOption for Name has no effect: one SaveAction is for the whole object, that for *",
        ),
        (
            "Update",
            f"<Options><SaveOptions>{SAVED.format('Name')}{SAVED.format('ID')}</SaveOptions></Options>{LIST}",
            "the SaveOption for ID has no effect: one SaveAction is for the whole object, that for Name",
        ),
    ],
)
def test_what_a_request_says_without_effect_is_a_warning(
    app: SoapApp, operation: str, content: str, named: str
) -> None:
    app.call(operation, content)

    assert [text for text in app.warnings if text.startswith(named)], app.warnings


def test_a_body_that_lacks_the_message_around_its_parts_is_a_warning(app: SoapApp) -> None:
    """SOAP clients that are given the parts alone write them so."""
    retrieve = f'<RetrieveRequest xmlns="{NAMESPACE}">{RETRIEVE}</RetrieveRequest>'

    app.post(envelope(retrieve, app.user), "Retrieve")

    assert app.warnings[0] == (
        "RetrieveRequest stands in the Body by itself, and was taken for the message: a message is a "
        "RetrieveRequestMsg, and RetrieveRequest a part of it. Put a RetrieveRequestMsg around all parts."
    )


def test_an_option_for_the_type_counts_as_the_one_for_all_does(app: SoapApp) -> None:
    options = SAVED.format("List") + SAVED.format("*")

    app.call("Update", f"<Options><SaveOptions>{options}</SaveOptions></Options>{LIST}")

    assert [text for text in app.warnings if "SaveOption" in text] == [
        "the SaveOption for * has no effect: one SaveAction is for the whole object, that for List"
    ]


@pytest.mark.parametrize(
    ("options", "statuses", "warned"),
    [
        ((("Name", "UpdateAdd"), ("Subscriber", "AddOnly")), ["OK", "OK", "OK"], []),
        (
            (("Subscriber", "AddOnly"), ("Name", "UpdateAdd")),
            ["OK", "Error", "OK"],
            [
                "the SaveOption for Name has no effect: one SaveAction is for the whole object, that for Subscriber"
            ],
        ),
    ],
)
def test_a_type_that_no_option_names_uses_the_first_one(
    app: SoapApp, options: tuple[tuple[str, str], ...], statuses: list[str], warned: list[str]
) -> None:
    saved = "".join(
        f"<SaveOption><PropertyName>{name}</PropertyName><SaveAction>{action}</SaveAction></SaveOption>"
        for name, action in options
    )
    news = '<Objects xsi:type="List"><CustomerKey>q</CustomerKey><ListName>q</ListName></Objects>'
    ada = (
        '<Objects xsi:type="Subscriber"><SubscriberKey>ada</SubscriberKey>'
        "<EmailAddress>ada@mock.test</EmailAddress></Objects>"
    )

    answer = app.call(
        "Create", f"<Options><SaveOptions>{saved}</SaveOptions></Options>{news}{news}{ada}"
    )

    assert answer.texts("Results", "StatusCode") == statuses
    assert [text for text in app.warnings if "SaveOption" in text] == warned
