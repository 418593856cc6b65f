"""The documented flow, for recordings of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sfmc_client import APIObject, Client, OAuth, P, Transport, WSGITransport
from sfmc_conformance.transcripts import RecordingTransport
from sfmc_mock import Accounts, Application, Settings

ENDPOINT = "https://mc563885gzs27c5t963k636ttgm.soap.marketingcloudapis.com/Service.asmx"
ADDRESS = "ada+open+click@mock.test"
UNIQUE_ID = "Ada's 17th welcome"


@contextmanager
def emulator(*, strict: bool = True) -> Iterator[WSGITransport]:
    """A transport to an emulator in this process, with the default account."""
    accounts = Accounts(strict=strict)
    accounts.open()
    application = Application(accounts, Settings(strict=strict))
    yield WSGITransport(application)
    accounts.close()
    assert application.problems == []


def client(transport: Transport, endpoint: str = ENDPOINT) -> Client:
    """A client that logs in with a token, requested over the same transport."""
    auth = OAuth(
        "mock-client-id",
        "mock-client-secret",
        account_id=1234567,
        token_url=endpoint.replace("/Service.asmx", "/v2/token"),
    )
    return Client(endpoint, auth=auth, transport=transport)


def run_flow(service: Client) -> None:
    """Create the objects, start the definition, trigger a send, find the log row, retrieve the events."""
    set_up(service)
    trigger(service)
    row = log_row(service)
    condition = P("SendID").equals(row["JobID"]) & P("BatchID").equals(row["BatchID"])
    for event in ("SentEvent", "OpenEvent", "ClickEvent", "BounceEvent"):
        more = ["URL"] if event == "ClickEvent" else []
        found = service.retrieve(
            event, ["SendID", "SubscriberKey", "EventDate", *more], filter=condition
        )
        assert len(found.all()) == (event != "BounceEvent")


def set_up(service: Client) -> None:
    """Create the attribute, the send log and the definition, and start it."""
    service.configure(
        "Create", APIObject("PropertyDefinition", Name="UniqueID", PropertyType="string")
    )
    template = service.retrieve(
        "DataExtensionTemplate", ["ObjectID"], filter=P("Name").equals("SendLog")
    ).all()[0]
    service.create(
        APIObject(
            "DataExtension",
            CustomerKey="ada-log",
            Name="Ada's log",
            Template={"ObjectID": template["ObjectID"]},
            Fields={"Field": [{"Name": "UniqueID", "FieldType": "Text"}]},
        )
    )
    service.create(
        APIObject(
            "TriggeredSendDefinition",
            CustomerKey="ada-welcome",
            Name="Welcome to Ada & Co",
            SendClassification={"CustomerKey": "2239"},
            Email={"ID": 3099626},
            IsSendLogging=True,
        )
    )
    service.update(
        APIObject(
            "TriggeredSendDefinition", CustomerKey="ada-welcome", TriggeredSendStatus="Active"
        )
    )


def trigger(service: Client) -> None:
    """Send a message to one reader."""
    service.create(
        APIObject(
            "TriggeredSend",
            TriggeredSendDefinition={"CustomerKey": "ada-welcome"},
            Subscribers=[
                {
                    "EmailAddress": ADDRESS,
                    "SubscriberKey": "lovelace-1815",
                    "Attributes": [{"Name": "UniqueID", "Value": UNIQUE_ID}],
                }
            ],
        )
    )


def log_row(service: Client) -> dict[str, str]:
    """Return the send-log row of the message."""
    found = service.retrieve(
        "DataExtensionObject[ada-log]",
        ["JobID", "BatchID", "SubID"],
        filter=P("UniqueID").equals(UNIQUE_ID),
    ).all()
    cells = found[0].objects("Properties.Property")
    return {str(cell.text("Name")): str(cell.text("Value")) for cell in cells}


PRIVATE = (
    "mc563885gzs27c5t963k636ttgm",
    "mock-client-id",
    "mock-client-secret",
    "1234567",
    "3099626",
    "ada+open",
    "ada-log",
    "ada-welcome",
    "Welcome to Ada",
    "lovelace-1815",
    "17th welcome",
)
"""What of the flow must not be in a recording."""


@dataclass(frozen=True)
class Recorded:
    """A recording of the flow."""

    folder: Path

    def exchange(self, number: int) -> Path:
        """Return the folder of an exchange."""
        (found,) = self.folder.glob(f"{number:04}-*")
        return found

    def answer(self, name: str) -> Path:
        """Return the first recorded answer that contains a text."""
        return next(
            file
            for file in sorted(self.folder.glob("*/response.xml"))
            if name in file.read_text(encoding="utf-8")
        )


def record_flow(folder: Path, *, strict: bool = True) -> Recorded:
    """Record the flow through the client."""
    with emulator(strict=strict) as transport:
        run_flow(client(RecordingTransport(transport, folder)))
    return Recorded(folder)
