"""The journal shows no secret, whatever the form of the message."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.journal import redact, redact_header, redact_target

SHARED = Path(__file__).parents[3] / "shared"
SECRET = "hush-5f2a"

FORMS = {
    "password": "<wsse:Security><wsse:UsernameToken><wsse:Username>ada</wsse:Username>"
    "<wsse:Password>hush-5f2a</wsse:Password></wsse:UsernameToken></wsse:Security>",
    "password with type": '<o:Password Type="x#PasswordText">hush-5f2a</o:Password>',
    "token": '<fueloauth xmlns="http://exacttarget.com">hush-5f2a</fueloauth>',
    "token in single quotes": "<fueloauth xmlns='http://exacttarget.com'>hush-5f2a</fueloauth>",
    "token without namespace": "<fueloauth>hush-5f2a</fueloauth>",
    "prefixed": '<ns0:fueloauth xmlns:ns0="http://exacttarget.com">hush-5f2a</ns0:fueloauth>',
    "nested": "<fueloauth xmlns='e'><fueloauth>hush-5f2a</fueloauth></fueloauth>",
    "value of zeep": "<n:fueloauth xmlns:n='e'><_value_1>hush-5f2a</_value_1></n:fueloauth>",
    "internal token": "<oAuth xmlns='e'><oAuthToken xmlns=''>hush-5f2a</oAuthToken></oAuth>",
    "CDATA": "<fueloauth><![CDATA[hush-5f2a]]></fueloauth>",
    "comments inside": "<fueloauth><!-- a -->hush-5f2a<!-- hush-5f2a --></fueloauth>",
    "end tag in a comment": "<Password><!-- </Password> -->hush-5f2a</Password>",
    "end tag in CDATA": "<Password><![CDATA[</Password>]]>hush-5f2a</Password>",
    "instruction": "<fueloauth><?x hush-5f2a?></fueloauth>",
    "blanks in the tags": "<fueloauth\n >\n hush-5f2a\n</fueloauth\n>",
    "bracket in an attribute": '<fueloauth a="b>c">hush-5f2a</fueloauth>',
    "attribute": "<oAuth token='hush-5f2a' />",
    "attribute of the token": '<fueloauth value="hush-5f2a"></fueloauth>',
    "unknown element": "<session><id>hush-5f2a</id></session>",
    "commented out": "<!-- <fueloauth>hush-5f2a</fueloauth> -->",
}

# These are hidden anywhere; the others because a header shows nothing that is not known to be harmless.
TELLING = sorted(set(FORMS) - {"instruction", "unknown element"})

ENVELOPE = '<soap:Envelope xmlns:soap="s"><soap:Header>{}</soap:Header><soap:Body>{}</soap:Body></soap:Envelope>'


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_credentials_in_a_header_are_hidden(form):
    shown = redact(ENVELOPE.format(form, "<Name>welcome</Name>").encode())

    assert SECRET not in shown
    assert "***" in shown
    assert "<Name>welcome</Name>" in shown


@pytest.mark.parametrize("form", TELLING)
def test_credentials_are_hidden_in_a_body_too(form):
    shown = redact(ENVELOPE.format("", FORMS[form]).encode())

    assert SECRET not in shown


def test_all_but_the_secret_stays_as_it_came():
    form = '<fueloauth xmlns="http://exacttarget.com">\n  hush-5f2a</fueloauth>'
    message = ENVELOPE.format(form, "\n <Name>a &amp; b</Name><Empty/>\n")

    assert redact(message.encode()) == message.replace("\n  hush-5f2a", "***")


def test_the_caller_and_the_addressing_in_a_header_are_shown():
    form = f"<wsa:Action>Create</wsa:Action><wsa:To>http://a</wsa:To>{FORMS['password']}"
    shown = redact(ENVELOPE.format(form, "").encode())

    assert "<wsa:Action>Create</wsa:Action><wsa:To>http://a</wsa:To>" in shown
    assert "<wsse:Username>ada</wsse:Username>" in shown


@pytest.mark.parametrize(
    "message",
    [
        "<Password>hush-5f2a",
        "<Password>hush-5f2a</Passwor",
        "<Password>hush-5f2a</Name><Name>x</Name>",
        "Password>hush-5f2a</Password>",
        "<Password hush-5f2a</Password>",
        "< Password >hush-5f2a</ Password >",
        "<PASSWORD>hush-5f2a</PASSWORD>",
        "<a><b></a><Password>hush-5f2a</Password>",
        "<!-- <Password>hush-5f2a</Password>",
        "<![CDATA[<Password>hush-5f2a</Password>",
        "<? <Password>hush-5f2a</Password>",
        '<!DOCTYPE a [<!ENTITY p "hush-5f2a">]><Password>&p;</Password>',
        """<!DOCTYPE a [<!ENTITY p "]>hush-5f2a">]><Password>&p;</Password>""",
        '<!DOCTYPE a [<!ENTITY p "hush-5f2a',
        "<Value>&lt;Password&gt;hush-5f2a&lt;/Password&gt;</Value>",
        '<Value>&lt;fueloauth xmlns="e"&gt;hush-5f2a&lt;/fueloauth&gt;</Value>',
        "<Value>&amp;lt;Password&amp;gt;hush-5f2a&amp;lt;/Password&amp;gt;</Value>",
        "<Value><![CDATA[<Password>hush-5f2a</Password>]]></Value>",
        '<a b="&lt;Password>hush-5f2a&lt;/Password>" />',
        '<a b="<Password>hush-5f2a</Password>" />',
        "Authorization: Bearer hush-5f2a",
        "password = hush-5f2a",
        "client_secret=hush-5f2a&grant_type=client_credentials",
        "client%5Fsecret=hush-5f2a",
        '{"client_secret": "hush-5f2a"',
        '{"client_secret": "one \\" hush-5f2a", ',
        '{"a": "<b>", "client_secret": "hush-5f2a"',
        "<" * 100 + "<Password>hush-5f2a</Password>",
        "[" * 5_000 + '"<Password>hush-5f2a</Password>"' + "]" * 5_000,
    ],
)
def test_a_broken_message_gives_no_secret_away(message):
    assert SECRET not in redact(message.encode())


@pytest.mark.parametrize("key", ["client_secret", "clientSecret", "access_token", "accessToken"])
def test_the_keys_of_the_token_endpoints_are_hidden(key):
    shown = json.loads(redact(json.dumps({key: SECRET, "expires_in": 1079}).encode()))

    assert shown == {key: "***", "expires_in": 1079}


def test_a_token_answer_shows_what_is_no_secret():
    answer = {
        "access_token": SECRET,
        "refresh_token": SECRET,
        "legacyToken": SECRET,
        "token_type": "Bearer",
        "soap_instance_url": "http://a/",
    }
    shown = redact(json.dumps(answer).encode())

    assert SECRET not in shown
    assert '"token_type": "Bearer", "soap_instance_url": "http://a/"' in shown


def test_secrets_deep_in_json_are_hidden():
    message = {
        "accounts": [{"mid": 1, "password": SECRET, "note": f"<Password>{SECRET}</Password>"}]
    }
    shown = redact(json.dumps(message).encode())

    assert SECRET not in shown


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"])
def test_other_encodings_give_no_secret_away(encoding):
    message = f'<?xml version="1.0" encoding="{encoding}"?><Password>{SECRET}</Password>'
    shown = redact(message.encode(encoding))

    assert SECRET not in shown.replace("\x00", "")


def test_a_message_in_an_unreadable_encoding_is_counted_and_no_more():
    message = '<?xml version="1.0" encoding="utf-7"?>+ADw-Password+AD4-hush'

    assert redact(message.encode()) == "*** (60 bytes in a form that the journal does not read)"


def test_utf_16_is_shown_like_any_other_message():
    assert redact("<Name>w\u00e4</Name>".encode("utf-16")) == "<Name>w\u00e4</Name>"


def test_a_query_and_headers_hide_their_secrets():
    assert redact_target("/v1/requestToken?legacy=1&access%5Ftoken=x") == (
        "/v1/requestToken?legacy=1&access%5Ftoken=***"
    )
    assert redact_header("Authorization", "Basic YTpi") == "***"
    assert redact_header("SOAPAction", "Create") == "Create"


@pytest.mark.parametrize(
    "message",
    ["<MustChangePassword>true</MustChangePassword>", "<HTMLBody>a=b; c:d</HTMLBody>", "", "a"],
)
def test_a_value_that_only_sounds_secret_is_shown(message):
    assert redact(message.encode()) == message


NOISE = st.text(
    st.sampled_from(["<", ">", "/", "'", '"', "&", "-", "!", "[", "]", "?", "a", " ", "="]),
    max_size=12,
)
PIECES = st.sampled_from(["<a>", "</a>", "<!--", "-->", "<![CDATA[", "]]>", "<a b='", "</Header>"])


@given(
    st.sampled_from(TELLING),
    st.one_of(NOISE, PIECES),
    st.one_of(NOISE, PIECES),
    st.sampled_from([ENVELOPE, ENVELOPE.replace("</soap:Header>", ""), "<a>{}{}</a>", "{}{}"]),
)
def test_credentials_are_hidden_in_malformed_messages(form, before, after, envelope):
    message = envelope.format(before + FORMS[form] + after, "<Name>x</Name>")

    assert SECRET not in redact(message.encode())


@given(st.sampled_from(sorted(FORMS)), st.data())
def test_a_message_cut_anywhere_gives_no_secret_away(form, data):
    message = ENVELOPE.format(FORMS[form], "")
    cut = data.draw(st.integers(0, len(message)))

    assert SECRET[:6] not in redact(message[:cut].encode())


def real_requests() -> list[Path]:
    return sorted(SHARED.glob("requests/*/*.xml")) + sorted(SHARED.glob("requests/*/*.json"))


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the requests of real clients are not beside this checkout"
)
def test_requests_of_real_clients_show_no_token():
    shown = {path: redact(path.read_bytes()) for path in real_requests()}

    leaks = [path for path, text in shown.items() if re.search(r"tok-|mock-client-secret", text)]
    assert len(shown) > 100
    assert leaks == []


def test_the_parts_of_a_multipart_form_hide_their_secrets():
    form = (
        b'--X\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\nplanted\r\nlines\r\n'
        b"--X\r\nContent-Disposition: form-data; name=password\r\n\r\nplanted\r\n"
        b'--X\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--X--\r\n'
    )

    shown = redact(form)

    assert "planted" not in shown
    assert "client_credentials" in shown


@pytest.mark.parametrize(
    "text", ["https://name:planted@host/x", "<a>https://name:planted@host</a>", "//n:planted@h"]
)
def test_the_password_of_an_address_is_hidden(text):
    assert "planted" not in redact(text.encode())
    assert "planted" not in redact_target(f"/path?back={text}")
    assert "planted" not in redact_header("Referer", text)


DEEP = {
    "escaped within escaped": "".join(
        f"&{'amp;' * n}lt;Password&{'amp;' * n}gt;planted&{'amp;' * n}lt;/Password&{'amp;' * n}gt;"
        for n in range(60)
    ),
    "comments": "<!--" * 16_000 + "<Password>planted",
    "elements": "<a>" * 15_000 + "<Password>planted" + "</b>" * 4_000,
    "json": '{"a":' * 10_000 + '"password":"planted"',
    "json lists": "[" * 60_000,
    "instructions": "<?" * 30_000,
    "a name without an end": "<" + "a" * 65_000,
    "an attribute without an end": '<a b="' + "<" * 60_000,
}


@pytest.mark.parametrize("document", DEEP.values(), ids=DEEP.keys())
def test_no_document_is_too_deep(document):
    assert "planted" not in redact(f"<x>{document}".encode())
    assert "planted" not in redact(document.encode())


@pytest.mark.parametrize(
    "repeated",
    [
        "<a>",
        "</b>",
        "<a ",
        "< ",
        "<!--",
        "&lt;a&gt;",
        "password ",
        'a="<b>',
        "--\r\nform-data name=",
        "//a:",
    ],
)
def test_the_work_grows_no_faster_than_the_message(repeated):
    """Function calls are counted, not timed; the benchmark measures the patterns."""

    def calls(length):
        count = 0

        def note(frame, event, argument):
            nonlocal count
            count += 1

        message = ("<a>" * (length // 6) + repeated * length)[:length].encode()
        sys.setprofile(note)
        try:
            redact(message)
        finally:
            sys.setprofile(None)
        return count

    assert calls(16_000) <= 4.5 * calls(4_000) + 1_000
