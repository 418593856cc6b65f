"""AsyncRequestResult, ResultMessage and ResultItem: what became of asynchronous requests."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property

_SHARED = (
    Property("Client.ID", updatable=False),
    Property("CreatedDate", updatable=False),
    Property("ModifiedDate", updatable=False),
)
_REQUEST = (
    '(SELECT mid FROM account_id) AS "Client.ID", q.queued_at AS "CreatedDate", '
    'COALESCE(q.completed_at, q.queued_at) AS "ModifiedDate", q.request_id AS "RequestID", '
    'q.conversation_id AS "ConversationID"'
)


class AsyncRequestResultHandler(DeclaredObject):
    """How an asynchronous request goes on, from the moment when it is queued.

    Properties: wsdl. The class has none for the RequestID: it is the ObjectID, and both identifiers can be asked for
    and filtered on as PartnerProperties (assumed), as are the statuses: Queued, Complete, Error and Deleted.
    """

    object_type = "AsyncRequestResult"
    fields = (
        Property("ObjectID", updatable=False),
        Property("ID", updatable=False),
        *_SHARED,
        Property("Status", updatable=False),
        Property("CompleteDate", updatable=False),
        Property("CallStatus", updatable=False),
        Property("CallMessage", updatable=False),
        Property("RequestID", partner=True, updatable=False),
        Property("ConversationID", partner=True, updatable=False),
    )
    selects = " ".join(
        (
            f'SELECT q.id AS rowkey, q.id AS "ID", q.request_id AS "ObjectID", {_REQUEST}, q.status AS "Status", '
            'q.completed_at AS "CompleteDate", q.overall_status AS "CallStatus", q.status_message AS "CallMessage" ',
            "FROM async_request q",
        )
    )


class ResultMessageHandler(DeclaredObject):
    """The result of an asynchronous request, once it is done: one for each request. What it says: documented."""

    object_type = "ResultMessage"
    fields = (
        Property("ID", updatable=False),
        *_SHARED,
        Property("RequestID", updatable=False),
        Property("ConversationID", updatable=False),
        Property("OverallStatusCode", updatable=False),
        Property("StatusCode", updatable=False),
        Property("StatusMessage", updatable=False),
        Property("ErrorCode", updatable=False),
        Property("RequestType", updatable=False),
        Property("ResultType", updatable=False),
        Property("ResultDetailXML", updatable=False),
        Property("SequenceCode", updatable=False),
        Property("CallsInConversation", updatable=False),
    )
    selects = " ".join(
        (
            f'SELECT q.id AS rowkey, q.id AS "ID", {_REQUEST}, q.overall_status AS "OverallStatusCode", '
            'q.overall_status AS "StatusCode", q.status_message AS "StatusMessage", q.error_code AS "ErrorCode", '
            "'Asynchronous' AS \"RequestType\", 'Asynchronous' AS \"ResultType\", "
            'q.detail_xml AS "ResultDetailXML", q.sequence_code AS "SequenceCode", '
            'q.calls_in_conversation AS "CallsInConversation" ',
            "FROM async_request q WHERE q.completed_at IS NOT NULL",
        )
    )


class ResultItemHandler(DeclaredObject):
    """What became of one object of an asynchronous request: there is none before it is done (documented)."""

    object_type = "ResultItem"
    fields = (
        Property("ID", updatable=False),
        *_SHARED,
        Property("CorrelationID", updatable=False),
        Property("RequestID", updatable=False),
        Property("ConversationID", updatable=False),
        Property("StatusCode", updatable=False),
        Property("StatusMessage", updatable=False),
        Property("OrdinalID", updatable=False),
        Property("ErrorCode", updatable=False),
        Property("RequestType", updatable=False),
        Property("RequestObjectType", updatable=False),
    )
    selects = " ".join(
        (
            f'SELECT r.id AS rowkey, r.id AS "ID", {_REQUEST}, r.correlation_id AS "CorrelationID", '
            'r.status_code AS "StatusCode", r.status_message AS "StatusMessage", r.ordinal AS "OrdinalID", '
            'r.error_code AS "ErrorCode", \'Asynchronous\' AS "RequestType", r.object_type AS "RequestObjectType" ',
            "FROM async_result r JOIN async_request q ON q.id = r.request_number",
        )
    )


RESULTS = (AsyncRequestResultHandler(), ResultMessageHandler(), ResultItemHandler())
