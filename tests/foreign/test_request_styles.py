"""The project's own requests, written in the styles of client programs: all styles have the same meaning.

The styles are documented by client (`docs/clients.md`); the messages are those of `fixtures/exchanges`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from tests.support.soap_app import SoapApp

from sfmc_mock.account.tokens import issue_token
from sfmc_mock.envelope import read_envelope
from sfmc_mock.soap_request import action_of
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue
from sfmc_mock.wire.reading import Leniency, read

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
REQUESTS = [
    path
    for path in sorted(Path(__file__).parents[2].glob("fixtures/exchanges/*/*/request.xml"))
    if path.parts[-3] != "fault"
]
OPERATIONS = {operation.request: name for name, operation in catalogue().operations.items()}

Style = Callable[[str, str], str]


def header_after_body(message: str, token: str) -> str:
    """Default namespaces, and a Header behind the Body (fuel-soap, sfmc-sdk)."""
    return (
        f'<Envelope xmlns="{SOAP11}" xmlns:xsi="{XSI}"><Body>{message}</Body><Header>'
        f'<fueloauth xmlns="http://exacttarget.com">{token}</fueloauth></Header></Envelope>'
    )


def prefixes_everywhere(message: str, token: str) -> str:
    """Every element and type with a prefix, that of Body another than that of Envelope (suds)."""
    message = re.sub(r"<(/?)(\w)", r"<\1ns0:\2", message)
    message = re.sub(r'xsi:type="(\w)', r'xsi:type="ns0:\1', message)
    message = message.replace(f'xmlns="{NAMESPACE}"', f'xmlns:ns0="{NAMESPACE}"')
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP11}" xmlns:ns1="{SOAP11}" '
        f'xmlns:xsi="{XSI}" xmlns:etns="http://exacttarget.com"><SOAP-ENV:Header><etns:fueloauth>{token}'
        f"</etns:fueloauth></SOAP-ENV:Header><ns1:Body>{message}</ns1:Body></SOAP-ENV:Envelope>"
    )


def declared_where_used(message: str, token: str) -> str:
    """Namespaces declared on the very elements that use them, texts as CDATA, comments between (strong-soap)."""
    message = message.replace("xsi:type=", f'xmlns:i="{XSI}" i:type=')
    message = re.sub(r">([^<>\s][^<>&]*)</", r"><![CDATA[\1]]><!-- said --></", message)
    return (
        f'<s:Envelope xmlns:s="{SOAP11}" xmlns:xsi="{XSI}"><s:Header><fueloauth '
        f'xmlns="http://exacttarget.com">\n  {token}\n</fueloauth></s:Header>'
        f"<s:Body>\n{message}\n</s:Body></s:Envelope>"
    )


def soap_12(message: str, token: str) -> str:
    """SOAP 1.2, whose action stands in the Content-Type (PHP, zeep, node-soap)."""
    return (
        f'<env:Envelope xmlns:env="{SOAP12}" xmlns:xsi="{XSI}"><env:Header><fueloauth '
        f'xmlns="http://exacttarget.com">{token}</fueloauth></env:Header><env:Body>{message}</env:Body></env:Envelope>'
    )


STYLES: tuple[Style, ...] = (header_after_body, prefixes_everywhere, declared_where_used, soap_12)

each_style = pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
each_request = pytest.mark.parametrize(
    "path", REQUESTS, ids=lambda path: f"{path.parts[-3]}/{path.parts[-2]}"
)


def message_of(path: Path) -> str:
    body = read_envelope(path.read_bytes()).body
    assert body is not None
    text = etree.tostring(body, encoding="unicode", with_tail=False)
    # The declarations of the envelope that lxml repeats here.
    return re.sub(r' xmlns:\w+="[^"]*"', "", text)


@each_style
@each_request
def test_each_style_is_read_as_the_same_message(path: Path, style: Style) -> None:
    plain = read_envelope(path.read_bytes()).body
    assert plain is not None
    element = etree.QName(plain).localname
    leniency = Leniency(lenient=False)

    envelope = read_envelope(style(message_of(path), "tok-1").encode())

    assert envelope.credentials.token == "tok-1"
    assert envelope.soap12 is (style is soap_12)
    assert envelope.body is not None
    assert repr(read(envelope.body, element, leniency)) == repr(read(plain, element, leniency))
    assert leniency.warnings == []


@each_style
@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
def test_no_style_gets_a_fault(
    make_app: Callable[..., SoapApp], style: Style, strict: bool
) -> None:
    app = make_app(strict=strict)
    for path in REQUESTS:
        message = message_of(path)
        operation = OPERATIONS[etree.fromstring(message.replace("xsi:", "")).tag.partition("}")[2]]
        headers = {} if style is soap_12 else {"SOAPAction": operation}
        content_type = (
            f'application/soap+xml; charset=utf-8; action="{operation}"'
            if style is soap_12
            else "text/xml"
        )
        token = issue_token(app.account, app.own.client_id)[0]

        answer = app.post(
            style(message, token).encode(), content_type=content_type, headers=headers
        )

        assert action_of(headers.get("SOAPAction"), content_type) == operation
        assert (answer.status, answer.fault) == (200, None), path
    assert app.problems == []
