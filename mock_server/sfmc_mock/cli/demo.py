"""`sfmc-mock demo`: the documented flow, step by step, over HTTP, against a server that the command starts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import click
import urllib3

from sfmc_mock.cli.explain import folded
from sfmc_mock.cli.invocation import command_name
from sfmc_mock.cli.output import console, safe, time_of
from sfmc_mock.errors import SetupError

if TYPE_CHECKING:
    from lxml import etree
    from rich.console import Console

    from sfmc_mock.server import MockServer

PARTNER = "http://exacttarget.com/wsdl/partnerAPI"
_ENVELOPE = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header><wsse:Security \
xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><wsse:UsernameToken>\
<wsse:Username>{user}</wsse:Username><wsse:Password>{password}</wsse:Password></wsse:UsernameToken></wsse:Security>\
</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"""
_TEMPLATE = "c3af0d64-1867-de11-8767-001e0bcf2c98"
_EVENTS = (
    "SentEvent",
    "NotSentEvent",
    "DeliveredEvent",
    "OpenEvent",
    "ClickEvent",
    "BounceEvent",
    "UnsubEvent",
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table of steps."""

    step: str
    request: str
    answer: str


class _Caller:
    """A minimal SOAP client: one connection, one envelope, and the elements of the answer."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url, self._user, self._password = url, escape(user), escape(password)
        self._pool = urllib3.PoolManager(timeout=30)

    def call(self, action: str, body: str) -> etree._Element:
        """Send a message and return the body of the answer. Raises `click.ClickException` for a SOAP fault."""
        from lxml import etree

        envelope = _ENVELOPE.format(user=self._user, password=self._password, body=body)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
        answer = self._pool.request("POST", self._url, body=envelope.encode(), headers=headers)
        message = etree.fromstring(answer.data)[-1][0]
        if etree.QName(message).localname == "Fault":
            raise click.ClickException(
                f"{action} was answered with a fault: {message.findtext('faultstring')}"
            )
        return message


@click.command(short_help="Run the documented flow and show its answers.")
@click.option(
    "--to",
    "address",
    default="ada+open+click@mock.test",
    show_default=True,
    help="Recipient of the message; labels in a mock.test address choose what happens to it.",
)
def demo(address: str) -> None:
    """Start a server, run the documented flow against it, and show the answers."""
    from sfmc_mock.server import MockServer

    out = console()
    with MockServer() as server:
        known = server.account.credentials
        flow = _Flow(_Caller(server.url, known["username"], known["password"]), address)
        refused = flow.run()
        _show_steps(out, server.url, flow.rows)
        if flow.log_row:
            _show_chain(out, flow)
        _show_explanation(out, server, flow.unique_id)
        if refused is not None:
            raise refused
        out.print(_NEXT.format(command=safe(command_name())))


class _Flow:
    """The seven steps of the flow, and their results."""

    def __init__(self, caller: _Caller, address: str) -> None:
        self._caller = caller
        self.address = address
        self.unique_id = str(uuid.uuid4())
        self.log_row: dict[str, str] = {}
        self.events: list[tuple[str, str, str]] = []
        self.rows: list[_Row] = []

    def run(self) -> click.ClickException | None:
        """Run the steps and store their rows in `rows`; return the error that ended them early, or None."""
        try:
            for row in self.steps():
                self.rows.append(row)
        except click.ClickException as refused:
            return refused
        return None

    def steps(self) -> Iterator[_Row]:
        """Run each step, and yield its row."""
        to = escape(self.address)
        for step, action, object_type, content, request in (
            (
                "Profile attribute",
                "Configure",
                "PropertyDefinition",
                "<Name>UniqueID</Name><PropertyType>string</PropertyType>",
                "Configure Create PropertyDefinition UniqueID",
            ),
            (
                "Send log",
                "Create",
                "DataExtension",
                f"<CustomerKey>SendLog</CustomerKey><Name>SendLog</Name><Template><ObjectID>{_TEMPLATE}</ObjectID>"
                "</Template><Fields><Field><Name>UniqueID</Name><FieldType>Text</FieldType></Field></Fields>",
                "Create DataExtension SendLog with a field UniqueID",
            ),
            (
                "Definition",
                "Create",
                "TriggeredSendDefinition",
                "<CustomerKey>welcome</CustomerKey><Name>Welcome</Name><SendClassification><CustomerKey>2239"
                "</CustomerKey></SendClassification><Email><ID>3099626</ID></Email><IsSendLogging>true</IsSendLogging>",
                "Create TriggeredSendDefinition welcome, IsSendLogging",
            ),
            (
                "Start it",
                "Update",
                "TriggeredSendDefinition",
                "<CustomerKey>welcome</CustomerKey><TriggeredSendStatus>Active</TriggeredSendStatus>",
                "Update TriggeredSendDefinition welcome to Active",
            ),
            (
                "Send",
                "Create",
                "TriggeredSend",
                "<TriggeredSendDefinition><CustomerKey>welcome</CustomerKey></TriggeredSendDefinition><Subscribers>"
                f"<EmailAddress>{to}</EmailAddress><SubscriberKey>{to}</SubscriberKey><Attributes><Name>UniqueID</Name>"
                f"<Value>{self.unique_id}</Value></Attributes></Subscribers>",
                f"Create TriggeredSend to {self.address}",
            ),
        ):
            yield self._write(step, action, object_type, content, request)
        yield self._log()
        yield self._tracking()

    def _write(self, step: str, action: str, object_type: str, content: str, request: str) -> _Row:
        if action == "Configure":
            given = _object("Configuration", object_type, content)
            body = f"<Action>Create</Action><Configurations>{given}</Configurations>"
            element = "ConfigureRequestMsg"
        else:
            body, element = _object("Objects", object_type, content), f"{action}Request"
        answer = self._caller.call(action, f'<{element} xmlns="{PARTNER}">{body}</{element}>')
        message = _text(answer, ".//{*}StatusMessage")
        if _text(answer, ".//{*}StatusCode") != "OK":
            raise click.ClickException(f"{step}: {message}")
        return _Row(step, request, message)

    def _log(self) -> _Row:
        columns = ("JobID", "BatchID", "SubscriberID")
        answer = self._retrieve(
            "DataExtensionObject[SendLog]", columns, _equals("Filter", "UniqueID", self.unique_id)
        )
        self.log_row = {
            _text(element, "{*}Name"): _text(element, "{*}Value")
            for element in answer.iter("{*}Property")
        }
        if not self.log_row:
            raise click.ClickException(
                f"The send log has no row for {self.unique_id}: {self.address} was refused."
            )
        return _Row(
            "Send-log row",
            "Retrieve DataExtensionObject[SendLog] by UniqueID",
            ", ".join(f"{name} {value}" for name, value in self.log_row.items()),
        )

    def _tracking(self) -> _Row:
        condition = (
            '<Filter xsi:type="ComplexFilterPart">'
            + _equals("LeftOperand", "SendID", self.log_row["JobID"])
            + "<LogicalOperator>AND</LogicalOperator>"
            + _equals("RightOperand", "BatchID", self.log_row["BatchID"])
            + "<AdditionalOperands>"
            + _equals("Operand", "SubscriberID", self.log_row["SubscriberID"])
            + "</AdditionalOperands></Filter>"
        )
        for event in _EVENTS:
            more = ("URL",) if event == "ClickEvent" else ()
            answer = self._retrieve(event, ("SubscriberKey", "EventDate", *more), condition)
            self.events += [
                (event, _text(element, "{*}EventDate"), _text(element, "{*}URL"))
                for element in answer.iter("{*}Results")
            ]
        kinds = ", ".join(dict.fromkeys(event for event, _, _ in self.events)) or "nothing yet"
        return _Row(
            "Tracking events", "Retrieve SentEvent, OpenEvent, … by these three numbers", kinds
        )

    def _retrieve(
        self, object_type: str, properties: tuple[str, ...], condition: str
    ) -> etree._Element:
        asked = "".join(f"<Properties>{name}</Properties>" for name in properties)
        return self._caller.call(
            "Retrieve",
            f'<RetrieveRequestMsg xmlns="{PARTNER}"><RetrieveRequest><ObjectType>{object_type}</ObjectType>'
            f"{asked}{condition}</RetrieveRequest></RetrieveRequestMsg>",
        )


def _object(tag: str, object_type: str, content: str) -> str:
    return f'<{tag} xsi:type="{object_type}">{content}</{tag}>'


def _equals(tag: str, name: str, value: str) -> str:
    return _object(
        tag,
        "SimpleFilterPart",
        f"<Property>{name}</Property><SimpleOperator>equals</SimpleOperator><Value>{escape(value)}</Value>",
    )


def _text(element: etree._Element, path: str) -> str:
    return str(element.findtext(path) or "")


def _show_steps(out: Console, url: str, rows: list[_Row]) -> None:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for number, row in enumerate(rows, start=1):
        table.add_row(str(number), row.step, safe(row.request))
        table.add_row("", "", f"[green]{safe(row.answer)}[/]")
    out.print(f"[bold]The documented flow[/], against {safe(url)}\n")
    out.print(table)


def _show_chain(out: Console, flow: _Flow) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.ROUNDED if out.is_terminal else None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("profile attribute", f"UniqueID {flow.unique_id}")
    row = ", ".join(f"{name} {value}" for name, value in flow.log_row.items())
    table.add_row("↓ send-log row", row)
    for event, at, more in flow.events:
        table.add_row(f"↓ {event}", f"{time_of(at)}  {safe(more)}".rstrip())
    out.print("\n[bold]Events of the message[/]\n")
    out.print(table)


def _show_explanation(out: Console, server: MockServer, unique_id: str) -> None:
    """Print why the message was not sent, or the events that are not visible yet."""
    try:
        message = server.account.explain(unique_id=unique_id)[0]
    except SetupError:
        # The call was refused: there is no message to explain.
        return
    # Every sentence ends with the time of the clock: print it once.
    to_come = [event.sentence.partition(";")[0] for event in message.events if not event.visible]
    if message.outcome != "sent":
        out.print("\n[bold]Why it was not sent[/]\n")
        click.echo(folded(str(message)))
    elif to_come:
        now = f"{message.now:%Y-%m-%d %H:%M:%S}"
        out.print(f"\n[bold]Still to come[/]: no Retrieve shows it yet, the clock is at {now}\n")
        click.echo(folded("\n".join(f"it {sentence}" for sentence in to_come)))
        click.echo(
            f"\nOn a running server, `{command_name()} clock advance 2h` advances the clock."
        )


_NEXT = """
Next: [bold]{command} serve[/], and point your code at its address:
      user mock-user, password mock-password.
      [bold]{command} explain[/] says why a message was sent or not.
      [bold]{command} init FOLDER[/] writes a first test."""
