"""The same server over TLS."""

from __future__ import annotations

import ssl

import pytest
import trustme
import urllib3
from tests.support.raw_http import RawClient


@pytest.fixture(scope="module")
def authority():
    """A certificate authority of this test run."""
    return trustme.CA()


@pytest.fixture
def secure(serve, authority):
    """A server with a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return serve(ssl_context=context)


@pytest.fixture
def pool(authority):
    """A client that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with urllib3.PoolManager(ssl_context=context, retries=False) as pool:
        yield pool


def test_a_body_goes_there_and_back_over_tls(secure, pool):
    answer = pool.request("POST", secure.url, body=b"secret" * 100_000)

    assert secure.url.startswith("https://127.0.0.1:")
    assert answer.data == b"secret" * 100_000


def test_plain_http_gets_an_error_that_the_port_uses_tls(secure):
    with RawClient(secure.port) as client:
        answer = client.get()

    assert answer.status == 400
    assert answer.body == b"This port speaks TLS: use https:// instead of http://.\n"


def test_a_client_that_says_nothing_does_not_hold_up_another(secure, pool):
    with RawClient(secure.port):
        assert pool.request("GET", secure.url).status == 200


def test_a_broken_handshake_is_harmless(secure, pool):
    with RawClient(secure.port) as client:
        client.send(b"\x16\x03\x01\x00\x02nonsense").rest()

    assert pool.request("GET", secure.url).status == 200
    assert secure.errors == []


def test_a_client_that_does_not_trust_the_certificate_is_harmless(secure, pool):
    with urllib3.PoolManager(retries=False) as stranger, pytest.raises(urllib3.exceptions.SSLError):
        stranger.request("GET", secure.url)

    assert pool.request("GET", secure.url).status == 200
    assert secure.errors == []


def test_a_body_over_the_limit_can_be_refused_over_tls(serve, authority, pool):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = serve(ssl_context=context, max_body=1_000)

    answer = pool.request("POST", server.url, body=b"x" * 2_000_000)

    assert answer.status == 413


def test_an_idle_connection_does_not_delay_the_stop(secure, pool):
    pool.request("GET", secure.url)

    secure.stop(grace=60)

    with pytest.raises(urllib3.exceptions.HTTPError):
        pool.request("GET", secure.url)
