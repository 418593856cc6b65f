"""The HTTP form of answers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from tests.support.raw_http import RawClient

from sfmc_mock.http import HangUp

XML = [("Content-Type", "text/xml")]


def answering(*parts: bytes, headers: list[tuple[str, str]] = XML) -> Any:
    """Return an application that answers with the parts as a list: their length is known."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", headers)
        return list(parts)

    return app


def streaming(*parts: bytes, headers: list[tuple[str, str]] = XML) -> Any:
    """Return an application that answers with the parts one by one."""

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", headers)
        yield from parts

    return app


def test_the_parts_of_a_list_are_one_body_of_known_length(serve):
    with RawClient(serve(answering(b"one", b"two")).port) as client:
        answer = client.get()

    assert answer.headers == {"content-type": "text/xml", "content-length": "6"}
    assert answer.body == b"onetwo"


def test_parts_of_unknown_number_are_sent_in_chunks(serve):
    with RawClient(serve(streaming(b"one", b"", b"two")).port) as client:
        answer = client.get()

    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.body == b"onetwo"


def test_a_client_of_http_1_0_gets_a_stream_up_to_the_end_of_the_connection(serve):
    with RawClient(serve(streaming(b"one", b"two")).port) as client:
        answer = client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer()

    assert answer.headers == {"content-type": "text/xml", "connection": "close"}
    assert answer.body == b"onetwo"


def test_a_stream_of_announced_length_is_no_stream(serve):
    app = streaming(b"one", b"two", headers=[("Content-Length", "6")])
    with RawClient(serve(app).port) as client:
        answer = client.get()

    assert answer.headers == {"content-length": "6"}


def test_a_stream_without_parts_is_an_empty_answer(serve):
    with RawClient(serve(streaming()).port) as client:
        answer = client.get()

    assert answer.headers["content-length"] == "0"


def test_bytes_written_through_start_response_come_first(serve):
    def app(environ, start_response):
        write = start_response("200 OK", XML)
        write(b"one")
        return [b"two"]

    with RawClient(serve(app).port) as client:
        assert client.get().body == b"onetwo"


def test_an_application_may_replace_its_answer_before_it_went_out(serve):
    def app(environ, start_response):
        start_response("200 OK", XML)
        try:
            raise LookupError
        except LookupError as error:
            start_response("404 Not Found", XML, (LookupError, error, error.__traceback__))
        return [b"gone"]

    with RawClient(serve(app).port) as client:
        assert client.get().status == 404


def test_head_is_get_without_the_body(serve):
    with RawClient(serve(answering(b"four")).port) as client:
        answer = client.send(b"HEAD / HTTP/1.1\r\nHost: test\r\n\r\n").answer(to_head=True)

        assert answer.headers["content-length"] == "4"
        assert client.get().body == b"four"


@pytest.mark.parametrize("parts", [(), (b"one", b"two")], ids=["no body", "body"])
def test_head_of_a_stream_sends_no_body(serve, parts):
    with RawClient(serve(streaming(*parts)).port) as client:
        client.send(b"HEAD / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        client.answer(to_head=True)

        assert client.rest() == b""


def test_head_keeps_the_length_that_the_application_announced(serve):
    app = answering(headers=[("Content-Length", "180000")])
    with RawClient(serve(app).port) as client:
        answer = client.send(b"HEAD / HTTP/1.1\r\nHost: test\r\n\r\n").answer(to_head=True)

    assert answer.headers["content-length"] == "180000"


def test_a_large_answer_is_compressed_for_a_client_that_asks(serve):
    body = b"<Results />" * 1_000
    with RawClient(serve(answering(body), gzip_above=10_000).port) as client:
        answer = client.get("/", "Accept-Encoding: deflate, gzip")

    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.body) < 1_000
    assert gzip.decompress(answer.body) == body


@pytest.mark.parametrize(
    ("asked", "size", "coding"),
    [
        ("identity", 11, None),
        ("none", 11, None),
        ("gzip;q=0", 11, None),
        ("gzip; q=0.0, deflate", 11, None),
        ("gzip;q=0.5", 11, "gzip"),
        ("gzip", 10, None),
    ],
)
def test_an_answer_is_compressed_only_if_large_and_asked_for(serve, asked, size, coding):
    with RawClient(serve(answering(b"x" * size), gzip_above=10).port) as client:
        answer = client.get("/", f"Accept-Encoding: {asked}")

    assert answer.headers.get("content-encoding") == coding


def test_an_answer_that_is_coded_already_is_left_alone(serve):
    app = answering(b"x" * 100, headers=[("Content-Encoding", "br")])
    with RawClient(serve(app, gzip_above=10).port) as client:
        answer = client.get("/", "Accept-Encoding: gzip")

    assert answer.headers["content-encoding"] == "br"


def test_urllib3_unpacks_a_compressed_answer(serve):
    server = serve(answering(b"<ok />" * 100), gzip_above=10)
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", server.url, headers={"Accept-Encoding": "gzip"})

    assert answer.data == b"<ok />" * 100


def test_the_iterable_is_closed_after_the_last_part(serve):
    closed = []

    class Parts(list[bytes]):
        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", XML)
        return Parts([b"one"])

    with RawClient(serve(app).port) as client:
        client.get()
        client.get()

    assert closed[0]


def test_an_application_may_hang_up_without_an_answer(serve):
    def app(environ, start_response):
        raise HangUp

    server = serve(app)
    with RawClient(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")

        assert client.rest() == b""
    assert server.errors == []


def test_an_application_may_hang_up_in_the_middle(serve):
    def app(environ, start_response):
        start_response("200 OK", XML)
        yield b"half"
        raise HangUp

    with RawClient(serve(app).port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")

        assert client.rest().endswith(b"4\r\nhalf\r\n")
