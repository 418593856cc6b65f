"""Any input gets an answer: no traceback, no hang, and no partial write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.support.samples import ACTIONS, sample
from tests.support.soap_app import Answer, SoapApp, envelope, username_token

from sfmc_mock.wire.catalogue import NAMESPACE

RETRIEVE = (
    f'<RetrieveRequestMsg xmlns="{NAMESPACE}"><RetrieveRequest><ObjectType>Subscriber</ObjectType>'
    "<Properties>ID</Properties>%s</RetrieveRequest></RetrieveRequestMsg>"
)
CREATE = f'<CreateRequest xmlns="{NAMESPACE}">%s</CreateRequest>'


def post(app: SoapApp, message: str, action: str = "Retrieve", before: str = "") -> Answer:
    return app.post(before.encode() + envelope(message, app.user), action)


def is_bad_request(answer: Answer) -> bool:
    return (answer.status, answer.headers["content-type"], answer.body) == (
        400,
        "text/plain",
        b"Bad Request",
    )


# Not SOAP.


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b" \r\n",
        b"hello",
        b"{}",
        b"<",
        b"<a/>",
        b"\x00",
        b"\xff\xfe\xff",
        b"<!--" * 1000,
        b"PK\x03\x04" + bytes(range(256)) * 40,
    ],
)
def test_bytes_that_are_no_soap_are_a_bad_request(app: SoapApp, document: bytes) -> None:
    """HTTP 400 and these two words: from an SDK's fixture."""
    assert is_bad_request(app.post(document, "Retrieve"))


def test_an_empty_soap_body_is_a_bad_request(app: SoapApp) -> None:
    assert is_bad_request(post(app, ""))


def test_the_journal_says_what_was_bad_about_a_bad_request(app: SoapApp) -> None:
    app.post(b"<a/>", "Retrieve")

    (exchange,) = app.wsgi.journal
    assert exchange.error == "the body is not a SOAP envelope: its root is {None}a"


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "\x1b[31m"], ids=["nul", "bell", "escape"])
def test_characters_that_xml_does_not_have_are_a_bad_request(app: SoapApp, text: str) -> None:
    assert is_bad_request(post(app, RETRIEVE % f"<ContinueRequest>{text}</ContinueRequest>"))


def test_bytes_that_are_no_utf_8_are_a_bad_request(app: SoapApp) -> None:
    document = envelope(RETRIEVE % "<ContinueRequest>X</ContinueRequest>", app.user)

    assert is_bad_request(app.post(document.replace(b">X<", b">\xc3\x28<"), "Retrieve"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_other_encodings_with_a_byte_order_mark_are_read(app: SoapApp, encoding: str) -> None:
    document = envelope(RETRIEVE % "", app.user).decode().encode(encoding)

    assert app.post(document, "Retrieve").overall == "OK"


@pytest.mark.parametrize(
    "charset", ["bogus", "zlib", "idna", "unicode_escape", "rot13", "us-ascii"]
)
def test_a_charset_that_cannot_be_does_not_matter(app: SoapApp, charset: str) -> None:
    answer = app.post(
        envelope(RETRIEVE % "", app.user), "Retrieve", content_type=f"text/xml; charset={charset}"
    )

    assert answer.overall == "OK"


# Attacks on the parser.

_BOMB = "".join(
    [
        '<!DOCTYPE l [<!ENTITY l0 "lol">',
        *(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)),
        "]>",
    ]
)
_LARGE = f'<!DOCTYPE l [<!ENTITY l9 "{"a" * 100_000}">]>'


@pytest.mark.parametrize("dtd", [_BOMB, _LARGE], ids=["nested", "large"])
@pytest.mark.parametrize(
    "content",
    [
        f"<ContinueRequest>{'&l9;' * 5_000}</ContinueRequest>",
        f'<ContinueRequest x="{"&l9;" * 5_000}"/>',
    ],
    ids=["text", "attribute"],
)
def test_entities_are_not_unfolded(app: SoapApp, dtd: str, content: str) -> None:
    assert is_bad_request(post(app, RETRIEVE % content, before=dtd))


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file://{}">]>',
        '<!DOCTYPE x [<!ENTITY % e SYSTEM "file://{}"> %e;]>',
        '<!DOCTYPE x SYSTEM "file://{}">',
    ],
)
def test_nothing_outside_the_document_is_read(app: SoapApp, tmp_path: Path, dtd: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")

    answer = post(
        app, RETRIEVE % "<ContinueRequest>&e;</ContinueRequest>", before=dtd.format(secret)
    )

    assert is_bad_request(answer)
    assert "the secret" not in "".join(f"{each.error}{each.answer}" for each in app.wsgi.journal)


def test_an_inclusion_is_an_unknown_element(app: SoapApp, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{secret}"/>'
    )

    answer = post(app, RETRIEVE % f"<ContinueRequest>{include}</ContinueRequest>")

    assert answer.overall == "OK"


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<a>", "</a>"),
        ('<Filter xsi:type="ComplexFilterPart">', "</Filter>"),
        ('<LeftOperand xsi:type="ComplexFilterPart">', "</LeftOperand>"),
    ],
)
def test_ten_thousand_levels_are_a_bad_request(app: SoapApp, opening: str, closing: str) -> None:
    assert is_bad_request(post(app, RETRIEVE % (opening * 10_000 + closing * 10_000)))


def test_a_token_as_deep_as_a_document_can_be_is_read(app: SoapApp) -> None:
    nested = "<fueloauth>" * 200 + "nobody" + "</fueloauth>" * 200

    assert app.call("Retrieve", header=nested).fault == "Login Failed"


# Large input.


def test_a_body_over_the_limit_is_refused_before_it_is_read(
    make_app: Callable[..., SoapApp],
) -> None:
    app = make_app(max_body=2_000)

    answer = app.post(envelope(RETRIEVE % f"<!--{'x' * 2_000}-->", app.user), "Retrieve")

    assert answer.status == 413
    assert answer.body == (
        b"The request is larger than 2000 bytes, the most that this server takes."
    )


@pytest.mark.parametrize(
    "content",
    [
        '<Nope {}="1"/>'.format('="1" '.join(f"a{n}" for n in range(100_000))),
        "<Nope {}/>".format(" ".join(f'xmlns:p{n}="urn:{n}"' for n in range(10_000))),
        "<Nope/>" * 100_000,
        "<Properties>ID</Properties>" * 100_000,
        "".join(f"<Properties>ID{n}</Properties>" for n in range(100_000)),
        f"<ContinueRequest>{'x' * 5_000_000}</ContinueRequest>",
        f"<ObjectType>{'&amp;' * 500_000}</ObjectType>",
    ],
    ids=["attributes", "namespaces", "strangers", "repeats", "properties", "text", "entities"],
)
def test_a_lot_of_anything_is_answered(app: SoapApp, content: str) -> None:
    assert post(app, RETRIEVE % content).status == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "objects",
    [
        '<Objects xsi:nil="true"/>' * 20_000,
        '<Objects xsi:type="Subscriber"><EmailAddress>no address</EmailAddress></Objects>' * 10_000,
        '<Objects xsi:type="Subscriber"><EmailAddress>ada@mock.test</EmailAddress>'
        + "<Attributes><Name>x</Name><Value>1</Value></Attributes>" * 50_000
        + "</Objects>",
        '<Objects xsi:type="DataExtension"><Name>d</Name><Fields>'
        + "".join(
            f"<Field><Name>f{n}</Name><FieldType>Text</FieldType></Field>" for n in range(30_000)
        )
        + "</Fields></Objects>",
    ],
    ids=["nils", "refusals", "attributes", "fields"],
)
def test_a_batch_of_any_size_gets_its_results(app: SoapApp, objects: str) -> None:
    answer = post(app, CREATE % objects, "Create")

    assert answer.status == 200
    assert len(answer.results) == objects.count("<Objects")


# Random changes of a valid request.

_HEADER = username_token("%USERNAME%", "%PASSWORD%")
SEEDS = [
    envelope(RETRIEVE % "", _HEADER),
    envelope(
        RETRIEVE
        % '<Filter xsi:type="ComplexFilterPart"><LeftOperand xsi:type="SimpleFilterPart"><Property>SubscriberKey'
        "</Property><SimpleOperator>equals</SimpleOperator><Value>ada</Value></LeftOperand><LogicalOperator>OR"
        '</LogicalOperator><RightOperand xsi:type="SimpleFilterPart"><Property>CreatedDate</Property>'
        "<SimpleOperator>between</SimpleOperator><DateValue>2026-01-01T00:00:00</DateValue>"
        "<DateValue>2026-02-01T00:00:00Z</DateValue></RightOperand></Filter><Options><BatchSize>7</BatchSize>"
        "</Options>",
        _HEADER,
        soap12=True,
    ),
    envelope(
        CREATE
        % '<Options/><Objects xsi:type="Subscriber"><ObjectID xsi:nil="true"> </ObjectID><EmailAddress>'
        "ada@mock.test</EmailAddress><Attributes><Name>First Name</Name><Value>Ada</Value></Attributes></Objects>"
        '<Objects xsi:type="DataExtension"><Name>D</Name><Fields><Field><Name>A</Name><FieldType>Number</FieldType>'
        "<IsPrimaryKey>true</IsPrimaryKey></Field></Fields></Objects>"
        '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>welcome</CustomerKey>'
        "</TriggeredSendDefinition><Subscribers><SubscriberKey>ada</SubscriberKey></Subscribers></Objects>",
        _HEADER,
    ),
]
SEEDS += [sample(name, "%USERNAME%", "%PASSWORD%") for name in ACTIONS]
_PIECES = [
    b"<",
    b">",
    b"/",
    b'"',
    b"&",
    b"\x00",
    b"\xff",
    b"]]>",
    b"<!--",
    b"<![CDATA[",
    b"<!DOCTYPE x [",
    b' xsi:nil="true"',
    b' xsi:type="List"',
    b"\xf0\x9f\x92\xa5",
    b"9" * 30,
    b"'; DROP TABLE subscriber; --",
]
_Edit = tuple[float, int, bytes]
_EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from([0, 0, 1, 5, 40]),
        st.sampled_from(_PIECES) | st.binary(max_size=3),
    ),
    min_size=1,
    max_size=4,
)


def _edited(document: bytes, edits: list[_Edit]) -> bytes:
    for where, removed, put in edits:
        start = int(where * len(document))
        document = document[:start] + put + document[start + removed :]
    return document


@pytest.mark.slow
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.sampled_from(SEEDS),
    edits=_EDITS,
    action=st.sampled_from(["Retrieve", "Create", "Update", "Delete", "Perform", "Configure"]),
)
def test_any_change_to_a_good_request_gets_an_answer(
    app: SoapApp, seed: bytes, edits: list[_Edit], action: str
) -> None:
    before = app.content()

    for name, value in (("USERNAME", app.own.username), ("PASSWORD", app.own.password)):
        seed = seed.replace(f"%{name}%".encode(), value.encode())

    answer = app.post(_edited(seed, edits), action)

    assert app.problems == []
    if answer.status == 400:
        assert answer.body == b"Bad Request"
    else:
        assert answer.status in (200, 500)
        assert etree.QName(answer.message).localname in (
            f"{action}Response",
            _ELEMENT[action],
            "Fault",
        )
    if answer.status != 200 or action == "Retrieve":
        assert app.content() == before


_ELEMENT = {
    "Retrieve": "RetrieveResponseMsg",
    "Create": "CreateResponse",
    "Update": "UpdateResponse",
    "Delete": "DeleteResponse",
    "Perform": "PerformResponseMsg",
    "Configure": "ConfigureResponseMsg",
}


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(max_size=200),
    action=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=20),
)
def test_any_bytes_under_any_action_get_an_answer(app: SoapApp, body: bytes, action: str) -> None:
    answer = app.post(body, action)

    assert answer.status in (400, 500)
    assert app.problems == []
