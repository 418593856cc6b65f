"""zeep, which only accepts what its WSDL contains, runs the whole flow over HTTP.

Once with the vendor's WSDL in `../shared/reference` and the address overridden; once with the WSDL that the server
gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from tests.support.soap_app import shared

from sfmc_mock import MockServer

_FAULT_SCHEMA = "https://webservice.exacttarget.com/ETFrameworkFault.xsd"
PARTNER = "{http://exacttarget.com/wsdl/partnerAPI}"

Operation = Callable[..., Any]


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running
    assert running.problems == []


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


def _reference(folder: Path) -> str:
    """A copy of the vendor's WSDL whose import is a file beside it."""
    text = shared("reference", "etframework-2024-11.wsdl").read_text(encoding="utf-8")
    assert _FAULT_SCHEMA in text
    schema = shared("reference", "ETFrameworkFault.xsd").read_bytes()
    folder.joinpath("ETFrameworkFault.xsd").write_bytes(schema)
    copy = folder / "etframework.wsdl"
    copy.write_text(text.replace(_FAULT_SCHEMA, "ETFrameworkFault.xsd"), encoding="utf-8")
    return str(copy)


class Zeep:
    """A zeep client of the server with the account's token, and short names for what tests do."""

    def __init__(self, server: MockServer, session: requests.Session, wsdl: str, override: bool):
        self.client = zeep.Client(wsdl, transport=zeep.Transport(session=session))
        own = server.account.credentials
        asked = {"grant_type": "client_credentials"} | {
            name: own[name] for name in ("client_id", "client_secret")
        }
        answer = session.post(f"{server.base_url}/v2/token", json=asked, timeout=10).json()
        header = etree.Element("{http://exacttarget.com}fueloauth")
        header.text = answer["access_token"]
        self.client.set_default_soapheaders([header])
        self.service = self.client.service
        if override:
            (binding,) = self.client.wsdl.bindings
            self.service = self.client.create_service(binding, server.url)

    def of(self, type_name: str, **values: Any) -> Any:
        return self.client.get_type(PARTNER + type_name)(**values)

    def one(self, operation: str, thing: Any) -> Any:
        """Create, update or delete one object; it must work."""
        call: Operation = getattr(self.service, operation)
        answer = call(Options={}, Objects=[thing])
        assert answer.OverallStatus == "OK", answer
        return answer.Results[0]

    def equals(self, name: str, value: object) -> Any:
        return self.of(
            "SimpleFilterPart", Property=name, SimpleOperator="equals", Value=[str(value)]
        )

    def retrieve(self, object_type: str, properties: list[str], condition: Any = None) -> Any:
        request: dict[str, Any] = {"ObjectType": object_type, "Properties": properties}
        if condition is not None:
            request["Filter"] = condition
        answer = self.service.Retrieve(RetrieveRequest=request)
        assert answer.OverallStatus == "OK", answer
        return answer.Results


@pytest.fixture(scope="module", params=["the vendor's", "ours"])
def client(
    request: pytest.FixtureRequest,
    server: MockServer,
    session: requests.Session,
    tmp_path_factory: pytest.TempPathFactory,
) -> Zeep:
    if request.param == "ours":
        return Zeep(server, session, server.wsdl_url, override=False)
    return Zeep(server, session, _reference(tmp_path_factory.mktemp("wsdl")), override=True)


@pytest.fixture(scope="module")
def flow(client: Zeep, server: MockServer) -> SimpleNamespace:
    """The answers of the steps of the flow; the account is reset first."""
    server.account.reset()
    of = client.of
    configured = client.service.Configure(
        Options={},
        Action="Create",
        Configurations={
            "Configuration": [of("PropertyDefinition", Name="UniqueID", PropertyType="string")]
        },
    )
    field = of("DataExtensionField", Name="UniqueID", FieldType="Text", MaxLength=200)
    template = of("DataExtensionTemplate", ObjectID="c3af0d64-1867-de11-8767-001e0bcf2c98")
    log = client.one(
        "Create",
        of(
            "DataExtension",
            CustomerKey="SendLog",
            Name="SendLog",
            Template=template,
            Fields={"Field": [field]},
        ),
    )
    definition = client.one(
        "Create",
        of(
            "TriggeredSendDefinition",
            CustomerKey="welcome",
            Name="welcome",
            SendClassification=of("SendClassification", CustomerKey="2239"),
            Email=of("Email", ID=3099626),
            IsSendLogging=True,
        ),
    )
    started = client.one(
        "Update", of("TriggeredSendDefinition", CustomerKey="welcome", TriggeredSendStatus="Active")
    )
    subscriber = of(
        "Subscriber",
        SubscriberKey="ada",
        EmailAddress="ada@mock.test",
        Attributes=[of("Attribute", Name="UniqueID", Value="u-1")],
    )
    named = of("TriggeredSendDefinition", CustomerKey="welcome")
    sent = client.one(
        "Create", of("TriggeredSend", TriggeredSendDefinition=named, Subscribers=[subscriber])
    )
    return SimpleNamespace(
        configured=configured, log=log, definition=definition, started=started, sent=sent
    )


def test_the_steps_of_the_flow_are_answered_in_typed_results(flow: SimpleNamespace) -> None:
    assert flow.configured.OverallStatus == "OK"
    assert flow.configured.Results.Result[0].Object.Name == "UniqueID"
    assert flow.log.Object.CustomerKey == "SendLog"
    assert flow.definition.NewObjectID == flow.definition.Object.ObjectID
    assert flow.started.StatusMessage == "TriggeredSendDefinition updated"
    assert type(flow.sent).__name__ == "TriggeredSendCreateResult"


def test_the_row_of_the_send_log_leads_to_the_event(client: Zeep, flow: SimpleNamespace) -> None:
    (row,) = client.retrieve(
        "DataExtensionObject[SendLog]",
        ["JobID", "BatchID", "SubID"],
        client.equals("UniqueID", "u-1"),
    )
    job, batch, subscriber = (each.Value for each in row.Properties.Property)
    condition = client.of(
        "ComplexFilterPart",
        LeftOperand=client.equals("SendID", job),
        LogicalOperator="AND",
        RightOperand=client.equals("BatchID", batch),
        AdditionalOperands={"Operand": [client.equals("SubscriberID", subscriber)]},
    )

    (event,) = client.retrieve(
        "SentEvent", ["SendID", "SubscriberKey", "EventDate", "BatchID"], condition
    )

    assert type(event).__name__ == "SentEvent"
    assert (event.SendID, event.SubscriberKey, event.BatchID) == (int(job), "ada", int(batch))


def test_everything_that_describe_says_can_be_retrieved(
    client: Zeep, flow: SimpleNamespace
) -> None:
    """Clients retrieve all of it; IsPlatformObject and others are in no WSDL, and are only returned on request."""
    for object_type in (
        *("Subscriber", "SentEvent", "TriggeredSendDefinition", "DataExtension"),
        *("DataExtensionField", "List", "Email"),
    ):
        described = client.service.Describe(
            DescribeRequests={"ObjectDefinitionRequest": [{"ObjectType": object_type}]}
        )
        known = client.client.get_type(PARTNER + object_type).elements
        names = [
            each.Name
            for each in described.ObjectDefinition[0].Properties
            if each.IsRetrievable and each.Name.partition(".")[0] in {name for name, _ in known}
        ]

        found = client.retrieve(object_type, names)

        assert {type(each).__name__ for each in found} == {object_type}


def test_a_retrieve_that_finds_nothing_has_no_results(client: Zeep, flow: SimpleNamespace) -> None:
    nobody = client.equals("SubscriberKey", "nobody")

    assert client.retrieve("Subscriber", ["ID"], nobody) == []


def test_a_refused_object_is_read_with_its_code(client: Zeep, flow: SimpleNamespace) -> None:
    known = client.of("Subscriber", SubscriberKey="ada", EmailAddress="ada@mock.test")

    answer = client.service.Create(Options={}, Objects=[known])

    assert answer.OverallStatus == "Error"
    assert answer.Results[0].ErrorCode == 12014


def test_the_failures_of_a_send_are_read(client: Zeep, flow: SimpleNamespace) -> None:
    nobody = client.of("Subscriber", SubscriberKey="x", EmailAddress="no address")
    named = client.of("TriggeredSendDefinition", CustomerKey="welcome")
    sent = client.of("TriggeredSend", TriggeredSendDefinition=named, Subscribers=[nobody])

    answer = client.service.Create(Options={}, Objects=[sent])

    (failure,) = answer.Results[0].SubscriberFailures
    assert failure.ErrorCode == "TriggeredSendSubscriberProcessingError"
    assert failure.Subscriber.EmailAddress == "no address"


def test_a_fault_is_raised_as_one(client: Zeep) -> None:
    stranger = etree.Element("{http://exacttarget.com}fueloauth")
    stranger.text = "nobody's"

    with pytest.raises(zeep.exceptions.Fault) as fault:
        client.service.GetSystemStatus(Options={}, _soapheaders=[stranger])

    assert fault.value.message == "Login Failed"


def test_the_other_operations_are_answered_too(client: Zeep) -> None:
    status = client.service.GetSystemStatus(Options={})
    version = client.service.VersionInfo(IncludeVersionHistory=True)
    executed = client.service.Execute(Requests=[{"Name": "Nope"}])

    assert status.Results.Result[0].SystemStatus == "OK"
    assert version.VersionInfo.VersionHistory
    assert executed.Results[0].StatusMessage == "Unable to find a handler for the Nope method."
