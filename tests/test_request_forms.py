"""Requests read like an earlier one have the same meaning as when they are parsed."""

from __future__ import annotations

import pytest

from sfmc_mock import request_forms
from sfmc_mock.envelope import SOAP11, WSSE, WSU, read_envelope
from sfmc_mock.limits import Limits
from sfmc_mock.request_forms import MAX_FORMS, MAX_PATTERNS, MatchedRequest, RequestForms
from sfmc_mock.wire.catalogue import NAMESPACE
from sfmc_mock.wire.reading import XSI, Leniency, read
from sfmc_mock.wire.struct import Struct

CREATE, RETRIEVE = "CreateRequest", "RetrieveRequestMsg"
HEADER = (
    f'<o:Security xmlns:o="{WSSE}" xmlns:u="{WSU}"><o:UsernameToken u:Id="uuid-%s"><o:Username>%s</o:Username>'
    "<o:Password>secret</o:Password></o:UsernameToken></o:Security>"
)


def request(message: str, *, element: str = CREATE, username: str = "ada", at: str = "1") -> bytes:
    header = HEADER % (at, username)
    return (
        f'<s:Envelope xmlns:s="{SOAP11}" xmlns:xsi="{XSI}">\n <s:Header>{header}</s:Header>\n <s:Body>'
        f'<{element} xmlns="{NAMESPACE}">{message}</{element}></s:Body></s:Envelope>'
    ).encode()


def subscriber(key: str = "k-1", *, extra: str = "", status: str = "Active") -> str:
    return (
        f'<Objects xsi:type="Subscriber"><ObjectID xsi:nil="true"/><SubscriberKey>{key}</SubscriberKey>'
        f"<Status>{status}</Status><Lists><ID>17</ID></Lists><Lists><ID>18</ID></Lists>{extra}</Objects>"
    )


def parsed(document: bytes, element: str = CREATE) -> tuple[Struct, Leniency]:
    body, leniency = read_envelope(document).body, Leniency()
    assert body is not None
    return read(body, element, leniency), leniency


def learned(document: bytes, element: str = CREATE) -> RequestForms:
    forms = RequestForms(Limits())
    for _ in range(2):
        forms.learn(document, element, parsed(document, element)[0])
    return forms


def filled(forms: RequestForms, document: bytes) -> MatchedRequest:
    found = forms.match(document)
    assert found is not None
    return found


@pytest.mark.parametrize("key", ["k-2", "", "  two blanks ", "a\n\tb", "x'y\"z;=", "]]", "7"])
def test_another_value_is_read_as_by_the_parser(key: str) -> None:
    document = request(subscriber(key))

    found = filled(learned(request(subscriber())), document).read(CREATE, Leniency())

    assert repr(found) == repr(parsed(document)[0])


def test_the_envelope_is_that_of_the_request() -> None:
    document = request(subscriber("k-2"), username="grace", at="4f-1")

    found = filled(learned(request(subscriber())), document).envelope

    wanted = read_envelope(document)
    assert (found.credentials, found.soap12) == (wanted.credentials, wanted.soap12)


def test_a_value_is_held_against_its_type_each_time() -> None:
    document = request(subscriber().replace("17", "1x"))

    with pytest.raises(Exception, match="Input string was not in a correct format"):
        filled(learned(request(subscriber())), document).read(CREATE, Leniency())


def test_lenient_values_are_warned_of_each_time() -> None:
    sample = (
        "<RetrieveRequest><ObjectType>List</ObjectType><Properties>ID</Properties><Filter "
        'xsi:type="SimpleFilterPart"><Property>ID</Property><SimpleOperator>equals</SimpleOperator>'
        "<DateValue>%s</DateValue></Filter></RetrieveRequest>"
    )
    forms = learned(request(sample % "one", element=RETRIEVE), RETRIEVE)
    leniency = Leniency()

    filled(forms, request(sample % "two", element=RETRIEVE)).read(RETRIEVE, leniency)

    assert "DateValue holds 'two'" in leniency.warnings[0]


@pytest.mark.parametrize("place", ["</Lists>", "</Objects>", "</CreateRequest>"])
def test_a_text_between_elements_is_warned_of_each_time(place: str) -> None:
    document = request(subscriber()).replace(place.encode(), f"7{place}".encode(), 1)
    leniency = Leniency()

    filled(learned(request(subscriber())), document).read(CREATE, leniency)

    assert list(leniency.warnings) == list(parsed(document)[1].warnings) != []


@pytest.mark.parametrize(
    "message",
    [
        subscriber(extra="<!-- <Name>a</Name> -->"),
        subscriber("<![CDATA[a]]>"),
        subscriber(extra="<?a <b>c</b>?>"),
        subscriber(extra="<Nobody>a</Nobody>"),
        subscriber(extra="<Status>Held</Status>"),
        subscriber("a<b/>c"),
        subscriber("a > b"),
    ],
    ids=["comment", "section", "instruction", "unknown", "repeated", "mixed", "bare bracket"],
)
def test_requests_that_are_not_plain_have_no_form(message: str) -> None:
    document = request(message)

    assert learned(document).match(document) is None


@pytest.mark.parametrize("key", ["a &amp; b", "é", "a > b", "\x0b", "a\rb"])
def test_a_value_that_is_not_plain_is_no_value_of_the_form(key: str) -> None:
    assert learned(request(subscriber())).match(request(subscriber(key))) is None


def test_a_letter_that_marks_gaps_is_no_gap() -> None:
    document = request(subscriber())
    forged = document.replace(b">k-1</", b"\x7f")

    assert learned(document).match(forged) is None
    assert learned(forged.replace(b"\x7f", b">\x7f</")).match(document) is None


def test_a_text_like_an_id_stays_a_value_of_its_own() -> None:
    one, other = (request(subscriber(f'é:Id="{each}"')) for each in "ab")

    found = learned(one).match(other)

    assert found is None or 'é:Id="b"' in repr(found.read(CREATE, Leniency()))


def test_an_empty_value_of_the_header_is_left_to_the_parser() -> None:
    assert learned(request(subscriber())).match(request(subscriber(), username="")) is None


def test_a_message_that_is_read_as_another_one_is_left_to_the_parser() -> None:
    document = request(subscriber())

    assert filled(learned(document), document).read("UpdateRequest", Leniency()) is None


def test_a_form_is_worked_out_when_it_comes_again() -> None:
    forms, document = RequestForms(Limits()), request(subscriber())

    forms.learn(document, CREATE, parsed(document)[0])

    assert forms.match(document) is None


def test_forms_are_bounded() -> None:
    forms = RequestForms(Limits())
    for number in range(MAX_FORMS + 5):
        document = request(f'<Options number="{number}"/>{subscriber()}')
        for _ in range(2):
            forms.learn(document, CREATE, parsed(document)[0])

    assert 0 < len(forms._forms) <= MAX_FORMS


# Long requests.


def long_request(count: int, first: int = 0) -> bytes:
    return request("".join(subscriber(f"k-{first + number}") for number in range(count)))


def learn_each(forms: RequestForms, *documents: bytes) -> None:
    for document in documents:
        forms.learn(document, CREATE, parsed(document)[0])


def test_a_long_request_has_a_form_when_it_comes_three_times_in_a_row() -> None:
    forms = RequestForms(Limits())
    document, other = long_request(100, first=1_000), long_request(100)
    learn_each(forms, request(subscriber()), request(subscriber()))

    learn_each(forms, other, long_request(101), other, long_request(101), other, other)
    assert forms.match(document) is None

    learn_each(forms, other)
    assert repr(filled(forms, document).read(CREATE, Leniency())) == repr(parsed(document)[0])
    assert forms.match(long_request(101)) is None


def test_a_value_of_a_long_request_is_read_as_by_the_parser() -> None:
    forms = RequestForms(Limits())
    learn_each(forms, *[long_request(100)] * 3)

    for key in ("", "  two blanks ", "a &amp; b", "é", "a<b/>"):
        document = request(subscriber(key) + "".join(map(subscriber, map(str, range(99)))))
        found = forms.match(document)
        assert found is None or repr(found.read(CREATE, Leniency())) == repr(parsed(document)[0])
    assert forms.match(request(subscriber("plain") * 100)) is not None


def test_the_markup_of_long_requests_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_forms, "MAX_MARKUP", 60_000)
    forms = RequestForms(Limits())

    for count in range(100, 108):
        learn_each(forms, *[long_request(count)] * 3)

    assert 0 < sum(map(len, forms._forms)) <= 60_000
    assert forms.match(long_request(100)) is None
    assert forms.match(long_request(107)) is not None


# Patterns: the texts of requests of which a few values change.

KEYS = ("k-1", "k-2", "k-3")


def with_pattern(*documents: bytes) -> RequestForms:
    forms = learned(documents[0])
    for document in documents:
        filled(forms, document)
    assert forms._patterns
    return forms


@pytest.mark.parametrize(
    "key", ["k-9", "", " two ", "a\n\tb", "x'y\"z;=", ']]"', "a &amp; b", "é", "a<b/>", "a > b"]
)
def test_a_value_that_changes_is_read_as_by_the_parser(key: str) -> None:
    forms = with_pattern(*(request(subscriber(each)) for each in KEYS))
    document = request(subscriber(key))

    found = forms.match(document)

    assert found is None or repr(found.read(CREATE, Leniency())) == repr(parsed(document)[0])


@pytest.mark.parametrize(
    "document",
    [
        request(subscriber("k-4", status="Held"), username="grace"),
        request(subscriber("k-4"), at='4f" x="'),
        request(subscriber("k-4")) + b" ",
        request(subscriber("k-4")).replace(b"k-4</", b"k-4 </"),
        request(subscriber("k-4").replace("17", "19")),
    ],
    ids=["other constants", "another attribute", "more at the end", "blank", "in a list"],
)
def test_requests_that_fit_no_form_are_read_by_the_parser(document: bytes) -> None:
    forms = with_pattern(*(request(subscriber(each)) for each in KEYS))

    found = forms.match(document)

    assert found is None or repr(found.read(CREATE, Leniency())) == repr(parsed(document)[0])


def test_values_of_the_header_change_as_others_do() -> None:
    people = [("ada", "1"), ("grace", "2"), ("edsger", "3-a")]
    forms = with_pattern(*(request(subscriber(), username=name, at=at) for name, at in people))

    found = filled(forms, request(subscriber(), username="barbara", at="uuid-4"))

    assert found.envelope.credentials.username == "barbara"


def test_a_constant_that_is_no_value_of_its_type_is_refused_each_time() -> None:
    documents = [request(subscriber(each).replace("17", "1x")) for each in KEYS]
    forms = learned(request(subscriber()))
    for document in documents:
        found = filled(forms, document)

        with pytest.raises(Exception, match="Input string was not in a correct format"):
            found.read(CREATE, Leniency())


def test_constants_are_made_anew_for_each_request() -> None:
    forms = with_pattern(*(request(subscriber(each)) for each in KEYS))
    first, second = (
        filled(forms, request(subscriber("k-1"))).read(CREATE, Leniency()) for _ in range(2)
    )
    assert first is not None
    assert second is not None

    first.parts("Objects")[0].values["Lists"] = []

    assert len(second.parts("Objects")[0].parts("Lists")) == 2


def test_a_request_without_values_has_a_pattern() -> None:
    element = "VersionInfoRequestMsg"
    body = f'<s:Body><{element} xmlns="{NAMESPACE}"/></s:Body>'
    document = f'<s:Envelope xmlns:s="{SOAP11}">{body}</s:Envelope>'.encode()
    forms = learned(document, element)

    found = [filled(forms, document).read(element, Leniency()) for _ in range(3)]

    assert len(set(map(repr, found))) == 1


def test_of_a_request_like_many_what_is_its_own_gives_it_back() -> None:
    forms = learned(request(subscriber()))
    for number in range(30):
        found = filled(forms, request(subscriber(f"k-{number}"), at=f"4f-{number}"))
    document = request(subscriber(""), at="last")

    abridged = filled(forms, document).abridged

    assert bytes(found.abridged or b"") == request(subscriber("k-29"), at="4f-29")
    assert bytes(abridged or b"") == document
    assert abridged is not None
    assert len(abridged) < 20


def test_a_text_that_few_requests_have_is_not_kept_for_one() -> None:
    forms = with_pattern(*(request(subscriber(each)) for each in KEYS))

    assert filled(forms, request(subscriber("k-4"))).abridged is None


def test_patterns_are_bounded() -> None:
    forms = RequestForms(Limits())
    for number in range(MAX_PATTERNS + 5):
        blank = " " * number
        documents = [request(f"<Options{blank}/>{subscriber(each)}") for each in KEYS]
        for document in documents[:2]:
            forms.learn(document, CREATE, parsed(document)[0])
        for document in documents:
            forms.match(document)

    assert 0 < len(forms._patterns) <= MAX_PATTERNS
