"""Code that repeats a recorded call: a curl command, a pytest test, a zeep program."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lxml import etree

from sfmc_mock.envelope import SOAP11, SOAP12
from sfmc_mock.inspector.xml_view import indented
from sfmc_mock.journal import Exchange

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_SENT = ("content-type", "soapaction")


def as_curl(exchange: Exchange, base: str) -> str:
    """Return a shell command that sends the request again."""
    parts = [f"curl {_quoted(base + (exchange.target or '/Service.asmx'))}"]
    parts += [f"-H {_quoted(f'{name}: {value}')}" for name, value in _headers(exchange)]
    if exchange.method != "POST":
        parts.append(f"-X {exchange.method}")
    if not exchange.request:
        return " \\\n  ".join(parts)
    mark = "END_OF_REQUEST"
    return (
        " \\\n  ".join([*parts, f"--data-binary @- <<'{mark}'"]) + f"\n{exchange.request}\n{mark}"
    )


def as_pytest(exchange: Exchange) -> str:
    """Return a pytest test that sends the request to an emulator and checks the answer."""
    headers = dict(_headers(exchange))
    document = indented(exchange.request).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    expected = exchange.overall_status or "</"
    return (
        "import urllib3\n\n"
        f'REQUEST = """\\\n{document}\n"""\n\n\n'
        "def test_the_call(sfmc_account):\n"
        "    credentials = sfmc_account.credentials\n"
        '    request = REQUEST.replace("***", credentials["password"])\n'
        f'    answer = urllib3.request("POST", sfmc_account.url, body=request, headers={headers!r})\n'
        f"    assert answer.status == {exchange.http_status}\n"
        f"    assert {json.dumps(expected, ensure_ascii=False)} in answer.data.decode()\n"
    )


def as_zeep(exchange: Exchange, base: str) -> str:
    """Return a zeep program that makes the call; empty if the request is not readable SOAP."""
    message = _message(exchange.request)
    if message is None or not exchange.operation:
        return ""
    arguments = list(_arguments(message))
    lines = [
        "from zeep import Client",
        "from zeep.wsse import UsernameToken",
        "",
        f'client = Client("{base}/etframework.wsdl", wsse=UsernameToken("USERNAME", "PASSWORD"))',
        'kind = client.type_factory("http://exacttarget.com/wsdl/partnerAPI")',
        f"answer = client.service.{exchange.operation}(",
        *(f"    {name}={_value(value, 1)}," for name, value in arguments),
        ")",
        "print(answer)",
    ]
    return "\n".join(lines)


def _headers(exchange: Exchange) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in exchange.headers.items() if name.lower() in _SENT)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''").replace("\n", " ") + "'"


def _message(document: str) -> etree._Element | None:
    parser = etree.XMLParser(
        remove_blank_text=True, remove_comments=True, resolve_entities=False, no_network=True
    )
    try:
        envelope = etree.fromstring(document.encode(), parser)
    except (etree.XMLSyntaxError, ValueError, UnicodeError):
        return None
    for namespace in (SOAP11, SOAP12):
        body = envelope.find(f"{{{namespace}}}Body")
        if body is not None and len(body):
            return body[0]
    return None


def _arguments(element: etree._Element) -> Iterator[tuple[str, object]]:
    found: dict[str, list[etree._Element]] = {}
    for child in element:
        if isinstance(child.tag, str):
            found.setdefault(etree.QName(child).localname, []).append(child)
    for name, children in found.items():
        yield name, children if len(children) > 1 else children[0]


def _value(value: object, depth: int) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(each, depth) for each in value) + "]"
    assert isinstance(value, etree._Element)
    if depth > 40:
        return "..."
    inside = list(_arguments(value))
    given = value.get(_XSI_TYPE, "").rpartition(":")[2]
    if not inside:
        # JSON writes strings like Python does, on one line.
        is_empty_object = given.isidentifier() and not value.text
        return f"kind.{given}()" if is_empty_object else json.dumps(value.text or "")
    if given.isidentifier():
        return f"kind.{given}({', '.join(f'{name}={_value(each, depth + 1)}' for name, each in inside)})"
    return "{" + ", ".join(f'"{name}": {_value(each, depth + 1)}' for name, each in inside) + "}"
