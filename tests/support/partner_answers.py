"""Answers as the service writes them (prefix, namespaces, header and order of elements: recorded)."""

from __future__ import annotations

from collections.abc import Iterable

_NAMESPACES = (
    'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" '
    'xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"'
)
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
NILS = '<PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" />'


def envelope(action: str, body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope {_NAMESPACES}><soap:Header>'
        f"<wsa:Action>{action}</wsa:Action>"
        "<wsa:MessageID>urn:uuid:3a5f1edf-dacb-4d19-a0d3-4e0dcc9f507d</wsa:MessageID>"
        "<wsa:RelatesTo>urn:uuid:fb395987-bf45-42d6-af73-f51816c7b73f</wsa:RelatesTo>"
        "<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>"
        '<wsse:Security><wsu:Timestamp wsu:Id="Timestamp-b5d88471-97ad-4070-a18f-4c148a52da96">'
        "<wsu:Created>2026-01-02T20:35:10Z</wsu:Created><wsu:Expires>2026-01-02T20:40:10Z</wsu:Expires>"
        "</wsu:Timestamp></wsse:Security>"
        f"</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def message(name: str, action: str, content: str) -> bytes:
    return envelope(
        action, f'<{name} xmlns="http://exacttarget.com/wsdl/partnerAPI">{content}</{name}>'
    )


def retrieved(
    results: Iterable[str] = (), *, status: str = "OK", request_id: str = "request-1"
) -> bytes:
    return message(
        "RetrieveResponseMsg",
        "RetrieveResponse",
        f"<OverallStatus>{status}</OverallStatus><RequestID>{request_id}</RequestID>"
        + "".join(results),
    )


def written(operation: str, results: Iterable[str], *, status: str = "OK") -> bytes:
    """Return the answer to a Create, Update or Delete."""
    return message(
        f"{operation}Response",
        f"{operation}Response",
        "".join(results)
        + f"<RequestID>request-1</RequestID><OverallStatus>{status}</OverallStatus>",
    )


def acted(operation: str, results: Iterable[str], *, status: str = "OK") -> bytes:
    """Return the answer to a Perform, Configure or Schedule."""
    return message(
        f"{operation}ResponseMsg",
        f"{operation}Response",
        f"<Results>{''.join(results)}</Results><OverallStatus>{status}</OverallStatus><OverallStatusMessage />"
        "<RequestID>request-1</RequestID>",
    )


def subscriber(key: str) -> str:
    return (
        f'<Results xsi:type="Subscriber">{NILS}<EmailAddress>{key}@example.com</EmailAddress>'
        f"<SubscriberKey>{key}</SubscriberKey></Results>"
    )


def ok(message: str, ordinal: int = 0, rest: str = "<NewID>0</NewID>") -> str:
    return (
        f"<Results><StatusCode>OK</StatusCode><StatusMessage>{message}</StatusMessage>"
        f"<OrdinalID>{ordinal}</OrdinalID>{rest}</Results>"
    )


def refused(message: str, code: int, ordinal: int = 0, rest: str = "<NewID>0</NewID>") -> str:
    return (
        f"<Results><StatusCode>Error</StatusCode><StatusMessage>{message}</StatusMessage>"
        f"<OrdinalID>{ordinal}</OrdinalID><ErrorCode>{code}</ErrorCode>{rest}</Results>"
    )


def row(**columns: str) -> str:
    pairs = "".join(
        f"<Property><Name>{name}</Name><Value>{value}</Value></Property>"
        for name, value in columns.items()
    )
    return (
        f'<Results xsi:type="DataExtensionObject">{NILS}<Type>DataExtensionObject</Type>'
        f"<Properties>{pairs}</Properties></Results>"
    )


def fault(string: str, *, code: str = "soap:Client", detail: str = "") -> bytes:
    prefix = f' xmlns:q0="{_SECURITY}"' if code.startswith("q0:") else ""
    return envelope(
        "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
        f"<soap:Fault><faultcode{prefix}>{code}</faultcode><faultstring>{string}</faultstring>"
        f"<faultactor>http://service.test/Service.asmx</faultactor>{detail}</soap:Fault>",
    )


TOKEN_EXPIRED = fault("Token Expired", code="q0:Security")
LOGIN_FAILED = fault("Login Failed", code="q0:Security")
RATE_LIMITED = fault(
    "Rate Limited",
    code="soap:Server",
    detail=(
        '<detail><apifault xmlns="urn:fault.partner.exacttarget.com"><Code>17</Code>'
        "<Message>Rate Limited</Message></apifault></detail>"
    ),
)
