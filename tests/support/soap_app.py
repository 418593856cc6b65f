"""The application without a socket: requests get credentials, and answers are parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from werkzeug.test import Client

from sfmc_mock.account import Account
from sfmc_mock.accounts import Accounts, credentials
from sfmc_mock.app import Application
from sfmc_mock.envelope import SOAP11, SOAP12, WSSE
from sfmc_mock.settings import Settings
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue

PARTNER = f"{{{NAMESPACE}}}"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TENANT = "http://tenant.test"
ENDPOINT = f"{TENANT}/Service.asmx"


def shared(*names: str) -> Path:
    """Return a path beside the repository, or skip the test if it is absent."""
    path = Path(__file__).parents[3].joinpath("shared", *names)
    if not path.exists():
        pytest.skip(f"needs ../shared/{'/'.join(names)}, which is not here")
    return path


@dataclass(frozen=True)
class Answer:
    """An answer: status, headers (names in lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @cached_property
    def envelope(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def soap_body(self) -> etree._Element:
        """The envelope's Body, which always comes last."""
        return self.envelope[-1]

    @property
    def message(self) -> etree._Element:
        """The element in the Body: the message of the answer, or the fault."""
        (found,) = self.soap_body
        return found

    @property
    def fault(self) -> str | None:
        """The text of the fault, None if the answer is not a fault."""
        if self.message.tag == f"{{{SOAP11}}}Fault":
            return self.message.findtext("faultstring")
        if self.message.tag == f"{{{SOAP12}}}Fault":
            return self.message.findtext(f"{{{SOAP12}}}Reason/{{{SOAP12}}}Text")
        return None

    def texts(self, *path: str) -> list[str]:
        """Return the texts of all elements at a path of local names below the message."""
        found = self.message.iterfind("/".join(PARTNER + name for name in path))
        return [each.text or "" for each in found]

    def text(self, *path: str) -> str:
        """Return the text of the only element at a path."""
        (found,) = self.texts(*path)
        return found

    @property
    def overall(self) -> str:
        return self.text("OverallStatus")

    @property
    def request_id(self) -> str:
        return self.text("RequestID")

    @property
    def results(self) -> list[etree._Element]:
        return self.message.findall(f"{PARTNER}Results")

    @property
    def rows(self) -> list[dict[str, str]]:
        """The retrieved rows of a data extension."""
        return [
            {
                each.findtext(f"{PARTNER}Name") or "": each.findtext(f"{PARTNER}Value") or ""
                for each in result.iterfind(f"{PARTNER}Properties/{PARTNER}Property")
            }
            for result in self.results
        ]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class SoapApp:
    """An application with accounts, and a caller with the credentials of the first, `account`."""

    def __init__(self, accounts: Accounts, account: Account, settings: Settings) -> None:
        self.accounts = accounts
        self.account = account
        self.wsgi = Application(accounts, settings)
        self.own = credentials(account)
        self._client = Client(self.wsgi)

    @property
    def problems(self) -> list[BaseException]:
        return self.wsgi.problems

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of the last call."""
        warnings: tuple[str, ...] = [*self.wsgi.journal][-1].warnings
        return warnings

    @property
    def user(self) -> str:
        """Return the header of a caller with a name and a password."""
        return username_token(self.own.username, self.own.password)

    def open(self, method: str, path: str, *, base_url: str = TENANT, **more: Any) -> Answer:
        """Make any request."""
        with self._client.open(path, base_url=base_url, method=method, **more) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, response.get_data())

    def post(
        self,
        document: bytes,
        action: str | None = None,
        *,
        content_type: str = "text/xml; charset=utf-8",
        path: str = "/Service.asmx",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Post a document unchanged."""
        sent = dict(headers or {})
        if action is not None:
            sent["SOAPAction"] = action
        return self.open("POST", path, data=document, headers=sent, content_type=content_type)

    def call(
        self,
        operation: str,
        content: str = "",
        *,
        soap12: bool = False,
        header: str | None = None,
    ) -> Answer:
        """Make a call as the account's user; `content` is the content of the operation's message."""
        element = catalogue().operations[operation].request
        message = f'<{element} xmlns="{NAMESPACE}">{content}</{element}>'
        return self.post(
            envelope(message, self.user if header is None else header, soap12=soap12), operation
        )

    def retrieve(
        self, object_type: str, properties: Sequence[str], filter_: str = "", rest: str = ""
    ) -> Answer:
        """Retrieve; `rest` are further elements of the RetrieveRequest."""
        asked = "".join(element("Properties", each) for each in properties)
        return self.call(
            "Retrieve",
            f"<RetrieveRequest>{element('ObjectType', object_type)}{asked}{filter_}{rest}</RetrieveRequest>",
        )

    def resume(self, request_id: str, rest: str = "") -> Answer:
        """Request the page after the one with the RequestID."""
        return self.call(
            "Retrieve",
            f"<RetrieveRequest>{rest}{element('ContinueRequest', request_id)}</RetrieveRequest>",
        )

    def content(self) -> str:
        """Return everything that the account's database holds, as SQL."""
        return "\n".join(self.account.db.tools.conn.iterdump())


def element(name: str, text: str) -> str:
    """Return a scalar element."""
    return f"<{name}>{escape(text, quote=False)}</{name}>"


def username_token(username: str, password: str) -> str:
    """Return the header of a caller with a name and a password."""
    return (
        f'<wsse:Security xmlns:wsse="{WSSE}"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(username)}</wsse:Username><wsse:Password>{escape(password)}</wsse:Password>"
        "</wsse:UsernameToken></wsse:Security>"
    )


def fueloauth(token: str) -> str:
    """Return the header of a caller with a token, in its usual form."""
    return f'<fueloauth xmlns="http://exacttarget.com">{token}</fueloauth>'


def envelope(message: str, header: str = "", *, soap12: bool = False) -> bytes:
    """Return an envelope around a message."""
    namespace = SOAP12 if soap12 else SOAP11
    return (
        f'<soap:Envelope xmlns:soap="{namespace}" xmlns:xsi="{XSI}"><soap:Header>{header}</soap:Header>'
        f"<soap:Body>{message}</soap:Body></soap:Envelope>"
    ).encode()


def simple(
    name: str, operator: str, *values: str, dates: Sequence[str] = (), tag: str = "Filter"
) -> str:
    """Return a SimpleFilterPart."""
    given = "".join(element("Value", each) for each in values)
    given += "".join(element("DateValue", each) for each in dates)
    return (
        f'<{tag} xsi:type="SimpleFilterPart"><Property>{escape(name)}</Property>'
        f"<SimpleOperator>{operator}</SimpleOperator>{given}</{tag}>"
    )


def joint(left: str, operator: str, right: str, *more: str, tag: str = "Filter") -> str:
    """Return a ComplexFilterPart of operands in elements of any name."""
    operands = f"{_tagged(left, 'LeftOperand')}{element('LogicalOperator', operator)}{_tagged(right, 'RightOperand')}"
    if more:
        others = "".join(_tagged(each, "Operand") for each in more)
        operands += f"<AdditionalOperands>{others}</AdditionalOperands>"
    return f'<{tag} xsi:type="ComplexFilterPart">{operands}</{tag}>'


def _tagged(part: str, tag: str) -> str:
    start = part.index(" ")
    end = part.rindex("</")
    return f"<{tag}{part[start:end]}</{tag}>"
