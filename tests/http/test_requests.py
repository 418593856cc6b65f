"""The parts of a request that the application sees, and requests that never reach it."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import urllib3
from tests.support.raw_http import RawClient


def mirror(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the environment's text values, and the body."""
    seen = {name: value for name, value in environ.items() if isinstance(value, str)}
    seen["body"] = environ["wsgi.input"].read().decode("latin-1")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(seen).encode()]


def post(headers: str, body: bytes = b"") -> bytes:
    return f"POST / HTTP/1.1\r\nHost: test\r\n{headers}\r\n\r\n".encode() + body


@pytest.fixture
def client(serve):
    """A connection to a server that mirrors requests, accepts bodies of 1,000 bytes and has short timeouts."""
    with RawClient(serve(mirror, max_body=1_000).port) as client:
        yield client


def test_path_and_query_are_apart_and_the_path_is_decoded(client):
    seen = json.loads(client.get("/a%20b/c?d=%20e").body)

    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == ("/a b/c", "d=%20e")


def test_a_target_with_a_host_in_it_goes_before_the_host_header(client):
    seen = json.loads(client.get("http://other:1/path").body)

    assert (seen["HTTP_HOST"], seen["PATH_INFO"]) == ("other:1", "/path")


def test_a_repeated_header_is_joined_with_commas(client):
    seen = json.loads(client.get("/", "Accept: text/xml", "accept: multipart/*").body)

    assert seen["HTTP_ACCEPT"] == "text/xml,multipart/*"


def test_a_header_with_an_underscore_cannot_pass_for_another(client):
    seen = json.loads(client.get("/", "X-Forwarded-For: a", "X_Forwarded_For: b").body)

    assert seen["HTTP_X_FORWARDED_FOR"] == "a"


def test_lines_may_end_in_a_bare_line_feed(client):
    answer = client.send(b"GET /typed HTTP/1.0\nHost: test\n\n").answer()

    assert json.loads(answer.body)["PATH_INFO"] == "/typed"


def test_a_request_may_come_byte_by_byte(client):
    for byte in post("Content-Length: 4", b"slow"):
        client.send(bytes([byte]))

    assert json.loads(client.answer().body)["body"] == "slow"


def test_a_body_in_pieces_may_be_followed_by_the_next_request(client):
    client.send(post("Content-Length: 10", b"half,"))
    client.send(b"other" + post("Content-Length: 4", b"next"))
    bodies = [json.loads(client.answer().body)["body"] for _ in range(2)]

    assert bodies == ["half,other", "next"]


def test_a_chunked_body_is_put_together(client):
    chunks = b'3\r\none\r\n9;note="x"\r\n, two,\r\n!\r\n0\r\nTrailer: x\r\n\r\n'
    seen = json.loads(client.send(post("Transfer-Encoding: chunked", chunks)).answer().body)

    assert seen["body"] == "one, two,\r\n!"
    assert seen["CONTENT_LENGTH"] == "12"


def test_urllib3_may_send_a_body_of_unknown_length(serve):
    with urllib3.PoolManager() as pool:
        answer = pool.request("POST", serve().url, body=iter([b"one", b"two"]), chunked=True)

    assert answer.data == b"onetwo"


def test_a_client_that_expects_it_is_invited_to_send_the_body(client):
    client.send(post("Content-Length: 4\r\nExpect: 100-continue"))
    invitation = client.line(), client.line()
    client.send(b"body")

    assert invitation == (b"HTTP/1.1 100 Continue", b"")
    assert json.loads(client.answer().body)["body"] == "body"


def test_a_client_that_expects_it_is_not_invited_to_send_too_much(client):
    client.send(post("Content-Length: 1001\r\nExpect: 100-continue"))

    assert client.answer().status == 413


def test_a_body_over_the_limit_is_refused_and_the_client_can_read_why(serve):
    refused: list[tuple[str, str]] = []
    server = serve(max_body=1_000, on_refused=lambda *what: refused.append(what))
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("POST", server.url, body=b"x" * 8_000_000)

    assert answer.status == 413
    assert answer.data == b"The body is larger than the 1000 bytes that are taken here.\n"
    assert refused == [("413 Content Too Large", answer.data.decode().strip())]


def test_a_chunked_body_over_the_limit_is_refused(client):
    client.send(post("Transfer-Encoding: chunked", b"3E9\r\n"))

    assert client.answer().status == 413


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        (b"GET /\r\n\r\n", 400, "The request line must read METHOD PATH HTTP/1.1, not 'GET /'."),
        (b"GET /a b HTTP/1.1\r\n\r\n", 400, "not 'GET /a b HTTP/1.1'."),
        (b"\x16\x03\x01\x02\x00", 400, "use http://, not https://"),
        (b"\x00\x01", 400, "it must start with a method"),
        (b"<soap:Envelope>", 400, "it must start with a method"),
        (b"GET path HTTP/1.1\r\n\r\n", 400, "must start with a slash"),
        (b"PRI * HTTP/2.0\r\n\r\n", 505, "speaks HTTP/1.1 and HTTP/1.0"),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", 400, "must read Name: value"),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "no blank before the colon"),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400, "must read Name: value"),
        (b"GET / HTTP/1.1\r\nA: b\x00c\r\n\r\n", 400, "The header a has a control character"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "more than one Host header"),
        (b"GET /" + b"a" * 70_000, 414, "The request line is longer than 65536 bytes."),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000, 431, "The headers are longer than 65536"),
        (post("Content-Length: four"), 400, "not a number of bytes: 'four'"),
        (post("Content-Length: -1"), 400, "not a number of bytes: '-1'"),
        (post("Content-Length: 1\r\nContent-Length: 2"), 400, "not a number of bytes: '1,2'"),
        (post("Content-Length: 1\r\nTransfer-Encoding: chunked"), 400, "not both"),
        (post("Transfer-Encoding: gzip"), 501, "only chunked is known"),
        (post("Transfer-Encoding: chunked", b"x\r\n"), 400, "in hexadecimal digits"),
        (post("Transfer-Encoding: chunked", b"a" * 70_000), 400, "does not start with its size"),
        (post("Transfer-Encoding: chunked", b"1\r\nab\r\n"), 400, "longer than its announced"),
        (
            post("Transfer-Encoding: chunked", b"0\r\n" + b"A: b\r\n" * 12_000),
            431,
            "The trailers of the body are too long",
        ),
        (post("Content-Length: 1\r\nExpect: miracles"), 417, "only 100-continue is known"),
    ],
)
def test_bytes_that_are_no_request_are_answered_with_a_sentence_and_closed(
    client, sent, status, sentence
):
    answer = client.send(sent).answer()

    assert answer.status == status
    assert sentence in answer.body.decode()
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"GET / HTTP/1.1\r\n", "The head of the request did not arrive within 0.2 seconds."),
        (post("Content-Length: 2", b"x"), "The body of the request did not arrive within 0.2"),
    ],
)
def test_a_request_that_does_not_arrive_in_time_is_answered_so_and_closed(serve, sent, sentence):
    with RawClient(serve(mirror, timeout=0.2).port) as client:
        answer = client.send(sent).answer()

    assert answer.status == 408
    assert sentence in answer.body.decode()
    assert answer.headers["connection"] == "close"


def test_a_request_that_ends_early_is_reported(client):
    client.send(post("Content-Length: 10", b"half"))
    client.socket.shutdown(socket.SHUT_WR)

    assert client.answer().body == b"The request ended in the middle of its body.\n"


def test_the_answer_to_a_malformed_request_line_omits_the_query(client):
    answer = client.send(b"GET /v2/token?client_secret=hush\r\n\r\n").answer()

    assert b"hush" not in answer.body


def test_a_stuck_client_does_not_hold_up_another(serve):
    server = serve()
    with RawClient(server.port) as stuck, RawClient(server.port) as other:
        stuck.send(post("Content-Length: 10", b"half"))

        assert other.get().status == 200
