"""Uses of the client for the type checker: this code does not run, and mypy must accept it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from sfmc_client import (
    UNSET,
    UPSERT,
    APIObject,
    Auth,
    Call,
    ClickEvent,
    Client,
    Condition,
    DeliveredEvent,
    Exchange,
    ExecuteRequest,
    ForwardedEmailEvent,
    ForwardedEmailOptInEvent,
    HTTPTransport,
    LogRow,
    NotSentEvent,
    OAuth,
    ObjectDefinition,
    OpenEvent,
    OperationFailed,
    Options,
    P,
    Page,
    PartialFailure,
    Polling,
    Recipe,
    Request,
    Response,
    Result,
    Results,
    Retries,
    Retrieval,
    SaveOption,
    Sent,
    SentEvent,
    SurveyEvent,
    SystemStatus,
    TrackingEvent,
    TrackingFlow,
    Transport,
    UnsubEvent,
    UsernameToken,
    VersionInfo,
    WSGITransport,
    name_values,
    row,
)
from sfmc_client.auth import Flow
from sfmc_client.testing import Credentials, Emulator, Explanation, MockAccount, MockTarget, Target


def making() -> None:
    Client("https://tenant.test/Service.asmx", auth=UsernameToken("name", "password"))
    Client(subdomain="mc42", auth=OAuth("id", "secret", account_id=1234567))
    Client(auth=OAuth("id", "secret", token_url="https://tenant.test/v2/token"))
    transport = HTTPTransport(
        ca_bundle="ca.pem",
        client_certificate=("cert.pem", "key.pem"),
        proxy="http://proxy.test:3128",
    )
    retries = Retries(attempts=5, sleep=lambda seconds: None)
    with Client(
        "http://x.test", auth=OAuth("id", "s"), transport=transport, retries=retries
    ) as client:
        assert_type(client, Client)
        assert_type(client.endpoint, str | None)
        assert_type(client.last_exchange, Exchange | None)
    exchanges: list[Exchange] = []
    Client("http://x.test", auth=OAuth("id", "s"), on_exchange=exchanges.append)


def objects() -> None:
    ada = APIObject(
        "Subscriber",
        SubscriberKey="ada",
        EmailAddress=UNSET,
        PartnerKey=None,
        Lists=[{"ID": 42, "Status": "Active"}, {"ID": 43}],
        Attributes=name_values({"UniqueID": "111", "Age": 36}),
        TriggeredSendDefinition={"CustomerKey": "welcome", "Email": APIObject("Email", ID=7)},
    )
    APIObject("Automation", {"Name": "nightly", "ScheduledTime": datetime.now().astimezone()})
    assert_type(ada.text("SubscriberKey"), str | None)
    assert_type(ada.integer("ID"), int | None)
    assert_type(ada.boolean("IsActive"), bool | None)
    assert_type(ada.moment("CreatedDate"), datetime | None)
    assert_type(ada.objects("Lists"), list[APIObject])
    assert_type(ada.nested("Lists"), APIObject | None)
    assert_type(ada.pairs("Attributes"), dict[str, str | None])
    assert_type(row("people", {"ID": 1, "Name": None}, keys={"ID": 1}), APIObject)


def writing(client: Client, ada: APIObject) -> None:
    assert_type(client.create(ada), Results)
    assert_type(client.create([ada, ada], save_options=UPSERT, check=False), Results)
    assert_type(
        client.update((each for each in [ada]), save_options=[SaveOption("*", "UpdateAdd")]),
        Results,
    )
    assert_type(
        client.delete(ada, options=Options(client_id=42, request_type="Asynchronous"), timeout=300),
        Results,
    )
    assert_type(client.configure("Create", ada), Results)
    assert_type(client.perform("start", [ada]), Results)
    assert_type(client.schedule("start", ada, APIObject("ScheduleDefinition")), Results)
    assert_type(client.extract("id", {"StartDate": "1/1/2026"}), Results)
    assert_type(client.execute(ExecuteRequest(name="X", parameters={"A": 1})), Results)
    assert_type(client.log_unsub_event(subscriber_key="ada", job_id=11), Result)
    try:
        results: list[Result] = client.create([ada])
    except PartialFailure as failure:
        results = failure.results
    except OperationFailed as failure:
        results = failure.failed
    assert_type([result.new_id for result in results], list[int | None])


def reading(client: Client) -> None:
    condition = (P("SendID") == 1) & P("BatchID").in_([1, 2]) | (P("EventDate") >= "2024-05-01")
    assert_type(condition, Condition)
    found = client.retrieve(
        "Subscriber", ["SubscriberKey"], filter=condition, batch_size=500, client_ids=[1]
    )
    assert_type(found, Retrieval[APIObject])
    assert_type(found.all(), list[APIObject])
    assert_type(found.one(), APIObject)
    assert_type(found.first(), APIObject | None)
    for page in found.pages():
        assert_type(page, Page[APIObject])
        assert_type(page.objects, tuple[APIObject, ...])
    rows = client.retrieve_rows("SendLog", ["JobID"])
    assert_type(rows.one(), dict[str, str | None])
    assert_type([LogRow.read(each) for each in rows], list[LogRow])
    assert_type(client.tracking_events(OpenEvent), Retrieval[OpenEvent])
    assert_type([click.url for click in client.tracking_events(ClickEvent)], list[str | None])
    assert_type(client.query("Subscriber", ["SubscriberKey"]).all(), list[APIObject])
    assert_type(client.describe("Subscriber"), ObjectDefinition)
    assert_type(client.describe_all(["Subscriber", "List"]), list[ObjectDefinition])
    assert_type(client.version_info(), VersionInfo)
    assert_type(client.get_system_status(), SystemStatus)


def tracking(client: Client) -> None:
    flow = TrackingFlow(
        client,
        recipe=Recipe(email_id=7),
        recipes={"welcome": Recipe(email_id=8, classification="2239")},
        waiting=Polling(timeout=60, sleep=lambda seconds: None),
    )
    sent = flow.send("welcome", "ada@example.com", attributes={"First Name": "Ada"})
    assert_type(sent, Sent)
    assert_type(flow.define("welcome", email_id=7), bool)
    assert_type(flow.trigger("welcome", to="ada@example.com"), str)
    assert_type(flow.find_log_row("111"), LogRow | None)
    assert_type(flow.found("111"), Sent)
    assert_type(flow.events(ClickEvent, sent), Retrieval[ClickEvent])
    assert_type(flow.events("ClickEvent", sent), Retrieval[TrackingEvent])
    assert_type(flow.wait_for(OpenEvent, sent, timeout=60), OpenEvent)
    assert_type(flow.wait_for("OpenEvent", sent), OpenEvent)


def testing(sfmc: Target, mock: MockTarget, name: str) -> None:
    sent = sfmc.flow.send("welcome", to=sfmc.recipient("opens"))
    assert_type(sfmc.wait_for(OpenEvent, sent), OpenEvent)
    assert_type(sfmc.wait_for("BounceEvent", sent).bounce_category, str | None)
    assert_type(sfmc.wait_for("ClickEvent", sent, timeout=60).url, str | None)
    assert_type(sfmc.wait_for("DeliveredEvent", sent), DeliveredEvent)
    assert_type(sfmc.wait_for("ForwardedEmailEvent", sent), ForwardedEmailEvent)
    assert_type(sfmc.wait_for("ForwardedEmailOptInEvent", sent), ForwardedEmailOptInEvent)
    assert_type(sfmc.wait_for("NotSentEvent", sent), NotSentEvent)
    assert_type(sfmc.wait_for("OpenEvent", sent), OpenEvent)
    assert_type(sfmc.wait_for("SentEvent", sent), SentEvent)
    assert_type(sfmc.wait_for("SurveyEvent", sent), SurveyEvent)
    assert_type(sfmc.wait_for("UnsubEvent", sent), UnsubEvent)
    assert_type(sfmc.wait_for(name, sent), TrackingEvent)
    assert_type(sfmc.clock.now, datetime)
    assert_type(sfmc.explain(sent), Explanation)
    assert_type(sfmc.account, MockAccount)
    assert_type(sfmc.server, Emulator)
    assert_type(sfmc.account.credentials, Credentials)
    assert_type(sfmc.account.credentials["client_secret"], str)
    assert_type(sfmc.account.environ, dict[str, str])
    assert_type(mock.clock.advance(days=7), datetime)
    assert_type(mock.explain(sent), Explanation)
    targets: list[Target] = [sfmc, mock]
    assert targets


def extending(call: Call) -> None:
    class Recorded:
        def send(self, request: Request) -> Response:
            return Response(status=200, headers={}, body=request.body)

    class Given(Auth):
        def flow(self, call: Call) -> Flow:
            response = yield call.request(self.credentials)
            assert_type(response, Response)

        from sfmc_client.envelope import HIDDEN_CREDENTIALS as credentials

    carriers: list[Transport] = [
        Recorded(),
        HTTPTransport(),
        WSGITransport(lambda environ, start: [b""]),
    ]
    Client("http://x.test", auth=Given(), transport=carriers[0])
