"""Every schema element of a request, besides its objects, gets a warning if it has no effect."""

from __future__ import annotations

import pytest
from tests.support.soap_app import SoapApp

RETRIEVE = "<ObjectType>List</ObjectType><Properties>ID</Properties>"
QUERY = "<Query><Object><ObjectType>List</ObjectType><Properties>ID</Properties></Object></Query>"
UNSUB = "<Name>LogUnsubEvent</Name><Parameters><Name>SubscriberKey</Name><Value>ada</Value></Parameters>"
LIST = '<Objects xsi:type="List"><CustomerKey>none</CustomerKey></Objects>'
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
    ],
)
def test_what_a_request_says_without_effect_is_a_warning(
    app: SoapApp, operation: str, content: str, named: str
) -> None:
    app.call(operation, content)

    assert [text for text in app.warnings if text.startswith(named)], app.warnings
