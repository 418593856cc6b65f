"""SOAP envelopes: reading those of requests, writing those of answers and faults, in SOAP 1.1 and 1.2.

The form of answers is the service's to the byte where recordings show it: prefix `soap`, six namespaces in a fixed
order, five header elements in a fixed order, one line, ` />`. Faults of SOAP 1.2 are ASP.NET's (assumed: none was
recorded).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from lxml import etree

from sfmc_mock.errors import NotSoap, ServerTrouble, SoapFault
from sfmc_mock.limits import MAX_DEPTH
from sfmc_mock.wire.catalogue import NAMESPACE
from sfmc_mock.wire.writing import escape

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

CONTENT_TYPES = {
    False: "text/xml; charset=utf-8",
    True: "application/soap+xml; charset=utf-8",
}
"""Content type of an answer, by whether it is SOAP 1.2."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a caller; a token wins over a name and password (sdk)."""

    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    are_there: bool = field(default=True, repr=False, compare=False)
    """Whether the header has an element for them, which may be empty."""


@dataclass(slots=True)
class Envelope:
    """A request's envelope, whose body is not read yet."""

    soap12: bool
    action: str | None
    message_id: str | None
    credentials: Credentials
    body: etree._Element | None
    """The body's first element: the message. None when the body is empty."""


def read_envelope(document: bytes, max_depth: int = MAX_DEPTH) -> Envelope:
    """Return the envelope in a document.

    Header and Body may be in any order (a live SDK sends Body first). Raises `NotSoap` for a document that is not
    well-formed, has a DTD, is nested deeper than `max_depth`, has too much markup, or is not an envelope. Of
    filters that are nested deeper, the first levels are read.
    """
    if not document.strip():
        raise NotSoap("the request has no body")
    if len(document) > _LARGE:
        _check_density(document)
    root = _parsed(document, max_depth)
    if root is None or not isinstance(root.tag, str):
        raise NotSoap("the body holds no element")
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
        raise NotSoap("the body carries a DTD, which SOAP forbids")
    form = _FORMS.get(root.tag)
    if form is None:
        name = etree.QName(root)
        raise NotSoap(
            f"the body is not a SOAP envelope: its root is {{{name.namespace}}}{name.localname}"
        )
    header = body = None
    for part in root:
        if part.tag == form.header:
            header = part if header is None else header
        elif part.tag == form.body and body is None:
            body = part
    if body is None:
        raise NotSoap("the envelope has no Body")
    read = _Header() if header is None else _read_header(header)
    return Envelope(
        soap12=form.soap12,
        action=read.action,
        message_id=read.message_id,
        credentials=Credentials(read.token, read.username, read.password, read.has_credentials),
        body=body[0] if len(body) else None,
    )


class _Form(NamedTuple):
    soap12: bool
    header: str
    body: str


_FORMS: dict[object, _Form] = {
    f"{{{namespace}}}Envelope": _Form(
        namespace == SOAP12, f"{{{namespace}}}Header", f"{{{namespace}}}Body"
    )
    for namespace in (SOAP11, SOAP12)
}


LARGE_DOCUMENT = 64 * 1024
"""Documents of at least so many bytes are parsed in a separate thread."""

_LARGE = 256 * 1024
_NODE = 120
_ATTRIBUTE = 216
_MOST_FOR_A_BYTE = 28


def _check_density(document: bytes) -> None:
    """Raise `NotSoap` for a large document of mere markup, whose tree would take far more memory than itself.

    Names of the service have more letters: its own densest elements stay well below.
    """
    if _tree_size(document) <= _MOST_FOR_A_BYTE * len(document):
        return
    # What stands in sections of characters and in comments only looks like markup.
    bare = re.sub(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>", b"", document, flags=re.DOTALL)
    if _tree_size(bare) > _MOST_FOR_A_BYTE * len(document):
        raise NotSoap(
            f"the body has {bare.count(b'<'):,} tags in {len(document):,} bytes: that is more markup than any message "
            "of the service, and it is not read"
        )


def _tree_size(document: bytes) -> int:
    """Return the approximate size of the parser's tree of a document: elements, texts, attributes."""
    tags = document.count(b"<")
    elements = tags - document.count(b"</")
    texts = tags - document.count(b"><")
    return _NODE * (elements + texts) + _ATTRIBUTE * document.count(b"=")


_A_LINE = re.compile(r" line \d+(?=, line \d+, column \d+$)")


def _parsed(document: bytes, max_depth: int) -> etree._Element | None:
    try:
        root = _parse(document) if len(document) <= LARGE_DOCUMENT else _parse_apart(document)
    except etree.XMLSyntaxError as problem:
        if "depth" not in str(problem) or b"Filter" not in document or _may_have_dtd(document):
            # Some of libxml2's messages name the line where the element began, and all end in the place.
            text = _A_LINE.sub("", problem.msg or "")
            raise NotSoap(f"the body is not well-formed XML: {text}") from None
        root = _cut_off(_parse_deep(document), MAX_DEPTH - 16)
    except (ValueError, LookupError) as problem:
        raise NotSoap(f"the body is not well-formed XML: {problem}") from None
    if max_depth < MAX_DEPTH and root is not None and _is_deeper(root, max_depth):
        raise NotSoap(f"the body is nested deeper than {max_depth} levels of elements")
    return root


def _parse(document: bytes, *, deep: bool = False) -> etree._Element | None:
    # lxml's parser keeps state between documents: one each.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=deep,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(document, parser)


def _parse_apart(document: bytes) -> etree._Element | None:
    """Parse a large document in a separate thread.

    lxml keeps the names of all elements and attributes that a thread has read, until the thread ends.
    """
    found: list[etree._Element | BaseException | None] = []

    def parse() -> None:
        try:
            found.append(_parse(document))
        except BaseException as problem:
            found.append(problem)

    thread = threading.Thread(target=parse, name="parse")
    thread.start()
    thread.join()
    (result,) = found
    if isinstance(result, BaseException):
        raise result
    return result


def _parse_deep(document: bytes) -> etree._Element:
    """Parse a document again whose filter is nested too deeply to be read: the service answers such a call."""
    try:
        root = _parse(document, deep=True)
    except etree.XMLSyntaxError as problem:
        raise NotSoap(f"the body is not well-formed XML: {problem.msg}") from None
    assert root is not None
    return root


def _may_have_dtd(document: bytes) -> bool:
    # Without the parser's own limits, entities of a DTD could grow without end. In UTF-16 it would not be seen.
    return b"<!DOCTYPE" in document or b"\x00" in document


def _cut_off(root: etree._Element, depth: int) -> etree._Element:
    """Remove elements that are nested deeper than a number of levels."""
    waiting = [(root, 1)]
    while waiting:
        element, level = waiting.pop()
        if level >= depth:
            del element[:]
        else:
            waiting += [(child, level + 1) for child in element]
    return root


def _is_deeper(root: etree._Element, depth: int) -> bool:
    waiting = [(root, 1)]
    while waiting:
        element, level = waiting.pop()
        if level > depth:
            return True
        waiting += [(child, level + 1) for child in element]
    return False


def _whole_text(element: etree._Element) -> str:
    if not len(element):
        return element.text or ""
    return "".join(str(piece) for piece in element.itertext())


@dataclass(slots=True)
class _Header:
    action: str | None = None
    message_id: str | None = None
    token: str | None = None
    username: str | None = None
    password: str | None = None
    has_credentials: bool = False


_CREDENTIALS = ("Security", "fueloauth", "oAuth")
_ACTION, _MESSAGE_ID = f"{{{WSA}}}Action", f"{{{WSA}}}MessageID"
_USERNAME, _PASSWORD = f"{{{WSSE}}}Username", f"{{{WSSE}}}Password"


def _read_header(header: etree._Element) -> _Header:
    """Read addresses and credentials of a header, in any of the forms that clients use.

    `fueloauth` in any namespace or none, its text anywhere below it (FuelSDK-Ruby and tap nest it); `oAuth` with an
    `oAuthToken` inside; a UsernameToken (all seen in live clients). Of addresses, the first of a name counts.
    """
    read, seen = _Header(), set()
    for element in header:
        tag = element.tag
        if not isinstance(tag, str):
            continue
        local = tag[tag.rfind("}") + 1 :]
        read.has_credentials = read.has_credentials or local in _CREDENTIALS
        if local == "Security":
            for each in element.iter(_USERNAME, _PASSWORD):
                if each.tag == _USERNAME:
                    read.username = _whole_text(each).strip()
                else:
                    read.password = _whole_text(each).strip()
        elif local == "fueloauth" or (local == "oAuth" and read.token is None):
            read.token = _whole_text(element).strip() or read.token
        elif tag not in seen:
            seen.add(tag)
            if tag == _ACTION:
                read.action = _whole_text(element).strip() or None
            elif tag == _MESSAGE_ID:
                read.message_id = _whole_text(element).strip() or None
    return read


class AnswerHeader(NamedTuple):
    """The values of an answer's header; ids are GUIDs, times are UTC in whole seconds."""

    message_id: str
    relates_to: str
    """The MessageID of the request; where it has none, an id that begins with `urn:uuid:`, too."""
    timestamp_id: str
    created: str
    expires: str


FAULT_ACTION = f"{WSA}/fault"


def write_answer(
    soap12: bool, header: AnswerHeader, operation: str, element: str, content: list[str]
) -> bytes:
    """Return the envelope around a message: a body element in the service's namespace, its content in pieces of XML.

    The pieces are taken out of their list.
    """
    opening = _opening(soap12, f"{operation}Response", header)
    content.insert(0, f'{opening}<{element} xmlns="{NAMESPACE}">')
    content.append(f"</{element}></soap:Body></soap:Envelope>")
    if sum(map(len, content)) < _LARGE_ANSWER:
        text = "".join(content)
        content.clear()
        return text.encode()
    encoded = []
    for place, piece in enumerate(content):
        encoded.append(piece.encode())
        content[place] = ""
    content.clear()
    return b"".join(encoded)


# From so many characters on, a copy costs more than its pieces: the system zeroes the memory for it.
_LARGE_ANSWER = 64 * 1024


def write_fault(soap12: bool, header: AnswerHeader, fault: SoapFault, endpoint: str) -> bytes:
    """Return the envelope of a fault; `endpoint` is the address that the call was sent to."""
    bare = f"{_start(soap12)}<soap:Body>"
    opening = bare if fault.bare else _opening(soap12, FAULT_ACTION, header)
    body = _fault12(fault, endpoint) if soap12 else _fault11(fault, endpoint)
    return f"{opening}{body}</soap:Body></soap:Envelope>".encode()


def _fault11(fault: SoapFault, endpoint: str) -> str:
    if fault.code == "Security":
        code = f'<faultcode xmlns:q0="{WSSE}">q0:Security</faultcode>'
    else:
        code = f"<faultcode>soap:{fault.code}</faultcode>"
    # Only ASP.NET's own Client faults and Server faults have a detail (recorded and documented).
    ending = "<detail />" if fault.bare else f"<faultactor>{escape(endpoint)}</faultactor>"
    ending += _detail(fault, "detail")
    return (
        f"<soap:Fault>{code}<faultstring>{escape(fault.faultstring)}</faultstring>"
        f"{ending}</soap:Fault>"
    )


def _fault12(fault: SoapFault, endpoint: str) -> str:
    code = "soap:Receiver" if fault.code == "Server" else "soap:Sender"
    subcode = ""
    if fault.code == "Security":
        subcode = (
            f'<soap:Subcode><soap:Value xmlns:q0="{WSSE}">q0:Security</soap:Value></soap:Subcode>'
        )
    # As ASP.NET writes its own faults in 1.2 (seen with other services; none of this one was recorded).
    ending = "<soap:Detail />" if fault.bare else f"<soap:Role>{escape(endpoint)}</soap:Role>"
    return (
        f"<soap:Fault><soap:Code><soap:Value>{code}</soap:Value>{subcode}</soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{escape(fault.faultstring)}</soap:Text></soap:Reason>'
        f"{ending}{_detail(fault, 'soap:Detail')}</soap:Fault>"
    )


def _detail(fault: SoapFault, tag: str) -> str:
    """Return the detail of a fault with a number, with the apifault that carries it (documented)."""
    if not isinstance(fault, ServerTrouble):
        return ""
    return (
        f'<{tag}><apifault xmlns="urn:fault.partner.exacttarget.com"><Code>{fault.detail_code}</Code>'
        f"<Message>{escape(fault.faultstring)}</Message></apifault></{tag}>"
    )


_NAMESPACES = (
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    f' xmlns:wsa="{WSA}" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"'
)


def _start(soap12: bool) -> str:
    namespace = SOAP12 if soap12 else SOAP11
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{namespace}"{_NAMESPACES}>'
    )


@cache
def _before_header(soap12: bool, action: str) -> str:
    # In 1.2 the header is written with a second prefix, declared on itself (four independent recordings).
    tag = f'env:Header xmlns:env="{SOAP12}"' if soap12 else "soap:Header"
    return f"{_start(soap12)}<{tag}><wsa:Action>{action}</wsa:Action><wsa:MessageID>urn:uuid:"


_BETWEEN = "</wsa:MessageID><wsa:RelatesTo>"
_TO = f'</wsa:RelatesTo><wsa:To>{WSA}/role/anonymous</wsa:To><wsse:Security><wsu:Timestamp wsu:Id="Timestamp-'
_CREATED, _EXPIRES = '"><wsu:Created>', "</wsu:Created><wsu:Expires>"
_AFTER_HEADER = {
    soap12: f"</wsu:Expires></wsu:Timestamp></wsse:Security></{prefix}:Header><soap:Body>"
    for soap12, prefix in ((False, "soap"), (True, "env"))
}


def _opening(soap12: bool, action: str, header: AnswerHeader) -> str:
    """Return the beginning of an answer, up to its message."""
    message_id, relates_to, timestamp_id, created, expires = header
    return (
        f"{_before_header(soap12, action)}{message_id}{_BETWEEN}{escape(relates_to)}{_TO}{timestamp_id}"
        f"{_CREATED}{created}{_EXPIRES}{expires}{_AFTER_HEADER[soap12]}"
    )
