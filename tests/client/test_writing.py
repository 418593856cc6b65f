"""Create, Update, Delete and the other changing operations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.support import partner_answers as answers
from tests.support.fake_service import FakeService, client_for

from sfmc_client import (
    UPSERT,
    APIObject,
    ConfigurationError,
    ExecuteRequest,
    OperationFailed,
    Options,
    PartialFailure,
    SaveOption,
    UnreadableAnswer,
    name_values,
    row,
)

ADA = APIObject("Subscriber", SubscriberKey="ada")
BOB = APIObject("Subscriber", SubscriberKey="bob")


def test_create_sends_the_objects_in_order_and_returns_their_results() -> None:
    echo = f'<NewID>756891044</NewID><Object xsi:type="Subscriber">{answers.NILS}</Object>'
    service = FakeService(
        answers.written(
            "Create",
            [answers.ok("Created Subscriber.", 0, echo), answers.ok("Created Subscriber.", 1)],
        )
    )

    results = client_for(service).create([ADA, BOB])

    assert service.last.texts("SubscriberKey") == ["ada", "bob"]
    assert service.last.headers["HTTP_SOAPACTION"] == '"Create"'
    assert [(r.ok, r.ordinal, r.new_id) for r in results] == [(True, 0, 756891044), (True, 1, None)]
    assert results[0].object == APIObject("Subscriber", PartnerKey=None, ObjectID=None)
    assert (results.overall_status, results.request_id) == ("OK", "request-1")


def test_one_object_needs_no_list() -> None:
    service = FakeService(answers.written("Delete", [answers.ok("Subscriber deleted", rest="")]))

    results = client_for(service).delete(ADA)

    assert service.last.outline() == (
        "<DeleteRequest><Options></Options><Objects type=Subscriber><SubscriberKey>ada</SubscriberKey></Objects>"
        "</DeleteRequest>"
    )
    assert [str(result) for result in results] == ["OK: Subscriber deleted"]


def test_save_options_and_options_go_out_in_the_order_of_the_schema() -> None:
    service = FakeService(answers.written("Update", [answers.ok("Updated Subscriber.", rest="")]))
    options = Options(
        client_id=42,
        request_type="Asynchronous",
        queue_priority="Low",
        scheduled_time=datetime(2026, 1, 1, tzinfo=UTC),
        extra={"Action": "update"},
    )

    client_for(service).update(ADA, save_options=[SaveOption("*", "UpdateOnly")], options=options)

    assert service.last.outline().partition("<Objects")[0] == (
        "<UpdateRequest><Options><Client><ID>42</ID></Client><SaveOptions><SaveOption><PropertyName>*</PropertyName>"
        "<SaveAction>UpdateOnly</SaveAction></SaveOption></SaveOptions>"
        "<ScheduledTime>2026-01-01T00:00:00+00:00</ScheduledTime><RequestType>Asynchronous</RequestType>"
        "<QueuePriority>Low</QueuePriority><Action>update</Action></Options>"
    )


def test_upsert_is_a_save_option() -> None:
    service = FakeService(answers.written("Create", [answers.ok("Created Subscriber.")]))

    client_for(service).create(ADA, save_options=UPSERT)

    assert service.last.texts("SaveAction") == ["UpdateAdd"]


def test_some_refused_is_a_partial_failure_with_every_result() -> None:
    service = FakeService(
        answers.written(
            "Create",
            [
                answers.ok("Created Subscriber."),
                answers.refused("The subscriber is already on the list", 12014, 1),
            ],
            status="Has Errors",
        )
    )

    with pytest.raises(PartialFailure) as failure:
        client_for(service).create([ADA, BOB])

    assert [result.ok for result in failure.value.results] == [True, False]
    assert [result.error_code for result in failure.value.failed] == [12014]
    assert str(failure.value) == (
        "Create: 1 of 2 refused: [1] Error 12014: The subscriber is already on the list. Each is in error.results."
    )


def test_all_refused_is_an_operation_failure_and_no_partial_one() -> None:
    refusals = [answers.refused("The subscriber was not found.", 12001, n) for n in range(5)]
    service = FakeService(answers.written("Update", refusals, status="Error"))

    with pytest.raises(OperationFailed) as failure:
        client_for(service).update([ADA] * 5)

    assert not isinstance(failure.value, PartialFailure)
    assert "5 of 5 refused" in str(failure.value)
    assert "and 2 more" in str(failure.value)


def test_unchecked_results_are_returned_as_they_are() -> None:
    service = FakeService(answers.written("Create", [answers.refused("No", 1)], status="Error"))

    results = client_for(service).create(ADA, check=False)

    assert [(result.status_code, result.error_code) for result in results] == [("Error", 1)]


def test_a_call_refused_without_results_fails_too() -> None:
    service = FakeService(answers.acted("Perform", [], status="UnsupportedAsyncOperation"))

    with pytest.raises(OperationFailed, match="UnsupportedAsyncOperation"):
        client_for(service).perform("start", APIObject("Automation", ObjectID="1"))


def test_failed_subscribers_of_a_triggered_send_are_reported() -> None:
    failures = (
        f"<NewID>0</NewID><SubscriberFailures><Subscriber>{answers.NILS}<SubscriberKey>ada</SubscriberKey></Subscriber>"
        "<ErrorCode>TriggeredSendSubscriberProcessingError</ErrorCode>"
        "<ErrorDescription>Error Code: 24 - Subscriber was excluded by List Detective.</ErrorDescription>"
        "<Ordinal>0</Ordinal></SubscriberFailures>"
    )
    refusal = answers.refused("Unable to queue Triggered Send request.", 180008, 0, failures)
    service = FakeService(answers.written("Create", [refusal], status="Error"))

    with pytest.raises(OperationFailed, match="excluded by List Detective") as failure:
        client_for(service).create(
            APIObject("TriggeredSend", TriggeredSendDefinition={"CustomerKey": "welcome"})
        )

    (told,) = failure.value.results[0].subscriber_failures
    assert told.subscriber is not None
    assert told.subscriber["SubscriberKey"] == "ada"
    assert told.error_code == "TriggeredSendSubscriberProcessingError"
    assert told.ordinal == 0


def test_a_send_that_not_every_subscriber_gets_is_a_partial_failure() -> None:
    """The service answers OK if one subscriber is accepted (assumed): the others would go unnoticed."""
    failures = (
        "<NewID>0</NewID><SubscriberFailures><ErrorCode>TriggeredSendSubscriberProcessingError</ErrorCode>"
        "<ErrorDescription>Error Code: 24 - Excluded.</ErrorDescription></SubscriberFailures>"
    )
    sent = answers.ok("Created TriggeredSend", rest=failures)
    service = FakeService(answers.written("Create", [sent]))

    with pytest.raises(PartialFailure) as failure:
        client_for(service).create(APIObject("TriggeredSend"))

    assert str(failure.value) == (
        "Create: 1 of 1 refused in part: [0] OK: Created TriggeredSend Error Code: 24 - Excluded. "
        "Each is in error.results."
    )
    assert [(result.ok, result.complete) for result in failure.value.failed] == [(True, False)]


def test_refused_columns_of_a_row_are_reported() -> None:
    errors = (
        "<NewID>0</NewID><ErrorMessage>Errors in values</ErrorMessage><ValueErrors><ValueError><Name>Email</Name>"
        "<ErrorCode>70002</ErrorCode><ErrorMessage>too long</ErrorMessage></ValueError></ValueErrors>"
    )
    service = FakeService(
        answers.written("Create", [answers.refused("Error", 2, 0, errors)], status="Error")
    )

    with pytest.raises(OperationFailed, match="Errors in values Email: too long") as failure:
        client_for(service).create(row("people", {"Email": "x" * 300}))

    (told,) = failure.value.results[0].value_errors
    assert (told.name, told.error_code) == ("Email", 70002)


def test_a_row_is_named_by_its_data_extension_and_its_keys() -> None:
    service = FakeService(
        answers.written("Update", [answers.ok("Updated DataExtensionObject", rest="")])
    )

    client_for(service).update(row("people", {"Name": "Ada", "Age": None}, keys={"ID": 1}))

    assert service.last.outline() == (
        "<UpdateRequest><Options></Options><Objects type=DataExtensionObject><CustomerKey>people</CustomerKey>"
        "<Properties><Property><Name>Name</Name><Value>Ada</Value></Property>"
        "<Property><Name>Age</Name><Value nil=true></Value></Property></Properties>"
        "<Keys><Key><Name>ID</Name><Value>1</Value></Key></Keys></Objects></UpdateRequest>"
    )


def test_configure_wraps_its_configurations() -> None:
    result = "<Result><StatusCode>OK</StatusCode><StatusMessage>Success</StatusMessage></Result>"
    service = FakeService(answers.acted("Configure", [result]))

    results = client_for(service).configure(
        "Create", APIObject("PropertyDefinition", Name="UniqueID", PropertyType="string")
    )

    assert service.last.outline() == (
        "<ConfigureRequestMsg><Options></Options><Action>Create</Action><Configurations>"
        "<Configuration type=PropertyDefinition><Name>UniqueID</Name><PropertyType>string</PropertyType>"
        "</Configuration></Configurations></ConfigureRequestMsg>"
    )
    assert [result.status_message for result in results] == ["Success"]


def test_perform_returns_the_task_it_started() -> None:
    result = (
        f'<Result><StatusCode>OK</StatusCode><StatusMessage>done</StatusMessage><Object xsi:type="QueryDefinition">'
        f"{answers.NILS}</Object><Task><StatusCode>OK</StatusCode><ID>127061082</ID></Task></Result>"
    )
    service = FakeService(answers.acted("Perform", [result]))

    (performed,) = client_for(service).perform("start", APIObject("QueryDefinition", ObjectID="q"))

    assert service.last.texts("Action") == ["start"]
    assert performed.task is not None
    assert performed.task.integer("ID") == 127061082


def test_schedule_sends_times_before_interactions() -> None:
    result = "<Result><StatusCode>OK</StatusCode><StatusMessage>Program scheduled.</StatusMessage><Task /></Result>"
    service = FakeService(answers.acted("Schedule", [result]))
    times = APIObject(
        "ScheduleDefinition",
        Recurrence=APIObject("DailyRecurrence", DayInterval=1),
        StartDateTime=datetime(2026, 1, 1, tzinfo=UTC),
    )

    (scheduled,) = client_for(service).schedule(
        "start", APIObject("Automation", ObjectID="a"), times
    )

    assert (
        "<Recurrence type=DailyRecurrence><DayInterval>1</DayInterval></Recurrence>"
        in service.last.outline()
    )
    assert [child.tag.rpartition("}")[2] for child in service.last.message] == [
        "Options",
        "Action",
        "Schedule",
        "Interactions",
    ]
    assert (scheduled.ok, scheduled.task) == (True, None)


def test_execute_returns_named_values() -> None:
    result = (
        "<Results><StatusCode>OK</StatusCode><StatusMessage>Event posted</StatusMessage><Results><Name>Count</Name>"
        "<Value>3</Value></Results></Results>"
    )
    service = FakeService(
        answers.message(
            "ExecuteResponseMsg",
            "ExecuteResponse",
            f"<OverallStatus>OK</OverallStatus><RequestID>r</RequestID>{result}",
        )
    )

    (executed,) = client_for(service).execute(
        ExecuteRequest(name="Count", parameters={"List": 7}, client_id=42)
    )

    assert service.last.outline() == (
        "<ExecuteRequestMsg><Requests><Client><ID>42</ID></Client><Name>Count</Name><Parameters><Name>List</Name>"
        "<Value>7</Value></Parameters></Requests></ExecuteRequestMsg>"
    )
    assert executed.values == {"Count": "3"}


def test_an_unsubscription_names_what_is_known() -> None:
    posted = (
        "<Results><StatusCode>OK</StatusCode><StatusMessage>Event posted</StatusMessage></Results>"
    )
    service = FakeService(
        answers.message(
            "ExecuteResponseMsg", "ExecuteResponse", f"<OverallStatus>OK</OverallStatus>{posted}"
        )
    )

    result = client_for(service).log_unsub_event(subscriber_key="ada", job_id=11)

    assert service.last.texts("Name") == ["LogUnsubEvent", "SubscriberKey", "JobID"]
    assert service.last.texts("Value") == ["ada", "11"]
    assert result.status_message == "Event posted"


def test_extract_sends_its_parameters() -> None:
    service = FakeService(
        answers.message(
            "ExtractResponseMsg",
            "ExtractResponse",
            "<OverallStatus>OK</OverallStatus><RequestID>r</RequestID><Results />",
        )
    )

    results = client_for(service).extract("extract-1", {"StartDate": "1/1/2026"})

    assert service.last.outline() == (
        "<ExtractRequestMsg><Requests><ID>extract-1</ID><Options></Options><Parameters><Parameter>"
        "<Name>StartDate</Name><Value>1/1/2026</Value></Parameter></Parameters></Requests></ExtractRequestMsg>"
    )
    assert (list(results), results.request_id) == ([], "r")


def test_an_answer_without_the_result_that_was_promised_is_unreadable() -> None:
    service = FakeService(
        answers.message(
            "ExecuteResponseMsg", "ExecuteResponse", "<OverallStatus>OK</OverallStatus>"
        )
    )

    with pytest.raises(UnreadableAnswer, match="without a result"):
        client_for(service).log_unsub_event(subscriber_key="ada")


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create([]),
        lambda client: client.create({"SubscriberKey": "ada"}),
        lambda client: client.create([APIObject(None, SubscriberKey="ada")]),
        lambda client: client.create(ADA, options={"Client": {"ID": 1}}),
        lambda client: client.create(ADA, save_options="UpdateAdd"),
        lambda client: client.execute(),
        lambda client: client.execute("LogUnsubEvent"),
        lambda client: client.log_unsub_event(job_id=11),
        lambda client: client.create(ADA, timeout=0),
        lambda client: client.create(APIObject("Subscriber", Lists=[["ID"]])),
    ],
)
def test_misuse_is_refused_before_anything_is_sent(call) -> None:
    service = FakeService()

    with pytest.raises(ConfigurationError):
        call(client_for(service))

    assert service.received == []


def test_names_and_values_are_attributes() -> None:
    ada = ADA.replace(Attributes=name_values({"UniqueID": "1", "Age": 36}))

    assert ada.pairs("Attributes") == {"UniqueID": "1", "Age": "36"}
