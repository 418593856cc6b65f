"""The SOAP endpoint and the addresses beside it, through the WSGI application."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from lxml import etree
from tests.support.filled import filled
from tests.support.soap_app import (
    PARTNER,
    XSI,
    Answer,
    SoapApp,
    envelope,
    fueloauth,
    username_token,
)

from sfmc_mock.account.tokens import LIFETIME, issue_token
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.diagnostics import MAX_PROBLEMS
from sfmc_mock.envelope import FAULT_ACTION, SOAP11, SOAP12, WSA, WSSE, WSU
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.soap_request import action_of
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write

STATUS = f'<SystemStatusRequestMsg xmlns="{NAMESPACE}"/>'
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def header(answer: Answer, path: str) -> str:
    """Return the text at a path in the answer's header, with prefixes such as `wsa:`."""
    found = answer.envelope[0].findtext(path, namespaces={"wsa": WSA, "wsse": WSSE, "wsu": WSU})
    assert found is not None
    return found


# The operation of a request.


@pytest.mark.parametrize(
    ("soap_action", "content_type", "action"),
    [
        ("Create", "text/xml", "Create"),
        ('"Create"', "text/xml; charset=utf-8", "Create"),
        ("'Create'", "text/xml", "Create"),
        (' " Create " ', "text/xml", "Create"),
        (None, 'application/soap+xml; charset=utf-8; action="Create"', "Create"),
        (None, "application/soap+xml;action=Create", "Create"),
        (None, "application/soap+xml; ACTION='Create'", "Create"),
        ("Delete", 'application/soap+xml; action="Create"', "Delete"),
        ("", 'application/soap+xml; action="Create"', "Create"),
        ('""', "text/xml", None),
        (None, 'application/soap+xml; action=""', None),
        (None, "", None),
    ],
)
def test_the_action_is_read_from_the_http_headers(
    soap_action: str | None, content_type: str, action: str | None
) -> None:
    assert action_of(soap_action, content_type) == action


@pytest.mark.parametrize("name", ["SOAPAction", "Soapaction", "soapaction"])
def test_the_header_of_the_action_may_be_written_in_any_case(app: SoapApp, name: str) -> None:
    answer = app.post(envelope(STATUS, app.user), headers={name: '"GetSystemStatus"'})

    assert answer.overall == "OK"


def test_without_a_header_the_action_is_that_of_addressing(app: SoapApp) -> None:
    addressed = f'<a:Action xmlns:a="{WSA}">GetSystemStatus</a:Action>'

    assert app.post(envelope(STATUS, addressed + app.user)).overall == "OK"


def test_the_header_wins_over_addressing(app: SoapApp) -> None:
    addressed = f'<a:Action xmlns:a="{WSA}">Delete</a:Action>'

    answer = app.post(envelope(STATUS, addressed + app.user), "GetSystemStatus")

    assert etree.QName(answer.message).localname == "SystemStatusResponseMsg"


def test_soap_12_names_the_action_in_the_content_type(app: SoapApp) -> None:
    answer = app.post(
        envelope(STATUS, app.user, soap12=True),
        content_type='application/soap+xml; charset=utf-8; action="GetSystemStatus"',
    )

    assert answer.overall == "OK"


def test_the_action_decides_and_not_the_message(app: SoapApp) -> None:
    """Seen live: a client sends an element that the WSDL does not have."""
    message = f'<GetSystemStatusRequestMsg xmlns="{NAMESPACE}"/>'

    assert app.post(envelope(message, app.user), "GetSystemStatus").overall == "OK"


def test_an_action_with_which_nothing_can_be_done_is_a_fault_of_the_layer_below(
    app: SoapApp,
) -> None:
    """Documented; HTTP 500, no header, no actor, an empty detail."""
    answer = app.post(envelope(STATUS, app.user), '"Test"')

    assert answer.status == 500
    assert answer.fault == "Server did not recognize the value of HTTP Header SOAPAction: Test."
    assert [each.tag for each in answer.message] == ["faultcode", "faultstring", "detail"]
    assert [etree.QName(each).localname for each in answer.envelope] == ["Body"]


@pytest.mark.parametrize("action", ["retrieve", "RETRIEVE", "http://exacttarget.com/Retrieve"])
def test_actions_are_spelled_as_in_the_wsdl(app: SoapApp, action: str) -> None:
    assert app.post(envelope(STATUS, app.user), action).fault == (
        f"Server did not recognize the value of HTTP Header SOAPAction: {action}."
    )


def test_no_action_anywhere_is_a_fault_that_says_where_one_can_stand(app: SoapApp) -> None:
    answer = app.post(envelope(STATUS, app.user))

    assert answer.status == 500
    assert answer.message.findtext("faultcode") == "soap:Client"
    assert (answer.fault or "").startswith("SOAP action could not be determined. Send it as")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_operation_answers_an_empty_message(app: SoapApp, operation: str) -> None:
    """Missing elements are nulls to the service, not faults (inferred)."""
    answer = app.call(operation)

    assert answer.status == 200
    assert etree.QName(answer.message).localname == catalogue().operations[operation].response


# Credentials.


def _forms(app: SoapApp) -> dict[str, str]:
    token, _ = issue_token(app.account, app.own.client_id)
    return {
        "fueloauth": fueloauth(token),
        "fueloauth without namespace": f"<fueloauth>{token}</fueloauth>",
        "fueloauth in itself": fueloauth(f"<fueloauth>{token}</fueloauth>"),
        "fueloauth of tap": fueloauth(f"<_value_1>{token}</_value_1>"),
        "oAuth beside stars": username_token("*", "*")
        + f'<oAuth xmlns="http://exacttarget.com"><oAuthToken xmlns="">{token}</oAuthToken></oAuth>',
        "name and password": app.user,
    }


@pytest.mark.parametrize("soap12", [False, True])
@pytest.mark.parametrize(
    "form",
    [
        "fueloauth",
        "fueloauth without namespace",
        "fueloauth in itself",
        "fueloauth of tap",
        "oAuth beside stars",
        "name and password",
    ],
)
def test_credentials_are_taken_in_every_form(app: SoapApp, form: str, soap12: bool) -> None:
    answer = app.call("GetSystemStatus", soap12=soap12, header=_forms(app)[form])

    assert answer.overall == "OK"


@pytest.mark.parametrize(
    "forge",
    [
        lambda app: fueloauth("tok-nobody"),
        lambda app: username_token(app.own.username, "wrong"),
        lambda app: username_token(app.own.username, ""),
        lambda app: username_token("nobody", app.own.password),
        lambda app: username_token("*", "*"),
        # An unknown token is refused even beside a valid password.
        lambda app: app.user + fueloauth("tok-nobody"),
    ],
)
def test_who_cannot_be_known_gets_login_failed(
    app: SoapApp, forge: Callable[[SoapApp], str]
) -> None:
    """Live clients compare with this text."""
    answer = app.call("Retrieve", header=forge(app))

    assert answer.status == 500
    assert answer.fault == "Login Failed"
    assert answer.message.findtext("faultcode") == "q0:Security"
    assert answer.message[0].nsmap["q0"] == WSSE
    assert [each.tag for each in answer.message] == ["faultcode", "faultstring", "faultactor"]


@pytest.mark.parametrize("header", ["", '<Other xmlns="urn:other">x</Other>'])
def test_a_call_without_a_security_header_is_reported(app: SoapApp, header: str) -> None:
    """Seen live."""
    answer = app.call("Retrieve", header=header)

    assert answer.status == 500
    assert answer.fault == (
        "Security requirements are not satisfied because the security header is not present in the "
        "incoming message."
    )


def test_a_token_is_good_until_its_time_on_the_accounts_clock_is_over(app: SoapApp) -> None:
    token = app.open("POST", "/v2/token", json=_package(app)).json["access_token"]

    app.account.change_clock(lambda clock: clock.advance(LIFETIME - timedelta(seconds=1)))
    before = app.call("GetSystemStatus", header=fueloauth(token))
    app.account.change_clock(lambda clock: clock.advance(timedelta(seconds=1)))
    after = app.call("GetSystemStatus", header=fueloauth(token))

    assert before.overall == "OK"
    assert (after.status, after.fault) == (500, "Token Expired")


def _package(app: SoapApp) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": app.own.client_id,
        "client_secret": app.own.client_secret,
    }


def test_legacy_tokens_are_good_for_soap_too(app: SoapApp) -> None:
    asked = {"clientId": app.own.client_id, "clientSecret": app.own.client_secret}

    given = app.open("POST", "/v1/requestToken?legacy=1", json=asked).json

    old = f'<oAuth xmlns="http://exacttarget.com"><oAuthToken>{given["legacyToken"]}</oAuthToken></oAuth>'
    for form in (fueloauth(given["accessToken"]), old):
        assert app.call("GetSystemStatus", header=form).overall == "OK"


# The envelope of the answer.


@pytest.mark.parametrize(
    ("soap12", "namespace", "content_type"),
    [
        (False, SOAP11, "text/xml; charset=utf-8"),
        (True, SOAP12, "application/soap+xml; charset=utf-8"),
    ],
)
def test_answers_and_faults_are_in_the_version_of_the_request(
    app: SoapApp, soap12: bool, namespace: str, content_type: str
) -> None:
    good = app.call("GetSystemStatus", soap12=soap12)
    bad = app.call("GetSystemStatus", soap12=soap12, header="")

    assert [good.status, bad.status] == [200, 500]
    for answer in (good, bad):
        assert answer.envelope.tag == f"{{{namespace}}}Envelope"
        assert answer.headers["content-type"] == content_type
    assert (bad.fault or "").startswith("Security requirements are not satisfied")


def test_a_soap_12_envelope_is_taken_under_the_content_type_of_11(app: SoapApp) -> None:
    """Recorded in 2025."""
    answer = app.post(envelope(STATUS, app.user, soap12=True), "GetSystemStatus")

    assert answer.headers["content-type"] == "application/soap+xml; charset=utf-8"


@pytest.mark.parametrize("content_type", ["text/xml", "application/json", "", "no/sense; charset="])
def test_the_content_type_does_not_matter(app: SoapApp, content_type: str) -> None:
    answer = app.post(envelope(STATUS, app.user), "GetSystemStatus", content_type=content_type)

    assert answer.overall == "OK"


def test_a_charset_in_the_content_type_is_that_of_a_document_which_does_not_say(
    app: SoapApp,
) -> None:
    request = "<RetrieveRequest><ObjectType>Ü</ObjectType></RetrieveRequest>"
    message = f'<RetrieveRequestMsg xmlns="{NAMESPACE}">{request}</RetrieveRequestMsg>'

    answer = app.post(
        envelope(message, app.user).decode().encode("latin-1"),
        "Retrieve",
        content_type="text/xml; charset=iso-8859-1",
    )

    assert "object type: Ü." in answer.overall


@pytest.mark.parametrize(
    ("sent", "action"),
    [("GetSystemStatus", "GetSystemStatusResponse"), ("Describe", "DescribeResponse")],
)
def test_the_header_of_an_answer_names_its_action(app: SoapApp, sent: str, action: str) -> None:
    assert header(app.call(sent), "wsa:Action") == action


def test_the_header_of_a_fault_names_the_fault_action(app: SoapApp) -> None:
    assert header(app.call("Retrieve", header=""), "wsa:Action") == FAULT_ACTION


@pytest.mark.parametrize("message_id", ["urn:uuid:1", "no uuid at all", "a &amp; &lt;b&gt;"])
def test_an_answer_relates_to_the_message_id_as_it_was_sent(app: SoapApp, message_id: str) -> None:
    """Recorded, with one that is no UUID."""
    sent = f'<MessageID xmlns="{WSA}">{message_id}</MessageID>'

    answer = app.call("GetSystemStatus", header=sent + app.user)

    assert header(answer, "wsa:RelatesTo") == unescape(message_id)


def test_an_answer_relates_to_a_fresh_id_where_none_was_sent(app: SoapApp) -> None:
    """Recorded: SFMC-SDK sends none, and gets one."""
    first, second = app.call("GetSystemStatus"), app.call("GetSystemStatus")

    ids = [header(each, "wsa:RelatesTo") for each in (first, second)]
    ids += [header(each, "wsa:MessageID") for each in (first, second)]

    assert len(set(ids)) == 4
    assert all(GUID.fullmatch(each.removeprefix("urn:uuid:")) for each in ids)


def test_the_timestamp_is_real_time_in_utc_good_for_five_minutes(app: SoapApp) -> None:
    """Even if the account's clock is frozen, as here: clients refuse expired answers."""
    before = datetime.now(UTC).replace(microsecond=0)

    answer = app.call("GetSystemStatus")

    stamp = "wsse:Security/wsu:Timestamp/wsu:"
    created, expires = (
        datetime.fromisoformat(header(answer, f"{stamp}{name}")) for name in ("Created", "Expires")
    )
    assert before <= created <= datetime.now(UTC)
    assert expires - created == timedelta(minutes=5)


@pytest.mark.parametrize("path", ["/v2/token", "/v1/requestToken"])
def test_a_refused_token_request_is_no_ok_in_the_journal(app: SoapApp, path: str) -> None:
    app.open(
        "POST",
        path,
        json={
            "grant_type": "client_credentials",
            "client_id": "nobody",
            "client_secret": "wrong",
            "clientId": "nobody",
            "clientSecret": "wrong",
        },
    )

    (exchange,) = app.wsgi.journal
    assert (exchange.http_status, exchange.status) != (401, "OK")
    assert exchange.overall_status in ("invalid_client", "Unauthorized")
    assert exchange.error


@pytest.mark.parametrize(
    ("changed", "warned"),
    [
        ({"account_id": 7}, ["the package has no access to an account 7: its accounts are {}"]),
        ({"account_id": 7, "client_secret": "wrong"}, []),
        ({"client_secret": "wrong"}, []),
    ],
)
def test_a_wrong_account_id_alone_is_named_in_a_warning(
    app: SoapApp, changed: dict[str, object], warned: list[str]
) -> None:
    answer = app.open("POST", "/v2/token", json={**_package(app), **changed})

    (exchange,) = app.wsgi.journal
    assert answer.json["error"] == "invalid_client"
    assert list(exchange.warnings) == [text.format(app.account.mid) for text in warned]


@pytest.mark.parametrize("path", ["/v2/token", "/v1/requestToken"])
@pytest.mark.parametrize(
    ("body", "is_warned"),
    [
        (b"grant_type=client_credentials", True),
        (b"{", True),
        (b"[]", True),
        (b"[" * 100_000, True),
        (b"{}", False),
        (b"", False),
    ],
)
def test_a_token_request_that_cannot_be_read_gets_a_warning(
    app: SoapApp, path: str, body: bytes, is_warned: bool
) -> None:
    app.open("POST", path, data=body, content_type="application/json")

    (exchange,) = app.wsgi.journal
    assert exchange.http_status >= 400
    assert ["not a JSON object" in warning for warning in exchange.warnings] == [True] * is_warned


def test_the_place_of_what_is_no_xml_is_reported_once(app: SoapApp) -> None:
    app.post(b"<a>\n<b></a>", "Retrieve")

    (exchange,) = app.wsgi.journal
    assert exchange.error.count(", line 2, column 8") == 1
    assert "<string>" not in exchange.error


def test_request_ids_are_guids_and_never_the_same(app: SoapApp) -> None:
    found = [app.call("GetSystemStatus").request_id for _ in range(5)]

    assert len(set(found)) == 5
    assert all(map(GUID.fullmatch, found))


def test_the_actor_of_a_fault_is_the_address_that_was_called(app: SoapApp) -> None:
    answer = app.call("Retrieve", header="")

    assert answer.message.findtext("faultactor") == "http://tenant.test/Service.asmx"


# Addresses.


@pytest.mark.parametrize(
    "path", ["/Service.asmx", "/service.asmx", "/SERVICE.ASMX", "/Service.asmx/"]
)
def test_the_endpoint_is_found_in_any_case(app: SoapApp, path: str) -> None:
    assert app.post(envelope(STATUS, app.user), "GetSystemStatus", path=path).overall == "OK"


@pytest.mark.parametrize(
    "path",
    [
        "/etframework.wsdl",
        "/ETFramework.WSDL",
        "/Service.asmx?wsdl",
        "/service.asmx?WSDL",
        "/Service.asmx?wsdl=1",
    ],
)
def test_the_wsdl_names_the_address_that_it_was_asked_at(app: SoapApp, path: str) -> None:
    answer = app.open("GET", path)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    address = answer.envelope.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address is not None
    assert address.get("location") == "http://tenant.test/Service.asmx"


@pytest.mark.parametrize("path", ["/etframework.wsdl", "/ETFrameworkFault.xsd", "/Service.asmx"])
def test_head_answers_like_get_without_a_body(app: SoapApp, path: str) -> None:
    """FuelSDKs request the age of the WSDL this way."""
    head, get = app.open("HEAD", path), app.open("GET", path)

    assert (head.status, head.body) == (200, b"")
    assert head.headers == get.headers
    assert int(head.headers["content-length"]) == len(get.body)


def test_the_wsdl_has_an_age(app: SoapApp) -> None:
    assert app.open("HEAD", "/etframework.wsdl").headers["last-modified"].endswith(" GMT")


def test_a_get_of_the_endpoint_says_where_everything_is(app: SoapApp) -> None:
    answer = app.open("GET", "/Service.asmx")

    assert answer.status == 200
    assert b"http://tenant.test/etframework.wsdl" in answer.body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_other_methods_get_the_allowed_methods(app: SoapApp, method: str) -> None:
    answer = app.open(method, "/Service.asmx", data=envelope(STATUS, app.user))

    assert answer.status == 405
    assert answer.headers["allow"] == "POST, GET, HEAD"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/etframework.wsdl", "/ETFrameworkFault.xsd"])
def test_documents_can_only_be_read(app: SoapApp, method: str, path: str) -> None:
    answer = app.open(method, path)

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/nope", "/Service.asm", "/messaging/v1/x", "/%00", "/\u2603"])
def test_an_unknown_path_gets_the_address_of_soap(app: SoapApp, path: str) -> None:
    answer = app.open("GET", path)

    assert answer.status == 404
    assert answer.json["errorcode"] == 404
    assert answer.json["message"].endswith("SOAP is at /Service.asmx.")


def test_the_endpoint_of_soap_can_be_looked_up(app: SoapApp) -> None:
    answer = app.open("GET", "/platform/v1/endpoints/soap?access_token=x")

    assert answer.json == {"url": "http://tenant.test/Service.asmx"}


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b'"a"', b"[" * 100_000, b'{"grant_type": 5}', b"\xff"]
)
def test_a_token_request_that_is_none_is_refused_in_the_form_of_oauth(
    app: SoapApp, body: bytes
) -> None:
    answer = app.open("POST", "/v2/token", data=body, content_type="application/json")

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"


# Batches, and failures within one.


class Fragile(Handler):
    """Writes something, and then fails as the test chooses."""

    object_type = "List"

    def __init__(self, problem: Exception) -> None:
        self.problem = problem

    def create(self, call: Call, sent: Struct) -> Outcome:
        call.account.change_setting("touched", "yes")
        raise self.problem


def test_an_unexpected_problem_is_an_outage_that_leaves_nothing_behind(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = ZeroDivisionError("for the journal only")
    monkeypatch.setitem(HANDLERS, "List", Fragile(problem))
    before = app.content()

    answer = app.call(
        "Create",
        '<Objects xsi:type="Subscriber"><EmailAddress>ada@mock.test</EmailAddress></Objects>'
        '<Objects xsi:type="List"/>',
    )

    assert (answer.status, answer.fault) == (500, "Unplanned Outage")
    assert answer.message.findtext("detail/{*}apifault/{*}Code") == "2"
    assert b"for the journal only" not in answer.body
    assert app.problems == [problem]
    assert app.content() == before
    app.problems.clear()


def test_an_unexpected_problem_does_not_spoil_the_next_call(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(HANDLERS, "List", Fragile(MemoryError()))
        app.call("Create", '<Objects xsi:type="List"/>')
    app.problems.clear()

    answer = app.call("Create", '<Objects xsi:type="List"><ListName>after</ListName></Objects>')

    assert answer.overall == "OK"


def test_nothing_remembers_what_an_unexpected_problem_undid(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (
        '<Objects xsi:type="DataExtension"><CustomerKey>gone</CustomerKey><Name>gone</Name><Fields><Field>'
        "<Name>A</Name><FieldType>Text</FieldType></Field></Fields></Objects>"
    )
    with monkeypatch.context() as patched:
        patched.setitem(HANDLERS, "List", Fragile(ZeroDivisionError()))
        app.call("Create", made + '<Objects xsi:type="List"/>')
    app.problems.clear()

    gone = app.retrieve("DataExtensionObject[gone]", ["A"])
    again = app.call("Create", made)

    assert gone.overall == "Error: Data extension does not exist: gone"
    assert again.overall == "OK"


def test_the_journal_says_what_broke(app: SoapApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, "List", Fragile(ZeroDivisionError("by zero")))

    app.call("Create", '<Objects xsi:type="List"/>')

    (exchange,) = app.wsgi.journal
    assert exchange.error == "the emulator failed: ZeroDivisionError: by zero"
    assert exchange.http_status == 500
    app.problems.clear()


def test_only_the_last_unexpected_problems_are_kept(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [ZeroDivisionError(str(number)) for number in range(MAX_PROBLEMS + 2)]

    for problem in problems:
        monkeypatch.setitem(HANDLERS, "List", Fragile(problem))
        app.call("Create", '<Objects xsi:type="List"/>')

    assert app.problems == problems[2:]
    app.problems.clear()


_ADA = '<Objects xsi:type="Subscriber"><EmailAddress>ada@mock.test</EmailAddress></Objects>'
_BOB = '<Objects xsi:type="Subscriber"><EmailAddress>bob@mock.test</EmailAddress></Objects>'


def test_a_refused_object_leaves_the_others_of_its_batch_alone(app: SoapApp) -> None:
    answer = app.call("Create", _ADA + _ADA + '<Objects xsi:nil="true"/>' + _BOB)

    assert answer.overall == "Has Errors"
    assert answer.texts("Results", "StatusCode") == ["OK", "Error", "Error", "OK"]
    assert answer.texts("Results", "OrdinalID") == ["0", "1", "2", "3"]
    assert answer.texts("Results", "ErrorCode") == ["12014", "6"]
    assert len(app.retrieve("Subscriber", ["ID"]).results) == 2


def test_a_refused_object_leaves_nothing_behind(app: SoapApp) -> None:
    before = app.content()

    answer = app.call(
        "Create",
        '<Objects xsi:type="Subscriber"><EmailAddress>ada@mock.test</EmailAddress>'
        "<Lists><ID>1</ID><Status>Active</Status></Lists></Objects>",
    )

    assert answer.overall == "Error"
    assert app.content() == before


def test_an_object_that_no_operation_takes_is_refused_by_name(app: SoapApp) -> None:
    """Code and text: documented."""
    answer = app.call("Create", '<Objects xsi:type="PrivateIP"><Name>a</Name></Objects>')

    assert answer.text("Results", "StatusMessage") == (
        "Cannot perform Create on objects of type PrivateIP"
    )
    assert answer.text("Results", "ErrorCode") == "5"


_API_OBJECTS = [
    each.name
    for each in catalogue().named_types()
    if each.derives_from("APIObject") and each.name != "APIObject"
]


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_no_class_filled_to_the_brim_breaks_an_operation(app: SoapApp, operation: str) -> None:
    objects = [write(filled(name, 1), "Objects", declared="") for name in _API_OBJECTS]

    answers = [app.call(operation, each) for each in objects]

    assert {each.status for each in answers} == {200}
    assert app.problems == []


@pytest.mark.parametrize(
    ("operation", "wrapper", "item"),
    [
        ("Configure", "Configurations", "Configuration"),
        ("Perform", "Definitions", "Definition"),
        ("Schedule", "Interactions", "Interaction"),
    ],
)
def test_no_class_filled_to_the_brim_breaks_an_operation_with_actions(
    app: SoapApp, operation: str, wrapper: str, item: str
) -> None:
    for name in _API_OBJECTS:
        held = write(filled(name, 1), item, declared="")

        answer = app.call(operation, f"<Action>start</Action><{wrapper}>{held}</{wrapper}>")

        assert answer.status == 200, name


# The journal.


def test_an_exchange_shows_what_was_called_and_what_came_of_it(app: SoapApp) -> None:
    app.retrieve("Subscriber", ["Nope"])

    (exchange,) = app.wsgi.journal
    assert exchange.title == "Retrieve Subscriber"
    assert exchange.overall_status == (
        "Error: The Request Property(s) Nope do not match with the fields of Subscriber retrieve"
    )
    assert exchange.caller == app.own.username
    assert exchange.account == app.account.mid
    assert exchange.http_status == 200


@pytest.mark.parametrize(
    ("operation", "content", "title", "summary"),
    [
        (
            "Create",
            '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>k</CustomerKey>'
            "</TriggeredSendDefinition><Subscribers><EmailAddress>ada@mock.test</EmailAddress></Subscribers>"
            "<Subscribers/></Objects>",
            "Create TriggeredSend",
            "k → ada@mock.test and 1 more",
        ),
        (
            "Delete",
            _ADA + _BOB + '<Objects xsi:type="List"><ListName>l</ListName></Objects>' + _ADA,
            "Delete Subscriber, List",
            "ada@mock.test, bob@mock.test, l and 1 more",
        ),
        (
            "Configure",
            '<Action>Create</Action><Configurations><Configuration xsi:type="PropertyDefinition"><Name>n</Name>'
            "</Configuration></Configurations>",
            "Configure PropertyDefinition",
            "Create n",
        ),
        (
            "Describe",
            "<DescribeRequests><ObjectDefinitionRequest><ObjectType>List</ObjectType></ObjectDefinitionRequest>"
            "</DescribeRequests>",
            "Describe List",
            "",
        ),
        ("Execute", "<Requests><Name>LogUnsubEvent</Name></Requests>", "Execute LogUnsubEvent", ""),
        (
            "Retrieve",
            "<RetrieveRequest><ContinueRequest>abc</ContinueRequest></RetrieveRequest>",
            "Retrieve",
            "continues abc",
        ),
    ],
)
def test_a_line_of_the_journal_says_what_a_call_is_about(
    app: SoapApp, operation: str, content: str, title: str, summary: str
) -> None:
    app.call(operation, content)

    (exchange,) = app.wsgi.journal
    assert (exchange.title, exchange.summary) == (title, summary)


def test_the_journal_holds_no_secret_of_a_call(app: SoapApp) -> None:
    token = app.open("POST", "/v2/token", json=_package(app)).json["access_token"]
    app.call("GetSystemStatus")
    app.call("GetSystemStatus", header=fueloauth(token))
    app.post(envelope(STATUS, app.user).decode().encode("utf-16"), "GetSystemStatus")

    kept = "".join(f"{each.request}{each.answer}{each.headers}" for each in app.wsgi.journal)

    for secret in (token, app.own.password, app.own.client_secret):
        assert secret not in kept


def test_each_account_is_read_as_strictly_as_it_is_itself(
    make_app: Callable[..., SoapApp],
) -> None:
    lenient, strict = make_app(), make_app(strict=True)
    content = (
        "<RetrieveRequest><ObjectType>Subscriber</ObjectType><Properties>ID</Properties>"
        "<RetrieveAllSinceLastBatch>False</RetrieveAllSinceLastBatch></RetrieveRequest>"
    )

    ours = lenient.call("Retrieve", content)
    theirs = lenient.call("Retrieve", content, header=strict.user)

    assert (ours.fault, ours.overall) == (None, "OK")
    assert "'False' is not a valid Boolean value" in (theirs.fault or "")


def test_each_account_answers_for_itself(make_app: Callable[..., SoapApp]) -> None:
    ours, others = make_app(), make_app()
    ours.call("Create", _ADA)

    theirs = ours.call(
        "Retrieve",
        "<RetrieveRequest><ObjectType>Subscriber</ObjectType><Properties>ID</Properties></RetrieveRequest>",
        header=others.user,
    )

    assert (theirs.overall, theirs.results) == ("OK", [])
    assert len(ours.retrieve("Subscriber", ["ID"]).results) == 1


def test_elements_of_an_answer_are_all_of_the_services_namespace(app: SoapApp) -> None:
    app.call("Create", _ADA)

    answer = app.retrieve("Subscriber", ["SubscriberKey", "CreatedDate", "Status"])

    assert all(str(each.tag).startswith(PARTNER) for each in answer.message.iter())
    assert answer.results[0].get(f"{{{XSI}}}type") == "Subscriber"


# Objects without a type of their own.


def test_an_object_without_a_type_is_refused_as_what_it_was_read_as(app: SoapApp) -> None:
    """Seen live: no ErrorCode, and an Object with a nil PartnerKey and ObjectID."""
    answer = app.call("Create", "<Objects><CustomerKey>x</CustomerKey></Objects>")

    (result,) = answer.results
    assert answer.text("Results", "StatusMessage") == "Requested value 'APIObject' was not found."
    assert answer.texts("Results", "ErrorCode") == []
    shown = {etree.QName(each).localname: each.get(f"{{{XSI}}}nil") for each in result[-1]}
    assert (shown["PartnerKey"], shown["ObjectID"]) == ("true", "true")
