"""Private values of a tenant that must not be in a recording, in every place and spelling."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from sfmc_conformance.vocabulary import vocabulary

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PARTNER = "http://exacttarget.com/wsdl/partnerAPI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _name_part() -> st.SearchStrategy[str]:
    return (
        st.text(_LETTERS, min_size=5, max_size=9)
        .map(str.capitalize)
        .filter(lambda text: not vocabulary().is_word(text))
    )


def _word(alphabet: str, low: int, high: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=low, max_size=high)


NAMES = st.builds("{} {}".format, _name_part(), _name_part())
ADDRESSES = st.builds(
    "{}.{}@{}.co.uk".format, _name_part(), _name_part().map(str.lower), _word(_LETTERS, 6, 12)
)
TOKENS = _word(_LETTERS.upper() + _LETTERS + "0123456789-_.", 24, 60)
PASSWORDS = st.builds(
    "{}{}{}".format, _word(_LETTERS, 4, 6), _word("!$%&<>'\"/;#", 2, 4), _word("123456789", 4, 6)
)
# No digits that references are made of.
MIDS = _word("1234568", 7, 9)
GUIDS = st.uuids(version=4).map(str)
HOSTS = st.builds("mc{}.soap.marketingcloudapis.com".format, _word(_LETTERS + "0123456789", 20, 26))
ANYTHING = st.one_of(NAMES, ADDRESSES, TOKENS, PASSWORDS, MIDS, GUIDS, HOSTS)

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "in a URL": lambda text: f"https://www.some-company.de/a?q={quote(text, safe='')}&x=1",
    "as a path": lambda text: f"https://{quote(text, safe='')}.some-company.de/{quote(text)}",
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in quotes": lambda text: f"The value '{text}' is not valid.",
    "in brackets": lambda text: f"DataExtensionObject[{text}]",
    "in a sentence": lambda text: f"Error: {text} already exists, {text}.",
    "as JSON": lambda text: json.dumps({"message": text}),
    "as HTML": lambda text: f'<p>Dear {text}, <a href="mailto:{text}">write</a></p>',
    "as XML": lambda text: f"<Message><Text>{escape(text)}</Text></Message>",
}


def forms(value: str) -> set[bytes]:
    """Return the forms in which a value could appear in a file."""
    spelled = {value, escape(value), json.dumps(value)[1:-1], quote(value), quote(value, safe="")}
    spelled.add(base64.b64encode(value.encode()).decode().rstrip("="))
    return {text.lower().encode() for text in spelled}


def found_in(folder: Path, value: str) -> list[str]:
    """Return the files of a folder that contain a value in any spelling, in content or name."""
    wanted = forms(value)
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file()
        and any(
            form in file.read_bytes().lower()
            or form in str(file.relative_to(folder)).lower().encode()
            for form in wanted
        )
    ]


def _element(name: str) -> Callable[[str], str]:
    return lambda text: envelope(f"<{name}>{escape(text)}</{name}>")


def _header(xml: str) -> Callable[[str], str]:
    return lambda text: envelope(
        "<Options />", xml.replace("PLANTED", escape(text, {'"': "&quot;"}))
    )


def _in_body(xml: str) -> Callable[[str], str]:
    return lambda text: envelope(xml.replace("PLANTED", escape(text, {'"': "&quot;"})))


def _as_numbers(text: str) -> str:
    """Return each character as a numeric character reference."""
    return envelope(f"<Name>{''.join(f'&#{ord(character)};' for character in text)}</Name>")


def _as_cdata(text: str) -> str:
    return envelope(f"<StatusMessage>Error <![CDATA[{text.replace(']]>', '')}]]></StatusMessage>")


def _as_name(text: str) -> str:
    """Return the letters and digits of a text as the name of an element, an attribute and a prefix."""
    name = "x" + "".join(c for c in text if c.isascii() and c.isalnum())
    return envelope(f'<{name} {name}="1" /><{name}:Name xmlns:{name}="urn:{name}" />')


def envelope(body: str, header: str = "") -> str:
    """Return an envelope around the content of a message."""
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:xsi="{XSI}" xmlns:wsa="{WSA}" xmlns:wsse="{WSSE}" '
        f'xmlns:wsu="{WSU}"><soap:Header>{header}</soap:Header><soap:Body>'
        f'<CreateRequest xmlns="{PARTNER}">{body}</CreateRequest></soap:Body></soap:Envelope>'
    )


PLACES: dict[str, Callable[[str], str]] = {
    **{
        name: _element(name)
        for name in (
            "StatusMessage",
            "OverallStatus",
            "StatusCode",
            "ErrorCode",
            "OrdinalID",
            "MaxLength",
            "CustomerKey",
            "Name",
            "Description",
            "Subject",
            "HTMLBody",
            "FromName",
            "EmailAddress",
            "SubscriberKey",
            "CreatedDate",
            "IsActive",
            "ObjectType",
            "ID",
            "ObjectID",
            "RequestID",
            "RetainUntil",
            "Locale",
            "Unheard",
        )
    },
    "attribute of a subscriber": _in_body(
        "<Attributes><Name>PLANTED</Name><Value>PLANTED</Value></Attributes>"
    ),
    "row": _in_body(
        "<Properties><Property><Name>City</Name><Value>PLANTED</Value></Property></Properties>"
    ),
    "filter": _in_body(
        '<Filter xsi:type="SimpleFilterPart"><Property>Status</Property><SimpleOperator>equals</SimpleOperator>'
        "<Value>PLANTED</Value></Filter>"
    ),
    "parameter": _in_body(
        "<Parameters><Name>StatusMessage</Name><Value>PLANTED</Value></Parameters>"
    ),
    "key of a field": _in_body("<CustomerKey>[PLANTED].[PLANTED]</CustomerKey>"),
    "substitution": _in_body("<Value>%%PLANTED%%</Value>"),
    "fraction of a date": _in_body("<CreatedDate>2024-01-01T00:00:00.PLANTED</CreatedDate>"),
    "type": _in_body('<Objects xsi:type="PLANTED" />'),
    "nil": _in_body('<Name xsi:nil="PLANTED" />'),
    "attribute": _in_body(
        '<Name soap:mustUnderstand="PLANTED" wsu:Id="PLANTED" unheard="PLANTED" />'
    ),
    "namespace": _in_body('<Name xmlns:ns1="PLANTED" />'),
    "text between elements": _in_body("PLANTED<Name>SendLog</Name>PLANTED"),
    "comment": lambda text: envelope(
        f"<!-- {text.replace('-', '')} --><?pi {text.replace('?', '')}?>"
    ),
    "numbers": _as_numbers,
    "CDATA": _as_cdata,
    "names": _as_name,
    "token": _header('<fueloauth xmlns="http://exacttarget.com">PLANTED</fueloauth>'),
    "nested token": _header("<fueloauth><fueloauth>PLANTED</fueloauth></fueloauth>"),
    "inner token": _header("<oAuth><oAuthToken>PLANTED</oAuthToken></oAuth>"),
    "login": _header(
        "<wsse:Security><wsse:UsernameToken><wsse:Username>PLANTED</wsse:Username>"
        "<wsse:Password>PLANTED</wsse:Password><wsse:Nonce>PLANTED</wsse:Nonce></wsse:UsernameToken></wsse:Security>"
    ),
    "address": _header("<wsa:To>PLANTED</wsa:To><wsa:MessageID>PLANTED</wsa:MessageID>"),
    "action": _header("<wsa:Action>PLANTED</wsa:Action>"),
    "fault": lambda text: (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault><faultcode>{escape(text)}</faultcode>'
        f"<faultstring>{escape(text)}</faultstring><faultactor>{escape(text)}</faultactor><detail>{escape(text)}"
        "</detail></soap:Fault></soap:Body></soap:Envelope>"
    ),
    "JSON value": lambda text: json.dumps({"access_token": text, "message": text, "list": [text]}),
    "JSON key": lambda text: json.dumps({text: {text: text}}),
    "JSON escapes": lambda text: json.dumps({"error_description": text}).replace(
        text[0], f"\\u{ord(text[0]):04x}"
    ),
    "page": lambda text: f"<html><body>{text}</body></html>",
    "broken XML": lambda text: f"<soap:Envelope><Name>{text}",
    "DTD": lambda text: (
        f'<!DOCTYPE a [<!ENTITY e "{escape(text)}">]>{envelope("<Name>&e;</Name>")}'
    ),
    "plain text": str,
}
