"""The rails refuse calls to a real tenant; no refused call leaves the process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.tenants import ENDPOINT, RECIPE, CountingTransport, Tenant

from sfmc_client import (
    UPSERT,
    APIObject,
    Client,
    ConnectionLost,
    ExecuteRequest,
    OperationFailed,
    Options,
    P,
    Request,
    Response,
    SaveOption,
    TrackingFlow,
    Transport,
    row,
)
from sfmc_client.testing import RailsRefused
from sfmc_client.testing.configuration import RailSettings
from sfmc_client.testing.rails import DryRun, Rails, clean_up
from sfmc_client.testing.recipients import is_allowed
from sfmc_client.testing.run_ledger import Ledger, Made

FILE = Path("tenant.toml")
READS = {"Retrieve", "Describe", "VersionInfo", "GetSystemStatus"}
ON_THE_LIST = "ada+open@mock.test"
SETTINGS = RailSettings(recipients=("*@mock.test", "grace@example.com"), max_sends=2)
DEFINITION = APIObject("TriggeredSendDefinition", CustomerKey="welcome")


class Railed:
    """A tenant behind rails, with a list of the calls that passed them."""

    def __init__(self, tenant: Tenant, ledger: Ledger, **options: Any) -> None:
        self.tenant = tenant
        self.ledger = ledger
        given = {"mid": tenant.mid, **options}
        self.rails = Rails(given.pop("settings", SETTINGS), path=FILE, ledger=ledger, **given)
        self.client = self.client_through(tenant.transport)
        self.flow = TrackingFlow(self.client, recipe=RECIPE)

    def client_through(self, transport: Transport) -> Client:
        return Client(
            ENDPOINT, auth=self.tenant.client._auth, transport=self.rails.around(transport)
        )

    @property
    def through(self) -> list[str]:
        """Return the writing operations that left the process."""
        actions = [each.headers["SOAPAction"].strip('"') for each in self.tenant.transport.requests]
        return [action for action in actions if action not in READS]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


@pytest.fixture
def make(strict_tenant: Tenant, ledger: Ledger) -> Callable[..., Railed]:
    """Make rails around a new account, which they know to be the allowed one."""

    def make(**options: Any) -> Railed:
        railed = Railed(strict_tenant, ledger, **options)
        railed.rails.check_account(railed.client)
        return railed

    return make


@pytest.fixture
def railed(make: Callable[..., Railed]) -> Railed:
    return make()


@pytest.fixture
def ready(railed: Railed) -> Railed:
    """Rails around an account in which the run has created all objects."""
    railed.flow.set_up("welcome")
    railed.tenant.transport.requests.clear()
    return railed


# The account.


def test_another_account_is_noticed_before_anything_is_written(
    strict_tenant: Tenant, ledger: Ledger
) -> None:
    railed = Railed(strict_tenant, ledger, mid=999)

    with pytest.raises(
        RailsRefused, match=rf"belong to account {strict_tenant.mid}, but mid .* is 999"
    ):
        railed.rails.check_account(railed.client)

    assert railed.through == []


def test_nothing_is_written_before_the_account_is_known(
    strict_tenant: Tenant, ledger: Ledger
) -> None:
    railed = Railed(strict_tenant, ledger)

    with pytest.raises(RailsRefused, match="MID of the account was not checked yet"):
        railed.flow.send("welcome", ON_THE_LIST)

    assert strict_tenant.transport.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create(
            APIObject("List", ListName="x"), options=Options(client_id=999)
        ),
        lambda client: client.create(APIObject("List", ListName="x", Client={"ID": 999})),
    ],
)
def test_a_call_for_another_business_unit_stays_here(
    railed: Railed, call: Callable[[Client], object]
) -> None:
    with pytest.raises(RailsRefused, match="for the account 999"):
        call(railed.client)

    assert railed.through == []


# Recipients.


def test_a_send_to_a_listed_recipient_goes_out(ready: Railed) -> None:
    sent = ready.flow.send("welcome", ON_THE_LIST)

    assert sent.job_id
    assert ready.through == ["Create"]


@pytest.mark.parametrize(
    "address",
    [
        "eve@example.com",
        "ada@mock.test.evil.com",
        "ada@sub.mock.test",
        "eve@example.com,ada@mock.test",
        "eve@example.com ada@mock.test",
        "<eve@example.com>@mock.test",
        "",
    ],
)
def test_a_send_to_an_unlisted_recipient_never_leaves_the_process(
    ready: Railed, address: str
) -> None:
    with pytest.raises(
        RailsRefused,
        match=r"not on the list of recipients.*recipients in \[rails\].*tenant\.toml",
    ):
        ready.flow.trigger("welcome", address)

    assert ready.tenant.transport.requests == []


def test_one_stranger_among_the_subscribers_keeps_all_of_them_here(ready: Railed) -> None:
    people = [{"EmailAddress": each} for each in (ON_THE_LIST, "eve@example.com")]
    send = APIObject("TriggeredSend", TriggeredSendDefinition=DEFINITION, Subscribers=people)

    with pytest.raises(RailsRefused, match=r"'eve@example\.com' is not on the list"):
        ready.client.create(send)

    assert ready.through == []


def test_a_listed_address_does_not_allow_an_unlisted_key(ready: Railed) -> None:
    """The service may know another address of that key."""
    with pytest.raises(RailsRefused, match="'eve' is the SubscriberKey of the recipient"):
        ready.flow.trigger("welcome", ON_THE_LIST, subscriber_key="eve")

    assert ready.through == []


def test_a_subscriber_that_the_run_made_may_have_any_key(ready: Railed) -> None:
    ready.client.create(APIObject("Subscriber", SubscriberKey="ada", EmailAddress=ON_THE_LIST))

    sent = ready.flow.send("welcome", ON_THE_LIST, subscriber_key="ada")

    assert sent.subscriber_key == "ada"


def test_an_exact_address_is_as_good_as_a_pattern(ready: Railed) -> None:
    with pytest.raises(OperationFailed, match="List Detective"):
        ready.flow.trigger("welcome", "Grace@example.com")

    assert ready.through == ["Create"]


@pytest.mark.parametrize("name", ["BccEmail", "CCEmail", "TestEmailAddr"])
def test_a_definition_sends_no_copies_to_strangers(railed: Railed, name: str) -> None:
    copied = DEFINITION.replace(**{name: "ada@mock.test; eve@example.com"})

    with pytest.raises(RailsRefused, match=rf"'eve@example\.com' would get copies \({name}\)"):
        railed.client.create(copied)

    assert railed.through == []


@pytest.mark.parametrize(
    "subscriber",
    [
        APIObject("Subscriber", SubscriberKey="eve", EmailAddress="eve@example.com"),
        APIObject("Subscriber", SubscriberKey="eve", Status="Unsubscribed"),
    ],
)
def test_strangers_are_not_touched(railed: Railed, subscriber: APIObject) -> None:
    with pytest.raises(RailsRefused, match="not on the list of recipients"):
        railed.client.update(subscriber)

    assert railed.through == []


def test_an_existing_key_is_not_given_another_address(railed: Railed) -> None:
    """UPSERT would overwrite the address of whoever has the key."""
    eve = APIObject("Subscriber", SubscriberKey="eve", EmailAddress=ON_THE_LIST)

    with pytest.raises(RailsRefused, match="'eve' is not on the list"):
        railed.client.create(eve, save_options=UPSERT)


def test_a_listed_recipient_may_be_unsubscribed(ready: Railed) -> None:
    sent = ready.flow.send("welcome", ON_THE_LIST)

    result = ready.client.log_unsub_event(subscriber_key=ON_THE_LIST, job_id=sent.job_id)

    assert result.ok


# The limit of sends, and other operations that send.


def test_the_run_sends_no_more_than_it_may(ready: Railed) -> None:
    for _ in range(2):
        ready.flow.trigger("welcome", ON_THE_LIST)

    with pytest.raises(
        RailsRefused, match=r"more than 2 messages \(2 were sent already\).*max_sends"
    ):
        ready.flow.trigger("welcome", ON_THE_LIST)

    assert ready.through == ["Create", "Create"]


def test_every_subscriber_counts(ready: Railed) -> None:
    people = [{"EmailAddress": f"ada{number}@mock.test"} for number in range(3)]
    send = APIObject("TriggeredSend", TriggeredSendDefinition=DEFINITION, Subscribers=people)

    with pytest.raises(RailsRefused, match="more than 2 messages"):
        ready.client.create(send)

    assert ready.through == []


def test_processes_of_a_run_share_the_cap(ready: Railed, strict_tenant: Tenant) -> None:
    ready.flow.trigger("welcome", ON_THE_LIST)
    ready.flow.trigger("welcome", ON_THE_LIST)
    other = Railed(strict_tenant, Ledger(ready.ledger.path))
    other.rails.check_account(other.client)

    with pytest.raises(RailsRefused, match="more than 2 messages"):
        other.flow.trigger("welcome", ON_THE_LIST)


ANYTHING = APIObject("EmailSendDefinition", CustomerKey="newsletter")


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.perform("start", ANYTHING),
        lambda client: client.schedule("start", ANYTHING, APIObject("ScheduleDefinition")),
        lambda client: client.extract("id"),
        lambda client: client.execute(ExecuteRequest(name="Anything")),
        lambda client: client.log_unsub_event(subscriber_id=5),
        lambda client: client.log_unsub_event(email_address="eve@example.com"),
        lambda client: client.create(APIObject("Send", ID=5)),
        lambda client: client.create(ANYTHING),
        lambda client: client.update(APIObject("TriggeredSend", ObjectID="5")),
        lambda client: client.create(APIObject("TriggeredSend", ObjectID="5")),
        lambda client: client.configure("assign", APIObject("PropertyDefinition", Name="x")),
        lambda client: client.create(APIObject("List", AutomatedEmail={"ID": 5})),
        lambda client: client.create(
            APIObject("List", ListName="x"), options=Options(request_type="Asynchronous")
        ),
        lambda client: client.create(
            [APIObject("List", ListName="x"), _send_to("ada@mock.test")], check=False
        ),
        lambda client: client.create(row("Orders", {"ID": 1})),
    ],
)
def test_operations_without_a_recipient_check_are_blocked(
    railed: Railed, call: Callable[[Client], object]
) -> None:
    with pytest.raises(RailsRefused, match=r"^Refused by the rails, nothing was sent: "):
        call(railed.client)

    assert railed.through == []


def _send_to(address: str) -> APIObject:
    return APIObject(
        "TriggeredSend", TriggeredSendDefinition=DEFINITION, Subscribers=[{"EmailAddress": address}]
    )


def test_a_foreign_definition_is_not_started(railed: Railed, strict_tenant: Tenant) -> None:
    """Messages may wait in its queue."""
    strict_tenant.flow().define("welcome")

    with pytest.raises(RailsRefused, match=r"starting .*welcome.* start in \[rails\]"):
        railed.flow.send("welcome", ON_THE_LIST)


def test_a_foreign_definition_may_be_started_if_configured(
    make: Callable[..., Railed], strict_tenant: Tenant
) -> None:
    strict_tenant.flow().define("welcome")
    railed = make(settings=replace(SETTINGS, start=("welcome",)))

    assert railed.flow.send("welcome", ON_THE_LIST).job_id


# Unreadable requests are refused.


@pytest.mark.parametrize(
    "change",
    [
        {"headers": {}},
        {"headers": {"SOAPAction": "Retrieve"}},
        {"headers": {"SOAPAction": "Unknown"}},
        {"body": b"<Envelope/>"},
        {"body": b'{"grant_type": "password"}', "headers": {}},
    ],
)
def test_a_hand_made_request_cannot_bypass_the_rails(ready: Railed, change: dict[str, Any]) -> None:
    """A test may have the client's transport, but not the one inside the rails."""
    ready.flow.trigger("welcome", ON_THE_LIST)
    honest = ready.tenant.transport.requests[-1]
    forged = replace(honest, body=honest.body.replace(b"mock.test", b"evil.test"))
    ready.tenant.transport.requests.clear()

    with pytest.raises(RailsRefused, match=r"cannot be checked|not on the list"):
        ready.client._transport.send(replace(forged, **change))

    assert ready.tenant.transport.requests == []


def test_two_actions_in_the_head_are_refused(ready: Railed) -> None:
    ready.flow.trigger("welcome", ON_THE_LIST)
    honest = ready.tenant.transport.requests[-1]
    ready.tenant.transport.requests.clear()

    with pytest.raises(RailsRefused, match="its SOAPAction is not an operation"):
        ready.client._transport.send(
            replace(honest, headers={**honest.headers, "soapaction": '"Delete"'})
        )

    assert ready.tenant.transport.requests == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ((b"<Name>", b"<Name>a</Name><Name>"), "Name is given 2 times in Objects"),
        ((b"<Name>", b"<name>a</name><Name>"), "name must be written Name"),
        ((b"<Name>", b'<x:Name xmlns:x="urn:x">a</x:Name><Name>'), "Name is not in the service's"),
        ((b"<Name>", b'<Name xsi:nil="true">'), "Name has xsi:nil and is not empty"),
        ((b"<Name>", b'<Name id="1">'), "Name has the attribute id"),
        ((b"<Name>", b"text<Name>"), "Objects has text between its elements"),
        ((b'type="', b'type="x:'), "the xsi:type of Objects is not in the"),
        ((b"</CreateRequest>", b"</CreateRequest><DeleteRequest/>"), "more than one message"),
        ((b"</soap:Body>", b"</soap:Body><soap:Body/>"), "one Body, and at most one Header"),
        ((b"Action>Create", b"Action>Delete"), "name two operations"),
    ],
)
def test_ambiguous_requests_are_refused(
    ready: Railed, change: tuple[bytes, bytes], problem: str
) -> None:
    ready.client.create(APIObject("Email", Name="Welcome", Subject="S"))
    honest = ready.tenant.transport.requests[-1]
    ready.tenant.transport.requests.clear()

    with pytest.raises(RailsRefused, match=f"cannot be checked: .*{problem}"):
        ready.client._transport.send(replace(honest, body=honest.body.replace(*change)))

    assert ready.tenant.transport.requests == []


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (APIObject("Subscriber", ID=5, EmailAddress=ON_THE_LIST), "the subscriber is named by ID"),
        (
            APIObject("Subscriber", SubscriberKey=ON_THE_LIST, Lists=[{"ID": 5}]),
            r"would add to List 5 \(Lists\)",
        ),
        (
            APIObject(
                "Subscriber", SubscriberKey=ON_THE_LIST, PrimaryEmailAddress={"Address": "x"}
            ),
            "PrimaryEmailAddress in a Subscriber",
        ),
        (
            APIObject(
                "Subscriber",
                SubscriberKey=ON_THE_LIST,
                Attributes=[{"Name": "Email Address", "Value": "eve@example.com"}],
            ),
            "'eve@example.com' is in the attribute Email Address",
        ),
        (APIObject("Email", ID=5, Name="x"), "Email x is to be changed"),
        (APIObject("DataExtension", CustomerKey="x", Name="y"), "DataExtension x is to be changed"),
        (
            DEFINITION.replace(Client={"PartnerClientKey": "x"}),
            "names an account by Client.PartnerClientK",
        ),
        (DEFINITION.replace(Email={"ID": 1, "Client": {"ID": 9}}), "the call is for the account 9"),
        (DEFINITION.replace(List={"ID": 5}), r"would add to List 5 \(List\)"),
        (
            DEFINITION.replace(PartnerProperties=[{"Name": "BccEmail", "Value": "x"}]),
            "PartnerProperties may set any property",
        ),
    ],
)
def test_a_way_round_by_a_property_is_closed(ready: Railed, item: APIObject, problem: str) -> None:
    with pytest.raises(RailsRefused, match=problem):
        ready.client.update(item)

    assert ready.through == []


@pytest.mark.parametrize("status", ["Active", "Inactive", "Canceled"])
def test_a_foreign_definition_is_not_paused_or_canceled(
    railed: Railed, strict_tenant: Tenant, status: str
) -> None:
    strict_tenant.flow().define("welcome")
    strict_tenant.transport.requests.clear()

    with pytest.raises(RailsRefused, match=r"which this run did not make|was not made by this run"):
        railed.client.update(DEFINITION.replace(TriggeredSendStatus=status))

    assert railed.through == []


def test_a_new_object_is_not_numbered_by_the_caller(railed: Railed) -> None:
    """With a number of the caller's choice, the run could claim another program's object."""
    with pytest.raises(RailsRefused, match=r"sets ID of Email x itself\. Leave it out"):
        railed.client.create(APIObject("Email", ID=5, Name="x"))


def test_a_request_for_a_token_passes(railed: Railed) -> None:
    asked = Request(
        url="http://tenant.test/v2/token",
        headers={"Content-Type": "application/json"},
        body=b'{"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}',
        timeout=1,
    )

    assert railed.client._transport.send(asked).status == 401


# Clean-up.


def test_objects_of_the_run_are_removed_at_its_end(ready: Railed) -> None:
    ready.flow.send("welcome", ON_THE_LIST)

    failed = clean_up(ready.client, ready.ledger)

    assert failed == []
    assert ready.ledger.remaining == []
    for kind in ("DataExtension", "TriggeredSendDefinition"):
        found = ready.tenant.client.retrieve(kind, ["CustomerKey"]).all()
        assert [each["CustomerKey"] for each in found if kind == "DataExtension"] == []
    assert ready.tenant.flow().set_up_attribute()


def test_objects_that_were_there_before_stay(railed: Railed, strict_tenant: Tenant) -> None:
    strict_tenant.flow().send("welcome", ON_THE_LIST)

    railed.flow.send("welcome", ON_THE_LIST)
    clean_up(railed.client, railed.ledger)

    assert strict_tenant.flow().send("welcome", ON_THE_LIST).batch_id == 3


@pytest.mark.parametrize(
    "target",
    [
        APIObject("DataExtension", CustomerKey="SendLog"),
        APIObject("TriggeredSendDefinition", CustomerKey="welcome"),
        APIObject("Subscriber", SubscriberKey=ON_THE_LIST),
        APIObject("List", ID=8421),
        APIObject("DataExtension"),
    ],
)
def test_objects_of_others_are_not_deleted(
    railed: Railed, strict_tenant: Tenant, target: APIObject
) -> None:
    strict_tenant.flow().send("welcome", ON_THE_LIST)
    strict_tenant.transport.requests.clear()

    with pytest.raises(RailsRefused, match="is to be deleted, and was not made by this run"):
        railed.client.delete(target)

    assert railed.through == []


def test_an_attribute_that_was_there_before_is_not_deleted(
    railed: Railed, strict_tenant: Tenant
) -> None:
    strict_tenant.flow().set_up_attribute()

    with pytest.raises(RailsRefused, match="UniqueID is to be deleted"):
        railed.client.configure("Delete", APIObject("PropertyDefinition", Name="UniqueID"))


@pytest.mark.parametrize(
    "options",
    [
        {"save_options": [SaveOption("*", "Delete")]},
        {"options": Options(extra={"Action": "delete"})},
    ],
)
def test_nothing_is_deleted_by_way_of_an_option(railed: Railed, options: dict[str, Any]) -> None:
    with pytest.raises(RailsRefused, match="a save option that deletes"):
        railed.client.update(APIObject("List", ID=8421), **options)


def test_objects_that_a_test_deleted_are_not_missed_at_the_end(ready: Railed) -> None:
    ready.client.delete(DEFINITION)

    assert [str(each) for each in ready.ledger.remaining] == [
        "DataExtension SendLog",
        "PropertyDefinition UniqueID",
    ]
    assert clean_up(ready.client, ready.ledger) == []


def test_objects_that_cannot_be_removed_are_listed_with_the_reason(
    ready: Railed, strict_tenant: Tenant
) -> None:
    strict_tenant.client.delete(APIObject("DataExtension", CustomerKey="SendLog"))

    failed = clean_up(ready.client, ready.ledger)

    assert [str(made) for made, _ in failed] == ["DataExtension SendLog"]
    assert "refused" in failed[0][1]


@pytest.fixture
def log_of_somebody_else(strict_tenant: Tenant) -> None:
    template = strict_tenant.client.retrieve(
        "DataExtensionTemplate", ["ObjectID"], filter=P("Name").equals("SendLog")
    ).one()
    strict_tenant.client.create(
        APIObject(
            "DataExtension",
            CustomerKey="SendLog",
            Name="SendLog",
            Template={"ObjectID": template.text("ObjectID")},
        )
    )
    strict_tenant.transport.requests.clear()


@pytest.mark.usefixtures("log_of_somebody_else")
def test_a_foreign_log_is_not_changed(railed: Railed) -> None:
    with pytest.raises(RailsRefused, match=r"DataExtension SendLog is to be changed.* change in"):
        railed.flow.set_up_send_log()

    assert railed.through == []


@pytest.mark.usefixtures("log_of_somebody_else")
def test_a_column_in_a_log_that_may_be_changed_is_listed(make: Callable[..., Railed]) -> None:
    """Removing the column could remove values of other programs."""
    railed = make(settings=replace(SETTINGS, change=("SendLog",)))

    railed.flow.set_up_send_log()

    assert railed.ledger.leftovers == [
        "columns of DataExtension SendLog, which existed before: UniqueID"
    ]


def test_a_create_whose_answer_was_lost_is_listed(railed: Railed) -> None:
    class LosesAnswers:
        def send(self, request: Request) -> Response:
            raise ConnectionLost("The line is dead.")

    client = railed.client_through(LosesAnswers())

    with pytest.raises(ConnectionLost):
        client.create(APIObject("List", ListName="Readers"))

    assert railed.ledger.leftovers == ["List Readers may exist: the answer to its Create was lost"]


def test_rows_of_a_data_extension_of_the_run_s_own_may_be_written(railed: Railed) -> None:
    field = APIObject(None, Name="ID", FieldType="Text", MaxLength=9, IsPrimaryKey=True)
    extension = APIObject(
        "DataExtension", CustomerKey="Orders", Name="Orders", Fields={"Field": [field]}
    )
    railed.client.create(extension)

    railed.client.create(row("Orders", {"ID": "1"}))

    assert [str(each) for each in railed.ledger.remaining] == ["DataExtension Orders"]


def test_an_object_that_an_upsert_changed_is_not_the_run_s_own(
    railed: Railed, strict_tenant: Tenant
) -> None:
    ada = APIObject("Subscriber", SubscriberKey=ON_THE_LIST, EmailAddress=ON_THE_LIST)
    strict_tenant.client.create(ada)

    railed.client.create(ada, save_options=UPSERT)

    assert railed.ledger.remaining == []
    assert railed.ledger.leftovers == [
        f"Subscriber {ON_THE_LIST} may be new: its Create had a save option"
    ]


# Several processes.


@dataclass
class SlowToAnswer:
    """A transport that delays the service's answer to a Create."""

    inner: Transport
    has_it: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def send(self, request: Request) -> Response:
        response = self.inner.send(request)
        if request.headers["SOAPAction"] == '"Create"':
            self.has_it.set()
            assert self.may_answer.wait(60)
        return response


@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.update(DEFINITION.replace(IsSendLogging=True)),
        lambda client: client.update(DEFINITION.replace(TriggeredSendStatus="Active")),
        lambda client: client.delete(DEFINITION),
    ],
    ids=["update", "start", "delete"],
)
def test_what_another_process_is_making_is_waited_for(
    make: Callable[..., Railed],
    ledger: Ledger,
    change: Callable[[Client], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service returns an object before it answers its Create; until then the run does not list it as its own."""
    first, second = make(), make()
    transport = SlowToAnswer(first.tenant.transport)
    flow = TrackingFlow(first.client_through(transport), recipe=RECIPE)
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        transport.may_answer.set()
        threading.Event().wait(seconds)

    monkeypatch.setattr("sfmc_client.testing.rails.time.sleep", wait)
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(flow.define, "welcome")
        assert transport.has_it.wait(60)
        change(second.client)

    assert made.result() is True
    assert waits
    assert ledger.unfinished == []


def test_a_subscriber_that_another_process_is_making_may_have_any_key(
    make: Callable[..., Railed], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make(), make()
    second.flow.set_up("welcome")
    ada = APIObject("Subscriber", SubscriberKey="ada", EmailAddress=ON_THE_LIST)
    transport = SlowToAnswer(first.tenant.transport)

    def wait(seconds: float) -> None:
        transport.may_answer.set()
        threading.Event().wait(seconds)

    monkeypatch.setattr("sfmc_client.testing.rails.time.sleep", wait)
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(first.client_through(transport).create, ada)
        assert transport.has_it.wait(60)
        sent = second.flow.send("welcome", ON_THE_LIST, subscriber_key="ada")

    assert made.result()
    assert sent.subscriber_key == "ada"


def test_only_creates_that_began_before_the_check_are_waited_for(
    railed: Railed, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a check would wait as long as other processes go on creating objects."""
    theirs = [Made("List", "Create", {"Name": f"list {number}"}) for number in range(3)]
    with ExitStack() as first, ExitStack() as later:
        first.enter_context(ledger.making(theirs[:1], seconds=60))

        def wait(seconds: float) -> None:
            later.enter_context(ledger.making(theirs[1:2], seconds=60))
            first.close()
            monkeypatch.setattr(
                "sfmc_client.testing.rails.time.sleep", lambda _: pytest.fail("waited again")
            )

        monkeypatch.setattr("sfmc_client.testing.rails.time.sleep", wait)
        with pytest.raises(RailsRefused):
            railed.client.update(APIObject("List", CustomerKey="theirs", ListName="x"))


@pytest.mark.parametrize("key", ["ada@mock.test", "other@mock.test"])
def test_an_allowed_subscriber_waits_for_no_process(
    railed: Railed, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr("sfmc_client.testing.rails.time.sleep", lambda _: pytest.fail("waited"))
    subscriber = APIObject("Subscriber", SubscriberKey=key, EmailAddress=key)

    with ledger.making(
        [Made("Subscriber", "Create", {"SubscriberKey": "ada@mock.test"})], seconds=60
    ):
        railed.client.create(subscriber)


def test_what_a_subscriber_would_be_added_to_is_named(railed: Railed) -> None:
    item = APIObject("Subscriber", SubscriberKey=ON_THE_LIST, Lists=[{"ID": 5}])

    with pytest.raises(RailsRefused, match=r"add to List 5 \(Lists\).* Leave out Lists, or list"):
        railed.client.update(item)


def test_rows_and_things_that_are_there_are_not_waited_for(
    ready: Railed, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfmc_client.testing.rails.time.sleep", lambda _: pytest.fail("waited"))
    email = Made("Email", "Create", {"CustomerKey": "hello"})

    with ledger.making([email], seconds=60):
        ready.client.update(DEFINITION.replace(TriggeredSendStatus="Inactive"))
        with pytest.raises(RailsRefused):
            ready.client.update(APIObject("List", CustomerKey="theirs", ListName="x"))


def test_a_create_that_is_stopped_from_outside_is_listed(railed: Railed) -> None:
    class Stopped:
        def send(self, request: Request) -> Response:
            railed.tenant.transport.send(request)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        railed.client_through(Stopped()).create(APIObject("List", ListName="Readers"))

    assert railed.ledger.leftovers == ["List Readers may exist: the answer to its Create was lost"]


# A dry run.


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(make: Callable[..., Railed]) -> None:
    railed = make(dry_run=True)

    with pytest.raises(DryRun, match=rf"would send welcome to {ON_THE_LIST.replace('+', '.')}"):
        railed.flow.send("welcome", ON_THE_LIST)

    assert railed.through == []
    assert railed.ledger.planned == [
        "create PropertyDefinition UniqueID",
        "create DataExtension SendLog",
        "create TriggeredSendDefinition welcome",
        "update TriggeredSendDefinition welcome",
        f"send welcome to {ON_THE_LIST}",
    ]


def test_a_dry_run_has_the_same_rails(make: Callable[..., Railed]) -> None:
    railed = make(dry_run=True)

    with pytest.raises(RailsRefused, match="not on the list"):
        railed.flow.send("welcome", "eve@example.com")


# Around it.


def test_the_repr_of_rails_shows_no_secrets(railed: Railed) -> None:
    transport = railed.client._transport

    assert repr(transport) == "<transport with rails>"
    assert not any(
        isinstance(value, CountingTransport)
        for value in (getattr(transport, name, None) for name in dir(transport))
    )


@pytest.mark.parametrize(
    ("address", "pattern", "fits"),
    [
        ("ADA@QA.Example.com", "*@qa.example.com", True),
        ("ada@qa.example.com", "ada@QA.example.com", True),
        ("ada+1@qa.example.com", "ada+*@qa.example.com", True),
        ("ada@eu.qa.example.com", "*@*.qa.example.com", True),
        ("ada@qa.example.com", "*@*.qa.example.com", False),
        ("ada@qa.example.org", "*@qa.example.com", False),
        ("ada", "*@qa.example.com", False),
        ("ada@qa.example.com\n", "*@qa.example.com", False),
    ],
)
def test_addresses_are_matched_with_patterns(address: str, pattern: str, fits: bool) -> None:
    assert is_allowed(address, [pattern]) is fits
