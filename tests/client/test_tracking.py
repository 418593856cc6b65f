"""The tracking flow, mostly against a strict account."""

from __future__ import annotations

import dataclasses
from threading import Thread
from typing import Any

import pytest
from tests.support.tenants import EMAIL_ID, RECIPE, Tenant

from sfmc_client import (
    APIObject,
    BounceEvent,
    Client,
    ConfigurationError,
    ConnectionLost,
    FlowBlocked,
    NotInTime,
    OpenEvent,
    OperationFailed,
    P,
    Polling,
    Recipe,
    Request,
    Response,
    Sent,
    TrackingFlow,
    UsernameToken,
    name_values,
)

OPENS = "ada+open@mock.test"
DEFINITION = APIObject("TriggeredSendDefinition", CustomerKey="welcome")


def columns_of_the_log(client: Client) -> list[str | None]:
    of_the_log = P("DataExtension.CustomerKey").equals("SendLog")
    fields = client.retrieve("DataExtensionField", ["Name"], filter=of_the_log)
    return [field.text("Name") for field in fields]


def status_of(client: Client, definition: str) -> str | None:
    found = client.retrieve(
        "TriggeredSendDefinition",
        ["TriggeredSendStatus"],
        filter=P("CustomerKey").equals(definition),
    )
    return found.one().text("TriggeredSendStatus")


def define(client: Client, **properties) -> None:
    wanted = DEFINITION.replace(
        Name="welcome",
        SendClassification={"CustomerKey": "Default Transactional"},
        Email={"ID": EMAIL_ID},
        **properties,
    )
    client.create(wanted)


def test_a_message_is_sent_found_in_the_log_and_opened(tenant: Tenant) -> None:
    """The whole flow, on an account without any of its objects."""
    flow = tenant.flow()

    sent = flow.send("welcome", OPENS)
    opened = flow.wait_for("OpenEvent", sent)

    assert (opened.send_id, opened.batch_id) == (sent.job_id, sent.batch_id)
    assert opened.subscriber_key == sent.subscriber_key == OPENS
    assert sent.error_code is None


def test_every_step_says_whether_it_had_anything_to_do(tenant: Tenant) -> None:
    flow = tenant.flow()

    first = [flow.set_up_attribute(), flow.set_up_send_log(), flow.define("w"), flow.start("w")]
    again = [flow.set_up_attribute(), flow.set_up_send_log(), flow.define("w"), flow.start("w")]

    assert first == [True, True, True, True]
    assert again == [False, False, False, False]


def test_another_program_repeats_the_flow_where_everything_is_there(strict_tenant: Tenant) -> None:
    first = strict_tenant.flow().send("welcome", OPENS)

    second = strict_tenant.flow().send("welcome", OPENS)

    assert (second.job_id, second.subscriber_id) == (first.job_id, first.subscriber_id)
    assert (second.batch_id, second.unique_id) != (first.batch_id, first.unique_id)


def test_a_set_up_account_is_not_asked_again(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow()
    flow.send("welcome", OPENS)
    strict_tenant.exchanges.clear()

    flow.send("welcome", OPENS)

    assert strict_tenant.calls() == ["Create", "Retrieve"]


def test_a_send_log_without_the_column_gets_it(strict_tenant: Tenant) -> None:
    """The log was created in the user interface, with a generated key."""
    client = strict_tenant.client
    template = client.retrieve(
        "DataExtensionTemplate", ["ObjectID"], filter=P("Name").equals("SendLog")
    ).one()
    template_id = {"ObjectID": template.text("ObjectID")}
    client.create(APIObject("DataExtension", Name="SendLog", Template=template_id))

    made = strict_tenant.flow().set_up_send_log()

    assert made
    row = client.retrieve("DataExtension", ["CustomerKey"], filter=P("Name").equals("SendLog"))
    assert row.one().text("CustomerKey") != "SendLog"
    assert strict_tenant.flow().send("welcome", OPENS).job_id


def test_the_log_keeps_the_columns_of_the_template(strict_tenant: Tenant) -> None:
    strict_tenant.flow().set_up_send_log()

    columns = columns_of_the_log(strict_tenant.client)

    assert set(columns) == {
        "JobID",
        "ListID",
        "BatchID",
        "SubID",
        "TriggeredSendID",
        "ErrorCode",
        "UniqueID",
    }


def test_the_error_of_a_missing_template_names_the_feature_to_enable(
    strict_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfmc_client.tracking.SEND_LOG", "NoSuchTemplate")

    with pytest.raises(FlowBlocked, match="Have send logging enabled"):
        strict_tenant.flow().set_up_send_log()


def test_a_missing_definition_is_made_of_its_own_recipe(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow(
        recipe=None, recipes={"welcome": Recipe(email_id=EMAIL_ID, classification="2239")}
    )

    flow.define("welcome")

    found = strict_tenant.client.retrieve(
        "TriggeredSendDefinition",
        ["Email.ID", "SendClassification.CustomerKey", "IsSendLogging"],
        filter=P("CustomerKey").equals("welcome"),
    ).one()
    assert found.integer("Email.ID") == EMAIL_ID
    assert found.text("SendClassification.CustomerKey") == "2239"
    assert found.boolean("IsSendLogging")


def test_arguments_win_over_the_recipe(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow(recipe=Recipe(email_id=1, classification="none"))

    made = flow.define("welcome", email_id=EMAIL_ID, classification="2239")

    assert made


def test_a_missing_definition_without_an_email_is_a_question_of_configuration(
    strict_tenant: Tenant,
) -> None:
    with pytest.raises(ConfigurationError, match="no email is given to create it with"):
        strict_tenant.flow(recipe=None).send("welcome", OPENS)


def test_a_refused_definition_says_why(strict_tenant: Tenant) -> None:
    with pytest.raises(OperationFailed, match="Send Classification Not Found"):
        strict_tenant.flow().define("welcome", classification="none")


@pytest.mark.parametrize("status", [None, "Inactive"])
def test_an_inactive_definition_gets_send_logging_and_is_started(
    strict_tenant: Tenant, status: str | None
) -> None:
    """It was created without send logging, and perhaps paused."""
    define(strict_tenant.client)
    for change in ("Active", status) if status else ():
        strict_tenant.client.update(DEFINITION.replace(TriggeredSendStatus=change))

    sent = strict_tenant.flow(recipe=None).send("welcome", OPENS)

    assert sent.job_id
    assert status_of(strict_tenant.client, "welcome") == "Active"


def test_a_running_definition_without_logging_is_not_used(strict_tenant: Tenant) -> None:
    """The flow would wait for a send-log row that is never written."""
    define(strict_tenant.client)
    strict_tenant.client.update(DEFINITION.replace(TriggeredSendStatus="Active"))

    with pytest.raises(FlowBlocked, match=r"welcome is running.*IsSendLogging.*Pause"):
        strict_tenant.flow().send("welcome", OPENS)

    assert not list(strict_tenant.client.retrieve("SentEvent", ["SubscriberKey"]))


def test_a_service_that_does_not_tell_of_logging_is_no_obstacle(
    strict_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict_tenant.flow().set_up("welcome")
    flow = strict_tenant.flow()
    retrieve = strict_tenant.client.retrieve

    def refuse_logging(type_name: str, properties: list[str], **options):
        known = [name.replace("IsSendLogging", "Unknown") for name in properties]
        return retrieve(type_name, known, **options)

    monkeypatch.setattr(strict_tenant.client, "retrieve", refuse_logging)

    assert flow.define("welcome") is False


def test_an_archived_definition_is_not_used(strict_tenant: Tenant) -> None:
    define(strict_tenant.client)
    strict_tenant.client.update(DEFINITION.replace(TriggeredSendStatus="Canceled"))

    with pytest.raises(FlowBlocked, match=r"welcome is archived \(Canceled\).*Use another key"):
        strict_tenant.flow().send("welcome", OPENS)


def test_a_definition_that_was_deleted_meanwhile_is_made_anew(strict_tenant: Tenant) -> None:
    """The flow has cached it, and the service answers that it does not exist: nothing was sent."""
    flow = strict_tenant.flow()
    first = flow.send("welcome", OPENS)
    strict_tenant.client.delete(DEFINITION)

    second = flow.send("welcome", OPENS)

    assert second.job_id != first.job_id


def test_two_programs_at_a_time_set_up_the_same_account(strict_tenant: Tenant) -> None:
    """The Create of an object that the other program created first gets an error, which is accepted."""
    sent: list[Sent] = []
    flows = [strict_tenant.flow() for _ in range(4)]
    threads = [Thread(target=lambda f=f: sent.append(f.send("welcome", OPENS))) for f in flows]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({each.batch_id for each in sent}) == len(flows)


def blind_once(flow: TrackingFlow, look: str, shown: object) -> None:
    """Make the first Retrieve of an object return this result, as if another program created the object afterwards."""
    whole = getattr(flow, look)
    looks: list[object] = []

    def looked(*given: object) -> object:
        looks.append(given)
        return shown if len(looks) == 1 else whole(*given)

    setattr(flow, look, looked)


def test_a_log_created_meanwhile_is_used(strict_tenant: Tenant) -> None:
    strict_tenant.flow().set_up_send_log()
    flow = strict_tenant.flow()
    blind_once(flow, "_log_key", None)

    assert flow.set_up_send_log() is False


def test_a_log_created_meanwhile_for_another_unique_id_gets_the_column(
    strict_tenant: Tenant,
) -> None:
    strict_tenant.flow(attribute="MessageID").set_up_send_log()
    flow = strict_tenant.flow()
    blind_once(flow, "_log_key", None)

    assert flow.set_up_send_log() is True
    assert {"MessageID", "UniqueID"} <= set(columns_of_the_log(strict_tenant.client))


def test_a_log_that_another_thread_forgets_is_still_read(strict_tenant: Tenant) -> None:
    class Forgetful(TrackingFlow):
        """A flow that forgets the log right after it found it."""

        @property
        def _log(self) -> Any:
            return self.__dict__.pop("known", None)

        @_log.setter
        def _log(self, known: Any) -> None:
            self.__dict__["known"] = known

    sent = strict_tenant.flow().send("welcome", OPENS)
    flow = Forgetful(strict_tenant.client)
    flow._log = flow._known_log()
    row = flow.find_log_row(sent.unique_id)

    assert row is not None
    assert row.job_id == sent.job_id


def test_a_column_added_meanwhile_is_used(strict_tenant: Tenant) -> None:
    strict_tenant.flow().set_up_send_log()
    flow = strict_tenant.flow()
    blind_once(flow, "_has_column", False)

    assert flow.set_up_send_log() is False


def test_a_definition_created_meanwhile_is_used(strict_tenant: Tenant) -> None:
    strict_tenant.flow().define("welcome")
    flow = strict_tenant.flow()
    blind_once(flow, "_status", None)

    assert flow.define("welcome") is False


def test_a_definition_created_meanwhile_is_logged_from_now_on(strict_tenant: Tenant) -> None:
    define(strict_tenant.client, IsSendLogging=False)
    flow = strict_tenant.flow()
    blind_once(flow, "_status", None)

    assert flow.define("welcome") is False
    found = strict_tenant.client.retrieve(
        "TriggeredSendDefinition",
        ["IsSendLogging"],
        filter=P("CustomerKey").equals("welcome"),
    )
    assert found.one().boolean("IsSendLogging") is True


def test_a_definition_started_meanwhile_is_used(strict_tenant: Tenant) -> None:
    """An active definition cannot be changed, so it keeps the settings of the program that started it."""
    define(strict_tenant.client, IsSendLogging=True)
    strict_tenant.flow().start("welcome")
    flow = strict_tenant.flow()
    blind_once(flow, "_status", "New")

    assert flow.define("welcome") is False


def test_a_definition_started_meanwhile_without_logging_is_not_used(strict_tenant: Tenant) -> None:
    define(strict_tenant.client, IsSendLogging=False)
    strict_tenant.flow().start("welcome")
    flow = strict_tenant.flow()
    blind_once(flow, "_status", "New")

    with pytest.raises(FlowBlocked, match=r"welcome is running.*IsSendLogging.*Pause"):
        flow.define("welcome")


def test_a_definition_that_cannot_be_logged_says_why(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow()
    blind_once(flow, "_status", "New")

    with pytest.raises(OperationFailed, match="Update: 1 of 1 refused"):
        flow.define("nowhere")


def test_a_log_that_cannot_be_made_says_why(
    strict_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It exists, but this caller cannot see it."""
    strict_tenant.flow().set_up_send_log()
    flow = strict_tenant.flow()
    monkeypatch.setattr(flow, "_log_key", lambda: None)

    with pytest.raises(OperationFailed, match=r"Create: 1 of 1 refused: .*310003"):
        flow.set_up_send_log()


def test_a_column_that_cannot_be_added_says_why(strict_tenant: Tenant) -> None:
    strict_tenant.flow().set_up_send_log()

    with pytest.raises(OperationFailed, match="Update: 1 of 1 refused"):
        strict_tenant.flow(attribute="Log" * 100).set_up_send_log()


def test_an_attribute_that_cannot_be_made_says_why(strict_tenant: Tenant) -> None:
    with pytest.raises(OperationFailed, match="1 of 1 refused"):
        strict_tenant.flow(attribute="1st").set_up_attribute()


def test_a_definition_that_cannot_be_started_says_why(strict_tenant: Tenant) -> None:
    with pytest.raises(OperationFailed, match="Not Found"):
        strict_tenant.flow().start("nowhere")


def test_the_key_goes_before_the_name(strict_tenant: Tenant) -> None:
    """One data extension has the log's name, another has it as key."""
    field = APIObject(None, Name="UniqueID", FieldType="Text", MaxLength=50)
    for key, name in (("first", "SendLog"), ("SendLog", "second")):
        log = APIObject("DataExtension", CustomerKey=key, Name=name, Fields={"Field": [field]})
        strict_tenant.client.create(log)
    row_of = APIObject(
        "DataExtensionObject",
        CustomerKey="SendLog",
        Properties={"Property": name_values({"UniqueID": "x"})},
    )
    strict_tenant.client.create(row_of)

    assert strict_tenant.flow().find_log_row("x") is not None


def test_attributes_and_a_key_of_ones_own_go_along(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow()

    sent = flow.send("welcome", OPENS, subscriber_key="ada", attributes={"First Name": "Ada"})

    assert sent.subscriber_key == "ada"
    bodies = [request.body for request in strict_tenant.transport.requests]
    assert any(b"<Name>First Name</Name><Value>Ada</Value>" in body for body in bodies)


def test_the_unique_id_is_the_flow_s_own_attribute(strict_tenant: Tenant) -> None:
    with pytest.raises(ConfigurationError, match="Give unique_id= instead"):
        strict_tenant.flow().trigger("welcome", OPENS, attributes={"UniqueID": "1"})


def test_a_refused_subscriber_is_an_error_with_the_service_s_reason(strict_tenant: Tenant) -> None:
    with pytest.raises(OperationFailed, match="excluded by List Detective"):
        strict_tenant.flow().send("welcome", "help@example.com")


def test_a_message_that_is_not_sent_has_its_error_code(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow()

    sent = flow.send("welcome", "ada+notsent-held@mock.test")

    assert sent.error_code == 2
    assert flow.wait_for("NotSentEvent", sent).send_id == sent.job_id
    assert flow.events("SentEvent", sent).all() == []


def test_a_program_that_ended_after_the_send_is_taken_up_by_the_unique_id(
    strict_tenant: Tenant,
) -> None:
    flow = strict_tenant.flow()
    flow.set_up("welcome")
    unique_id = flow.trigger("welcome", OPENS, subscriber_key="ada")

    found = strict_tenant.flow().found(unique_id, definition="welcome")

    assert found.subscriber_key == "ada"
    assert flow.wait_for(OpenEvent, found).batch_id == found.batch_id


def test_a_refused_message_has_no_numbers_to_find_it_by(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow()
    flow.set_up("welcome")
    with pytest.raises(OperationFailed):
        flow.trigger("welcome", "help@example.com", unique_id="blocked")

    with pytest.raises(FlowBlocked, match="refused, with the error code 24"):
        flow.found("blocked")


def test_a_lost_answer_leaves_the_unique_id_behind(strict_tenant: Tenant) -> None:
    """The message was sent, but the answer was lost: a note on the error says how to find the message."""

    class LosesAnswers:
        def send(self, request: Request) -> Response:
            strict_tenant.transport.send(request)
            raise ConnectionLost("The line is dead.")

    flow = strict_tenant.flow()
    flow.set_up("welcome")
    login = strict_tenant.client._auth
    broken = TrackingFlow(Client("http://tenant.test", auth=login, transport=LosesAnswers()))

    with pytest.raises(ConnectionLost) as failure:
        broken.trigger("welcome", OPENS, unique_id="42")

    assert failure.value.__notes__ == [
        "The message may have been sent. Its unique id is 42: check with find_log_row()."
    ]
    assert flow.find_log_row("42") is not None


def test_a_row_that_is_not_there_yet_is_none(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow()
    flow.set_up_send_log()

    assert flow.find_log_row("unknown") is None


def test_without_a_send_log_there_is_no_row_to_look_for(strict_tenant: Tenant) -> None:
    with pytest.raises(FlowBlocked, match=r"no data extension SendLog.*set_up_send_log"):
        strict_tenant.flow().find_log_row("unknown")


def test_an_account_whose_log_calls_the_column_subscriber_id(strict_tenant: Tenant) -> None:
    """Some accounts have this column; only existing columns are retrieved."""
    fields = [
        {"Name": name, "FieldType": "Number"} for name in ("JobID", "BatchID", "SubscriberID")
    ]
    strict_tenant.client.create(
        APIObject(
            "DataExtension",
            CustomerKey="Log",
            Name="Log",
            Fields={"Field": [*fields, {"Name": "UniqueID", "FieldType": "Text", "MaxLength": 50}]},
        )
    )
    row = {"JobID": "1", "BatchID": "2", "SubscriberID": "3", "UniqueID": "x"}
    strict_tenant.client.create(
        APIObject(
            "DataExtensionObject", CustomerKey="Log", Properties={"Property": name_values({**row})}
        )
    )

    found = strict_tenant.flow(send_log="Log").find_log_row("x")

    assert found is not None
    assert (found.job_id, found.batch_id, found.subscriber_id) == (1, 2, 3)


def test_events_are_distinguished_by_batch_and_subscriber(strict_tenant: Tenant) -> None:
    """Two messages to the same person in the same job."""
    flow = strict_tenant.flow()
    first, second = flow.send("welcome", OPENS), flow.send("welcome", OPENS)

    found = [flow.events(OpenEvent, sent).all() for sent in (first, second)]

    assert [[event.batch_id for event in events] for events in found] == [
        [first.batch_id],
        [second.batch_id],
    ]


def test_a_kind_given_as_a_class_has_its_own_fields(strict_tenant: Tenant) -> None:
    flow = strict_tenant.flow()
    sent = flow.send("welcome", "ada+hardbounce@mock.test")

    bounced = flow.wait_for(BounceEvent, sent)

    assert bounced.category == "Hard bounce"


@pytest.mark.parametrize("kind", ["Open", "TrackingEvent", 5, Sent])
def test_an_unknown_kind_of_event_is_named_with_those_there_are(
    strict_tenant: Tenant, kind: str
) -> None:
    sent = Sent(
        definition="w", unique_id="1", subscriber_key="a", job_id=1, batch_id=1, subscriber_id=1
    )

    with pytest.raises(ConfigurationError, match="There are: SentEvent, NotSentEvent"):
        strict_tenant.flow().events(kind, sent)


def test_an_event_that_does_not_come_is_not_in_time(strict_tenant: Tenant) -> None:
    slept: list[float] = []
    flow = strict_tenant.flow(
        waiting=Polling(sleep=slept.append, clock=lambda: sum(slept), timeout=60)
    )
    sent = flow.send("welcome", "ada+delivered@mock.test")

    with pytest.raises(NotInTime, match=r"No OpenEvent for the message .* within 60 s"):
        flow.wait_for("OpenEvent", sent)

    assert sum(slept) == 60


def test_a_sent_message_is_a_value() -> None:
    sent = Sent(
        definition="w", unique_id="1", subscriber_key="a", job_id=1, batch_id=2, subscriber_id=3
    )

    assert dataclasses.replace(sent) == sent
    with pytest.raises(dataclasses.FrozenInstanceError):
        sent.job_id = 5  # type: ignore[misc]


def test_the_flow_shows_no_password() -> None:
    client = Client("http://x.test", auth=UsernameToken("ada", "correct-horse"))

    assert "correct-horse" not in repr(TrackingFlow(client, recipe=RECIPE))
