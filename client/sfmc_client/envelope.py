"""Write requests as SOAP envelopes, and read envelopes into objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sfmc_client.errors import (
    LoginFailed,
    ServiceUnavailable,
    SoapFault,
    TokenExpired,
    UnreadableAnswer,
)
from sfmc_client.exchanges import Response
from sfmc_client.models import APIObject
from sfmc_client.text_safety import escape

if TYPE_CHECKING:
    from lxml import etree

PARTNER = "http://exacttarget.com/wsdl/partnerAPI"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"

# A longer excerpt of a reply that is not SOAP would bury the message.
_LONGEST_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: its name, which is the SOAPAction, and the body elements of its request and answer (wsdl).

    A `repeatable` operation only reads: sending it twice changes nothing.
    """

    name: str
    message: str
    answer: str
    repeatable: bool = False


# Messages are named like their operation with `RequestMsg`, apart from two with other names and three without `Msg`.
_STEMS = {"Describe": "Definition", "GetSystemStatus": "SystemStatus"}
_PLAIN = ("Create", "Update", "Delete")
# Query also reads, but it is unknown how the service carries it out, so it is not repeated.
_READING = ("Retrieve", "Describe", "VersionInfo", "GetSystemStatus")
_OTHERS = ("Query", "Execute", "Perform", "Configure", "Schedule", "Extract")


def _operation(name: str) -> Operation:
    stem, end = _STEMS.get(name, name), "" if name in _PLAIN else "Msg"
    return Operation(name, f"{stem}Request{end}", f"{stem}Response{end}", name in _READING)


OPERATIONS: Final[Mapping[str, Operation]] = {
    name: _operation(name) for name in (*_PLAIN, *_READING, *_OTHERS)
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The header element with the credentials; its `repr` hides them."""

    xml: str = field(repr=False)


HIDDEN_CREDENTIALS = Credentials("<!-- credentials: *** -->")


def token_header(token: str) -> Credentials:
    """Return the header of an OAuth token (documented)."""
    return Credentials(f'<fueloauth xmlns="http://exacttarget.com">{escape(token)}</fueloauth>')


def username_token_header(username: str, password: str) -> Credentials:
    """Return the WS-Security header of a user name and password (documented)."""
    return Credentials(
        f'<wsse:Security soap:mustUnderstand="1" xmlns:wsse="{WSSE}"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(username)}</wsse:Username>"
        f'<wsse:Password Type="{PASSWORD_TEXT}">{escape(password)}</wsse:Password>'
        "</wsse:UsernameToken></wsse:Security>"
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A request without its address and credentials."""

    operation: Operation
    body: str = field(repr=False)
    message_id: str

    @classmethod
    def of(cls, operation: Operation, content: APIObject) -> Message:
        """Return the message with this content in its body element."""
        from uuid import uuid4

        parts: list[str] = []
        _write_inside(content, parts)
        body = f'<{operation.message} xmlns="{PARTNER}">{"".join(parts)}</{operation.message}>'
        return cls(operation, body, f"urn:uuid:{uuid4()}")

    def envelope(self, to: str, credentials: Credentials) -> bytes:
        """Return the SOAP 1.1 envelope."""
        return (
            '<?xml version="1.0" encoding="utf-8"?>'
            f'<soap:Envelope xmlns:soap="{SOAP_11}" xmlns:xsi="{XSI}" xmlns:wsa="{WSA}"><soap:Header>'
            f"<wsa:Action>{self.operation.name}</wsa:Action>"
            f"<wsa:MessageID>{self.message_id}</wsa:MessageID>"
            f"<wsa:ReplyTo><wsa:Address>{WSA}/role/anonymous</wsa:Address></wsa:ReplyTo>"
            f"<wsa:To>{escape(to)}</wsa:To>{credentials.xml}"
            f"</soap:Header><soap:Body>{self.body}</soap:Body></soap:Envelope>"
        ).encode()


def _write_inside(content: APIObject, parts: list[str]) -> None:
    for name, value in content.items():
        for single in value if isinstance(value, list) else [value]:
            _write(name, single, parts)


def _write(name: str, value: str | APIObject | None, parts: list[str]) -> None:
    if value is None:
        parts.append(f'<{name} xsi:nil="true" />')
    elif isinstance(value, str):
        # A bare carriage return would arrive as a line feed.
        parts.append(f"<{name}>{escape(value).replace(chr(13), '&#13;')}</{name}>")
    else:
        kind = "" if value.type_name is None else f' xsi:type="{value.type_name}"'
        parts.append(f"<{name}{kind}>")
        _write_inside(value, parts)
        parts.append(f"</{name}>")


def read_answer(response: Response, operation: Operation, *, url: str) -> APIObject:
    """Return the content of the answer's body element.

    Raises `SoapFault` or one of its kinds if the service refused the call, and `UnreadableAnswer` for anything but an
    answer to the operation.
    """
    body = _body(response.body)
    if isinstance(body, str):
        raise UnreadableAnswer(_no_soap(response, url, body), url=url, status=response.status)
    name = _local(body.tag)
    if name == "Fault":
        raise _fault(body, operation.name)
    if name != operation.answer:
        raise UnreadableAnswer(
            f"{url} answered {operation.name} with {name} in place of {operation.answer}. Is there a proxy in between "
            "that mixes up answers?",
            url=url,
            status=response.status,
        )
    value = _read(body)
    return value if isinstance(value, APIObject) else APIObject.read(None, {})


def read_fault(response: Response) -> SoapFault | None:
    """Return the SOAP fault in a response, or `None` if there is none."""
    # Faults come with HTTP 500 (recorded), everything else with 200: so only 500 is parsed here.
    body = _body(response.body) if response.status == 500 else ""
    if isinstance(body, str) or _local(body.tag) != "Fault":
        return None
    return _fault(body, "")


def xml_parser(encoding: str | None = None) -> etree.XMLParser:
    """Return a parser for XML that is not trusted: no entities, no DTD, no network, a bounded depth."""
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=encoding,
    )


def _body(text: bytes) -> etree._Element | str:
    """Return the first element of the envelope's body, or the problem of the envelope as a text."""
    from lxml import etree

    try:
        root = etree.fromstring(text, xml_parser())
    except etree.XMLSyntaxError as error:
        return f"not well-formed XML ({error.msg})"
    docinfo = root.getroottree().docinfo
    if docinfo is not None and docinfo.internalDTD is not None:
        return "XML with a document type declaration, which SOAP forbids"
    for namespace in (SOAP_11, SOAP_12):
        if root.tag == f"{{{namespace}}}Envelope":
            body = root.find(f"{{{namespace}}}Body")
            return (
                "an envelope with nothing in its body" if body is None or not len(body) else body[0]
            )
    return f"XML, but not a SOAP envelope: <{_local(root.tag)}>"


def _no_soap(response: Response, url: str, problem: str) -> str:
    kind = response.headers.get("content-type", "no content type")
    text = f"{url} answered HTTP {response.status} ({kind}), which is {problem}"
    if excerpt := " ".join(response.body[:2_000].decode(errors="replace").split()):
        cut = "…" if len(excerpt) > _LONGEST_EXCERPT else ""
        text += f": {excerpt[:_LONGEST_EXCERPT]}{cut}"
    if 300 <= response.status < 400:
        target = response.headers.get("location", "elsewhere")
        return f"{text}. It redirects to {target}, which is not followed: give the right endpoint."
    if response.status == 400:
        return f"{text}. The service could not read the request as SOAP: look at error.exchange.request."
    if response.status in {401, 403, 407}:
        return f"{text}. A proxy or gateway requires a login: check proxy and endpoint."
    if response.status >= 500:
        return f"{text}. The server, or a proxy before it, has a problem: try again later."
    return f"{text}. Check the endpoint: it should end in /Service.asmx."


def _fault(fault: etree._Element, operation: str) -> SoapFault:
    """The error that a fault of SOAP 1.1 or 1.2 stands for."""

    def text(*paths: str) -> str:
        return next((said.strip() for path in paths if (said := fault.findtext(path))), "")

    string = text("{*}faultstring", "{*}Reason/{*}Text") or "(no text)"
    code = text("{*}faultcode", "{*}Code/{*}Value").rpartition(":")[2]
    local = {"Sender": "Client", "Receiver": "Server"}.get(code, code)
    detail = text(".//{*}apifault/{*}Code")
    return _fault_class(local, string)(
        string,
        fault_code=local,
        detail_code=int(detail) if re.fullmatch(r"\d{1,9}", detail) else None,
        operation=operation,
    )


def _fault_class(code: str, string: str) -> type[SoapFault]:
    # The texts are what clients of the live service compare (sdk); the documentation writes "Login failed".
    if string.casefold() == "token expired":
        return TokenExpired
    if code == "Security" or string.casefold() == "login failed":
        return LoginFailed
    return ServiceUnavailable if code == "Server" else SoapFault


def _read(element: etree._Element) -> str | APIObject | None:
    nil = element.get(f"{{{XSI}}}nil")
    if nil is not None and nil in {"true", "1"}:
        return None
    type_name = element.get(f"{{{XSI}}}type")
    if not len(element) and (type_name is None or _is_simple(element, type_name)):
        return element.text or ""
    values: dict[str, list[str | APIObject | None]] = {}
    for child in element:
        values.setdefault(_local(child.tag), []).append(_read(child))
    kind = None if type_name is None else type_name.rpartition(":")[2]
    return APIObject.read(
        kind, {name: said[0] if len(said) == 1 else tuple(said) for name, said in values.items()}
    )


def _is_simple(element: etree._Element, type_name: str) -> bool:
    prefix, colon, _ = type_name.rpartition(":")
    return element.nsmap.get(prefix if colon else None) == XSD


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
