"""Messages that are written alike are kept by what differs, and read as they came."""

from __future__ import annotations

import pytest

from sfmc_mock.journal import Exchange
from sfmc_mock.journal.slices import MAX_KINDS, MAX_MESSAGE, Slice, Slices

FIRST = b'<a wsu:Id="t-1">\n<b>one</b><c>two</c><d /><e>three</e></a>'


def knowing(first: bytes = FIRST) -> Slices:
    slices = Slices()
    for _ in range(2):
        slices.cut(first)
    return slices


@pytest.mark.parametrize(
    "message",
    [
        FIRST,
        b'<a wsu:Id="t-2">\n<b>one</b><c>two</c><d /><e>three</e></a>',
        b'<a wsu:Id="">\n<b></b><c>2 &amp; 3</c><d /><e>\xc3\xa9 "x"\r\n</e></a>',
        b'<a wsu:Id="t-1">\n<b>:Id="x"</b><c>two</c><d /><e>:Id="</e></a>',
        b'<a wsu:Id="\xff"><b>one</b></a>',
        b"<b>no id</b>",
        b'<a x:Id="never closed',
        b"",
        b"a > b </ c",
        b"<a>\x7f</a>",
    ],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_message_is_read_as_it_came(message: bytes, is_known: bool) -> None:
    slices = knowing(message) if is_known else knowing()

    assert bytes(slices.cut(message)) == message


def test_only_what_differs_is_kept() -> None:
    found = knowing().cut(FIRST.replace(b"two", b"TWO"))

    assert isinstance(found, Slice)
    assert len(found) == 3


def test_a_message_is_cut_when_two_like_it_came_before() -> None:
    slices = Slices()

    kept = [slices.cut(FIRST) for _ in range(3)]

    assert [type(each) for each in kept] == [bytes, bytes, Slice]


def test_long_messages_stay_whole() -> None:
    message = b"<a>" + b"x" * MAX_MESSAGE + b"</a>"

    assert knowing(message).cut(message) is message


def test_kinds_are_bounded() -> None:
    slices = Slices()
    for number in range(MAX_KINDS + 5):
        for _ in range(2):
            slices.cut(b"<a n='%d'>x</a>" % number)

    assert 0 < len(slices._kinds) <= MAX_KINDS


def test_an_exchange_shows_a_slice_without_secrets() -> None:
    first = b"<Envelope><UserName>a</UserName><Password>one</Password></Envelope>"
    slices = knowing(first)

    found = Exchange(request=slices.cut(first.replace(b"one", b"other")), request_size=len(first))

    assert found.request.endswith("<Password>***</Password></Envelope>")
    assert found.request_size == len(first)
