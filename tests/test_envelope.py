"""Envelopes: every form of request that clients use, and the form of answers and faults."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from sfmc_mock.envelope import (
    FAULT_ACTION,
    SOAP11,
    SOAP12,
    WSA,
    WSSE,
    WSU,
    AnswerHeader,
    Credentials,
    Envelope,
    read_envelope,
    write_answer,
    write_fault,
)
from sfmc_mock.errors import (
    ActionMissing,
    ActionUnknown,
    LoginFailed,
    NotSoap,
    RequestUnreadable,
    ServerTrouble,
    SoapFault,
)
from sfmc_mock.wire.catalogue import NAMESPACE

MESSAGE = f'<RetrieveRequestMsg xmlns="{NAMESPACE}"/>'


def envelope(header: str = "", body: str = MESSAGE, namespace: str = SOAP11) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{namespace}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def credentials(header: str) -> Credentials:
    return read_envelope(envelope(header)).credentials


# Reading.


@pytest.mark.parametrize(("namespace", "soap12"), [(SOAP11, False), (SOAP12, True)])
def test_the_version_is_that_of_the_envelopes_namespace(namespace: str, soap12: bool) -> None:
    assert read_envelope(envelope(namespace=namespace)).soap12 is soap12


def _tag(found: Envelope) -> str:
    assert found.body is not None
    return etree.QName(found.body).localname


@pytest.mark.parametrize(
    "document",
    [
        # The default namespace for the envelope, the body first: the service's Node SDK.
        f'<Envelope xmlns="{SOAP11}"><Body>{MESSAGE}</Body><Header/></Envelope>',
        f'<Envelope xmlns="{SOAP11}"><Body>{MESSAGE}</Body></Envelope>',
        # Two prefixes for one namespace: suds.
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP11}" xmlns:ns0="{SOAP11}"><ns0:Header/>'
        f"<ns0:Body>{MESSAGE}</ns0:Body></SOAP-ENV:Envelope>",
        # Single quotes in the declaration: zeep; standalone: strong-soap.
        "<?xml version='1.0' encoding='utf-8'?>\n"
        f"<e:Envelope xmlns:e='{SOAP11}'><e:Body>{MESSAGE}</e:Body></e:Envelope>",
        f'<?xml version="1.0" standalone="yes"?><e:Envelope xmlns:e="{SOAP11}"><e:Body>{MESSAGE}</e:Body></e:Envelope>',
        # Data around the message has no meaning.
        f'<e:Envelope xmlns:e="{SOAP11}"><!-- a --><e:Body> <!-- b --><?pi?>{MESSAGE}\n</e:Body></e:Envelope>',
        f'<e:Envelope xmlns:e="{SOAP11}" e:encodingStyle="http://x"><e:Body>{MESSAGE}</e:Body></e:Envelope>',
        f'\n  <e:Envelope xmlns:e="{SOAP11}"><e:Body>{MESSAGE}</e:Body></e:Envelope>\n',
    ],
)
def test_every_spelling_of_an_envelope_is_read(document: str) -> None:
    assert _tag(read_envelope(document.encode())) == "RetrieveRequestMsg"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(encoding: str) -> None:
    assert _tag(read_envelope(envelope().decode().encode(encoding))) == "RetrieveRequestMsg"


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
def test_a_declaration_says_the_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + envelope(
        f'<x:Action xmlns:x="{WSA}">Müsli</x:Action>'
    ).decode("utf-8")

    assert read_envelope(text.encode(encoding)).action == "Müsli"


def test_an_empty_body_has_no_message() -> None:
    assert read_envelope(envelope(body=" ")).body is None


def test_action_and_message_id_come_from_addressing_of_august_2004() -> None:
    found = read_envelope(
        envelope(
            f'<a:Action xmlns:a="{WSA}" s:mustUnderstand="1"> Create\n</a:Action>'
            f'<MessageID xmlns="{WSA}">urn:uuid:1</MessageID>'
        )
    )

    assert (found.action, found.message_id) == ("Create", "urn:uuid:1")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<Action>Create</Action>",
        '<a:Action xmlns:a="http://www.w3.org/2005/08/addressing">Create</a:Action>',
        f'<a:Action xmlns:a="{WSA}"> </a:Action>',
    ],
)
def test_only_addressing_of_august_2004_names_an_action(header: str) -> None:
    assert read_envelope(envelope(header)).action is None


_ET = 'xmlns="http://exacttarget.com"'


@pytest.mark.parametrize(
    "header",
    [
        f"<fueloauth {_ET}>T</fueloauth>",
        "<fueloauth>T</fueloauth>",
        '<etns:fueloauth xmlns:etns="http://exacttarget.com">T</etns:fueloauth>',
        f"<fueloauth {_ET}><fueloauth>T</fueloauth></fueloauth>",
        '<n:fueloauth xmlns:n="http://exacttarget.com"><_value_1>T</_value_1></n:fueloauth>',
        f"<fueloauth {_ET}>\n    T<!-- the token -->\n  </fueloauth>",
        f"<fueloauth {_ET}><![CDATA[T]]></fueloauth>",
        f"<fueloauth {_ET}>&#84;</fueloauth>",
        f"<oAuth {_ET}><oAuthToken>T</oAuthToken></oAuth>",
        f'<oAuth {_ET}><oAuthToken xmlns="">T</oAuthToken></oAuth>',
        # In either order beside the other one, which is the older.
        f"<fueloauth {_ET}>T</fueloauth><oAuth {_ET}><oAuthToken>old</oAuthToken></oAuth>",
        f"<oAuth {_ET}><oAuthToken>old</oAuthToken></oAuth><fueloauth {_ET}>T</fueloauth>",
        f"<fueloauth {_ET}>T</fueloauth><fueloauth {_ET}/>",
    ],
)
def test_a_token_is_found_in_every_form(header: str) -> None:
    assert credentials(header).token == "T"


_WITHOUT_TYPE = (
    f'<o:Security xmlns:o="{WSSE}" s:mustUnderstand="1"><o:UsernameToken>'
    "<o:Username>ada</o:Username><o:Password>{}</o:Password></o:UsernameToken></o:Security>"
)
_WITH_EVERYTHING = (
    f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" mustUnderstand="true">'
    '<wsu:Timestamp wsu:Id="T"><wsu:Created>2026-01-01T00:00:00Z</wsu:Created></wsu:Timestamp>'
    '<wsse:UsernameToken wsu:Id="U"><wsse:Username>\n ada </wsse:Username>'
    '<wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0'
    '#PasswordText">{}</wsse:Password><wsse:Nonce>bm9uY2U=</wsse:Nonce>'
    "<wsu:Created>2026-01-01T00:00:00Z</wsu:Created></wsse:UsernameToken></wsse:Security>"
)


@pytest.mark.parametrize("form", [_WITHOUT_TYPE, _WITH_EVERYTHING])
@pytest.mark.parametrize(
    ("written", "password"), [("s3cret", "s3cret"), ("a&lt;b&amp;c&#x21;", "a<b&c!"), ("", "")]
)
def test_a_name_and_a_password_are_found(form: str, written: str, password: str) -> None:
    found = credentials(form.format(written))

    assert (found.username, found.password, found.token) == ("ada", password, None)


def test_a_token_is_read_beside_stars_for_name_and_password() -> None:
    """FuelSDK of 2013 to 2017; `authenticate` decides that the token counts."""
    stars = _WITHOUT_TYPE.replace("ada", "*").format("*")

    found = credentials(f"{stars}<oAuth {_ET}><oAuthToken>T</oAuthToken></oAuth>")

    assert (found.token, found.username, found.password) == ("T", "*", "*")


def test_an_envelope_without_credentials_has_no_caller() -> None:
    assert credentials("") == Credentials(None, None, None)


def test_secrets_are_not_in_what_is_shown_of_credentials() -> None:
    assert repr(Credentials("tok-1", "ada", "s3cret")) == "Credentials(username='ada')"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "the request has no body"),
        (b" \n\t", "the request has no body"),
        (b"hello", "the body is not well-formed XML: "),
        (b'{"a": 1}', "the body is not well-formed XML: "),
        (envelope()[:-1], "the body is not well-formed XML: "),
        (envelope(body="<a>\x00</a>"), "the body is not well-formed XML: "),
        (envelope(body="<a>&nope;</a>"), "the body is not well-formed XML: "),
        (envelope(body="<p:a/>"), "the body is not well-formed XML: "),
        (envelope(body="<a>x</a>").replace(b"x", b"\xff\xfe"), "the body is not well-formed XML: "),
        (b'<?xml version="1.0" encoding="bogus"?><a/>', "the body is not well-formed XML: "),
        (b"<a/>", "the body is not a SOAP envelope: its root is {None}a"),
        (b"<Envelope/>", "the body is not a SOAP envelope: its root is {None}Envelope"),
        (
            envelope(namespace="urn:x"),
            "the body is not a SOAP envelope: its root is {urn:x}Envelope",
        ),
        (f'<Envelope xmlns="{SOAP11}"><Header/></Envelope>'.encode(), "the envelope has no Body"),
        (b"<!DOCTYPE x>" + envelope(), "the body carries a DTD, which SOAP forbids"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/">' + envelope(), "the body carries a DTD"),
    ],
)
def test_documents_that_are_no_envelope_are_distinguished(document: bytes, reason: str) -> None:
    with pytest.raises(NotSoap) as refusal:
        read_envelope(document)

    assert refusal.value.reason.startswith(reason)


# Writing.

HEADER = AnswerHeader(
    message_id="1",
    relates_to="urn:uuid:<2>",
    timestamp_id="3",
    created="2026-01-01T18:00:00Z",
    expires="2026-01-01T18:05:00Z",
)
_NAMESPACES = (
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" '
    'xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"'
)
_HEADER = (
    "<wsa:Action>RetrieveResponse</wsa:Action><wsa:MessageID>urn:uuid:1</wsa:MessageID>"
    "<wsa:RelatesTo>urn:uuid:&lt;2&gt;</wsa:RelatesTo>"
    "<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>"
    '<wsse:Security><wsu:Timestamp wsu:Id="Timestamp-3"><wsu:Created>2026-01-01T18:00:00Z</wsu:Created>'
    "<wsu:Expires>2026-01-01T18:05:00Z</wsu:Expires></wsu:Timestamp></wsse:Security>"
)
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def test_an_answer_has_the_services_form_to_the_byte() -> None:
    """Recorded: one line, six namespaces in this order, five header elements in this order."""
    written = write_answer(
        False, HEADER, "Retrieve", "RetrieveResponseMsg", ["<Overall", "Status />"]
    )

    assert written.decode() == (
        f'{_DECLARATION}<soap:Envelope xmlns:soap="{SOAP11}" {_NAMESPACES}><soap:Header>{_HEADER}</soap:Header>'
        f'<soap:Body><RetrieveResponseMsg xmlns="{NAMESPACE}"><OverallStatus /></RetrieveResponseMsg></soap:Body>'
        "</soap:Envelope>"
    )


def test_in_soap_12_the_header_has_a_prefix_of_its_own() -> None:
    """Recorded four times, from 2011 to 2025."""
    written = write_answer(True, HEADER, "Retrieve", "RetrieveResponseMsg", [])

    assert written.decode() == (
        f'{_DECLARATION}<soap:Envelope xmlns:soap="{SOAP12}" {_NAMESPACES}>'
        f'<env:Header xmlns:env="{SOAP12}">{_HEADER}</env:Header><soap:Body><RetrieveResponseMsg xmlns="{NAMESPACE}">'
        "</RetrieveResponseMsg></soap:Body></soap:Envelope>"
    )


def _fault(fault: SoapFault, *, soap12: bool = False) -> str:
    """Return the envelope of a fault from the Body on; the whole envelope if it has no header."""
    written = write_fault(soap12, HEADER, fault, "http://tenant.test/Service.asmx?a&b").decode()
    start, header, rest = written.partition(_HEADER.replace("RetrieveResponse", FAULT_ACTION))
    return rest if header else start


_ACTOR = "http://tenant.test/Service.asmx?a&amp;b"


def test_a_security_fault_has_no_detail() -> None:
    """Recorded: the fault of an expired token."""
    assert _fault(LoginFailed()) == (
        f'</soap:Header><soap:Body><soap:Fault><faultcode xmlns:q0="{WSSE}">q0:Security</faultcode>'
        f"<faultstring>Login Failed</faultstring><faultactor>{_ACTOR}</faultactor></soap:Fault></soap:Body>"
        "</soap:Envelope>"
    )


def test_a_server_fault_has_its_code_in_the_detail() -> None:
    """Documented."""
    assert _fault(ServerTrouble("Rate Limited", 17)) == (
        "</soap:Header><soap:Body><soap:Fault><faultcode>soap:Server</faultcode>"
        f"<faultstring>Rate Limited</faultstring><faultactor>{_ACTOR}</faultactor>"
        '<detail><apifault xmlns="urn:fault.partner.exacttarget.com"><Code>17</Code>'
        "<Message>Rate Limited</Message></apifault></detail></soap:Fault></soap:Body></soap:Envelope>"
    )


def test_a_client_fault_of_the_service_itself_has_header_and_actor() -> None:
    text = _fault(ActionMissing())

    assert text.startswith(
        "</soap:Header><soap:Body><soap:Fault><faultcode>soap:Client</faultcode>"
        "<faultstring>SOAP action could not be determined"
    )
    assert text.endswith(
        f"<faultactor>{_ACTOR}</faultactor></soap:Fault></soap:Body></soap:Envelope>"
    )


@pytest.mark.parametrize("fault", [ActionUnknown("<Test>"), RequestUnreadable("name='<X>'")])
def test_faults_from_below_the_service_have_neither_header_nor_actor(fault: SoapFault) -> None:
    """Documented: ASP.NET's own faults have an empty detail."""
    escaped = fault.faultstring.replace("<", "&lt;").replace(">", "&gt;")

    assert _fault(fault) == (
        f'{_DECLARATION}<soap:Envelope xmlns:soap="{SOAP11}" {_NAMESPACES}><soap:Body><soap:Fault>'
        f"<faultcode>soap:Client</faultcode><faultstring>{escaped}</faultstring><detail />"
        "</soap:Fault></soap:Body></soap:Envelope>"
    )


@pytest.mark.parametrize(
    ("fault", "code", "rest"),
    [
        (
            LoginFailed(),
            "<soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode>"
            f'<soap:Value xmlns:q0="{WSSE}">q0:Security</soap:Value></soap:Subcode></soap:Code>',
            f"<soap:Role>{_ACTOR}</soap:Role>",
        ),
        (
            ActionUnknown("X"),
            "<soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code>",
            "<soap:Detail />",
        ),
        (
            ServerTrouble(),
            "<soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code>",
            f'<soap:Role>{_ACTOR}</soap:Role><soap:Detail><apifault xmlns="urn:fault.partner.exacttarget.com">'
            "<Code>2</Code><Message>Unplanned Outage</Message></apifault></soap:Detail>",
        ),
    ],
)
def test_faults_of_soap_12_have_its_form(fault: SoapFault, code: str, rest: str) -> None:
    """Assumed: none was recorded; ASP.NET writes them so."""
    assert _fault(fault, soap12=True).endswith(
        f"<soap:Body><soap:Fault>{code}<soap:Reason>"
        f'<soap:Text xml:lang="en">{fault.faultstring}</soap:Text></soap:Reason>{rest}'
        "</soap:Fault></soap:Body></soap:Envelope>"
    )


def test_the_header_of_a_fault_names_the_fault_action() -> None:
    assert FAULT_ACTION == "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault"


@pytest.mark.parametrize(
    "document", [b"<x", b"<a>\n<b>\n</a>", b"<a", b"<a b='1", b"<a>&b;</a>", b"<a><b></a>"]
)
def test_the_place_of_a_mistake_is_reported_once(document: bytes) -> None:
    with pytest.raises(NotSoap) as refused:
        read_envelope(document)

    assert refused.value.reason.count(", column ") == 1
    assert len(re.findall(r"line \d+, (?:line|column)", refused.value.reason)) == 1
    assert not re.search(r"line \d+, line", refused.value.reason)


def test_a_large_answer_is_written_like_a_small_one() -> None:
    small = write_answer(False, HEADER, "Retrieve", "RetrieveResponseMsg", ["<A>é</A>", "<B />"])
    pieces = ["<A>é</A>"] * 20_000 + ["<B />"]

    large = write_answer(False, HEADER, "Retrieve", "RetrieveResponseMsg", pieces)

    assert large == small.replace("<A>é</A>".encode(), "<A>é</A>".encode() * 20_000)
    assert pieces == []
