"""Whatever a client sends is either a request or refused with a sentence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.http.reading import Refusal, environ_of, parse_head

LINES = st.sampled_from(
    [
        b"GET / HTTP/1.1",
        b"POST /a?b=%zz HTTP/1.0",
        b"Host: a",
        b"Accept:\t*/*",
        b": b",
        b"\r\n",
        b"%",
    ]
)


@given(
    st.one_of(
        st.binary(max_size=200), st.lists(st.one_of(LINES, st.binary(max_size=9))).map(b"\r\n".join)
    )
)
def test_a_head_is_read_or_refused(raw):
    try:
        verdict = environ_of(parse_head(raw), b"")["REQUEST_METHOD"]
    except Refusal as refusal:
        verdict = refusal.status

    assert verdict
